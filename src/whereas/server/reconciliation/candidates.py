"""Which entity of ours a name in somebody's table may mean: candidates with reasons, suggestions, values.

The reasons and what each is worth are those of `matching`. A candidate is sure only where that is safe
(docs/decisions/0012).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nsmallest

from whereas.content.index import LABELS, Index
from whereas.iris import compact, expand
from whereas.linking.matching import ACCEPT, MARGIN, NAMES, POINTS, Reason, alike, reason, words
from whereas.rdf.namespaces import XSD
from whereas.rdf.terms import datatype_of, is_iri, language_of, value_of
from whereas.rdf.wikibase import ENTITY, is_qid

SAME = ("owl:sameAs", "skos:exactMatch")
IDENTIFYING = (*SAME, "dcterms:identifier")  # what agrees in one of these is the same thing
ALIASES = ("skos:altLabel",)
MOST_NEAR = 50  # entities looked at for a name, of those that share some of its words
START = 3  # letters of a word by which it is found when the rest is misspelt
NEAR = 0.8  # the share of letters in common from which two names are nearly the same
_HIDDEN = ("rdf:type", "rdfs:label")  # not offered as properties: every candidate shows them


@dataclass(frozen=True)
class Condition:
    """What the table says of the thing: values of a property, by IRI."""

    property: str
    values: tuple[str, ...]
    required: bool = False
    quantifier: str = "any"  # or "all", "none": which of the values agree


@dataclass(frozen=True)
class Question:
    """A name, an identifier, or conditions alone; `strict` tells how types bind: any, all or should."""

    name: str = ""
    types: tuple[str, ...] = ()
    strict: str = "any"
    conditions: tuple[Condition, ...] = ()
    limit: int = 10


@dataclass(frozen=True)
class Candidate:
    """An entity that may be meant; `is_sure` where no person need look."""

    iri: str
    reasons: tuple[Reason, ...]
    is_sure: bool = False

    @property
    def points(self) -> int:
        """The sum of the reasons' points."""
        return sum(told.points for told in self.reasons)

    @property
    def score(self) -> int:
        """The points, held between 0 and 100."""
        return min(max(self.points, 0), 100)


