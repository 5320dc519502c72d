"""What a source names and does not describe: the entities, terms and statements it is checked beside."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from whereas.cache import Cache
from whereas.compiler.compile import Summary
from whereas.project.sources import LINKS, SHARED
from whereas.rdf.namespaces import RDFS, SKOS
from whereas.rdf.terms import read_nquads
from whereas.validation.rules import Rules

_SUBCLASS = f"<{RDFS}subClassOf>"
_STATED_IN = "ns#statedIn>"
# Properties of terms that readers need and shapes do not.
_PROSE = {f"<{SKOS}{name}>" for name in ("definition", "example", "scopeNote", "note", "altLabel")}


class Neighbourhood:
    """The descriptions of what sources name: shared ones, and nodes of other documents. Lines are N-Triples without dot."""

    def __init__(self, rules: Rules, cache: Cache, summaries: Mapping[str, Summary]) -> None:
        self.rules, self.cache, self.summaries = rules, cache, summaries
        self.documents = f"{rules.project.base}doc/"
        self._digests: dict[str, str] = {}  # by IRI; filled by `_digest_of`, since many sources name the same

    @cached_property
    def shared(self) -> dict[str, list[str]]:
        """Lines about each entity, link and term, by IRI."""
        lines = defaultdict(list)
        for name in SHARED:
            for subject, predicate, value, _ in read_nquads(self.cache.latest("quads", name).decode()):
                if predicate not in _PROSE:
                    lines[subject[1:-1]].append(f"{subject} {predicate} {value}")
        return lines

    @cached_property
    def classes(self) -> list[str]:
        """Lines that relate classes to their superclasses."""
        return [line for lines in self.shared.values() for line in lines if f" {_SUBCLASS} " in line]

    @cached_property
    def _shared_digests(self) -> dict[str, str]:
        return {name: hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] for name, lines in self.shared.items()}

    def _digest_of(self, name: str) -> str:
        """Return a digest that changes with the description of an IRI."""
        if name not in self._digests:
            owner = self.owner(name)
            digest = self.summaries[owner].digest if owner else self._shared_digests.get(name, "absent")
            self._digests[name] = digest
        return self._digests[name]

    def owner(self, name: str) -> str:
        """Return the document that an IRI of the project belongs to; empty for what is shared or unknown."""
        if not name.startswith(self.documents):
            return ""
        slug = name[len(self.documents) :].partition("#")[0].partition("/")[0]
        return slug if slug in self.summaries else ""

    def key(self, summary: Summary) -> str:
        """Return a digest that changes with the source, its neighbours and the rules."""
        digests = [self.rules.digest, summary.digest, *(self.summaries[name].digest for name in self._links(summary))]
        digests += map(self._digest_of, summary.references)
        return hashlib.sha256("\n".join(digests).encode()).hexdigest()

    def lines(self, summary: Summary) -> list[str]:
        """Return lines about everything the source names and does not describe, and the links of what it describes."""
        lines, names_by_owner = [], defaultdict(set)
        for name in self._links(summary):
            quads = read_nquads(self.cache.latest("quads", name).decode())
            lines += [f"{subject} {predicate} {value}" for subject, predicate, value, _ in quads]
        for name in summary.references:
            if owner := self.owner(name):
                names_by_owner[owner].add(f"<{name}>")
            else:
                lines += self.shared.get(name, [])
        for owner, names in names_by_owner.items():
            lines += self._lines_of(owner, names)
        return lines

    def _links(self, summary: Summary) -> list[str]:
        """Return the name of the source of links, for a source that describes what links are about."""
        return [LINKS] if summary.name in SHARED and summary.name != LINKS and LINKS in self.summaries else []

    def _lines_of(self, owner: str, names: set[str]) -> Iterator[str]:
        """Yield lines about some nodes of a document, and about the document where one is stated in it."""
        quads = list(read_nquads(self.cache.latest("quads", owner).decode()))
        names = names | {
            value for subject, predicate, value, _ in quads if subject in names and predicate.endswith(_STATED_IN)
        }
        for subject, predicate, value, _ in quads:
            if subject in names:
                yield f"{subject} {predicate} {value}"
