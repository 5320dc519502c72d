"""Where items come from: a SPARQL endpoint or an extract, each enough alone; a service is in `service`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import unquote

from whereas.errors import ArgumentError, Message
from whereas.graph import Answer, read_answer
from whereas.item import (
    CLAIM,
    DIRECT,
    ENTITY,
    PROPERTIES,
    QUALIFIER,
    QUALIFIERS,
    VALUE,
    WIKIBASE,
    Claim,
    Item,
    day,
    is_qid,
    read_items,
)
from whereas.matching import Record, folded, words
from whereas.remote import Memory, ask_endpoint
from whereas.terms import literal

T = TypeVar("T")

ENDPOINT = "https://query.wikidata.org/sparql"
BATCH = 50  # items or names in one request

_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_OWL = "http://www.w3.org/2002/07/owl#"
_MODIFIED = "http://schema.org/dateModified"
_PRECISION = f"{WIKIBASE}timePrecision"


def batched(things: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The things, so many at a time."""
    left = iter(things)
    while some := tuple(islice(left, size)):
        yield some


class Source(Protocol):
    """What items are looked up in."""

    def candidates(self, records: Sequence[Record]) -> Mapping[str, Sequence[Item]]:
        """By IRI of a record, the items that may be it: those that share a name or an identifier."""

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        """The items by number; one that does not exist is `missing`."""


# -------------------------------------------------------------------- a SPARQL endpoint


@dataclass(frozen=True)
class Endpoint:
    """Wikidata's query service, or another that holds its items in the same form."""

    address: str
    languages: tuple[str, ...]
    memory: Memory
    contact: str = ""

    def candidates(self, records: Sequence[Record]) -> Mapping[str, Sequence[Item]]:
        found: dict[str, set[str]] = {record.iri: set() for record in records}
        for some in batched(records, BATCH):
            by_name: dict[str, set[str]] = defaultdict(set)
            for key, item in self._named(some):
                by_name[key].add(item)
            for record in some:
                for key in (*_spellings(record), *_identifiers(record)):
                    found[record.iri] |= by_name[key]
        items = self.items(qid for qids in found.values() for qid in qids)
        return {name: [items[qid] for qid in sorted(qids)] for name, qids in found.items()}

    def _named(self, records: Iterable[Record]) -> Iterator[tuple[str, str]]:
        """Names and identifiers with the items that have them."""
        names = sorted({name for record in records for name in _spellings(record)})
        tags = sorted({*self.languages, *(tag for record in records for tag in record.labels)})
        told = " ".join(literal(name, language=tag) for name in names for tag in tags)
        numbers = sorted({key for record in records for key in _identifiers(record)})
        pairs = " ".join(f"(<{DIRECT}{key.split(' ')[0]}> {literal(key.split(' ')[1])})" for key in numbers)
        query = (
            f"SELECT DISTINCT ?key ?item WHERE {{\n"
            f"  {{ VALUES ?name {{ {told} }} ?item <{_RDFS}label>|<{_SKOS}altLabel> ?name BIND(STR(?name) AS ?key) }}\n"
            f"  UNION {{ VALUES (?property ?value) {{ {pairs} }} ?item ?property ?value\n"
            f'    BIND(CONCAT(STRAFTER(STR(?property), "{DIRECT}"), " ", ?value) AS ?key) }}\n'
            f'  FILTER(STRSTARTS(STR(?item), "{ENTITY}Q"))\n}} ORDER BY ?key ?item'
        )
        for key, item in self._ask(query).rows:
            if key and item and is_qid(qid := item.value.removeprefix(ENTITY)):
                yield key.value, qid

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        found: dict[str, Item] = {}
        for some in batched(sorted(set(qids)), BATCH):
            rows = defaultdict(list)
            for item, statement, name, value in self._ask(self._query(some)).rows:
                if item and name and value:
                    told = (statement.value if statement else "", name.value, value.value, value.language)
                    rows[item.value.removeprefix(ENTITY)].append(told)
            found |= {qid: _item(qid, rows[qid]) for qid in some}
        return found

    def _query(self, qids: Sequence[str]) -> str:
        values = " ".join(f"<{ENTITY}{qid}>" for qid in qids)
        tags = ", ".join(literal(tag) for tag in ("", *self.languages))
        claims = " ".join(f"<{CLAIM}{name}>" for name in PROPERTIES)
        told = [f"<{VALUE}{name}>" for name in PROPERTIES] + [f"<{QUALIFIER}{name}>" for name in QUALIFIERS]
        times = [name for name, declared in PROPERTIES.items() if declared.holds == "time"]
        nodes = " ".join(f"(<{CLAIM}{name}> <{VALUE}value/{name}>)" for name in times)
        return (
            f"SELECT ?item ?statement ?property ?value WHERE {{\n  VALUES ?item {{ {values} }}\n"
            f"  {{ VALUES ?property {{ <{_OWL}sameAs> <{_MODIFIED}> <{_RDFS}label> <{_SKOS}altLabel> }}\n"
            f"    ?item ?property ?value FILTER(!ISLITERAL(?value) || LANG(?value) IN ({tags})) }}\n"
            f"  UNION {{ VALUES ?claim {{ {claims} }} ?item ?claim ?statement .\n"
            f"    VALUES ?property {{ {' '.join(told)} <{WIKIBASE}rank> }} ?statement ?property ?value }}\n"
            f"  UNION {{ VALUES (?claim ?node) {{ {nodes} }} ?item ?claim ?statement . ?statement ?node ?time .\n"
            f"    ?time <{_PRECISION}> ?value BIND(<{_PRECISION}> AS ?property) }}\n}}\n"
            f"ORDER BY ?item ?statement ?property ?value"
        )

    def _ask(self, query: str) -> Answer:
        return read_answer(
            self.memory.recall(
                self.address, query, lambda: ask_endpoint(self.address, query, contact=self.contact).json
            )
        )


