"""Other endpoints that a query may ask with SERVICE: on a server, those on the hosts allowed, and nothing else.

The engine asks any address, goes where it is sent, and does not say for whom it asks. So it gets a relay on
loopback in the place of each endpoint, under a name nobody can guess. The relay asks that endpoint alone and
follows no redirect.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from whereas.errors import ArgumentError, RemoteError, WhereasError
from whereas.i18n import Localized, Message
from whereas.rdf.store import uses

# Strings, comments and IRIs are passed over whole. Where this and the engine read a text differently, a SERVICE is left.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|' + r"'''(?:[^'\\]|\\.|'(?!''))*'''|"
    r'"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*'|#[^\n]*|"
    r'(?<![\w:?$@.%\\-])(?P<service>SERVICE\s*(?:SILENT\s*)?)<(?P<endpoint>[^\s<>"{}|^`\\]*)>|<[^\s<>"{}|^`\\]*>',
    re.IGNORECASE | re.DOTALL,
)
_PASSED_ON = ("accept", "content-type", "user-agent")
_FORM = Message("SERVICE: expected SERVICE <ADDRESS>, the address written in full")
_NONE = Message("SERVICE: this endpoint asks no other; ask that one yourself")


Asking = Callable[[str, bytes, Mapping[str, str]], tuple[str, bytes]]  # endpoint, query, headers: media type, content


class ServiceProxy:
    """Stands between queries and the endpoints they name; `most` bytes of an answer are passed on.

    The endpoints are asked once and in the client's own words, or as `ask` does.
    """

    def __init__(self, hosts: Sequence[str], most: int, ask: Asking | None = None) -> None:
        self.hosts, self.ask = hosts, ask or ask_once(most)
        self.problem: Localized | None = None  # why an endpoint gave no answer
        self._endpoints: dict[str, str] = {}
        self._address = ""

    def guarded(self, query: str) -> str:
        """As `relayed`, when every endpoint is on one of the hosts. Raises `ArgumentError` where one is not."""
        if not uses(query, "SERVICE"):
            self.problem = None
            return query
        if not self.hosts:
            raise ArgumentError(_NONE)
        # In this form of the query no SERVICE is left, or there was one that was not seen.
        if uses(
            _TOKEN.sub(lambda found: f"GRAPH <{found['endpoint']}>" if found["service"] else found[0], query), "SERVICE"
        ):
            raise ArgumentError(_FORM)
        for found in _TOKEN.finditer(query):
            if found["service"]:
                self._allow(found["endpoint"])
        return self.relayed(query)

    def relayed(self, query: str) -> str:
        """The query with the relay in the place of each endpoint whose address it writes in full."""
        self.problem = None
        self._endpoints.clear()
        return _TOKEN.sub(lambda found: self._replaced(found) if found["service"] else found[0], query)

    def _allow(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or parts.netloc.lower() not in self.hosts:
            allowed = ", ".join(self.hosts)
            raise ArgumentError(
                Message(
                    "SERVICE: expected an endpoint on {allowed}, got <{endpoint}>; ask that one yourself",
                    allowed=allowed,
                    endpoint=endpoint,
                )
            )

    def _replaced(self, found: re.Match[str]) -> str:
        key = secrets.token_urlsafe()
        self._endpoints[key] = found["endpoint"]
        return f"{found['service']}<{self._open()}{key}>"

    def _open(self) -> str:
        if not self._address:
            relay = self

            class Handler(BaseHTTPRequestHandler):
                def do_POST(self) -> None:
                    relay.pass_on(self)

                def log_message(self, *_: object) -> None:
                    """Nothing: the server's log is of its own requests."""

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            Thread(target=server.serve_forever, daemon=True).start()
            self._address = f"http://127.0.0.1:{server.server_address[1]}/"
        return self._address

    def pass_on(self, asked: BaseHTTPRequestHandler) -> None:
        """Ask the endpoint that the path stands for what was asked, and send its answer back."""
        endpoint = self._endpoints.get(asked.path[1:])
        if endpoint is None:
            asked.send_error(404)
            return
        body = asked.rfile.read(int(asked.headers.get("Content-Length", "0")))
        headers = {name: asked.headers[name] for name in _PASSED_ON if name in asked.headers}
        try:
            kind, content = self.ask(endpoint, body, headers)
        except WhereasError as problem:
            self.problem = problem.message
            asked.send_error(502)
            return
        asked.send_response(200)
        asked.send_header("Content-Type", kind)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(content)


def ask_once(most: int) -> Asking:
    """Asks an endpoint once, in the client's own words; an answer of more than `most` bytes is none."""

    def ask(endpoint: str, body: bytes, headers: Mapping[str, str]) -> tuple[str, bytes]:
        try:
            return _asked(endpoint, body, headers, most)
        except (OSError, HTTPException) as problem:
            why = str(problem) or type(problem).__name__
            raise RemoteError(
                Message("SERVICE: <{endpoint}> gave no answer: {why}", endpoint=endpoint, why=why)
            ) from None

    return ask


def _asked(endpoint: str, body: bytes, headers: Mapping[str, str], most: int) -> tuple[str, bytes]:
    parts = urlsplit(endpoint)
    connection = (HTTPSConnection if parts.scheme == "https" else HTTPConnection)(parts.netloc)
    try:
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        connection.request("POST", path, body, dict(headers))
        reply = connection.getresponse()
        if 300 <= reply.status < 400:
            raise OSError(f"it redirects, status {reply.status}, and redirects are not followed")
        if reply.status != 200:
            raise OSError(f"status {reply.status}")
        content = reply.read(most + 1)
        if len(content) > most:
            raise OSError(f"it has more than {most:,} bytes")
        return reply.getheader("Content-Type", ""), content
    finally:
        connection.close()
