"""Resource pages and one query over HTTP, side by side: ours, the static site, and other publishers on the same data.

Every server runs on the same two cores as what asks it. Each has been asked every page once before it is measured.
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
    Asked,
    Load,
    Unlike,
    ask_often,
    install,
    shmarql,
    trifid,
)
from browser import whereas_server
from servers import nginx, oxigraph, put, rdflib_endpoint
from whereas.server.sparql.worker import MAX_IN_MEMORY
from whereas.validation.dataset import STORE

SIZES = (100, 10_000)  # documents invented
MOST_FOR_ALL = 1000  # of more, pages are not written, and rivals that hold everything in memory are not asked
RESOURCES = 50  # asked in turn
TIMES = 40  # that the query is asked
FORMS = {"HTML": ("html", "text/html"), "Turtle": ("ttl", "text/turtle")}
ROWS = "application/sparql-results+json"
THINGS = """
SELECT DISTINCT ?thing WHERE { ?thing a ?kind FILTER(STRSTARTS(STR(?thing), "BASE") && !CONTAINS(STR(?thing), "#")) }
ORDER BY SHA256(STR(?thing))
"""  # by their digests: kinds in any order, and always the same
GROUP_BY = """
PREFIX wa: <https://w3id.org/whereas/ns#>
PREFIX schema: <https://schema.org/>
SELECT ?kind ?speaker (COUNT(DISTINCT ?statement) AS ?statements) (COUNT(DISTINCT ?about) AS ?subjects)
WHERE { ?statement a ?kind ; wa:speaker ?speaker . OPTIONAL { ?statement schema:about ?about } }
GROUP BY ?kind ?speaker
"""


@dataclass(frozen=True)
class Server:
    """A server, how its resource pages are asked of it, and where its queries."""

    name: str
    address: str
    pages: dict[str, list[Asked]]  # for each of FORMS that it has
    query: str = ""


@dataclass(frozen=True)
class World:
    """A project that is built; `is_held` where ours answers queries from memory, and not from disk."""

    name: str
    folder: Path
    base: str
    size: int
    is_held: bool


@dataclass(frozen=True)
class Spans:
    """Seconds that a query takes: in a text that was not asked before, and in the same text again."""

    first: float
    again: float


@dataclass(frozen=True)
class Figures:
    """What was measured of a server; no figure where it does not answer so."""

    pages: dict[str, Load]
    unchanged: Load | None
    query: Spans | None


def measure(sizes: Sequence[int] = SIZES, seconds: int = SECONDS) -> Section | None:
    """Every server, on the real project and on invented ones; None, said, where what asks them cannot be installed."""
    with TemporaryDirectory(prefix="bench-") as name:
        temporary = Path(name)
        missing = install(temporary)
        if "npm" in missing:
            say(f"http: not measured, for {' and '.join(NPM)} cannot be installed: {missing['npm']}")
            return None
        found = {}
        for world in _worlds(temporary, sizes):
            with (
                TemporaryDirectory(prefix="bench-") as files,
                _servers(temporary, Path(files), world, missing) as servers,
            ):
                spans = queried(servers)
                for server in servers:
                    figures = _measure(temporary, server, seconds, spans.get(server.name))
                    found[world, server.name] = figures
                    say(f"{world.name}, {server.name}: {_told(figures)}")
    return section(found, missing)


def _worlds(temporary: Path, sizes: Sequence[int]) -> Iterator[World]:
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
        yield World(name, folder, base, size, stored <= MAX_IN_MEMORY)


@contextmanager
def _servers(temporary: Path, files: Path, world: World, missing: dict[str, str]) -> Iterator[list[Server]]:
    public = world.folder / "public"
    with ExitStack() as stack:
        store = stack.enter_context(oxigraph())
        kept = stack.enter_context(oxigraph("--location", str(files / "store")))
        for bare in (store, kept):
            put(f"{bare.address}/store?no_transaction", (public / "dataset.nq").read_bytes(), "application/n-quads")
        served = stack.enter_context(whereas_server(world.folder, "--setting", "time", "60", patience=900))
        things = [
            row[0].removeprefix(world.base) for row in _rows(_asked(store.query, THINGS.replace("BASE", world.base)))
        ]
        paths = list(islice((path for path in things if _has_page(served, path)), RESOURCES))
        ours = {form: [Asked(f"/{path}.{suffix}") for path in paths] for form, (suffix, _) in FORMS.items()}
        theirs = {form: [Asked(f"/{path}", {"Accept": kind}) for path in paths] for form, (_, kind) in FORMS.items()}
        servers = [
            Server("Oxigraph server, in memory", store.address, {}, store.query),
            Server("Oxigraph server, on disk", kept.address, {}, kept.query),
            Server("`whereas serve`", served, ours, f"{served}/sparql"),
        ]
        for best in (False, True):
            address = stack.enter_context(trifid(temporary, store.query, world.base, best=best))
            servers.append(Server(f"Trifid, {'best' if best else 'default'}", address, theirs, f"{address}/query"))
        if world.size > MOST_FOR_ALL:
            yield servers
            return
        if shutil.which("nginx"):
            servers.append(Server("static site, nginx", stack.enter_context(nginx(files / "nginx", public)), ours))
        if "SHMARQL" not in missing:
            address = stack.enter_context(shmarql(temporary, public / "dataset.ttl", world.base))
            turtle = [
                Asked(f"/shmarql/?query={quote(_construct(world.base + path))}", {"Accept": "text/turtle"})
                for path in paths
            ]
            servers.append(Server("SHMARQL", address, {"Turtle": turtle}, f"{address}/sparql"))
        address = stack.enter_context(rdflib_endpoint(public / "dataset.ttl"))
        servers.append(Server("rdflib-endpoint", address, {}, address))
        yield servers


def _has_page(address: str, path: str) -> bool:
    try:
        return all(_get(address, Asked(f"/{path}.{suffix}")) for suffix, _ in FORMS.values())
    except Unlike:
        return False


def _construct(subject: str) -> str:
    """What SHMARQL redirects to, when it is asked for a thing in Turtle."""
    return f"CONSTRUCT {{ <{subject}> ?p ?o }} WHERE {{ <{subject}> ?p ?o }}"


# ------------------------------------------------------------------------------- one server


def _measure(temporary: Path, server: Server, seconds: int, query: Spans | None) -> Figures:
    pages = {}
    for form, requests in server.pages.items():
        for request in requests:
            _get(server.address, request)
        pages[form] = ask_often(temporary, server.address, requests, 200, seconds)
    tagged = [
        Asked(request.path, {**request.headers, "If-None-Match": tag})
        for request in server.pages.get("HTML", ())
        if (tag := _get(server.address, request).get("etag"))
    ]
    unchanged = ask_often(temporary, server.address, tagged, 304, seconds) if tagged else None
    return Figures(pages, unchanged, query)


def _get(address: str, request: Asked) -> dict[str, str]:
    """The headers of the answer. Raises `Unlike` when it is empty or not of the kind asked for."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", request.path, headers=request.headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 200 or not content:
        raise Unlike(f"{address}{request.path}: {answer.status}, {len(content)} bytes")
    return {name.lower(): value for name, value in answer.getheaders()}


