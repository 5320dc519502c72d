"""What a person at a terminal sees: progress while work is long, tables that fit, colour where it is wanted.

Nothing of it is imported for a pipe.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from whereas.crew import Progress as Told


@contextmanager
def progress() -> Iterator[Told]:
    """A bar for each stage of long work, on standard error, gone when the work is done."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    stages = {}
    with bars:

        def told(stage: str, done: int, of: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=of)
            bars.update(stages[stage], completed=done, total=of)

        yield told


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table as wide as the terminal at most; long cells are folded, never cut."""
    table = Table(box=None, pad_edge=False, header_style="bold", row_styles=["", "dim"])
    for heading in headings:
        table.add_column(escape(heading), overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console(file=sys.stdout, highlight=False).print(table)
