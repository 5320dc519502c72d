"""Queries to real stores: they answer as the embedded one does, and a failure is one sentence."""

import re
from pathlib import Path

import pytest

import whereas
from servers import free_port
from whereas.errors import ArgumentError, RemoteError
from whereas.http.client import HTTPClient
from whereas.http.sparql_client import ask_endpoint
from whereas.project.ontology import read_prefixes
from whereas.project.queries import Query, read_queries
from whereas.rdf.results import QueryResult

PROJECT = whereas.read_project(Path(__file__).parents[2])
QUERIES = read_queries(PROJECT, read_prefixes(PROJECT))
LOCAL = [query for query in QUERIES.values() if not query.federated]
XSD = "http://www.w3.org/2001/XMLSchema#"
SELECT = "SELECT ?s { ?s ?p ?o }"

# Oxigraph keeps every integer as xsd:integer, and so does the embedded store, where Virtuoso keeps the datatype
# that was written.
SAME_VALUE = {f"{XSD}nonNegativeInteger": f"{XSD}integer"}


def comparable(result: QueryResult) -> object:
    """Return what must be the same on every store: columns and rows in their order, the boolean, the triples."""
    if not result.json:
        return sorted(tuple(_same_value(term) for term in triple) for triple in result.triples)
    rows = [
        [cell and (cell.kind, cell.value, cell.language, SAME_VALUE.get(cell.datatype, cell.datatype)) for cell in row]
        for row in result.rows
    ]
    return result.columns, result.boolean, rows


def _same_value(term: str) -> str:
    return re.sub(r"\^\^<([^>]*)>$", lambda match: f"^^<{SAME_VALUE.get(match[1], match[1])}>", term)


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_saved_query_answers_the_same_on_every_store(query: Query, graph, store):
    text = query.bind(dict(query.example.arguments))
    assert comparable(ask_endpoint(store.query, text)) == comparable(graph.query(text))


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_saved_query_with_its_defaults_answers_the_same_on_every_store(query: Query, graph, store):
    assert comparable(ask_endpoint(store.query, query.text)) == comparable(graph.query(query.text))


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s ?p ?o }",
        "ASK { <urn:nobody> ?p ?o }",
        "# SELECT\nPREFIX ask: <urn:select>\nASK { ?s ?p 'no such text' }",
        "PREFIX owl: <http://www.w3.org/2002/07/owl#> CONSTRUCT { ?s a owl:Class } WHERE { ?s a owl:Class ; ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s <https://w3id.org/whereas/ns#statedIn> ?o }",
    ],
)
def test_other_query_answers_the_same_on_every_store(text, graph, store):
    assert comparable(ask_endpoint(store.query, text)) == comparable(graph.query(text))


@pytest.mark.parametrize("form", ["csv", "tsv", "md", "ttl"])
def test_command_prints_the_same_for_a_store(form, store, ask):
    local = ask("demands-by", "--lang", "fr", "--format", form)
    remote = ask("demands-by", "--lang", "fr", "--format", form, "--endpoint", store.query)
    assert remote.returncode == 0, remote.stderr
    assert remote.stdout == local.stdout


def test_query_with_a_syntax_error_is_one_sentence(store):
    with pytest.raises(ArgumentError) as error:
        ask_endpoint(store.query, "SELECT ?s { ?s ?p")
    assert str(error.value).startswith(f"{store.query}: refused the query: ")
    assert "\n" not in str(error.value)


def test_update_is_refused(store):
    with pytest.raises(ArgumentError) as error:
        ask_endpoint(store.query, "DROP ALL")
    expected = "expected a query that starts with SELECT, ASK, CONSTRUCT or DESCRIBE after its prefixes"
    assert str(error.value) == expected
    assert ask_endpoint(store.query, "ASK { ?s ?p ?o }").boolean


# -------------------------------------------------------------------- endpoints that fail


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("missing", "answered 404 Not Found"),
        ("failing", "answered 500 Internal Server Error"),
        ("busy/0", "answered 503 Service Unavailable"),
        ("busy/3600", "server busy, retry after 3600 s"),
        ("unauthorized", "authentication required (401)"),
        ("html", "expected SPARQL results, got '<!doctype html>'"),
        ("other-json", "expected SPARQL results, got '{\"ok\": true}'"),
        ("list-json", "expected SPARQL results, got '[1, 2]'"),
        ("deep-json", "the JSON is too deeply nested"),
        ("truncated-json", "invalid JSON at character 50"),
        (
            "truncated",
            "connection lost: peer closed connection without sending complete message body"
            " (received 50 bytes, expected 94); try again",
        ),
        ("not-gzipped", "invalid Content-Encoding: Error -3 while decompressing data: incorrect header check"),
        ("redirect//valid", "redirects to BASE/valid; use that URL instead"),
        ("redirect-for-good//valid", "redirects to BASE/valid; use that URL instead"),
        ("redirect/ftp://a/", "redirects to an invalid URL: 'ftp://a/'"),
        ("silent", "no complete response within 1 s"),
        ("dripping", "no complete response within 1 s"),
    ],
)
def test_failure_of_an_endpoint_is_one_sentence(faulty, path, sentence):
    url = f"{faulty.url}/{path}"
    with pytest.raises(RemoteError) as error:
        ask_endpoint(url, SELECT, 1)
    assert str(error.value) == f"{url}: {sentence.replace('BASE', faulty.url)}"


@pytest.mark.parametrize("path", ["endless", "gzip-bomb"])
def test_result_of_an_endpoint_has_a_limit(faulty, path, monkeypatch):
    monkeypatch.setattr(
        HTTPClient.__init__, "__kwdefaults__", {**HTTPClient.__init__.__kwdefaults__, "max_bytes": 1000}
    )
    with pytest.raises(RemoteError) as error:
        ask_endpoint(f"{faulty.url}/{path}", SELECT)
    assert str(error.value) == f"{faulty.url}/{path}: response larger than 1,000 bytes"


def test_reason_of_a_rejected_query_is_its_first_line(faulty):
    with pytest.raises(ArgumentError) as error:
        ask_endpoint(f"{faulty.url}/rejecting", SELECT)
    assert str(error.value) == f"{faulty.url}/rejecting: refused the query: Parse error: 'x' at line 1"


@pytest.mark.parametrize("path", ["valid", "gzipped", "busy-at-first/0"])
def test_valid_result_is_read(faulty, path):
    (row,) = ask_endpoint(f"{faulty.url}/{path}", SELECT).rows
    assert row[0].value == "urn:a"


def test_endpoint_that_is_down_is_one_sentence(ask):
    address = f"http://127.0.0.1:{free_port()}/query"
    run = ask("demands-by", "--endpoint", address)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"whereas: {address}: cannot be reached: Connection refused\n"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://127.0.0.1/query", "expected an http or https URL, got 'ftp://127.0.0.1/query'"),
        ("query", "expected an http or https URL, got 'query'"),
        ("http://", "expected an http or https URL, got 'http://'"),
        ("http://[::1", "expected an http or https URL, got 'http://[::1'"),
        ("http://127.0.0.1:port/", "expected an http or https URL, got 'http://127.0.0.1:port/'"),
        ("http://a b/", "expected an http or https URL, got 'http://a b/'"),
        ("http://me:secret@127.0.0.1/query", "a URL must not contain a user or password"),
        ("ftp://me:secret@127.0.0.1/", "expected an http or https URL, got '…'"),
    ],
)
def test_invalid_url_is_one_sentence(url, sentence):
    with pytest.raises(ArgumentError) as error:
        ask_endpoint(url, "ASK {}")
    assert str(error.value) == f"endpoint: {sentence}"
