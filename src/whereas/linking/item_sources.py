"""Where items come from: a SPARQL endpoint or an extract, each enough alone; a service is in `service`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice, pairwise
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import unquote

from whereas.errors import ArgumentError, RemoteError
from whereas.http.response_cache import ResponseCache
from whereas.http.sparql_client import ask_endpoint
from whereas.i18n import Message
from whereas.linking.matching import EntityRecord, folded, words
from whereas.rdf.namespaces import OWL, RDFS, SKOS
from whereas.rdf.results import Term, read_answer
from whereas.rdf.terms import literal
from whereas.rdf.wikibase import (
    CLAIM,
    DIRECT,
    ENTITY,
    FILE,
    PROPERTIES,
    QUALIFIER,
    QUALIFIERS,
    RANKS,
    STATEMENT,
    VALUE,
    WIKIBASE,
    Claim,
    Item,
    day,
    is_qid,
    read_items,
)

T = TypeVar("T")

ENDPOINT = "https://query.wikidata.org/sparql"
BATCH = 50  # items or names in one request
# Where a name stands that Wikidata does not have in the project's own languages: its largest ones.
LANGUAGES = ("mul", "en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "zh", "zh-hans", "zh-hant")

# Words of a name that are written small within it.
PARTICLES = {
    "af", "av", "da", "das", "de", "del", "della", "den", "der", "des", "di", "do", "dos", "du", "e", "i", "la", "le",
    "of", "og", "ten", "ter", "und", "van", "von", "y", "zu",
}  # fmt: skip

_MODIFIED = "http://schema.org/dateModified"
_POINT = re.compile(
    r"Point\((-?[\d.]+(?:E-?\d+)?) (-?[\d.]+(?:E-?\d+)?)\)", re.IGNORECASE
)  # on Earth: no globe before it
_RANKS = {f"{WIKIBASE}{rank.capitalize()}Rank": rank for rank in RANKS}


def batched(things: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The things, so many at a time."""
    left = iter(things)
    while some := tuple(islice(left, size)):
        yield some


class ItemSource(Protocol):
    """What items are looked up in."""

    def candidates(self, records: Sequence[EntityRecord]) -> Mapping[str, Sequence[Item]]:
        """By IRI of a record, the items that may be it: those that share a name or an identifier."""

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        """The items by number; one that does not exist is `missing`."""


# -------------------------------------------------------------------- a SPARQL endpoint


@dataclass(frozen=True)
class Endpoint:
    """Wikidata's query service, or another that holds its items in the same form."""

    address: str
    languages: tuple[str, ...]
    memory: ResponseCache
    contact: str = ""

    def candidates(self, records: Sequence[EntityRecord]) -> Mapping[str, Sequence[Item]]:
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

    def _named(self, records: Iterable[EntityRecord]) -> Iterator[tuple[str, str]]:
        """Names and identifiers with the items that have them."""
        names = sorted({name for record in records for name in _spellings(record)})
        told = " ".join(literal(name, language=tag) for name in names for tag in self.languages)
        numbers = sorted({key for record in records for key in _identifiers(record)})
        pairs = " ".join(f"(<{DIRECT}{key.split(' ')[0]}> {literal(key.split(' ')[1])})" for key in numbers)
        query = (
            f"SELECT DISTINCT ?key ?item WHERE {{\n"
            f"  {{ VALUES ?name {{ {told} }} ?item <{RDFS}label>|<{SKOS}altLabel> ?name BIND(STR(?name) AS ?key) }}\n"
            f"  UNION {{ VALUES (?property ?value) {{ {pairs} }} ?item ?property ?value\n"
            f'    BIND(CONCAT(STRAFTER(STR(?property), "{DIRECT}"), " ", ?value) AS ?key) }}\n'
            f'  FILTER(STRSTARTS(STR(?item), "{ENTITY}Q"))\n}} ORDER BY ?key ?item'
        )
        for key, item in self._ask(query, "key", "item")[0]:
            if key and item and is_qid(qid := item.value.removeprefix(ENTITY)):
                yield key.value, qid

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        found: dict[str, Item] = {}
        for some in batched(sorted(set(qids)), BATCH):
            rows: dict[str, list[_Row]] = defaultdict(list)
            answer, asked_on = self._ask(self._query(some), "item", "statement", "property", "value")
            for item, statement, name, value in answer:
                if item and name and value:
                    told = statement.value.removeprefix(STATEMENT) if statement else "", name.value, value
                    rows[item.value.removeprefix(ENTITY)].append(told)
            found |= {qid: _item(qid, rows[qid], asked_on) for qid in some}
        return found

    def _query(self, qids: Sequence[str]) -> str:
        values = " ".join(f"<{ENTITY}{qid}>" for qid in qids)
        tags = ", ".join(literal(tag) for tag in ("", *self.languages))
        claims = " ".join(f"<{CLAIM}{name}>" for name in PROPERTIES)
        told = [f"<{VALUE}{name}>" for name, declared in PROPERTIES.items() if declared.holds != "time"]
        times = [VALUE + name for name, declared in PROPERTIES.items() if declared.holds == "time"]
        nodes = " ".join(
            f"(<{name}> <{start}value/{name.removeprefix(start)}>)"
            for start, names in ((VALUE, times), (QUALIFIER, [QUALIFIER + name for name in QUALIFIERS]))
            for name in names
        )
        return (
            f"SELECT ?item ?statement ?property ?value WHERE {{\n  VALUES ?item {{ {values} }}\n"
            f"  {{ VALUES ?property {{ <{OWL}sameAs> <{_MODIFIED}> <{RDFS}label> <{SKOS}altLabel> }}\n"
            f"    ?item ?property ?value FILTER(!ISLITERAL(?value) || LANG(?value) IN ({tags})) }}\n"
            f"  UNION {{ VALUES ?claim {{ {claims} }} ?item ?claim ?statement .\n"
            f"    VALUES ?property {{ {' '.join(told)} <{WIKIBASE}rank> }} ?statement ?property ?value }}\n"
            f"  UNION {{ VALUES ?claim {{ {claims} }} ?item ?claim ?statement .\n"
            f"    VALUES (?property ?node) {{ {nodes} }} ?statement ?node ?time .\n"
            f"    ?time <{WIKIBASE}timeValue> ?day ; <{WIKIBASE}timePrecision> ?precision\n"
            f'    BIND(CONCAT(STR(?day), " ", STR(?precision)) AS ?value) }}\n}}\n'
            f"ORDER BY ?item ?statement ?property ?value"
        )

    def _ask(self, query: str, *columns: str) -> tuple[tuple[tuple[Term | None, ...], ...], str]:
        """The rows of the answer, and the day it was given on."""

        def asked() -> bytes:
            answer = ask_endpoint(self.address, query, contact=self.contact)
            if answer.columns != columns:
                told, got = ", ".join(columns), ", ".join(answer.columns)
                raise RemoteError(
                    Message(
                        "{address}: expected the columns {told}, got '{got}'", address=self.address, told=told, got=got
                    )
                )
            return answer.json

        remembered = self.memory.get(self.address, query, asked)
        return read_answer(remembered.content).rows, remembered.day


