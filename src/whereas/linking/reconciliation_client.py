"""A reconciliation service (W3C community group, API 0.2) as a place where Wikidata's items are looked up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar

from whereas.errors import ArgumentError, RemoteError
from whereas.http.response_cache import ResponseCache
from whereas.http.sparql_client import fetch_json
from whereas.i18n import Message
from whereas.linking.item_sources import BATCH, batched
from whereas.linking.matching import EntityRecord
from whereas.rdf.wikibase import ENTITY, HUMAN, IDENTIFIERS, PROPERTIES, Claim, Item, is_qid

T = TypeVar("T")

SAME = "owl:sameAs"


@dataclass(frozen=True)
class ReconciliationClient:
    """A service of Wikidata's items, or one of other things that says which items they are, as ours does."""

    address: str
    memory: ResponseCache
    contact: str = ""

    def candidates(self, records: Sequence[EntityRecord]) -> Mapping[str, Sequence[Item]]:
        found: dict[str, dict[str, _Candidate]] = {record.iri: {} for record in records}
        asked = [(record, name) for record in records for name in record.names]
        for some in batched(asked, self._batch):
            queries = {f"q{n}": {"query": name, "limit": 10} for n, (_, name) in enumerate(some)}
            told = self._posted("queries", queries, partial(_results, keys=tuple(queries)))
            for (record, _), candidates in zip(some, told, strict=True):
                found[record.iri] |= {candidate.id: candidate for candidate in candidates}
        every = {key: told for ours in found.values() for key, told in ours.items()}
        items = self._items(every) if self._has_items else self._items_of_others(every)
        return {iri: [items[key] for key in sorted(ours.keys() & items.keys())] for iri, ours in found.items()}

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        raise ArgumentError(
            Message("{address}: a reconciliation service proposes items, it does not list them", address=self.address)
        )

    def _items(self, found: Mapping[str, _Candidate]) -> dict[str, Item]:
        claims = self._claims(filter(is_qid, found))
        return {
            qid: Item(qid, {"mul": told.name}, claims=claims.get(qid, {})) for qid, told in found.items() if is_qid(qid)
        }

    def _items_of_others(self, found: Mapping[str, _Candidate]) -> dict[str, Item]:
        """The items that things of the service are the same as; other links of theirs are identifiers."""
        items = {}
        for key, row in self._extended(found, (SAME,)):
            links = [str(cell.get("str", "")) for cell in row.get(SAME, ())]
            claims = {
                name: tuple(Claim(link.removeprefix(start)) for link in links if link.startswith(start))
                for name, start in IDENTIFIERS.items()
            }
            if key in found and "foaf:Person" in found[key].types:
                claims["P31"] = (Claim(HUMAN),)
            for link in links:
                if key in found and is_qid(qid := link.removeprefix(ENTITY)):
                    kept = {name: values for name, values in claims.items() if values}
                    items[key] = Item(qid, {"mul": found[key].name}, claims=kept)
        return items

    def _claims(self, qids: Iterable[str]) -> dict[str, dict[str, tuple[Claim, ...]]]:
        """What the service's data extension says of items; nothing where it has none."""
        found: dict[str, dict[str, tuple[Claim, ...]]] = {}
        if "extend" in self._manifest:
            for qid, row in self._extended(qids, tuple(PROPERTIES)):
                cells = {name: tuple(_claims(row.get(name, ()))) for name in PROPERTIES}
                found[qid] = {name: claims for name, claims in cells.items() if claims}
        return found

    def _extended(self, ids: Iterable[str], properties: Sequence[str]) -> Iterator[tuple[str, _Cells]]:
        for some in batched(sorted(ids), self._batch):
            question = {"ids": list(some), "properties": [{"id": name} for name in properties]}
            yield from self._posted("extend", question, _rows).items()

    # ---------------------------------------------------------------- what the service is

    @cached_property
    def _manifest(self) -> Mapping[str, Any]:
        return self._answered(self.address, None, _object)

    @property
    def _batch(self) -> int:
        """How many questions one request holds: as many as the service takes, and never more than `BATCH`."""
        told = self._manifest.get("batchSize")
        return min(BATCH, told) if isinstance(told, int) and told > 0 else BATCH

    @cached_property
    def _has_items(self) -> bool:
        """Whether its things are items. Raises `RemoteError` when they are not, and are not linked to any."""
        if (space := self._manifest.get("identifierSpace", "")) == ENTITY:
            return True
        place = _suggest_place(self._manifest)
        if not place or SAME not in self._answered(f"{place}?prefix={SAME}", None, _suggested):
            raise RemoteError(
                Message(
                    "{address}: expected identifierSpace {ENTITY} or a property {SAME}, got identifierSpace '{space}'",
                    address=self.address,
                    ENTITY=ENTITY,
                    SAME=SAME,
                    space=space,
                )
            )
        return False

    # ---------------------------------------------------------------- what it answers

    def _posted(self, kind: str, question: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        text = json.dumps(question, ensure_ascii=False, sort_keys=True)
        return self._answered(self.address, {kind: text}, read)

    def _answered(self, address: str, form: Mapping[str, str] | None, read: Callable[[Any], T]) -> T:
        """The answer as `read` makes it out, which raises where it is of another form; that one is not remembered."""

        def understood(told: Any) -> T:
            try:
                return read(told)
            except (KeyError, TypeError, ValueError, AttributeError):
                start = json.dumps(told, ensure_ascii=False)[:100]
                raise RemoteError(
                    Message(
                        "{address}: expected an answer of the Reconciliation Service API, got '{start}'",
                        address=address,
                        start=start,
                    )
                ) from None

        def asked() -> bytes:
            told = fetch_json(address, form, self.contact)
            understood(told)
            return json.dumps(told).encode()

        question = "".join(f"{kind}={text}" for kind, text in (form or {}).items())
        return understood(json.loads(self.memory.recall(address, question, asked).content))


# -------------------------------------------------------------------- answers, in the form of API 0.2


@dataclass(frozen=True)
class _Candidate:
    id: str
    name: str
    types: frozenset[str]


_Cells = Mapping[str, Sequence[Mapping[str, Any]]]  # by property


def _object(told: Any) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise TypeError
    return told


def _text(told: Any) -> str:
    if not isinstance(told, str):
        raise TypeError
    return told


def _results(told: Any, keys: Sequence[str]) -> list[list[_Candidate]]:
    """The candidates for each question."""
    return [
        [
            _Candidate(
                _text(candidate["id"]),
                _text(candidate["name"]),
                frozenset(kind["id"] if isinstance(kind, dict) else kind for kind in candidate.get("type") or ()),
            )
            for candidate in told[key]["result"]
        ]
        for key in keys
    ]


def _rows(told: Any) -> dict[str, _Cells]:
    """The cells of each thing asked for."""
    return {
        key: {name: [_object(cell) for cell in cells] for name, cells in row.items()}
        for key, row in told["rows"].items()
    }


def _suggest_place(manifest: Mapping[str, Any]) -> str:
    """Where the service suggests properties; empty where it does not."""
    try:
        suggest = manifest["suggest"]["property"]
        return _text(suggest["service_url"]) + _text(suggest["service_path"])
    except (KeyError, TypeError):
        return ""


def _suggested(told: Any) -> list[str]:
    return [_text(one["id"]) for one in told["result"]]


def _claims(cells: Iterable[Mapping[str, Any]]) -> Iterator[Claim]:
    for cell in cells:
        if value := cell.get("id") or cell.get("str"):
            yield Claim(str(value))
        elif time := cell.get("date"):
            yield Claim(str(time)[:4] if "-01-01" in str(time) else str(time)[:10])
