"""A graph store that answers SPARQL, its answers, and the syntaxes of RDF. The only room that knows the engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from whereas.errors import ArgumentError, RemoteError, WhereasError
from whereas.findings import Message
from whereas.rdf.query_errors import complaint
from whereas.rdf.terms import Quad, Triples, literal, nquads

_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
}
_RESULTS = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}
_KINDS = {ox.QuerySolutions: "rows", ox.QueryBoolean: "boolean", ox.QueryTriples: "triples"}
_SERVICE = re.compile(r"\bSERVICE\s+(?:SILENT\s+)?<([^>]*)>", re.IGNORECASE)


def parse(content: bytes | str, suffix: str, graph: str = "") -> list[Quad]:
    """The quads of `content`, sorted, each once. Triples go into the graph named `graph`.

    Raises `SyntaxError` with the place and what is wrong.
    """
    return sorted({(*quad[:3], quad[3] or graph) for quad in in_file_order(content, suffix)})


def in_file_order(content: bytes | str, suffix: str) -> Iterator[Quad]:
    """The quads of `content` as they stand in it. Raises `SyntaxError` with the place and what is wrong."""
    for quad in ox.parse(content, format=_FORMATS[suffix]):
        name = "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name)
        yield str(quad.subject), str(quad.predicate), str(quad.object), name


@dataclass(frozen=True, slots=True)
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
    def rows(self) -> tuple[tuple[Cell | None, ...], ...]:
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
                Message(
                    f"the answer is triples: {suffix} holds rows; ask for ttl, nq or jsonld",
                    f"la réponse est faite de triplets : {suffix} contient des lignes ; demander ttl, nq ou jsonld",
                )
            )
        if suffix == "json":
            return self.json
        if self.boolean is not None and suffix in ("csv", "tsv"):
            return f"{str(self.boolean).lower()}\n".encode()
        return rows_in(self.json, suffix, "json")


def read_answer(content: bytes) -> Answer:
    """An answer in SPARQL JSON, as an endpoint gives it. Raises `ValueError` when it is not that."""
    told = json.loads(content)
    if not isinstance(told, dict) or not ("boolean" in told or isinstance(told.get("results"), dict)):
        raise ValueError("no SPARQL results in it")
    answer = Answer(content)
    try:
        is_read = all(isinstance(cell, Cell | None) for row in answer.rows for cell in row)
    except (SyntaxError, AttributeError, TypeError) as problem:
        raise ValueError(str(problem)) from None
    if not is_read:
        raise ValueError("a term without type or value")
    if answer.columns == ("__ASK_RETVAL",):  # Virtuoso's: a yes is one row to it, a no is none
        return Answer(json.dumps({"head": {}, "boolean": bool(answer.rows)}).encode())
    return answer


def _cell(told: dict[str, Any]) -> Cell | dict[str, Any]:
    """The cell that an object of SPARQL JSON is; what is none stays as it is."""
    if not isinstance(told.get("value"), str) or not isinstance(told.get("type"), str):
        return told  # a row may have a column of either name
    kind = "literal" if told["type"] == "typed-literal" else told["type"]
    return Cell(kind, told["value"], told.get("xml:lang", ""), told.get("datatype", ""))


class Graph:
    """Quads that answer SPARQL; the union of the named graphs is the default graph."""

    def __init__(self, folder: Path | None = None, *, read_only: bool = False) -> None:
        """In memory, or kept in `folder`.

        Raises `OSError` when another process writes there, `WhereasError` when it is damaged.
        """
        try:
            if folder is None:
                self._store = ox.Store()
            elif read_only:
                self._store = ox.Store.read_only(str(folder))
            else:
                folder.mkdir(parents=True, exist_ok=True)
                self._store = ox.Store(str(folder))
        except RuntimeError as problem:
            raise WhereasError(
                Message(
                    f"{folder}: damaged; delete it, it is made again ({problem})",
                    f"{folder} : abîmé ; le supprimer, il est refait ({problem})",
                )
            ) from None

    def load(self, content: str | bytes) -> None:
        """Add N-Quads."""
        self._store.bulk_load(content, format=ox.RdfFormat.N_QUADS)

    def replace(self, name: str, content: str | bytes) -> None:
        """Put the N-Quads `content` in place of the graph named by the IRI `name`."""
        node = ox.NamedNode(name)
        self._store.remove_graph(node)
        self._store.extend(ox.parse(content, format=ox.RdfFormat.N_QUADS))

    def optimize(self) -> None:
        """Put what many loads left in many files in order: it is found more than twice as fast."""
        self._store.optimize()

    def flush(self) -> None:
        """What was written is in the store's files, where a copy finds it."""
        self._store.flush()

    def drop(self, name: str) -> None:
        """Take the graph named by the IRI `name` away."""
        self._store.remove_graph(ox.NamedNode(name))

    def names(self) -> set[str]:
        """The IRIs of the named graphs."""
        return {name.value for name in self._store.named_graphs() if isinstance(name, ox.NamedNode)}

    def __len__(self) -> int:
        return len(self._store)

    def query(self, text: str) -> Answer:
        """The answer to a SPARQL query.

        Raises `ArgumentError` when it is not one, `RemoteError` when an endpoint it names does not answer.
        """
        try:
            results = self._store.query(text, use_default_graph_as_union=not uses(text, "FROM"))
            if isinstance(results, ox.QueryTriples):
                lines = ox.serialize(results, format=ox.RdfFormat.N_TRIPLES) or b""
                return Answer(ntriples=b"".join(sorted(set(lines.splitlines(keepends=True)))))
            content = results.serialize(format=ox.QueryResultsFormat.JSON)
        except (SyntaxError, ValueError, RuntimeError, OSError) as problem:
            named = _SERVICE.search(text)
            if named and isinstance(problem, (RuntimeError, OSError)):
                told = str(problem).splitlines()[0].removesuffix(" with payload:")
                raise RemoteError(f"{named[1]}: no answer for the query: {told}") from None
            raise _unanswered(text, problem) from None
        assert content is not None  # no output file was given
        return Answer(content)

    def write_answer(
        self,
        text: str,
        sinks: Mapping[str, IO[bytes]],
        formats: Mapping[str, str],
        most: int,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> str:
        """Write the answer to a query into the sink of its kind; which that is: `rows`, `boolean` or `triples`.

        `formats` says which format each is written in: one that is missing is not written. Graphs, by IRI, take the
        place of the query's own. Raises `ArgumentError`, also for more than `most` triples, and what a sink raises.
        """
        chosen = bool(default_graphs or named_graphs)
        try:
            results = self._store.query(
                text,
                use_default_graph_as_union=not chosen and not uses(text, "FROM"),
                default_graph=[ox.NamedNode(name) for name in default_graphs] if chosen else None,
                named_graphs=[ox.NamedNode(name) for name in named_graphs] if chosen else None,
            )
            kind = _KINDS[type(results)]
            if kind in formats and isinstance(results, ox.QueryTriples):
                triples = _distinct(results, most)
                sinks[kind].write(ox.serialize(triples, format=_FORMATS[formats[kind]]) or b"")
            elif kind in formats and isinstance(results, ox.QueryBoolean) and formats[kind] in ("csv", "tsv"):
                sinks[kind].write(f"{str(bool(results)).lower()}\n".encode())
            elif kind in formats and not isinstance(results, ox.QueryTriples):
                results.serialize(sinks[kind], format=_RESULTS[formats[kind]])
        except (SyntaxError, ValueError, RuntimeError) as problem:
            raise _unanswered(text, problem) from None
        return kind

    def held(self) -> Graph:
        """The same quads in memory, where they answer several times as fast."""
        graph = Graph()
        graph._store.bulk_extend(self._store)
        return graph

    def keep_copy(self, folder: Path) -> None:
        """The same quads in a new store in `folder`, which does not change with this one."""
        self._store.backup(str(folder))


def _unanswered(text: str, problem: Exception) -> ArgumentError:
    told = complaint(text, str(problem))
    return ArgumentError(
        Message(f"the query cannot be answered: {told.en}", f"la requête n’a pas de réponse : {told.fr}")
    )


def _distinct(triples: Iterable[ox.Triple], most: int) -> list[ox.Triple]:
    """Each once, in order. Raises `ArgumentError` when there are more than `most`."""
    found: set[ox.Triple] = set()
    for triple in triples:
        found.add(triple)
        if len(found) > most:
            raise ArgumentError(
                Message(
                    f"the answer has more than {most:,} triples: ask for fewer with LIMIT",
                    f"la réponse a plus de {most} triplets : en demander moins, avec LIMIT",
                )
            )
    return sorted(found, key=str)


def rows_in(content: bytes, suffix: str, written_as: str = "tsv") -> bytes:
    """Rows written in one format, in another."""
    written = ox.parse_query_results(content, format=_RESULTS[written_as]).serialize(format=_RESULTS[suffix])
    assert written is not None  # no output file was given
    return written


def serialized(quads: Iterable[Quad], suffix: str, prefixes: Mapping[str, str]) -> bytes:
    """Triples, or quads where the format holds them, in a format of RDF, as they come."""
    parsed = ox.parse(nquads(quads), format=ox.RdfFormat.N_QUADS)
    told = parsed if suffix in ("nq", "trig", "jsonld") else (quad.triple for quad in parsed)
    return ox.serialize(told, format=_FORMATS[suffix], prefixes=dict(prefixes)) or b""


def in_turtle(ntriples: bytes, prefixes: Mapping[str, str]) -> bytes:
    """The same triples in Turtle, as they come."""
    return (
        ox.serialize(ox.parse(ntriples, format=_FORMATS["nt"]), format=_FORMATS["ttl"], prefixes=dict(prefixes)) or b""
    )


def uses(text: str, keyword: str) -> bool:
    """Whether a query uses a keyword: misspelt everywhere, it does harm only where the engine's parser wants it."""
    misspelt = re.sub(f"({keyword[:-1]}){keyword[-1]}", r"\1q", text, flags=re.IGNORECASE)
    try:
        if misspelt != text:
            ox.Store().query(misspelt)
    except SyntaxError:
        return True
    return False


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


def as_kept(ntriples: bytes | str) -> Triples:
    """The triples as the engine's store gives them back: the same values, in its own forms.

    Raises `SyntaxError` when it is not N-Triples.
    """
    store = ox.Store()
    store.extend(ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES))
    return frozenset((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in store)
