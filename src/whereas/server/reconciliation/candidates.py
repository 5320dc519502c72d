"""Entities as reconciliation candidates: scored with reasons, suggested by prefix, with values of properties.

Reasons and points are those of `matching`. A candidate is a match only where that is safe (docs/decisions/0012).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import nsmallest

from whereas.content.index import LABELS, Index
from whereas.i18n import SOURCE
from whereas.iris import compact, expand
from whereas.linking.matching import ACCEPT, MARGIN, NAMES, POINTS, Reason, reason
from whereas.linking.names import alike, keys, nearly_alike, romanized, share_script, words
from whereas.rdf.namespaces import XSD
from whereas.rdf.terms import datatype_of, is_iri, language_of, value_of
from whereas.rdf.wikibase import ENTITY, is_qid

SAME = ("owl:sameAs", "skos:exactMatch")
IDENTIFYING = (*SAME, "dcterms:identifier")  # entities that share a value of one of these are the same
ALIASES = ("skos:altLabel",)
MAX_COMPARED = 50  # entities compared with a name, of those that share some of its words
START = 3  # letters of a word by which it is looked up when the rest is misspelt
_HIDDEN = ("rdf:type", "rdfs:label")  # every candidate shows them, so they are not suggested as properties


@dataclass(frozen=True)
class Condition:
    """Values of a property, given by IRI, in a row of the client's table."""

    property: str
    values: tuple[str, ...]
    required: bool = False
    quantifier: str = "any"  # or "all", "none": which of the values must agree


@dataclass(frozen=True)
class ReconciliationQuery:
    """A name, an identifier, or conditions alone; `strict` is how types restrict: any, all or should."""

    name: str = ""
    types: tuple[str, ...] = ()
    strict: str = "any"
    conditions: tuple[Condition, ...] = ()
    limit: int = 10


@dataclass(frozen=True)
class Candidate:
    """An entity that may be meant; `is_match` where no person need decide."""

    iri: str
    reasons: tuple[Reason, ...]
    is_match: bool = False

    @property
    def points(self) -> int:
        """The sum of the reasons' points."""
        return sum(reason.points for reason in self.reasons)

    @property
    def score(self) -> int:
        """The points, clamped to 0 and 100."""
        return min(max(self.points, 0), 100)


def _compare_names(one: str, other: str) -> str:
    return alike(one, other) or nearly_alike(one, other)


def _is_close(first: Candidate, other: Candidate, is_person: bool) -> bool:
    """Whether another candidate is close behind: a similar name beside an exact one is not, unless it has more evidence."""
    evidence, other_evidence = (
        sum(reason.points for reason in candidate.reasons if reason.name not in NAMES) for candidate in (first, other)
    )
    is_exact, is_similar = (
        any(reason.name in names for reason in candidate.reasons)
        for candidate, names in ((first, ("label",)), (other, ("folded", "words", "script", "near", "part")))
    )
    if is_exact and is_similar and not is_person and other_evidence <= evidence:
        return False
    return first.points - other.points < MARGIN


