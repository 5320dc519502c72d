"""A project that was checked, and its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from whereas.cache import Cache
from whereas.compiler.compile import Inventory, Summary, read_totals
from whereas.findings import Finding
from whereas.project.project import Project
from whereas.project.queries import Query, read_queries
from whereas.project.sources import SHARED, digest_of
from whereas.rdf.store import Graph
from whereas.rdf.terms import Quad, read_nquads
from whereas.validation.dataset import STORE
from whereas.validation.rules import Rules


@dataclass(frozen=True)
class Report:
    """All findings, in the order of files and lines, and how much was looked at."""

    findings: tuple[Finding, ...]
    sources: int
    triples: int

    @property
    def counts(self) -> Counter[str]:
        """How many findings of each severity."""
        return Counter(found.severity for found in self.findings)

    @property
    def conforms(self) -> bool:
        """Whether no finding is a violation."""
        return not self.counts["Violation"]


@dataclass(frozen=True)
class CheckedProject:
    """A project that was checked: what it holds and what was found."""

    rules: Rules
    cache: Cache
    summaries: tuple[Summary, ...]
    report: Report

    @property
    def project(self) -> Project:
        return self.rules.project

    @property
    def documents(self) -> tuple[Summary, ...]:
        """The sources that are documents."""
        return tuple(s for s in self.summaries if s.name not in SHARED)

    def quads(self, name: str) -> list[Quad]:
        """The quads of one source, sorted."""
        return list(read_nquads(self.cache.latest("quads", name).decode()))

    def graph(self, most_held: int = 0) -> Graph:
        """Everything, ready to be asked; opened for reading, and held in memory where it has at most so many bytes."""
        graph = Graph(self.cache.folder / STORE, read_only=True)
        return graph.in_memory() if self.store_size <= most_held else graph

    @property
    def store_size(self) -> int:
        """Bytes of the store that `graph` opens."""
        return sum(path.stat().st_size for path in (self.cache.folder / STORE).iterdir())

    @cached_property
    def queries(self) -> dict[str, Query]:
        """The saved queries by name. Raises `ProjectError` when one cannot be used."""
        return read_queries(self.project, self.rules.prefixes)

    @cached_property
    def digest(self) -> str:
        """Changes with any quad of the dataset."""
        return _digest(self.summaries)

    @property
    def totals(self) -> Inventory:
        """What all sources hold together."""
        return read_totals(self.cache, self.digest)


# -------------------------------------------------------------------- the whole


def _digest(summaries: Iterable[Summary]) -> str:
    """Changes with any quad of these sources."""
    return digest_of({summary.name: summary.digest.encode() for summary in summaries})
