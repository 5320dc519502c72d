"""Everything a project says, indexed by subject and by object: what pages are made of.

Filled in one pass over the quads; after it, a page costs what it shows and not what the project holds.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from whereas.i18n import SOURCE
from whereas.iris import expand
from whereas.rdf.namespaces import RDF
from whereas.rdf.terms import Quad, language_of, value_of

TYPE = f"{RDF}type"
MOST_USERS = 12
VOCABULARY = ("graph/vocabulary", "graph/shapes")  # ends of the names of the graphs of terms and of shapes
LABELS = ("rdfs:label", "skos:prefLabel", "dcterms:title")


@dataclass(frozen=True)
class LangString:
    """Text with its language, which is empty where it is the language requested."""

    text: str
    language: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass
class Index:
    """Terms by subject and predicate, and backlinks by object. Things, classes and properties go by IRI.

    What a page depends on can be recorded, see `recording`. Each lookup is a text: the IRI of a thing,
    `>IRI` for its backlinks, `*IRI` for the instances of a class, `+IRI` for the uses of a term,
    `=name arguments` for a derived value. What else can be looked up is about the dataset as a whole.
    """

    prefixes: Mapping[str, str]
    things: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    graphs: dict[str, str] = field(default_factory=dict)
    types: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    uses: Counter[str] = field(default_factory=Counter)  # of each property, outside the vocabulary
    _users: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # the first of them
    _pointing: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    _iris: dict[str, str] = field(default_factory=dict)
    _lookups: set[str] | None = None  # while `recording`
    _derivations: dict[str, Callable[..., Any]] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)

    def add(self, quads: Iterable[Quad]) -> None:
        """Add the sorted quads of one source."""
        for subject, predicate, term, graph in quads:
            thing, property_ = intern(subject[1:-1]), intern(predicate[1:-1])
            if not graph[:-1].endswith(VOCABULARY):
                self.uses[property_] += 1
                if self.uses[property_] <= MOST_USERS:
                    self._users[property_].append(thing)
            properties = self.things.setdefault(thing, {})
            properties.setdefault(property_, []).append(intern(term) if term.startswith("<") else term)
            self.graphs.setdefault(thing, intern(graph[1:-1]))
            if property_ == TYPE:
                self.types[intern(term[1:-1])].append(thing)
            elif term.startswith("<"):
                self._pointing[intern(term[1:-1])].append((property_, thing))

    # ---------------------------------------------------------------- what a page depends on

    @contextmanager
    def recording(self) -> Iterator[set[str]]:
        """Record the lookups made in the block, into the set it is given."""
        before, lookups = self._lookups, set[str]()
        self._lookups = lookups
        try:
            yield lookups
        finally:
            self._lookups = before

    @contextmanager
    def unrecorded(self) -> Iterator[None]:
        """Record no lookup made in the block."""
        before, self._lookups = self._lookups, None
        try:
            yield
        finally:
            self._lookups = before

    def record(self, lookup: str) -> None:
        """Record a lookup, where lookups are recorded."""
        if self._lookups is not None:
            self._lookups.add(lookup)

    def register(self, name: str, derivation: Callable[..., Any]) -> None:
        """Register a function of texts whose values `derive` records as one lookup each.

        It goes by name, since a recorded lookup is a text that another process evaluates again.
        """
        self._derivations[name] = derivation

    def derive(self, name: str, *arguments: str) -> Any:
        """Return a derived value, recorded as one lookup however many it takes.

        Its `repr` must change whenever it does.
        """
        self.record(f"={' '.join((name, *arguments))}")
        with self.unrecorded():
            return self._derivations[name](*arguments)

    def digest_of(self, lookup: str) -> str:
        """Return a digest that changes with the result of a recorded lookup."""
        if lookup not in self._digests:
            result: object
            if lookup[:1] == ">":
                result = sorted(self._pointing.get(lookup[1:], ()))
            elif lookup[:1] == "*":
                result = sorted(self.types.get(lookup[1:], ()))
            elif lookup[:1] == "+":
                result = self.used(lookup[1:])
            elif lookup[:1] == "=":
                result = self.derive(*lookup[1:].split(" "))
            else:
                result = self.graphs.get(lookup), self.things.get(lookup)
            self._digests[lookup] = hashlib.sha256(repr(result).encode()).hexdigest()[:16]
        return self._digests[lookup]

    # ---------------------------------------------------------------- lookups

    def iri(self, name: str) -> str:
        """Return the IRI of a compact name."""
        if name not in self._iris:
            self._iris[name] = expand(name, self.prefixes)
        return self._iris[name]

    def values(self, thing: str) -> Mapping[str, list[str]]:
        """Return the properties of a thing: terms by property."""
        if self._lookups is not None:  # not by `record`: this is called for all that pages show
            self._lookups.add(thing)
        return self.things.get(thing, {})

    def terms(self, thing: str, *names: str) -> list[str]:
        """Return the values of some properties, as terms."""
        values = self.values(thing)
        return [term for name in names for term in values.get(self.iri(name), ())]

    def all(self, thing: str, *names: str) -> list[str]:
        """Return the values of some properties, as IRIs and texts."""
        return [value_of(term) for term in self.terms(thing, *names)]

    def first(self, thing: str, *names: str) -> str:
        """Return the first value of some properties; empty when there is none."""
        return next(iter(self.all(thing, *names)), "")

    def is_a(self, thing: str, *names: str) -> bool:
        """Whether the thing has one of these classes."""
        types = self.values(thing).get(TYPE, ())
        return any(f"<{self.iri(name)}>" in types for name in names)

    def of(self, *names: str) -> list[str]:
        """Return the instances of some classes, each once, sorted by IRI."""
        for name in names:
            self.record(f"*{self.iri(name)}")
        return sorted({thing for name in names for thing in self.types.get(self.iri(name), ())})

    def pointing(self, thing: str, *names: str) -> list[str]:
        """Return the things that point at this one by some properties."""
        wanted = {self.iri(name) for name in names}
        return [other for property_, other in self.all_pointing(thing) if property_ in wanted]

    def all_pointing(self, thing: str) -> list[tuple[str, str]]:
        """Return all backlinks of a thing, as pairs of property and thing."""
        self.record(f">{thing}")
        return self._pointing.get(thing, [])

    def count_pointing(self, thing: str) -> int:
        """Count the backlinks of a thing; not recorded."""
        return len(self._pointing.get(thing, ()))

    def used(self, term: str) -> tuple[int, list[str]]:
        """Count the uses of a class, a property or a concept in the data; return some of its users too."""
        self.record(f"+{term}")
        instances = [thing for thing in self.types.get(term, ()) if not self.is_vocabulary(thing)]
        naming = [thing for _, thing in self.all_pointing(term) if not self.is_vocabulary(thing)]
        users = list(dict.fromkeys((*instances, *naming, *self._users.get(term, ()))))
        return len(instances) + len(naming) + self.uses[term], users[:MOST_USERS]

    def is_vocabulary(self, thing: str) -> bool:
        """Whether the thing is a term or a shape, and not one of the things the data describe."""
        return self.graphs.get(thing, "").endswith(VOCABULARY)

    def text(self, thing: str, language: str, *names: str) -> LangString | None:
        """Return the first value of some properties in `language`, or else in English, or else in any."""
        terms = self.terms(thing, *names)
        if not terms:
            return None
        for term in terms:
            if language_of(term) in (language.lower(), ""):
                return LangString(value_of(term))
        other = next((term for term in terms if language_of(term) == SOURCE), terms[0])
        return LangString(value_of(other), language_of(other))

    def label(self, thing: str, language: str) -> LangString:
        """Return the label of a thing; the last segment of its IRI when it has none."""
        text = self.text(thing, language, *LABELS)
        return text or LangString(thing.rstrip("/#").replace("#", "/").rpartition("/")[2] or thing)

    def description(self, thing: str) -> Iterator[Quad]:
        """Yield the quads about a thing, those about its passages, and its backlinks."""
        seen, queue = set(), [thing]
        while queue:
            subject = queue.pop()
            if subject in seen:
                continue
            seen.add(subject)
            for property_, terms in self.values(subject).items():
                for term in terms:
                    if term.startswith("<urn:whereas:shape:"):  # a part of a shape that has no name of its own
                        queue.append(term[1:-1])
                    yield f"<{subject}>", f"<{property_}>", term, f"<{self.graphs[subject]}>"
            queue += self.all(subject, "wa:evidence", "oa:hasSelector")

        for property_, other in self.all_pointing(thing):
            yield f"<{other}>", f"<{property_}>", f"<{thing}>", f"<{self.graphs[other]}>"
