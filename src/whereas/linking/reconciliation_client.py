"""Client of a reconciliation service (W3C community group, API 0.2) that proposes Wikidata items."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar

from whereas.errors import ArgumentError, RemoteError
from whereas.http.client import MAX_REDIRECTS, HTTPClient, read_json
from whereas.http.response_cache import ResponseCache
from whereas.http.urls import web_address, without_query
from whereas.i18n import Message
from whereas.linking.item_sources import BATCH, batched
from whereas.linking.matching import EntityRecord
from whereas.rdf.wikibase import ENTITY, HUMAN, IDENTIFIERS, PROPERTIES, Claim, Item, is_qid

T = TypeVar("T")

SAME = "owl:sameAs"


@dataclass(frozen=True)
class ReconciliationClient:
    """A service of Wikidata items, or one of other entities that links them to items, as ours does."""

    url: str
    cache: ResponseCache
    contact: str = ""

    def candidates(self, records: Sequence[EntityRecord]) -> Mapping[str, Sequence[Item]]:
        candidates: dict[str, dict[str, _Candidate]] = {record.iri: {} for record in records}
        names = [(record, name) for record in records for name in record.names]
        for batch in batched(names, self._batch_size):
            queries = {f"q{n}": {"query": name, "limit": 10} for n, (_, name) in enumerate(batch)}
            results = self._post("queries", queries, partial(_read_results, keys=tuple(queries)))
            for (record, _), result in zip(batch, results, strict=True):
                candidates[record.iri] |= {candidate.id: candidate for candidate in result}
        by_id = {key: candidate for group in candidates.values() for key, candidate in group.items()}
        items = self._items(by_id) if self._has_items else self._linked_items(by_id)
        return {iri: [items[key] for key in sorted(group.keys() & items.keys())] for iri, group in candidates.items()}

    def items(self, qids: Iterable[str]) -> Mapping[str, Item]:
        raise ArgumentError(Message("{url}: a reconciliation service cannot list items by number", url=self.url))

    def _items(self, candidates: Mapping[str, _Candidate]) -> dict[str, Item]:
        claims = self._claims(filter(is_qid, candidates))
        return {
            qid: Item(qid, {"mul": candidate.name}, claims=claims.get(qid, {}))
            for qid, candidate in candidates.items()
            if is_qid(qid)
        }

    def _linked_items(self, candidates: Mapping[str, _Candidate]) -> dict[str, Item]:
        """Return the items that entities of the service are the same as; their other links are identifiers."""
        items = {}
        for key, row in self._extend(candidates, (SAME,)):
            links = [str(cell.get("str", "")) for cell in row.get(SAME, ())]
            claims = {
                name: tuple(Claim(link.removeprefix(start)) for link in links if link.startswith(start))
                for name, start in IDENTIFIERS.items()
            }
            if key in candidates and "foaf:Person" in candidates[key].types:
                claims["P31"] = (Claim(HUMAN),)
            for link in links:
                if key in candidates and is_qid(qid := link.removeprefix(ENTITY)):
                    stated = {name: values for name, values in claims.items() if values}
                    items[key] = Item(qid, {"mul": candidates[key].name}, claims=stated)
        return items

    def _claims(self, qids: Iterable[str]) -> dict[str, dict[str, tuple[Claim, ...]]]:
        """Return what the service's data extension states about items; nothing where it has none."""
        claims: dict[str, dict[str, tuple[Claim, ...]]] = {}
        if "extend" in self._manifest:
            for qid, row in self._extend(qids, tuple(PROPERTIES)):
                by_property = {name: tuple(_read_claims(row.get(name, ()))) for name in PROPERTIES}
                claims[qid] = {name: values for name, values in by_property.items() if values}
        return claims

    def _extend(self, ids: Iterable[str], properties: Sequence[str]) -> Iterator[tuple[str, _Cells]]:
        for batch in batched(sorted(ids), self._batch_size):
            query = {"ids": list(batch), "properties": [{"id": name} for name in properties]}
            yield from self._post("extend", query, _read_rows).items()

    # ---------------------------------------------------------------- the service's manifest

    @cached_property
    def _manifest(self) -> Mapping[str, Any]:
        return self._request(self.url, None, _object)

    @property
    def _batch_size(self) -> int:
        """The number of queries in one request: as many as the service takes, and never more than `BATCH`."""
        size = self._manifest.get("batchSize")
        return min(BATCH, size) if isinstance(size, int) and size > 0 else BATCH

    @cached_property
    def _has_items(self) -> bool:
        """Whether its entities are items. Raise `RemoteError` when they are not, and are linked to none."""
        if (space := self._manifest.get("identifierSpace", "")) == ENTITY:
            return True
        suggest = _suggest_url(self._manifest)
        if not suggest or SAME not in self._request(f"{suggest}?prefix={SAME}", None, _read_suggestions):
            raise RemoteError(
                Message(
                    "{url}: expected identifierSpace {entity} or a property {property}, got identifierSpace '{space}'",
                    url=self.url,
                    entity=ENTITY,
                    property=SAME,
                    space=space,
                )
            )
        return False

    # ---------------------------------------------------------------- requests

    def _post(self, kind: str, query: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        text = json.dumps(query, ensure_ascii=False, sort_keys=True)
        return self._request(self.url, {kind: text}, read)

    def _request(self, url: str, form: Mapping[str, str] | None, read: Callable[[Any], T]) -> T:
        """Return what `read` makes of the response; one for which it raises is not cached."""

        def parse(content: bytes) -> T:
            data = read_json(without_query(url), content)
            try:
                return read(data)
            except (KeyError, TypeError, ValueError, AttributeError):
                start = " ".join(content.decode("utf-8", "replace").split())[:100]
                raise RemoteError(
                    Message(
                        "{url}: expected a response of the Reconciliation Service API, got '{start}'",
                        url=without_query(url),
                        start=start,
                    )
                ) from None

        def fetch() -> bytes:
            with HTTPClient(self.contact, max_redirects=MAX_REDIRECTS) as client:
                response = client.fetch(
                    "POST" if form else "GET",
                    web_address(url, "reconciliation service"),
                    data=form,
                    headers={"Accept": "application/json"},
                    idempotent=True,
                )
            parse(response.content)
            return response.content

        body = "".join(f"{kind}={text}" for kind, text in (form or {}).items())
        return parse(self.cache.get(url, body, fetch).content)


# -------------------------------------------------------------------- responses, as of API 0.2


@dataclass(frozen=True)
class _Candidate:
    id: str
    name: str
    types: frozenset[str]


_Cells = Mapping[str, Sequence[Mapping[str, Any]]]  # by property


def _object(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise TypeError
    return data


def _text(data: Any) -> str:
    if not isinstance(data, str):
        raise TypeError
    return data


def _read_results(data: Any, keys: Sequence[str]) -> list[list[_Candidate]]:
    """Return the candidates for each query."""
    return [
        [
            _Candidate(
                _text(candidate["id"]),
                _text(candidate["name"]),
                frozenset(kind["id"] if isinstance(kind, dict) else kind for kind in candidate.get("type") or ()),
            )
            for candidate in data[key]["result"]
        ]
        for key in keys
    ]


def _read_rows(data: Any) -> dict[str, _Cells]:
    """Return the cells of each entity."""
    return {
        key: {name: [_object(cell) for cell in cells] for name, cells in row.items()}
        for key, row in data["rows"].items()
    }


def _suggest_url(manifest: Mapping[str, Any]) -> str:
    """Return the URL where the service suggests properties; empty where it does not."""
    try:
        suggest = manifest["suggest"]["property"]
        return _text(suggest["service_url"]) + _text(suggest["service_path"])
    except (KeyError, TypeError):
        return ""


def _read_suggestions(data: Any) -> list[str]:
    return [_text(suggestion["id"]) for suggestion in data["result"]]


def _read_claims(cells: Iterable[Mapping[str, Any]]) -> Iterator[Claim]:
    for cell in cells:
        if value := cell.get("id") or cell.get("str"):
            yield Claim(str(value))
        elif time := cell.get("date"):
            yield Claim(str(time)[:4] if "-01-01" in str(time) else str(time)[:10])
