"""Requests to one store over HTTP: who asks, how long an answer may take, what an error tells. The room of the HTTP client."""

from __future__ import annotations

import html
import json
import re
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote, quote_plus

import httpx

from whereas._version import __version__
from whereas.errors import ArgumentError, RemoteError
from whereas.i18n import Message

TIMEOUT = 300  # seconds: a store may take that long to answer, once it has the whole request
TRIES = 4
LONGEST_WAIT = 60  # seconds, when a store says when to come again
LONGEST_TOLD = 100  # characters of what another machine says, in an error


@dataclass(frozen=True)
class StoreConfig:
    """Where a store is and who asks; `kind` is oxigraph, virtuoso or sparql, `source` where the secret was found."""

    name: str
    kind: str
    query: str
    update: str = ""
    graphs: str = ""
    user: str = ""
    secret: str = field(default="", repr=False)
    is_token: bool = False
    source: str = ""
    certificates: Path | None = None
    prune: bool = False


def variables(name: str) -> tuple[str, str]:
    """The variables of the environment for the password and for the token of the store of this name."""
    start = f"WHEREAS_{name.upper().replace('-', '_')}"
    return f"{start}_PASSWORD", f"{start}_TOKEN"


def shown(address: str) -> str:
    """An address as messages show it: what follows `?` may be a secret."""
    return address.partition("?")[0]


class StoreConnection:
    """Requests to a target; closed at the end of `with`. Each failure is a `RemoteError` that tells no secret."""

    def __init__(self, target: StoreConfig, waiting: Callable[[str, float], None] | None = None) -> None:
        """`waiting` is told the address and the seconds, when a busy store is to be asked again.

        Raises `ArgumentError` when the target's certificates cannot be read.
        """
        self.target, self._waiting = target, waiting
        self._client = httpx.Client(
            auth=_auth(target),
            verify=_trusted(target),
            timeout=TIMEOUT,
            headers={"User-Agent": f"whereas/{__version__} (https://w3id.org/whereas/)"},
        )
        if target.kind == "virtuoso":  # on a connection that is kept, each of its answers comes 40 ms late
            self._client.headers["Connection"] = "close"
        self._masked = _spellings(target)
        self._asked: dict[int, float] = {}  # by thread: since when the store has the whole request
        self._is_late, self._is_over = False, threading.Event()

    def __enter__(self) -> StoreConnection:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._client.close()

    def _watch(self) -> None:
        """Nothing is awaited for more than `TIMEOUT`: the client's own limit begins anew with each byte that comes."""
        while not self._is_over.wait(0.25):
            if any(time.monotonic() - since > TIMEOUT for since in tuple(self._asked.values())):
                self._is_late = True
                self._client.close()
                return

    def send(self, method: str, address: str, *, absent: bool = False, **told: object) -> tuple[httpx.Response, bytes]:
        """What is answered, a success; `absent` allows that the thing is not there."""
        response, content = self.ask(method, address, **told)  # type: ignore[arg-type]
        if response.is_success or (absent and response.status_code == 404):
            return response, content
        raise self.refused(address, response, content)

    def ask(
        self, method: str, address: str, *, whole: bool = True, content: object = None, **told: object
    ) -> tuple[httpx.Response, bytes]:
        """What is answered, whatever its status; of a success that is not wanted `whole`, the headers only.

        A busy store is asked again; `content` that can be called is what to send, at each try.
        """
        for tries_left in reversed(range(TRIES)):
            body = content() if callable(content) else content
            response, got = self._answer(method, address, whole, content=body, **told)
            if not _is_busy(response, got) or not tries_left:
                break
            seconds = _pause(response)
            if self._waiting:
                self._waiting(shown(address), seconds)
            time.sleep(seconds)
        return response, got

    def _answer(self, method: str, address: str, whole: bool, **told: object) -> tuple[httpx.Response, bytes]:
        me = threading.get_ident()

        def follow(event: str, _: object) -> None:
            if event == "http11.send_request_body.complete":
                self._asked[me] = time.monotonic()

        try:
            extensions = {"trace": follow}
            with self._client.stream(method, address, extensions=extensions, **told) as response:  # type: ignore[arg-type]
                return response, response.read() if whole or not response.is_success else b""
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, RuntimeError) as problem:
            raise self._failure(shown(address), problem) from None
        finally:
            self._asked.pop(me, None)

    def _failure(self, address: str, problem: Exception) -> RemoteError:
        if self._is_late or isinstance(problem, httpx.TimeoutException):
            return RemoteError(
                Message("{address}: no whole answer within {TIMEOUT} s", address=address, TIMEOUT=TIMEOUT)
            )
        reason = re.sub(r"^\[[^]]*\] | \(_ssl\.c:\d+\)$", "", self.foreign(str(problem)))
        if isinstance(problem, httpx.ConnectError):
            return RemoteError(Message("{address}: cannot be reached: {reason}", address=address, reason=reason))
        if isinstance(problem, httpx.DecodingError):
            return RemoteError(
                Message("{address}: an answer not packed as it says: {reason}", address=address, reason=reason)
            )
        if isinstance(problem, httpx.HTTPError):
            return RemoteError(
                Message("{address}: connection lost: {reason}; run it again", address=address, reason=reason)
            )
        if isinstance(problem, UnicodeError | httpx.InvalidURL):
            return RemoteError(Message("{address}: no name of a machine: {reason}", address=address, reason=reason))
        raise problem

    def refused(self, address: str, response: httpx.Response, content: bytes) -> RemoteError:
        """The error that an answer which is no success is."""
        address = shown(address)
        if response.is_redirect:
            place = self.foreign(shown(response.headers.get("location", "")))
            return RemoteError(
                Message("{address}: redirects to {place}; give that address", address=address, place=place)
            )
        if response.status_code == 401:
            return RemoteError(self._who(address))
        start = self.foreign(content)
        reason = f"{response.status_code} {self.foreign(response.reason_phrase)}{f': {start}' if start else ''}"
        return RemoteError(Message("{address}: answered {reason}", address=address, reason=reason))

    def foreign(self, told: bytes | str) -> str:
        """The first line of what another machine says, without the secret in any spelling, and not too long."""
        text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
        for spelling in self._masked:
            text = text.replace(spelling, "…")
        return next((line.strip()[:LONGEST_TOLD] for line in text.splitlines() if line.strip()), "")

    def _who(self, address: str) -> Message:
        target = self.target
        password, token = variables(target.name)
        if not target.name:
            return Message(
                "{address}: refused who did not say who they are: name it in [tool.whereas.stores] to give a user",
                address=address,
            )
        if target.is_token:
            return Message("{address}: refused the token: is {source} right?", address=address, source=target.source)
        if target.user and target.secret:
            return Message(
                "{address}: refused the user '{user}': is {source} right?",
                address=address,
                user=target.user,
                source=target.source,
            )
        if target.user:
            return Message(
                "{address}: refused the user '{user}', who gave no password: {password} is not set",
                address=address,
                user=target.user,
                password=password,
            )
        if target.secret:
            return Message(
                "{address}: refused who did not say who they are: {password} is set, and the settings name no user",
                address=address,
                password=password,
            )
        return Message(
            "{address}: refused who did not say who they are: set user and {password}, or {token}",
            address=address,
            password=password,
            token=token,
        )


