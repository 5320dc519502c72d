"""What a request says: its path, parameters, language and body."""

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
from whereas.i18n import Message
from whereas.server.snapshot import Snapshot

Given = TypeVar("Given")


async def while_awaited(request: Request, work: Coroutine[Any, Any, Given]) -> Given:
    """What the work gives; it is stopped when the client goes. The body must have been read, or not be wanted.

    Raises `ClientDisconnect`.
    """
    working, gone = asyncio.create_task(work), asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        gone.cancel()
        if working.cancel():
            await asyncio.wait([working])


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def path_of(scope: Scope) -> str:
    """The path below where the application is mounted, without its first slash."""
    path: str = scope["path"]
    root = scope.get("root_path", "")
    return path.removeprefix(root).removeprefix("/")


def address_of(scope: Scope, path: str) -> str:
    """The address of a path of ours, from the root of the host; safe in a header."""
    path = "" if path == "index" else path
    return quote(f"{scope.get('root_path', '')}/{path}", safe="/-._~!$&'()*+,;=:@")


def asked_of(scope: Scope) -> str:
    """The query string with its question mark, safe in a header; empty where there is none."""
    query = scope["query_string"].decode("latin-1")
    if not (query.isascii() and query.isprintable()):
        query = quote(query, safe="%&=+")
    return f"?{query}" if query else ""


def here(scope: Scope) -> str:
    """What was asked for, for the log."""
    return quote(scope["path"]) + asked_of(scope)


def reader_of(request: Request, edition: Snapshot) -> str:
    """The reader's language, of those the project has."""
    return best_language(request.headers.get("accept-language", ""), edition.languages)


def tongue_of(request: Request, edition: Snapshot) -> str:
    """The language of a sentence that says what is wrong: the reader's where the request tells it, else English."""
    return reader_of(request, edition) if "accept-language" in request.headers else "en"


async def body_of(request: Request, most: int) -> bytes:
    """The body, of at most so many bytes. Raises `HTTPError`."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise HTTPError(413, Message("the request has more than {most:,} bytes", most=most))
    return body


def arguments_of(request: Request) -> dict[str, str]:
    """The parameters of the address, each given once. Raises `HTTPError`."""
    told = parameters_in(request.scope["query_string"].decode("latin-1"), 100, blank=False)
    twice = next((name for place, (name, _) in enumerate(told) if name in dict(told[:place])), "")
    if twice:
        raise HTTPError(400, Message("{twice}: given twice", twice=twice))
    return dict(told)


def number_of(name: str, text: str, default: int, most: int) -> int:
    """A parameter as a number from 1; the default where it is empty. Raises `ArgumentError`."""
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= most):
        raise ArgumentError(
            Message("{name}: expected a number from 1 to {most}, got '{text}'", name=name, most=most, text=text)
        )
    return int(text)
