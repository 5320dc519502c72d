"""A server that answers each path with one fault, for the tests of clients."""

from __future__ import annotations

import gzip
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RESULTS = b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "value": "urn:a"}}]}}'
RESULTS_TYPE = "application/sparql-results+json"
DEEP_JSON = b"[" * 100_000


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_any(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.faulty.requests.append((self.command, self.path, self.headers))
        path, _, argument = self.path.lstrip("/").partition("/")
        with suppress(OSError):  # the client may have closed the connection
            getattr(self, path.partition("?")[0].replace("-", "_"))(argument)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 (named by the standard library)

    def answer(self, status: int, media_type: str, content: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(length or len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def valid(self, _: str) -> None:
        self.answer(200, RESULTS_TYPE, RESULTS)

    def missing(self, _: str) -> None:
        self.answer(404, "text/html", b"<h1>Not here</h1>")

    def failing(self, _: str) -> None:
        self.answer(500, "text/plain", b"Traceback: secret")

    def rejecting(self, _: str) -> None:
        self.answer(400, "text/plain", b"\nParse error: 'x' at line 1\nTraceback")

    def unauthorized(self, _: str) -> None:
        self.answer(401, "text/plain", b"who are you?")

    def no_head(self, _: str) -> None:
        self.answer(405 if self.command == "HEAD" else 200, "text/plain", b"yes")

    def busy(self, retry_after: str) -> None:
        headers = {"Retry_After": retry_after.replace("%20", " ")} if retry_after else {}
        self.answer(503, "text/plain", b"later", **headers)

    def busy_at_first(self, retry_after: str) -> None:
        if len(self.server.faulty.requests) == 1:
            self.busy(retry_after)
        else:
            self.valid("")

    def gateway(self, _: str) -> None:
        self.answer(504, "text/plain", b"timeout", Retry_After="0")

    def html(self, _: str) -> None:
        self.answer(200, "text/html", b"\n<!doctype html>\n<title>Log in</title>")

    def other_json(self, _: str) -> None:
        self.answer(200, "application/json", b'{"ok": true}')

    def list_json(self, _: str) -> None:
        self.answer(200, "application/json", b"[1, 2]")

    def deep_json(self, _: str) -> None:
        self.answer(200, "application/json", DEEP_JSON)

    def truncated_json(self, _: str) -> None:
        self.answer(200, RESULTS_TYPE, RESULTS[:50])

    def truncated(self, _: str) -> None:
        self.answer(200, RESULTS_TYPE, RESULTS[:50], len(RESULTS))
        self.close_connection = True

    def gzipped(self, _: str) -> None:
        half = len(RESULTS) // 2  # a stream of two members
        members = gzip.compress(RESULTS[:half]) + gzip.compress(RESULTS[half:])
        self.answer(200, RESULTS_TYPE, members, Content_Encoding="gzip")

    def not_gzipped(self, status: str) -> None:
        self.answer(int(status or 200), RESULTS_TYPE, RESULTS, Content_Encoding="gzip")

    def truncated_gzip(self, _: str) -> None:
        self.answer(200, RESULTS_TYPE, gzip.compress(RESULTS)[:-10], Content_Encoding="gzip")

    def other_coding(self, _: str) -> None:
        self.answer(200, RESULTS_TYPE, RESULTS, Content_Encoding="br")

    def gzip_bomb(self, status: str) -> None:
        """Ten megabytes that come as ten kilobytes."""
        compressor = zlib.compressobj(9, wbits=31)
        content = compressor.compress(bytes(10_000_000)) + compressor.flush()
        self.answer(int(status or 200), RESULTS_TYPE, content, Content_Encoding="gzip")

    def endless(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", RESULTS_TYPE)
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(b" " * 10_000)

    def endless_headers(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.wfile.write(b"X: " + b"x" * 1000 + b"\r\n")

    def redirect(self, location: str) -> None:
        self.answer(302, "text/plain", b"", Location=location)

    def redirect_for_good(self, location: str) -> None:
        self.answer(308, "text/plain", b"", Location=location)

    def loop(self, _: str) -> None:
        self.answer(302, "text/plain", b"", Location="/loop")

    def silent(self, _: str) -> None:
        time.sleep(3)
        self.close_connection = True

    def dripping(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", RESULTS_TYPE)
        self.send_header("Content-Length", str(len(RESULTS)))
        self.end_headers()
        self._drip(RESULTS)

    def dripping_headers(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        self._drip(RESULTS)

    def _drip(self, content: bytes) -> None:
        for byte in content:
            self.wfile.write(bytes([byte]))
            time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    faulty: FaultyServer


@dataclass
class FaultyServer:
    """The server's URL, and its requests: method, path and headers, by names in any case."""

    url: str
    requests: list[tuple[str, str, Message]] = field(default_factory=list)


@contextmanager
def faulty_server() -> Iterator[FaultyServer]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.faulty = FaultyServer(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.faulty
        server.shutdown()
