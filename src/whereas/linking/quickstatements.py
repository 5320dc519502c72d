"""Statements that the graph has and Wikidata lacks, as QuickStatements (https://www.wikidata.org/wiki/Help:QuickStatements).

Only uncontested data: labels in the project's languages, and identifiers that are part of an official IRI the
entity is linked to. Nothing that a document claims about somebody is exported. A retrieval date (S813) is not
given: the links file tells when a link was decided.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from whereas.linking.item_sources import ItemSource
from whereas.linking.records import linked, read_all_links, read_records
from whereas.rdf.wikibase import IDENTIFIERS
from whereas.validation.checked_project import CheckedProject

EXPORTED_PROPERTIES = ("P1186",)  # besides labels


@dataclass(frozen=True, order=True)
class Edit:
    """A label (`Lfr`) or a statement (`P1186`) to add to an item; `page` is the reference URL."""

    qid: str
    name: str
    value: str
    page: str = ""


def edits(checked: CheckedProject, source: ItemSource) -> list[Edit]:
    """Return what the linked items lack, sorted."""
    links = read_all_links(checked)
    records, qids = read_records(checked, links), linked(links)
    items = source.items(qids.values())
    missing = []
    for subject, qid in qids.items():
        record, item = records.get(subject), items.get(qid)
        if record is None or item is None or not item.is_available:
            continue
        for language in checked.project.languages:
            if language in record.labels and not {language, "mul"} & item.labels.keys():
                missing.append(Edit(qid, f"L{language}", record.labels[language]))
        for name in EXPORTED_PROPERTIES:
            value = record.identifiers.get(name, "")
            is_deprecated = any(claim.value == value for claim in item.claims.get(name, ()))
            if value and not item.values(name) and not is_deprecated:
                missing.append(Edit(qid, name, value, IDENTIFIERS[name] + value))
    return sorted(missing)


def fits_v1(edit: Edit) -> bool:
    """Return whether version 1 can hold an edit: in an address it takes a bar for a tab, and knows no escape."""
    return "|" not in edit.value + edit.page


def as_v1(edits: Iterable[Edit]) -> str:
    """Write version 1 commands: one line a label or statement, followed by its reference."""
    rows = ((edit.qid, edit.name, _quoted(edit.value), *_reference(edit)) for edit in edits if fits_v1(edit))
    return "".join("\t".join(row) + "\n" for row in rows)


def _reference(edit: Edit) -> Iterator[str]:
    if edit.page:
        yield from ("S854", _quoted(edit.page))


def as_csv(edits: Sequence[Edit]) -> str:
    """Write CSV: one line an item, one column a label or property, each property followed by its reference."""
    columns = sorted({edit.name for edit in edits})
    heading = ["qid"]
    for name in columns:
        heading += [name] if name.startswith("L") else [name, "S854"]
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(heading)
    by_item: dict[str, dict[str, Edit]] = {}
    for edit in edits:
        by_item.setdefault(edit.qid, {})[edit.name] = edit
    for qid, by_column in by_item.items():
        row = [qid]
        for name in columns:
            cell = by_column.get(name)
            if name.startswith("L"):
                row.append(_on_one_line(cell.value) if cell else "")
            elif cell:
                row += [_quoted(cell.value), _quoted(cell.page)]
            else:
                row += ["", ""]
        writer.writerow(row)
    return content.getvalue()


def _quoted(text: str) -> str:
    """Quote a text: QuickStatements reads from the first mark to the last, so those within are not escaped."""
    return f'"{_on_one_line(text)}"'


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