_Row = tuple[str, str, Term]  # statement, empty where none is made; property; value


def _spellings(record: EntityRecord) -> set[str]:
    """A record's names as an index of exact names may have them: `Margarita DE LA PISA` is `Margarita de la Pisa` there."""
    found = set(record.names)
    for name in record.names:
        lowered = "".join(c.lower() if before.isupper() else c for before, c in pairwise(f" {name}"))
        first, *rest = lowered.split(" ")
        found |= {name.title(), lowered}
        found.add(" ".join([first, *(word.lower() if word.lower() in PARTICLES else word for word in rest)]))
    return found


def _identifiers(record: EntityRecord) -> list[str]:
    return [f"{name} {value}" for name, value in sorted(record.identifiers.items())]


def _item(qid: str, rows: Sequence[_Row], retrieved: str) -> Item:
    """An item from what was told of it on a day; without anything, it is missing."""
    labels: dict[str, str] = {}
    aliases: dict[str, list[str]] = defaultdict(list)
    statements: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    target = modified = ""
    for statement, name, cell in rows:
        if statement:
            statements[statement][name].append(cell)
        elif name == f"{OWL}sameAs":
            target = _text("item", cell) or target
        elif name == _MODIFIED:
            modified = cell.value
        elif name == f"{RDFS}label":
            labels[cell.language] = cell.value
        else:
            aliases[cell.language].append(cell.value)
    claims: dict[str, list[Claim]] = defaultdict(list)
    for statement, told in statements.items():
        rank = next((_RANKS[cell.value] for cell in told[f"{WIKIBASE}rank"] if cell.value in _RANKS), "normal")
        qualifiers = tuple(
            (name, text) for name in QUALIFIERS for cell in told[QUALIFIER + name] if (text := _text("time", cell))
        )
        for name, declared in PROPERTIES.items():
            for cell in told[VALUE + name]:
                if text := _text(declared.holds, cell):
                    claims[name].append(Claim(text, tuple(sorted(qualifiers)), rank, statement))
    return Item(
        qid,
        labels,
        {tag: tuple(texts) for tag, texts in aliases.items()},
        {name: tuple(sorted(claims[name])) for name in sorted(claims)},
        target,
        not rows,
        modified,
        retrieved,
    )


def _text(holds: str, cell: Term) -> str | None:
    """A value as a claim holds it; None where it is unknown to Wikidata too, or is not of that kind."""
    if holds == "item":
        qid = cell.value.removeprefix(ENTITY)
        return qid if is_qid(qid) else None
    if holds == "file":
        return unquote(cell.value.removeprefix(FILE)) if cell.value.startswith(FILE) else None
    if cell.kind != "literal":
        return None
    if holds == "time":
        time, _, precision = cell.value.partition(" ")
        return day(time, int(precision)) if precision.isdigit() else None
    if holds == "coordinate":
        found = _POINT.fullmatch(cell.value)
        return f"{float(found[2])},{float(found[1])}" if found else None
    return cell.value


# -------------------------------------------------------------------- an extract


class Extract:
    """A file of Wikidata's entity JSON, one item a line."""

    def __init__(self, path: Path) -> None:
        """An item that does not say when it was read was, at the latest, when the file was written.

        Raises `ArgumentError` when it cannot be read.
        """
        try:
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
            items = read_items(path.read_text("utf-8"))
            self.known = {item.qid: replace(item, retrieved=item.retrieved or written) for item in items}
        except (OSError, UnicodeDecodeError) as problem:
            told = getattr(problem, "strerror", None) or "no UTF-8"
            raise ArgumentError(Message("{path}: cannot be read: {told}", path=path, told=told)) from None
        except ValueError as problem:
            line, told = problem.args
            raise ArgumentError(
                Message(
                    "{path}:{line}: expected Wikidata's entity JSON, one item a line: {told}",
                    path=path,
                    line=line,
                    told=told,
                )
            ) from None

    def candidates(self, records: Sequence[EntityRecord]) -> Mapping[str, Sequence[Item]]:
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
            for name in item.claims:
                for value in item.values(name):
                    index[f"{name} {value.replace(' ', '')}"].add(qid)
        return index


def _keys(name: str) -> set[str]:
    return {*words(name), folded(name).replace(" ", "")}
