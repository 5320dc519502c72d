"""What Wikidata says of a linked entity, proposed to the project."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from whereas.linking.item_sources import ItemSource
from whereas.linking.records import languages, linked, read_all_links
from whereas.project.sources import WIKIDATA
from whereas.rdf.wikibase import PROPERTIES, Item, number, read_items, to_json
from whereas.validation.checked_project import CheckedProject

# -------------------------------------------------------------------- what linked items add


@dataclass(frozen=True)
class Enrichment:
    """How many items are recorded, how many linked ones have nothing (missing, or redirects), and how many stand
    as they were recorded before, since the source does not know them."""

    recorded: int
    nothing: int
    unknown: int


def enrich(checked: CheckedProject, source: ItemSource) -> Enrichment:
    """Record what the linked items say, as far as it is declared, in `data/wikidata/items.jsonl`.

    The file is written whole or not at all; an item that says what it said keeps its day, and one that the
    source knows nothing of stays as it was recorded.
    """
    project = checked.project
    path = project.data / WIKIDATA / "items.jsonl"
    before = {item.qid: item for item in read_items(project.read_text(path))} if path.is_file() else {}
    qids = set(linked(read_all_links(checked)).values())
    wanted = {*languages(checked), "mul"}
    found = source.items(qids)
    kept = {qid: _declared(found[qid], wanted) for qid in qids if _says(found[qid])}
    unknown = {qid for qid in qids - kept.keys() if found[qid].missing}
    kept |= {qid: before[qid] for qid in unknown & before.keys()}
    named = {
        value
        for item in kept.values()
        for name in item.claims
        if PROPERTIES[name].holds == "item"
        for value in item.values(name)
    }
    for qid, item in source.items(named - kept.keys()).items():
        if _says(item):
            kept[qid] = replace(_declared(item, wanted), claims={})
        elif qid in before:
            kept[qid] = before[qid]
    lines = []
    for qid in sorted(kept, key=number):
        old = before.get(qid)
        item = old if old and replace(kept[qid], retrieved=old.retrieved) == old else kept[qid]
        lines.append(json.dumps(to_json(item), ensure_ascii=False, sort_keys=True) + "\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f".{path.name}.new")
    written.write_text("".join(lines), "utf-8")
    written.replace(path)
    return Enrichment(len(kept), len(qids - kept.keys()), len(unknown & before.keys()))


def _says(item: Item) -> bool:
    return not (item.missing or item.target)


def _declared(item: Item, wanted: set[str]) -> Item:
    """The item without what is not recorded."""
    held = {
        name: tuple(claim for claim in told if claim.rank != "deprecated")
        for name, told in item.claims.items()
        if PROPERTIES[name].enriches
    }
    claims = {name: told for name, told in held.items() if told}
    labels = {tag: text for tag, text in item.labels.items() if tag in wanted}
    return replace(item, labels=labels, aliases={}, claims=claims)
