"""A project and a Wikidata endpoint for the tests of links: helpers, and a proxy that fails on demand."""

import socket
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from click.testing import CliRunner
from sssom.parsers import parse_sssom_table
from sssom.validators import validate

from whereas.cache import Cache
from whereas.cli.main import main
from whereas.http.response_cache import ResponseCache
from whereas.linking.item_sources import Endpoint

ROOT = Path(__file__).parents[1]
ITEMS = ROOT / "tests/linking/wikidata/items.ttl"
EDITOR = "ent:redaction-whereas"


class Proxy(ThreadingHTTPServer):
    """Forwards requests to the store, after the planned faults, one a request; records user agents."""

    daemon_threads = True

    def __init__(self, store: str) -> None:
        super().__init__(("127.0.0.1", 0), ProxyHandler)
        self.store = store
        self.faults: list[str] = []
        self.agents: list[str] = []
        self.open_requests = self.most_open_requests = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/query"


class ProxyHandler(BaseHTTPRequestHandler):
    server: Proxy

    def log_message(self, *arguments: object) -> None:
        pass

    def do_POST(self) -> None:
        self.server.open_requests += 1
        self.server.most_open_requests = max(self.server.open_requests, self.server.most_open_requests)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.agents.append(self.headers["User-Agent"])
        self.answer(self.server.faults.pop(0) if self.server.faults else "", body)

    def answer(self, fault: str, body: bytes) -> None:
        if fault in ("drop", "hang"):
            self.server.open_requests -= 1
        if fault == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "hang":
            time.sleep(3)
        elif fault[:3] in ("429", "502", "503", "504"):
            status, _, wait = fault.partition(" ")
            self.send(int(status), b"busy", {"Retry-After": wait} if wait else {})
        elif fault == "other":
            self.send(200, b'{"head": {"vars": ["x"]}, "results": {"bindings": []}}', {})
        elif fault == "html":
            self.send(200, b"<!DOCTYPE html>\n<html>maintenance</html>", {"Content-Type": "text/html"})
        else:
            headers = {k: v for k, v in self.headers.items() if k in ("Accept", "Content-Type")}
            try:
                with urlopen(Request(self.server.store, body, headers)) as response:
                    content, kind = response.read(), response.headers["Content-Type"]
            except HTTPError as problem:
                self.send(problem.code, problem.read(), {})
                return
            if fault == "truncated":
                content = content[: len(content) // 2]
            self.send(200, content, {"Content-Type": kind})

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.server.open_requests -= 1  # before the client can read the response and send the next request
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def run_link(project: Path, *words: str, code: int = 0, stdin: str = "") -> str:
    """Run `whereas link`; return its output."""
    verb, *rest = words
    result = CliRunner().invoke(main, ["link", verb, "-C", str(project), *rest], input=stdin, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def links_text(project: Path) -> str:
    return (project / "data/links/wikidata.sssom.tsv").read_text("utf-8")


def link_rows(project: Path, name: str) -> list[dict[str, str]]:
    heading, *lines = (line.split("\t") for line in links_text(project).splitlines() if not line.startswith("#"))
    return [row for cells in lines if (row := dict(zip(heading, cells, strict=True)))["subject_id"] == name]


def is_sssom(path: Path) -> bool:
    return not any(report.results for report in validate(parse_sssom_table(path)).values())


def remove_links(project: Path, name: str) -> None:
    """Remove the links of one entity to Wikidata."""
    path = project / "data/links/wikidata.sssom.tsv"
    path.write_text("".join(line for line in links_text(project).splitlines(True) if not line.startswith(f"{name}\t")))


def replace_in_links(project: Path, old: str, new: str) -> int:
    """Replace `old` in the first row that contains it; return its line number."""
    path = project / "data/links/wikidata.sssom.tsv"
    lines = links_text(project).splitlines(True)
    index = next(n for n, line in enumerate(lines) if old in line)
    lines[index] = lines[index].replace(old, new)
    path.write_text("".join(lines), "utf-8")
    return index + 1


def endpoint(address: str, folder: Path, offline: bool = False) -> Endpoint:
    return Endpoint(
        address, ("en", "fr", "zh", "ug"), ResponseCache(Cache(folder / "answers"), offline), "mail@example.org"
    )


def age_responses(project: Path, days: int) -> str:
    """Make cached responses so many days older; return their date."""
    day = datetime.now(UTC) - timedelta(days=days)
    cache = Cache(project / ".whereas/answers")
    for name, (key, value) in cache.all("answer").items():
        cache.put("answer", name, key, day.isoformat().encode() + b"\n" + value.partition(b"\n")[2])
    cache.commit()
    return day.date().isoformat()