class Entities:
    """The entities of a project by their names; an entity's id is what follows `space` in its IRI."""

    def __init__(self, index: Index, base: str) -> None:
        self.index, self.space = index, f"{base}ent/"
        self.all = [thing for thing in sorted(index.things) if thing.startswith(self.space) and self._labels(thing)]
        self._by_word: dict[str, list[str]] = defaultdict(list)  # and by the name without its spaces
        self._by_start: dict[str, list[str]] = defaultdict(list)  # of a word
        self._by_value: dict[str, set[str]] = defaultdict(set)  # that identifies, or by its ending
        self._same: dict[str, str] = {}
        rest_of_names = []
        for thing in self.all:
            self._same |= dict.fromkeys(index.all(thing, *SAME), thing)
            for value in index.all(thing, *IDENTIFYING):
                self._by_value[value].add(thing)
                self._by_value[_ending(value)].add(thing)
            names = [words(name) for name in self.names(thing)]
            for word in {word for told in names for word in (*told, "".join(told))}:
                self._by_word[word].append(thing)
            for start in {word[:START] for told in names for word in told}:
                self._by_start[start].append(thing)
            rest_of_names += [(" ".join(told[at:]), at, thing) for told in names for at in range(len(told))]
        self._rest_of_names = sorted(rest_of_names)

    def _labels(self, thing: str) -> list[str]:
        return self.index.all(thing, *LABELS)

    def names(self, thing: str) -> list[str]:
        """Labels, then aliases, each once."""
        return list(dict.fromkeys((*self._labels(thing), *self.index.all(thing, *ALIASES))))

    def label(self, thing: str, language: str) -> str:
        """What a thing, a class or a property is called."""
        return self.index.label(thing, language).text

    def id(self, thing: str) -> str:
        """The identifier of an entity of ours, or the compact name of anything else."""
        return thing.removeprefix(self.space) if thing.startswith(self.space) else self.name(thing)

    def name(self, iri: str) -> str:
        """The compact name by which types and properties are known."""
        return compact(iri, self.index.prefixes)

    def iri(self, name: str) -> str:
        """The IRI of a type or property by its compact name; as it stands where it is none."""
        try:
            return expand(name, self.index.prefixes)
        except (KeyError, ValueError):
            return f"{ENTITY}{name}" if is_qid(name) else name

    def find(self, name: str) -> str:
        """The entity that an identifier names: ours, or one that a decided link leads to; empty when none."""
        for iri in (self.space + name, self.iri(name)):
            if iri.startswith(self.space) and iri in self.index.things and self._labels(iri):
                return iri
        return self._same.get(self.iri(name), "")

    def types(self, things: Iterable[str]) -> list[str]:
        """The classes of things, each once, by IRI."""
        return sorted({kind for thing in things for kind in self.index.all(thing, "rdf:type")})

    def properties(self, kind: str = "") -> list[str]:
        """The properties that entities have, or those of a class, by IRI."""
        hidden = {self.index.iri(name) for name in _HIDDEN}
        things = [thing for thing in self.all if not kind or kind in self.types((thing,))]
        return sorted({name for thing in things for name in self.index.things[thing]} - hidden)

    def values(self, thing: str, property_: str, language: str) -> list[str]:
        """The values of a property, as terms; texts in a language where there are any in it."""
        terms = self.index.things.get(thing, {}).get(property_, [])
        fitting = [term for term in terms if language_of(term) in ("", language.lower())]
        return fitting or terms

    # ---------------------------------------------------------------- what starts so

    def starting(self, prefix: str) -> list[str]:
        """The entities one of whose names has words that start so; the one it identifies first."""
        wanted, found = " ".join(words(prefix)), []
        if not wanted:
            return [] if prefix.strip() else self.all
        at = bisect_left(self._rest_of_names, (wanted,))
        while at < len(self._rest_of_names) and self._rest_of_names[at][0].startswith(wanted):
            found.append(self._rest_of_names[at][1:])
            at += 1
        identified = self.find(prefix)
        # A name in another script has its spaces elsewhere, or none.
        whole = self._by_word.get(wanted.replace(" ", ""), [])
        first = [identified] if identified else []
        return list(dict.fromkeys((*first, *(thing for _, thing in sorted(found)), *whole)))

    # ---------------------------------------------------------------- what is meant

    def candidates(self, question: Question) -> list[Candidate]:
        """The entities that may be meant, the likeliest first."""
        found = []
        for thing in sorted(self._possible(question)):
            if reasons := self._judged(thing, question):
                found.append(Candidate(thing, reasons))
        found.sort(key=lambda candidate: (-candidate.points, candidate.iri))
        if found and self._is_sure(found):
            found[0] = Candidate(found[0].iri, found[0].reasons, True)
        return found[: question.limit]

    def _is_sure(self, found: list[Candidate]) -> bool:
        """Never a person on a name alone, never with another as near; else what scores enough, or a label."""
        first = found[0]
        if len(found) > 1 and first.points - found[1].points < MARGIN:
            return False
        if self.index.is_a(first.iri, "foaf:Person"):
            evidence = any(told.points > 0 and told.name not in (*NAMES, "type") for told in first.reasons)
            return evidence and first.points >= ACCEPT
        against = any(told.points < 0 for told in first.reasons)
        return first.points >= ACCEPT or (first.reasons[0].name == "label" and not against)

    def _possible(self, question: Question) -> set[str]:
        """What is worth a look: what shares the most words, or their beginnings; what a value identifies."""
        if not question.name:
            return self._with_values(question.conditions)
        told, shared = words(question.name), Counter[str]()
        for word in set(told):
            shared.update(dict.fromkeys(self._by_word.get(word, ()), 2))
            shared.update(self._by_start.get(word[:START], ()))
        nearest = nsmallest(MOST_NEAR, shared.items(), key=lambda pair: (-pair[1], pair[0]))
        found = {thing for thing, _ in nearest} | set(self._by_word.get("".join(told), ()))
        return found | ({self.find(question.name)} - {""}) | self._with_values(question.conditions, identifying=True)

    def _with_values(self, conditions: Iterable[Condition], identifying: bool = False) -> set[str]:
        found: set[str] = set()
        for condition in conditions:
            if condition.property in map(self.index.iri, IDENTIFYING):
                for value in condition.values:
                    found |= self._by_value.get(self.iri(value), set()) | self._by_value.get(value, set())
            elif not identifying:
                found |= {thing for thing in self.all if self._agrees(thing, condition)}
        return found

    def _judged(self, thing: str, question: Question) -> tuple[Reason, ...]:
        """The reasons for and against, or none where something excludes the thing or nothing speaks for it."""
        kinds = set(self.types((thing,)))
        fits = kinds.issuperset if question.strict == "all" else kinds.intersection
        is_kind = bool(question.types) and bool(fits(question.types))
        if question.types and not is_kind and question.strict != "should":
            return ()
        told: list[Reason] = []
        if question.name and self.find(question.name) == thing:
            told.append(reason("identifier", question.name))
        elif question.name:
            told += self._named(thing, question.name) or [reason("other-name", self.label(thing, "en"))]
        if is_kind:
            told.append(reason("type", ", ".join(map(self.name, sorted(kinds)))))
        for condition in question.conditions:
            agrees = self._agrees(thing, condition)
            if condition.required and not agrees:
                return ()
            if found := self._held(thing, condition, agrees):
                if found.name == "other-identifier":
                    return ()
                told.append(found)
        evidence = ("identifier", *NAMES) if question.name else ("identifier", "property")
        return tuple(told) if any(one.name in evidence for one in told) else ()

    def _named(self, thing: str, name: str) -> list[Reason]:
        """The best way in which a name of the thing agrees with one given, if any does."""
        best, text = "", ""
        labels = self._labels(thing)
        for ours in self.names(thing):
            how = alike(name, ours) or _nearly(name, ours)
            how = "alias" if how == "label" and ours not in labels else how
            if how and (not best or POINTS[how] > POINTS[best]):
                best, text = how, ours
        return [reason(best, text)] if best else []

    def _agrees(self, thing: str, condition: Condition) -> bool:
        terms = self.index.things[thing].get(condition.property, [])
        held = [any(self._is(term, value) for term in terms) for value in condition.values]
        return (
            not any(held) if condition.quantifier == "none" else (all if condition.quantifier == "all" else any)(held)
        )

    def _held(self, thing: str, condition: Condition, agrees: bool) -> Reason | None:
        terms = self.index.things[thing].get(condition.property, [])
        identifying = condition.property in map(self.index.iri, IDENTIFYING)
        name, values = self.label(condition.property, "en"), ", ".join(condition.values)
        if agrees and condition.quantifier != "none":
            if identifying:
                return reason("identifier", f"{name} {values}")
            days = any(datatype_of(term) == f"{XSD}date" for term in terms) and len(values) == 10
            return reason("property", values, POINTS["born"] if days else 0, property=name)
        if not terms or not condition.values or condition.quantifier == "none":
            return None
        if not identifying:
            return reason("other-property", ", ".join(map(value_of, terms[:3])), property=name)
        spaces = {self.iri(value).rpartition("/")[0] for value in condition.values}
        others = [value_of(term) for term in terms if value_of(term).rpartition("/")[0] in spaces - {""}]
        return reason("other-identifier", ", ".join(others), property=name, ours=values) if others else None

    def _is(self, term: str, value: str) -> bool:
        """Whether a value given is the one a term holds: an IRI by any of its names, a day as far as it is known."""
        ours = value_of(term)
        if is_iri(term):
            named = (self.iri(value), self.space + value)
            return (
                ours in named or value == _ending(ours) or any(alike(value, n) == "label" for n in self._labels(ours))
            )
        if datatype_of(term) == f"{XSD}date":
            return len(value) >= 4 and (ours.startswith(value) or value.startswith(ours))
        return alike(value, ours) in ("label", "folded") or value == ours


def _ending(value: str) -> str:
    """What an IRI ends in: the identifier among its publisher's."""
    return value.rstrip("/").rpartition("/")[2].rpartition("#")[2]


def _nearly(one: str, other: str) -> str:
    """`near` where two names share most letters, `part` where a single word is one of the other's."""
    first, second = words(one), words(other)
    if not first or not second:
        return ""
    if SequenceMatcher(None, " ".join(first), " ".join(second)).ratio() >= NEAR:
        return "near"
    fewer, more = sorted((set(first), set(second)), key=len)
    return "part" if fewer <= more else ""
