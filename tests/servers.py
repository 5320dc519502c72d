"""Real servers for the tests, each on a free port of loopback, stopped when the test is over."""

from __future__ import annotations

import os
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
RDFLIB_ENDPOINT = OXIGRAPH.with_name("rdflib-endpoint")
COMUNICA = ("@comunica/query-sparql@4.5.0", "@comunica/query-sparql-file@4.5.0")
NODE = 20
WRANGLER = "wrangler@4.86.0"
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
ResultSetMaxRows = {rows}
"""


@dataclass(frozen=True)
class Server:
    """A running store: its URLs, and its process."""

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
def running(
    command: list[str], address: str, largest_file: int = 0, patience: int = PATIENCE
) -> Iterator[subprocess.Popen[bytes]]:
    """Yield the command's process once `address` answers; kill it at the end."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing fails, instead of ending the process

    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        restore_signals=not largest_file,
        preexec_fn=limit if largest_file else None,
    )
    try:
        deadline = time.monotonic() + patience
        while not _answers(address):
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{command[0]}: no answer in {patience} s"
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
    """Yield an empty Oxigraph server, in memory unless the options give a location; `largest_file` limits its files, in bytes."""
    address = f"http://127.0.0.1:{free_port()}"
    command = [str(OXIGRAPH), "serve", "--bind", address.removeprefix("http://"), "--union-default-graph", *options]
    with running(command, address, largest_file) as process:
        yield Server("oxigraph", address, f"{address}/query", process)


@contextmanager
def rdflib_endpoint(file: Path) -> Iterator[str]:
    """Yield the URL where rdflib-endpoint answers SPARQL from rdflib's own store, loaded from a file."""
    address = f"http://127.0.0.1:{free_port()}"
    command = [str(RDFLIB_ENDPOINT), "serve", "--host", "127.0.0.1", "--port", address.rpartition(":")[2], str(file)]
    with running(command, f"{address}/?query=ASK%7B%7D"):
        yield f"{address}/"


def install(folder: Path, *packages: str) -> None:
    """Install npm packages into a folder; skip the test where npm or Node `NODE` is missing."""
    if not shutil.which("npm"):
        pytest.skip("npm is absent: make system installs it")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < NODE:
        pytest.skip(f"Node {NODE} or later runs {packages[0]}, this is {version}")
    command = ["npm", "install", "--no-audit", "--no-fund", *packages]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        reason = (run.stderr.strip() or "no reason given").splitlines()[0]
        pytest.skip(f"npm cannot install {packages[0]}: {reason}")


@contextmanager
def comunica(folder: Path, program: str, *words: str) -> Iterator[str]:
    """Yield the URL where one of Comunica's programs, installed in a folder, answers SPARQL."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/sparql"
    with running([str(folder / "node_modules/.bin" / program), "-p", str(port), *words], f"{address}?query=ASK%7B%7D"):
        yield address


@contextmanager
def virtuoso(folder: Path, rows: int = 10_000) -> Iterator[Server]:
    """Yield a Virtuoso 7 with its files in `folder`; its administrator is dba, password dba.

    It returns at most `rows` rows or triples, by default as many as Debian's, without saying so.
    """
    if not shutil.which(VIRTUOSO):
        pytest.skip("virtuoso-t is absent: make system installs it")
    (folder / "www").mkdir(parents=True, exist_ok=True)
    sql, web = free_port(), free_port()
    settings = folder / "virtuoso.ini"
    settings.write_text(_INI.format(folder=folder, sql=sql, web=web, rows=rows))
    (folder / "virtuoso.lck").unlink(missing_ok=True)
    address = f"http://127.0.0.1:{web}"
    with running([VIRTUOSO, "+configfile", str(settings), "+foreground"], f"{address}/sparql") as process:
        yield Server("virtuoso", address, f"{address}/sparql", process, sql)


def put(address: str, content: bytes, media_type: str) -> None:
    """Send `content` to a store by POST."""
    with urlopen(Request(address, content, {"Content-Type": media_type}), timeout=600) as answer:
        answer.read()


def put_with_digest(server: Server, graph: str, content: bytes) -> None:
    """Replace one graph in Virtuoso by N-Triples."""
    from urllib.parse import quote
    from urllib.request import HTTPDigestAuthHandler, HTTPPasswordMgrWithDefaultRealm, build_opener

    passwords = HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, server.address, "dba", "dba")
    opener = build_opener(HTTPDigestAuthHandler(passwords))
    address = f"{server.address}/sparql-graph-crud-auth?graph-uri={quote(graph, safe='')}"
    request = Request(address, content, {"Content-Type": "application/n-triples"}, method="PUT")
    with opener.open(request, timeout=60) as answer:
        answer.read()


_APACHE = """
ServerRoot /usr/lib/apache2
PidFile {folder}/pid
ErrorLog {folder}/log
Listen 127.0.0.1:{port}
ServerName localhost
User www-data
Group www-data
TypesConfig /etc/mime.types
{modules}
DocumentRoot {root}
<Directory {root}>
  AllowOverride All
  Require all granted
