"""Score how likely a Wikidata item is an entity of the project: a sum of named, explained reasons.

Pure and deterministic. Scores make proposals; a person decides (docs/decisions/0005).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from whereas.i18n import Message
from whereas.linking.names import alike, same, share_script
from whereas.rdf.wikibase import HUMAN, PROPERTIES, Item, number

PERSON = "http://xmlns.com/foaf/0.1/Person"
GROUP = "http://xmlns.com/foaf/0.1/Group"
ORGANIZATION = "http://www.w3.org/ns/org#Organization"
PLACE = "https://schema.org/Place"

ACCEPT = 80  # the lowest score that may be accepted without review, whatever threshold is requested
MARGIN = 10  # points by which the best match must lead the second to be accepted without review

# Points of each reason. Only `identifier` is enough alone.
POINTS = {
    "label": 40, "alias": 35, "folded": 35, "words": 25, "script": 20, "near": 20, "part": 10, "languages": 5,
    "other-name": -50,
    "type": 10, "other-type": -50, "unlike-type": -20,
    "born": 30, "born-year": 15, "born-otherwise": -50, "birthplace": 10,
    "country": 15, "other-country": -20, "occupation": 10, "position": 20, "context": 5,
    "dead-by-then": -20, "identifier": 100, "other-identifier": -100, "property": 15, "other-property": -20,
}  # fmt: skip
NAMES = ("label", "alias", "folded", "words", "script", "near", "part", "languages")
MAX_COUNT = 3  # `languages` and `context` count at most this many times

# By class of the project, the Wikidata classes that its entities are usually direct instances of; not complete.
KINDS = {
    PERSON: {HUMAN},
    GROUP: {"Q41710", "Q874405", "Q1371849"},
    ORGANIZATION: {
        "Q43229", "Q7278", "Q245065", "Q484652", "Q1335818", "Q35749", "Q11204", "Q327333", "Q4358176", "Q6256",
        "Q3624078", "Q1110794", "Q11032", "Q41487", "Q163740", "Q748720", "Q15925165", "Q7210356",
    },
    PLACE: {
        "Q6256", "Q3624078", "Q515", "Q5107", "Q56061", "Q484170", "Q1549591", "Q82794", "Q46395", "Q1637706",
        "Q57733494", "Q43702",
    },
}  # fmt: skip
# Classes that no person, group, organization or place is an instance of: taxon, film, literary work, book, album, song, single, television
# series, video game, painting, scholarly article, ship, gene.
UNLIKE = {
    "Q16521", "Q11424", "Q7725634", "Q571", "Q482994", "Q7366", "Q134556", "Q5398426", "Q7889", "Q3305213", "Q13442814",
    "Q11446", "Q7187",
}  # fmt: skip
# Wikimedia pages (disambiguation, category, list …) and names: never an entity of a project.
NEVER = {"Q4167410", "Q4167836", "Q13406463", "Q101352", "Q202444", "Q12308941", "Q11879590", "Q11266439"}


@dataclass(frozen=True)
class EntityRecord:
    """An entity of the project as it is compared with items; places, positions and so on are Wikidata QIDs."""

    iri: str
    labels: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    types: frozenset[str] = frozenset()
    identifiers: Mapping[str, str] = field(default_factory=dict)  # by Wikidata property
    born: str = ""
    birthplaces: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    occupations: frozenset[str] = frozenset()
    positions: frozenset[str] = frozenset()  # roles, and organizations it is a member of
    context: Mapping[str, str] = field(default_factory=dict)  # names of items in the same documents, by QID
    days: tuple[str, ...] = ()  # dates of the documents that mention it

    @property
    def is_person(self) -> bool:
        return PERSON in self.types

    @property
    def names(self) -> tuple[str, ...]:
        """Labels, then aliases, without repetition."""
        return tuple(dict.fromkeys((*self.labels.values(), *self.aliases)))


@dataclass(frozen=True)
class Reason:
    """Evidence for or against a match, with its points."""

    name: str
    points: int
    message: Message


@dataclass(frozen=True)
class Match:
    """An item compared with a record."""

    item: Item
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        """The sum of the reasons' points."""
        return sum(reason.points for reason in self.reasons)

    @property
    def confidence(self) -> float:
        """The score as an SSSOM confidence, from 0 to 0.99: certainty is left to people."""
        return min(max(self.score, 0), 99) / 100

    def has(self, *names: str) -> bool:
        """Return whether one of these is among the reasons."""
        return any(reason.name in names for reason in self.reasons)

    @property
    def rests_on_name(self) -> bool:
        """Whether only name, type and context support the match."""
        return not any(r.points > 0 and r.name not in (*NAMES, "type", "context") for r in self.reasons)


