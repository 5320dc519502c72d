"""The chart declared in a saved query's header, computed from its answer: numbers, no drawing."""

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
    """Numbers by column and row."""

    columns: tuple[Term, ...]
    rows: tuple[Term, ...]
    values: Mapping[tuple[Term, Term], int]

    def shade(self, column: Term, row: Term) -> int:
        """Return the shade of a cell, from 1 to `SHADES`; 0 where it is empty."""
        value = self.values.get((column, row), 0)
        return -(-SHADES * value // max(self.values.values())) if value else 0


def bars(query: Query, answer: QueryResult) -> list[tuple[Term, int, int]]:
    """Return the bars of a bar chart: each value of `x`, the sum of `y`, and that sum in hundredths of the largest."""
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
    """Return the heatmap, its cells the sums of the first column of numbers; None when the header declares none."""
    if query.chart.get("type") != "heatmap" or not {query.chart["x"], query.chart["y"]} <= set(answer.columns):
        return None
    x, y = (answer.columns.index(query.chart[axis]) for axis in ("x", "y"))
    others = [column for column in range(len(answer.columns)) if column not in (x, y)]
    values: dict[tuple[Term, Term], int] = {}
    for row in answer.rows:
        number = next((n for other in others if (n := _number(row[other])) is not None), None)
        column, line = row[x], row[y]
        if column and line and number is not None:
            values[column, line] = values.get((column, line), 0) + number
    columns = tuple(dict.fromkeys(column for column, _ in values))[:MOST_CELLS]
    lines = tuple(dict.fromkeys(line for _, line in values))[:MOST_CELLS]
    return Heatmap(columns, lines, values) if any(values.values()) else None


def _number(cell: Term | None) -> int | None:
    return int(cell.value) if cell and cell.datatype and cell.value.isascii() and cell.value.isdigit() else None
