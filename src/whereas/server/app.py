"""The ASGI application: the table of routes, the order of middleware, and how errors are answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from whereas.errors import ArgumentError, WhereasError
from whereas.http.errors import HTTPError, wrong_method
from whereas.http.negotiation import PAGE, best_type
from whereas.http.policy import NEGOTIATED, PREFLIGHT, READING, offer
from whereas.server.endpoints import (
    api,
    health,
    openapi,
    ready,
    reconcile,
    search,
    sparql,
    void,
)
from whereas.server.middleware import (
    Instrumentation,
    Metrics,
    SecurityHeaders,
    SnapshotPinning,
    Snapshots,
    UnexpectedErrors,
)
from whereas.server.pages import page, query_result
from whereas.server.requests import message_language, request_path, snapshot_of
from whereas.server.responses import text_response
from whereas.server.snapshot import Snapshot
from whereas.server.sparql.protocol import METHODS

_ERROR_FORMATS = (offer("txt"), offer("html"))


class Endpoint:
    """A function from request to response as an ASGI application, for the methods allowed; `name` is for metrics."""

    def __init__(
        self, name: str, respond: Callable[[Request], Awaitable[Response]], methods: Sequence[str] = READING
    ) -> None:
        self.name, self.respond, self.methods = name, respond, methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method not in self.methods:
            raise wrong_method(self.methods, method)
        response = self._preflight() if method == "OPTIONS" else await self.respond(Request(scope, receive, send))
        await response(scope, receive, send)

    def _preflight(self) -> Response:
        methods = ", ".join(self.methods)
        headers = {"Allow": methods, "Access-Control-Allow-Methods": methods, **PREFLIGHT}
        return Response(status_code=204, headers=headers)


class PageRoute(Route):
    """A route for every path that does not start as another route does, so that pages need not try each of them."""

    def __init__(self, endpoint: Endpoint, others: Sequence[Route]) -> None:
        super().__init__("/{path:path}", endpoint)
        self.prefixes = tuple(route.path[1:].partition("{")[0] for route in others)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        path = request_path(scope)
        # Starlette's own routes ignore a line break at the end of a path.
        if path.startswith(self.prefixes) and "\n" not in path:
            return Match.NONE, {}
        return Match.FULL, {"endpoint": self.endpoint}


def routes(metrics: Metrics) -> list[BaseRoute]:
    """Return the table of routes."""
    endpoints = {
        "/sparql": Endpoint("sparql", sparql, METHODS),
        "/reconcile": Endpoint("reconcile", reconcile, METHODS),
        "/reconcile/{path:path}": Endpoint("reconcile", reconcile, METHODS),
        "/search": Endpoint("search", search),
        "/search.json": Endpoint("search", search),
        "/search.{language}.html": Endpoint("search", search),
        "/openapi.json": Endpoint("openapi", openapi),
        "/api": Endpoint("api", api),
        "/api.{language}.html": Endpoint("api", api),
        "/.well-known/void": Endpoint("void", void),
        "/-/health": Endpoint("health", health),
        "/-/ready": Endpoint("ready", ready),
        "/-/metrics": Endpoint("metrics", metrics.exposition),
        "/queries/{name}.{suffix}": Endpoint("queries", query_result),
    }
    others, pages = [Route(path, endpoint) for path, endpoint in endpoints.items()], Endpoint("pages", page)
    return [PageRoute(pages, others), *others, Route("/{path:path}", pages)]


class Server(Starlette):
    """Answer from a snapshot, and from its successor after `replace`; `state.notice` is shown in every page."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshots = Snapshots(snapshot)
        metrics = Metrics(self.snapshots)
        super().__init__(
            routes=routes(metrics),
            middleware=[
                Middleware(SnapshotPinning, self.snapshots),
                Middleware(Instrumentation, metrics),
                Middleware(SecurityHeaders),
                Middleware(UnexpectedErrors),
            ],
            exception_handlers={
                HTTPError: error_response,
                ArgumentError: error_response,
                ClientDisconnect: client_disconnected,
            },
        )
        self.state.notice = ""  # what is wrong with the material

    async def replace(self, snapshot: Snapshot) -> None:
        """Answer new requests from this snapshot; the last one is closed when its requests are answered."""
        await self.snapshots.replace(snapshot)

    def refuse_queries(self) -> None:
        """Refuse the queries that wait, and new ones: the server is shutting down."""
        for snapshot in self.snapshots.requests:
            snapshot.workers.refuse()

    async def close(self) -> None:
        """Close every snapshot."""
        await self.snapshots.close()


async def error_response(request: Request, error: Exception) -> Response:
    """Send an error message in the client's language: plain text, or for a missing page HTML with links."""
    assert isinstance(error, WhereasError)
    status, extra = (error.status, error.headers) if isinstance(error, HTTPError) else (400, {})
    language, snapshot = message_language(request), snapshot_of(request)
    message = error.message.in_language(language)
    headers = {"Content-Language": language, "Vary": NEGOTIATED, **extra}
    accept = ", ".join(request.headers.getlist("accept"))
    if status == 404 and language in snapshot.languages and best_type(accept, _ERROR_FORMATS) == offer("html"):
        content = await snapshot.not_found_page(request_path(request.scope), language, message)
        return Response(content, 404, headers, PAGE)
    return text_response(status, message, headers)


async def client_disconnected(request: Request, error: Exception) -> Response:
    """End a request whose client has gone."""
    return text_response(400, "client disconnected")
