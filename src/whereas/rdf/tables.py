"""Answers as tables: cells a person can read, Markdown for a page, Turtle for a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from whereas.iris import compact
from whereas.rdf.store import Answer, Cell
from whereas.rdf.terms import iri, literal

_RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"


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


def result_set(answer: Answer) -> str:
    """Rows, or a yes or no, in Turtle, in the words of the W3C's result sets; rows keep their order by `rs:index`."""
    head = f"@prefix rs: <{_RS}> .\n\n[] a rs:ResultSet"
    if answer.boolean is not None:
        return f"{head} ;\n  rs:boolean {str(answer.boolean).lower()} .\n"
    told = [head]
    if answer.columns:
        told.append(f"  rs:resultVariable {', '.join(map(literal, answer.columns))}")
    for number, row in enumerate(answer.rows, 1):
        bindings = [
            f"[ rs:variable {literal(name)} ; rs:value {_term(cell)} ]"
            for name, cell in zip(answer.columns, row, strict=True)
            if cell
        ]
        bound = f" ;\n    rs:binding {', '.join(bindings)}" if bindings else ""
        told.append(f"  rs:solution [ rs:index {number}{bound} ]")
    return " ;\n".join(told) + " .\n"


def _term(cell: Cell) -> str:
    if cell.kind == "uri":
        return iri(cell.value)
    if cell.kind == "bnode":
        return f"_:{cell.value}"
    return literal(cell.value, language=cell.language, datatype=cell.datatype)