class Entities:
    """The entities of a project by their names; an entity's id is what follows `space` in its IRI."""

    def __init__(self, index: Index, base: str) -> None:
        self.index, self.space = index, f"{base}ent/"
        self.all = [thing for thing in sorted(index.things) if thing.startswith(self.space) and self._labels(thing)]
        self._by_word: dict[str, list[str]] = defaultdict(list)  # and by the whole name without spaces
        self._by_start: dict[str, list[str]] = defaultdict(list)  # of a word
        self._by_value: dict[str, set[str]] = defaultdict(set)  # of an identifying property, or its last part
        self._same: dict[str, str] = {}
        name_endings = []
        for thing in self.all:
            self._same |= dict.fromkeys(index.all(thing, *SAME), thing)
            for value in index.all(thing, *IDENTIFYING):
                self._by_value[value].add(thing)
                self._by_value[_ending(value)].add(thing)
            names = [form for name in self.names(thing) for form in {words(name), romanized(name)}]
            for word in {word for name in self.names(thing) for word in keys(name)}:
                self._by_word[word].append(thing)
            for start in {word[:START] for name in names for word in name}:
                self._by_start[start].append(thing)
            name_endings += [(" ".join(name[at:]), at, thing) for name in names for at in range(len(name))]
        self._name_endings = sorted(name_endings)  # from each word to the end of the name

    def _labels(self, thing: str) -> list[str]:
        return self.index.all(thing, *LABELS)

    def names(self, thing: str) -> list[str]:
        """Return labels, then aliases, each once."""
        return list(dict.fromkeys((*self._labels(thing), *self.index.all(thing, *ALIASES))))

    def label(self, thing: str, language: str) -> str:
        """Return the label of an entity, class or property."""
        return self.index.label(thing, language).text

    def id(self, thing: str) -> str:
        """Return the id of an entity of the project, or the compact name of anything else."""
        return thing.removeprefix(self.space) if thing.startswith(self.space) else self.name(thing)

    def name(self, iri: str) -> str:
        """Return the compact name of a type or property."""
        return compact(iri, self.index.prefixes)

    def iri(self, name: str) -> str:
        """Return the IRI of a compact name; anything else unchanged."""
        try:
            return expand(name, self.index.prefixes)
        except (KeyError, ValueError):
            return f"{ENTITY}{name}" if is_qid(name) else name

    def find(self, name: str) -> str:
        """Return the entity that an identifier names, its own or one linked to it; empty when there is none."""
        for iri in (self.space + name, self.iri(name)):
            if iri.startswith(self.space) and iri in self.index.things and self._labels(iri):
                return iri
        return self._same.get(self.iri(name), "")

    def types(self, things: Iterable[str]) -> list[str]:
        """Return the classes of entities, by IRI, each once."""
        return sorted({kind for thing in things for kind in self.index.all(thing, "rdf:type")})

    def properties(self, kind: str = "") -> list[str]:
        """Return the properties of all entities, or of those of a class, by IRI."""
        hidden = {self.index.iri(name) for name in _HIDDEN}
        things = [thing for thing in self.all if not kind or kind in self.types((thing,))]
        return sorted({name for thing in things for name in self.index.things[thing]} - hidden)

    def values(self, thing: str, property_: str, language: str) -> list[str]:
        """Return the values of a property, as terms: texts in the language where there are any in it."""
        terms = self.index.things.get(thing, {}).get(property_, [])
        in_language = [term for term in terms if language_of(term) in ("", language.lower())]
        return in_language or terms

    # ---------------------------------------------------------------- suggestions

    def starting_with(self, prefix: str) -> list[str]:
        """Return the entities with a name one of whose words starts so; first the one that the prefix identifies."""
        folded, matches = " ".join(words(prefix)), []
        if not folded:
            return [] if prefix.strip() else self.all
        at = bisect_left(self._name_endings, (folded,))
        while at < len(self._name_endings) and self._name_endings[at][0].startswith(folded):
            matches.append(self._name_endings[at][1:])
            at += 1
        identified = self.find(prefix)
        # A name in another script may have other spaces, or none.
        whole = [
            thing
            for key in keys(prefix)
            for thing in self._by_word.get(key, ())
            if self._name_reason(thing, prefix, alike)
        ]
        first = [identified] if identified else []
        return list(dict.fromkeys((*first, *(thing for _, thing in sorted(matches)), *whole)))

    # ---------------------------------------------------------------- candidates

    def candidates(self, query: ReconciliationQuery) -> list[Candidate]:
        """Return the entities that may be meant, the likeliest first."""
        ranked = []
        for thing in sorted(self._preselect(query)):
            if reasons := self._reasons(thing, query):
                ranked.append(Candidate(thing, reasons))
        ranked.sort(key=lambda candidate: (-candidate.points, candidate.iri))
        if ranked and self._is_match(ranked):
            ranked[0] = Candidate(ranked[0].iri, ranked[0].reasons, True)
        return ranked[: query.limit]

    def _is_match(self, ranked: list[Candidate]) -> bool:
        """Whether the first candidate is a match: never a person by name alone, never with the second close behind."""
        first = ranked[0]
        is_person = self.index.is_a(first.iri, "foaf:Person")
        if any(_is_close(first, other, is_person) for other in ranked[1:]):
            return False
        if is_person:
            evidence = any(reason.points > 0 and reason.name not in (*NAMES, "type") for reason in first.reasons)
            return evidence and first.points >= ACCEPT
        is_contradicted = any(reason.points < 0 for reason in first.reasons)
        return first.points >= ACCEPT or (first.reasons[0].name == "label" and not is_contradicted)

    def _preselect(self, query: ReconciliationQuery) -> set[str]:
        """Return the entities to compare: those that share the most words or their starts, or an identifying value."""
        if not query.name:
            return self._with_values(query.conditions)
        shared = Counter[str]()
        for word in keys(query.name):
            shared.update(dict.fromkeys(self._by_word.get(word, ()), 2))
            shared.update(self._by_start.get(word[:START], ()))
        nearest = nsmallest(MAX_COMPARED, shared.items(), key=lambda pair: (-pair[1], pair[0]))
        whole = {"".join(words(query.name)), "".join(romanized(query.name))}
        things = {thing for thing, _ in nearest} | {thing for key in whole for thing in self._by_word.get(key, ())}
        return things | ({self.find(query.name)} - {""}) | self._with_values(query.conditions, identifying=True)

    def _with_values(self, conditions: Iterable[Condition], identifying: bool = False) -> set[str]:
        things: set[str] = set()
        for condition in conditions:
            if condition.property in map(self.index.iri, IDENTIFYING):
                for value in condition.values:
                    things |= self._by_value.get(self.iri(value), set()) | self._by_value.get(value, set())
            elif not identifying:
                things |= {thing for thing in self.all if self._agrees(thing, condition)}
        return things

    def _reasons(self, thing: str, query: ReconciliationQuery) -> tuple[Reason, ...]:
        """Return the reasons for and against; none where the entity is excluded or nothing supports it."""
        types = set(self.types((thing,)))
        fits = types.issuperset if query.strict == "all" else types.intersection
        has_type = bool(query.types) and bool(fits(query.types))
        if query.types and not has_type and query.strict != "should":
            return ()
        reasons: list[Reason] = []
        if query.name and self.find(query.name) == thing:
            reasons.append(reason("identifier", query.name))
        elif query.name:
            reasons += self._name_reason(thing, query.name) or [reason("other-name", self.label(thing, SOURCE))]
        if has_type:
            reasons.append(reason("type", ", ".join(map(self.name, sorted(types)))))
        for condition in query.conditions:
            agrees = self._agrees(thing, condition)
            if condition.required and not agrees:
                return ()
            if property_reason := self._property_reason(thing, condition, agrees):
                if property_reason.name == "other-identifier":
                    return ()
                reasons.append(property_reason)
        evidence = ("identifier", *NAMES) if query.name else ("identifier", "property")
        return tuple(reasons) if any(reason.name in evidence for reason in reasons) else ()

    def _name_reason(self, thing: str, name: str, compare: Callable[[str, str], str] = _compare_names) -> list[Reason]:
        """Return how a name agrees with the entity's name that is most like it; nothing where none is."""
        best, text = "", ""
        labels = self._labels(thing)
        for own_name in self.names(thing):
            agreement = compare(name, own_name)
            if agreement == "script" and share_script(name, self.names(thing)) and not share_script(name, [own_name]):
                continue  # the entity has another name in that script
            agreement = "alias" if agreement == "label" and own_name not in labels else agreement
            if agreement and (not best or POINTS[agreement] > POINTS[best]):
                best, text = agreement, own_name
        return [reason(best, text)] if best else []

    def _agrees(self, thing: str, condition: Condition) -> bool:
        terms = self.index.things[thing].get(condition.property, [])
        agree = [any(self._is_value(term, value) for term in terms) for value in condition.values]
        if condition.quantifier == "none":
            return not any(agree)
        return all(agree) if condition.quantifier == "all" else any(agree)

    def _property_reason(self, thing: str, condition: Condition, agrees: bool) -> Reason | None:
        terms = self.index.things[thing].get(condition.property, [])
        is_identifying = condition.property in map(self.index.iri, IDENTIFYING)
        name, values = self.label(condition.property, SOURCE), ", ".join(condition.values)
        if agrees and condition.quantifier != "none":
            if is_identifying:
                return reason("identifier", f"{name} {values}")
            is_day = any(datatype_of(term) == f"{XSD}date" for term in terms) and len(values) == 10
            return reason("property", values, POINTS["born"] if is_day else 0, property=name)
        if not terms or not condition.values or condition.quantifier == "none":
            return None
        if not is_identifying:
            return reason("other-property", ", ".join(map(value_of, terms[:3])), property=name)
        namespaces = {self.iri(value).rpartition("/")[0] for value in condition.values} - {""}
        others = [value_of(term) for term in terms if value_of(term).rpartition("/")[0] in namespaces]
        return reason("other-identifier", ", ".join(others), property=name, ours=values) if others else None

    def _is_value(self, term: str, value: str) -> bool:
        """Whether a term has this value: an IRI by any of its names, a day as far as it is known."""
        text = value_of(term)
        if is_iri(term):
            if text in (self.iri(value), self.space + value) or value == _ending(text):
                return True
            return any(alike(value, label) == "label" for label in self._labels(text))
        if datatype_of(term) == f"{XSD}date":
            return len(value) >= 4 and (text.startswith(value) or value.startswith(text))
        return alike(value, text) in ("label", "folded") or value == text


def _ending(value: str) -> str:
    """Return the last part of an IRI, which is often an identifier of its publisher."""
    return value.rstrip("/").rpartition("/")[2].rpartition("#")[2]
