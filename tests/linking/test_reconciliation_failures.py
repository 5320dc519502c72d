"""The client of reconciliation services, before services that misbehave."""

import pytest

from faulty_server import faulty_server
from whereas.cache import Cache
from whereas.errors import ArgumentError, RemoteError
from whereas.http.response_cache import ResponseCache
from whereas.linking.matching import EntityRecord
from whereas.linking.reconciliation_client import ReconciliationClient


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("deep-json", "the JSON is too deeply nested"),
        ("html", "expected JSON, got '<!doctype html>'"),
        ("list-json", "expected a response of the Reconciliation Service API, got '[1, 2]'"),
        ("loop", "more than 10 redirects"),
        ("redirect/ftp://a/", "redirects to an invalid URL: 'ftp://a/'"),
        ("unauthorized", "authentication required (401)"),
    ],
)
def test_failure_of_a_service_is_one_sentence_and_not_cached(tmp_path, path, sentence):
    cache = Cache(tmp_path)
    with faulty_server() as server:
        client = ReconciliationClient(f"{server.url}/{path}", ResponseCache(cache))
        with pytest.raises(RemoteError) as error:
            client.candidates([EntityRecord("urn:a", {"en": "A"})])
    assert str(error.value) == f"{server.url}/{path}: {sentence}"
    assert not dict(cache.all("answer"))


def test_service_does_not_list_items(tmp_path):
    client = ReconciliationClient("http://a/", ResponseCache(Cache(tmp_path)))
    with pytest.raises(ArgumentError) as error:
        client.items(["Q1"])
    assert str(error.value) == "http://a/: a reconciliation service cannot list items by number"
