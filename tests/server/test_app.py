"""Routes and middleware: which endpoint answers, snapshots that are replaced, and what an unexpected error sends."""

import asyncio
import logging

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from serving import DOCUMENT
from whereas.http.policy import SAFE
from whereas.server.app import Server
from whereas.server.middleware import SecurityHeaders, SnapshotPinning, Snapshots, UnexpectedErrors
from whereas.server.reload import make_snapshot
from whereas.server.sparql.limits import Limits


def request(app, path, **options):
    """Return the response of an ASGI application."""

    async def send():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path, **options)

    return asyncio.run(send())


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("documents", "pages"),
        ("search", "search"),
        ("search.fr.html", "search"),
        ("search.json", "search"),
        ("reconcile/en", "reconcile"),
        ("queries/demands-by.csv", "queries"),
        ("queries", "pages"),
        (".well-known/void", "void"),
        ("-/ready", "ready"),
    ],
)
def test_metrics_name_the_route(client, path, route):
    def count():
        metrics = client.get("/-/metrics").text
        line = f'whereas_requests_total{{route="{route}",'
        return sum(float(text.rpartition(" ")[2]) for text in metrics.splitlines() if text.startswith(line))

    before = count()
    assert client.get(f"/{path}").status_code in (200, 302)
    assert count() == before + 1


@pytest.mark.parametrize(
    "path", ["search%0a", "search.de.html", "api.de.html", "sparql/x", "-/", "queries/nothing.csv"]
)
def test_path_like_that_of_a_route_is_not_found(client, path):
    assert client.get(f"/{path}").status_code == 404


def test_server_can_be_mounted_in_another_application(built):
    async def run():
        snapshot = make_snapshot(built, Limits())
        await snapshot.open()
        server = Server(snapshot)
        app = Starlette(routes=[Mount("/data", server)])
        try:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
                return [await client.get(f"/data/{path}") for path in (DOCUMENT, "ent/chen-quanguo", "ent/nobody")]
        finally:
            await server.close()

    page, entity, missing = asyncio.run(run())
    assert page.headers["content-location"] == f"/data/{DOCUMENT}.fr.html"
    assert '</data/sparql>; rel="http://rdfs.org/ns/void#sparqlEndpoint"' in page.headers["link"]
    assert (entity.status_code, entity.headers["location"]) == (303, "/data/ent/chen-quanguo.html")
    assert (missing.status_code, missing.text) == (404, "nothing is published at this address: /ent/nobody\n")


class OpenSnapshot:
    """Something that is closed, as a snapshot is."""

    is_open = True

    async def close(self):
        self.is_open = False


def test_snapshot_is_closed_when_its_last_request_is_answered():
    first, second = OpenSnapshot(), OpenSnapshot()

    async def run():
        snapshots = Snapshots(first)
        may_answer, answered_from = asyncio.Event(), []

        async def app(scope, receive, send):
            await may_answer.wait()
            answered_from.append(Request(scope).scope["whereas.snapshot"])

        pinned = SnapshotPinning(app, snapshots)
        in_progress = asyncio.create_task(pinned({"type": "http"}, None, None))
        await asyncio.sleep(0)
        await snapshots.replace(second)
        states = [first.is_open]
        may_answer.set()
        await in_progress
        await pinned({"type": "http"}, None, None)
        states += [first.is_open, second.is_open]
        await snapshots.close()
        return states, answered_from

    assert asyncio.run(run()) == ([True, False, True], [first, second])
    assert not second.is_open


def test_snapshot_without_requests_is_closed_when_it_is_replaced():
    first, second = OpenSnapshot(), OpenSnapshot()
    asyncio.run(Snapshots(first).replace(second))
    assert (first.is_open, second.is_open) == (False, True)


def test_unexpected_error_is_logged_and_answered_with_500(caplog):
    async def fail(scope, receive, send):
        raise RuntimeError("secret")

    with caplog.at_level(logging.ERROR, "whereas.errors"):
        response = request(SecurityHeaders(UnexpectedErrors(fail)), "/a%20b")
    assert (response.status_code, response.text) == (500, "internal server error; the server's log has the details\n")
    assert response.headers.items() >= {(name.lower(), value) for name, value in SAFE.items()}
    assert caplog.messages == ["GET /a%20b"]
    assert "RuntimeError: secret" in caplog.text


def test_error_after_the_response_has_begun_is_raised():
    async def fail(scope, receive, send):
        await PlainTextResponse("begun")(scope, receive, send)
        raise RuntimeError("late")

    with pytest.raises(RuntimeError, match="late"):
        request(UnexpectedErrors(fail), "/")


def test_request_that_shutdown_cancels_is_answered_with_503():
    async def run():
        async def never(scope, receive, send):
            await asyncio.Event().wait()

        messages = []

        async def send(message):
            messages.append(message)

        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        task = asyncio.create_task(UnexpectedErrors(never)(scope, None, send))
        await asyncio.sleep(0)
        task.cancel()
        await task
        return messages

    start, body = asyncio.run(run())
    assert (start["status"], (b"retry-after", b"10") in start["headers"]) == (503, True)
    assert body["body"] == b"server shutting down, retry after 10 s\n"


def test_endpoint_sets_its_own_security_header_where_it_must():
    async def frame(scope, receive, send):
        await PlainTextResponse("", headers={"Content-Security-Policy": "frame-ancestors *"})(scope, receive, send)

    headers = request(SecurityHeaders(frame), "/").headers
    assert headers.get_list("content-security-policy") == ["frame-ancestors *"]
    assert headers["x-content-type-options"] == "nosniff"
