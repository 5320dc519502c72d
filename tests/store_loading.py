"""Loads into real stores, for the tests of `whereas load`."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

import whereas
from servers import Server
from whereas.rdf.serialization import as_kept
from whereas.rdf.terms import nquads
from whereas.stores.config import StoreConfig
from whereas.stores.loader import Loader
from whereas.stores.store import Store

WHEREAS = Path(sys.executable).with_name("whereas")
BASE = "https://w3id.org/whereas/"
OTHERS = "https://example.org/others"  # a graph of another project
PASSWORD = "dba"
_PATHS = {"oxigraph": ("/update", "/store"), "virtuoso": ("/sparql-auth", "/sparql-graph-crud-auth")}


def store_config(server: Server) -> StoreConfig:
    """Return the configuration of a server as the store called `here`."""
    user = "dba" if server.kind == "virtuoso" else ""
    update, graphs = (server.address + path for path in _PATHS[server.kind])
    return StoreConfig("here", server.kind, server.query, update, graphs, user, PASSWORD if user else "")


def oxigraph_config(url: str) -> StoreConfig:
    """Return the configuration of an Oxigraph server at `url` as the store called `here`."""
    return StoreConfig("here", "oxigraph", f"{url}/query", f"{url}/update", f"{url}/store")


def project_graphs(store: Store) -> list[str]:
    """Return the IRIs of the project's graphs in a store."""
    result = store.select(f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), '{BASE}')) }}")
    return [row[0].value for row in result.rows]


def empty(server: Server, keep: int = 0) -> None:
    """Drop the project's graphs but the first `keep`; the store then holds a graph of another project."""
    with Store(store_config(server)) as store:
        for graph in project_graphs(store)[keep:]:
            store.drop(graph)
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")


def add_store(project: Path, server: Server) -> None:
    """Add the server to the project's settings as the store called `here`."""
    user = 'user = "dba"\n' if server.kind == "virtuoso" else ""
    settings = project / "pyproject.toml"
    settings.write_text(f'{settings.read_text()}\n[tool.whereas.stores.here]\nurl = "{server.address}"\n{user}')


def load_command(project: Path, *options: str) -> list[str]:
    return [str(WHEREAS), "load", "here", "-C", str(project), *options]


def environment(**variables: str) -> dict[str, str]:
    return {**os.environ, "LANG": "C.UTF-8", "WHEREAS_HERE_PASSWORD": PASSWORD, **variables}


def run_load(project: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `whereas load here`."""
    run = subprocess.run(
        load_command(project, *options), env=environment(**variables), capture_output=True, text=True, check=False
    )
    assert "Traceback" not in run.stderr, run.stderr
    return run


def assert_complete(project: Path, server: Server) -> None:
    """Check that the store holds every graph of the project, value for value, and the others as they were."""
    checked = whereas.check(whereas.read_project(project))
    with Store(store_config(server)) as store:
        for summary in checked.summaries:
            ours = as_kept(nquads((s, p, o, "") for s, p, o, _ in checked.quads(summary.name)))
            theirs = as_kept(store.triples(f"{BASE}graph/{summary.name}", len(ours)))
            assert theirs == ours, summary.name
        assert store.triples(OTHERS).decode().split() == ["<urn:a>", "<urn:b>", "<urn:c>", "."]
        assert not Loader(checked, store).plan().send


def edit(project: Path) -> None:
    """Change two labels in one document."""
    path = project / "data/2026-11-24-follow-up-note/document.yaml"
    text = path.read_text("utf-8")
    assert "Members voted by show of hands." in text
    path.write_text(text.replace("Members voted by show of hands.", "Members raised their hands."), "utf-8")


class FaultyHandler(BaseHTTPRequestHandler):
    """Forwards each request to a server, unless a fault answers it."""

    protocol_version = "HTTP/1.1"
    server_url: str
    fault: Callable[[FaultyHandler, int], object]
    numbers: Iterator[int]

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.content = self.rfile.read(length)
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                self.content += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        if not type(self).fault(self, next(self.numbers)):
            self.forward()

    do_GET = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815 (named by the standard library)

    def forward(self, silently: bool = False) -> None:
        names = ("content-type", "accept", "authorization")
        headers = {name: value for name, value in self.headers.items() if name.lower() in names}
        response = httpx.request(
            self.command, self.server_url + self.path, content=self.content, headers=headers, timeout=60
        )
        if not silently:
            names = ("content-type", "www-authenticate")
            self.answer(
                response.status_code,
                response.content,
                **{name: response.headers[name] for name in names if name in response.headers},
            )

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def cut(self) -> None:
        """Close the connection without a response."""
        self.close_connection = True
        self.connection.shutdown(2)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def faulty_proxy(server: Server, fault: Callable[[FaultyHandler, int], object]) -> Iterator[str]:
    """Yield the URL of a proxy before `server`; `fault(handler, number)` is true for a request that it answered."""

    class Handler(FaultyHandler):
        server_url = server.address
        numbers = iter(range(10_000))

    Handler.fault = fault
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_port}"
        proxy.shutdown()