def rank(record: EntityRecord, items: Iterable[Item]) -> list[Match]:
    """Return the matches, best first; of equal scores, the item with the lower number first."""
    matches = [match for item in items if (match := compare(record, item))]
    return sorted(matches, key=lambda match: (-match.score, number(match.item.qid)))


def accepted(record: EntityRecord, ranked: list[Match], threshold: int) -> Match | None:
    """Return the match that needs no review: at `threshold` or above and `MARGIN` ahead of the second.

    A person is never accepted on a name alone. A threshold below `ACCEPT` counts as `ACCEPT`.
    """
    if not ranked or ranked[0].score < max(threshold, ACCEPT):
        return None
    first, others = ranked[0], ranked[1:]
    if others and first.score - others[0].score < MARGIN:
        return None
    return None if record.is_person and first.rests_on_name else first


def compare(record: EntityRecord, item: Item) -> Match | None:
    """Compare an item with a record; None when no name and no identifier agrees, or the item is excluded."""
    if item.missing or item.target or NEVER & set(item.values("P31")):
        return None
    reasons = (*_identifiers(record, item), *_names(record, item))
    if not reasons or any(reason.name == "other-identifier" for reason in reasons):
        return None
    return _match(record, item)


def objections(record: EntityRecord, item: Item) -> list[Reason]:
    """Return the reasons against the match."""
    return [reason for reason in _match(record, item).reasons if reason.points < 0]


def _match(record: EntityRecord, item: Item) -> Match:
    names = list(_names(record, item)) or [reason("other-name", item.name(*record.labels))]
    return Match(
        item,
        (*_identifiers(record, item), *names, *_type(record, item), *_life(record, item), *_context(record, item)),
    )


# -------------------------------------------------------------------- the reasons


def reason(name: str, value: object, points: int = 0, **values: object) -> Reason:
    """Return the reason of that name; `value` and `values` fill its sentence, `points` replace its usual ones."""
    return Reason(name, points or POINTS[name], SENTENCES[name].filled(value=value, **values))


def _identifiers(record: EntityRecord, item: Item) -> Iterator[Reason]:
    for name, ours in sorted(record.identifiers.items()):
        theirs = {value.replace(" ", "") for value in item.values(name)}
        label = PROPERTIES[name].label
        if ours in theirs:
            yield reason("identifier", Message("{property} {value}", property=label, value=ours))
        elif theirs:
            yield reason("other-identifier", ", ".join(sorted(theirs)), property=label, ours=ours)


def _names(record: EntityRecord, item: Item) -> Iterator[Reason]:
    best: tuple[int, str, str] = (0, "", "")
    aliases = {text for texts in item.aliases.values() for text in texts}
    for ours in record.names:
        for theirs, is_label in (*((t, True) for t in item.labels.values()), *((t, False) for t in sorted(aliases))):
            if agreement := alike(ours, theirs):
                if agreement == "script" and _is_homophone(ours, theirs, record, item):
                    continue
                if agreement == "label" and (not is_label or ours in record.aliases):
                    agreement = "alias"
                if POINTS[agreement] > best[0]:
                    best = POINTS[agreement], agreement, theirs
    if best[1]:
        yield reason(best[1], best[2])
    if not record.is_person and best[1] in ("label", "folded"):
        shared = [tag for tag in sorted(record.labels) if tag in item.labels]
        agreeing = [tag for tag in shared if alike(record.labels[tag], item.labels[tag]) in ("label", "folded")]
        by_spelling = {same(record.labels[tag]): tag for tag in agreeing}
        if len(by_spelling) > 1:
            count = min(len(by_spelling) - 1, MAX_COUNT)
            yield reason("languages", ", ".join(sorted(by_spelling.values())), points=count * POINTS["languages"])


