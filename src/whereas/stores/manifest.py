"""The graph in a store that lists the project's graphs, with the digest of each that is known to be complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from whereas.rdf.serialization import in_file_order
from whereas.rdf.terms import iri, literal, nquads, value_of
from whereas.stores.store import Store

NAME = "graph/manifest"  # below the base
_PART = "<http://purl.org/dc/terms/hasPart>"
_DIGEST = "<https://schema.org/sha256>"


@dataclass(frozen=True)
class Manifest:
    """The manifest of the projects with this base, in a store."""

    store: Store
    base: str

    @property
    def graph(self) -> str:
        return f"{self.base}{NAME}"

    def read(self, size: int) -> tuple[set[str], dict[str, str]]:
        """Return the graphs of the project, and the digests of the complete ones; `size` is the manifest's triples.

        A graph with two digests, which two loads at a time may leave, is not known to be complete.
        """
        graphs, digests = set(), dict[str, set[str]]()
        try:
            # One by one: there are as many as the project has documents, twice.
            for subject, predicate, value, _ in in_file_order(self.store.triples(self.graph, size), "nt"):
                if predicate == _PART and value_of(value).startswith(f"{self.base}graph/"):
                    graphs.add(value_of(value))
                elif predicate == _DIGEST:
                    digests.setdefault(value_of(subject), set()).add(value_of(value))
        except SyntaxError as problem:
            raise self.store.invalid_ntriples(self.graph, problem) from None
        return graphs, {graph: values.pop() for graph, values in digests.items() if len(values) == 1}

    def write(self, graphs: Iterable[str], digests: Mapping[str, str]) -> None:
        """Replace the manifest by these graphs, of which those with a digest are complete."""
        parts = [(iri(self.graph), _PART, iri(graph), "") for graph in graphs]
        self.store.replace(self.graph, nquads([*parts, *_digest_quads(digests)]))

    def mark_complete(self, digests: Mapping[str, str]) -> None:
        """Add the digests of graphs that are complete."""
        if digests:
            self.store.add(self.graph, nquads(_digest_quads(digests)))


def _digest_quads(digests: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    return [(iri(graph), _DIGEST, literal(digest), "") for graph, digest in digests.items()]
