"""RDF: quads as text, and a graph store that answers SPARQL. The only room that knows the engine.

A *term* is a string in N-Triples syntax (`<iri>`, `"text"@fr`, `"1"^^<…integer>`), a *quad* a tuple
of four terms. Text is what is hashed, sorted, stored and published, so it is kept as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from whereas.errors import ArgumentError

if TYPE_CHECKING:
    import rdflib

Quad = tuple[str, str, str, str]

_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}
_RESULTS = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


def parse(content: bytes | str, suffix: str, graph: str = "") -> list[Quad]:
    """The quads of `content`, sorted, each once. Triples go into the graph named `graph`.

    Raises `SyntaxError` with the place and what is wrong.
    """
    return sorted({(*quad[:3], quad[3] or graph) for quad in in_file_order(content, suffix)})


def in_file_order(content: bytes | str, suffix: str) -> Iterator[Quad]:
    """The quads of `content` as they stand in it. Raises `SyntaxError` with the place and what is wrong."""
    raw = content.encode() if isinstance(content, str) else content
    for quad in ox.parse(raw, format=_FORMATS[suffix]):
        name = "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name)
        yield str(quad.subject), str(quad.predicate), str(quad.object), name


def nquads(quads: Iterable[Quad]) -> str:
    """N-Quads, one line a quad, in the order given."""
    return "".join(
        f"{subject} {predicate} {value} {graph} .\n" if graph else f"{subject} {predicate} {value} .\n"
        for subject, predicate, value, graph in quads
    )


def read_nquads(text: str) -> Iterator[Quad]:
    """The quads of N-Quads that `nquads` wrote: one a line, each in a named graph."""
    for line in text.splitlines():
        subject, predicate, rest = line.split(" ", 2)
        value, _, graph = rest[:-2].rpartition(" ")
        yield subject, predicate, value, graph


def rdf_xml(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> bytes:
    """The triples as RDF/XML, one after the other as given."""
    triples = ox.parse(nquads((*quad[:3], "") for quad in quads), format=ox.RdfFormat.N_TRIPLES)
    written = ox.serialize((quad.triple for quad in triples), format=ox.RdfFormat.RDF_XML, prefixes=dict(prefixes))
    assert written is not None  # no output file was given
    return written


def iri(value: str) -> str:
    """The term of an IRI."""
    return f"<{value}>"


def literal(value: str, *, language: str = "", datatype: str = "") -> str:
    """The term of a literal; plain text without language and datatype."""
    return str(
        ox.Literal(value, language=language)
        if language
        else ox.Literal(value, datatype=ox.NamedNode(datatype) if datatype else None)
    )


def is_iri(term: str) -> bool:
    return term.startswith("<")


def value_of(term: str) -> str:
    """What a term says: its IRI, or its text without language and datatype."""
    if term.startswith("<"):
        return term[1:-1]
    if term.startswith('"'):
        return _unescaped(term[1 : term.rindex('"')])
    return term


def language_of(term: str) -> str:
    """The language of a literal, empty where it has none."""
    tag = term[term.rindex('"') + 1 :] if term.startswith('"') else ""
    return tag[1:] if tag.startswith("@") else ""


def datatype_of(term: str) -> str:
    """The datatype IRI of a literal that names one, else empty (plain text, text in a language)."""
    tag = term[term.rindex('"') + 1 :] if term.startswith('"') else ""
    return tag[3:-1] if tag.startswith("^^") else ""


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        short, long, plain = match.groups()
        return _CONTROL.get(plain, plain) if plain else chr(int(short or long, 16))

    return _ESCAPE.sub(character, text)


@dataclass(frozen=True)
class Cell:
    """A term in an answer."""

    kind: str  # "uri", "literal" or "bnode"
    value: str
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True)
class Answer:
    """What a query answered: rows, a yes or no, or triples."""

    json: bytes = b""  # SPARQL 1.1 Query Results JSON; empty when the answer is triples
    triples: tuple[Quad, ...] = ()

    @cached_property
    def _told(self) -> dict[str, object]:
        told: dict[str, object] = json.loads(self.json) if self.json else {}
        return told

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order; none for a yes or no and for triples."""
        head = self._told.get("head", {})
        return tuple(head.get("vars", ())) if isinstance(head, dict) else ()

    @property
    def boolean(self) -> bool | None:
        """The answer to an ASK query, else None."""
        told = self._told.get("boolean")
        return told if isinstance(told, bool) else None

    @cached_property
    def rows(self) -> tuple[tuple[Cell | None, ...], ...]:
        """The rows, a cell a column, None where the column is unbound."""
        results = self._told.get("results", {})
        bindings = results.get("bindings", ()) if isinstance(results, dict) else ()
        return tuple(tuple(_cell(row.get(name)) for name in self.columns) for row in bindings)

    def serialized(self, suffix: str) -> bytes:
        """The answer as `csv`, `tsv`, `json` or `xml` (rows, yes or no).

        Raises `ArgumentError` when the format does not hold this kind of answer.
        """
        if not self.json:
            raise ArgumentError(f"the answer is triples: {suffix} holds rows; ask for ttl, nq or jsonld")
        if suffix == "json":
            return self.json
        if self.boolean is not None and suffix in ("csv", "tsv"):
            return f"{str(self.boolean).lower()}\n".encode()
        parsed = ox.parse_query_results(self.json, format=ox.QueryResultsFormat.JSON)
        written = parsed.serialize(format=_RESULTS[suffix])
        assert written is not None  # no output file was given
        return written


