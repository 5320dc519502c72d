"""What the endpoints read from a request: its path, parameters, languages and body."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope

from whereas.errors import ArgumentError
from whereas.http.errors import HTTPError
from whereas.http.negotiation import best_language
from whereas.http.parameters import parameters_in
from whereas.i18n import SOURCE, Message
from whereas.server.snapshot import Snapshot

SNAPSHOT = "whereas.snapshot"  # key of an ASGI scope
MAX_PARAMETERS = 100

Result = TypeVar("Result")


def snapshot_of(request: Request) -> Snapshot:
    """Return the snapshot that answers the request."""
    snapshot: Snapshot = request.scope[SNAPSHOT]
    return snapshot


async def cancel_on_disconnect(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """Return the result of the work, or cancel it when the client disconnects.

    The body must have been read before, or not be needed. Raise `ClientDisconnect`.
    """
    working, disconnected = asyncio.create_task(work), asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait((working, disconnected), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        disconnected.cancel()
        if working.cancel():
            await asyncio.wait([working])


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def request_path(scope: Scope) -> str:
    """Return the path below the application's mount point, without its first slash."""
    path: str = scope["path"]
    root = scope.get("root_path", "")
    return path.removeprefix(root).removeprefix("/")


def canonical_url(scope: Scope, path: str) -> str:
    """Return the URL of a path of the site, relative to the host and quoted for use in a header."""
    path = "" if path == "index" else path
    return quote(f"{scope.get('root_path', '')}/{path}", safe="/-._~!$&'()*+,;=:@")


def query_string(scope: Scope) -> str:
    """Return the query string with its question mark, quoted for use in a header; empty without a query."""
    query = scope["query_string"].decode("latin-1")
    if not (query.isascii() and query.isprintable()):
        query = quote(query, safe="%&=+")
    return f"?{query}" if query else ""


def request_target(scope: Scope) -> str:
    """Return path and query string, quoted for use in the log."""
    return quote(scope["path"]) + query_string(scope)


def preferred_language(request: Request) -> str:
    """Return the project's language that fits `Accept-Language` best."""
    return best_language(request.headers.get("accept-language", ""), snapshot_of(request).languages)


def message_language(request: Request) -> str:
    """Return the language of an error message: English for a client that states no preference."""
    return preferred_language(request) if "accept-language" in request.headers else SOURCE


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body. Raise `HTTPError` when it has more than `limit` bytes."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise HTTPError(413, Message("request body: expected at most {limit:,} bytes", limit=limit))
    return body


def query_parameters(request: Request) -> dict[str, str]:
    """Return the parameters of the URL, blank ones left out. Raise `HTTPError` when one is repeated."""
    pairs = parameters_in(request.scope["query_string"].decode("latin-1"), MAX_PARAMETERS, blank=False)
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if name in parameters:
            raise HTTPError(400, Message("{name}: repeated parameter", name=name))
        parameters[name] = value
    return parameters


def integer_parameter(name: str, text: str, default: int, maximum: int) -> int:
    """Return a parameter as an integer from 1, or the default where it is empty. Raise `ArgumentError`."""
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= maximum):
        raise ArgumentError(
            Message(
                "{name}: expected a number from 1 to {maximum}, got '{text}'", name=name, maximum=maximum, text=text
            )
        )
    return int(text)
