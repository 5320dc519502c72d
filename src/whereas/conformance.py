"""One table of requests that any deployment of a project must answer alike, server or static files."""

from __future__ import annotations

import gzip
import http.client
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from whereas.errors import ArgumentError, RemoteError
from whereas.media import FORMATS
from whereas.sparql import DIRECT, FORM

RDF = {suffix: FORMATS[suffix].media_type for suffix in ("ttl", "jsonld", "nt", "nq", "trig", "rdf")}
TIMEOUT = 30  # seconds
Holds = Callable[["Reply"], bool]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass(frozen=True)
class Reply:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def is_a(self, media_type: str) -> bool:
        return self.header("content-type").partition(";")[0] == media_type

    def names(self, header: str, *values: str) -> bool:
        """Whether a list header holds each of the values."""
        told = {part.strip().lower() for part in self.header(header).split(",")}
        return "*" in told or {value.lower() for value in values} <= told


@dataclass(frozen=True)
class Case:
    """A request, and what must be true of its reply."""

    name: str
    path: str
    holds: Holds
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """How a case went; what was got is told where it did not hold."""

    name: str
    holds: bool
    got: str


class Deployment:
    """A host that answers for a project."""

    def __init__(self, address: str) -> None:
        """Raises `ArgumentError` unless `address` is one of http or https."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ArgumentError(f"address: expected one of http or https, got '{address}'")
        self.address, self.root = address, parts.path.rstrip("/")
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host = parts.netloc

    def ask(self, path: str, headers: Mapping[str, str], method: str = "GET", body: bytes = b"") -> Reply:
        """The reply, not redirected. Raises `RemoteError` when there is none."""
        connection = self._kind(self._host, timeout=TIMEOUT)
        try:
            connection.request(method, f"{self.root}/{path}", body or None, dict(headers))
            reply = connection.getresponse()
            told: dict[str, str] = {}
            for name, value in reply.getheaders():
                told[name.lower()] = f"{told[name.lower()]}, {value}" if name.lower() in told else value
            return Reply(reply.status, told, reply.read())
        except (OSError, http.client.HTTPException) as problem:
            raise RemoteError(f"{self.address}: did not answer: {problem}") from None
        finally:
            connection.close()


def examine(address: str, document: str, thing: str, *, endpoint: bool = True) -> Iterator[Outcome]:
    """How the deployment at an address answers for a document and a thing of the world, given by path.

    `endpoint` says whether it is asked in SPARQL too: static files answer none of that.
    """
    deployment = Deployment(address)
    tag = deployment.ask(f"{document}.ttl", {}).header("etag")
    cases = [*_documents(document), *_things(thing), *_conditions(document, tag), *_refusals(document)]
    for case in (*cases, *(_sparql() if endpoint else ())):
        reply = deployment.ask(case.path, case.headers, case.method, case.body)
        got = f"{case.method} /{case.path} {dict(case.headers)}: {reply.status}, {dict(reply.headers)}"
        yield Outcome(case.name, case.holds(reply), got)


# -------------------------------------------------------------------- what must be true of a reply


def _status(*wanted: int) -> Holds:
    return lambda reply: reply.status in wanted


def _of_type(media_type: str, location: str = "") -> Holds:
    return lambda reply: (
        reply.status == 200 and reply.is_a(media_type) and reply.header("content-location").endswith(location)
    )


def _in_language(language: str, location: str = "") -> Holds:
    return lambda reply: (
        _of_type("text/html", location)(reply)
        and reply.header("content-language") == language
        and f'<html lang="{language}"'.encode() in reply.content
    )


def _sends_to(location: str) -> Holds:
    return lambda reply: (
        reply.status == 303 and reply.header("location").endswith(location) and reply.names("vary", "Accept")
    )


def _not_modified(tag: str) -> Holds:
    return lambda reply: reply.status == 304 and not reply.content and reply.header("etag") == tag


def _coded(coding: str, tag: str) -> Holds:
    return lambda reply: (
        reply.header("content-encoding") == coding
        and reply.header("etag") != tag
        and reply.names("vary", "Accept-Encoding")
        and (coding != "gzip" or bool(gzip.decompress(reply.content)))
    )


def _signposted(reply: Reply) -> bool:
    link = reply.header("link")
    return link.startswith("<") and all(f'rel="{relation}"' in link for relation in ("cite-as", "describedby"))


def _strict(reply: Reply) -> bool:
    policy = reply.header("content-security-policy").replace("wasm-unsafe-eval", "")
    return "default-src" in policy and "unsafe" not in policy


# -------------------------------------------------------------------- the table


def _documents(path: str) -> Iterator[Case]:
    for suffix, media_type in RDF.items():
        yield Case(f"{media_type} at .{suffix}", f"{path}.{suffix}", _of_type(media_type))
        holds = _of_type(media_type, f"{path}.{suffix}")
        yield Case(f"{media_type} by negotiation", path, holds, {"Accept": media_type})
    for language in ("fr", "en"):
        location = f"{path}.{language}.html"
        told = {"Accept": BROWSER, "Accept-Language": f"{language}-BE,{language};q=0.9,de;q=0.1"}
        yield Case(f"page in {language} by negotiation", path, _in_language(language, location), told)
        yield Case(f"page in {language} at its own address", location, _in_language(language))
    told = {"Accept": "text/turtle", "Accept-Language": "en"}
    yield Case("language alone is negotiated at .html", f"{path}.html", _in_language("en"), told)
    yield Case("no Accept gets the page", path, _of_type("text/html"))
    yield Case("caches are told what decides", path, lambda reply: reply.names("vary", "Accept", "Accept-Language"))
    for accept, media_type in (
        ("text/turtle;q=0.4, application/ld+json;q=0.8", "application/ld+json"),
        ("text/html;q=0, text/*", "text/turtle"),
        ("application/n-triples, */*;q=0.1", "application/n-triples"),
        ("text/html;q=0.5, text/turtle;q=0.9", "text/turtle"),
    ):
        yield Case(f"quality decides: {accept}", path, _of_type(media_type), {"Accept": accept})


def _things(path: str) -> Iterator[Case]:
    for accept, suffix in ((BROWSER, "html"), ("text/turtle", "ttl"), ("application/ld+json", "jsonld")):
        name = f"a thing of the world sends to what is said of it: .{suffix}"
        yield Case(name, path, _sends_to(f"{path}.{suffix}"), {"Accept": accept})


def _conditions(path: str, tag: str) -> Iterator[Case]:
    twin, page = f"{path}.ttl", f"{path}.en.html"
    yield Case("a strong entity tag", twin, lambda reply: reply.header("etag").startswith('"'))
    yield Case("freshness is told", twin, lambda reply: "max-age" in reply.header("cache-control"))
    for told in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        yield Case(f"not modified: {told[:20]}", twin, _not_modified(tag), {"If-None-Match": told})
    yield Case("modified", twin, lambda reply: bool(reply.content), {"If-None-Match": '"other"'})
    yield Case("HEAD has no content", twin, lambda reply: reply.status == 200 and not reply.content, method="HEAD")
    anybody = {"Origin": "https://example.org"}
    yield Case("other sites may read", twin, lambda reply: reply.names("access-control-allow-origin", "*"), anybody)
    for coding in ("gzip", "br"):
        yield Case(f"compressed: {coding}", twin, _coded(coding, tag), {"Accept-Encoding": coding})
    yield Case("part of the content", twin, lambda reply: len(reply.content) == 10, {"Range": "bytes=0-9"})
    yield Case("type is not guessed", twin, lambda reply: reply.names("x-content-type-options", "nosniff"))
    yield Case("nothing is loaded from elsewhere", page, _strict)
    yield Case("signposts", page, _signposted)


def _refusals(path: str) -> Iterator[Case]:
    listed = b"text/turtle"
    yield Case("nothing acceptable", path, lambda r: r.status == 406 and listed in r.content, {"Accept": "image/png"})
    yield Case("everything refused", path, _status(406), {"Accept": "*/*;q=0"})
    yield Case("nothing there", "no-such-thing", _status(404))
    yield Case("nothing is written", path, lambda r: r.status == 405 and r.names("allow", "GET"), method="DELETE")
    for outside in ("..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/pyproject.toml", "doc%5c..%5c..", "doc%00", "/example.org"):
        yield Case(f"no way out: {outside}", outside, _status(400, 404))
    markup = "%3Cscript%3E"
    yield Case("markup is not given back", markup, lambda r: not r.is_a("text/html") or b"<script>" not in r.content)
    yield Case("where the dataset is described", ".well-known/void", _status(200, 302, 303))


def _sparql() -> Iterator[Case]:
    ask = f"sparql?query={quote('ASK {}')}"
    json_ = "application/sparql-results+json"
    for media_type in (json_, "application/sparql-results+xml"):
        yield Case(f"SPARQL by GET: {media_type}", ask, _of_type(media_type), {"Accept": media_type})
    for kind, body in ((FORM, f"query={quote('ASK {}')}"), (DIRECT, "ASK {}")):
        told = {"Content-Type": kind, "Accept": json_}
        yield Case(f"SPARQL by POST: {kind}", "sparql", _of_type(json_), told, "POST", body.encode())
    typed: dict[str, str] = {"Content-Type": "application/sparql-update"}
    yield Case("SPARQL: no query", "sparql?query=nonsense", _status(400))
    yield Case("SPARQL: two queries", f"{ask}&query=ASK%7B%7D", _status(400))
    yield Case("SPARQL: update by parameter", "sparql?update=DROP%20ALL", _status(400))
    yield Case("SPARQL: update", "sparql", _status(415), typed, "POST", b"DROP ALL")
    yield Case("SPARQL: another type", "sparql", _status(415), {"Content-Type": "text/plain"}, "POST", b"ASK {}")
    yield Case("SPARQL: another method", "sparql", _status(405), method="PUT")
    yield Case("SPARQL: nothing acceptable", ask, _status(406), {"Accept": "image/png"})
    yield Case("SPARQL: the service is described", "sparql", _of_type("text/turtle"), {"Accept": "text/turtle"})
