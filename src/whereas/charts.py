"""The chart a saved query asks for: bars, or a table whose cells are tinted by what two values have in common.

Numbers always stand beside what is drawn, so that nothing is told by length or tint alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from whereas.graph import Answer, Cell

MOST_BARS, MOST_SIDE = 50, 25  # bars; rows and columns of a heatmap
_TINTS = 4


@dataclass(frozen=True)
class Chart:
    """`bars` of a cell, its number, and its hundredths of the longest; or `columns`, and `rows` of as many tints."""

    bars: tuple[tuple[Cell, int, int], ...] = ()
    columns: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell, tuple[tuple[int, int], ...]], ...] = ()  # count and tint, 0 to 4


def draw(chart: Mapping[str, str], answer: Answer) -> Chart | None:
    """The chart of an answer; None when it has nothing to show or lacks the columns."""
    axes = [answer.columns.index(chart[axis]) for axis in ("x", "y") if chart.get(axis) in answer.columns]
    if len(axes) < 2:
        return None
    rows = [(x, y, row) for row in answer.rows if (x := row[axes[0]]) and (y := row[axes[1]])]
    if chart.get("type") == "heatmap":
        drawn = _heatmap([(x, y, _number(row)) for x, y, row in rows])
    else:
        drawn = _bars([(x, y) for x, y, _ in rows])
    return drawn if drawn.bars or drawn.rows else None


def _bars(pairs: list[tuple[Cell, Cell]]) -> Chart:
    told = [(x, int(y.value)) for x, y in pairs if y.value.isdigit()][:MOST_BARS]
    most = max((value for _, value in told), default=0)
    return Chart(tuple((cell, value, round(100 * value / most)) for cell, value in told if most))


def _number(row: Sequence[Cell | None]) -> int:
    """The count that a row tells; one where it tells none."""
    return next((int(cell.value) for cell in row if cell and cell.datatype.endswith("#integer")), 1)


def _heatmap(told: list[tuple[Cell, Cell, int]]) -> Chart:
    met: Counter[tuple[Cell, Cell]] = Counter()
    for x, y, number in told:
        met[x, y] += number
    columns = tuple(dict.fromkeys(x for x, _ in met))[:MOST_SIDE]
    side = tuple(dict.fromkeys(y for _, y in met))[:MOST_SIDE]
    most = max(met.values(), default=1)
    return Chart(
        columns=columns,
        rows=tuple(
            (y, tuple((count := met[x, y], -(-_TINTS * count // most)) for x in columns)) for y in side
        ),
    )  # fmt: skip
