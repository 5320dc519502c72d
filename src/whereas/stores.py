"""Triple stores over HTTP: SPARQL 1.1 Graph Store Protocol, or SPARQL 1.1 Update. The room of the HTTP client.

A target is an address, or a name in `[tool.whereas.stores]`. Its secret comes from the environment,
`WHEREAS_<NAME>_PASSWORD` or `WHEREAS_<NAME>_TOKEN`, and is never written or told.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from whereas import __version__
from whereas.errors import ArgumentError, MaterialError, Place, RemoteError, broken
from whereas.graph import Answer, read_answer
from whereas.iris import hint, web_address
from whereas.media import FORMATS
from whereas.project import Project
from whereas.settings import SETTINGS_FILE
from whereas.terms import iri

PROTOCOLS = ("gsp", "update")
TIMEOUT = 300  # seconds: a store may think that long before it answers
TRIES = 4
LONGEST_WAIT = 60  # seconds, when a store says when to come again
NTRIPLES = "application/n-triples"

# Keys of [tool.whereas.stores.NAME], with what each holds.
STORE_SETTINGS = {
    "url": "address of an Oxigraph or Virtuoso server; others give query, and graphs or update",
    "kind": "oxigraph, virtuoso or sparql (default: asked of the server at url)",
    "query": "address that answers SPARQL queries",
    "update": "address that takes SPARQL updates",
    "graphs": "address of the Graph Store Protocol",
    "user": "user whose password is in WHEREAS_<NAME>_PASSWORD",
    "certificates": "file of the certificates to trust, in PEM",
}

# Where each kind of server has its doors, below its address.
_DOORS = {
    "oxigraph": {"query": "/query", "update": "/update", "graphs": "/store"},
    "virtuoso": {"query": "/sparql", "update": "/sparql-auth", "graphs": "/sparql-graph-crud-auth"},
}
KINDS = (*_DOORS, "sparql")


@dataclass(frozen=True)
class Target:
    """Where a store is and who asks; `kind` is one of `KINDS`."""

    name: str
    kind: str
    query: str
    update: str = ""
    graphs: str = ""
    user: str = ""
    secret: str = field(default="", repr=False)
    is_token: bool = False
    certificates: Path | None = None

    @property
    def variable(self) -> str:
        """What its secret's variables in the environment start with."""
        return f"WHEREAS_{self.name.upper().replace('-', '_')}"


def read_target(project: Project, name: str) -> Target:
    """The target called `name` in the settings, or at the address `name`.

    Raises `MaterialError` when its settings are not what they should be, `ArgumentError` when there is
    no such target, `RemoteError` when a server that must say its kind does not.
    """
    if "://" in name:
        url = web_address(name, "store").rstrip("/")
        return _target("", {"url": url, "kind": _ask_kind(url, None)}, project)
    if name not in project.stores:
        near = hint(name, project.stores)
        raise ArgumentError(f"no store '{name}' in [tool.whereas.stores], and no http or https address{near}")
    told = dict(project.stores[name])
    _check(name, told)
    if "url" in told:
        told["url"] = told["url"].rstrip("/")
        if "kind" not in told:
            told["kind"] = _ask_kind(told["url"], _certificates(told, project))
    return _target(name, told, project)


def _check(name: str, told: dict[str, str]) -> None:
    def wrong(problem: str) -> MaterialError:
        return broken("settings", Place(SETTINGS_FILE), problem=f"stores.{name}: {problem}")

    for key, value in told.items():
        if key not in STORE_SETTINGS:
            if key in ("password", "token", "secret"):
                raise wrong(f"a {key} is not kept in a file: set WHEREAS_{name.upper().replace('-', '_')}_PASSWORD")
            raise wrong(f"unknown key '{key}'{hint(key, STORE_SETTINGS)}")
        if not isinstance(value, str):
            raise wrong(f"{key}: expected a text, got {value!r}")
        if key in ("url", "query", "update", "graphs"):
            try:
                web_address(value, key)
            except ArgumentError as problem:
                raise wrong(str(problem)) from None
    if told.get("kind", KINDS[0]) not in KINDS:
        raise wrong(f"kind: expected {', '.join(KINDS)}, got '{told['kind']}'")
    if "url" in told:
        if told.get("kind") == "sparql":
            raise wrong("kind sparql has no url: expected query, and graphs or update")
    elif "query" not in told or not ("graphs" in told or "update" in told):
        raise wrong("expected url, or query and one of graphs and update")


