"""Triple stores over HTTP: SPARQL 1.1 Graph Store Protocol, or SPARQL 1.1 Update. The room of the HTTP client."""

from __future__ import annotations

import ssl
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx

from whereas import __version__
from whereas.errors import ArgumentError, Message, RemoteError
from whereas.graph import Answer, read_answer
from whereas.media import FORMATS
from whereas.terms import iri

PROTOCOLS = ("gsp", "update")
TIMEOUT = 300  # seconds: a store may think that long before it answers
TRIES = 4
LONGEST_WAIT = 60  # seconds, when a store says when to come again
NTRIPLES = "application/n-triples"
STAGING = "#staging"  # what the name of a graph ends in while it is not yet whole
# Triples in one request of Virtuoso's, by protocol: its parser gives up at an update of 5,000, and with a graph
# of 200,000 its loader's own threads may wait for each other.
MOST_TRIPLES = {"gsp": 20_000, "update": 4_000}
# Its own loader of N-Quads, called with the body of the request.
_LOADER = 'SELECT (sql:TTLP(bif:http_body_read(), "", "urn:none", 512) AS ?done) {}'


@dataclass(frozen=True)
class Target:
    """Where a store is and who asks; `kind` is oxigraph, virtuoso or sparql."""

    name: str
    kind: str
    query: str
    update: str = ""
    graphs: str = ""
    user: str = ""
    secret: str = field(default="", repr=False)
    is_token: bool = False
    certificates: Path | None = None
    prune: bool = False

    @property
    def variable(self) -> str:
        """What its secret's variables in the environment start with."""
        return f"WHEREAS_{self.name.upper().replace('-', '_')}"