</Directory>
"""
_NGINX = """
{modules}
pid {folder}/pid;
error_log {folder}/log;
daemon off;
events {{ }}
http {{
  access_log off;
  server {{
    listen 127.0.0.1:{port};
    root {root};
    js_import whereas from {root}/hosting/nginx.js;
    include {root}/hosting/nginx.conf;
    brotli on;
    brotli_static on;
    brotli_types *;
  }}
}}
"""
_CADDY = """
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  root * {root}
  import {root}/hosting/Caddyfile
}}
"""
_MODULES = (
    "mpm_event",
    "authz_core",
    "mime",
    "dir",
    "headers",
    "rewrite",
    "filter",
    "deflate",
    "brotli",
    "negotiation",
)


@contextmanager
def apache(folder: Path, root: Path) -> Iterator[str]:
    """Yield the URL of an Apache 2.4 that serves `root` by the rules in its `.htaccess`; its own files are in `folder`."""
    if not shutil.which("apache2"):
        pytest.skip("apache2 is absent: make system installs it")
    modules = "\n".join(f"LoadModule {name}_module modules/mod_{name}.so" for name in _MODULES)
    yield from _serve(["apache2", "-D", "FOREGROUND", "-f"], _APACHE, modules, folder, root)


@contextmanager
def nginx(folder: Path, root: Path) -> Iterator[str]:
    """Yield the URL of an nginx that serves `root` by the rules in its `hosting/`; its own files are in `folder`."""
    names = [
        Path(f"/usr/lib/nginx/modules/ngx_http_{name}_module.so") for name in ("js", "brotli_filter", "brotli_static")
    ]
    if not shutil.which("nginx") or not all(name.exists() for name in names):
        pytest.skip("nginx, its njs or its brotli modules are absent: make system installs them")
    modules = "\n".join(f"load_module {name};" for name in names)
    yield from _serve(["nginx", "-p", str(folder), "-c"], _NGINX, modules, folder, root)


@contextmanager
def caddy(folder: Path, root: Path) -> Iterator[str]:
    """Yield the URL of a Caddy that serves `root` by the rules in its `hosting/`; its own files are in `folder`."""
    if not shutil.which("caddy"):
        pytest.skip("caddy is absent: make system installs it")
    variables = [f"XDG_CONFIG_HOME={folder}", f"XDG_DATA_HOME={folder}"]
    command = ["env", *variables, "caddy", "run", "--adapter", "caddyfile", "--config"]
    yield from _serve(command, _CADDY, "", folder, root)


@contextmanager
def cloudflare(folder: Path, root: Path) -> Iterator[str]:
    """Yield the URL of Cloudflare Pages' own local server, which serves `root`; it is installed in `folder` from npm."""
    folder.mkdir()
    install(folder, WRANGLER)
    port = free_port()
    environment = ["env", "-C", str(folder), f"XDG_CONFIG_HOME={folder}", "WRANGLER_SEND_METRICS=false", "CI=1"]
    command = ["node_modules/.bin/wrangler", "pages", "dev", str(root), "--ip", "127.0.0.1", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with running([*environment, *command, "--compatibility-date", "2026-01-01"], f"{address}/robots.txt") as process:
        yield address
        process.send_signal(signal.SIGINT)  # it ends its own child process then
        process.wait(10)


def _serve(command: list[str], settings: str, modules: str, folder: Path, root: Path) -> Iterator[str]:
    folder.mkdir()
    port = free_port()
    config = folder / "server.conf"
    config.write_text(settings.format(folder=folder, root=root, port=port, modules=modules))
    for above in (root, *root.parents):
        if above.stat().st_uid == os.getuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o055)  # the server runs as another user
    address = f"http://127.0.0.1:{port}"
    with running([*command, str(config)], f"{address}/") as process:
        yield address
        process.terminate()
        process.wait(10)
