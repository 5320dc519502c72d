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
# What a reader, not a rule, needs to know of a term.
_PROSE = {f"<{SKOS}{name}>" for name in ("definition", "example", "scopeNote", "note", "altLabel")}


class Neighbourhood:
    """What the names in a source stand for: shared descriptions, and nodes of other documents."""

    def __init__(self, rules: Rules, cache: Cache, summaries: Mapping[str, Summary]) -> None:
        self.rules, self.cache, self.summaries = rules, cache, summaries
        self.documents = f"{rules.project.base}doc/"

    @cached_property
    def shared(self) -> dict[str, list[str]]:
        """Lines (`subject predicate object`) about each entity, link and term, by IRI."""
        found = defaultdict(list)
        for name in SHARED:
            for subject, predicate, value, _ in read_nquads(self.cache.latest("quads", name).decode()):
                if predicate not in _PROSE:
                    found[subject[1:-1]].append(f"{subject} {predicate} {value}")
        return found

    @cached_property
    def classes(self) -> list[str]:
        """Lines that say which class is a part of which."""
        return [line for lines in self.shared.values() for line in lines if f" {_SUBCLASS} " in line]

    @cached_property
    def _shared_digests(self) -> dict[str, str]:
        return {name: hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] for name, lines in self.shared.items()}

    @cached_property
    def _digests(self) -> dict[str, str]:
        """Of everything that was named: changes with what is said of it."""
        return {}

    def _digest_of(self, name: str) -> str:
        if name not in self._digests:
            owner = self.owner(name)
            found = self.summaries[owner].digest if owner else self._shared_digests.get(name, "absent")
            self._digests[name] = found
        return self._digests[name]

    def owner(self, name: str) -> str:
        """The document that an IRI of ours belongs to; empty for everything shared."""
        if not name.startswith(self.documents):
            return ""
        slug = name[len(self.documents) :].partition("#")[0].partition("/")[0]
        return slug if slug in self.summaries else ""

    def key(self, summary: Summary) -> str:
        """Changes with the source, its neighbours and the rules."""
        told = [self.rules.digest, summary.digest, *(self.summaries[name].digest for name in self._links(summary))]
        told += map(self._digest_of, summary.references)
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def lines(self, summary: Summary) -> list[str]:
        """Lines about everything the source names and does not describe, and links of what it describes."""
        found, owned = [], defaultdict(set)
        for name in self._links(summary):
            quads = read_nquads(self.cache.latest("quads", name).decode())
            found += [f"{subject} {predicate} {value}" for subject, predicate, value, _ in quads]
        for name in summary.references:
            if owner := self.owner(name):
                owned[owner].add(f"<{name}>")
            else:
                found += self.shared.get(name, [])
        for owner, names in owned.items():
            found += self._lines_of(owner, names)
        return found

    def _links(self, summary: Summary) -> list[str]:
        """The source of links, for one that describes what links speak of."""
        return [LINKS] if summary.name in SHARED and summary.name != LINKS and LINKS in self.summaries else []

    def _lines_of(self, owner: str, names: set[str]) -> Iterator[str]:
        quads = list(read_nquads(self.cache.latest("quads", owner).decode()))
        names = names | {
            value for subject, predicate, value, _ in quads if subject in names and predicate.endswith(_STATED_IN)
        }
        for subject, predicate, value, _ in quads:
            if subject in names:
                yield f"{subject} {predicate} {value}"
