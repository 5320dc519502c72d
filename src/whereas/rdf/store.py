"""A graph store that answers SPARQL, its answers, and the syntaxes of RDF. The only room that knows the engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from whereas.errors import ArgumentError, RemoteError, WhereasError
from whereas.i18n import Message
from whereas.rdf.query_errors import complaint
from whereas.rdf.results import _RESULTS, QueryResult
from whereas.rdf.serialization import _FORMATS
from whereas.rdf.terms import literal

_KINDS = {ox.QuerySolutions: "rows", ox.QueryBoolean: "boolean", ox.QueryTriples: "triples"}
_SERVICE = re.compile(r"\bSERVICE\s+(?:SILENT\s+)?<([^>]*)>", re.IGNORECASE)


class Graph:
    """Quads that answer SPARQL; the union of the named graphs is the default graph."""

    def __init__(self, folder: Path | None = None, *, read_only: bool = False) -> None:
        """In memory, or kept in `folder`.

        Raises `OSError` when another process writes there, `WhereasError` when it is corrupt.
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
                Message("{folder}: corrupt store; delete it, it will be rebuilt ({problem})", folder=folder, problem=problem)
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

    def query(self, text: str) -> QueryResult:
        """The answer to a SPARQL query.

        Raises `ArgumentError` when it is not one, `RemoteError` when an endpoint it names does not answer.
        """
        try:
            results = self._store.query(text, use_default_graph_as_union=not uses(text, "FROM"))
            if isinstance(results, ox.QueryTriples):
                lines = ox.serialize(results, format=ox.RdfFormat.N_TRIPLES) or b""
                return QueryResult(ntriples=b"".join(sorted(set(lines.splitlines(keepends=True)))))
            content = results.serialize(format=ox.QueryResultsFormat.JSON)
        except (SyntaxError, ValueError, RuntimeError, OSError) as problem:
            named = _SERVICE.search(text)
            if named and isinstance(problem, (RuntimeError, OSError)):
                told = str(problem).splitlines()[0].removesuffix(" with payload:")
                raise RemoteError(f"{named[1]}: no answer for the query: {told}") from None
            raise _unanswered(text, problem) from None
        assert content is not None  # no output file was given
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
    return ArgumentError(Message("the query cannot be answered: {told}", told=told))


def _distinct(triples: Iterable[ox.Triple], most: int) -> list[ox.Triple]:
    """Each once, in order. Raises `ArgumentError` when there are more than `most`."""
    found: set[ox.Triple] = set()
    for triple in triples:
        found.add(triple)
        if len(found) > most:
            raise ArgumentError(
                Message("the answer has more than {most:,} triples: ask for fewer with LIMIT", most=most)
            )
    return sorted(found, key=str)


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
