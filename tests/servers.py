"""Real servers for the tests, each on a free port of loopback, gone when the test is over."""

from __future__ import annotations

import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

OXIGRAPH = Path(sys.executable).with_name("oxigraph")
VIRTUOSO = "virtuoso-t"
PATIENCE = 60  # seconds a server may take to answer for the first time

_INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
DirsAllowed = {folder}
NumberOfBuffers = 10000
MaxDirtyBuffers = 7500
[HTTPServer]
ServerPort = 127.0.0.1:{web}
ServerRoot = {folder}/www
ServerThreads = 5
[SPARQL]
ResultSetMaxRows = 1000000
"""


@dataclass(frozen=True)
class Server:
    """A store that answers: where it is, and the process that must be killed to stop it."""

    kind: str
    address: str
    query: str
    process: subprocess.Popen[bytes]
    sql: int = 0  # Virtuoso's other port, that of isql


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], address: str, largest_file: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """The command's process, once `address` answers; killed at the end."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # an error to who writes, and not the end of it

    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        restore_signals=not largest_file,
        preexec_fn=limit if largest_file else None,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(address):
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{command[0]}: no answer in {PATIENCE} s"
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5):
            return True
    except (URLError, OSError):
        return False


@contextmanager
def oxigraph(*options: str, largest_file: int = 0) -> Iterator[Server]:
    """An empty Oxigraph server; in memory, unless the options give a location. It may limit the bytes of its files."""
    address = f"http://127.0.0.1:{free_port()}"
    command = [str(OXIGRAPH), "serve", "--bind", address.removeprefix("http://"), "--union-default-graph", *options]
    with running(command, address, largest_file) as process:
        yield Server("oxigraph", address, f"{address}/query", process)


@contextmanager
def virtuoso(folder: Path) -> Iterator[Server]:
    """A Virtuoso 7 whose files are in `folder`; its administrator is dba, password dba."""
    if not shutil.which(VIRTUOSO):
        pytest.skip("virtuoso-t is absent: make system installs it")
    (folder / "www").mkdir(parents=True, exist_ok=True)
    sql, web = free_port(), free_port()
    settings = folder / "virtuoso.ini"
    settings.write_text(_INI.format(folder=folder, sql=sql, web=web))
    (folder / "virtuoso.lck").unlink(missing_ok=True)
    address = f"http://127.0.0.1:{web}"
    with running([VIRTUOSO, "+configfile", str(settings), "+foreground"], f"{address}/sparql") as process:
        yield Server("virtuoso", address, f"{address}/sparql", process, sql)


def put(address: str, content: bytes, media_type: str) -> None:
    """Send `content` to a store, by POST."""
    with urlopen(Request(address, content, {"Content-Type": media_type}), timeout=60) as answer:
        answer.read()


def put_with_digest(server: Server, graph: str, content: bytes) -> None:
    """Replace one graph of Virtuoso's by N-Triples."""
    from urllib.parse import quote
    from urllib.request import HTTPDigestAuthHandler, HTTPPasswordMgrWithDefaultRealm, build_opener

    passwords = HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, server.address, "dba", "dba")
    opener = build_opener(HTTPDigestAuthHandler(passwords))
    address = f"{server.address}/sparql-graph-crud-auth?graph-uri={quote(graph, safe='')}"
    request = Request(address, content, {"Content-Type": "application/n-triples"}, method="PUT")
    with opener.open(request, timeout=60) as answer:
        answer.read()
