"""What our graph knows and Wikidata lacks, as QuickStatements (https://www.wikidata.org/wiki/Help:QuickStatements).

Only what nobody contests: labels in the project's languages, and identifiers that an official IRI
of ours ends in. Nothing that a document says of somebody is ever given.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from whereas.checking import Checked
from whereas.item import IDENTIFIERS
from whereas.records import linked, read_all_links, read_records
from whereas.wikidata import Source

GIVEN = ("P1186",)  # besides labels


@dataclass(frozen=True, order=True)
class Gift:
    """A label (`Lfr`) or a statement (`P1186`) for an item, with the page that says it and the day it was read."""

    qid: str
    name: str
    value: str
    page: str = ""
    day: str = ""


def gifts(checked: Checked, source: Source) -> list[Gift]:
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
                found.append(Gift(qid, f"L{language}", record.labels[language]))
        for name in GIVEN:
            value = record.identifiers.get(name, "")
            if value and not item.values(name):
                page = IDENTIFIERS[name] + value
                row = next(link for link in links if link.subject == subject and link.object == page)
                found.append(Gift(qid, name, value, page, row.told.get("mapping_date", "")))
    return sorted(found)


def as_v1(given: Iterable[Gift]) -> str:
    """Version 1: a line a label or statement, its reference behind it."""
    return "".join("\t".join((gift.qid, gift.name, _quoted(gift.value), *_reference(gift))) + "\n" for gift in given)


def _reference(gift: Gift) -> Iterator[str]:
    if gift.page:
        yield from ("S854", _quoted(gift.page))
    if gift.day:
        yield from ("S813", f"+{gift.day}T00:00:00Z/11")


def as_csv(given: Iterable[Gift]) -> str:
    """CSV: a line an item, a column a label or property, those of its reference behind it."""
    told = list(given)
    columns = sorted({gift.name for gift in told})
    heading = ["qid"]
    for name in columns:
        heading += [name] if name.startswith("L") else [name, "S854", "s813"]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(heading)
    by_item: dict[str, dict[str, Gift]] = {}
    for gift in told:
        by_item.setdefault(gift.qid, {})[gift.name] = gift
    for qid, own in by_item.items():
        row = [qid]
        for name in columns:
            found = own.get(name)
            if name.startswith("L"):
                row.append(found.value if found else "")
            elif found:
                day = f"+{found.day}T00:00:00Z/11" if found.day else ""
                row += [_quoted(found.value), _quoted(found.page) if found.page else "", day]
            else:
                row += ["", "", ""]
        writer.writerow(row)
    return written.getvalue()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'
