"""Triple stores, over the SPARQL 1.1 Graph Store Protocol or SPARQL 1.1 Update."""

from __future__ import annotations

import re
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from whereas.errors import ArgumentError, RemoteError
from whereas.http.client import Response
from whereas.http.urls import without_query
from whereas.i18n import Message
from whereas.rdf.formats import FORMATS
from whereas.rdf.results import QueryResult, read_answer
from whereas.rdf.serialization import as_kept
from whereas.rdf.terms import iri, literal
from whereas.stores.config import StoreConfig
from whereas.stores.connection import StoreConnection

NTRIPLES = "application/n-triples"
# How Virtuoso writes years of one to three digits before our era: it counts the sign among the four characters.
_SHORT_YEAR = re.compile(
    rb'"-(\d{1,3})(?=(?:-\d\d){0,2}(?:T[0-9:.]+)?(?:Z|[+-]\d\d:\d\d)?"\^\^'
    rb"<http://www\.w3\.org/2001/XMLSchema#(?:dateTime|date|gYear|gYearMonth)>)"
)
STAGING = "#staging-"  # in the name of a graph that is not yet complete; the time and a random number follow
STALE = 900  # seconds after which a staged graph is abandoned: it takes a few to write and move one
# Triples in one request to Virtuoso, by protocol: its parser gives up at an update of 5,000, and with a graph
# of 200,000 its loader's own threads may wait for each other.
MAX_TRIPLES = {"gsp": 20_000, "update": 4_000}
# Virtuoso's own loader of N-Quads, called with the body of the request.
_LOADER = 'SELECT (sql:TTLP(bif:http_body_read(), "", "urn:none", 512) AS ?done) {}'


