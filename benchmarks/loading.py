"""Load invented corpora into real stores: `whereas load` against the store's own bulk loader, on the same quads in the same run.

`sent` is the time until the store has everything; `loaded` is the whole of `whereas load`, which reads every
graph back and compares it. The bulk loaders do neither.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import write_corpus
from benchmarks.measure import run, say
from benchmarks.page import Section, goal, seconds
from servers import OXIGRAPH, Server, oxigraph, virtuoso
from whereas.project.project import read_project
from whereas.stores.bulk import write_bulk
from whereas.stores.config import StoreConfig
from whereas.stores.loader import Loader
from whereas.stores.store import Store
from whereas.validation.check import check
from whereas.validation.checked_project import CheckedProject

SIZES = (1_000, 10_000)
REPLACED = 200  # graphs, one by one
GOALS = {"oxigraph": 0.8, "virtuoso": 0.5}


@dataclass(frozen=True)
class Figures:
    """The seconds each method takes to load a corpus of `quads`, and the peak memory of ours in bytes."""

    quads: int
    bulk: float
    sent: float
    loaded: float
    memory: int
    replaced: float  # graphs a second

    @property
    def ratio(self) -> float:
        """Our rate divided by the bulk loader's: 1 is as fast."""
        return self.bulk / self.sent


def measure(sizes: tuple[int, ...] = SIZES) -> Section:
    """Load every corpus into every store."""
    results: dict[tuple[str, int], Figures] = {}
    with TemporaryDirectory(prefix="bench-") as name:
        for size in sizes:
            folder = Path(name) / str(size)
            write_corpus(folder, size)
            checked = check(read_project(folder))
            files = folder / "files"
            (files / "data").mkdir(parents=True)
            for path in write_bulk(checked, files / "bulk").files:
                with gzip.open(path) as packed, (files / "data" / path.stem).open("wb") as plain:
                    shutil.copyfileobj(packed, plain)
            for kind in ("oxigraph", "virtuoso") if shutil.which("virtuoso-t") else ("oxigraph",):
                results[kind, size] = figures = _measure(kind, checked, folder)
                say(f"{kind}, {size:,} documents: {figures}")
            shutil.rmtree(folder)
    rows = [
        (f"{kind.capitalize()}, {size:,}", f"{figures.quads:,}", _rate(figures.quads, figures.bulk), _rate(figures.quads, figures.sent),
         f"{figures.ratio:.2f}", seconds(figures.loaded), f"{figures.memory / 1e6:.0f} MB", f"{figures.replaced:.0f}")
        for (kind, size), figures in results.items()
    ]  # fmt: skip
    small, large = min(sizes), max(sizes)
    goals = [
        goal(
            f"{kind.capitalize()}, first load of {large:,} documents: at least {GOALS[kind]} of the bulk loader’s rate",
            figures.ratio >= GOALS[kind],
            f"{figures.ratio:.2f}; {figures.bulk / figures.loaded:.2f} with everything read back and compared",
        )
        for (kind, size), figures in results.items()
        if size == large
    ]
    for kind in dict.fromkeys(kind for kind, _ in results):
        more = results[kind, large].memory - results[kind, small].memory
        each = more / max(1, large - small)
        goals.append(
            goal(
                f"{kind.capitalize()}, memory of our process: under 10 kB for each further document",
                each < 10e3,
                f"{each / 1e3:.1f} kB",
            )
        )
    return Section(
        "Loading into a store",
        f"A first load into an empty store, one run each. Bulk: `oxigraph load`, and `ld_dir` with two "
        f"`rdf_loader_run` side by side, on the N-Quads uncompressed. Sent: until the store has everything. Loaded: "
        f"`whereas load`, with every graph read back and compared, which no bulk loader does. Replaced: "
        f"{REPLACED} graphs that the store has already, one by one, each in one step for readers.",
        ("store, documents", "quads", "bulk, quads/s", "sent, quads/s", "ratio", "loaded", "memory", "replaced, graphs/s"),
        rows,
        goals,
    )  # fmt: skip


