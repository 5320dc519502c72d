"""Stores that fail, behind a proxy that fails on demand: one sentence, and the next load completes the work."""

import contextlib
import dataclasses
import subprocess
import threading

import pytest

import whereas
from store_loading import BASE, PASSWORD, assert_complete, empty, faulty_proxy, oxigraph_config, store_config
from whereas.errors import RemoteError
from whereas.http import client
from whereas.stores import connection
from whereas.stores import loader as loader_module
from whereas.stores.config import StoreConfig
from whereas.stores.loader import Loader
from whereas.stores.settings import read_store_config
from whereas.stores.store import Store

FAULTS = {
    "reset": (
        lambda handler: handler.cut(),
        "connection lost: Server disconnected without sending a response; try again",
    ),
    "busy": (lambda handler: handler.answer(503, b"full", Retry_After="0"), "answered 503 Service Unavailable: full"),
    "disk full": (
        lambda handler: handler.answer(500, b"No space left\nat x"),
        "answered 500 Internal Server Error: No space left",
    ),
    "moved": (lambda handler: handler.answer(301, Location="/new"), "redirects to BASE/new; use that URL instead"),
    "expired": (
        lambda handler: handler.answer(401),
        "authentication required (401): set user and WHEREAS_HERE_PASSWORD, or WHEREAS_HERE_TOKEN",
    ),
}


@pytest.mark.parametrize("first", [0, 1, 2, 3, 5, 8])
@pytest.mark.parametrize("name", FAULTS)
def test_failure_during_a_load_is_one_sentence_and_the_next_run_completes_it(project, oxigraph_server, name, first):
    server = oxigraph_server
    empty(server, keep=1)
    fail, sentence = FAULTS[name]

    def fault(handler, number):
        if number >= first:
            fail(handler)
        return number >= first

    checked = whereas.check(whereas.read_project(project))
    with faulty_proxy(server, fault) as address:
        config = oxigraph_config(address)
        with pytest.raises(RemoteError) as error, Store(config) as store:
            loader = Loader(checked, store)
            loader.run(loader.plan())
    assert str(error.value).startswith(address)
    assert str(error.value).endswith(f": {sentence}".replace("BASE", address))
    with Store(store_config(server)) as store:
        loader = Loader(checked, store)
        loader.run(loader.plan())
    assert_complete(project, server)


@pytest.mark.parametrize("retry_after", ["0", "Sun, 06 Nov 1994 08:49:37 GMT"])
def test_busy_store_is_asked_again(project, oxigraph_server, retry_after):
    def fault(handler, number):
        if number % 2:
            handler.answer(503, b"busy", Retry_After=retry_after)
        return number % 2

    checked = whereas.check(whereas.read_project(project))
    with faulty_proxy(oxigraph_server, fault) as address:
        config = oxigraph_config(address)
        with Store(config) as store:
            for graph in (f"{BASE}graph/links", f"{BASE}graph/entities"):
                store.drop(graph)
            loader = Loader(checked, store)
            loader.run(loader.plan())
            assert not loader.plan().send


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("2", 2), ("soon", 1), ("Sun, 06 Nov 1994 08:49:37 GMT", 0), (None, 1)],
)
def test_load_waits_as_long_as_the_store_says(oxigraph_server, value, seconds, monkeypatch):
    waits = []
    monkeypatch.setattr(client.time, "sleep", waits.append)

    def busy(handler, number):
        if number == 0:
            handler.answer(503, b"busy", **({"Retry_After": value} if value else {}))
        return number == 0

    reported = []
    with faulty_proxy(oxigraph_server, busy) as address:
        config = StoreConfig("", "sparql", f"{address}/query", f"{address}/update", f"{address}/store")
        with Store(config, on_wait=lambda *each: reported.append(each)) as store:
            assert store.protocol == "gsp"  # this request is repeated too
    assert waits == [seconds]
    assert reported == [(f"{address}/store", seconds)]


def test_bulk_request_to_a_busy_store_is_repeated_and_a_truncated_one_is_completed(
    project, oxigraph_server, monkeypatch
):
    """Of the bulk requests, the first meets a busy store, and the third is cut when the store has a part of it."""
    monkeypatch.setattr(loader_module, "BULK_BYTES", {"oxigraph": 400_000})
    server = oxigraph_server
    checked = whereas.check(whereas.read_project(project))
    empty(server)
    requests, lock = [], threading.Lock()

    def fault(handler, number):
        if "no_transaction" not in handler.path:
            return False
        with lock:
            requests.append(handler.content)
            count = len(requests)
        if count == 1:
            handler.answer(503, b"busy", Retry_After="0")
        elif count == 3:
            handler.content = handler.content[: handler.content.rindex(b"\n", 0, -100) + 1]
            handler.forward(silently=True)
            handler.cut()
        return count in (1, 3)

    with faulty_proxy(server, fault) as address:
        config = oxigraph_config(address)
        with Store(config) as store, pytest.raises(RemoteError) as error:
            loader = Loader(checked, store)
            loader.run(loader.plan())
        assert str(error.value).endswith("; try again")
        before = len(requests)
        with Store(config) as store:
            loader = Loader(checked, store)
            plan = loader.plan()
            assert len(plan.send) + len(plan.compare) == 5 and plan.compare
            assert set(loader.run(plan)) == set(plan.send)
    assert len(requests) == before  # the rest was sent graph by graph
    assert_complete(project, server)