def _target(name: str, told: dict[str, str], project: Project) -> Target:
    doors: dict[str, str] = {door: told[door] for door in ("query", "update", "graphs") if door in told}
    if "url" in told:
        doors = {door: told["url"] + path for door, path in _DOORS[told["kind"]].items()} | doors
    variable = f"WHEREAS_{name.upper().replace('-', '_')}"
    token = os.environ.get(f"{variable}_TOKEN", "") if name else ""
    password = os.environ.get(f"{variable}_PASSWORD", "") if name else ""
    return Target(
        name=name,
        kind=told.get("kind", "sparql"),
        query=doors["query"],
        update=doors.get("update", ""),
        graphs=doors.get("graphs", ""),
        user=told.get("user", ""),
        secret=token or password,
        is_token=bool(token),
        certificates=_certificates(told, project),
    )


def _certificates(told: dict[str, str], project: Project) -> Path | None:
    return project.root / told["certificates"] if "certificates" in told else None


def _ask_kind(url: str, certificates: Path | None) -> str:
    """The kind of the server at `url`, by the name it gives itself."""
    with Store(Target("", "sparql", url, certificates=certificates)) as store:
        server = store.headers(url).get("server", "").lower()
    for kind in _DOORS:
        if kind in server:
            return kind
    known = " nor ".join(f"{kind.capitalize()}" for kind in _DOORS)
    raise RemoteError(f"{url}: neither {known}: name its query, and graphs or update, in [tool.whereas.stores]")


