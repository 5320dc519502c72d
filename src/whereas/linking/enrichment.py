"""Record statements of Wikidata about linked entities."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from whereas.linking.item_sources import ItemSource
from whereas.linking.records import languages, linked, read_all_links
from whereas.project.sources import WIKIDATA
from whereas.rdf.wikibase import PROPERTIES, Item, number, read_items, to_json
from whereas.validation.checked_project import CheckedProject


@dataclass(frozen=True)
class Enrichment:
    """Numbers of items: those recorded, linked ones that are missing or redirects, and those that the source does
    not have, whose earlier record was kept."""

    recorded: int
    unavailable: int
    unchanged: int


def enrich(checked: CheckedProject, source: ItemSource) -> Enrichment:
    """Record the linked items in `data/wikidata/items.jsonl`, with the properties that are declared for it.

    The file is replaced atomically. An item that did not change keeps its retrieval date, and one that the source
    does not have stays as it was recorded.
    """
    project = checked.project
    path = project.data / WIKIDATA / "items.jsonl"
    recorded = {item.qid: item for item in read_items(project.read_text(path))} if path.is_file() else {}
    qids = set(linked(read_all_links(checked)).values())
    label_languages = {*languages(checked), "mul"}
    current = source.items(qids)
    items = {qid: _select_declared(item, label_languages) for qid, item in current.items() if item.is_available}
    unknown = {qid for qid in qids - items.keys() if qid not in current or current[qid].missing}
    items |= {qid: recorded[qid] for qid in unknown & recorded.keys()}
    referenced = {
        value
        for item in items.values()
        for name in item.claims
        if PROPERTIES[name].holds == "item"
        for value in item.values(name)
    }
    others = source.items(referenced - items.keys())
    for qid in referenced - items.keys():
        if (item := others.get(qid)) and item.is_available:
            items[qid] = replace(_select_declared(item, label_languages), claims={})
        elif qid in recorded:
            items[qid] = recorded[qid]
    lines = []
    for qid in sorted(items, key=number):
        old = recorded.get(qid)
        item = old if old and replace(items[qid], retrieved=old.retrieved) == old else items[qid]
        lines.append(json.dumps(to_json(item), ensure_ascii=False, sort_keys=True) + "\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text("".join(lines), "utf-8")
    temporary.replace(path)
    return Enrichment(len(items), len(qids - items.keys()), len(unknown & recorded.keys()))


def _select_declared(item: Item, label_languages: set[str]) -> Item:
    """Return the item with its labels in these languages and the claims that are recorded, nothing else."""
    current = {
        name: tuple(claim for claim in claims if claim.rank != "deprecated")
        for name, claims in item.claims.items()
        if PROPERTIES[name].enriches
    }
    claims = {name: values for name, values in current.items() if values}
    labels = {tag: text for tag, text in item.labels.items() if tag in label_languages}
    return replace(item, labels=labels, aliases={}, claims=claims)
