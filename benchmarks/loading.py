"""Invented corpora into real stores: `whereas load` against the store's own bulk loader, on the same quads in the same run.

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
    """Seconds of each way to load a corpus of `quads`, and bytes of memory of ours at its highest."""

    quads: int
    bulk: float
    sent: float
    loaded: float
    memory: int
    replaced: float  # graphs a second

    @property
    def ratio(self) -> float:
        """Our rate over the bulk loader's: 1 is as fast."""
        return self.bulk / self.sent


def measure(sizes: tuple[int, ...] = SIZES) -> Section:
    """Every corpus into every store."""
    found: dict[tuple[str, int], Figures] = {}
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
                found[kind, size] = figures = _measure(kind, checked, folder)
                say(f"{kind}, {size:,} documents: {figures}")
            shutil.rmtree(folder)
    rows = [
        (f"{kind.capitalize()}, {size:,}", f"{told.quads:,}", _rate(told.quads, told.bulk), _rate(told.quads, told.sent),
         f"{told.ratio:.2f}", seconds(told.loaded), f"{told.memory / 1e6:.0f} MB", f"{told.replaced:.0f}")
        for (kind, size), told in found.items()
    ]  # fmt: skip
    small, large = min(sizes), max(sizes)
    goals = [
        goal(
            f"{kind.capitalize()}, first load of {large:,} documents: at least {GOALS[kind]} of the bulk loader’s rate",
            told.ratio >= GOALS[kind],
            f"{told.ratio:.2f}; {told.bulk / told.loaded:.2f} with everything read back and compared",
        )
        for (kind, size), told in found.items()
        if size == large
    ]
    for kind in dict.fromkeys(kind for kind, _ in found):
        more = found[kind, large].memory - found[kind, small].memory
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
        f"{REPLACED} graphs that the store has already, one by one, each in one step for who reads.",
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
        cost = run("whereas", "load", "here", "-q", "-v", "-C", str(folder))
    (folder / "pyproject.toml").write_text(settings, "utf-8")
    told = re.search(r"loaded in ([\d.]+) s", cost.printed)
    assert told, cost.printed
    for made in folder.glob(f"{kind}-*"):
        shutil.rmtree(made)
    quads = checked.report.triples
    return Figures(quads, bulk_seconds, sent, float(told[1]), cost.peak, replaced)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _oxigraph(folder: Path) -> Iterator[Server]:
    with oxigraph("--location", str(folder)) as server:
        yield server


def _bulk_oxigraph(folder: Path, files: Path) -> float:
    place = folder / "oxigraph-bulk"
    words = [str(OXIGRAPH), "load", "--location", str(place), "--file", *map(str, sorted(files.glob("*.nq")))]
    return _timed(lambda: subprocess.run(words, check=True, capture_output=True))


def _bulk_virtuoso(folder: Path, files: Path) -> float:
    with virtuoso(folder / "virtuoso-bulk") as server:
        place = folder / "virtuoso-bulk/files"
        _cut(files, place)

        def ask(*statements: str) -> subprocess.Popen[bytes]:
            words = ["isql-vt", str(server.sql), "dba", "dba", *(f"exec={statement};" for statement in statements)]
            return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def load() -> None:
            ask(f"ld_dir('{place}', '*.nq', '')").wait()
            for loader in [ask("rdf_loader_run()"), ask("rdf_loader_run()")]:
                loader.wait()
            ask("checkpoint").wait()

        return _timed(load)


def _cut(files: Path, place: Path) -> None:
    """The same quads in two files, one for each loader."""
    place.mkdir()
    with (place / "1.nq").open("wb") as first, (place / "2.nq").open("wb") as second:
        for path in sorted(files.glob("*.nq")):
            half = path.stat().st_size // 2
            with path.open("rb") as whole:
                first.write(whole.read(half))
                first.write(whole.readline())
                shutil.copyfileobj(whole, second)


def _target(server: Server) -> StoreConfig:
    doors = {"oxigraph": ("/update", "/store"), "virtuoso": ("/sparql-auth", "/sparql-graph-crud-auth")}[server.kind]
    update, graphs = (server.address + door for door in doors)
    user = "dba" if server.kind == "virtuoso" else ""
    return StoreConfig("here", server.kind, server.query, update, graphs, user, user)


def _name(folder: Path, settings: str, server: Server) -> None:
    """The server is the store called `here` in the corpus's settings."""
    user = 'user = "dba"\n' if server.kind == "virtuoso" else ""
    os.environ["WHEREAS_HERE_PASSWORD"] = "dba"
    told = f'{settings}\n[tool.whereas.stores.here]\nurl = "{server.address}"\n{user}'
    (folder / "pyproject.toml").write_text(told, "utf-8")
