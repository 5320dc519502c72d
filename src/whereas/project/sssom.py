"""Links to other data sets: tables in SSSOM/TSV (https://mapping-commons.github.io/sssom/spec/formats-tsv/).

A row with a reviewer is decided, one with the modifier `Not` is rejected and kept, any other is only proposed.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from whereas import iris
from whereas.errors import ArgumentError, ProjectError
from whereas.findings import Finding, Location, finding
from whereas.i18n import Message
from whereas.project.project import Project
from whereas.project.sources import LINKS
from whereas.project.tsv import Row, Table, read_table
from whereas.rdf.serialization import name_problem

SUFFIX = ".sssom.tsv"
LINK_COLUMNS = (
    "subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label",
    "mapping_justification", "confidence", "author_id", "reviewer_id", "mapping_date", "see_also",
    "comment",
)  # fmt: skip
_KEY = ("subject_id", "predicate_id", "object_id")
_REQUIRED = (*_KEY, "mapping_justification")

Key = tuple[str, str, str]  # subject, predicate and object as they are written
Rows = dict[Key, dict[str, str]]  # values by column


@dataclass(frozen=True)
class Link:
    """A row of an SSSOM file: that two things are the same or alike, with its values by column as written."""

    location: Location
    subject: str
    predicate: str
    object: str
    state: str  # "decided" (it has a reviewer), "rejected" (its modifier is Not) or "proposed"
    row: Mapping[str, str]


@dataclass(frozen=True)
class Decision:
    """Who decided a link, when, how sure and why; the label of its object, and the tool or the pages it was found with."""

    label: str
    reviewers: tuple[str, ...]
    day: str
    confidence: str
    comment: str
    sources: tuple[str, ...]


def parse_links(content: str, path: str, prefixes: Mapping[str, str]) -> tuple[list[Link], list[Finding]]:
    """Return the links of an SSSOM/TSV file, and findings about the rows and the header that are not valid."""
    table = read_table(content)
    findings = list(_check_header(table, _REQUIRED, path))
    links: list[Link] = []
    for row, values in () if findings else table.records():
        location = Location(path, row.line)
        record = dict(zip(table.columns, values, strict=False))
        problems = list(_check_shape(table, row, values, path)) or list(_check_values(record, location, prefixes))
        findings.extend(problems)
        if not problems:
            subject, predicate, value = (iris.expand(record[column], prefixes) for column in _KEY)
            links.append(Link(location, subject, predicate, value, _state(record), record))
    return links, findings


def read_links(project: Project, prefixes: Mapping[str, str]) -> list[Link]:
    """Return the valid links of every file, by file name and line."""
    return [
        link
        for path in sorted((project.data / LINKS).glob(f"*{SUFFIX}"))
        for link in parse_links(project.read_text(path), project.location(path).path, prefixes)[0]
    ]


def read_decisions(project: Project, prefixes: Mapping[str, str]) -> dict[Key, Decision]:
    """Return the decided links by the IRIs of subject, property and object."""
    return {
        (link.subject, link.predicate, link.object): Decision(
            link.row.get("object_label", ""),
            tuple(iris.expand(name, prefixes) for name in split_values(link.row["reviewer_id"])),
            link.row.get("mapping_date", ""),
            link.row.get("confidence", ""),
            link.row.get("comment", ""),
            (tool,) if (tool := link.row.get("mapping_tool", "")) else split_values(link.row.get("see_also", "")),
        )
        for link in read_links(project, prefixes)
        if link.state == "decided"
    }


def split_values(cell: str) -> tuple[str, ...]:
    """Return the values of a multivalued cell: `|` separates them, a backslash escapes `|` and itself."""
    if "|" not in cell and "\\" not in cell:
        return (cell.strip(),) if cell.strip() else ()
    values = (re.sub(r"\\([|\\])", r"\1", value) for value in re.findall(r"(?:\\[|\\]|[^|])+", cell))
    return tuple(value.strip() for value in values if value.strip())


def _state(record: Mapping[str, str]) -> str:
    if record.get("predicate_modifier") == "Not":
        return "rejected"
    return "decided" if split_values(record.get("reviewer_id", "")) else "proposed"


# -------------------------------------------------------------------- checks


def _check_header(table: Table, required: Iterable[str], path: str) -> Iterator[Finding]:
    columns = table.columns
    if not set(required) <= set(columns) or len(set(columns)) < len(columns):
        location = Location(path, table.header.line)
        yield finding("link-columns", location, expected=", ".join(LINK_COLUMNS), got=", ".join(columns))


def _check_shape(table: Table, row: Row, values: tuple[str, ...], path: str) -> Iterator[Finding]:
    if row.unclosed:
        yield finding("link-quotes", Location(path, row.line), got=row.unclosed[:40])
    elif len(values) != len(table.columns):
        expected, got = ", ".join(table.columns), str(len(values))
        yield finding("link-columns", Location(path, row.line), expected=expected, got=got)


_FORMS = {
    "mapping_justification": (re.compile(r"semapv:\w+"), Message("a term of semapv:")),
    "confidence": (re.compile(r"|0(\.\d+)?|1(\.0+)?"), Message("a number from 0 to 1")),
    "mapping_date": (re.compile(r"|\d{4}-\d\d-\d\d"), Message("a day such as 2026-01-31")),
    "predicate_modifier": (re.compile(r"|Not"), Message("Not or nothing")),
}


def _check_values(record: Mapping[str, str], location: Location, prefixes: Mapping[str, str]) -> Iterator[Finding]:
    names = [(column, record[column]) for column in _KEY]
    names += [("reviewer_id", name) for name in split_values(record.get("reviewer_id", ""))]
    for column, name in names:
        expected, reason = Message("prefix:name or an IRI"), name_problem(name, prefixes)
        try:
            is_name = bool(iris.expand(name, prefixes)) and not reason.template
        except (ValueError, KeyError):
            is_name = False
        if not is_name:
            yield finding("link-value", location, column=column, expected=expected, got=name, reason=reason)
    for column, (form, expected) in _FORMS.items():
        if not form.fullmatch(record.get(column, "")):
            yield finding("link-value", location, column=column, expected=expected, got=record[column], reason="")


# -------------------------------------------------------------------- writing


def change(path: Path, header: str, edit: Callable[[Rows], None], prefixes: Mapping[str, str]) -> None:
    """Change the rows of a file as `edit` changes them; every other row keeps its bytes.

    The file is created with `header` where there is none. New rows are inserted in the order of their keys; columns
    that they need are added; the `curie_map` gets the `prefixes` that they use. Several rows with one key are one
    link: a change replaces them all.

    The file is replaced as a whole. Other processes of ours wait; if another program saves the file in the meantime,
    it is read and edited again. Raise `ProjectError` when it is not a table of links.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    with _exclusive(path):
        while True:
            before = path.read_bytes() if path.exists() else None
            text = before.decode("utf-8") if before is not None else header
            text = _edited(text, edit, f"data/{LINKS}/{path.name}", prefixes)
            with new.open("w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if (path.read_bytes() if path.exists() else None) == before:
                new.replace(path)
                return
            new.unlink()


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file's folder."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _edited(text: str, edit: Callable[[Rows], None], path: str, prefixes: Mapping[str, str]) -> str:
    table = read_table(text)
    findings = list(_check_header(table, _KEY, path))
    findings += (problem for row, values in table.records() for problem in _check_shape(table, row, values, path))
    if findings:
        raise ProjectError(findings)
    before = _rows_of(table)
    after = {key: dict(values) for key, values in before.items()}
    edit(after)
    changed = {key: values for key, values in after.items() if values != before.get(key)}
    used = {column for values in changed.values() for column, value in values.items() if value}
    table = table.with_columns(column for column in LINK_COLUMNS if column in used - set(table.columns))
    rows = tuple(_changed_rows(table, after, changed))
    rows = tuple(row if row.end else replace(row, end=table.line_end) for row in rows[:-1]) + rows[-1:]
    header = replace(table.header, end=table.line_end) if rows else table.header
    return Table(_with_prefixes(table, changed.values(), prefixes), header, rows).text


def _rows_of(table: Table) -> Rows:
    records = (dict(zip(table.columns, values, strict=True)) for _, values in table.records())
    return {_key(record): record for record in records}


def _key(values: Mapping[str, str]) -> Key:
    subject, predicate, value = (values[column] for column in _KEY)
    return subject, predicate, value


def _changed_rows(table: Table, after: Rows, changed: Rows) -> Iterator[Row]:
    """Yield the remaining rows, a changed one in place of the last with its key, and the new ones by their keys."""
    keys = {row.line: _key(dict(zip(table.columns, values, strict=True))) for row, values in table.records()}
    last = {key: line for line, key in keys.items()}
    new, end = deque(sorted(changed.keys() - last.keys())), max(keys, default=0)
    for row in table.rows:
        key = keys.get(row.line)
        while new and (row.line > end if key is None else new[0] < key):  # comments at the end stay there
            yield table.row(changed[new.popleft()])
        if key is None or (key in after and key not in changed):
            yield row
        elif key in changed and last[key] == row.line:
            yield table.row(changed[key], row)
    yield from (table.row(changed[key]) for key in new)


_NAMES = (*_KEY, "mapping_justification", "author_id", "reviewer_id")
_START = r'(?<![^\r\n\ufeff])"?#'
_END = r"[^\r\n]*(?:\r\n|\r|\n)"
_BLOCK = re.compile(rf"{_START}( *)curie_map:[\t ]*(?:\r\n|\r|\n)(?:{_START}\1 +{_END})*")
_FLOW = re.compile(rf"{_START} *curie_map: *\{{([^\r\n}}]*)")


def _with_prefixes(table: Table, rows: Iterable[Mapping[str, str]], prefixes: Mapping[str, str]) -> str:
    """Return the metadata with the prefixes that the rows use added to its `curie_map`, in either style of YAML."""
    names = {name for row in rows for column in _NAMES for name in split_values(row.get(column, ""))}
    used = {name.partition(":")[0] for name in names} & prefixes.keys()
    text, end = table.metadata, table.line_end
    curie_map = _BLOCK.search(text) or _FLOW.search(text)
    declared = curie_map[0] if curie_map else ""
    missing = sorted(name for name in used if not re.search(rf"[#{{,]\s*{re.escape(name)}:\s", declared))
    if not missing:
        return text
    at = curie_map.end() if curie_map else len(text)
    if curie_map and curie_map.re is _FLOW:
        added = ", ".join(f"{name}: {prefixes[name]}" for name in missing)
        return text[:at] + (", " if curie_map[1].strip() else "") + added + text[at:]
    indent = f"#{curie_map[1] if curie_map else ''}  "
    heading = "" if curie_map else f"#curie_map:{end}"
    return text[:at] + heading + "".join(f"{indent}{name}: {prefixes[name]}{end}" for name in missing) + text[at:]


def cell(text: str, name: str) -> str:
    """Return `text` on one line. Raise `ArgumentError` with the `name` of the argument when it cannot be a comment."""
    text = " ".join(text.split())
    if not text or '"' in text or not text.isprintable():
        raise ArgumentError(
            Message("{name}: expected words without straight quotation marks, got '{text}'", name=name, text=text)
        )
    return text


def header(name: str, base: str, licence: str, day: str, prefixes: Mapping[str, str]) -> str:
    """Return the metadata and the header of a new file."""
    curie_map = "".join(f"#  {prefix}: {prefixes[prefix]}\n" for prefix in ("ent", "owl", "skos", "wd"))
    metadata = (
        f'#mapping_set_id: {base}links/{name}\n#mapping_set_title: "Links to {name.capitalize()}"\n'
        f'#license: {licence or "https://w3id.org/sssom/license/unspecified"}\n#mapping_set_version: "{day}"\n'
        f"#curie_map:\n{curie_map}#  semapv: https://w3id.org/semapv/vocab/\n"
    )
    return metadata + "\t".join(LINK_COLUMNS) + "\n"
