"""Wikidata items, read from and written to Wikidata's entity JSON.

Only the `PROPERTIES` and `QUALIFIERS` declared here are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from whereas.i18n import Message
from whereas.rdf.external_datasets import EXTERNAL_DATASETS

ENTITY = "http://www.wikidata.org/entity/"
DIRECT = "http://www.wikidata.org/prop/direct/"
CLAIM = "http://www.wikidata.org/prop/"
VALUE = "http://www.wikidata.org/prop/statement/"
QUALIFIER = "http://www.wikidata.org/prop/qualifier/"
STATEMENT = "http://www.wikidata.org/entity/statement/"
DATA = "https://www.wikidata.org/wiki/Special:EntityData/"
FILE = "http://commons.wikimedia.org/wiki/Special:FilePath/"
WIKIBASE = "http://wikiba.se/ontology#"
SCHEMA = "http://schema.org/"  # as Wikidata writes it

HUMAN = "Q5"

EARTH = f"{ENTITY}Q2"
_TIME = re.compile(r"\+?(\d{4}-\d\d-\d\d)T")
_OTHERS = re.compile(r"[PLME]\d+(-[FS]\d+)?")  # properties, lexemes with their forms and senses, media, schemas
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # JSON can escape these, XML cannot
_KINDS: dict[type, Message] = {dict: Message("an object"), list: Message("an array"), str: Message("a text")}

T = TypeVar("T")


@dataclass(frozen=True)
class Property:
    """A Wikidata property; it holds an `item`, a `time`, a `text`, a `file` or a `coordinate`."""

    label: Message
    holds: str
    enriches: bool = False  # whether `link enrich` records it


PROPERTIES = {
    "P31": Property(Message("instance of"), "item", True),
    "P27": Property(Message("country of citizenship"), "item"),
    "P17": Property(Message("country"), "item"),
    "P19": Property(Message("place of birth"), "item"),
    "P569": Property(Message("date of birth"), "time", True),
    "P570": Property(Message("date of death"), "time"),
    "P106": Property(Message("occupation"), "item"),
    "P39": Property(Message("position held"), "item", True),
    "P102": Property(Message("member of political party"), "item"),
    "P463": Property(Message("member of"), "item"),
    "P571": Property(Message("inception"), "time"),
    "P576": Property(Message("dissolved"), "time"),
    "P18": Property(Message("image"), "file", True),
    "P625": Property(Message("coordinates"), "coordinate", True),
} | {
    dataset.identifier.property: Property(dataset.identifier.label, "text", dataset.identifier.enriches)
    for dataset in EXTERNAL_DATASETS
    if dataset.identifier
}
QUALIFIERS = {"P580": "start time", "P582": "end time"}
RANKS = ("preferred", "normal", "deprecated")

# Namespaces of the IRIs that end with the value of a property.
IDENTIFIERS = {
    dataset.identifier.property: dataset.namespace + dataset.identifier.path
    for dataset in EXTERNAL_DATASETS
    if dataset.identifier
}


@dataclass(frozen=True, order=True)
class Claim:
    """A value with its qualifiers: an item's number, a day (`1979-10-15`, `1979-10` or `1979`), a text,
    the name of a file, or `latitude,longitude`.

    `rank` is one of `RANKS`; `statement` is what follows `STATEMENT` in its IRI.
    """

    value: str
    qualifiers: tuple[tuple[str, str], ...] = ()
    rank: str = "normal"
    statement: str = ""


@dataclass(frozen=True)
class Item:
    """An item; `target` is the item it redirects to, `retrieved` the day it was read.

    `missing` is said by a source that knows all items; `is_alone` of one that is the whole answer of Special:EntityData.
    """

    qid: str
    labels: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    target: str = ""
    missing: bool = False
    modified: str = ""
    retrieved: str = ""
    is_alone: bool = field(default=False, compare=False)

    @property
    def is_available(self) -> bool:
        """Whether there is such an item, under this number."""
        return not (self.missing or self.target)

    def values(self, *properties: str) -> tuple[str, ...]:
        """Return the values of these properties, in order, without deprecated ones."""
        claims = (claim for name in properties for claim in self.claims.get(name, ()))
        return tuple(claim.value for claim in claims if claim.rank != "deprecated")

    def best(self, name: str) -> tuple[str, ...]:
        """Return the values at the best rank: the preferred ones where there are any, else the normal ones."""
        preferred = tuple(claim.value for claim in self.claims.get(name, ()) if claim.rank == "preferred")
        return preferred or self.values(name)

    def name(self, *languages: str) -> str:
        """Return its label in the first of these languages that has one, else any label, else its number."""
        labels = [self.labels[language] for language in (*languages, "mul", "en") if language in self.labels]
        return next(iter([*labels, *(self.labels[tag] for tag in sorted(self.labels))]), self.qid)


def is_qid(text: str) -> bool:
    """Return whether `text` is an item's number, such as Q42."""
    return text[:1] == "Q" and text[1:].isascii() and text[1:].isdigit() and text[1] != "0"


