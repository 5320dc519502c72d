"""Everything a project says, held by subject and by what is named: what pages are made of.

One pass over the quads; after it, a page costs what it shows and not what the project holds.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from whereas.iris import expand
from whereas.rdf.namespaces import RDF
from whereas.rdf.terms import Quad, language_of, value_of

TYPE = f"{RDF}type"
MOST_USERS = 12
VOCABULARY = ("graph/vocabulary", "graph/shapes")  # what the graphs of terms and of rules are called
LABELS = ("rdfs:label", "skos:prefLabel", "dcterms:title")


@dataclass(frozen=True)
class LangString:
    """Text for a reader; `language` is told where it is not the one asked for."""

    text: str
    language: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass
class Index:
    """Terms by subject and predicate, and who names whom. Things and predicates go by IRI.

    `reads` notes what was looked up since it was last emptied: a thing by its IRI, who names it by
    `>` and its IRI, a class by `*`, the use of a term by `+` and its IRI, what was made of many things by `=`.
    What else there is to look up is about the whole.
    """

    prefixes: Mapping[str, str]
    things: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    graphs: dict[str, str] = field(default_factory=dict)
    types: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    uses: Counter[str] = field(default_factory=Counter)  # of each property, outside the vocabulary
    _users: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # the first of them
    _pointing: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    _names: dict[str, str] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    makers: dict[str, Callable[..., Any]] = field(default_factory=dict)  # what makes something of many things, by name
    _digests: dict[str, str] = field(default_factory=dict)

    def add(self, quads: Iterable[Quad]) -> None:
        """Take in sorted quads of one source."""
        for subject, predicate, term, graph in quads:
            name, property_ = intern(subject[1:-1]), intern(predicate[1:-1])
            if not graph[:-1].endswith(VOCABULARY):
                self.uses[property_] += 1
                if self.uses[property_] <= MOST_USERS:
                    self._users[property_].append(name)
            values = self.things.setdefault(name, {})
            values.setdefault(property_, []).append(intern(term) if term.startswith("<") else term)
            self.graphs.setdefault(name, intern(graph[1:-1]))
            if property_ == TYPE:
                self.types[intern(term[1:-1])].append(name)
            elif term.startswith("<"):
                self._pointing[intern(term[1:-1])].append((property_, name))

    def iri(self, name: str) -> str:
        """The IRI of a compact name."""
        if name not in self._names:
            self._names[name] = expand(name, self.prefixes)
        return self._names[name]

    @contextmanager
    def unnoted(self) -> Iterator[None]:
        """What is looked up meanwhile is not noted."""
        noted, self.reads = self.reads, set()
        try:
            yield
        finally:
            self.reads = noted

    def made(self, maker: str, *arguments: str) -> Any:
        """What one of the `makers` makes of arguments; noted as one thing, however many it looks up.

        Its `repr` must tell all of it.
        """
        self.reads.add(f"={' '.join((maker, *arguments))}")
        with self.unnoted():
            return self.makers[maker](*arguments)

    def values(self, thing: str) -> Mapping[str, list[str]]:
        """What is said of a thing: terms by property."""
        self.reads.add(thing)
        return self.things.get(thing, {})

    def terms(self, thing: str, *names: str) -> list[str]:
        """The values of some properties, as terms."""
        values = self.values(thing)
        return [term for name in names for term in values.get(self.iri(name), ())]

    def all(self, thing: str, *names: str) -> list[str]:
        """The values of some properties, as IRIs and texts."""
        return [value_of(term) for term in self.terms(thing, *names)]

    def first(self, thing: str, *names: str) -> str:
        """The first value of some properties; empty when there is none."""
        return next(iter(self.all(thing, *names)), "")

    def is_a(self, thing: str, *names: str) -> bool:
        """Whether the thing has one of these classes."""
        told = self.values(thing).get(TYPE, ())
        return any(f"<{self.iri(name)}>" in told for name in names)

    def of(self, *names: str) -> list[str]:
        """The things of some classes, each once, in the order of their names."""
        self.reads.update(f"*{self.iri(name)}" for name in names)
        return sorted({thing for name in names for thing in self.types.get(self.iri(name), ())})

    def pointing(self, thing: str, *names: str) -> list[str]:
        """The things that name this one by some properties."""
        wanted = {self.iri(name) for name in names}
        return [other for property_, other in self.all_pointing(thing) if property_ in wanted]

    def used(self, term: str) -> tuple[int, list[str]]:
        """How often the data use a class, a property or a concept, and some of what does."""
        self.reads.add(f"+{term}")
        instances = [name for name in self.types.get(term, ()) if not self.is_vocabulary(name)]
        naming = [name for _, name in self.all_pointing(term) if not self.is_vocabulary(name)]
        users = list(dict.fromkeys((*instances, *naming, *self._users.get(term, ()))))
        return len(instances) + len(naming) + self.uses[term], users[:MOST_USERS]

    def is_vocabulary(self, thing: str) -> bool:
        """Whether the thing is a term or a rule of the project, not one of the things it tells of."""
        return self.graphs.get(thing, "").endswith(VOCABULARY)

    def all_pointing(self, thing: str) -> list[tuple[str, str]]:
        """Every property and thing that name this one."""
        self.reads.add(f">{thing}")
        return self._pointing.get(thing, [])

    def count_pointing(self, thing: str) -> int:
        """How often anything names this one; not noted."""
        return len(self._pointing.get(thing, ()))

    def words(self, thing: str, language: str, *names: str) -> LangString | None:
        """A text of the thing in a language, or else in another."""
        terms = self.terms(thing, *names)
        if not terms:
            return None
        for term in terms:
            if language_of(term) in (language, ""):
                return LangString(value_of(term))
        return LangString(value_of(terms[0]), language_of(terms[0]))

    def label(self, thing: str, language: str) -> LangString:
        """What a thing is called; the last step of its IRI when nothing calls it anything."""
        found = self.words(thing, language, *LABELS)
        return found or LangString(thing.rstrip("/#").replace("#", "/").rpartition("/")[2] or thing)

    def description(self, thing: str) -> Iterator[Quad]:
        """What is said of a thing, its passages whole, and who names it."""
        seen, rest = set(), [thing]
        while rest:
            name = rest.pop()
            if name in seen:
                continue
            seen.add(name)
            for property_, terms in self.values(name).items():
                for term in terms:
                    if term.startswith("<urn:whereas:shape:"):  # a part of a shape that has no name of its own
                        rest.append(term[1:-1])
                    yield f"<{name}>", f"<{property_}>", term, f"<{self.graphs[name]}>"
            rest += self.all(name, "wa:evidence", "oa:hasSelector")

        for property_, other in self.all_pointing(thing):
            yield f"<{other}>", f"<{property_}>", f"<{thing}>", f"<{self.graphs[other]}>"

    def digest_of(self, read: str) -> str:
        """Changes with what a lookup of `reads` found."""
        if read not in self._digests:
            found: object
            if read[:1] == ">":
                found = sorted(self._pointing.get(read[1:], ()))
            elif read[:1] == "*":
                found = sorted(self.types.get(read[1:], ()))
            elif read[:1] == "+":
                found = self.used(read[1:])
            elif read[:1] == "=":
                found = self.made(*read[1:].split(" "))
            else:
                found = self.graphs.get(read), self.things.get(read)
            self._digests[read] = hashlib.sha256(repr(found).encode()).hexdigest()[:16]
        return self._digests[read]
