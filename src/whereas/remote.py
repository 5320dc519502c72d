"""Servers of others, asked politely: one request at a time, waiting when told to, and saying who asks."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from SPARQLWrapper import JSON, POST, TURTLE, SPARQLExceptions, SPARQLWrapper

from whereas import __version__
from whereas.cache import Cache
from whereas.errors import ArgumentError, RemoteError
from whereas.graph import Answer, parse, read_answer

TIMEOUT = 60  # seconds
TRIES = 3
LONGEST_WAIT = 120  # seconds; who wants more is asked again another day
BUSY = (429, 503)
KEPT = timedelta(days=7)  # that an answer is remembered


def agent(contact: str = "") -> str:
    """How we name ourselves to other servers, with somebody to write to."""
    return f"whereas/{__version__} ({contact or 'https://w3id.org/whereas/'})"


def ask_endpoint(address: str, query: str, contact: str = "", timeout: int = TIMEOUT) -> Answer:
    """The answer of the endpoint at `address`.

    A busy server is asked again, `TRIES` times in all, after the time it names. Raises `ArgumentError`
    when it refuses the query, `RemoteError` when it does not answer within `timeout` seconds, or not
    with SPARQL results.
    """
    if not address.startswith(("http://", "https://")):
        raise ArgumentError(f"endpoint: expected an http or https address, got '{address}'")
    wrapper = SPARQLWrapper(address, agent=agent(contact))
    wrapper.setQuery(query)
    wrapper.setMethod(POST)
    wrapper.setTimeout(timeout)
    rows = wrapper.queryType in ("SELECT", "ASK")
    wrapper.setReturnFormat(JSON if rows else TURTLE)
    content = _answered(address, lambda: wrapper.query().response.read())
    try:
        if rows:
            return read_answer(content)
        return Answer(triples=tuple(sorted({(s, p, o, "") for s, p, o, _ in parse(content, "ttl")})))
    except (ValueError, SyntaxError):
        start = content[:60].decode("utf-8", "replace").split("\n")[0]
        raise RemoteError(f"{address}: expected SPARQL results, got '{start}'") from None


@dataclass(frozen=True)
class Memory:
    """What other servers answered, by address and question; with `offline`, nobody is asked."""

    cache: Cache
    offline: bool = False

    def recall(self, address: str, question: str, ask: Callable[[], bytes]) -> bytes:
        """The answer, remembered or new. Raises `RemoteError` when offline and it is not remembered."""
        name = hashlib.sha256(f"{address}\n{question}".encode()).hexdigest()
        told, _, content = self.cache.latest("answer", name).partition(b"\n")
        fresh = told and datetime.now(UTC) - datetime.fromisoformat(told.decode()) < KEPT
        if told and (fresh or self.offline):
            return content
        if self.offline:
            raise RemoteError(f"{address}: not asked (--offline), and no earlier answer is remembered")
        content = ask()
        self.cache.put("answer", name, "", datetime.now(UTC).isoformat().encode() + b"\n" + content)
        self.cache.commit()
        return content


def fetch_json(address: str, form: Mapping[str, str] | None = None, contact: str = "", timeout: int = TIMEOUT) -> Any:
    """The JSON at `address`, to which `form` is posted where there is one. Errors as with `ask_endpoint`."""
    if not address.startswith(("http://", "https://")):
        raise ArgumentError(f"expected an http or https address, got '{address}'")
    body = urlencode(form).encode() if form else None
    request = Request(address, body, {"User-Agent": agent(contact), "Accept": "application/json"})

    def send() -> bytes:
        with urlopen(request, timeout=timeout) as response:
            content: bytes = response.read()
            return content

    content = _answered(address, send)
    try:
        return json.loads(content)
    except ValueError:
        start = content[:60].decode("utf-8", "replace").split("\n")[0]
        raise RemoteError(f"{address}: expected JSON, got '{start}'") from None


def is_there(address: str, contact: str = "", timeout: int = TIMEOUT) -> bool:
    """Whether there is something at `address`: False where the server says that there is nothing."""
    request = Request(address, headers={"User-Agent": agent(contact)}, method="HEAD")

    def send() -> bytes:
        try:
            with urlopen(request, timeout=timeout):
                return b"yes"
        except HTTPError as problem:
            if problem.code in (404, 410):
                return b""
            raise

    return bool(_answered(address, send))


def _answered(address: str, send: Callable[[], bytes]) -> bytes:
    for attempt in range(1, TRIES + 1):
        try:
            return send()
        except SPARQLExceptions.QueryBadFormed as problem:
            raise ArgumentError(f"{address}: refused the query: {_first_line(problem)}") from None
        except HTTPError as problem:
            wait = _wait(problem, attempt)
            if problem.code not in BUSY or attempt == TRIES:
                raise RemoteError(f"{address}: answered with an error: {_first_line(problem)}") from None
            if wait > LONGEST_WAIT:
                raise RemoteError(f"{address}: is busy and asks to wait {wait:.0f} seconds") from None
            time.sleep(wait)
        except SPARQLExceptions.SPARQLWrapperException as problem:
            raise RemoteError(f"{address}: answered with an error: {_first_line(problem)}") from None
        except (URLError, OSError, HTTPException) as problem:
            reason = getattr(problem, "reason", problem) or type(problem).__name__
            raise RemoteError(f"{address}: did not answer: {reason}") from None
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


def _first_line(problem: Exception) -> str:
    told = str(problem).replace("\\n", "\n")
    lines = [line.strip() for line in told.split("\n") if line.strip()]
    response = next((line for line in lines if line.startswith("b'")), "")
    return (response.removeprefix("b'").rstrip("'") or " ".join(lines))[:200]