@pytest.mark.system
@pytest.mark.parametrize("failure", ["forbidden", "body lost"])
def test_graphs_that_virtuoso_does_not_load_in_bulk_are_sent_one_by_one(project, virtuoso_server, failure):
    """Its bulk loader may be forbidden, or get an empty body from a proxy that answers 200 all the same."""
    server = virtuoso_server
    empty(server)
    bulk_requests = []

    def fault(handler, number):
        if "TTLP" not in handler.path or "authorization" not in {name.lower() for name in handler.headers}:
            return False
        bulk_requests.append(handler.content)
        if failure == "forbidden":
            handler.answer(500, b"Virtuoso 42001 Error SR186: No permission to execute procedure DB.DBA.TTLP")
        else:
            handler.answer(200)
        return True

    with faulty_proxy(server, fault) as address:
        config = StoreConfig(
            "here", "virtuoso", f"{address}/sparql", f"{address}/sparql-auth", f"{address}/sparql-graph-crud-auth", "dba", PASSWORD
        )  # fmt: skip
        with Store(config) as store:
            loader = Loader(whereas.check(whereas.read_project(project)), store)
            loader.run(loader.plan())
    assert bulk_requests
    assert_complete(project, server)


@pytest.mark.system
def test_virtuoso_user_without_its_bulk_loader_loads_graph_by_graph(project, virtuoso_server):
    """Only its administrator may call it."""
    server = virtuoso_server
    empty(server)
    statements = ["DB.DBA.USER_CREATE('writer', 'secret')", 'GRANT SPARQL_UPDATE TO "writer"']
    words = [f"exec={statement};" for statement in statements]
    subprocess.run(["isql-vt", str(server.sql), "dba", "dba", *words], check=True, capture_output=True)
    with Store(dataclasses.replace(store_config(server), user="writer", secret="secret")) as store:
        loader = Loader(whereas.check(whereas.read_project(project)), store)
        loader.run(loader.plan())
    assert_complete(project, server)


@pytest.mark.parametrize("part", ["headers", "body"])
def test_response_that_never_ends_is_one_sentence(project, oxigraph_server, monkeypatch, part):
    """A byte now and then keeps each read within its time, and the response never ends."""
    monkeypatch.setattr(connection, "TIMEOUT", 1)

    def drip(handler, number):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if part == "body" else b"X: "))
        with contextlib.suppress(OSError):
            for _ in range(100):
                handler.wfile.write(b" ")
                threading.Event().wait(0.1)
        return True

    with faulty_proxy(oxigraph_server, drip) as address:
        config = StoreConfig("", "sparql", address, "", address)
        with pytest.raises(RemoteError) as error, Store(config) as store:
            store.triples("urn:a")
    assert str(error.value) == f"{address}: no complete response within 1 s"
    assert error.value.message.in_language("fr") == f"{address} : pas de réponse complète en 1 s"


def test_wrong_content_encoding_is_one_sentence(oxigraph_server):
    def fault(handler, number):
        handler.answer(200, b"not gzip", Content_Encoding="gzip", Content_Type="application/n-triples")
        return True

    with faulty_proxy(oxigraph_server, fault) as address:
        config = StoreConfig("", "sparql", address, "", address)
        with pytest.raises(RemoteError) as error, Store(config) as store:
            store.triples("urn:a")
    assert str(error.value).startswith(f"{address}: invalid Content-Encoding: ")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            lambda handler: handler.answer(503, b"starting", Retry_After="0"),
            "answered 503 Service Unavailable: starting",
        ),
        (lambda handler: handler.answer(301, Location="https://h/"), "redirects to https://h/; use that URL instead"),
        (
            lambda handler: handler.answer(401),
            "authentication required (401): add the store to [tool.whereas.stores], with a user",
        ),
        (lambda handler: handler.answer(403, b"read only"), "answered 403 Forbidden: read only"),
        (
            lambda handler: handler.answer(200, b"no", Content_Encoding="gzip"),
            "neither Oxigraph nor Virtuoso: set query, and graphs or update, in [tool.whereas.stores]",
        ),
    ],
)
def test_server_whose_kind_cannot_be_detected_is_one_sentence(oxigraph_server, project, answer, sentence):
    def fault(handler, number):
        answer(handler)
        return True

    with faulty_proxy(oxigraph_server, fault) as address, pytest.raises(RemoteError) as error:
        read_store_config(whereas.read_project(project), address)
    assert str(error.value) == f"{address}: {sentence}"


def test_server_of_another_kind_is_one_sentence(oxigraph_server, project):
    def hello(handler, number):
        handler.answer(200, b"hello")
        return True

    with faulty_proxy(oxigraph_server, hello) as address, pytest.raises(RemoteError) as error:
        read_store_config(whereas.read_project(project), address)
    assert str(error.value) == (
        f"{address}: neither Oxigraph nor Virtuoso: set query, and graphs or update, in [tool.whereas.stores]"
    )