def queried(servers: Sequence[Server]) -> dict[str, Spans]:
    """The median times of the query at each endpoint, all asked in turn, so that none has a quieter moment.

    Raises `Unlike` when an answer differs from the first one's.
    """
    endpoints = [server for server in servers if server.query]
    expected = sorted(_rows(_asked(endpoints[0].query, GROUP_BY)))
    for server in endpoints:
        if sorted(_rows(_asked(server.query, GROUP_BY))) != expected:
            raise Unlike(f"{server.name}: another answer to the query")
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
    _asked(endpoint, query)
    return perf_counter() - start


def _asked(endpoint: str, query: str) -> bytes:
    place = urlsplit(endpoint)
    connection = HTTPConnection(place.netloc, timeout=120)
    connection.request("GET", f"{place.path}?query={quote(query)}", headers={"Accept": ROWS})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 200:
        raise HTTPException(f"{endpoint}: {answer.status} {content[:200]!r}")
    return content


def _rows(answer: bytes) -> list[tuple[str, ...]]:
    told = json.loads(answer)
    names = sorted(told["head"]["vars"])
    return [tuple(row[name]["value"] if name in row else "" for name in names) for row in told["results"]["bindings"]]


# ------------------------------------------------------------------------------- what is told


def _told(figures: Figures) -> str:
    return ", ".join(cell for cell in _cells(figures) if cell)