def _spellings(record: Record) -> set[str]:
    """A record's names as an index of exact names may have them."""
    return {spelt for name in record.names for spelt in (name, name.title())}


def _identifiers(record: Record) -> list[str]:
    return [f"{name} {value}" for name, value in sorted(record.identifiers.items())]


def _item(qid: str, rows: Sequence[tuple[str, str, str, str]]) -> Item:
    """An item from rows of statement, property, value and language; without any, it is missing."""
    labels: dict[str, str] = {}
    aliases: dict[str, list[str]] = defaultdict(list)
    statements: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    target = modified = ""
    for statement, name, value, language in rows:
        if statement:
            statements[statement][name].append(value)
        elif name == f"{_OWL}sameAs":
            target = value.removeprefix(ENTITY)
        elif name == _MODIFIED:
            modified = value
        elif name == f"{_RDFS}label":
            labels[language] = value
        else:
            aliases[language].append(value)
    claims: dict[str, list[Claim]] = defaultdict(list)
    for _, told in sorted(statements.items()):
        if f"{WIKIBASE}DeprecatedRank" not in told[f"{WIKIBASE}rank"]:
            for name in PROPERTIES:
                for value in told.get(VALUE + name, ()):
                    if (text := _text(name, value, told.get(_PRECISION, ()))) is not None:
                        claims[name].append(Claim(text, tuple(_qualifiers(told))))
    return Item(
        qid,
        labels,
        {tag: tuple(texts) for tag, texts in aliases.items()},
        {name: tuple(sorted(claims[name])) for name in sorted(claims)},
        target,
        not rows,
        modified,
        date.today().isoformat(),
    )


def _text(name: str, value: str, precisions: Sequence[str]) -> str | None:
    """A value as a claim holds it; None where it is unknown to Wikidata too."""
    holds = PROPERTIES[name].holds
    if holds == "item":
        qid = value.removeprefix(ENTITY)
        return qid if is_qid(qid) else None
    if holds == "time":
        if not value[:1].isdigit():
            return None
        return day(value, int(precisions[0]) if precisions else 9 if "-01-01T" in value else 11)
    if holds == "coordinate":
        longitude, latitude = value.removeprefix("Point(").rstrip(")").split(" ")
        return f"{float(latitude)},{float(longitude)}"
    if holds == "file":
        return unquote(value.rpartition("/")[2])
    return value


def _qualifiers(told: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for name in QUALIFIERS:
        for value in told.get(QUALIFIER + name, ()):
            if value[:1].isdigit():
                yield name, value[:4] if "-01-01T" in value else value[:10]


# -------------------------------------------------------------------- an extract


class Extract:
    """A file of Wikidata's entity JSON, one item a line."""

    def __init__(self, path: Path) -> None:
        """Raises `ArgumentError` when it cannot be read."""
        try:
            self.known = {item.qid: item for item in read_items(path.read_text("utf-8"))}
        except (OSError, UnicodeDecodeError) as problem:
            told = getattr(problem, "strerror", None) or "no UTF-8"
            raise ArgumentError(Message(f"{path}: cannot be read: {told}", f"{path} : illisible : {told}")) from None
        except ValueError as problem:
            line, told = problem.args
            raise ArgumentError(
                Message(
                    f"{path}:{line}: expected Wikidata's entity JSON, one item a line: {told}",
                    f"{path}:{line} : le JSON d’entités de Wikidata est attendu, un élément par ligne : {told}",
                )
            ) from None

    def candidates(self, records: Sequence[Record]) -> Mapping[str, Sequence[Item]]:
        return {
            record.iri: [
                self.known[qid]
                for qid in sorted(
                    {
                        qid
                        for key in (*(k for name in record.names for k in _keys(name)), *_identifiers(record))
                        for qid in self._index.get(key, ())
                    }
                )
            ]
            for record in records
        }

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        return {qid: self.known.get(qid) or Item(qid, missing=True) for qid in qids}

    @cached_property
    def _index(self) -> Mapping[str, set[str]]:
        """Items by word of a name, name without its spaces, and identifier."""
        index: dict[str, set[str]] = defaultdict(set)
        for qid, item in self.known.items():
            for name in (*item.labels.values(), *(text for texts in item.aliases.values() for text in texts)):
                for key in _keys(name):
                    index[key].add(qid)
            for name, claims in item.claims.items():
                for claim in claims:
                    index[f"{name} {claim.value.replace(' ', '')}"].add(qid)
        return index


def _keys(name: str) -> set[str]:
    return {*words(name), folded(name).replace(" ", "")}