def _is_homophone(ours: str, theirs: str, record: EntityRecord, item: Item) -> bool:
    """Whether names agree only when romanised although both have names in one script, which do not agree."""
    their_names = (*item.labels.values(), *(text for texts in item.aliases.values() for text in texts))
    can_compare = share_script(theirs, record.names) or share_script(ours, their_names)
    return can_compare and not share_script(ours, [theirs])


def _type(record: EntityRecord, item: Item) -> Iterator[Reason]:
    kinds = set(item.values("P31"))
    expected = {kind for name in record.types for kind in KINDS.get(name, ())}
    if common := sorted(expected & kinds):
        yield reason("type", ", ".join(common))
    elif kinds and record.is_person != (HUMAN in kinds):
        yield reason("other-type", ", ".join(sorted(kinds)))
    elif expected and (unlike := sorted(kinds & (UNLIKE | set().union(*KINDS.values())))):
        yield reason("unlike-type", ", ".join(unlike))


def _life(record: EntityRecord, item: Item) -> Iterator[Reason]:
    born = item.best("P569")
    if record.born and born:
        if record.born in born:
            yield reason("born" if len(record.born) == 10 else "born-year", record.born)
        elif any(_within(record.born, theirs) for theirs in born):
            yield reason("born-year", record.born[:4])
        else:
            yield reason("born-otherwise", ", ".join(born))
    for name, ours, properties in (
        ("birthplace", record.birthplaces, ("P19",)),
        ("occupation", record.occupations, ("P106",)),
        ("position", record.positions, ("P39", "P102", "P463")),
    ):
        if common := sorted(ours & set(item.values(*properties))):
            yield reason(name, ", ".join(common))
    countries = set(item.values("P27", "P17"))
    if record.countries and countries:
        common = sorted(record.countries & countries)
        yield reason("country" if common else "other-country", ", ".join(common or sorted(countries)))
    died = max(item.best("P570"), default="")
    if died and record.days and died < min(record.days)[: len(died)]:
        yield reason("dead-by-then", died)


def _within(one: str, other: str) -> bool:
    """Return whether the less precise of two dates contains the other."""
    return one.startswith(other) or other.startswith(one)


def _context(record: EntityRecord, item: Item) -> Iterator[Reason]:
    values = set(item.values("P27", "P17", "P19", "P39", "P102", "P463"))
    scored = record.positions | record.countries | record.birthplaces
    if common := sorted(values & record.context.keys() - scored):
        names = ", ".join(record.context[qid] for qid in common[:MAX_COUNT])
        yield reason("context", names, points=min(len(common), MAX_COUNT) * POINTS["context"])


SENTENCES = {
    "label": Message("its label is {value}"),
    "alias": Message("it is also called {value}"),
    "folded": Message("it is called {value}, with a different spelling"),
    "words": Message("one name contains the other: {value}"),
    "script": Message("it is called {value}, which agrees only when romanised"),
    "near": Message("it is called {value}, nearly the same"),
    "part": Message("its name {value} shares a word"),
    "property": Message("same {property}: {value}"),
    "other-property": Message("different {property}: {value}"),
    "languages": Message("labels agree in {value}"),
    "other-name": Message("no name agrees: it is called {value}"),
    "type": Message("it is an instance of {value}"),
    "other-type": Message("it is an instance of {value}, a different kind of entity"),
    "unlike-type": Message("it is an instance of {value}, an unlikely kind for this entity"),
    "born": Message("same date of birth: {value}"),
    "born-year": Message("same year of birth: {value}"),
    "born-otherwise": Message("different date of birth: {value}"),
    "birthplace": Message("same place of birth: {value}"),
    "country": Message("same country: {value}"),
    "other-country": Message("different country: {value}"),
    "occupation": Message("same occupation: {value}"),
    "position": Message("same position or membership: {value}"),
    "context": Message("linked to entities of the same documents: {value}"),
    "dead-by-then": Message("died in {value}, before the documents"),
    "identifier": Message("same {value}"),
    "other-identifier": Message("its {property} is {value}, not {ours}"),
}
