"""Answers as tables: cells a person can read, CSV and its kin for programs, Markdown for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from whereas.graph import Answer, Cell
from whereas.iris import compact

FORMATS = ("table", "csv", "tsv", "json", "xml", "ttl", "md")


def shown(cell: Cell | None, prefixes: Mapping[str, str]) -> str:
    """A cell as a person reads it: compact names, text without its language; empty when unbound."""
    if cell is None:
        return ""
    return compact(cell.value, prefixes) if cell.kind == "uri" else cell.value


def rows(answer: Answer, prefixes: Mapping[str, str]) -> list[list[str]]:
    """The rows of an answer as a person reads them; a yes or no is one row."""
    if answer.boolean is not None:
        return [["yes" if answer.boolean else "no"]]
    return [[shown(cell, prefixes) for cell in row] for row in answer.rows]


def markdown(headings: Sequence[str], told: Sequence[Sequence[str]]) -> str:
    """A Markdown table; bars and line ends within cells are escaped."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"

    return line(headings) + "|" + " --- |" * len(headings) + "\n" + "".join(line(cells) for cells in told)
