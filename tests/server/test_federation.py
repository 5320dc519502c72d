"""Federated queries forward a request to an endpoint under the limits of the server."""

import pytest

from faulty_server import faulty_server
from whereas.errors import ArgumentError, RemoteError
from whereas.http.client import user_agent
from whereas.server.sparql.federation import ServiceProxy, forward_once

HEADERS = {"Content-Type": "application/sparql-query", "Accept": "application/sparql-results+json"}


@pytest.fixture
def endpoint():
    with faulty_server() as server:
        yield server


def test_request_is_forwarded_in_our_name(endpoint):
    media_type, content = forward_once(1000)(f"{endpoint.url}/valid?a=b", b"ASK {}", HEADERS)
    assert (media_type, content[:1]) == ("application/sparql-results+json", b"{")
    ((method, path, headers),) = endpoint.requests
    assert (method, path, headers["User-Agent"]) == ("POST", "/valid?a=b", user_agent())
    assert {name: headers[name] for name in HEADERS} == HEADERS


def test_proxy_of_the_environment_is_not_used(endpoint, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert forward_once(1000)(f"{endpoint.url}/valid", b"ASK {}", HEADERS)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("endless", "response larger than 1,000 bytes"),
        ("gzip-bomb", "response larger than 1,000 bytes"),
        ("busy/0", "answered 503 Service Unavailable"),
        ("redirect/http://localhost/", "redirects to http://localhost/; use that URL instead"),
        ("redirect/ftp://localhost/", "redirects to an invalid URL: 'ftp://localhost/'"),
        ("redirect/http://[::1", "redirects to an invalid URL: 'http://[::1'"),
        ("not-gzipped", "invalid Content-Encoding: Error -3 while decompressing data: incorrect header check"),
    ],
)
def test_failure_of_an_endpoint_is_one_sentence_after_one_request(endpoint, path, sentence):
    url = f"{endpoint.url}/{path}"
    with pytest.raises(RemoteError) as error:
        forward_once(1000)(url, b"ASK {}", HEADERS)
    assert str(error.value) == f"SERVICE: {url}: {sentence}"
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("rewrite", ["rewrite", "rewrite_allowed"])
def test_syntax_error_is_reported_where_it_was_written(rewrite):
    query = "SELECT * { SERVICE <http://localhost/sparql> { ?s ?p ?o } ?s } ORDER BY ?o"
    with pytest.raises(ArgumentError, match="line 1, column 67"):
        getattr(ServiceProxy(("localhost",), 1000), rewrite)(query)
