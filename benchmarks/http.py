"""Measure resource pages and one query over HTTP: our server, the static site, and other publishers on the same data.

Every server shares the cores with the client. Each page is requested once before it is measured.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import quote, urlsplit

from benchmarks.corpus import write_corpus
from benchmarks.measure import link_project, run, say
from benchmarks.page import Section, goal
from benchmarks.rivals import (
    CONNECTIONS,
    NPM,
    PYPI,
    SECONDS,
    Load,
    Request,
    UnexpectedResponse,
    install,
    load_test,
    shmarql,
    trifid,
)
from browser import whereas_server
from servers import nginx, oxigraph, put, rdflib_endpoint
from whereas.server.sparql.worker import MAX_IN_MEMORY
from whereas.validation.dataset import STORE

SIZES = (100, 10_000)  # invented documents
MOST_FOR_ALL = 1000  # above it, pages are not written, and servers that load everything into memory are left out
RESOURCES = 50  # requested in turn
TIMES = 40  # that the query is sent
FORMS = {"HTML": ("html", "text/html"), "Turtle": ("ttl", "text/turtle")}
ROWS = "application/sparql-results+json"
THINGS = """
SELECT DISTINCT ?thing WHERE { ?thing a ?kind FILTER(STRSTARTS(STR(?thing), "BASE") && !CONTAINS(STR(?thing), "#")) }
ORDER BY SHA256(STR(?thing))
"""  # ordered by digest: mixed kinds, and always the same ones
GROUP_BY = """
PREFIX wa: <https://w3id.org/whereas/ns#>
PREFIX schema: <https://schema.org/>
SELECT ?kind ?speaker (COUNT(DISTINCT ?statement) AS ?statements) (COUNT(DISTINCT ?about) AS ?subjects)
WHERE { ?statement a ?kind ; wa:speaker ?speaker . OPTIONAL { ?statement schema:about ?about } }
GROUP BY ?kind ?speaker
"""


@dataclass(frozen=True)
class Server:
    """A server, the requests for its resource pages, and the address of its endpoint."""

    name: str
    address: str
    pages: dict[str, list[Request]]  # for each of FORMS that it has
    query: str = ""


@dataclass(frozen=True)
class BuiltProject:
    """A project that was built; `is_held` when our server answers queries from memory, not from disk."""

    name: str
    folder: Path
    base: str
    size: int
    is_held: bool


@dataclass(frozen=True)
class Spans:
    """Seconds that a query takes: with a text not sent before, and with the same text again."""

    first: float
    again: float


@dataclass(frozen=True)
class Figures:
    """The figures of a server; None for what it does not serve."""

    pages: dict[str, Load]
    unchanged: Load | None
    query: Spans | None


def measure(sizes: Sequence[int] = SIZES, seconds: int = SECONDS) -> Section | None:
    """Measure every server on the real project and on invented ones; None when npm packages cannot be installed."""
    with TemporaryDirectory(prefix="bench-") as name:
        temporary = Path(name)
        missing = install(temporary)
        if "npm" in missing:
            say(f"http: not measured, {' and '.join(NPM)} cannot be installed: {missing['npm']}")
            return None
        results = {}
        for project in _projects(temporary, sizes):
            with (
                TemporaryDirectory(prefix="bench-") as files,
                _servers(temporary, Path(files), project, missing) as servers,
            ):
                spans = time_query(servers)
                for server in servers:
                    figures = _measure(temporary, server, seconds, spans.get(server.name))
                    results[project, server.name] = figures
                    say(f"{project.name}, {server.name}: {_summary(figures)}")
    return section(results, missing)


def _projects(temporary: Path, sizes: Sequence[int]) -> Iterator[BuiltProject]:
    for size in (0, *sizes):
        name = f"{size:,} invented" if size else "real"
        folder = temporary / name.replace(" ", "-")
        if size:
            write_corpus(folder, size)
        else:
            folder.mkdir()
            link_project(folder)
        say(f"building: {name}")
        run("whereas", "build", "-C", str(folder), *(["--no-pages"] if size > MOST_FOR_ALL else []))
        base = "https://corpus.example/" if size else "https://w3id.org/whereas/"
        stored = sum(path.stat().st_size for path in (folder / ".whereas" / STORE).iterdir())
        yield BuiltProject(name, folder, base, size, stored <= MAX_IN_MEMORY)


@contextmanager
def _servers(temporary: Path, files: Path, project: BuiltProject, missing: dict[str, str]) -> Iterator[list[Server]]:
    public = project.folder / "public"
    with ExitStack() as stack:
        store = stack.enter_context(oxigraph())
        on_disk = stack.enter_context(oxigraph("--location", str(files / "store")))
        for bare in (store, on_disk):
            put(f"{bare.address}/store?no_transaction", (public / "dataset.nq").read_bytes(), "application/n-quads")
        served = stack.enter_context(whereas_server(project.folder, "--setting", "time", "60", patience=900))
        things = [
            row[0].removeprefix(project.base)
            for row in _rows(_query(store.query, THINGS.replace("BASE", project.base)))
        ]
        paths = list(islice((path for path in things if _has_page(served, path)), RESOURCES))
        ours = {form: [Request(f"/{path}.{suffix}") for path in paths] for form, (suffix, _) in FORMS.items()}
        theirs = {form: [Request(f"/{path}", {"Accept": kind}) for path in paths] for form, (_, kind) in FORMS.items()}
        servers = [
            Server("Oxigraph server, in memory", store.address, {}, store.query),
            Server("Oxigraph server, on disk", on_disk.address, {}, on_disk.query),
            Server("`whereas serve`", served, ours, f"{served}/sparql"),
        ]
        for best in (False, True):
            address = stack.enter_context(trifid(temporary, store.query, project.base, best=best))
            servers.append(Server(f"Trifid, {'best' if best else 'default'}", address, theirs, f"{address}/query"))
        if project.size > MOST_FOR_ALL:
            yield servers
            return
        if shutil.which("nginx"):
            servers.append(Server("static site, nginx", stack.enter_context(nginx(files / "nginx", public)), ours))
        if "SHMARQL" not in missing:
            address = stack.enter_context(shmarql(temporary, public / "dataset.ttl", project.base))
            turtle = [
                Request(f"/shmarql/?query={quote(_construct(project.base + path))}", {"Accept": "text/turtle"})
                for path in paths
            ]
            servers.append(Server("SHMARQL", address, {"Turtle": turtle}, f"{address}/sparql"))
        address = stack.enter_context(rdflib_endpoint(public / "dataset.ttl"))
        servers.append(Server("rdflib-endpoint", address, {}, address))
        yield servers


def _has_page(address: str, path: str) -> bool:
    try:
        return all(_get(address, Request(f"/{path}.{suffix}")) for suffix, _ in FORMS.values())
    except UnexpectedResponse:
        return False


def _construct(subject: str) -> str:
    """Return the query that SHMARQL redirects to for a resource in Turtle."""
    return f"CONSTRUCT {{ <{subject}> ?p ?o }} WHERE {{ <{subject}> ?p ?o }}"


# ------------------------------------------------------------------------------- one server


def _measure(temporary: Path, server: Server, seconds: int, query: Spans | None) -> Figures:
    pages = {}
    for form, requests in server.pages.items():
        for request in requests:
            _get(server.address, request)
        pages[form] = load_test(temporary, server.address, requests, 200, seconds)
    tagged = [
        Request(request.path, {**request.headers, "If-None-Match": tag})
        for request in server.pages.get("HTML", ())
        if (tag := _get(server.address, request).get("etag"))
    ]
    unchanged = load_test(temporary, server.address, tagged, 304, seconds) if tagged else None
    return Figures(pages, unchanged, query)


def _get(address: str, request: Request) -> dict[str, str]:
    """Return the headers of the response. Raise `UnexpectedResponse` when it is empty or not a success."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", request.path, headers=request.headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 200 or not content:
        raise UnexpectedResponse(f"{address}{request.path}: {answer.status}, {len(content)} bytes")
    return {name.lower(): value for name, value in answer.getheaders()}


