"""Wikidata items, read from and written to Wikidata's entity JSON, and as quads.

Only the `PROPERTIES` and `QUALIFIERS` declared here are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from whereas.i18n import Message
from whereas.rdf.external_datasets import EXTERNAL_DATASETS
from whereas.rdf.namespaces import RDF, XSD
from whereas.rdf.terms import Quad, iri, literal

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
    """An item; `target` is the item it redirects to, `retrieved` the day it was read."""

    qid: str
    labels: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    target: str = ""
    missing: bool = False
    modified: str = ""
    retrieved: str = ""

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
    """Iterate over the items of an extract: entity JSON, one per line, as in a dump or from Special:EntityData.

    Raise `ValueError` with the line and the reason.
    """
    for line_number, line in enumerate(text.split("\n"), 1):
        line = line.strip().rstrip(",")
        if line in ("", "[", "]"):
            continue
        try:
            parsed = json.loads(line)
            entities = parsed["entities"].values() if "entities" in parsed else [parsed]
            yield from [from_json(entity) for entity in entities]
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            reason = f"no {problem}" if isinstance(problem, KeyError) else str(problem)
            raise ValueError(line_number, reason) from None


def from_json(entity: Mapping[str, Any]) -> Item:
    """Return the item of Wikidata's entity JSON (https://doc.wikimedia.org/Wikibase/master/php/docs_topics_json.html)."""
    qid = entity["id"]
    if not is_qid(qid):
        raise ValueError(f"id: expected an item such as Q42, got '{qid}'")
    claims = {}
    for name in PROPERTIES:
        known = (_claim(name, statement) for statement in entity.get("claims", {}).get(name, ()))
        if values := tuple(sorted(claim for claim in known if claim)):
            claims[name] = values
    return Item(
        qid,
        {tag: term["value"] for tag, term in (entity.get("labels") or {}).items()},
        {tag: tuple(term["value"] for term in terms) for tag, terms in (entity.get("aliases") or {}).items()},
        claims,
        entity.get("redirects", {}).get("to", ""),
        "missing" in entity,
        entity.get("modified", ""),
        entity.get("retrieved", ""),
    )


def _claim(name: str, statement: Mapping[str, Any]) -> Claim | None:
    value = _value(statement["mainsnak"], PROPERTIES[name].holds)
    if value is None:
        return None
    qualifiers = [
        (qualifier, text)
        for qualifier in QUALIFIERS
        for snak in statement.get("qualifiers", {}).get(qualifier, ())
        if (text := _value(snak, "time")) is not None
    ]
    rank = statement.get("rank", "normal")
    if rank not in RANKS:
        raise ValueError(f"rank: expected {', '.join(RANKS)}, got '{rank}'")
    return Claim(value, tuple(sorted(qualifiers)), rank, statement.get("id", "").replace("$", "-", 1))


def _value(snak: Mapping[str, Any], holds: str) -> str | None:
    """Return the value of a snak; None where it is unknown, too imprecise, or not on Earth."""
    if snak.get("snaktype", "value") != "value":
        return None
    value = snak["datavalue"]["value"]
    if holds == "time":
        return day(value["time"], value["precision"])
    if holds == "coordinate":
        on_earth = value.get("globe", EARTH) == EARTH
        return f"{float(value['latitude'])},{float(value['longitude'])}" if on_earth else None
    if holds == "item":
        qid = str(value.get("id") or f"Q{value['numeric-id']}")
        return qid if is_qid(qid) else None
    return str(value)


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


# -------------------------------------------------------------------- quads


def quads(items: Iterable[Item], graph: str) -> Iterator[Quad]:
    """Return the items as quads in Wikidata's own terms, with where and when they were read.

    Labels are `schema:name`, as in Wikidata's RDF, so that queries for our own labels do not match them.
    """
    kind, prov = f"{RDF}type", "http://www.w3.org/ns/prov#"

    def quad(subject: str, predicate: str, term: str) -> Quad:
        return iri(subject), iri(predicate), term, iri(graph)

    yield quad(graph, kind, iri("http://rdfs.org/ns/void#Dataset"))
    yield quad(graph, "http://purl.org/dc/terms/license", iri("http://creativecommons.org/publicdomain/zero/1.0/"))
    yield quad(graph, f"{prov}wasDerivedFrom", iri(f"{ENTITY}Q2013"))
    for item in items:
        subject, record = f"{ENTITY}{item.qid}", f"{DATA}{item.qid}"
        yield quad(subject, kind, iri(f"{WIKIBASE}Item"))
        yield quad(record, kind, iri(f"{SCHEMA}Dataset"))
        yield quad(record, f"{SCHEMA}about", iri(subject))
        if item.modified:
            yield quad(record, f"{SCHEMA}dateModified", literal(item.modified, datatype=f"{XSD}dateTime"))
        if item.retrieved:
            retrieved = literal(item.retrieved, datatype=f"{XSD}date")
            yield quad(record, "http://purl.org/pav/retrievedOn", retrieved)
        for language, label in item.labels.items():
            yield quad(subject, f"{SCHEMA}name", literal(label, language=language))
        for name, claims in item.claims.items():
            best, holds = set(item.best(name)), PROPERTIES[name].holds
            for value in sorted(best):
                yield quad(subject, f"{DIRECT}{name}", _term(value, holds))
            for claim in claims:
                if claim.statement and (claim.qualifiers or claim.value not in best):
                    statement = f"{STATEMENT}{quote(claim.statement)}"
                    yield quad(subject, f"{CLAIM}{name}", iri(statement))
                    yield quad(statement, kind, iri(f"{WIKIBASE}Statement"))
                    yield quad(statement, f"{WIKIBASE}rank", iri(f"{WIKIBASE}{claim.rank.capitalize()}Rank"))
                    yield quad(statement, f"{VALUE}{name}", _term(claim.value, holds))
                    for qualifier, value in claim.qualifiers:
                        yield quad(statement, f"{QUALIFIER}{qualifier}", _term(value, "time"))


def _term(value: str, holds: str) -> str:
    if holds == "item":
        return iri(f"{ENTITY}{value}")
    if holds == "time":
        kind = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(value)]
        return literal(value, datatype=XSD + kind)
    if holds == "file":
        return iri(FILE + quote(value))
    if holds == "coordinate":
        latitude, longitude = value.split(",")
        point = "http://www.opengis.net/ont/geosparql#wktLiteral"
        return literal(f"Point({longitude} {latitude})", datatype=point)
    return literal(value)
