"""A reconciliation service (W3C community group, API 0.2) as a place where Wikidata's items are looked up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from whereas.errors import ArgumentError, Message, RemoteError
from whereas.item import ENTITY, HUMAN, IDENTIFIERS, PROPERTIES, Claim, Item, is_qid
from whereas.matching import Record
from whereas.remote import Memory, fetch_json
from whereas.wikidata import BATCH, batched

SAME = "owl:sameAs"


@dataclass(frozen=True)
class Service:
    """A service of Wikidata's items, or one of other things that says which items they are, as ours does."""

    address: str
    memory: Memory
    contact: str = ""

    def candidates(self, records: Sequence[Record]) -> Mapping[str, Sequence[Item]]:
        found: dict[str, dict[str, Mapping[str, Any]]] = {record.iri: {} for record in records}
        asked = [(record, name) for record in records for name in record.names]
        for some in batched(asked, BATCH):
            queries = {f"q{n}": {"query": name, "limit": 10} for n, (_, name) in enumerate(some)}
            told = self._post("queries", queries)
            for n, (record, _) in enumerate(some):
                for candidate in self._told(told, f"q{n}", "result"):
                    found[record.iri][candidate["id"]] = candidate
        every = {key: told for ours in found.values() for key, told in ours.items()}
        items = self._items(every) if self._has_items else self._items_of_others(every)
        return {iri: [items[key] for key in sorted(ours.keys() & items.keys())] for iri, ours in found.items()}

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        raise ArgumentError(
            Message(
                f"{self.address}: a reconciliation service proposes items, it does not list them",
                f"{self.address} : un service de réconciliation propose des éléments, il ne les énumère pas",
            )
        )

    def _items(self, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Item]:
        claims = self._claims(filter(is_qid, found))
        return {
            qid: Item(qid, {"mul": told["name"]}, claims=claims.get(qid, {}))
            for qid, told in found.items()
            if is_qid(qid)
        }

    def _items_of_others(self, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Item]:
        """The items that things of the service are the same as; other links of theirs are identifiers."""
        items = {}
        for some in batched(sorted(found), BATCH):
            told = self._post("extend", {"ids": list(some), "properties": [{"id": SAME}]})
            for key, row in self._told({"rows": told.get("rows")}, "rows").items():
                links = [str(cell.get("str", "")) for cell in row.get(SAME, ())]
                claims = {
                    name: tuple(Claim(link.removeprefix(start)) for link in links if link.startswith(start))
                    for name, start in IDENTIFIERS.items()
                }
                if "foaf:Person" in [kind["id"] for kind in found[key].get("type", ()) if isinstance(kind, dict)]:
                    claims["P31"] = (Claim(HUMAN),)
                for link in links:
                    if is_qid(qid := link.removeprefix(ENTITY)):
                        kept = {name: values for name, values in claims.items() if values}
                        items[key] = Item(qid, {"mul": found[key]["name"]}, claims=kept)
        return items

    @cached_property
    def _has_items(self) -> bool:
        """Whether its things are items. Raises `RemoteError` when they are not, and are not linked to any."""
        manifest = self._got(self.address)
        if (space := manifest.get("identifierSpace", "")) == ENTITY:
            return True
        suggest = manifest.get("suggest", {}).get("property", {})
        place = suggest.get("service_url", "") + suggest.get("service_path", "")
        known = self._got(f"{place}?prefix={SAME}").get("result", []) if place else []
        if not any(told.get("id") == SAME for told in known):
            raise RemoteError(
                Message(
                    f"{self.address}: expected identifierSpace {ENTITY} or a property {SAME}, got identifierSpace '{space}'",
                    f"{self.address} : identifierSpace {ENTITY} ou une propriété {SAME} est attendu, et non « {space} »",
                )
            )
        return False

    def _got(self, address: str) -> dict[str, Any]:
        answer = self.memory.recall(address, "", lambda: json.dumps(fetch_json(address, contact=self.contact)).encode())
        told = json.loads(answer)
        return told if isinstance(told, dict) else {}

    def _claims(self, qids: Iterable[str]) -> dict[str, dict[str, tuple[Claim, ...]]]:
        """What the service's data extension says of items; nothing where it has none."""
        found: dict[str, dict[str, tuple[Claim, ...]]] = {}
        if "extend" not in self._got(self.address):
            return found
        for some in batched(sorted(qids), BATCH):
            told = self._post("extend", {"ids": list(some), "properties": [{"id": name} for name in PROPERTIES]})
            for qid, row in self._told({"rows": told.get("rows")}, "rows").items():
                cells = {name: tuple(_cells(row.get(name, ()))) for name in PROPERTIES}
                found[qid] = {name: claims for name, claims in cells.items() if claims}
        return found

    def _post(self, kind: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        text = json.dumps(question, ensure_ascii=False, sort_keys=True)
        answer = self.memory.recall(
            self.address,
            f"{kind}={text}",
            lambda: json.dumps(fetch_json(self.address, {kind: text}, self.contact)).encode(),
        )
        told = json.loads(answer)
        return told if isinstance(told, dict) else {}

    def _told(self, told: Any, *path: str) -> Any:
        try:
            for key in path:
                told = told[key]
            return told or {}
        except (KeyError, TypeError):
            lacks = ".".join(path)
            raise RemoteError(
                Message(
                    f"{self.address}: its answer lacks '{lacks}'",
                    f"{self.address} : il manque « {lacks} » à sa réponse",
                )
            ) from None


def _cells(cells: Iterable[Mapping[str, Any]]) -> Iterator[Claim]:
    for cell in cells:
        if value := cell.get("id") or cell.get("str"):
            yield Claim(str(value))
        elif time := cell.get("date"):
            yield Claim(time[:4] if "-01-01" in time else time[:10])