def time_query(servers: Sequence[Server]) -> dict[str, Spans]:
    """Return the median times of the query at each endpoint, all queried in turn so that load affects them alike.

    Raise `UnexpectedResponse` when a result differs from the first endpoint's.
    """
    endpoints = [server for server in servers if server.query]
    expected = sorted(_rows(_query(endpoints[0].query, GROUP_BY)))
    for server in endpoints:
        if sorted(_rows(_query(server.query, GROUP_BY))) != expected:
            raise UnexpectedResponse(f"{server.name}: different result of the query")
    firsts: dict[str, list[float]] = {server.name: [] for server in endpoints}
    agains: dict[str, list[float]] = {server.name: [] for server in endpoints}
    for number in range(TIMES):
        for server in endpoints:
            if number < 3 or median(firsts[server.name]) < 1:
                firsts[server.name].append(_span(server.query, f"{GROUP_BY}# {number}"))
                agains[server.name].append(_span(server.query, GROUP_BY))
    return {name: Spans(median(firsts[name]), median(agains[name])) for name in firsts}


def _span(endpoint: str, query: str) -> float:
    start = perf_counter()
    _query(endpoint, query)
    return perf_counter() - start


def _query(endpoint: str, query: str) -> bytes:
    url = urlsplit(endpoint)
    connection = HTTPConnection(url.netloc, timeout=120)
    connection.request("GET", f"{url.path}?query={quote(query)}", headers={"Accept": ROWS})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 200:
        raise HTTPException(f"{endpoint}: {answer.status} {content[:200]!r}")
    return content