def _spellings(target: StoreConfig) -> list[str]:
    """The secret as a server may repeat it: as it is, in an address, in a header, in JSON or HTML. The longest first."""
    secret = target.secret
    if not secret:
        return []
    header = b64encode(f"{target.user}:{secret}".encode()).decode()
    plain = {secret, header, b64encode(secret.encode()).decode(), header.rstrip("=")}
    percent = {quoted(text) for text in plain for quoted in (quote_plus, lambda text: quote(text, safe=""))}
    small = {re.sub(r"%..", lambda code: code[0].lower(), text) for text in percent}
    marked = {html.escape(secret), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return sorted(plain | percent | small | marked, key=len, reverse=True)


def _auth(target: StoreConfig) -> httpx.Auth | None:
    if target.is_token:
        return _Bearer(target.secret)
    if not target.user:
        return None
    kind = httpx.DigestAuth if target.kind == "virtuoso" else httpx.BasicAuth
    return kind(target.user, target.secret)


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _trusted(target: StoreConfig) -> ssl.SSLContext | bool:
    if target.certificates is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(target.certificates))
    except OSError as problem:
        name = target.certificates.name
        none = Message("no certificate in it")
        told = none if isinstance(problem, ssl.SSLError) else Message(str(problem.strerror))
        raise ArgumentError(Message("{name}: certificates cannot be read: {told}", name=name, told=told)) from None


def _is_busy(response: httpx.Response, content: bytes) -> bool:
    """Whether the store may do it if it is asked again: it says so, or Virtuoso's transactions stood in each other's way."""
    return response.status_code in (429, 503) or (response.status_code == 500 and b"Error 40001" in content[:1000])


def _pause(response: httpx.Response) -> float:
    """Seconds to wait: as the store says, in seconds or by a date, at most `LONGEST_WAIT`; one when it does not say."""
    told = response.headers.get("retry-after", "1")
    try:
        seconds = float(int(told)) if told.isdecimal() else (_moment(told) - datetime.now(UTC)).total_seconds()
    except ValueError:
        seconds = 1
    return max(0, min(seconds, LONGEST_WAIT))


def _moment(told: str) -> datetime:
    moment = parsedate_to_datetime(told)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
