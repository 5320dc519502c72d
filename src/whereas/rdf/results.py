"""Query results: rows of terms, a boolean, or triples; parsed, and written as tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from whereas.characters import for_terminal, is_broken
from whereas.errors import ArgumentError
from whereas.i18n import Message
from whereas.iris import compact
from whereas.rdf.formats import FORMATS, TABLE_FORMATS
from whereas.rdf.namespaces import RESULT_SET
from whereas.rdf.serialization import well_formed
from whereas.rdf.terms import Quad, literal

RESULT_FORMATS = {
    suffix: format_
    for suffix in TABLE_FORMATS
    if (format_ := ox.QueryResultsFormat.from_media_type(FORMATS[suffix].media_type))
}


@dataclass(frozen=True, slots=True)
class Term:
    """A term in a result."""

    kind: str  # "uri", "literal" or "bnode"
    value: str
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True)
class QueryResult:
    """The result of a query: rows, a boolean, or triples."""

    json: bytes = b""  # SPARQL 1.1 Query Results JSON; empty when the result is triples
    ntriples: bytes = b""  # sorted lines, each once

    @property
    def triples(self) -> tuple[Quad, ...]:
        """The triples, sorted, as quads in no graph."""
        lines = self.ntriples.decode().split("\n")[:-1]
        return tuple((*line[:-2].split(" ", 2), "") for line in lines)  # type: ignore[misc]  # a line has three terms

    @property
    def count(self) -> int:
        """The number of rows or triples."""
        return len(self.rows) if self.json else self.ntriples.count(b"\n")

    @cached_property
    def _head(self) -> tuple[tuple[str, ...], bool | None]:
        """Columns and boolean, parsed without the rows. Nothing of the engine's is stored: its objects belong to a thread."""
        parsed = ox.parse_query_results(self.json, format=RESULT_FORMATS["json"]) if self.json else None
        names = tuple(each.value for each in parsed.variables) if isinstance(parsed, ox.QuerySolutions) else ()
        return names, bool(parsed) if isinstance(parsed, ox.QueryBoolean) else None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order; none for a boolean and for triples."""
        return self._head[0]

    @property
    def boolean(self) -> bool | None:
        """The result of an ASK query, else None."""
        return self._head[1]

    @cached_property
    def rows(self) -> tuple[tuple[Term | None, ...], ...]:
        """The rows, with one term per column, None where it is unbound."""
        parsed = json.loads(self.json, object_hook=_term_of) if self.json else {}
        columns = self.columns
        return tuple(tuple(map(row.get, columns)) for row in parsed.get("results", {}).get("bindings", ()))

    def serialized(self, suffix: str) -> bytes:
        """Return rows or a boolean as `csv`, `tsv`, `json` or `xml`.

        Raise `ArgumentError` for triples, and for what the format cannot hold.
        """
        if not self.json:
            raise ArgumentError(
                Message("the result is triples: expected ttl, nq or jsonld, got {suffix}", suffix=suffix)
            )
        if suffix == "json":
            return self.json
        if self.boolean is not None and suffix in ("csv", "tsv"):
            return f"{str(self.boolean).lower()}\n".encode()
        return rows_in(self.json, suffix, "json")


def read_answer(content: bytes) -> QueryResult:
    """Parse an endpoint's result in SPARQL JSON. Raise `ValueError` when it is not that."""
    parsed = json.loads(content)
    if not isinstance(parsed, dict) or not ("boolean" in parsed or isinstance(parsed.get("results"), dict)):
        raise ValueError("expected SPARQL results in JSON")
    result = QueryResult(content)
    try:
        is_read = all(isinstance(term, Term | None) for row in result.rows for term in row)
    except (SyntaxError, AttributeError, TypeError) as problem:
        raise ValueError(str(problem)) from None
    if not is_read:
        raise ValueError("a term without type or value")
    escape = content.lower().find(b"\\ud")  # of a surrogate, which is no character unless another one follows
    if escape >= 0 and any(term and is_broken(term.value) for row in result.rows for term in row):
        raise json.JSONDecodeError("lone surrogate", content.decode("utf-8", "replace"), escape)
    if result.columns == ("__ASK_RETVAL",):  # Virtuoso gives one row for true, none for false
        return QueryResult(json.dumps({"head": {}, "boolean": bool(result.rows)}).encode())
    return result


