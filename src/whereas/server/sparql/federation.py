"""Federated queries (SERVICE): on a server, to endpoints on the hosts allowed, and to no others.

The engine requests any URL, follows redirects, and does not name itself as we do. So it gets the URL of a proxy on
loopback in the place of each endpoint, with a path nobody can guess. The proxy requests that endpoint alone.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from whereas.errors import ArgumentError, RemoteError, WhereasError
from whereas.i18n import Localized, Message
from whereas.rdf.store import require_syntax, uses

# Strings, comments and IRIs are skipped as a whole. Where this and the engine read a text differently, a SERVICE is left.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|' + r"'''(?:[^'\\]|\\.|'(?!''))*'''|"
    r'"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*'|#[^\n]*|"
    r'(?<![\w:?$@.%\\-])(?P<service>SERVICE\s*(?:SILENT\s*)?)<(?P<endpoint>[^\s<>"{}|^`\\]*)>|<[^\s<>"{}|^`\\]*>',
    re.IGNORECASE | re.DOTALL,
)
_FORWARDED = ("accept", "content-type")
_DISABLED = Message("federated queries (SERVICE) are disabled on this endpoint")
_NOT_LITERAL = Message("SERVICE: expected SERVICE <URL>, with the URL written in full")


Forward = Callable[[str, bytes, Mapping[str, str]], tuple[str, bytes]]  # endpoint, query, headers: media type, content


class ServiceProxy:
    """A proxy between queries and the endpoints they name; `max_bytes` of a response are passed on.

    Requests are sent as the engine wrote them and once, or as `forward` sends them.
    """

    def __init__(self, hosts: Sequence[str], max_bytes: int, forward: Forward | None = None) -> None:
        self.hosts, self.forward = hosts, forward or forward_once(max_bytes)
        self.problem: Localized | None = None  # why an endpoint gave no result
        self._endpoints: dict[str, str] = {}
        self._url = ""

    def rewrite_allowed(self, query: str) -> str:
        """Return the query as `rewrite` does. Raise `ArgumentError` where an endpoint is not on an allowed host."""
        if not uses(query, "SERVICE"):
            self.problem = None
            return query
        if not self.hosts:
            require_syntax(query)
            raise ArgumentError(_DISABLED)
        # With GRAPH in the place of each SERVICE recognized, one that the engine still sees was not recognized.
        without = _TOKEN.sub(lambda token: f"GRAPH <{token['endpoint']}>" if token["service"] else token[0], query)
        if uses(without, "SERVICE"):
            require_syntax(query)
            raise ArgumentError(_NOT_LITERAL)
        for token in _TOKEN.finditer(query):
            if token["service"]:
                self._check_host(token["endpoint"])
        return self.rewrite(query)

    def rewrite(self, query: str) -> str:
        """Return the query with the proxy's URL in the place of each endpoint that is written in full.

        Raise `ArgumentError`, at the place as written, where it is no query.
        """
        self.problem = None
        require_syntax(query)
        self._endpoints.clear()
        return _TOKEN.sub(lambda token: self._replace(token) if token["service"] else token[0], query)

    def _check_host(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or parts.netloc.lower() not in self.hosts:
            allowed = ", ".join(self.hosts)
            raise ArgumentError(
                Message(
                    "SERVICE: expected an endpoint on {allowed}, got <{endpoint}>", allowed=allowed, endpoint=endpoint
                )
            )

    def _replace(self, token: re.Match[str]) -> str:
        key = secrets.token_urlsafe()
        self._endpoints[key] = token["endpoint"]
        return f"{token['service']}<{self._start()}{key}>"

    def _start(self) -> str:
        """Return the proxy's URL; start its server at the first call."""
        if not self._url:
            proxy = self

            class Handler(BaseHTTPRequestHandler):
                def do_POST(self) -> None:
                    proxy.handle(self)

                def log_message(self, *_: object) -> None:
                    """Log nothing: the server's log is of its own requests."""

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            Thread(target=server.serve_forever, daemon=True).start()
            self._url = f"http://127.0.0.1:{server.server_address[1]}/"
        return self._url

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Forward a request to the endpoint that its path stands for, and send the response back."""
        endpoint = self._endpoints.get(request.path[1:])
        if endpoint is None:
            request.send_error(404)
            return
        body = request.rfile.read(int(request.headers.get("Content-Length", "0")))
        headers = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
        try:
            media_type, content = self.forward(endpoint, body, headers)
        except WhereasError as problem:
            self.problem = problem.message
            request.send_error(502)
            return
        request.send_response(200)
        request.send_header("Content-Type", media_type)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)


def forward_once(max_bytes: int) -> Forward:
    """Return a function that sends a request once, directly and without following a redirect.

    A response of more than `max_bytes` is an error. The time is limited by who runs the query.
    """

    def forward(endpoint: str, body: bytes, headers: Mapping[str, str]) -> tuple[str, bytes]:
        from whereas.http.client import HTTPClient  # only federated queries need it, and it takes long to import

        try:
            with HTTPClient(timeout=None, tries=1, max_bytes=max_bytes, use_proxies=False) as client:
                response = client.fetch("POST", endpoint, content=body, headers=headers)
        except WhereasError as problem:
            raise RemoteError(Message("SERVICE: {problem}", problem=problem.message)) from None
        return response.headers.get("content-type", ""), response.content

    return forward
