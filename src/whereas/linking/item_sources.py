"""Sources of Wikidata items: a SPARQL endpoint or an extract; a reconciliation service is in `reconciliation_client`."""

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
from whereas.linking.matching import EntityRecord
from whereas.linking.names import keys
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

BATCH = 50  # items or names a request
# Wikidata's largest languages: an item may have no name in those of the project.
LANGUAGES = ("mul", "en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "zh", "zh-hans", "zh-hant")

# Words that are written in lower case within a name.
PARTICLES = {
    "af", "av", "da", "das", "de", "del", "della", "den", "der", "des", "di", "do", "dos", "du", "e", "i", "la", "le",
    "of", "og", "ten", "ter", "und", "van", "von", "y", "zu",
}  # fmt: skip

_MODIFIED = "http://schema.org/dateModified"
_POINT = re.compile(
    r"Point\((-?[\d.]+(?:E-?\d+)?) (-?[\d.]+(?:E-?\d+)?)\)", re.IGNORECASE
)  # on Earth: no globe before it
_RANKS = {f"{WIKIBASE}{rank.capitalize()}Rank": rank for rank in RANKS}


def batched(values: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Yield the values in tuples of at most `size`."""
    remaining = iter(values)
    while batch := tuple(islice(remaining, size)):
        yield batch


class ItemSource(Protocol):
    """Something that items are looked up in."""

    def candidates(self, records: Sequence[EntityRecord]) -> Mapping[str, Sequence[Item]]:
        """Return, by IRI of a record, the items that share a name or an identifier with it."""

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        """Return the items by QID: one that does not exist is `missing`, one that the source does not hold is left out."""


# -------------------------------------------------------------------- a SPARQL endpoint


@dataclass(frozen=True)
class Endpoint:
    """Wikidata's query service, or another endpoint with the same data model."""

    address: str
    languages: tuple[str, ...]
    responses: ResponseCache
    contact: str = ""

    def candidates(self, records: Sequence[EntityRecord]) -> Mapping[str, Sequence[Item]]:
        candidates: dict[str, set[str]] = {record.iri: set() for record in records}
        for batch in batched(records, BATCH):
            by_key: dict[str, set[str]] = defaultdict(set)
            for key, item in self._find(batch):
                by_key[key].add(item)
            for record in batch:
                for key in (*_spellings(record), *_identifiers(record)):
                    candidates[record.iri] |= by_key[key]
        items = self.items(qid for qids in candidates.values() for qid in qids)
        return {name: [items[qid] for qid in sorted(qids)] for name, qids in candidates.items()}

    def _find(self, records: Iterable[EntityRecord]) -> Iterator[tuple[str, str]]:
        """Yield names and identifiers of the records with the QIDs of items that have them."""
        names = sorted({name for record in records for name in _spellings(record)})
        literals = " ".join(literal(name, language=tag) for name in names for tag in self.languages)
        keys = sorted({key for record in records for key in _identifiers(record)})
        pairs = " ".join(f"(<{DIRECT}{key.split(' ')[0]}> {literal(key.split(' ')[1])})" for key in keys)
        query = (
            f"SELECT DISTINCT ?key ?item WHERE {{\n"
            f"  {{ VALUES ?name {{ {literals} }} ?item <{RDFS}label>|<{SKOS}altLabel> ?name BIND(STR(?name) AS ?key) }}\n"
            f"  UNION {{ VALUES (?property ?value) {{ {pairs} }} ?item ?property ?value\n"
            f'    BIND(CONCAT(STRAFTER(STR(?property), "{DIRECT}"), " ", ?value) AS ?key) }}\n'
            f'  FILTER(STRSTARTS(STR(?item), "{ENTITY}Q"))\n}} ORDER BY ?key ?item'
        )
        for key, item in self._ask(query, "key", "item")[0]:
            if key and item and is_qid(qid := item.value.removeprefix(ENTITY)):
                yield key.value, qid

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        items: dict[str, Item] = {}
        for batch in batched(sorted(set(qids)), BATCH):
            rows: dict[str, list[_Row]] = defaultdict(list)
            results, retrieved = self._ask(self._query(batch), "item", "statement", "property", "value")
            for item, statement, name, value in results:
                if item and name and value:
                    row = statement.value.removeprefix(STATEMENT) if statement else "", name.value, value
                    rows[item.value.removeprefix(ENTITY)].append(row)
            items |= {qid: _item(qid, rows[qid], retrieved) for qid in batch}
        return items

    def _query(self, qids: Sequence[str]) -> str:
        values = " ".join(f"<{ENTITY}{qid}>" for qid in qids)
        tags = ", ".join(literal(tag) for tag in ("", *self.languages))
        claims = " ".join(f"<{CLAIM}{name}>" for name in PROPERTIES)
        plain = [f"<{VALUE}{name}>" for name, declared in PROPERTIES.items() if declared.holds != "time"]
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
            f"    VALUES ?property {{ {' '.join(plain)} <{WIKIBASE}rank> }} ?statement ?property ?value }}\n"
            f"  UNION {{ VALUES ?claim {{ {claims} }} ?item ?claim ?statement .\n"
            f"    VALUES (?property ?node) {{ {nodes} }} ?statement ?node ?time .\n"
            f"    ?time <{WIKIBASE}timeValue> ?day ; <{WIKIBASE}timePrecision> ?precision\n"
            f'    BIND(CONCAT(STR(?day), " ", STR(?precision)) AS ?value) }}\n}}\n'
            f"ORDER BY ?item ?statement ?property ?value"
        )

    def _ask(self, query: str, *columns: str) -> tuple[tuple[tuple[Term | None, ...], ...], str]:
        """Return the rows of the result, and the date of the response, which may be a cached one."""

        def request() -> bytes:
            result = ask_endpoint(self.address, query, contact=self.contact)
            if result.columns != columns:
                raise RemoteError(
                    Message(
                        "{address}: expected the columns {expected}, got '{got}'",
                        address=self.address,
                        expected=", ".join(columns),
                        got=", ".join(result.columns),
                    )
                )
            return result.json

        response = self.responses.get(self.address, query, request)
        return read_answer(response.content).rows, response.day


_Row = tuple[str, str, Term]  # statement (empty for labels, aliases and redirects), property, value


def _spellings(record: EntityRecord) -> set[str]:
    """Return a record's names as an index of exact names may have them, such as `Margarita de la Pisa` for `Margarita DE LA PISA`."""
    spellings = set(record.names)
    for name in record.names:
        lowered = "".join(c.lower() if before.isupper() else c for before, c in pairwise(f" {name}"))
        first, *rest = lowered.split(" ")
        spellings |= {name.title(), lowered}
        spellings.add(" ".join([first, *(word.lower() if word.lower() in PARTICLES else word for word in rest)]))
    return spellings


def _identifiers(record: EntityRecord) -> list[str]:
    return [f"{name} {value}" for name, value in sorted(record.identifiers.items())]


def _item(qid: str, rows: Sequence[_Row], retrieved: str) -> Item:
    """Make an item of its rows; without any, it is missing."""
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
    for statement, values in statements.items():
        rank = next((_RANKS[cell.value] for cell in values[f"{WIKIBASE}rank"] if cell.value in _RANKS), "normal")
        qualifiers = tuple(
            (name, text) for name in QUALIFIERS for cell in values[QUALIFIER + name] if (text := _text("time", cell))
        )
        for name, declared in PROPERTIES.items():
            for cell in values[VALUE + name]:
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
    """Return a value as a claim holds it; None where it is unknown, or of another kind."""
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
        point = _POINT.fullmatch(cell.value)
        return f"{float(point[2])},{float(point[1])}" if point else None
    return cell.value


# -------------------------------------------------------------------- an extract


class Extract:
    """A file of Wikidata's entity JSON: one item a line, or what Special:EntityData gives."""

    def __init__(self, path: Path) -> None:
        """Read the file; an item without a retrieval date gets the modification date of the file.

        Special:EntityData gives the target for a merged item: a file that is named for an item and holds another one
        says that it was merged. Raise `ArgumentError` when the file cannot be read.
        """
        try:
            modified = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
            items = {item.qid: item for item in read_items(path.read_text("utf-8"))}
        except (OSError, UnicodeDecodeError) as problem:
            reason = getattr(problem, "strerror", None) or "not UTF-8"
            raise ArgumentError(Message("{path}: cannot be read: {reason}", path=path, reason=reason)) from None
        except ValueError as problem:
            line, reason = problem.args
            raise ArgumentError(
                Message(
                    "{path}:{line}: expected Wikidata's entity JSON, one item a line: {reason}",
                    path=path,
                    line=line,
                    reason=reason,
                )
            ) from None
        name = path.stem.partition(".")[0]
        if name in items:
            items[name] = replace(items[name], is_alone=False)
        elif is_qid(name) and len(items) == 1 and (item := next(iter(items.values()))).is_alone:
            items[name] = Item(name, target=item.qid)
        self.known = {qid: replace(item, retrieved=item.retrieved or modified) for qid, item in items.items()}

    def candidates(self, records: Sequence[EntityRecord]) -> Mapping[str, Sequence[Item]]:
        return {
            record.iri: [
                self.known[qid]
                for qid in sorted(
                    {
                        qid
                        for key in (*(k for name in record.names for k in keys(name)), *_identifiers(record))
                        for qid in self._index.get(key, ())
                    }
                )
            ]
            for record in records
        }

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        return {qid: self.known[qid] for qid in qids if qid in self.known}

    @cached_property
    def _index(self) -> Mapping[str, set[str]]:
        """QIDs by word of a name, whole name, both romanised too, and identifier."""
        index: dict[str, set[str]] = defaultdict(set)
        for qid, item in self.known.items():
            for name in (*item.labels.values(), *(text for texts in item.aliases.values() for text in texts)):
                for key in keys(name):
                    index[key].add(qid)
            for name in item.claims:
                for value in item.values(name):
                    index[f"{name} {value.replace(' ', '')}"].add(qid)
        return index