def _term_of(parsed: dict[str, Any]) -> Term | dict[str, Any]:
    """Return the term that an object of SPARQL JSON is, or the object when it is none."""
    if not isinstance(parsed.get("value"), str) or not isinstance(parsed.get("type"), str):
        return parsed  # a row may have a column of either name
    kind = "literal" if parsed["type"] == "typed-literal" else parsed["type"]
    return Term(kind, parsed["value"], parsed.get("xml:lang", ""), parsed.get("datatype", ""))


def rows_in(content: bytes, suffix: str, source: str = "tsv") -> bytes:
    """Convert rows from the format `source` to the format `suffix`.

    Raise `ArgumentError` when the content is invalid, or cannot be written in this format.
    """
    try:
        parsed = ox.parse_query_results(content, format=RESULT_FORMATS[source])
        converted = parsed.serialize(format=RESULT_FORMATS[suffix])
    except SyntaxError as error:  # an endpoint's JSON holds what RDF does not, such as an IRI with a space
        raise _cannot_hold(suffix, error) from None
    assert converted is not None  # it is None only when it was written to a file
    return well_formed(converted, suffix) if suffix == "xml" else converted


def _cannot_hold(suffix: str, error: Exception) -> ArgumentError:
    reason = for_terminal(str(error)).partition("\n")[0]
    return ArgumentError(
        Message("{format} cannot hold the result: {reason}", format=FORMATS[suffix].label, reason=reason)
    )


YES, NO = Message("yes"), Message("no")  # how people see a boolean, in one row


def shown(term: Term | None, prefixes: Mapping[str, str]) -> str:
    """Return a term for people: a compact name, or text without its language; empty when unbound."""
    if term is None:
        return ""
    return compact(term.value, prefixes) if term.kind == "uri" else term.value


def rows(result: QueryResult, prefixes: Mapping[str, str]) -> list[list[str]]:
    """Return the rows of a result for people; a boolean is one row."""
    if result.boolean is not None:
        return [[str(YES if result.boolean else NO)]]
    return [[shown(term, prefixes) for term in row] for row in result.rows]


_MARKDOWN_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKDOWN_SYNTAX = re.compile(
    r"[\\`*_\[\]~|$&<>]"  # bars, code, emphasis, links, mathematics, entities, HTML
    r"|:(?=//)|(?<=mailto):|(?<=xmpp):|(?<=\bwww)\.",  # addresses, of which GitHub makes links by itself
    re.IGNORECASE,
)
_LINE_END = re.compile(r"[ \t]*[\n\u2028\u2029][ \t]*")


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table in GitHub Flavored Markdown, in whose cells nothing is read as Markdown or HTML.

    Line ends become spaces; control characters are left out.
    """

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(map(_cell, cells)) + " |\n"

    return line(headings) + "|" + " --- |" * len(headings) + "\n" + "".join(line(cells) for cells in rows)


def _cell(text: str) -> str:
    return _MARKDOWN_SYNTAX.sub(_escape, _LINE_END.sub(" ", for_terminal(text)))


def _escape(match: re.Match[str]) -> str:
    return _MARKDOWN_ENTITIES.get(match[0], f"\\{match[0]}")


def result_set(result: QueryResult) -> str:
    """Write rows or a boolean in Turtle, as a W3C test suite's result set; `rs:index` holds the order of the rows.

    Raise `ArgumentError` for a term that RDF cannot hold.
    """
    head = f"@prefix rs: <{RESULT_SET}> .\n\n[] a rs:ResultSet"
    if result.boolean is not None:
        return f"{head} ;\n  rs:boolean {str(result.boolean).lower()} .\n"
    lines = [head]
    if result.columns:
        lines.append(f"  rs:resultVariable {', '.join(map(literal, result.columns))}")
    for number, row in enumerate(result.rows, 1):
        bindings = [
            f"[ rs:variable {literal(name)} ; rs:value {_in_turtle(term)} ]"
            for name, term in zip(result.columns, row, strict=True)
            if term
        ]
        bound = f" ;\n    rs:binding {', '.join(bindings)}" if bindings else ""
        lines.append(f"  rs:solution [ rs:index {number}{bound} ]")
    return " ;\n".join(lines) + " .\n"


def _in_turtle(term: Term) -> str:
    try:  # the engine checks what an endpoint may have sent: an IRI or a language with a space would end the term
        if term.kind == "uri":
            return str(ox.NamedNode(term.value))
        if term.kind == "bnode":
            return str(ox.BlankNode(term.value))
        if term.language:
            ox.Literal("", language=term.language)
        elif term.datatype:
            ox.NamedNode(term.datatype)
    except ValueError as error:
        raise _cannot_hold("ttl", error) from None
    return literal(term.value, language=term.language, datatype=term.datatype)
