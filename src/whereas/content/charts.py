"""The chart that a saved query's header asks for, worked out from its answer: numbers, no drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from whereas.project.queries import Query
from whereas.rdf.results import QueryResult, Term

MOST_BARS = 50
MOST_CELLS = 40  # rows, and columns, of a heatmap
SHADES = 5


@dataclass(frozen=True)
class Heatmap:
    """Numbers by column and row; `shade` says how deep each is, from 1 to `SHADES`."""

    columns: tuple[Term, ...]
    rows: tuple[Term, ...]
    values: Mapping[tuple[Term, Term], int]

    def shade(self, column: Term, row: Term) -> int:
        value = self.values.get((column, row), 0)
        return -(-SHADES * value // max(self.values.values())) if value else 0


def bars(query: Query, answer: QueryResult) -> list[tuple[Term, int, int]]:
    """Of a bar chart: each cell of `x`, its numbers summed, and their length in hundredths of the longest."""
    if query.chart.get("type") != "bar" or not {query.chart["x"], query.chart["y"]} <= set(answer.columns):
        return []
    x, y = (answer.columns.index(query.chart[axis]) for axis in ("x", "y"))
    sums: dict[Term, int] = {}
    for row in answer.rows:
        if (cell := row[x]) and (number := _number(row[y])) is not None:
            sums[cell] = sums.get(cell, 0) + number
    most = max(sums.values(), default=0)
    return [(cell, value, round(100 * value / most)) for cell, value in list(sums.items())[:MOST_BARS] if most]


def heatmap(query: Query, answer: QueryResult) -> Heatmap | None:
    """Of a heatmap: the first column of numbers, summed where `x` and `y` meet; None when none is asked for."""
    if query.chart.get("type") != "heatmap" or not {query.chart["x"], query.chart["y"]} <= set(answer.columns):
        return None
    x, y = (answer.columns.index(query.chart[axis]) for axis in ("x", "y"))
    rest = [place for place in range(len(answer.columns)) if place not in (x, y)]
    values: dict[tuple[Term, Term], int] = {}
    for row in answer.rows:
        number = next((n for place in rest if (n := _number(row[place])) is not None), None)
        column, line = row[x], row[y]
        if column and line and number is not None:
            values[column, line] = values.get((column, line), 0) + number
    columns = tuple(dict.fromkeys(column for column, _ in values))[:MOST_CELLS]
    lines = tuple(dict.fromkeys(line for _, line in values))[:MOST_CELLS]
    return Heatmap(columns, lines, values) if any(values.values()) else None


def _number(cell: Term | None) -> int | None:
    return int(cell.value) if cell and cell.datatype and cell.value.isascii() and cell.value.isdigit() else None