def read_answer(content: bytes) -> Answer:
    """An answer in SPARQL JSON, as an endpoint gives it. Raises `ValueError` when it is not that."""
    answer = Answer(content)
    if "boolean" not in answer._told and "results" not in answer._told:
        raise ValueError("no SPARQL results in it")
    return answer


def _cell(told: Mapping[str, str] | None) -> Cell | None:
    if told is None:
        return None
    kind = "literal" if told["type"] == "typed-literal" else told["type"]
    return Cell(kind, told["value"], told.get("xml:lang", ""), told.get("datatype", ""))


class Graph:
    """Quads that answer SPARQL; the union of the named graphs is the default graph."""

    def __init__(self, folder: Path | None = None, *, read_only: bool = False) -> None:
        """In memory, or kept in `folder`. Raises `OSError` when another process writes there."""
        if folder is None:
            self._store = ox.Store()
        elif read_only:
            self._store = ox.Store.read_only(str(folder))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self._store = ox.Store(str(folder))

    def load(self, content: str | bytes) -> None:
        """Add N-Quads."""
        raw = content.encode() if isinstance(content, str) else content
        self._store.bulk_load(raw, format=ox.RdfFormat.N_QUADS)

    def replace(self, name: str, content: str | bytes) -> None:
        """Put the N-Quads `content` in place of the graph named by the IRI `name`."""
        node = ox.NamedNode(name)
        self._store.remove_graph(node)
        raw = content.encode() if isinstance(content, str) else content
        self._store.extend(ox.parse(raw, format=ox.RdfFormat.N_QUADS))

    def drop(self, name: str) -> None:
        """Take the graph named by the IRI `name` away."""
        self._store.remove_graph(ox.NamedNode(name))

    def names(self) -> set[str]:
        """The IRIs of the named graphs."""
        return {name.value for name in self._store.named_graphs() if isinstance(name, ox.NamedNode)}

    def __len__(self) -> int:
        return len(self._store)

    def query(self, text: str) -> Answer:
        """The answer to a SPARQL query. Raises `ArgumentError` when it is not one."""
        try:
            results = self._store.query(text, use_default_graph_as_union=True)
            if isinstance(results, ox.QueryTriples):
                triples = {(str(triple.subject), str(triple.predicate), str(triple.object), "") for triple in results}
                return Answer(triples=tuple(sorted(triples)))
            content = results.serialize(format=ox.QueryResultsFormat.JSON)
        except (SyntaxError, ValueError, RuntimeError, OSError) as problem:
            raise ArgumentError(f"the query cannot be answered: {problem}") from None
        assert content is not None  # no output file was given
        return Answer(content)

    def quads(self) -> Iterator[Quad]:
        """Every quad, in no order."""
        for quad in self._store:
            yield str(quad.subject), str(quad.predicate), str(quad.object), str(quad.graph_name)


def cast(text: str, datatype: str) -> str:
    """The literal `text` of `datatype`, judged by the engine's own SPARQL cast.

    Raises `ValueError` for a form the datatype does not have, `LookupError` for a datatype that
    SPARQL cannot cast to.
    """
    try:
        results = ox.Store().query(f"SELECT (<{datatype}>({ox.Literal(text)}) AS ?value) {{}}")
        assert isinstance(results, ox.QuerySolutions)
        value = next(results)["value"]
    except (SyntaxError, RuntimeError) as problem:
        raise LookupError(str(problem)) from None
    if value is None:
        raise ValueError(text)
    return literal(text, datatype=datatype)


def to_rdflib(quads: Iterable[Quad]) -> rdflib.Dataset:
    """The quads as an rdflib Dataset whose default graph is the union."""
    import rdflib

    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=nquads(quads), format="nquads")
    return dataset


def to_rdflib_graph(ntriples: str) -> rdflib.Graph:
    """N-Triples as an rdflib Graph."""
    import rdflib

    return rdflib.Graph().parse(data=ntriples, format="nt")