class Store:
    """A store that answers; closed at the end of `with`. Each failure is a `RemoteError`."""

    def __init__(self, target: Target, protocol: str = "") -> None:
        """Graph Store Protocol where the target has it, else Update, unless `protocol` says which.

        Raises `ArgumentError` when the target has no address for it, or its certificates cannot be read.
        """
        self.target = target
        self.protocol = protocol or ("gsp" if target.graphs else "update")
        if protocol and not (target.graphs if protocol == "gsp" else target.update):
            raise ArgumentError(f"{target.name or target.query}: has no address for the protocol {protocol}")
        self._client = httpx.Client(
            auth=_auth(target),
            verify=_trusted(target),
            timeout=TIMEOUT,
            headers={"User-Agent": f"whereas/{__version__} (https://w3id.org/whereas/)"},
        )

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def headers(self, address: str) -> httpx.Headers:
        """The headers of what is at `address`, whatever its status."""
        return self._answer("GET", address)[0].headers

    def select(self, query: str) -> Answer:
        """The answer to a SELECT or ASK query."""
        content = self._send(
            "POST", self.target.query, data={"query": query}, headers={"Accept": FORMATS["json"].media_type}
        )
        try:
            return read_answer(content)
        except (ValueError, TypeError, AttributeError):
            raise RemoteError(f"{self.target.query}: expected SPARQL results, got '{_start(content)}'") from None

    def triples(self, graph: str) -> bytes:
        """The graph's triples as the store gives them back, as N-Triples; none when there is no such graph."""
        accept = {"Accept": NTRIPLES}
        if self.protocol == "gsp":
            return self._send("GET", self.target.graphs, params={"graph": graph}, headers=accept, absent=True)
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {iri(graph)} {{ ?s ?p ?o }} }}"
        return self._send("POST", self.target.query, data={"query": query}, headers=accept)

    def replace(self, graph: str, triples: str) -> None:
        """The graph holds these N-Triples and nothing else, in one step."""
        if self.protocol == "gsp":
            self._put("PUT", graph, triples)
        else:
            name = iri(graph)
            self._update(f"DROP SILENT GRAPH {name} ;\nINSERT DATA {{ GRAPH {name} {{\n{triples}}} }}")

    def add(self, graph: str, triples: str) -> None:
        """The graph holds these N-Triples too, in one step."""
        if self.protocol == "gsp":
            self._put("POST", graph, triples)
        else:
            self._update(f"INSERT DATA {{ GRAPH {iri(graph)} {{\n{triples}}} }}")

    def drop(self, graph: str) -> None:
        """There is no such graph."""
        if self.protocol == "gsp":
            self._send("DELETE", self.target.graphs, params={"graph": graph}, absent=True)
        else:
            self._update(f"DROP SILENT GRAPH {iri(graph)}")

    def fill(self, nquads: Iterable[bytes]) -> None:
        """The store holds these N-Quads too. Oxigraph only: fast, and not in one step."""
        self._send(
            "POST",
            self.target.graphs,
            tries=1,  # what was sent cannot be sent again
            params={"no_transaction": ""},
            content=nquads,
            headers={"Content-Type": FORMATS["nq"].media_type},
        )

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

    def _send(self, method: str, address: str, *, absent: bool = False, tries: int = TRIES, **told: object) -> bytes:
        """What is answered; nothing when `absent` allows that the thing is not there."""
        for tries_left in reversed(range(tries)):
            response, content = self._answer(method, address, **told)
            if response.status_code not in (429, 503) or not tries_left:
                break
            time.sleep(_pause(response))
        if response.is_success:
            return content
        if absent and response.status_code == 404:
            return b""
        raise self._refused(address, response, content)

    def _answer(self, method: str, address: str, **told: object) -> tuple[httpx.Response, bytes]:
        deadline = time.monotonic() + TIMEOUT
        try:
            with self._client.stream(method, address, **told) as response:  # type: ignore[arg-type]
                pieces = []
                for piece in response.iter_bytes():
                    pieces.append(piece)
                    if time.monotonic() > deadline:
                        raise RemoteError(f"{address}: no whole answer within {TIMEOUT} s")
        except httpx.TimeoutException:
            raise RemoteError(f"{address}: no whole answer within {TIMEOUT} s") from None
        except httpx.ConnectError as problem:
            reason = str(problem).partition("] ")[2] or str(problem)
            raise RemoteError(f"{address}: cannot be reached: {reason}") from None
        except httpx.HTTPError as problem:
            raise RemoteError(f"{address}: connection lost: {problem}; run it again") from None
        return response, b"".join(pieces)

    def _refused(self, address: str, response: httpx.Response, content: bytes) -> RemoteError:
        if response.is_redirect:
            return RemoteError(f"{address}: redirects to {response.headers.get('location')}; give that address")
        if response.status_code in (401, 403):
            who = f"the user '{self.target.user}'" if self.target.user else "who did not say who they are"
            if not self.target.name:
                return RemoteError(f"{address}: refused {who}: name it in [tool.whereas.stores] to give a user")
            wanted = f"{self.target.variable}_PASSWORD or {self.target.variable}_TOKEN"
            return RemoteError(f"{address}: refused {who}: is {wanted} right?")
        reason = f"{address}: answered {response.status_code} {response.reason_phrase}"
        start = _start(content)
        if self.target.secret:
            start = start.replace(self.target.secret, "…")
        return RemoteError(f"{reason}: {start}" if start else reason)


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
        told = problem.strerror or "no certificates in it"
        raise ArgumentError(f"{target.certificates.name}: certificates cannot be read: {told}") from None


def _pause(response: httpx.Response) -> float:
    """Seconds to wait: as many as the store says, at most `LONGEST_WAIT`; one when it does not say."""
    told = response.headers.get("retry-after", "1")
    return min(int(told), LONGEST_WAIT) if told.isdecimal() else 1


def _start(content: bytes) -> str:
    lines = content.decode("utf-8", "replace").splitlines()
    return next((line.strip()[:100] for line in lines if line.strip()), "")
