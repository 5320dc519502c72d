"""Connections: malformed, oversized and slow requests."""

import asyncio
import socket

import pytest
import uvicorn

from whereas.server.connection import Connection


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        (
            f"GET /sparql?query={'x' * 65_536} HTTP/1.1\r\nHost: a\r\n\r\n",
            414,
            "URL too long: expected at most 65,535 bytes; send the query by POST",
        ),
        ("nonsense\r\n\r\n", 400, "malformed HTTP request"),
    ],
)
def test_malformed_request_is_refused_with_the_usual_headers(server, sent, status, message):
    reply = exchange(server.port, sent.encode())
    assert reply.startswith(f"HTTP/1.1 {status} ")
    assert "\r\nX-Content-Type-Options: nosniff\r\n" in reply
    assert message in reply


def exchange(port, sent):
    """Return what a server sends until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nASK"]
)
def test_incomplete_request_times_out(monkeypatch, sent):
    monkeypatch.setattr("whereas.server.connection.REQUEST_TIMEOUT", 0.2)

    async def run():
        async def app(scope, receive, send):
            while (await receive())["type"] != "http.disconnect":
                pass

        uvicorn_server = uvicorn.Server(uvicorn.Config(app, port=0, http=Connection, lifespan="off", log_config=None))
        serving = asyncio.create_task(uvicorn_server.serve())
        while not uvicorn_server.started:
            await asyncio.sleep(0.01)
        port = uvicorn_server.servers[0].sockets[0].getsockname()[1]
        reply = await asyncio.to_thread(exchange, port, sent)
        uvicorn_server.should_exit = True
        await serving
        return reply

    assert asyncio.run(run()).startswith("HTTP/1.1 408 Request Timeout\r\n")
