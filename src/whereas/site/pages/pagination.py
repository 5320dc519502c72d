"""Long lists cut into sheets: a page costs what it shows, and every row stands on one.

The first sheet of `ent/x` is `ent/x.fr.html`, the second `ent/x.2.fr.html`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

Row = TypeVar("Row")

STATEMENTS = 50  # rows of a sheet, each a statement with its words
LINES = 150  # rows of a sheet, each a line


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list of `count`, under their headings; `number` is from 1 to `last`."""

    sections: Sequence[tuple[str, Sequence[Row]]]
    number: int
    last: int
    count: int

    @property
    def near(self) -> list[int]:
        """The sheets a reader may want from here: the ends, and those beside; 0 stands for those left out."""
        wanted = sorted({1, self.last, *range(max(1, self.number - 2), min(self.last, self.number + 2) + 1)})
        told: list[int] = []
        for number in wanted:
            told += [0] * bool(told and number > told[-1] + 1)
            told.append(number)
        return told


def page_count(count: int, size: int) -> int:
    """How many sheets so many rows fill; one, if empty, for none."""
    return max(1, -(-count // size))


def paginate(rows: Sequence[tuple[str, Row]], number: int, size: int) -> Page[Row]:
    """One sheet of rows that come with their headings, those of one heading together."""
    shown = rows[(number - 1) * size : number * size]
    sections = [(title, [row for _, row in told]) for title, told in groupby(shown, key=lambda row: row[0])]
    return Page(sections, number, page_count(len(rows), size), len(rows))


def page_path(path: str, number: int) -> str:
    """Where a sheet of the page at `path` stands."""
    return f"{path}.{number}" if number > 1 else path


def split(path: str) -> tuple[str, int]:
    """The page that a sheet after the first belongs to, and its number; the path itself and 1 for any other."""
    found = re.fullmatch(r"(.+)\.([1-9]\d{0,6})", path)
    return (found[1], int(found[2])) if found and found[2] != "1" else (path, 1)
