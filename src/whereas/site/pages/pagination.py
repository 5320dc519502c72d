"""Long lists cut into pages.

The first page of `ent/x` is `ent/x.fr.html`, the second `ent/x.2.fr.html`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

Row = TypeVar("Row")

STATEMENTS = 50  # rows of a page, where each is a statement with its words
LINES = 150  # rows of a page, where each is a line


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list of `count`, under their headings; `number` is from 1 to `last`."""

    sections: Sequence[tuple[str, Sequence[Row]]]
    number: int
    last: int
    count: int

    @property
    def near(self) -> list[int]:
        """The numbers of the pages to link to: the ends, and those nearby; 0 stands for those left out."""
        linked = sorted({1, self.last, *range(max(1, self.number - 2), min(self.last, self.number + 2) + 1)})
        numbers: list[int] = []
        for number in linked:
            numbers += [0] * bool(numbers and number > numbers[-1] + 1)
            numbers.append(number)
        return numbers


def page_count(count: int, size: int) -> int:
    """Return how many pages a number of rows fills; no rows fill one empty page."""
    return max(1, -(-count // size))


def paginate(rows: Sequence[tuple[str, Row]], number: int, size: int) -> Page[Row]:
    """Return one page of rows that come with their headings, those of one heading together."""
    shown = rows[(number - 1) * size : number * size]
    sections = [(title, [row for _, row in group]) for title, group in groupby(shown, key=lambda row: row[0])]
    return Page(sections, number, page_count(len(rows), size), len(rows))


def page_path(path: str, number: int) -> str:
    """Return the path of the page of a number in the list at `path`."""
    return f"{path}.{number}" if number > 1 else path


def split(path: str) -> tuple[str, int]:
    """Return the path of a list and the number of its page; the path itself and 1 where it names none after the first."""
    match = re.fullmatch(r"(.+)\.([1-9]\d{0,6})", path)
    return (match[1], int(match[2])) if match and match[2] != "1" else (path, 1)
