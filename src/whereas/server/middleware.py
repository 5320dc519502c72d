"""ASGI middleware around every response: pinned snapshot, metrics, access log, security headers, errors.

Plain ASGI: it runs for every page, so it builds no request or response objects on the way.
"""

from __future__ import annotations

import asyncio
import logging
import time
from functools import cache, partial
from urllib.parse import quote

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whereas import i18n
from whereas.http.policy import SAFE
from whereas.server.requests import SNAPSHOT, message_language, request_target
from whereas.server.responses import text_response
from whereas.server.snapshot import Snapshot
from whereas.server.sparql.worker_pool import SHUTTING_DOWN

ACCESS = logging.getLogger("whereas.access")
ERRORS = logging.getLogger("whereas.errors")
RETRY_AFTER = 10  # seconds until another process of the server may answer

_INTERNAL_ERROR = i18n.Message("internal server error; the server's log has the details")


class Snapshots:
    """The snapshot that answers new requests, and those before it until their last request is answered."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.current = snapshot
        self.requests: dict[Snapshot, int] = {snapshot: 0}  # in progress, by open snapshot

    async def replace(self, snapshot: Snapshot) -> None:
        """Answer new requests from this snapshot; close the last one when its requests are answered."""
        last, self.current = self.current, snapshot
        self.requests[snapshot] = 0
        await self._close_unused(last)

    def pin(self) -> Snapshot:
        """Return the snapshot for a new request; it stays open until `release`."""
        self.requests[self.current] += 1
        return self.current

    async def release(self, snapshot: Snapshot) -> None:
        """End a request."""
        self.requests[snapshot] -= 1
        if snapshot is not self.current:
            await self._close_unused(snapshot)

    async def _close_unused(self, snapshot: Snapshot) -> None:
        if not self.requests[snapshot]:
            del self.requests[snapshot]
            await snapshot.close()

    async def close(self) -> None:
        """Close every snapshot."""
        while self.requests:
            snapshot, _ = self.requests.popitem()
            await snapshot.close()


class SnapshotPinning:
    """Answer each request from the snapshot it began with."""

    def __init__(self, app: ASGIApp, snapshots: Snapshots) -> None:
        self.app, self.snapshots = app, snapshots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        snapshot = scope[SNAPSHOT] = self.snapshots.pin()
        try:
            await self.app(scope, receive, send)
        finally:
            await self.snapshots.release(snapshot)


class Metrics:
    """Counts and times for Prometheus."""

    def __init__(self, snapshots: Snapshots) -> None:
        self.snapshots = snapshots
        registry = self.registry = CollectorRegistry()
        self.requests = Counter("whereas_requests", "Requests answered", ["route", "status"], registry=registry)
        self.seconds = Histogram("whereas_request_seconds", "Time to answer", ["route"], registry=registry)
        for name, help_ in (("working", "Queries being answered"), ("waiting", "Queries that wait")):
            gauge = Gauge(f"whereas_queries_{name}", help_, registry=registry)
            gauge.set_function(partial(self._queries, name))
        # Looked up for every request; there is one of each for a route and status.
        self.count, self.duration = cache(self.requests.labels), cache(self.seconds.labels)

    def _queries(self, name: str) -> int:
        count: int = getattr(self.snapshots.current.workers, name)
        return count

    async def exposition(self, request: Request) -> Response:
        """Send the metrics in Prometheus' text format."""
        return Response(generate_latest(self.registry), media_type="text/plain; version=0.0.4; charset=utf-8")


class Instrumentation:
    """Count and log each request: client, method, target, status, bytes and milliseconds."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status, size = time.perf_counter(), 0, "0"

        async def observe(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                size = next((value.decode() for name, value in message["headers"] if name == b"content-length"), "0")
            await send(message)

        await self.app(scope, receive, observe)
        seconds = time.perf_counter() - start
        route = scope["endpoint"].name if "endpoint" in scope else ""
        self.metrics.count(route, status).inc()
        self.metrics.duration(route).observe(seconds)
        client = scope["client"][0] if scope.get("client") else "-"
        target = request_target(scope)
        ACCESS.info("%s %s %s %d %s %.1f ms", client, scope["method"], target, status, size, seconds * 1000)


class SecurityHeaders:
    """Add the headers of `SAFE` to every response that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = [(name.lower().encode(), value.encode()) for name, value in SAFE.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"].extend(header for header in self.headers if header[0] not in present)
            await send(message)

        await self.app(scope, receive, add_headers)


class UnexpectedErrors:
    """Answer 500, with the traceback in the log, where an endpoint fails, and 503 where shutting down cancels it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_started = False

        async def watch(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except asyncio.CancelledError:  # it takes longer than the server may take to shut down
            if is_started:
                raise
            message = SHUTTING_DOWN.filled(seconds=RETRY_AFTER).in_language(message_language(Request(scope)))
            response = text_response(503, message, {"Retry-After": str(RETRY_AFTER)})
        except Exception:
            if is_started:
                raise
            ERRORS.exception("%s %s", scope["method"], quote(scope["path"]))
            response = text_response(500, _INTERNAL_ERROR.in_language(message_language(Request(scope))))
        else:
            return
        await response(scope, receive, send)
