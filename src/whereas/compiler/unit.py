"""What a source compiled to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from whereas import iris
from whereas.compiler.passages import Coverage
from whereas.findings import Finding, Place
from whereas.rdf.terms import Quad, value_of


@dataclass(frozen=True)
class Compiled:
    """What a source compiled to.

    `places` tells the line of a subject, of `subject predicate` and of `subject object`; the
    `references` are the project's IRIs it names without describing them.
    """

    name: str
    graph: str
    quads: tuple[Quad, ...] = ()
    findings: tuple[Finding, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    coverage: tuple[Coverage, ...] = ()

    def subjects(self) -> set[str]:
        """The IRIs it describes."""
        return {value_of(subject) for subject, _, _, _ in self.quads}

    def types(self) -> Counter[str]:
        """How many subjects of each class."""
        kind = f"<{iris.RDF}type>"
        return Counter(value_of(value) for _, predicate, value, _ in self.quads if predicate == kind)

    def predicates(self) -> Counter[str]:
        """How many triples of each property."""
        return Counter(value_of(predicate) for _, predicate, _, _ in self.quads)
