"""Triple stores: SPARQL 1.1 Graph Store Protocol, or SPARQL 1.1 Update."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from whereas.errors import ArgumentError, RemoteError
from whereas.i18n import Message
from whereas.rdf.formats import FORMATS
from whereas.rdf.results import QueryResult, read_answer
from whereas.rdf.terms import iri, literal
from whereas.stores.connection import StoreConfig, StoreConnection, shown

NTRIPLES = "application/n-triples"
STAGING = "#staging-"  # in the name of a graph while it is not yet whole; the second and a random number follow
STALE = 900  # seconds after which a staged graph is nobody's: it takes a few to be made and moved
# Triples in one request of Virtuoso's, by protocol: its parser gives up at an update of 5,000, and with a graph
# of 200,000 its loader's own threads may wait for each other.
MOST_TRIPLES = {"gsp": 20_000, "update": 4_000}
# Its own loader of N-Quads, called with the body of the request.
_LOADER = 'SELECT (sql:TTLP(bif:http_body_read(), "", "urn:none", 512) AS ?done) {}'


class Store:
    """A store that answers; closed at the end of `with`. Each failure is a `RemoteError`."""

    def __init__(
        self, target: StoreConfig, protocol: str = "", waiting: Callable[[str, float], None] | None = None
    ) -> None:
        """The store asks which protocol it speaks, unless `protocol` says which; `waiting` is told when it is busy.

        Raises `ArgumentError` when the target has no address for it, or its certificates cannot be read.
        """
        self.target, self._told = target, protocol
        if protocol and not (target.graphs if protocol == "gsp" else target.update):
            name = target.name or shown(target.query)
            raise ArgumentError(
                Message("{name}: has no address for the protocol {protocol}", name=name, protocol=protocol)
            )
        self._http = StoreConnection(target, waiting)

    def __enter__(self) -> Store:
        self._http.__enter__()
        return self

    def __exit__(self, *told: object) -> None:
        self._http.__exit__(*told)

    @cached_property
    def protocol(self) -> str:
        """`gsp` where the store answers it, else `update`.

        Asked by its default graph, which every store with the Graph Store Protocol has
        (https://www.w3.org/TR/sparql11-http-rdf-update/#direct-graph-identification); what it holds is not read.
        """
        address = self.target.graphs
        if self._told or not address:
            return self._told or "update"
        if not self.target.update or self.target.kind in ("oxigraph", "virtuoso"):
            return "gsp"
        response, content = self._http.ask(
            "GET", address, whole=False, params={"default": ""}, headers={"Accept": NTRIPLES}
        )
        if response.is_success:
            return "gsp"
        if response.status_code in (400, 404, 405, 406, 415, 501):
            return "update"
        raise self._http.refused(address, response, content)

    def server(self, known: Iterable[str]) -> str:
        """The one of the `known` names by which the server calls itself; empty when it is none of them.

        Raises `RemoteError` when that cannot be told: it is busy or moved, or answers only who says who they are.
        """
        response, content = self._http.ask("GET", self.target.query, whole=False)
        told = response.headers.get("server", "").lower()
        for name in known:
            if name in told:
                return name
        if response.is_redirect or response.status_code in (401, 403, 429) or response.is_server_error:
            raise self._http.refused(self.target.query, response, content)
        return ""

    def select(self, query: str) -> QueryResult:
        """The answer to a SELECT or ASK query."""
        _, content = self._http.send(
            "POST", self.target.query, data={"query": query}, headers={"Accept": FORMATS["json"].media_type}
        )
        try:
            return read_answer(content)
        except (ValueError, TypeError, AttributeError):
            raise self._expected(self.target.query, Message("SPARQL results"), content) from None

    def counts(self, start: str, expected: Iterable[str]) -> dict[str, int]:
        """How many triples the store has in each graph whose IRI starts so.

        Virtuoso gives a part of the rows (`ResultSetMaxRows`, 10,000 in Debian) and does not say so: while an
        `expected` graph is not among them, the next part is asked for.
        """
        counts: dict[str, int] = {}
        rows = self._counted(start, "")
        most, seen = len(rows), 0
        while rows.keys() - counts.keys():
            counts |= rows
            seen += len(rows)
            if counts.keys() >= set(expected):
                break
            rows = self._counted(start, f" LIMIT {most} OFFSET {seen}")
        return counts

    def _counted(self, start: str, part: str) -> dict[str, int]:
        answer = self.select(
            "SELECT ?graph ?triples WHERE { { SELECT ?graph (COUNT(*) AS ?triples) WHERE { GRAPH ?graph { ?s ?p ?o } "
            f"FILTER(STRSTARTS(STR(?graph), {literal(start)})) }} GROUP BY ?graph ORDER BY ?graph }} }}{part}"
        )
        return {row[0].value: int(row[1].value) for row in answer.rows if row[0] and row[1]}

    def triples(self, graph: str, size: int = 0) -> bytes:
        """The graph's triples as the store gives them back, as N-Triples; none when there is no such graph.

        Virtuoso cuts what is too long for it, and does not say so: where fewer than `size` come, the graph is asked
        for again, part by part.
        """
        accept = {"Accept": NTRIPLES}
        if self.protocol == "gsp":
            address = self.target.graphs
            response, content = self._http.send("GET", address, params={"graph": graph}, headers=accept, absent=True)
            told = (
                self._ntriples(address, response.headers.get("content-type"), content) if response.is_success else b""
            )
        else:
            told = self._constructed(graph, "")
        if most := told.count(b"\n"):
            return b"".join(self._parts(graph, most, size)) if most < size else told
        return told

    def _parts(self, graph: str, most: int, size: int) -> Iterator[bytes]:
        seen = 0
        while seen < size:
            part = self._constructed(graph, f" LIMIT {most} OFFSET {seen}")
            if b"\n" not in part:
                return
            yield part
            seen += part.count(b"\n")

    def _constructed(self, graph: str, part: str) -> bytes:
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {iri(graph)} {{ ?s ?p ?o }} }}{part}"
        response, content = self._http.send(
            "POST", self.target.query, data={"query": query}, headers={"Accept": NTRIPLES}
        )
        return self._ntriples(self.target.query, response.headers.get("content-type"), content)

    def _ntriples(self, address: str, media_type: str | None, content: bytes) -> bytes:
        told = (media_type or NTRIPLES).partition(";")[0]
        if told not in (NTRIPLES, "text/plain"):  # its older name
            raise self._expected(address, Message("N-Triples"), told)
        lines = content.replace(b"\t", b" ")  # Virtuoso sets terms apart by tabs
        return b"" if lines.startswith(b"# Empty") else lines  # Virtuoso's word for nothing

    def unreadable(self, graph: str, problem: SyntaxError) -> RemoteError:
        """The error that what the store gave back as this graph is, when it is no N-Triples."""
        address = shown(self.target.graphs if self.protocol == "gsp" else self.target.query)
        told = self._http.foreign(str(problem))
        return RemoteError(
            Message("{address}: {graph}: expected N-Triples: {told}", address=address, graph=graph, told=told)
        )

    def _expected(self, address: str, what: Message, got: bytes | str) -> RemoteError:
        start, address = self._http.foreign(got), shown(address)
        return RemoteError(
            Message("{address}: expected {what}, got '{start}'", address=address, what=what, start=start)
        )

    @property
    def most(self) -> int:
        """Triples that one request may bring."""
        return MOST_TRIPLES[self.protocol] if self.target.kind == "virtuoso" else sys.maxsize

    def replace(self, graph: str, triples: str) -> None:
        """The graph holds these N-Triples and nothing else; who reads meanwhile sees it as it was, or as it is.

        Virtuoso empties a graph before it fills it: there, the new one is made under another name, then moved.
        """
        if self.target.kind == "virtuoso":
            if triples:
                self._move(graph, triples)
            else:
                self.drop(graph)
        elif self.protocol == "gsp":
            self._put("PUT", graph, triples)
        else:
            name = iri(graph)
            self._update(f"DROP SILENT GRAPH {name} ;\nINSERT DATA {{ GRAPH {name} {{\n{triples}}} }}")

    def _move(self, graph: str, triples: str) -> None:
        """Virtuoso moves what it does not have all the same, and empties the graph: so it is asked what it has."""
        staged = f"{graph}{STAGING}{int(time.time())}-{secrets.token_hex(4)}"
        self.add(staged, triples)
        size = len(set(triples.split("\n")[:-1]))
        answer = self.select(f"SELECT (COUNT(*) AS ?triples) {{ GRAPH {iri(staged)} {{ ?s ?p ?o }} }}")
        held = sum(int(row[0].value) for row in answer.rows if row and row[0] and row[0].value.isdecimal())
        if held != size:
            self.drop(staged)
            raise RemoteError(
                Message(
                    "{graph}: the store took {held} of the {size} triples it was sent; it has the graph as it was",
                    graph=graph,
                    held=held,
                    size=size,
                )
            )
        # 1: one transaction, and not one for each row, which is its default for what a graph holds.
        self._update(f"DEFINE sql:log-enable 1 MOVE {iri(staged)} TO {iri(graph)}")

    def add(self, graph: str, triples: str) -> None:
        """The graph holds these N-Triples too: in one step, where there are no more than `most`."""
        lines = triples.split("\n")[:-1]  # other characters that end a line may stand in a literal
        for start in range(0, len(lines), self.most):
            text = "".join(f"{line}\n" for line in lines[start : start + self.most])
            if self.protocol == "gsp":
                self._put("POST", graph, text)
            else:
                self._update(f"INSERT DATA {{ GRAPH {iri(graph)} {{\n{text}}} }}")

    def drop(self, graph: str) -> None:
        """There is no such graph."""
        if self.protocol == "gsp":
            self._http.send("DELETE", self.target.graphs, params={"graph": graph}, absent=True)
        else:
            self._update(f"DROP SILENT GRAPH {iri(graph)}")

    def fill(self, nquads: Callable[[], Iterable[bytes]]) -> None:
        """The store holds these N-Quads too, which are asked for at each try. Oxigraph and Virtuoso only.

        Oxigraph takes any number, not in one step, and lenient: it does not check again what its own parser has
        checked here. Virtuoso answers well even where its loader was not given the body, and has nothing then.
        """
        headers = {"Content-Type": FORMATS["nq"].media_type}
        if self.target.kind == "oxigraph":
            told = {"no_transaction": "", "lenient": ""}
            self._http.send("POST", self.target.graphs, params=told, content=nquads, headers=headers)
        else:
            body = b"".join(nquads())
            self._http.send("POST", self.target.update, params={"query": _LOADER}, content=body, headers=headers)

    def _put(self, method: str, graph: str, triples: str) -> None:
        self._http.send(
            method,
            self.target.graphs,
            params={"graph": graph},
            content=triples.encode(),
            headers={"Content-Type": NTRIPLES},
        )

    def _update(self, text: str) -> None:
        headers = {"Content-Type": "application/sparql-update"}
        self._http.send("POST", self.target.update, content=text.encode(), headers=headers)


def is_left(graph: str) -> bool:
    """Whether the graph was staged by a run that was stopped: by the clock of who staged it, not by one going on."""
    moment = graph.rpartition(STAGING)[2].partition("-")[0] if STAGING in graph else ""
    return moment.isdecimal() and time.time() - int(moment) > STALE
