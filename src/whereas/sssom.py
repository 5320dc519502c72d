"""SSSOM: the table of links to elsewhere (https://mapping-commons.github.io/sssom/).

A row with a reviewer is decided, one with `Not` is a rejection that is remembered, any other is proposed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from whereas import iris
from whereas.errors import Finding, Place, finding

# SSSOM (https://mapping-commons.github.io/sssom/spec-model/).
LINK_COLUMNS = (
    "subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label",
    "mapping_justification", "confidence", "author_id", "reviewer_id", "mapping_date", "see_also",
    "comment",
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    """A row of an SSSOM file: who says, when and why, that two things are the same or alike."""

    place: Place
    subject: str
    predicate: str
    object: str
    state: str  # "decided" (somebody reviewed it), "rejected" (predicate_modifier Not) or "proposed"
    told: Mapping[str, str]


def parse_links(content: str, path: str, prefixes: Mapping[str, str]) -> tuple[list[Link], list[Finding]]:
    """The rows of an SSSOM TSV file, and what is wrong with it."""
    lines = content.split("\n")
    start = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    rows = csv.reader(io.StringIO("\n".join(lines[start:])), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(rows, [])
    needed = {"subject_id", "predicate_id", "object_id", "mapping_justification"}
    if not needed <= set(header):
        place = Place(path, start + 1)
        return [], [finding("link-columns", place, expected=", ".join(LINK_COLUMNS), got=", ".join(header))]
    links: list[Link] = []
    findings: list[Finding] = []
    for number, row in enumerate(rows, start + 2):
        if not row:
            continue
        place, told = Place(path, number), dict(zip(header, row, strict=False))
        wrong = (
            list(_wrong(told, place, prefixes))
            if len(row) == len(header)
            else [finding("link-columns", place, expected=f"{len(header)} columns", got=str(len(row)))]
        )
        findings.extend(wrong)
        if not wrong:
            subject, predicate, value = (
                iris.expand(told[f"{end}_id"], prefixes) for end in ("subject", "predicate", "object")
            )
            links.append(Link(place, subject, predicate, value, _state(told), told))
    return links, findings


def _state(told: Mapping[str, str]) -> str:
    if told.get("predicate_modifier") == "Not":
        return "rejected"
    return "decided" if told.get("reviewer_id") else "proposed"


def _wrong(told: Mapping[str, str], place: Place, prefixes: Mapping[str, str]) -> Iterator[Finding]:
    for column in ("subject_id", "predicate_id", "object_id"):
        try:
            iris.expand(told[column], prefixes)
        except (ValueError, KeyError):
            yield finding("link-value", place, column=column, expected="prefix:name or an IRI", got=told[column])
    forms = {
        "mapping_justification": (r"semapv:\w+", "a term of semapv:"),
        "confidence": (r"|0(\.\d+)?|1(\.0+)?", "a number from 0 to 1"),
        "mapping_date": (r"|\d{4}-\d\d-\d\d", "a day such as 2026-01-31"),
        "predicate_modifier": (r"|Not", "Not or nothing"),
    }
    for column, (form, expected) in forms.items():
        if not re.fullmatch(form, told.get(column, "")):
            yield finding("link-value", place, column=column, expected=expected, got=told[column])
