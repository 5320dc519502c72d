"""SSSOM: the table of links to elsewhere, read and written (https://mapping-commons.github.io/sssom/).

A row with a reviewer is decided, one with `Not` is a rejection that is remembered, any other is proposed.
"""

from __future__ import annotations

import csv
import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from whereas import iris
from whereas.errors import ArgumentError, ProjectError
from whereas.findings import Finding, Location, finding
from whereas.i18n import Message
from whereas.iris import expand
from whereas.project.project import Project

# SSSOM (https://mapping-commons.github.io/sssom/spec-model/).
LINK_COLUMNS = (
    "subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label",
    "mapping_justification", "confidence", "author_id", "reviewer_id", "mapping_date", "see_also",
    "comment",
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    """A row of an SSSOM file: who says, when and why, that two things are the same or alike."""

    location: Location
    subject: str
    predicate: str
    object: str
    state: str  # "decided" (somebody reviewed it), "rejected" (predicate_modifier Not) or "proposed"
    told: Mapping[str, str]


def parse_links(content: str, path: str, prefixes: Mapping[str, str]) -> tuple[list[Link], list[Finding]]:
    """The rows of an SSSOM TSV file, and what is wrong with it."""
    lines = content.split("\n")
    start = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    rows = (line.rstrip("\r").split("\t") if line else [] for line in lines[start:])
    header = next(rows, [])
    needed = {"subject_id", "predicate_id", "object_id", "mapping_justification"}
    if not needed <= set(header):
        location = Location(path, start + 1)
        return [], [finding("link-columns", location, expected=", ".join(LINK_COLUMNS), got=", ".join(header))]
    links: list[Link] = []
    findings: list[Finding] = []
    for number, row in enumerate(rows, start + 2):
        if not row:
            continue
        location, told = Location(path, number), dict(zip(header, row, strict=False))
        wrong = (
            list(_wrong(told, location, prefixes))
            if len(row) == len(header)
            else [finding("link-columns", location, expected=", ".join(header), got=str(len(row)))]
        )
        findings.extend(wrong)
        if not wrong:
            subject, predicate, value = (
                iris.expand(told[f"{end}_id"], prefixes) for end in ("subject", "predicate", "object")
            )
            links.append(Link(location, subject, predicate, value, _state(told), told))
    return links, findings


def _state(told: Mapping[str, str]) -> str:
    if told.get("predicate_modifier") == "Not":
        return "rejected"
    return "decided" if told.get("reviewer_id") else "proposed"


def _wrong(told: Mapping[str, str], location: Location, prefixes: Mapping[str, str]) -> Iterator[Finding]:
    for column in ("subject_id", "predicate_id", "object_id"):
        try:
            iris.expand(told[column], prefixes)
        except (ValueError, KeyError):
            yield finding("link-value", location, column=column, expected="prefix:name or an IRI", got=told[column])
    forms = {
        "mapping_justification": (r"semapv:\w+", "a term of semapv:"),
        "confidence": (r"|0(\.\d+)?|1(\.0+)?", "a number from 0 to 1"),
        "mapping_date": (r"|\d{4}-\d\d-\d\d", "a day such as 2026-01-31"),
        "predicate_modifier": (r"|Not", "Not or nothing"),
    }
    for column, (form, expected) in forms.items():
        if not re.fullmatch(form, told.get(column, "")):
            yield finding("link-value", location, column=column, expected=expected, got=told[column])


# -------------------------------------------------------------------- writing

Rows = dict[tuple[str, str, str], dict[str, str]]  # by subject, predicate and object, as they are written


def change(path: Path, header: str, edit: Callable[[Rows], None], prefixes: Mapping[str, str]) -> None:
    """The file with its rows as `edit` leaves them, in order; made with `header` where there is none.

    Its `curie_map` has every one of `prefixes` that the rows use, and what it had before. Written whole or not at all. Two of ours wait for each other; what somebody else writes in the
    meantime is read again before anything is replaced.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path):
        while True:
            before = path.read_bytes() if path.exists() else None
            text = before.decode("utf-8") if before is not None else header
            metadata, columns, rows = _rows(text, path)
            edit(rows)
            written = path.with_name(f".{path.name}.new")
            with written.open("w", encoding="utf-8", newline="") as file:
                file.write(_with_prefixes(metadata, rows, prefixes))
                for row in (dict(zip(columns, columns, strict=True)), *(rows[key] for key in sorted(rows))):
                    file.write("\t".join(row.get(column, "") for column in columns) + "\n")
                file.flush()
                os.fsync(file.fileno())
            if (path.read_bytes() if path.exists() else None) == before:
                written.replace(path)
                return


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other process of ours changes the file."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _rows(text: str, path: Path) -> tuple[str, list[str], Rows]:
    lines = text.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    columns, *told = (line.rstrip("\n").split("\t") for line in lines[start:] if line.strip())
    rows: Rows = {}
    for cells in told:
        if len(cells) != len(columns):
            number = text[: text.index("\t".join(cells))].count("\n") + 1
            location = Location(f"data/links/{path.name}", number)
            raise ProjectError([finding("link-columns", location, expected=", ".join(columns), got=str(len(cells)))])
        row = dict(zip(columns, cells, strict=True))
        rows[row["subject_id"], row["predicate_id"], row["object_id"]] = row
    return "".join(lines[:start]), columns, rows


_NAMES = ("subject_id", "predicate_id", "object_id", "mapping_justification", "author_id", "reviewer_id")
_MAP = re.compile(r"^#curie_map:.*\n(?:# +.*\n)*", re.MULTILINE)


def _with_prefixes(metadata: str, rows: Rows, prefixes: Mapping[str, str]) -> str:
    """The lines above the rows, with the prefixes that the rows use and the lines do not tell of."""
    used = {row.get(column, "").partition(":")[0] for row in rows.values() for column in _NAMES}
    told = found[0] if (found := _MAP.search(metadata)) else "#curie_map:\n"
    missing = sorted(name for name in used & prefixes.keys() if not re.search(rf"^# +{name}:", told, re.MULTILINE))
    if not missing:
        return metadata
    whole = told + "".join(f"#  {name}: {prefixes[name]}\n" for name in missing)
    return metadata.replace(told, whole) if found else metadata + whole


def cell(text: str, what: str) -> str:
    """`text` as one cell. Raises `ArgumentError` when it cannot be one."""
    text = " ".join(text.split())
    if not text or '"' in text or not text.isprintable():
        raise ArgumentError(
            Message("{what}: expected words without straight quotation marks, got '{text}'", what=what, text=text)
        )
    return text


def header(name: str, base: str, licence: str, day: str, prefixes: Mapping[str, str]) -> str:
    """What stands above the rows of a new file."""
    curies = "".join(f"#  {prefix}: {prefixes[prefix]}\n" for prefix in ("ent", "owl", "skos", "wd"))
    told = (
        f'#mapping_set_id: {base}links/{name}\n#mapping_set_title: "Links to {name.capitalize()}"\n'
        f'#license: {licence or "https://w3id.org/sssom/license/unspecified"}\n#mapping_set_version: "{day}"\n'
        f"#curie_map:\n{curies}#  semapv: https://w3id.org/semapv/vocab/\n"
    )
    return told + "\t".join(LINK_COLUMNS) + "\n"


@dataclass(frozen=True)
class Decision:
    """One row of a mapping set."""

    subject: str
    property: str
    object: str
    name: str
    who: str
    day: str
    confidence: str
    why: str
    source: str  # who first told of it, or by what tool


def read_decisions(project: Project, prefixes: Mapping[str, str]) -> dict[tuple[str, str, str], Decision]:
    """The decided links by subject, property and object; a row nobody reviewed is only proposed."""
    found = {}
    for path in sorted((project.data / "links").glob("*.sssom.tsv")):
        lines = [line for line in project.read_text(path).split("\n") if line and not line.startswith("#")]
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row.get("reviewer_id") and row.get("predicate_modifier") != "Not":
                names = (row["subject_id"], row["predicate_id"], row["object_id"], row["reviewer_id"])
                subject, property_, object_, who = (expand(name, prefixes) for name in names)
                told = [row.get(key) or "" for key in ("object_label", "mapping_date", "confidence", "comment")]
                source = row.get("mapping_tool") or row.get("see_also") or ""
                found[subject, property_, object_] = Decision(
                    subject, property_, object_, told[0], who, told[1], told[2], told[3], source
                )
    return found