def _cells(figures: Figures) -> list[str]:
    loads = [*(figures.pages.get(form) for form in FORMS), figures.unchanged]
    cells = [told for load in loads for told in ((f"{load.rate:,.0f}", f"{load.p99:.0f} ms") if load else ("–", ""))]
    spans = (figures.query.first, figures.query.again) if figures.query else ()
    return [*cells, *([f"{span * 1e3:,.1f} ms" for span in spans] or ("–", ""))]


def section(found: dict[tuple[World, str], Figures], missing: dict[str, str]) -> Section:
    """What was measured of each project’s servers; `missing` are those left out, with the reason."""
    verdicts = []
    for world in dict.fromkeys(world for world, _ in found):
        ours, best = found[world, "`whereas serve`"], found[world, "Trifid, best"]
        where, other = ("in memory", "on disk") if world.is_held else ("on disk", "in memory")
        bare, beside = (found[world, f"Oxigraph server, {place}"].query for place in (where, other))
        assert ours.query and bare and beside  # all three have an endpoint
        first, again = ours.query.first / bare.first, ours.query.again / bare.again
        slowest = min(load.rate for load in (*ours.pages.values(), ours.unchanged) if load)
        times = min(ours.pages[form].rate / best.pages[form].rate for form in FORMS)
        verdicts += [
            goal(f"{world.name}: at least 1,000 resource pages a second, and 304s", slowest >= 1000, f"{slowest:,.0f}"),
            goal(f"{world.name}: at least 20 times Trifid’s best", times >= 20, f"{times:.0f} times"),
            goal(
                f"{world.name}: the query, not asked before, in at most 1.3 times the bare Oxigraph server’s time",
                first <= 1.3,
                f"{first:.2f} of the one {where}, as ours is; {ours.query.first / beside.first:.2f} of the one {other}",
            ),
            goal(f"{world.name}: the query asked again, likewise", again <= 1.3, f"{again:.2f} of the one {where}"),
        ]
    absent = "".join(f" {name} is left out: {reason}." for name, reason in missing.items())
    if not shutil.which("nginx"):
        absent += " The static site is left out: nginx is absent (`make system`)."
    packages = ", ".join((*NPM, *(name for names in PYPI.values() for name in names)))
    packages += f", rdflib-endpoint=={version('rdflib-endpoint')}"
    return Section(
        "Over HTTP, side by side",
        f"The real project, and invented ones. What asks and what answers "
        f"share the cores. autocannon, {CONNECTIONS} connections, asks {RESOURCES} things in turn, each asked once before, "
        f"uncompressed: their HTML and Turtle, and the HTML with the entity tag it had, which must answer 304. Ours are asked "
        f"where the thing’s 303 leads, SHMARQL’s where its 307 leads; Trifid answers at the thing itself. – is what a server "
        f"does not answer: Trifid sends no entity tags; SHMARQL’s HTML page of a thing holds no data in this version; "
        f"rdflib-endpoint has no pages. The query counts statements and subjects by kind and speaker, as JSON, each endpoint "
        f"in turn, in a text that was not asked before, then in the one that is asked again each time: ours keeps its "
        f"answer, as the release does not change. Medians of {TIMES}, of 3 where it takes over 1 s; all answers are the "
        f"same. Ours is answered by a process of low priority, so that pages stay quick; Trifid’s store is the one in "
        f"memory. Trifid’s best: no redirects, a log of errors alone, production mode. SHMARQL and rdflib-endpoint hold "
        f"`dataset.ttl` in memory; of more than {MOST_FOR_ALL:,} documents they are not measured, nor the static site, whose "
        f"writing is measured below; {packages}.{absent}",
        ("project, server", "HTML/s", "p99", "Turtle/s", "p99", "304s/s", "p99", "query", "again"),
        [(f"{world.name}, {server}", *_cells(figures)) for (world, server), figures in found.items()],
        verdicts,
    )
