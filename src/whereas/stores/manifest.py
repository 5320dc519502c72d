"""The graph of ours in a store that lists the others, with the digest of each that is known to be whole."""

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
        """The graphs that are ours, and the digests of those known to be whole; `size` is how many triples that is.

        Of a graph with two digests, which two loads at a time may leave, nothing is known.
        """
        ours, digests = set(), dict[str, set[str]]()
        try:
            # One by one: there are as many as the project has documents, twice.
            for subject, predicate, value, _ in in_file_order(self.store.triples(self.graph, size), "nt"):
                if predicate == _PART and value_of(value).startswith(f"{self.base}graph/"):
                    ours.add(value_of(value))
                elif predicate == _DIGEST:
                    digests.setdefault(value_of(subject), set()).add(value_of(value))
        except SyntaxError as problem:
            raise self.store.unreadable(self.graph, problem) from None
        return ours, {graph: told.pop() for graph, told in digests.items() if len(told) == 1}

    def write(self, ours: Iterable[str], digests: Mapping[str, str]) -> None:
        """These are ours, and of these alone is known that they are whole."""
        parts = [(iri(self.graph), _PART, iri(graph), "") for graph in ours]
        self.store.replace(self.graph, nquads([*parts, *_told(digests)]))

    def vouch(self, digests: Mapping[str, str]) -> None:
        """These are whole too."""
        if digests:
            self.store.add(self.graph, nquads(_told(digests)))


def _told(digests: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    return [(iri(graph), _DIGEST, literal(digest), "") for graph, digest in digests.items()]
