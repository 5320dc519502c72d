"""An RDF store with SPARQL, on Oxigraph. Only this package imports the engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from whereas.characters import XmlError, XmlSink
from whereas.errors import ArgumentError, RemoteError, WhereasError
from whereas.i18n import Message
from whereas.rdf.query_errors import explain_syntax_error
from whereas.rdf.query_order import sortable
from whereas.rdf.results import RESULT_FORMATS, QueryResult
from whereas.rdf.serialization import not_in_xml, written
from whereas.rdf.terms import literal

_KINDS = {ox.QuerySolutions: "rows", ox.QueryBoolean: "boolean", ox.QueryTriples: "triples"}
_NOT_SORTABLE = Message("ORDER BY: this condition cannot be sorted by; write ORDER BY STR(?variable)")
_SERVICE = re.compile(r"\bSERVICE\s+(?:SILENT\s+)?<([^>]*)>", re.IGNORECASE)


class Graph:
    """A store of quads; the union of the named graphs is the default graph of a query."""

    def __init__(self, folder: Path | None = None, *, read_only: bool = False) -> None:
        """Open a store in memory, or the one in `folder`.

        Raise `OSError` when another process writes there, `WhereasError` when it is corrupt.
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
                    "{folder}: corrupt store; delete it, it will be rebuilt ({problem})", folder=folder, problem=problem
                )
            ) from None

    def load(self, content: str | bytes) -> None:
        """Add N-Quads."""
        self._store.bulk_load(content, format=ox.RdfFormat.N_QUADS)

    def replace(self, name: str, content: str | bytes) -> None:
        """Replace the graph with the IRI `name` by the N-Quads `content`."""
        node = ox.NamedNode(name)
        self._store.remove_graph(node)
        self._store.extend(ox.parse(content, format=ox.RdfFormat.N_QUADS))

    def optimize(self) -> None:
        """Compact the files that many loads have left: reading is more than twice as fast afterwards."""
        self._store.optimize()

    def flush(self) -> None:
        """Write everything to the store's files, so that a copy of them is complete."""
        self._store.flush()

    def drop(self, name: str) -> None:
        """Delete the graph with the IRI `name`."""
        self._store.remove_graph(ox.NamedNode(name))

    def names(self) -> set[str]:
        """Return the IRIs of the named graphs."""
        return {name.value for name in self._store.named_graphs() if isinstance(name, ox.NamedNode)}

    def __len__(self) -> int:
        return len(self._store)

    def query(self, text: str) -> QueryResult:
        """Run a SPARQL query.

        Raise `ArgumentError` when it is invalid, `RemoteError` when an endpoint of a SERVICE does not answer.
        """
        try:
            results = _evaluate(self._store, text, use_default_graph_as_union=not uses(text, "FROM"))
            if isinstance(results, ox.QueryTriples):
                lines = ox.serialize(results, format=ox.RdfFormat.N_TRIPLES) or b""
                return QueryResult(ntriples=b"".join(sorted(set(lines.splitlines(keepends=True)))))
            content = results.serialize(format=ox.QueryResultsFormat.JSON)
        except (SyntaxError, ValueError, RuntimeError, OSError) as problem:
            service = _SERVICE.search(text)
            if service and isinstance(problem, (RuntimeError, OSError)):
                reason = str(problem).splitlines()[0].removesuffix(" with payload:")
                raise RemoteError(f"{service[1]}: no answer to the query: {reason}") from None
            raise _query_error(text, problem) from None
        assert content is not None  # it is None only when it was written to a file
        return QueryResult(content)

    def write_answer(
        self,
        text: str,
        sinks: Mapping[str, IO[bytes]],
        formats: Mapping[str, str],
        most: int,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> str:
        """Write the result of a query to the sink of its kind, and return the kind: `rows`, `boolean` or `triples`.

        `formats` is the format for each kind; a kind without one is not written. Graphs, by IRI, replace those of the
        query. Raise `ArgumentError`, also for more than `most` triples and for what a format cannot hold, and whatever a
        sink raises.
        """
        chosen = bool(default_graphs or named_graphs)
        try:
            results = _evaluate(
                self._store,
                text,
                use_default_graph_as_union=not chosen and not uses(text, "FROM"),
                default_graph=[ox.NamedNode(name) for name in default_graphs] if chosen else None,
                named_graphs=[ox.NamedNode(name) for name in named_graphs] if chosen else None,
            )
            kind = _KINDS[type(results)]
            if kind in formats and isinstance(results, ox.QueryTriples):
                sinks[kind].write(written(_distinct(results, most), formats[kind], {}))
            elif kind in formats and isinstance(results, ox.QueryBoolean) and formats[kind] in ("csv", "tsv"):
                sinks[kind].write(f"{str(bool(results)).lower()}\n".encode())
            elif formats.get(kind) == "xml" and not isinstance(results, ox.QueryTriples):
                sink: Any = XmlSink(sinks[kind])
                results.serialize(sink, format=RESULT_FORMATS["xml"])
                sink.flush()
            elif kind in formats and not isinstance(results, ox.QueryTriples):
                results.serialize(sinks[kind], format=RESULT_FORMATS[formats[kind]])
        except XmlError as error:
            raise not_in_xml("xml", error) from None
        except (SyntaxError, ValueError, RuntimeError) as problem:
            raise _query_error(text, problem) from None
        return kind

    def in_memory(self) -> Graph:
        """Return a copy in memory, where queries run several times as fast."""
        graph = Graph()
        graph._store.bulk_extend(self._store)
        return graph

    def keep_copy(self, folder: Path) -> None:
        """Write a copy of the store to `folder`."""
        self._store.backup(str(folder))


def _evaluate(store: ox.Store, text: str, **options: Any) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Run a query as the engine can sort its answer; what is wrong with it is said of the text as it was written."""
    check_syntax(text)
    try:
        return store.query(sortable(text), **options)
    except SyntaxError:
        raise ArgumentError(_NOT_SORTABLE) from None


def require_syntax(text: str) -> None:
    """Raise `ArgumentError`, with line and column, unless the engine can read the query."""
    try:
        check_syntax(text)
    except SyntaxError as problem:
        raise _query_error(text, problem) from None


def check_syntax(text: str) -> None:
    """Raise `SyntaxError` unless the engine can read the query. Nothing is evaluated: even of no data an ORDER BY may abort."""
    with suppress(ValueError):  # the engine reads the text, and then refuses the arguments
        ox.Store().query(text, use_default_graph_as_union=True, default_graph=ox.DefaultGraph())


def _query_error(text: str, problem: Exception) -> ArgumentError:
    reason = explain_syntax_error(text, str(problem))
    return ArgumentError(Message("the query cannot be answered: {reason}", reason=reason))


def _distinct(triples: Iterable[ox.Triple], most: int) -> list[ox.Triple]:
    """Return each triple once, sorted. Raise `ArgumentError` when there are more than `most`."""
    distinct: set[ox.Triple] = set()
    for triple in triples:
        distinct.add(triple)
        if len(distinct) > most:
            raise ArgumentError(
                Message("the answer has more than {most:,} triples: ask for fewer with LIMIT", most=most)
            )
    return sorted(distinct, key=str)


def uses(text: str, keyword: str) -> bool:
    """Return whether a query uses a keyword: misspelt wherever it occurs, it is an error only where it was one."""
    misspelt = re.sub(f"({keyword[:-1]}){keyword[-1]}", r"\1q", text, flags=re.IGNORECASE)
    try:
        if misspelt != text:
            check_syntax(misspelt)
    except SyntaxError:
        return True
    return False


def cast(text: str, datatype: str) -> str:
    """Return the literal `text` of `datatype`, checked by the engine's SPARQL cast.

    Raise `ValueError` for a text that the datatype does not allow, `LookupError` for a datatype that
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
