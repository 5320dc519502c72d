"""Whether an item of Wikidata is the thing an entity of ours names: a sum of named, explained reasons.

Pure and deterministic. It proposes; a person decides (docs/decisions/0005).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from anyascii import anyascii

from whereas.i18n import Message
from whereas.rdf.wikibase import HUMAN, PROPERTIES, Item, number

PERSON = "http://xmlns.com/foaf/0.1/Person"
GROUP = "http://xmlns.com/foaf/0.1/Group"
ORGANIZATION = "http://www.w3.org/ns/org#Organization"
PLACE = "https://schema.org/Place"

ACCEPT = 80  # a lower sum is a proposal, whatever anybody asks for
MARGIN = 10  # the runner-up is at least so far behind, or nothing is accepted

# What each reason is worth. Only `identifier` decides alone.
POINTS = {
    "label": 40, "alias": 35, "folded": 35, "script": 30, "words": 25, "near": 20, "part": 10, "languages": 5,
    "other-name": -50,
    "type": 10, "other-type": -50, "unlike-type": -20,
    "born": 30, "born-year": 15, "born-otherwise": -50, "birthplace": 10,
    "country": 15, "other-country": -20, "occupation": 10, "position": 20, "context": 5,
    "dead-by-then": -20, "identifier": 100, "other-identifier": -100, "property": 15, "other-property": -20,
}  # fmt: skip
NAMES = ("label", "alias", "folded", "script", "words", "near", "part", "languages")
MOST_OFTEN = 3  # `languages` and `context` count at most so many times

# Classes of Wikidata that an entity of each of our classes is directly an instance of; no complete list.
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
# Classes of what is no person, group, body or place: taxon, film, literary work, book, album, song, single, television
# series, video game, painting, scholarly article, ship, gene.
UNLIKE = {
    "Q16521", "Q11424", "Q7725634", "Q571", "Q482994", "Q7366", "Q134556", "Q5398426", "Q7889", "Q3305213", "Q13442814",
    "Q11446", "Q7187",
}  # fmt: skip
# Pages of Wikimedia, and names: no entity of ours is one.
NEVER = {"Q4167410", "Q4167836", "Q13406463", "Q101352", "Q202444", "Q12308941", "Q11879590", "Q11266439"}

_SPACES = re.compile(r"[\W_]+", re.UNICODE)


@dataclass(frozen=True)
class EntityRecord:
    """What we know of an entity; places, positions and the like are Wikidata's items, by number."""

    iri: str
    labels: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    types: frozenset[str] = frozenset()
    identifiers: Mapping[str, str] = field(default_factory=dict)  # by Wikidata property
    born: str = ""
    birthplaces: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    occupations: frozenset[str] = frozenset()
    positions: frozenset[str] = frozenset()  # roles, and bodies it belongs to
    context: Mapping[str, str] = field(default_factory=dict)  # what the same documents name, with its name
    days: tuple[str, ...] = ()  # days of the documents that speak of it

    @property
    def is_person(self) -> bool:
        return PERSON in self.types

    @property
    def names(self) -> tuple[str, ...]:
        """Labels, then aliases, each once."""
        return tuple(dict.fromkeys((*self.labels.values(), *self.aliases)))


@dataclass(frozen=True)
class Reason:
    """Something that speaks for or against, what it is worth, and the sentence that says it."""

    name: str
    points: int
    message: Message


@dataclass(frozen=True)
class Match:
    """An item held beside a record."""

    item: Item
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        """The sum of the reasons' points."""
        return sum(reason.points for reason in self.reasons)

    @property
    def confidence(self) -> float:
        """The score as SSSOM tells it, from 0 to 0.99: only a person is sure."""
        return min(max(self.score, 0), 99) / 100

    def has(self, *names: str) -> bool:
        """Whether one of these is among the reasons."""
        return any(reason.name in names for reason in self.reasons)

    @property
    def rests_on_name(self) -> bool:
        """Whether nothing but name, type and context speaks for it."""
        return not any(r.points > 0 and r.name not in (*NAMES, "type", "context") for r in self.reasons)


def rank(record: EntityRecord, items: Iterable[Item]) -> list[Match]:
    """The items that may be it, the likeliest first, older items first where the score is the same."""
    found = [match for item in items if (match := judge(record, item))]
    return sorted(found, key=lambda match: (-match.score, number(match.item.qid)))


def accepted(record: EntityRecord, ranked: list[Match], threshold: int) -> Match | None:
    """The match that needs no person: at `threshold` or above, far ahead, and never on a name alone.

    A threshold below `ACCEPT` counts as `ACCEPT`.
    """
    if not ranked or ranked[0].score < max(threshold, ACCEPT):
        return None
    first, others = ranked[0], ranked[1:]
    if others and first.score - others[0].score < MARGIN:
        return None
    return None if record.is_person and first.rests_on_name else first


def judge(record: EntityRecord, item: Item) -> Match | None:
    """The item held beside the record; None when no name and no identifier agrees, or something excludes it."""
    if item.missing or item.target or NEVER & set(item.values("P31")):
        return None
    told = (*_identifiers(record, item), *_names(record, item))
    if not told or any(reason.name == "other-identifier" for reason in told):
        return None
    return _beside(record, item)


def objections(record: EntityRecord, item: Item) -> list[Reason]:
    """What of the item does not agree with the record."""
    return [reason for reason in _beside(record, item).reasons if reason.points < 0]


def _beside(record: EntityRecord, item: Item) -> Match:
    names = list(_names(record, item)) or [reason("other-name", item.name(*record.labels))]
    return Match(
        item,
        (*_identifiers(record, item), *names, *_type(record, item), *_life(record, item), *_context(record, item)),
    )