def number(qid: str) -> int:
    """Return the number by which items are ordered, older ones first."""
    return int(qid[1:])


# -------------------------------------------------------------------- Wikidata's JSON


def read_items(text: str) -> Iterator[Item]:
    """Iterate over the items of an extract: entity JSON, one a line as in a dump, or as Special:EntityData gives it.

    Properties and lexemes are passed over, and so are the brackets and commas of a dump. A merged item is an item with
    a `target`. Raise `ValueError` with the line and the reason, a `Message`.
    """
    for line_number, document in _read_documents(text.removeprefix("\ufeff")):
        entities: list[tuple[str, Any]] = [("", document)]
        is_response = isinstance(document, dict) and "entities" in document
        if is_response:
            entities = list(_as(document["entities"], dict, "entities").items())
        elif isinstance(document, list):
            entities = [("", entity) for entity in document]
        try:
            items = [item for key, entity in entities for item in _read_entity(key, entity)]
        except ValueError as problem:
            raise ValueError(line_number, *problem.args) from None
        is_alone = is_response and len(entities) == 1
        yield from (replace(item, is_alone=is_alone) for item in items)


def _read_documents(text: str) -> Iterator[tuple[int, Any]]:
    is_first = True
    for line_number, line in enumerate(text.split("\n"), 1):
        line = line.strip(" \t\r,")
        if line.startswith("[") != line.endswith("]"):  # the array of a dump begins or ends here
            line = line.removeprefix("[").removesuffix("]").strip(" ,")
        if not line:
            continue
        try:
            document = _parse(line)
        except ValueError as problem:
            try:
                document = _parse(text) if is_first else None  # indented JSON
            except ValueError:
                document = None
            if document is None:
                raise ValueError(line_number, *problem.args) from None
            yield line_number, document
            return
        yield line_number, document
        is_first = False


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        raise ValueError(Message("not JSON at column {column}", column=problem.colno)) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or arrays within arrays
        raise ValueError(Message("not JSON that can be read: numbers too long or nested too deeply")) from None


def _as(value: Any, kind: type[T], name: str) -> T:
    """Return the value. Raise `ValueError` when it is of another kind. PHP writes an empty object as `[]`."""
    if value is None or value == []:
        return kind()
    if kind is list and isinstance(value, dict):  # and an array with gaps as an object
        value = list(value.values())
    if not isinstance(value, kind) or (isinstance(value, str) and _UNREADABLE.search(value)):
        got = json.dumps(value)
        got = f"{got[:40]}…" if len(got) > 40 else got
        raise ValueError(Message("{name}: expected {expected}, got {got}", name=name, expected=_KINDS[kind], got=got))
    return value


def _read_entity(key: str, data: Any) -> Iterator[Item]:
    """Yield the item, and with it the merged one that was requested; nothing for a property or a lexeme."""
    entity = _as(data, dict, "entity")
    redirects = _as(entity.get("redirects"), dict, "redirects")
    qid = _as(entity.get("id", entity.get("entity")), str, "id")
    target = _as(redirects.get("to", entity.get("redirect")), str, "redirects")
    if _as(entity.get("type", "item"), str, "type") != "item" or _OTHERS.fullmatch(qid):
        return
    if not qid and "missing" in entity:  # a page that has no item
        return
    if not is_qid(qid):
        raise ValueError(Message("id: expected an item such as Q42, got '{got}'", got=qid))
    for merged in sorted({key, _as(redirects.get("from"), str, "redirects")} - {qid}):
        if is_qid(merged):  # the target's data where another item was requested
            yield Item(merged, target=qid)
    statements = _as(entity.get("claims"), dict, "claims")
    claims = {}
    for name in PROPERTIES:
        known = (_claim(name, _as(statement, dict, name)) for statement in _as(statements.get(name), list, name))
        if values := tuple(sorted(claim for claim in known if claim)):
            claims[name] = values
    labels, aliases = (_as(entity.get(name), dict, name) for name in ("labels", "aliases"))
    yield Item(
        qid,
        {tag: _term_text(term) for tag, term in labels.items()},
        {tag: tuple(map(_term_text, _as(terms, list, "aliases"))) for tag, terms in aliases.items()},
        claims,
        target if target != qid else "",
        "missing" in entity,
        _as(entity.get("modified"), str, "modified"),
        _as(entity.get("retrieved"), str, "retrieved"),
    )


