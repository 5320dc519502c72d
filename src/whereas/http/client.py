"""The HTTP client for every request to another server, and its one policy.

- A busy server is asked again, `TRIES` times in all, after the time in its `Retry-After`.
- Redirects are followed where the caller allows it, for GET and HEAD only, to http and https only, and
  with credentials never to another server.
- A response is read up to a number of bytes, counted after decompression, and within a time limit.
- Each failure is a `RemoteError`.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from whereas._version import __version__
from whereas.characters import for_terminal
from whereas.errors import ArgumentError, RemoteError
from whereas.http.decompression import GzipDecoder
from whereas.http.urls import redirect_target, web_address, without_credentials, without_query
from whereas.i18n import Message

TIMEOUT = 60.0  # seconds for a response, from when the request was sent
TRIES = 4
LONGEST_WAIT = 120  # seconds between two tries; a server that asks for more is not waited for
MAX_BYTES = 256 * 2**20  # of a response, after decompression
MAX_REDIRECTS = 10
ERROR_BYTES = 65_536  # of a response that is no success: only its first line is shown
EXCERPT = 100  # characters of another server's text in a message

BUSY = (429, 503)  # the request was not carried out
GATEWAY = (502, 504)  # it may have been carried out; 500 is how a query service says that a query took too long
_IDEMPOTENT = ("GET", "HEAD", "PUT", "DELETE")
_REDIRECTS = (301, 302, 303, 307, 308)
_READ = 65_536  # bytes at a time
Body = bytes | Callable[[], Iterable[bytes]]  # what is called is called for each try


@dataclass(frozen=True)
class Response:
    """A response with its content decompressed; `url` is without its query, for messages."""

    url: str
    status: int
    reason: str
    headers: httpx.Headers
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_redirect(self) -> bool:
        return self.status in _REDIRECTS and "location" in self.headers


class HTTPClient:
    """Requests to other servers; closed at the end of `with`. Threads may share it."""

    def __init__(
        self,
        contact: str = "",
        *,
        timeout: float | None = TIMEOUT,
        tries: int = TRIES,
        max_bytes: int = MAX_BYTES,
        max_redirects: int = 0,
        auth: httpx.Auth | None = None,
        trusted: ssl.SSLContext | None = None,
        use_proxies: bool = True,
        headers: Mapping[str, str] | None = None,
        on_wait: Callable[[str, float], None] | None = None,
    ) -> None:
        """Prepare requests; nothing is sent yet.

        `contact` tells other servers whom to write to; `trusted` holds other certificates than the usual ones;
        `on_wait` is called with the URL and the seconds before a busy server is asked again. Without a `timeout`,
        the caller limits the time. Raise `ArgumentError` when the environment's proxy cannot be used.
        """
        self.timeout, self._tries, self._limit = timeout, tries, max_bytes
        self._max_redirects, self._has_credentials, self._on_wait = max_redirects, auth is not None, on_wait
        try:
            self._client = httpx.Client(
                auth=auth,
                verify=trusted or _usual_certificates(),
                timeout=timeout,
                trust_env=use_proxies,
                headers={"User-Agent": user_agent(contact), "Accept-Encoding": "gzip", **(headers or {})},
                event_hooks={"response": [self._check_location]},
            )
        except (ImportError, ValueError) as problem:
            raise ArgumentError(Message("the proxy settings cannot be used: {reason}", reason=problem)) from None
        self._sent: dict[int, float] = {}  # by thread: when its request was sent
        self._is_late, self._is_closed = False, threading.Event()

    def __enter__(self) -> HTTPClient:
        if self.timeout is not None:
            threading.Thread(target=self._enforce_timeout, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed.set()
        self._client.close()

    def _enforce_timeout(self) -> None:
        """Close the client when a response takes too long: httpx's own timeout starts anew with each byte."""
        assert self.timeout is not None
        while not self._is_closed.wait(0.25):
            if any(time.monotonic() - sent > self.timeout for sent in tuple(self._sent.values())):
                self._is_late = True
                self._client.close()
                return

    def fetch(self, method: str, url: str, *, missing_ok: bool = False, **options: Any) -> Response:
        """Return the response as `request` does; raise `RemoteError` when it is no success, nor 404 if `missing_ok`."""
        response = self.request(method, url, **options)
        if response.is_success or (missing_ok and response.status == 404):
            return response
        raise self.error(response)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        content: Body | None = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool | None = None,
        read_body: bool = True,
    ) -> Response:
        """Return the response whatever its status, once the server is not busy or all tries are used.

        `idempotent` tells whether a POST may be repeated that may have been carried out, as a query may; without
        `read_body`, the body of a success is not read.
        """
        may_repeat = method in _IDEMPOTENT if idempotent is None else idempotent
        for attempt in range(1, self._tries + 1):
            body = content() if callable(content) else content
            options = {"params": params, "data": data, "content": body, "headers": headers}
            response = self._follow(method, url, read_body, options)
            is_busy = response.status in (BUSY + GATEWAY if may_repeat else BUSY) or self.is_conflict(response)
            if not is_busy or attempt == self._tries:
                break
            seconds = _seconds_to_wait(response.headers, attempt)
            if seconds > LONGEST_WAIT:
                raise RemoteError(
                    Message("{url}: server busy, retry after {seconds:.0f} s", url=response.url, seconds=seconds)
                )
            if self._on_wait:
                self._on_wait(response.url, seconds)
            time.sleep(seconds)
        return response

    def _follow(self, method: str, url: str, read_body: bool, options: dict[str, Any]) -> Response:
        """Return the response, after the redirects that are followed."""
        first = without_query(url)
        for _ in range(self._max_redirects + 1):
            response = self._send(method, url, read_body, options)
            if not self._max_redirects or not response.is_redirect or method not in ("GET", "HEAD"):
                return response
            location = redirect_target(url, response.headers["location"])
            if self._has_credentials and urlsplit(location)[:2] != urlsplit(url)[:2]:
                return response
            url, options = location, {**options, "params": None}
        raise RemoteError(Message("{url}: more than {count} redirects", url=first, count=self._max_redirects))

    def _send(self, method: str, url: str, read_body: bool, options: dict[str, Any]) -> Response:
        thread, shown = threading.get_ident(), without_query(url)

        def trace(event: str, _: object) -> None:
            if event.endswith("send_request_body.complete"):
                self._sent[thread] = time.monotonic()

        try:
            with self._client.stream(method, url, extensions={"trace": trace, "url": shown}, **options) as response:
                content = b""
                if not response.is_success:
                    with suppress(zlib.error):  # the status says more
                        content = self._read(response, ERROR_BYTES)[:ERROR_BYTES]
                elif read_body:
                    content = self._read(response, self._limit)
                    if len(content) > self._limit:
                        message = Message("{url}: response larger than {limit:,} bytes", url=shown, limit=self._limit)
                        raise RemoteError(message)
                return Response(shown, response.status_code, response.reason_phrase, response.headers, content)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError, ValueError, zlib.error) as problem:
            raise self._failure(shown, problem) from None
        finally:
            self._sent.pop(thread, None)

    def _check_location(self, response: httpx.Response) -> None:
        """Check a Location before httpx reads it, which it does even where it does not follow it."""
        if response.has_redirect_location:
            location = response.headers["location"]
            try:
                redirect_target(str(response.request.url), location)
            except ArgumentError:
                location = self.excerpt(without_credentials(without_query(location)))
                url = response.request.extensions["url"]
                raise RemoteError(
                    Message("{url}: redirects to an invalid URL: '{location}'", url=url, location=location)
                ) from None

    def _read(self, response: httpx.Response, limit: int) -> bytes:
        """Return the decompressed body, or its first `limit` bytes and some more where it is longer."""
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        decoder = GzipDecoder() if coding in ("gzip", "x-gzip") else None
        content = bytearray()
        for chunk in response.iter_raw(_READ):
            if decoder is None:
                if coding != "identity":
                    raise zlib.error(f"'{coding[:EXCERPT]}' was not requested")
                content += chunk
            else:
                content += decoder.decode(chunk, limit + 1 - len(content))
            if len(content) > limit:
                return bytes(content)
        if decoder and not decoder.is_complete:
            raise zlib.error("the gzip data ends too early")
        return bytes(content)

    def _failure(self, url: str, problem: Exception) -> Exception:
        if self._is_late or isinstance(problem, httpx.TimeoutException):
            return RemoteError(
                Message("{url}: no complete response within {seconds:g} s", url=url, seconds=self.timeout)
            )
        # OpenSSL's reasons start with its name of the error, and end with its line of C.
        reason = re.sub(r"^\[[^]]*\] | \(_ssl\.c:\d+\)$|\.$", "", self.excerpt(str(problem)))
        if isinstance(problem, httpx.ConnectError | httpx.ProxyError):
            return RemoteError(Message("{url}: cannot be reached: {reason}", url=url, reason=reason))
        if isinstance(problem, zlib.error):
            return RemoteError(Message("{url}: invalid Content-Encoding: {reason}", url=url, reason=reason))
        if isinstance(problem, UnicodeError | httpx.InvalidURL):
            return RemoteError(Message("{url}: invalid host name: {reason}", url=url, reason=reason))
        if not isinstance(problem, httpx.HTTPError):
            return problem
        return RemoteError(Message("{url}: connection lost: {reason}; try again", url=url, reason=reason))

    def error(self, response: Response) -> RemoteError:
        """Return the error that a response is whose status is no success."""
        url = response.url
        if response.is_redirect:
            location = self.excerpt(without_query(redirect_target(url, response.headers["location"])))
            return RemoteError(
                Message("{url}: redirects to {location}; use that URL instead", url=url, location=location)
            )
        if response.status == 401:
            return RemoteError(self.unauthorized(url))
        detail = self.detail(response)
        reason = f"{response.status} {self.excerpt(response.reason)}".strip() + (f": {detail}" if detail else "")
        return RemoteError(Message("{url}: answered {reason}", url=url, reason=reason))

    def excerpt(self, text: bytes | str, length: int = EXCERPT) -> str:
        """Return the first line of another server's text for a message, at most `length` characters of it."""
        return _first_line(self.redact(text.decode("utf-8", "replace") if isinstance(text, bytes) else text), length)

    def redact(self, text: str) -> str:
        """Return another server's text without secrets of ours."""
        return text

    def is_conflict(self, response: Response) -> bool:
        """Tell whether the same request may succeed later, though its status is not that of a busy server."""
        return False

    def unauthorized(self, url: str) -> Message:
        """Return the sentence for a response 401."""
        return Message("{url}: authentication required (401)", url=url)

    def detail(self, response: Response) -> str:
        """Return what an error quotes of the body of a response that is no success."""
        return ""


