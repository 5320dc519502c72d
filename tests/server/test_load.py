"""The server under load, when clients disconnect, and when it shuts down."""

import concurrent.futures
import time
from functools import partial

import httpx
import pytest

from serving import DOCUMENT, ENDLESS, RunningServer


def test_pages_are_served_while_ten_endless_queries_run(server, client):
    client.get(f"/{DOCUMENT}.en.html")
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        queries = [
            pool.submit(httpx.post, f"{server.address}/sparql", data={"query": ENDLESS}, timeout=60) for _ in range(10)
        ]
        time.sleep(0.5)
        saved = client.get("/queries/demands-by.csv?speaker=ent:parlement-europeen")
        assert not any(future.done() for future in queries)
        answered = 0
        while not any(future.done() for future in queries):
            assert client.get(f"/{DOCUMENT}.en.html").status_code == 200
            answered += 1
        replies = [future.result() for future in queries]
    assert answered > 10
    assert {(reply.status_code, reply.text) for reply in replies} == {
        (503, "server busy, retry after 3 s\n"),
        (504, "the query took longer than 3 seconds and was stopped\n"),
    }
    assert saved.status_code == 200
    assert saved.headers["cache-control"] == "no-cache"


def test_query_is_stopped_when_its_client_disconnects(built, tmp_path):
    running = RunningServer(built, tmp_path, "--setting", "time", "600")
    try:
        for query in ({"params": {"query": ENDLESS}}, {"data": {"query": ENDLESS}}):  # as many as run side by side
            with pytest.raises(httpx.ReadTimeout):
                httpx.request("POST" if "data" in query else "GET", f"{running.address}/sparql", timeout=1, **query)
        assert running.client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
        until = time.monotonic() + 30
        while "whereas_queries_working 0.0" not in (metrics := running.client.get("/-/metrics").text):
            assert time.monotonic() < until, metrics
    finally:
        assert running.stop() == 0


def test_shutdown_answers_running_queries_and_refuses_waiting_ones(built, tmp_path):
    running = RunningServer(built, tmp_path, "--setting", "time", "4", "--setting", "concurrent", "1")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        ask = partial(httpx.post, f"{running.address}/sparql", data={"query": ENDLESS}, timeout=60)
        queries = [pool.submit(ask)]
        time.sleep(0.5)
        queries.append(pool.submit(ask, headers={"Accept-Language": "fr"}))
        time.sleep(0.5)
        assert running.stop() == 0
        running_query, waiting = (future.result() for future in queries)
    assert running_query.status_code == 504
    assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "4")
    assert waiting.text == "le serveur s’arrête, réessayer dans 4 s\n"
    assert (tmp_path / "log").read_text().count("Traceback") == 0
