"""A project that was checked, and its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from whereas.cache import Cache
from whereas.compiler.compile import Inventory, Summary, read_totals
from whereas.findings import Finding
from whereas.i18n import SOURCE
from whereas.project.project import Project
from whereas.project.queries import Query, read_queries
from whereas.project.sources import SHARED, digest_of
from whereas.rdf.store import Graph
from whereas.rdf.terms import Quad, read_nquads
from whereas.validation.dataset import STORE
from whereas.validation.description import Description, describe, find
from whereas.validation.rules import Rules


@dataclass(frozen=True)
class Report:
    """All findings, sorted by file and line, and how many sources and triples were checked."""

    findings: tuple[Finding, ...]
    sources: int
    triples: int

    @property
    def counts(self) -> Counter[str]:
        """The number of findings of each severity."""
        return Counter(finding.severity for finding in self.findings)

    @property
    def conforms(self) -> bool:
        """Whether no finding is a violation."""
        return not self.counts["Violation"]


@dataclass(frozen=True)
class CheckedProject:
    """A project that was checked: its sources, its rules and its report."""

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
        """Return the quads of one source, sorted."""
        return list(read_nquads(self.cache.latest("quads", name).decode()))

    def graph(self, most_in_memory: int = 0) -> Graph:
        """Open the whole dataset for reading, in memory where its store has at most so many bytes."""
        graph = Graph(self.cache.folder / STORE, read_only=True)
        return graph.in_memory() if self.store_size <= most_in_memory else graph

    @property
    def store_size(self) -> int:
        """Bytes of the store that `graph` opens."""
        return sum(path.stat().st_size for path in (self.cache.folder / STORE).iterdir())

    def describe(self, name: str, language: str = SOURCE) -> Description:
        """Describe a thing, with labels in `language` where there are any.

        `name` is an IRI, a compact name such as `ent:anna`, the last part of one, or a label. Raise
        `ArgumentError` when it names nothing, or several things.
        """
        graph = self.graph()
        iri = find(graph, name, self.rules.prefixes, self.project.base)
        return describe(graph, iri, language, self.project.vocabulary)

    @cached_property
    def queries(self) -> dict[str, Query]:
        """The saved queries by name. Raises `ProjectError` when one is unusable."""
        return read_queries(self.project, self.rules.prefixes)

    @cached_property
    def digest(self) -> str:
        """A digest that changes with any quad of the dataset."""
        return dataset_digest(self.summaries)

    @property
    def totals(self) -> Inventory:
        """The sums over all sources."""
        return read_totals(self.cache, self.digest)


def dataset_digest(summaries: Iterable[Summary]) -> str:
    """Return a digest that changes with any quad of these sources."""
    return digest_of({summary.name: summary.digest.encode() for summary in summaries})
