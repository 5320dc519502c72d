"""`whereas serve`: the server on a port of this machine, and what makes it answer from a newer release."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import quote, unquote

import uvicorn
import uvloop
import watchfiles
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from whereas.cache import project_lock
from whereas.errors import ArgumentError, WhereasError
from whereas.http.policy import SAFE
from whereas.i18n import Message, gettext, reader_language
from whereas.project.project import Project, read_project
from whereas.release.build import Release, write_release
from whereas.server.app import Server
from whereas.server.snapshot import Snapshot
from whereas.server.sparql.limits import Limits
from whereas.validation.check import check
from whereas.validation.checked_project import CheckedProject
from whereas.validation.reports import FORMATS

MATERIAL = ("data", "ontology", "shapes", "queries")
MOST_URL = 65_535  # bytes that the parser of requests reads
MOST_CONNECTIONS = 900  # at a time; a process may have some 1,000 files open
REQUEST_WITHIN = 30  # seconds in which a whole request must come
LOOK_EVERY = 1.0  # seconds between two looks at the release

Said = Callable[..., None]
Made = TypeVar("Made")


def make_snapshot(folder: Path, limits: Limits) -> Snapshot:
    """The project in `folder`, checked and released, as an edition that is not open yet.

    Raises `WhereasError` when it has violations.
    """
    project = read_project(folder)
    with project_lock(project.cache_dir):
        checked = check(project)
        if not checked.report.conforms:
            raise WhereasError(FORMATS["text"](checked.report.findings, "en"))
        return Snapshot(checked, _released(checked), limits)


def _released(checked: CheckedProject) -> Release:
    """`public/` brought up to date: with the website where it has one, for pages are rendered when they are asked for."""
    return write_release(checked, pages=(checked.project.public / "index.html").is_file())


async def answer(folder: Path, path: str, accept: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content of one request for `path`, answered without a port."""
    limits = Limits()
    edition = make_snapshot(folder, limits)
    await edition.open()
    server = Server(edition, limits)
    bare, _, query = path.partition("#")[0].partition("?")
    told: list[dict[str, object]] = []
    asked = iter([True])

    async def receive() -> dict[str, object]:
        if not next(asked, False):
            await asyncio.Event().wait()  # this client does not go
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        told.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/{unquote(bare).removeprefix('/')}",
        "query_string": quote(query, safe="%&=+:/?@;,!$'()*").encode(),
        "headers": [
            (b"accept-language", reader_language().encode()),
            *([(b"accept", accept.encode())] if accept else []),
        ],
    }
    try:
        await server(scope, receive, send)
    finally:
        await server.close()
    status, headers, content = told[0]["status"], told[0]["headers"], told[1]["body"]
    assert isinstance(status, int) and isinstance(headers, list) and isinstance(content, bytes)
    return status, {name.decode(): value.decode() for name, value in headers}, content


def serve(project: Project, host: str, port: int, limits: Limits, *, reload: bool, browse: bool, say: Said) -> None:
    """Serve until interrupted; requests under way are answered before the end."""
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.INFO)
    for library in ("uvicorn", "watchfiles"):
        logging.getLogger(library).setLevel(logging.WARNING)
    _sweep(project.cache_dir)
    with _bound(host, port) as listening:
        uvloop.run(_serve(project, host, listening, limits, reload, browse, say))


