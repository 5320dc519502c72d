"""What our graph knows and Wikidata lacks, as QuickStatements (https://www.wikidata.org/wiki/Help:QuickStatements).

Only what nobody contests: labels in the project's languages, and identifiers that an official IRI
of ours ends in. Nothing that a document says of somebody is ever given, nor the day on which a page was
read (S813): the table of links tells when a link was decided.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from whereas.linking.item_sources import ItemSource
from whereas.linking.records import linked, read_all_links, read_records
from whereas.rdf.wikibase import IDENTIFIERS
from whereas.validation.checked_project import CheckedProject

GIVEN = ("P1186",)  # besides labels


@dataclass(frozen=True, order=True)
class Edit:
    """A label (`Lfr`) or a statement (`P1186`) for an item, with the page that says it."""

    qid: str
    name: str
    value: str
    page: str = ""


def edits(checked: CheckedProject, source: ItemSource) -> list[Edit]:
    """What the linked items lack, in order."""
    links = read_all_links(checked)
    records, decided = read_records(checked, links), linked(links)
    items = source.items(decided.values())
    found = []
    for subject, qid in decided.items():
        record, item = records.get(subject), items[qid]
        if record is None or item.missing or item.target:
            continue
        for language in checked.project.languages:
            if language in record.labels and not {language, "mul"} & item.labels.keys():
                found.append(Edit(qid, f"L{language}", record.labels[language]))
        for name in GIVEN:
            value = record.identifiers.get(name, "")
            deprecated = any(claim.value == value for claim in item.claims.get(name, ()))
            if value and not item.values(name) and not deprecated:
                found.append(Edit(qid, name, value, IDENTIFIERS[name] + value))
    return sorted(found)


def as_v1(given: Iterable[Edit]) -> str:
    """Version 1: a line a label or statement, its reference behind it."""
    return "".join("\t".join((gift.qid, gift.name, _quoted(gift.value), *_reference(gift))) + "\n" for gift in given)


def _reference(gift: Edit) -> Iterator[str]:
    if gift.page:
        yield from ("S854", _quoted(gift.page))


def as_csv(given: Iterable[Edit]) -> str:
    """CSV: a line an item, a column a label or property, those of its reference behind it."""
    told = list(given)
    columns = sorted({gift.name for gift in told})
    heading = ["qid"]
    for name in columns:
        heading += [name] if name.startswith("L") else [name, "S854"]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(heading)
    by_item: dict[str, dict[str, Edit]] = {}
    for gift in told:
        by_item.setdefault(gift.qid, {})[gift.name] = gift
    for qid, own in by_item.items():
        row = [qid]
        for name in columns:
            found = own.get(name)
            if name.startswith("L"):
                row.append(found.value if found else "")
            elif found:
                row += [_quoted(found.value), _quoted(found.page)]
            else:
                row += ["", ""]
        writer.writerow(row)
    return written.getvalue()


def _quoted(text: str) -> str:
    """A text within quotation marks: QuickStatements reads from the first to the last, those between are its own."""
    return f'"{" ".join(text.split())}"'