def user_agent(contact: str = "") -> str:
    """Return how we name ourselves to other servers, with somebody to write to."""
    return f"whereas/{__version__} ({contact or 'https://w3id.org/whereas/'})"


def read_json(url: str, content: bytes) -> Any:
    """Return the JSON in a response from `url`. Raise `RemoteError` when it is none, or too deeply nested."""
    try:
        return json.loads(content)
    except json.JSONDecodeError as problem:
        if content.lstrip()[:1] in (b"{", b"["):
            raise RemoteError(
                Message("{url}: invalid JSON at character {position}", url=url, position=problem.pos)
            ) from None
    except ValueError:  # not in an encoding of Unicode
        pass
    except RecursionError:
        raise RemoteError(Message("{url}: the JSON is too deeply nested", url=url)) from None
    start = _first_line(content.decode("utf-8", "replace"))
    raise RemoteError(Message("{url}: expected JSON, got '{start}'", url=url, start=start))


def url_exists(url: str, contact: str = "") -> bool:
    """Tell whether there is something at `url`, after redirects: False where the server answers 404 or 410.

    Send HEAD, and GET where the server takes no HEAD. Raise `RemoteError` when neither tells.
    """
    with HTTPClient(contact, max_redirects=MAX_REDIRECTS) as client:
        response = client.request("HEAD", web_address(url, "link"))
        if response.status in (405, 501):
            response = client.request("GET", url, read_body=False)
        if response.status in (404, 410):
            return False
        if not response.is_success:
            raise client.error(response)
        return True


def _first_line(text: str, length: int = EXCERPT) -> str:
    return next((line.strip()[:length] for line in for_terminal(text).splitlines() if line.strip()), "")


@cache
def _usual_certificates() -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    context.load_default_certs()  # a network of one's own may have added one to the system's
    return context


def _seconds_to_wait(headers: Mapping[str, str], attempt: int) -> float:
    """Return the seconds until the next try: what `Retry-After` says (RFC 9110, § 10.2.3), else a little more each time."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return 2.0 ** (attempt - 1)
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())