def _bound(host: str, port: int) -> socket.socket:
    """A port of this machine, taken. Raises `ArgumentError` when it cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        taken = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as problem:
        why = os.strerror(problem.errno or 0)
        raise ArgumentError(
            Message("{host}:{port}: cannot listen there: {why}", host=host, port=port, why=why)
        ) from None
    # What it accepts inherits this; without it, an answer's second packet waits 40 ms for an acknowledgement.
    taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return taken


def _sweep(cache_dir: Path) -> None:
    """Take away the editions of servers that are no more."""
    for folder in cache_dir.glob("served-*"):
        try:
            os.kill(int(folder.name.split("-")[1]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            pass


async def _serve(
    project: Project, host: str, port: socket.socket, limits: Limits, reload: bool, browse: bool, say: Said
) -> None:
    edition = await _aside(lambda: make_snapshot(project.root, limits))
    config = uvicorn.Config(
        server := Server(edition, limits),
        http=Connection,
        limit_concurrency=MOST_CONNECTIONS,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=limits.time + 1,
    )
    running = _Running(config)
    tasks: list[asyncio.Task[None]] = []
    try:
        await edition.open()
        address = f"http://{f'[{host}]' if ':' in host else host}:{port.getsockname()[1]}/"
        say("serving {name} at {address} (Ctrl-C stops)", name=project.root.name, address=address)
        if browse:
            webbrowser.open(address)
        tasks.append(asyncio.create_task(_follow(project, limits, server)))
        if reload:
            tasks.append(asyncio.create_task(_rebuild(project, server, say)))
        # uvicorn ends gracefully on these, then raises them again: that must not cut short what follows.
        for told in (signal.SIGINT, signal.SIGTERM):
            signal.signal(told, lambda *_: None)
        await running.serve(sockets=[port])
    finally:
        for task in tasks:
            task.cancel()
        for process in multiprocessing.active_children():  # of a build that nobody waits for
            process.kill()
        await server.close()


class Connection(HttpToolsProtocol):
    """A client's connection: a request that takes too long to come, or cannot be read, is refused as others are."""

    url = b""
    deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        self._await()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await()

    def on_message_complete(self) -> None:
        self._await_no_more()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._await_no_more()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Says that what came is no request, or has too long an address."""
        if len(self.url) > MOST_URL:
            self._refuse(414, f"the address has more than {MOST_URL:,} bytes: send it by POST")
        else:
            self._refuse(400, "this is no request in HTTP/1.1")

    def _await(self) -> None:
        self._await_no_more()
        self.deadline = self.loop.call_later(REQUEST_WITHIN, self._let_go)

    def _await_no_more(self) -> None:
        if self.deadline:
            self.deadline.cancel()

    def _let_go(self) -> None:
        if self.cycle and self.cycle.response_started:  # it was refused before it was whole
            self.transport.close()
        else:
            self._refuse(408, f"no whole request came in {REQUEST_WITHIN} seconds")

    def _refuse(self, status: int, told: str) -> None:
        content = f"{told}\n".encode()
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


class _Running(uvicorn.Server):
    """Ends gracefully: what is being answered is answered, what waits is told to come again."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        server = self.config.app
        assert isinstance(server, Server)
        server.refuse()
        await super().shutdown(sockets)


async def _aside(work: Callable[[], Made]) -> Made:
    """What the work gives, done in a thread that nobody waits for when the server ends."""
    loop = asyncio.get_running_loop()
    made: asyncio.Future[Made] = loop.create_future()

    def settle(tell: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the server has ended
            loop.call_soon_threadsafe(lambda: None if made.done() else tell())

    def run() -> None:
        try:
            result = work()
        except BaseException as problem:
            settle(partial(made.set_exception, problem))
        else:
            settle(partial(made.set_result, result))

    threading.Thread(target=run, daemon=True).start()
    return await made


def _release(project: Project) -> tuple[int, int]:
    """Changes with every release."""
    try:
        told = (project.public / "SHA256SUMS").stat()
    except OSError:
        return 0, 0
    return told.st_mtime_ns, told.st_ino


async def _follow(project: Project, limits: Limits, server: Server) -> None:
    """Answer from each new release, whoever made it."""
    last = _release(project)
    while True:
        await asyncio.sleep(LOOK_EVERY)
        found = _release(project)
        if found not in (last, (0, 0)):
            last = found
            await _tried(lambda: _replace(project, limits, server))
            last = _release(project)


async def _replace(project: Project, limits: Limits, server: Server) -> None:
    edition = await _aside(lambda: make_snapshot(project.root, limits))
    await edition.open()
    await server.replace(edition)


async def _rebuild(project: Project, server: Server, say: Said) -> None:
    """Build anew whenever the material changes; what is wrong with it is shown in every page."""
    own = Path(__file__).parents[1] / "site"
    watched = [project.root / name for name in (*MATERIAL, "pyproject.toml")]
    async for _ in watchfiles.awatch(*(path for path in (*watched, own) if path.exists())):
        server.notice = await _aside(lambda: _build(project.root))
        say("{notice}", notice=server.notice or gettext("rebuilt"))


def _build(folder: Path) -> str:
    """Empty when the project was built, else what is wrong with it."""
    try:
        project = read_project(folder)
        with project_lock(project.cache_dir):
            checked = check(project)
            if checked.report.conforms:
                _released(checked)
                return ""
        return FORMATS["text"](checked.report.findings, "en")
    except WhereasError as problem:
        return str(problem)


async def _tried(work: Callable[[], Awaitable[None]]) -> None:
    """Do it; when the project is broken, say so and go on with what there is."""
    try:
        await work()
    except WhereasError as problem:
        logging.getLogger("whereas.errors").error("the new release is not served: %s", problem)