def folded(name: str) -> str:
    """The name without case, accents and punctuation, in Latin letters: what two spellings share."""
    return " ".join(words(name))


@lru_cache(maxsize=200_000)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, folded."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    # Marks within a word, as a romanised soft sign, part nothing: what parts words is told before romanising.
    parts = _SPACES.sub(" ", plain).split()
    return tuple(filter(None, (re.sub(r"\W+", "", anyascii(part)).casefold() for part in parts)))


@lru_cache(maxsize=200_000)
def _same(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def alike(one: str, other: str) -> str:
    """How two names agree: `label` (but for case), `folded`, `script`, `words` or not at all."""
    if _same(one) == _same(other):
        return "label"
    first, second = words(one), words(other)
    if not first or not second:
        return ""
    if sorted(first) == sorted(second):
        return "folded"
    if "".join(first) == "".join(second):
        return "folded" if _is_latin(one) and _is_latin(other) else "script"
    fewer, more = sorted((set(first), set(second)), key=len)
    return "words" if len(fewer) > 1 and fewer < more else ""


def _is_latin(name: str) -> bool:
    return all(ord(c) < 0x250 for c in name if c.isalpha())


# -------------------------------------------------------------------- the reasons


def reason(name: str, value: object, points: int = 0, **values: object) -> Reason:
    """The reason of that name, what it rests on put into its sentence."""
    return Reason(name, points or POINTS[name], SENTENCES[name].filled(value=value, **values))


def _identifiers(record: EntityRecord, item: Item) -> Iterator[Reason]:
    for name, ours in sorted(record.identifiers.items()):
        theirs = {value.replace(" ", "") for value in item.values(name)}
        label = PROPERTIES[name].label
        if ours in theirs:
            yield reason("identifier", Message("{property} {value}", property=label, value=ours))
        elif theirs:
            told = ", ".join(sorted(theirs))
            yield reason("other-identifier", told, property=label, ours=ours)


def _names(record: EntityRecord, item: Item) -> Iterator[Reason]:
    best: tuple[int, str, str] = (0, "", "")
    aliases = {text for texts in item.aliases.values() for text in texts}
    for ours in record.names:
        for theirs, is_label in (*((t, True) for t in item.labels.values()), *((t, False) for t in sorted(aliases))):
            if how := alike(ours, theirs):
                if how == "label" and (not is_label or ours in record.aliases):
                    how = "alias"
                if POINTS[how] > best[0]:
                    best = POINTS[how], how, theirs
    if best[1]:
        yield reason(best[1], best[2])
    if not record.is_person and best[1] in ("label", "folded"):
        both = [tag for tag in sorted(record.labels) if tag in item.labels]
        agreeing = [tag for tag in both if alike(record.labels[tag], item.labels[tag]) in ("label", "folded")]
        spelt = {_same(record.labels[tag]): tag for tag in agreeing}
        if len(spelt) > 1:
            more = min(len(spelt) - 1, MOST_OFTEN)
            yield reason("languages", ", ".join(sorted(spelt.values())), points=more * POINTS["languages"])


def _type(record: EntityRecord, item: Item) -> Iterator[Reason]:
    kinds = set(item.values("P31"))
    wanted = {kind for name in record.types for kind in KINDS.get(name, ())}
    if common := sorted(wanted & kinds):
        yield reason("type", ", ".join(common))
    elif kinds and record.is_person != (HUMAN in kinds):
        yield reason("other-type", ", ".join(sorted(kinds)))
    elif wanted and (unlike := sorted(kinds & (UNLIKE | set().union(*KINDS.values())))):
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
    """Whether the vaguer of two days holds the other."""
    return one.startswith(other) or other.startswith(one)


def _context(record: EntityRecord, item: Item) -> Iterator[Reason]:
    told = {value for name in ("P27", "P17", "P19", "P39", "P102", "P463") for value in item.values(name)}
    used = record.positions | record.countries | record.birthplaces
    if common := sorted(told & record.context.keys() - used):
        names = ", ".join(record.context[qid] for qid in common[:MOST_OFTEN])
        yield reason("context", names, points=min(len(common), MOST_OFTEN) * POINTS["context"])


SENTENCES = {
    "label": Message("its label is {value}"),
    "alias": Message("it is also called {value}"),
    "folded": Message("it is called {value}, spelt a little otherwise"),
    "script": Message("it is called {value}, in another script"),
    "words": Message("the shorter name is within the other, {value}"),
    "near": Message("it is called {value}, nearly the same"),
    "part": Message("its name {value} shares a word"),
    "property": Message("its {property} is {value} too"),
    "other-property": Message("its {property} is {value}, another"),
    "languages": Message("the labels agree in {value}"),
    "other-name": Message("no name agrees: it is called {value}"),
    "type": Message("it is an instance of {value}"),
    "other-type": Message("it is an instance of {value}, another kind of thing"),
    "unlike-type": Message("it is an instance of {value}, hardly what ours is"),
    "born": Message("born on {value} too"),
    "born-year": Message("born in {value} too"),
    "born-otherwise": Message("born {value}, not as ours"),
    "birthplace": Message.within("place", "born in {value} too"),
    "country": Message("of {value} too"),
    "other-country": Message("of {value}, another country"),
    "occupation": Message("occupation {value} too"),
    "position": Message("holds or belongs to {value} too"),
    "context": Message("tied to what the same documents name: {value}"),
    "dead-by-then": Message("died {value}, before our documents"),
    "identifier": Message("same {value}"),
    "other-identifier": Message("its {property} is {value}, not {ours}"),
}