def _rate(quads: int, span: float) -> str:
    return f"{quads / span:,.0f}"


def _measure(kind: str, checked: CheckedProject, folder: Path) -> Figures:
    bulk, served = {
        "oxigraph": (_bulk_oxigraph, _oxigraph),
        "virtuoso": (_bulk_virtuoso, virtuoso),
    }[kind]
    settings = (folder / "pyproject.toml").read_text("utf-8")
    bulk_seconds = bulk(folder, folder / "files/data")
    with served(folder / f"{kind}-sent") as server, Store(_target(server)) as store:
        load = Loader(checked, store)
        sent = _timed(lambda: load.send(list(load.names), load.names))
        some = list(load.names)[:REPLACED]
        replaced = len(some) / _timed(lambda: load.send(some))
    with served(folder / f"{kind}-loaded") as server:
        _name(folder, settings, server)
        cost = run("whereas", "load", "bench", "-q", "-v", "-C", str(folder))
    (folder / "pyproject.toml").write_text(settings, "utf-8")
    match = re.search(r"loaded in ([\d.]+) s", cost.printed)
    assert match, cost.printed
    for database in folder.glob(f"{kind}-*"):
        shutil.rmtree(database)
    quads = checked.report.triples
    return Figures(quads, bulk_seconds, sent, float(match[1]), cost.peak, replaced)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _oxigraph(folder: Path) -> Iterator[Server]:
    with oxigraph("--location", str(folder)) as server:
        yield server


def _bulk_oxigraph(folder: Path, files: Path) -> float:
    database = folder / "oxigraph-bulk"
    command = [str(OXIGRAPH), "load", "--location", str(database), "--file", *map(str, sorted(files.glob("*.nq")))]
    return _timed(lambda: subprocess.run(command, check=True, capture_output=True))


def _bulk_virtuoso(folder: Path, files: Path) -> float:
    with virtuoso(folder / "virtuoso-bulk") as server:
        parts = folder / "virtuoso-bulk/files"
        _split(files, parts)

        def isql(*statements: str) -> subprocess.Popen[bytes]:
            command = ["isql-vt", str(server.sql), "dba", "dba", *(f"exec={statement};" for statement in statements)]
            return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def load() -> None:
            isql(f"ld_dir('{parts}', '*.nq', '')").wait()
            for loader in [isql("rdf_loader_run()"), isql("rdf_loader_run()")]:
                loader.wait()
            isql("checkpoint").wait()

        return _timed(load)


def _split(files: Path, target: Path) -> None:
    """Split the quads into two files, one for each loader."""
    target.mkdir()
    with (target / "1.nq").open("wb") as first, (target / "2.nq").open("wb") as second:
        for path in sorted(files.glob("*.nq")):
            half = path.stat().st_size // 2
            with path.open("rb") as whole:
                first.write(whole.read(half))
                first.write(whole.readline())
                shutil.copyfileobj(whole, second)


def _target(server: Server) -> StoreConfig:
    paths = {"oxigraph": ("/update", "/store"), "virtuoso": ("/sparql-auth", "/sparql-graph-crud-auth")}[server.kind]
    update, graphs = (server.address + path for path in paths)
    user = "dba" if server.kind == "virtuoso" else ""
    return StoreConfig("bench", server.kind, server.query, update, graphs, user, user)


def _name(folder: Path, settings: str, server: Server) -> None:
    """Configure the server as the store `bench` in the settings of the corpus."""
    user = 'user = "dba"\n' if server.kind == "virtuoso" else ""
    os.environ["WHEREAS_BENCH_PASSWORD"] = "dba"
    text = f'{settings}\n[tool.whereas.stores.bench]\nurl = "{server.address}"\n{user}'
    (folder / "pyproject.toml").write_text(text, "utf-8")
