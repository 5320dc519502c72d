"""A client's connection: a request that is malformed, too slow or too long is refused with the usual headers."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from whereas.http.policy import SAFE

MAX_URL = 65_535  # bytes that the parser of requests reads
REQUEST_TIMEOUT = 30  # seconds in which a whole request must arrive


class Connection(HttpToolsProtocol):
    """Uvicorn's connection, with a deadline for each request and with error responses like the application's."""

    url = b""
    deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        self._start_deadline()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._start_deadline()

    def on_message_complete(self) -> None:
        self._cancel_deadline()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser cannot read: a malformed request, or one with too long a URL."""
        if len(self.url) > MAX_URL:
            self._refuse(414, f"URL too long: expected at most {MAX_URL:,} bytes; send the query by POST")
        else:
            self._refuse(400, "malformed HTTP request")

    def _start_deadline(self) -> None:
        self._cancel_deadline()
        self.deadline = self.loop.call_later(REQUEST_TIMEOUT, self._time_out)

    def _cancel_deadline(self) -> None:
        if self.deadline:
            self.deadline.cancel()

    def _time_out(self) -> None:
        if self.cycle and self.cycle.response_started:  # it was refused before it was complete
            self.transport.close()
        else:
            self._refuse(408, f"request timeout: incomplete after {REQUEST_TIMEOUT} s")

    def _refuse(self, status: int, message: str) -> None:
        content = f"{message}\n".encode()
        headers = {
            **SAFE,
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(content)),
            "Connection": "close",
        }
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + content)
        self.transport.close()
