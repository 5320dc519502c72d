"""Results of a query: rows of terms, a graph, or yes and no; read, and written as tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from whereas.errors import ArgumentError
from whereas.i18n import Message
from whereas.iris import compact
from whereas.rdf.namespaces import RESULT_SET
from whereas.rdf.terms import Quad, iri, literal

_RESULTS = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A term in an answer."""

    kind: str  # "uri", "literal" or "bnode"
    value: str
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True)
class QueryResult:
    """What a query answered: rows, a yes or no, or triples."""

    json: bytes = b""  # SPARQL 1.1 Query Results JSON; empty when the answer is triples
    ntriples: bytes = b""  # sorted lines, each once

    @property
    def triples(self) -> tuple[Quad, ...]:
        """The triples, sorted, in no graph."""
        lines = self.ntriples.decode().split("\n")[:-1]
        return tuple((*line[:-2].split(" ", 2), "") for line in lines)  # type: ignore[misc]  # a line has three terms

    @property
    def count(self) -> int:
        """How many rows or triples."""
        return len(self.rows) if self.json else self.ntriples.count(b"\n")

    @cached_property
    def _head(self) -> tuple[tuple[str, ...], bool | None]:
        """What comes before the rows: they are not read for it. Nothing of the engine's is kept, for it is of one thread."""
        told = ox.parse_query_results(self.json, format=_RESULTS["json"]) if self.json else None
        names = tuple(each.value for each in told.variables) if isinstance(told, ox.QuerySolutions) else ()
        return names, bool(told) if isinstance(told, ox.QueryBoolean) else None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order; none for a yes or no and for triples."""
        return self._head[0]

    @property
    def boolean(self) -> bool | None:
        """The answer to an ASK query, else None."""
        return self._head[1]

    @cached_property
    def rows(self) -> tuple[tuple[Term | None, ...], ...]:
        """The rows, a cell a column, None where the column is unbound."""
        told = json.loads(self.json, object_hook=_cell) if self.json else {}
        columns = self.columns
        return tuple(tuple(map(row.get, columns)) for row in told.get("results", {}).get("bindings", ()))

    def serialized(self, suffix: str) -> bytes:
        """The answer as `csv`, `tsv`, `json` or `xml` (rows, yes or no).

        Raises `ArgumentError` when the format does not hold this kind of answer.
        """
        if not self.json:
            raise ArgumentError(
                Message("the answer is triples: {suffix} holds rows; ask for ttl, nq or jsonld", suffix=suffix)
            )
        if suffix == "json":
            return self.json
        if self.boolean is not None and suffix in ("csv", "tsv"):
            return f"{str(self.boolean).lower()}\n".encode()
        return rows_in(self.json, suffix, "json")


def read_answer(content: bytes) -> QueryResult:
    """An answer in SPARQL JSON, as an endpoint gives it. Raises `ValueError` when it is not that."""
    told = json.loads(content)
    if not isinstance(told, dict) or not ("boolean" in told or isinstance(told.get("results"), dict)):
        raise ValueError("no SPARQL results in it")
    answer = QueryResult(content)
    try:
        is_read = all(isinstance(cell, Term | None) for row in answer.rows for cell in row)
    except (SyntaxError, AttributeError, TypeError) as problem:
        raise ValueError(str(problem)) from None
    if not is_read:
        raise ValueError("a term without type or value")
    if answer.columns == ("__ASK_RETVAL",):  # Virtuoso's: a yes is one row to it, a no is none
        return QueryResult(json.dumps({"head": {}, "boolean": bool(answer.rows)}).encode())
    return answer


def _cell(told: dict[str, Any]) -> Term | dict[str, Any]:
    """The cell that an object of SPARQL JSON is; what is none stays as it is."""
    if not isinstance(told.get("value"), str) or not isinstance(told.get("type"), str):
        return told  # a row may have a column of either name
    kind = "literal" if told["type"] == "typed-literal" else told["type"]
    return Term(kind, told["value"], told.get("xml:lang", ""), told.get("datatype", ""))


def rows_in(content: bytes, suffix: str, written_as: str = "tsv") -> bytes:
    """Rows written in one format, in another."""
    written = ox.parse_query_results(content, format=_RESULTS[written_as]).serialize(format=_RESULTS[suffix])
    assert written is not None  # no output file was given
    return written


YES, NO = Message("yes"), Message("no")  # the one row of a yes or no, for a person


def shown(cell: Term | None, prefixes: Mapping[str, str]) -> str:
    """A cell as a person reads it: compact names, text without its language; empty when unbound."""
    if cell is None:
        return ""
    return compact(cell.value, prefixes) if cell.kind == "uri" else cell.value


def rows(answer: QueryResult, prefixes: Mapping[str, str]) -> list[list[str]]:
    """The rows of an answer as a person reads them; a yes or no is one row."""
    if answer.boolean is not None:
        return [[str(YES if answer.boolean else NO)]]
    return [[shown(cell, prefixes) for cell in row] for row in answer.rows]


def markdown(headings: Sequence[str], told: Sequence[Sequence[str]]) -> str:
    """A Markdown table; bars and line ends within cells are escaped."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"

    return line(headings) + "|" + " --- |" * len(headings) + "\n" + "".join(line(cells) for cells in told)


def result_set(answer: QueryResult) -> str:
    """Rows, or a yes or no, in Turtle, in the words of the W3C's result sets; rows keep their order by `rs:index`."""
    head = f"@prefix rs: <{RESULT_SET}> .\n\n[] a rs:ResultSet"
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


def _term(cell: Term) -> str:
    if cell.kind == "uri":
        return iri(cell.value)
    if cell.kind == "bnode":
        return f"_:{cell.value}"
    return literal(cell.value, language=cell.language, datatype=cell.datatype)