def _rows(answer: bytes) -> list[tuple[str, ...]]:
    document = json.loads(answer)
    names = sorted(document["head"]["vars"])
    return [
        tuple(row[name]["value"] if name in row else "" for name in names) for row in document["results"]["bindings"]
    ]


# ------------------------------------------------------------------------------- the section


def _summary(figures: Figures) -> str:
    return ", ".join(cell for cell in _cells(figures) if cell)


def _cells(figures: Figures) -> list[str]:
    loads = [*(figures.pages.get(form) for form in FORMS), figures.unchanged]
    cells = [cell for load in loads for cell in ((f"{load.rate:,.0f}", f"{load.p99:.0f} ms") if load else ("–", ""))]
    spans = (figures.query.first, figures.query.again) if figures.query else ()
    return [*cells, *([f"{span * 1e3:,.1f} ms" for span in spans] or ("–", ""))]


def section(results: dict[tuple[BuiltProject, str], Figures], missing: dict[str, str]) -> Section:
    """Return the section on the servers of each project; `missing` has the reason for each left out."""
    verdicts = []
    for project in dict.fromkeys(project for project, _ in results):
        ours, best = results[project, "`whereas serve`"], results[project, "Trifid, best"]
        where, other = ("in memory", "on disk") if project.is_held else ("on disk", "in memory")
        bare, beside = (results[project, f"Oxigraph server, {storage}"].query for storage in (where, other))
        assert ours.query and bare and beside  # all three have an endpoint
        first, again = ours.query.first / bare.first, ours.query.again / bare.again
        slowest = min(load.rate for load in (*ours.pages.values(), ours.unchanged) if load)
        times = min(ours.pages[form].rate / best.pages[form].rate for form in FORMS)
        verdicts += [
            goal(
                f"{project.name}: at least 1,000 resource pages a second, and 304s", slowest >= 1000, f"{slowest:,.0f}"
            ),
            goal(f"{project.name}: at least 20 times Trifid’s best", times >= 20, f"{times:.0f} times"),
            goal(
                f"{project.name}: the query, not sent before, in at most 1.3 times the bare Oxigraph server’s time",
                first <= 1.3,
                f"{first:.2f} of the one {where}, as ours is; {ours.query.first / beside.first:.2f} of the one {other}",
            ),
            goal(f"{project.name}: the query sent again, likewise", again <= 1.3, f"{again:.2f} of the one {where}"),
        ]
    absent = "".join(f" {name} is left out: {reason}." for name, reason in missing.items())
    if not shutil.which("nginx"):
        absent += " The static site is left out: nginx is not installed (`make system`)."
    packages = ", ".join((*NPM, *(name for names in PYPI.values() for name in names)))
    packages += f", rdflib-endpoint=={version('rdflib-endpoint')}"
    return Section(
        "Over HTTP, side by side",
        f"The real project, and invented ones. Client and server "
        f"share the cores. autocannon, {CONNECTIONS} connections, requests {RESOURCES} resources in turn, each requested once before, "
        f"uncompressed: their HTML and Turtle, and the HTML with its entity tag, which must return 304. Ours are requested "
        f"where the 303 leads, SHMARQL’s where its 307 leads; Trifid answers at the resource itself. – is what a server "
        f"does not serve: Trifid sends no entity tags; SHMARQL’s HTML page of a resource holds no data in this version; "
        f"rdflib-endpoint has no pages. The query counts statements and subjects by kind and speaker, as JSON, each endpoint "
        f"in turn, with a text not sent before, then with the same text each time: ours caches the "
        f"result, as the release does not change. Medians of {TIMES}, of 3 where it takes over 1 s; all results are the "
        f"same. Ours runs queries in a low-priority process, so that pages stay fast; Trifid’s store is the one in "
        f"memory. Trifid’s best: no redirects, errors only in the log, production mode. SHMARQL and rdflib-endpoint hold "
        f"`dataset.ttl` in memory; above {MOST_FOR_ALL:,} documents they are not measured, nor is the static site, whose "
        f"build is measured below; {packages}.{absent}",
        ("project, server", "HTML/s", "p99", "Turtle/s", "p99", "304s/s", "p99", "query", "again"),
        [(f"{project.name}, {server}", *_cells(figures)) for (project, server), figures in results.items()],
        verdicts,
    )
