"""Tab-separated tables, read and written so that what is not changed keeps its bytes.

Lines that start with `#` above the header are metadata. A cell may be enclosed in double quotes, quotes within
doubled (RFC 4180), and may then hold tabs and line breaks; a byte order mark and any line end are accepted.
Spreadsheets leave traces that change nothing: tabs after the last column, rows of tabs only, quoted metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

_END = r"(?:\r\n|\r|\n|\Z)"
_METADATA = re.compile(rf'\ufeff?(?:"?#[^\r\n]*+{_END})*+')
_LINE = re.compile(rf"([^\r\n]*+)({_END})")
_LINE_END = re.compile(_END)
_QUOTED = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"')
_CELL = re.compile(rf"(?:{_QUOTED.pattern}(?=[\t\r\n]|\Z)|[^\t\r\n]*+)")


@dataclass(frozen=True)
class Row:
    """A row as it is written: the line it starts on, its cells with their quotes, its line end."""

    line: int
    cells: tuple[str, ...]
    end: str

    @property
    def text(self) -> str:
        return "\t".join(self.cells) + self.end

    @property
    def is_empty(self) -> bool:
        """Whether it is a blank row or a comment."""
        first, *others = self.cells
        return (not first.strip() or first.startswith("#")) and not any(cell.strip() for cell in others)

    @property
    def values(self) -> tuple[str, ...]:
        """The cells without their quotes."""
        return tuple(map(_decode, self.cells)) if self._has_quotes else self.cells

    @property
    def unclosed(self) -> str:
        """The first cell that starts with a quote and does not end with the one that closes it."""
        if not self._has_quotes:
            return ""
        return next((cell for cell in self.cells if cell.startswith('"') and not _QUOTED.fullmatch(cell)), "")

    @property
    def _has_quotes(self) -> bool:
        return '"' in "".join(self.cells)  # most rows have none, which this tells in one step


@dataclass(frozen=True)
class Table:
    """A table as it is written: the text above the header, the header, the rows, blank ones and comments included."""

    metadata: str
    header: Row
    rows: tuple[Row, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return _trimmed(self.header.values, 0)

    @property
    def line_end(self) -> str:
        return self.header.end or "\n"

    @property
    def text(self) -> str:
        return self.metadata + self.header.text + "".join(row.text for row in self.rows)

    def records(self) -> Iterator[tuple[Row, tuple[str, ...]]]:
        """Each row that is not empty with its values, those after the last column left out where they are empty."""
        width = len(self.columns)
        for row in self.rows:
            if not row.is_empty:
                yield row, _trimmed(row.values, width)

    def with_columns(self, names: Iterable[str]) -> Table:
        """Return the table with empty columns of these names added at the end."""
        added = tuple(names)
        if not added:
            return self
        width = len(self.columns)
        header = replace(self.header, cells=(*self.header.cells[:width], *map(_encode, added)))
        empty = ("",) * len(added)
        rows = (row if row.is_empty else replace(row, cells=(*row.cells[:width], *empty)) for row in self.rows)
        return Table(self.metadata, header, tuple(rows))

    def row(self, values: Mapping[str, str], original: Row | None = None) -> Row:
        """Return a row with these values by column; cells that have them in `original` stay as they are written."""
        if original is None:
            return Row(0, tuple(_encode(values.get(column, "")) for column in self.columns), self.line_end)
        cells = list(original.cells)
        for at, column in enumerate(self.columns):
            if column in values and values[column] != _decode(cells[at]):
                cells[at] = _encode(values[column])
        return replace(original, cells=tuple(cells))


def read_table(text: str) -> Table:
    """Read a table. One without a header has no columns."""
    metadata = _METADATA.match(text)
    assert metadata  # it matches the empty text
    rows = list(_read_rows(text, metadata.end(), 1 + _count_lines(metadata[0])))
    start = next((at for at, row in enumerate(rows) if not row.is_empty), len(rows))
    above = metadata[0] + "".join(row.text for row in rows[:start])
    header = rows[start] if start < len(rows) else Row(1 + _count_lines(above), ("",), "")
    return Table(above, header, tuple(rows[start + 1 :]))


def _read_rows(text: str, position: int, number: int) -> Iterator[Row]:
    while position < len(text):
        line = _LINE.match(text, position)
        assert line  # it matches any text
        if '"' not in line[1]:
            yield Row(number, tuple(line[1].split("\t")), line[2])
            position, number = line.end(), number + 1
            continue
        cells: list[str] = []
        start = position
        while cell := _CELL.match(text, position):
            cells.append(cell[0])
            position = cell.end()
            if text[position : position + 1] != "\t":
                break
            position += 1
        end = _LINE_END.match(text, position)
        assert end  # where a cell ends and no tab follows
        yield Row(number, tuple(cells), end[0])
        position = end.end()
        number += _count_lines(text[start:position])


def _count_lines(text: str) -> int:
    return len(re.findall(r"\r\n|\r|\n", text))


def _trimmed(values: tuple[str, ...], width: int) -> tuple[str, ...]:
    """`values` without the empty ones at the end that come after the first `width`."""
    while len(values) > width and not values[-1].strip():
        values = values[:-1]
    return values


def _decode(cell: str) -> str:
    quoted = _QUOTED.fullmatch(cell) if cell.startswith('"') else None
    return quoted[1].replace('""', '"') if quoted else cell


def _encode(value: str) -> str:
    needs_quotes = value.startswith("#") or any(character in value for character in '\t\r\n"')
    return '"' + value.replace('"', '""') + '"' if needs_quotes else value
