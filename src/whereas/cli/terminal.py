"""Progress bars and tables for a terminal. Nothing here is imported for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich import progress
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from whereas.characters import for_terminal
from whereas.i18n import gettext
from whereas.parallel import Progress


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Show one bar a stage on standard error, removed at the end."""
    bars = progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    stages = {}
    with bars:

        def update(stage: str, done: int, of: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=of)
            bars.update(stages[stage], completed=done, total=of)

        yield update


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that fits the terminal; where a word would be cut, a block of lines a row instead.

    A word longer than the terminal is folded.
    """
    console = Console(file=sys.stdout, highlight=False)
    headings, rows = _printable(headings), [_printable(row) for row in rows]
    longest_words = [
        max(cell_len(word) for cell in column for word in cell.split() or [""])
        for column in zip(headings, *rows, strict=True)
    ]
    if rows and sum(longest_words) + 2 * (len(longest_words) - 1) > console.width:
        _print_records(console, headings, rows)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", row_styles=["", "dim"])
    for heading, width in zip(headings, longest_words, strict=True):
        table.add_column(Text(heading), overflow="fold", min_width=width)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _printable(row: Sequence[str]) -> list[str]:
    """Return the cells without control characters, which rich passes on; as `Text`, rich reads no markup or emoji in them."""
    return [for_terminal(cell) for cell in row]


def _print_records(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print `heading: value` lines for the cells of each row that are not empty, and a blank line between rows."""
    headings = [gettext("{heading}:", heading=heading) for heading in headings]
    width = min(max(map(cell_len, headings)), console.width // 3)
    for number, row in enumerate(rows):
        if number:
            console.print()
        record = Table.grid(padding=(0, 1))
        record.add_column(style="bold", width=width, overflow="fold")
        record.add_column(overflow="fold")
        for heading, cell in zip(headings, row, strict=True):
            if cell:
                record.add_row(Text(heading), Text(cell))
        console.print(record)