class Store:
    """A store that answers; closed at the end of `with`. Each failure is a `RemoteError`."""

    def __init__(self, target: Target, protocol: str = "") -> None:
        """The store asks which protocol it speaks, unless `protocol` says which.

        Raises `ArgumentError` when the target has no address for it, or its certificates cannot be read.
        """
        self.target, self._told = target, protocol
        if protocol and not (target.graphs if protocol == "gsp" else target.update):
            name = target.name or target.query
            raise ArgumentError(
                Message(
                    f"{name}: has no address for the protocol {protocol}",
                    f"{name} : pas d’adresse pour le protocole {protocol}",
                )
            )
        self._client = httpx.Client(
            auth=_auth(target),
            verify=_trusted(target),
            timeout=TIMEOUT,
            headers={"User-Agent": f"whereas/{__version__} (https://w3id.org/whereas/)"},
        )
        if target.kind == "virtuoso":  # on a connection that is kept, each of its answers comes 40 ms late
            self._client.headers["Connection"] = "close"

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

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
        response, content = self._answer(
            "GET", address, whole=False, params={"default": ""}, headers={"Accept": NTRIPLES}
        )
        if response.is_success:
            return "gsp"
        if response.status_code in (400, 404, 405, 406, 415, 501):
            return "update"
        raise self._refused(address, response, content)

    def headers(self, address: str) -> httpx.Headers:
        """The headers of what is at `address`, whatever its status."""
        return self._answer("GET", address, whole=False)[0].headers

    def select(self, query: str) -> Answer:
        """The answer to a SELECT or ASK query."""
        _, content = self._send(
            "POST", self.target.query, data={"query": query}, headers={"Accept": FORMATS["json"].media_type}
        )
        try:
            return read_answer(content)
        except (ValueError, TypeError, AttributeError):
            raise _expected(self.target.query, Message("SPARQL results", "des résultats SPARQL"), content) from None

    def triples(self, graph: str) -> bytes:
        """The graph's triples as the store gives them back, as N-Triples; none when there is no such graph."""
        accept = {"Accept": NTRIPLES}
        if self.protocol == "gsp":
            address = self.target.graphs
            response, content = self._send("GET", address, params={"graph": graph}, headers=accept, absent=True)
        else:
            address = self.target.query
            query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {iri(graph)} {{ ?s ?p ?o }} }}"
            response, content = self._send("POST", address, data={"query": query}, headers=accept)
        told = response.headers.get("content-type", NTRIPLES).partition(";")[0]
        if response.is_success and told not in (NTRIPLES, "text/plain"):  # its older name
            raise _expected(address, Message("N-Triples", "du N-Triples"), told.encode())
        return content.replace(b"\t", b" ") if response.is_success else b""  # Virtuoso sets terms apart by tabs

    @property
    def most(self) -> int:
        """Triples that one request may bring."""
        return MOST_TRIPLES[self.protocol] if self.target.kind == "virtuoso" else sys.maxsize

    def replace(self, graph: str, triples: str) -> None:
        """The graph holds these N-Triples and nothing else; who reads meanwhile sees it as it was, or as it is.

        Virtuoso empties a graph before it fills it: there, the new one is made under another name, then moved.
        """
        if self.target.kind == "virtuoso":
            self.drop(graph + STAGING)
            if triples:
                self.add(graph + STAGING, triples)
                # 1: one transaction, and not one for each row, which is its default for what a graph holds.
                self._update(f"DEFINE sql:log-enable 1 MOVE {iri(graph + STAGING)} TO {iri(graph)}")
            else:
                self.drop(graph)
        elif self.protocol == "gsp":
            self._put("PUT", graph, triples)
        else:
            name = iri(graph)
            self._update(f"DROP SILENT GRAPH {name} ;\nINSERT DATA {{ GRAPH {name} {{\n{triples}}} }}")

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
            self._send("DELETE", self.target.graphs, params={"graph": graph}, absent=True)
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
            self._send("POST", self.target.graphs, params=told, content=nquads, headers=headers)
        else:
            body = b"".join(nquads())
            self._send("POST", self.target.update, params={"query": _LOADER}, content=body, headers=headers)

    def _put(self, method: str, graph: str, triples: str) -> None:
        self._send(
            method,
            self.target.graphs,
            params={"graph": graph},
            content=triples.encode(),
            headers={"Content-Type": NTRIPLES},
        )

    def _update(self, text: str) -> None:
        headers = {"Content-Type": "application/sparql-update"}
        self._send("POST", self.target.update, content=text.encode(), headers=headers)

    def _send(
        self, method: str, address: str, *, absent: bool = False, content: object = None, **told: object
    ) -> tuple[httpx.Response, bytes]:
        """What is answered; `absent` allows that the thing is not there. A busy store is asked again."""
        for tries_left in reversed(range(TRIES)):
            body = content() if callable(content) else content
            response, got = self._answer(method, address, content=body, **told)  # type: ignore[arg-type]
            if not _is_busy(response, got) or not tries_left:
                break
            time.sleep(_pause(response))
        if response.is_success or (absent and response.status_code == 404):
            return response, got
        raise self._refused(address, response, got)

    def _answer(self, method: str, address: str, *, whole: bool = True, **told: object) -> tuple[httpx.Response, bytes]:
        """What is answered, whatever its status; of a success that is not wanted `whole`, the headers only."""
        late = Message(
            f"{address}: no whole answer within {TIMEOUT} s", f"{address} : pas de réponse entière en {TIMEOUT} s"
        )
        try:
            with self._client.stream(method, address, **told) as response:  # type: ignore[arg-type]
                deadline = time.monotonic() + TIMEOUT
                pieces = []
                for piece in response.iter_bytes() if whole or not response.is_success else ():
                    pieces.append(piece)
                    if time.monotonic() > deadline:
                        raise RemoteError(late)
        except httpx.TimeoutException:
            raise RemoteError(late) from None
        except httpx.ConnectError as problem:
            reason = str(problem).partition("] ")[2] or str(problem)
            raise RemoteError(
                Message(f"{address}: cannot be reached: {reason}", f"{address} : injoignable : {reason}")
            ) from None
        except httpx.HTTPError as problem:
            raise RemoteError(
                Message(
                    f"{address}: connection lost: {problem}; run it again",
                    f"{address} : connexion perdue : {problem} ; relancer",
                )
            ) from None
        return response, b"".join(pieces)

    def _refused(self, address: str, response: httpx.Response, content: bytes) -> RemoteError:
        if response.is_redirect:
            place = response.headers.get("location")
            return RemoteError(
                Message(
                    f"{address}: redirects to {place}; give that address",
                    f"{address} : redirige vers {place} ; donner cette adresse",
                )
            )
        if response.status_code in (401, 403):
            return RemoteError(self._who(address))
        start = _start(content)
        if self.target.secret:
            start = start.replace(self.target.secret, "…")
        reason = f"{response.status_code} {response.reason_phrase}{f': {start}' if start else ''}"
        return RemoteError(Message(f"{address}: answered {reason}", f"{address} : a répondu {reason}"))

    def _who(self, address: str) -> Message:
        user, variable = self.target.user, self.target.variable
        en, fr = f"{address}: refused ", f"{address} : a refusé "
        en += f"the user '{user}': " if user else "who did not say who they are: "
        fr += f"l’utilisateur « {user} » : " if user else "qui n’a pas dit qui il est : "
        if not self.target.name:
            return Message(
                f"{en}name it in [tool.whereas.stores] to give a user",
                f"{fr}le nommer dans [tool.whereas.stores] pour donner un utilisateur",
            )
        return Message(
            f"{en}is {variable}_PASSWORD or {variable}_TOKEN right?",
            f"{fr}{variable}_PASSWORD ou {variable}_TOKEN est-il le bon ?",
        )


def _expected(address: str, what: Message, got: bytes) -> RemoteError:
    start = _start(got)
    return RemoteError(
        Message(f"{address}: expected {what.en}, got '{start}'", f"{address} : {what.fr} attendu, et non « {start} »")
    )


def _auth(target: Target) -> httpx.Auth | None:
    if target.is_token:
        return _Bearer(target.secret)
    if not target.user:
        return None
    kind = httpx.DigestAuth if target.kind == "virtuoso" else httpx.BasicAuth
    return kind(target.user, target.secret)


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _trusted(target: Target) -> ssl.SSLContext | bool:
    if target.certificates is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(target.certificates))
    except OSError as problem:
        name, told = target.certificates.name, problem.strerror or "no certificates in it"
        raise ArgumentError(
            Message(f"{name}: certificates cannot be read: {told}", f"{name} : certificats illisibles : {told}")
        ) from None


def _is_busy(response: httpx.Response, content: bytes) -> bool:
    """Whether the store may do it if it is asked again: it says so, or Virtuoso's transactions stood in each other's way."""
    return response.status_code in (429, 503) or (response.status_code == 500 and b"Error 40001" in content[:1000])


def _pause(response: httpx.Response) -> float:
    """Seconds to wait: as many as the store says, at most `LONGEST_WAIT`; one when it does not say."""
    told = response.headers.get("retry-after", "1")
    return min(int(told), LONGEST_WAIT) if told.isdecimal() else 1


def _start(content: bytes) -> str:
    lines = content.decode("utf-8", "replace").splitlines()
    return next((line.strip()[:100] for line in lines if line.strip()), "")