def _term_text(term: Any) -> str:
    return _as(_as(term, dict, "labels").get("value"), str, "value")


def _claim(name: str, statement: Mapping[str, Any]) -> Claim | None:
    value = _value(statement.get("mainsnak"), PROPERTIES[name].holds)
    if value is None:
        return None
    by_name = _as(statement.get("qualifiers"), dict, "qualifiers")
    qualifiers = [
        (qualifier, text)
        for qualifier in QUALIFIERS
        for snak in _as(by_name.get(qualifier), list, qualifier)
        if (text := _value(snak, "time")) is not None
    ]
    rank = statement.get("rank", "normal")
    if rank not in RANKS:
        raise ValueError(Message("rank: expected {expected}, got '{got}'", expected=", ".join(RANKS), got=rank))
    return Claim(value, tuple(sorted(qualifiers)), rank, _as(statement.get("id"), str, "id").replace("$", "-", 1))


def _value(snak: Any, holds: str) -> str | None:
    """Return the value of a snak; None where it is unknown, of another kind, too imprecise, or not on Earth."""
    try:
        if snak.get("snaktype", "value") != "value":
            return None
        value = snak["datavalue"]["value"]
        if holds == "time":
            return day(value["time"], value["precision"])
        if holds == "coordinate":
            on_earth = value.get("globe", EARTH) == EARTH
            return f"{float(value['latitude'])},{float(value['longitude'])}" if on_earth else None
        if holds == "item":
            is_item = value.get("entity-type", "item") == "item"
            qid = str(value.get("id") or f"Q{value['numeric-id']}")
            return qid if is_item and is_qid(qid) else None
        return value if isinstance(value, str) and not _UNREADABLE.search(value) else None
    except (AttributeError, KeyError, TypeError, ValueError):  # as on another Wikibase, where P31 may hold a text
        return None


def day(time: str, precision: int) -> str | None:
    """Return the day, month or year of a Wikidata time; None where it is less precise, or before the year 1."""
    match = _TIME.match(time)
    length = {9: 4, 10: 7, 11: 10}.get(precision, 0)
    text = match[1][:length] if match else ""
    return text if text and "-00" not in text else None


def to_json(item: Item) -> dict[str, Any]:
    """Return the item in Wikidata's entity JSON, with what `Item` holds; `retrieved` is our addition."""
    entity: dict[str, Any] = {"id": item.qid, "type": "item"}
    if item.missing:
        return {**entity, "missing": ""}
    if item.target:
        return {**entity, "redirects": {"from": item.qid, "to": item.target}}
    entity["labels"] = {tag: {"language": tag, "value": item.labels[tag]} for tag in sorted(item.labels)}
    entity["aliases"] = {
        tag: [{"language": tag, "value": text} for text in item.aliases[tag]] for tag in sorted(item.aliases)
    }
    entity["claims"] = {
        name: [_statement(name, claim) for claim in claims] for name, claims in sorted(item.claims.items())
    }
    return {**entity, "modified": item.modified, "retrieved": item.retrieved}


def _statement(name: str, claim: Claim) -> dict[str, Any]:
    statement: dict[str, Any] = {"mainsnak": _snak(name, claim.value, PROPERTIES[name].holds), "rank": claim.rank}
    if claim.statement:
        statement["id"] = claim.statement.replace("-", "$", 1)
    if claim.qualifiers:
        qualifiers: dict[str, list[Any]] = {}
        for qualifier, value in claim.qualifiers:
            qualifiers.setdefault(qualifier, []).append(_snak(qualifier, value, "time"))
        statement["qualifiers"] = qualifiers
    return statement


def _snak(name: str, value: str, holds: str) -> dict[str, Any]:
    snak: dict[str, Any] = {"snaktype": "value", "property": name}
    if holds == "item":
        return snak | {"datavalue": {"type": "wikibase-entityid", "value": {"entity-type": "item", "id": value}}}
    if holds == "time":
        precision = {4: 9, 7: 10, 10: 11}[len(value)]
        time = f"+{value}{'-00-00'[len(value) - 4 :]}T00:00:00Z"
        return snak | {"datavalue": {"type": "time", "value": {"time": time, "precision": precision}}}
    if holds == "coordinate":
        latitude, longitude = (float(part) for part in value.split(","))
        position = {"latitude": latitude, "longitude": longitude}
        return snak | {"datavalue": {"type": "globecoordinate", "value": position}}
    return snak | {"datavalue": {"type": "string", "value": value}}
