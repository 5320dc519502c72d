"""`whereas serve` and `whereas get`: the server on a port of this machine, or for one request without a port."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import webbrowser
from pathlib import Path

import httpx
import uvicorn
import uvloop

from whereas.errors import ArgumentError
from whereas.i18n import Message, reader_language
from whereas.project.project import Project
from whereas.server.app import Server
from whereas.server.connection import Connection
from whereas.server.reload import (
    Say,
    follow_releases,
    make_snapshot,
    rebuild_on_change,
    run_in_daemon_thread,
)
from whereas.server.sparql.limits import Limits

MAX_CONNECTIONS = 900  # at a time; a process may have some 1,000 files open
BACKLOG = 2048  # connections that wait to be accepted


async def get(folder: Path, path: str, accept: str = "") -> httpx.Response:
    """Return the response to one request for `path`, with its query string, answered without a port."""
    headers = {"Accept-Language": reader_language(), **({"Accept": accept} if accept else {})}
    try:
        request = httpx.Request("GET", f"http://localhost/{path.removeprefix('/')}", headers=headers)
    except httpx.InvalidURL as error:
        raise ArgumentError(Message("path: not valid in a URL: {error}", error=error)) from None
    limits = Limits()
    snapshot = make_snapshot(folder, limits)
    server = Server(snapshot)
    try:
        await snapshot.open()
        # The transport alone: a client would add headers of its own.
        response = await httpx.ASGITransport(server).handle_async_request(request)
        await response.aread()
        return response
    finally:
        await server.close()


def serve(project: Project, host: str, port: int, limits: Limits, *, reload: bool, browse: bool, say: Say) -> None:
    """Serve until interrupted; requests in progress are answered before the end."""
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.INFO)
    for library in ("uvicorn", "watchfiles"):
        logging.getLogger(library).setLevel(logging.WARNING)
    _delete_stale_snapshots(project.cache_dir)
    with _listen(host, port) as listener:
        uvloop.run(_serve(project, host, listener, limits, reload, browse, say))


def _listen(host: str, port: int) -> socket.socket:
    """Listen on a port of this machine. Raise `ArgumentError` when that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ArgumentError(Message("{host}:{port}: cannot listen: {why}", host=host, port=port, why=why)) from None
    # Connections inherit this; without it, a response's second packet waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _delete_stale_snapshots(cache_dir: Path) -> None:
    """Delete the snapshots of server processes that ended without doing so."""
    for folder in cache_dir.glob("served-*"):
        try:
            os.kill(int(folder.name.split("-")[1]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            pass


async def _serve(
    project: Project, host: str, listener: socket.socket, limits: Limits, reload: bool, browse: bool, say: Say
) -> None:
    snapshot = await run_in_daemon_thread(lambda: make_snapshot(project.root, limits))
    server = Server(snapshot)
    config = uvicorn.Config(
        server,
        http=Connection,
        limit_concurrency=MAX_CONNECTIONS,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=limits.time + 1,
    )
    tasks: list[asyncio.Task[None]] = []
    try:
        await snapshot.open()
        address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/"
        say("serving {name} at {address} (Ctrl-C stops)", name=project.root.name, address=address)
        if browse:
            webbrowser.open(address)
        tasks.append(asyncio.create_task(follow_releases(project, limits, server)))
        if reload:
            tasks.append(asyncio.create_task(rebuild_on_change(project, server, say)))
        # Uvicorn shuts down gracefully on these, then raises them again: that must not cut short what follows.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        await _UvicornServer(config).serve(sockets=[listener])
    finally:
        for task in tasks:
            task.cancel()
        for process in multiprocessing.active_children():  # of a build whose result is no longer needed
            process.kill()
        await server.close()


class _UvicornServer(uvicorn.Server):
    """Shut down gracefully: finish the queries that run, refuse those that wait."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        server = self.config.app
        assert isinstance(server, Server)
        server.refuse_queries()
        await super().shutdown(sockets)