class Store:
    """A triple store; closed at the end of `with`. Each failure is a `RemoteError`."""

    def __init__(
        self, config: StoreConfig, protocol: str = "", on_wait: Callable[[str, float], None] | None = None
    ) -> None:
        """Without a `protocol` it is detected; `on_wait` is called with URL and seconds when the store is busy.

        Raise `ArgumentError` when there is no endpoint for the protocol, or the certificates cannot be read.
        """
        self.config, self._protocol = config, protocol
        if protocol and not (config.graphs if protocol == "gsp" else config.update):
            name = config.name or without_query(config.query)
            raise ArgumentError(
                Message("{name}: no endpoint for the protocol {protocol}", name=name, protocol=protocol)
            )
        self._connection = StoreConnection(config, on_wait)

    def __enter__(self) -> Store:
        self._connection.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.__exit__(*exception)

    @cached_property
    def protocol(self) -> str:
        """`gsp` where the store supports the Graph Store Protocol, else `update`.

        Detected by its default graph, which every store with the Graph Store Protocol has
        (https://www.w3.org/TR/sparql11-http-rdf-update/#direct-graph-identification); its content is not read.
        """
        url = self.config.graphs
        if self._protocol or not url:
            return self._protocol or "update"
        if not self.config.update or self.config.kind in ("oxigraph", "virtuoso"):
            return "gsp"
        response = self._connection.request(
            "GET", url, read_body=False, params={"default": ""}, headers={"Accept": NTRIPLES}
        )
        if response.is_success:
            return "gsp"
        if response.status in (400, 404, 405, 406, 415, 501):
            return "update"
        raise self._connection.error(response)

    def server_name(self, known: Iterable[str]) -> str:
        """Return the one of the `known` names that is in the Server header; empty when none is.

        Raise `RemoteError` when that cannot be told: the server is busy, redirects or requires authentication.
        """
        response = self._connection.request("GET", self.config.query, read_body=False)
        server = response.headers.get("server", "").lower()
        for name in known:
            if name in server:
                return name
        if response.is_redirect or response.status in (401, 403, 429) or response.status >= 500:
            raise self._connection.error(response)
        return ""

    def select(self, query: str) -> QueryResult:
        """Return the result of a SELECT or ASK query."""
        response = self._query(query, FORMATS["json"].media_type)
        try:
            return read_answer(response.content)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise self._unexpected(response.url, Message("SPARQL results"), response.content) from None

    def counts(self, prefix: str, expected: Iterable[str]) -> dict[str, int]:
        """Return the number of triples in each graph whose IRI starts with `prefix`.

        Virtuoso returns only the first rows (`ResultSetMaxRows`, 10,000 in Debian) without saying so: while an
        `expected` graph is not among them, the next ones are requested.
        """
        counts: dict[str, int] = {}
        rows = self._count_rows(prefix, "")
        page, seen = len(rows), 0
        while rows.keys() - counts.keys():
            counts |= rows
            seen += len(rows)
            if counts.keys() >= set(expected):
                break
            rows = self._count_rows(prefix, f" LIMIT {page} OFFSET {seen}")
        return counts

    def _count_rows(self, prefix: str, limit: str) -> dict[str, int]:
        result = self.select(
            "SELECT ?graph ?triples WHERE { { SELECT ?graph (COUNT(*) AS ?triples) WHERE { GRAPH ?graph { ?s ?p ?o } "
            f"FILTER(STRSTARTS(STR(?graph), {literal(prefix)})) }} GROUP BY ?graph ORDER BY ?graph }} }}{limit}"
        )
        return {row[0].value: int(row[1].value) for row in result.rows if row[0] and row[1]}

    def triples(self, graph: str, size: int = 0) -> bytes:
        """Return the graph's triples as the store writes them, in N-Triples; none when there is no such graph.

        Virtuoso truncates long responses without saying so: where there are fewer than `size`, the graph is
        requested again, part by part.
        """
        if self.protocol == "gsp":
            response = self._connection.fetch(
                "GET", self.config.graphs, params={"graph": graph}, headers={"Accept": NTRIPLES}, missing_ok=True
            )
            content = self._ntriples(response) if response.is_success else b""
        else:
            content = self._construct(graph, "")
        if page := content.count(b"\n"):
            return b"".join(self._pages(graph, page, size)) if page < size else content
        return content

    def _pages(self, graph: str, page: int, size: int) -> Iterator[bytes]:
        seen = 0
        while seen < size:
            content = self._construct(graph, f" LIMIT {page} OFFSET {seen}")
            if b"\n" not in content:
                return
            yield content
            seen += content.count(b"\n")

    def _construct(self, graph: str, limit: str) -> bytes:
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {iri(graph)} {{ ?s ?p ?o }} }}{limit}"
        return self._ntriples(self._query(query, NTRIPLES))

    def _query(self, query: str, media_type: str) -> Response:
        return self._connection.fetch(
            "POST", self.config.query, data={"query": query}, headers={"Accept": media_type}, idempotent=True
        )

    def _ntriples(self, response: Response) -> bytes:
        media_type = response.headers.get("content-type", NTRIPLES).partition(";")[0]
        if media_type not in (NTRIPLES, "text/plain"):  # its older name
            raise self._unexpected(response.url, Message("N-Triples"), media_type)
        lines = response.content.replace(b"\t", b" ")  # Virtuoso separates terms by tabs
        if self.config.kind == "virtuoso":
            lines = _SHORT_YEAR.sub(lambda year: b'"-' + year[1].zfill(4), lines)
        return b"" if lines.startswith(b"# Empty") else lines  # Virtuoso's comment instead of triples

    def invalid_ntriples(self, graph: str, problem: SyntaxError) -> RemoteError:
        """Return the error for a graph that the store did not return as N-Triples."""
        url = without_query(self.config.graphs if self.protocol == "gsp" else self.config.query)
        reason = self._connection.excerpt(str(problem))
        return RemoteError(Message("{url}: {graph}: expected N-Triples: {reason}", url=url, graph=graph, reason=reason))

    def _unexpected(self, url: str, expected: Message, got: bytes | str) -> RemoteError:
        start = self._connection.excerpt(got)
        return RemoteError(
            Message("{url}: expected {expected}, got '{start}'", url=url, expected=expected, start=start)
        )

    @property
    def max_triples(self) -> int:
        """The number of triples that one request may send."""
        return MAX_TRIPLES[self.protocol] if self.config.kind == "virtuoso" else sys.maxsize

    def replace(self, graph: str, triples: str) -> None:
        """Replace the content of the graph by these N-Triples; readers see it as it was or as it is.

        Virtuoso empties a graph before it fills it: there, the new one is written under another name, then moved.
        """
        if self.config.kind == "virtuoso":
            if triples:
                self._stage_and_move(graph, triples)
            else:
                self.drop(graph)
        elif self.protocol == "gsp":
            self._send_triples("PUT", graph, triples)
        else:
            name = iri(graph)
            self._update(f"DROP SILENT GRAPH {name} ;\nINSERT DATA {{ GRAPH {name} {{\n{triples}}} }}")

    def _stage_and_move(self, graph: str, triples: str) -> None:
        """Virtuoso's MOVE from a graph it does not hold empties the other one: so what was staged is counted first."""
        staged = f"{graph}{STAGING}{int(time.time())}-{secrets.token_hex(4)}"
        self.add(staged, triples)
        size = len(set(triples.split("\n")[:-1]))
        result = self.select(f"SELECT (COUNT(*) AS ?triples) {{ GRAPH {iri(staged)} {{ ?s ?p ?o }} }}")
        received = sum(int(row[0].value) for row in result.rows if row and row[0] and row[0].value.isdecimal())
        if received not in (size, len(as_kept(triples))):
            self.drop(staged)
            raise RemoteError(
                Message(
                    "{graph}: the store holds {received} of the {size} triples sent; the graph was not replaced",
                    graph=graph,
                    received=received,
                    size=size,
                )
            )
        # 1: one transaction, and not one for each row, which is its default for what a graph holds.
        self._update(f"DEFINE sql:log-enable 1 MOVE {iri(staged)} TO {iri(graph)}")

    def add(self, graph: str, triples: str) -> None:
        """Add these N-Triples to the graph: in one step, where there are no more than `max_triples`."""
        lines = triples.split("\n")[:-1]  # other characters that end a line may stand in a literal
        if self.config.kind == "virtuoso":
            lines.sort(key=len)  # it takes a request for plain text whose first lines are longer than 64 kB
        for start in range(0, len(lines), self.max_triples):
            text = "".join(f"{line}\n" for line in lines[start : start + self.max_triples])
            if self.protocol == "gsp":
                self._send_triples("POST", graph, text)
            else:
                self._update(f"INSERT DATA {{ GRAPH {iri(graph)} {{\n{text}}} }}")

    def drop(self, graph: str) -> None:
        """Drop the graph, if there is one."""
        if self.protocol == "gsp":
            self._connection.fetch("DELETE", self.config.graphs, params={"graph": graph}, missing_ok=True)
        else:
            self._update(f"DROP SILENT GRAPH {iri(graph)}")

    def add_quads(self, nquads: Callable[[], Iterable[bytes]]) -> None:
        """Add N-Quads, which are produced for each try. Oxigraph and Virtuoso only.

        Oxigraph takes any number, not in one step, and leniently: it does not check again what its own parser has
        checked here. Virtuoso answers 200 even where its loader did not get the body, and holds nothing then.
        """
        headers = {"Content-Type": FORMATS["nq"].media_type}
        if self.config.kind == "oxigraph":
            params = {"no_transaction": "", "lenient": ""}
            self._connection.fetch("POST", self.config.graphs, params=params, content=nquads, headers=headers)
        else:
            body = b"".join(nquads())
            self._connection.fetch("POST", self.config.update, params={"query": _LOADER}, content=body, headers=headers)

    def _send_triples(self, method: str, graph: str, triples: str) -> None:
        self._connection.fetch(
            method,
            self.config.graphs,
            params={"graph": graph},
            content=triples.encode(),
            headers={"Content-Type": NTRIPLES},
        )

    def _update(self, text: str) -> None:
        headers = {"Content-Type": "application/sparql-update"}
        self._connection.fetch("POST", self.config.update, content=text.encode(), headers=headers)


def is_abandoned(graph: str) -> bool:
    """Tell whether the graph was staged by a run that was interrupted: long ago, by the clock of who staged it."""
    moment = graph.rpartition(STAGING)[2].partition("-")[0] if STAGING in graph else ""
    return moment.isdecimal() and time.time() - int(moment) > STALE
