"""Servers of others, asked politely: one request at a time, waiting when told to, and saying who asks."""

from __future__ import annotations

import ast
import gzip
import json
import re
import time
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from SPARQLWrapper import JSON, POST, TURTLE, SPARQLExceptions, SPARQLWrapper

from whereas._version import __version__
from whereas.errors import ArgumentError, RemoteError
from whereas.http.urls import web_address
from whereas.i18n import Message
from whereas.rdf.formats import FORMATS
from whereas.rdf.results import QueryResult, read_answer
from whereas.rdf.serialization import parse
from whereas.rdf.terms import nquads

TIMEOUT = 60  # seconds
TRIES = 3
LONGEST_WAIT = 120  # seconds; who wants more is asked again another day
BUSY = (429, 502, 503, 504)  # 500 is how a query service says that a query took too long: no use to ask again

# What stands before the word that says which form a query has: comments, IRIs, names of prefixes.
_FORM = re.compile(r"#[^\n]*|<[^<>]*>|[\w.-]*:|\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)
_CHUNK = 65536  # bytes


def agent(contact: str = "") -> str:
    """How we name ourselves to other servers, with somebody to write to."""
    return f"whereas/{__version__} ({contact or 'https://w3id.org/whereas/'})"


def ask_endpoint(address: str, query: str, seconds: int = TIMEOUT, contact: str = "") -> QueryResult:
    """The answer of the endpoint at `address`.

    A busy server is asked again, `TRIES` times in all, after the time it names. Raises `ArgumentError`
    when it refuses the query, `RemoteError` when its answer is not there, whole, after `seconds`, or is
    no SPARQL result.
    """
    wrapper = SPARQLWrapper(web_address(address, "endpoint"), agent=agent(contact))
    wrapper.setQuery(query)
    wrapper.setMethod(POST)
    wrapper.setTimeout(seconds)
    wrapper.queryType = _form(query)  # its own guess takes a word of a comment for the query's form
    rows = wrapper.queryType in ("SELECT", "ASK")
    wrapper.setReturnFormat(JSON if rows else TURTLE)
    wrapper.setOnlyConneg(True)
    wrapper.addCustomHttpHeader("Accept", FORMATS["json" if rows else "ttl"].media_type)

    def send(deadline: float) -> bytes:
        response = wrapper.query().response
        if (place := response.geturl()) != address:
            raise RemoteError(
                Message("{address}: redirects to {place}; give that address", address=address, place=place)
            )
        return _read(response, deadline)

    content = _answered(address, seconds, send)
    try:
        if rows:
            return read_answer(content)
        return QueryResult(ntriples=nquads(sorted({(*quad[:3], "") for quad in parse(content, "ttl")})).encode())
    except json.JSONDecodeError as problem:
        if content.lstrip().startswith(b"{"):
            raise RemoteError(
                Message("{address}: the answer is broken JSON, at character {pos}", address=address, pos=problem.pos)
            ) from None
        raise _not_results(address, content) from None
    except (ValueError, SyntaxError, KeyError, TypeError, AttributeError):
        raise _not_results(address, content) from None


def fetch_json(address: str, form: Mapping[str, str] | None = None, contact: str = "", seconds: int = TIMEOUT) -> Any:
    """The JSON at `address`, to which `form` is posted where there is one. Errors as with `ask_endpoint`."""
    body = urlencode(form).encode() if form else None
    headers = {"User-Agent": agent(contact), "Accept": "application/json"}
    request = Request(web_address(address, "address"), body, headers)

    def send(deadline: float) -> bytes:
        with urlopen(request, timeout=seconds) as response:
            return _read(response, deadline)

    content = _answered(address, seconds, send)
    try:
        return json.loads(content)
    except ValueError:
        raise RemoteError(
            Message("{address}: expected JSON, got '{content}'", address=address, content=_start(content))
        ) from None


def is_there(address: str, contact: str = "", seconds: int = TIMEOUT) -> bool:
    """Whether there is something at `address`: False where the server says that there is nothing.

    Asked for by HEAD, and by GET where the server takes no HEAD. Errors as with `ask_endpoint`.
    """

    def asked(method: str) -> bytes:
        try:
            with urlopen(Request(address, headers={"User-Agent": agent(contact)}, method=method), timeout=seconds):
                return b"yes"
        except HTTPError as problem:
            if problem.code in (404, 410):
                return b""
            if problem.code in (405, 501) and method == "HEAD":
                return asked("GET")
            raise

    return bool(_answered(address, seconds, lambda _: asked("HEAD")))


def _answered(address: str, seconds: int, send: Callable[[float], bytes]) -> bytes:
    """What `send` brings until its deadline, tried again while the server is busy."""
    for attempt in range(1, TRIES + 1):
        try:
            return send(time.monotonic() + seconds)
        except (SPARQLExceptions.SPARQLWrapperException, HTTPError) as problem:
            status = _status(problem)
            if status.code not in BUSY or attempt == TRIES:
                raise _refused(address, problem) from None
            wait = _wait(status, attempt)
            if wait > LONGEST_WAIT:
                raise RemoteError(
                    Message("{address}: is busy and asks to wait {wait:.0f} seconds", address=address, wait=wait)
                ) from None
            time.sleep(wait)
        except TimeoutError:
            raise RemoteError(
                Message("{address}: no whole answer within {seconds} s", address=address, seconds=seconds)
            ) from None
        except HTTPException:
            raise RemoteError(Message("{address}: the answer is cut short", address=address)) from None
        except (gzip.BadGzipFile, zlib.error, EOFError):
            raise RemoteError(Message("{address}: the answer says it is gzip and is not", address=address)) from None
        except OSError as problem:
            reason = getattr(problem, "reason", problem)
            if isinstance(reason, TimeoutError):
                raise RemoteError(
                    Message("{address}: no whole answer within {seconds} s", address=address, seconds=seconds)
                ) from None
            told = getattr(reason, "strerror", None) or reason
            raise RemoteError(Message("{address}: cannot be reached: {told}", address=address, told=told)) from None
    raise AssertionError("the last try answers or raises")


def _wait(problem: HTTPError, attempt: int) -> float:
    """Seconds until the next try: what `Retry-After` says, as a number or a day, else a little more each time."""
    told = problem.headers.get("Retry-After", "") if problem.headers else ""
    if told.isdigit():
        return int(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 2.0 ** (attempt - 1)


def _form(query: str) -> str:
    for match in _FORM.finditer(query):
        if match[1]:
            return match[1].upper()
    raise ArgumentError(
        Message("expected a query that starts with SELECT, ASK, CONSTRUCT or DESCRIBE after its prefixes")
    )


def _read(response: HTTPResponse, deadline: float) -> bytes:
    """The whole answer; the time limit holds for all of it, not for each piece."""
    pieces = []
    while piece := response.read1(_CHUNK):
        pieces.append(piece)
        if time.monotonic() > deadline:
            raise TimeoutError
    if response.length:
        raise HTTPException("bytes are missing")
    content = b"".join(pieces)
    return gzip.decompress(content) if response.headers.get("Content-Encoding") == "gzip" else content


def _status(problem: Exception) -> HTTPError:
    status = problem if isinstance(problem, HTTPError) else problem.__context__
    assert isinstance(status, HTTPError)  # the wrapper raises its own while it handles this one
    return status


def _refused(address: str, problem: Exception) -> ArgumentError | RemoteError:
    """The error that an HTTP status other than 200 is."""
    status = _status(problem)
    if status.url != address:
        return RemoteError(Message("{address}: redirects to {url}; give that address", address=address, url=status.url))
    if status.code in (301, 302, 303, 307, 308):
        place = status.headers.get("Location", "nowhere")
        return RemoteError(Message("{address}: redirects to {place}; give that address", address=address, place=place))
    if isinstance(problem, SPARQLExceptions.QueryBadFormed):
        return ArgumentError(
            Message("{address}: refused the query: {problem}", address=address, problem=_told(problem))
        )
    return RemoteError(
        Message("{address}: answered {code} {reason}", address=address, code=status.code, reason=status.reason)
    )


def _not_results(address: str, content: bytes) -> RemoteError:
    start = _start(content)
    return RemoteError(Message("{address}: expected SPARQL results, got '{start}'", address=address, start=start))


def _told(problem: Exception) -> str:
    """The first line that says something of the body that the wrapper's exception quotes."""
    quoted = str(problem).rpartition("Response:\n")[2]
    try:
        return _start(ast.literal_eval(quoted), 200)
    except (ValueError, SyntaxError, AttributeError):
        return "no reason given"


def _start(content: bytes, length: int = 60) -> str:
    return next((line.strip()[:length] for line in content.decode("utf-8", "replace").splitlines() if line.strip()), "")
