"""SPARQL endpoints of others, by the SPARQL 1.1 Protocol."""

from __future__ import annotations

import ast
import gzip
import json
import re
import time
import zlib
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError

from SPARQLWrapper import JSON, POST, TURTLE, SPARQLExceptions, SPARQLWrapper

from whereas import __version__
from whereas.errors import ArgumentError, RemoteError
from whereas.graph import Answer, parse, read_answer
from whereas.iris import web_address
from whereas.media import FORMATS

TIMEOUT = 60  # seconds

# What stands before the word that says which form a query has: comments, IRIs, names of prefixes.
_FORM = re.compile(r"#[^\n]*|<[^<>]*>|[\w.-]*:|\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)
_CHUNK = 65536  # bytes


def ask_endpoint(address: str, query: str, seconds: int = TIMEOUT) -> Answer:
    """The answer of the endpoint at `address`.

    Raises `ArgumentError` when it refuses the query, `RemoteError` when its answer is not there, whole,
    after `seconds`, or is no SPARQL result.
    """
    wrapper = SPARQLWrapper(
        web_address(address, "endpoint"), agent=f"whereas/{__version__} (https://w3id.org/whereas/)"
    )
    wrapper.setQuery(query)
    wrapper.setMethod(POST)
    wrapper.setTimeout(seconds)
    wrapper.queryType = _form(query)  # its own guess takes a word of a comment for the query's form
    rows = wrapper.queryType in ("SELECT", "ASK")
    wrapper.setReturnFormat(JSON if rows else TURTLE)
    wrapper.setOnlyConneg(True)
    wrapper.addCustomHttpHeader("Accept", FORMATS["json" if rows else "ttl"].media_type)
    deadline = time.monotonic() + seconds
    try:
        response = wrapper.query().response
        if (place := response.geturl()) != address:
            raise RemoteError(f"{address}: redirects to {place}; give that address")
        content = _read(response, deadline)
    except (SPARQLExceptions.SPARQLWrapperException, HTTPError) as problem:
        raise _refused(address, problem) from None
    except TimeoutError:
        raise RemoteError(f"{address}: no whole answer within {seconds} s") from None
    except HTTPException:
        raise RemoteError(f"{address}: the answer is cut short") from None
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise RemoteError(f"{address}: the answer says it is gzip and is not") from None
    except OSError as problem:
        reason = getattr(problem, "reason", problem)
        if isinstance(reason, TimeoutError):
            raise RemoteError(f"{address}: no whole answer within {seconds} s") from None
        told = getattr(reason, "strerror", None) or reason
        raise RemoteError(f"{address}: cannot be reached: {told}") from None
    try:
        if rows:
            return read_answer(content)
        return Answer(triples=tuple(sorted({(s, p, o, "") for s, p, o, _ in parse(content, "ttl")})))
    except json.JSONDecodeError as problem:
        if content.lstrip().startswith(b"{"):
            raise RemoteError(f"{address}: the answer is broken JSON, at character {problem.pos}") from None
        raise RemoteError(f"{address}: expected SPARQL results, got '{_start(content)}'") from None
    except (ValueError, SyntaxError, KeyError, TypeError, AttributeError):
        raise RemoteError(f"{address}: expected SPARQL results, got '{_start(content)}'") from None


def _form(query: str) -> str:
    for match in _FORM.finditer(query):
        if match[1]:
            return match[1].upper()
    raise ArgumentError("expected a query that starts with SELECT, ASK, CONSTRUCT or DESCRIBE after its prefixes")


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


def _refused(address: str, problem: Exception) -> ArgumentError | RemoteError:
    """The error that an HTTP status other than 200 is."""
    status = problem if isinstance(problem, HTTPError) else problem.__context__
    assert isinstance(status, HTTPError)  # the wrapper raises its own while it handles this one
    if status.url != address:
        return RemoteError(f"{address}: redirects to {status.url}; give that address")
    if status.code in (301, 302, 303, 307, 308):
        place = status.headers.get("Location", "nowhere")
        return RemoteError(f"{address}: redirects to {place}; give that address")
    if isinstance(problem, SPARQLExceptions.QueryBadFormed):
        return ArgumentError(f"{address}: refused the query: {_told(problem)}")
    return RemoteError(f"{address}: answered {status.code} {status.reason}")


def _told(problem: Exception) -> str:
    """The first line that says something of the body that the wrapper's exception quotes."""
    quoted = str(problem).rpartition("Response:\n")[2]
    try:
        return _start(ast.literal_eval(quoted), 200)
    except (ValueError, SyntaxError, AttributeError):
        return "no reason given"


def _start(content: bytes, length: int = 60) -> str:
    return next((line.strip()[:length] for line in content.decode("utf-8", "replace").splitlines() if line.strip()), "")
