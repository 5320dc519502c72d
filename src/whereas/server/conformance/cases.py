"""One table of requests that any deployment of a project must answer alike, server or static files."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from whereas.errors import ArgumentError, RemoteError
from whereas.http.parameters import DIRECT, FORM
from whereas.i18n import Message, gettext
from whereas.rdf.formats import FORMATS
from whereas.server.conformance import assertions as replies
from whereas.server.conformance.assertions import Holds, Reply

RDF = {suffix: FORMATS[suffix].media_type for suffix in ("ttl", "jsonld", "nt", "nq", "trig", "rdf")}
CODINGS = ("identity", "gzip", "br")
TIMEOUT = 30  # seconds
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass(frozen=True)
class Case:
    """A request, and what must be true of its reply; the name is in the reader’s language."""

    name: str
    path: str
    holds: Holds
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """How a case of a part of the table went: what was asked, and what was got."""

    part: str
    name: str
    holds: bool
    asked: str
    got: str


class Deployment:
    """A host that answers for a project."""

    def __init__(self, address: str) -> None:
        """Raises `ArgumentError` unless `address` is one of http or https."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ArgumentError(Message("address: expected one of http or https, got '{address}'", address=address))
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
            raise RemoteError(
                Message("{address}: did not answer: {problem}", address=self.address, problem=problem)
            ) from None
        finally:
            connection.close()


def examine(
    address: str, document: str, thing: str, withdrawn: Sequence[str] = (), *, endpoint: bool = True
) -> Iterator[Outcome]:
    """How the deployment at an address answers for a document and a thing of the world, given by path.

    What is inside the document is found by its site map; `withdrawn` are paths that must be gone.
    `endpoint` says whether it is asked in SPARQL too: static files answer none of that.
    """
    deployment = Deployment(address)
    tags = {coding: deployment.ask(f"{document}.ttl", {"Accept-Encoding": coding}).header("etag") for coding in CODINGS}
    found = re.search(
        rf"/({re.escape(document)}/(?!text\.)[^/<]+?)\.[a-z]+\.html<".encode(),
        deployment.ask("sitemap.xml", {}).content,
    )
    inside = found[1].decode() if found else document
    table = {
        gettext("Formats and languages"): _documents(document),
        gettext("Quality values"): _qualities(document),
        gettext("Things of the world"): _things(thing),
        gettext("Home page and site"): _site(),
        gettext("Caching, codings, ranges"): _conditions(document, tags),
        gettext("Safety"): _safety(document),
        gettext("Signposts"): _signposts(
            document, {document: f"/{document}", thing: f"/{thing}", inside: "#".join(inside.rsplit("/", 1))}
        ),
        gettext("Refusals"): _refusals(document),
        gettext("Withdrawn"): (case for path in withdrawn for case in _gone(path)),
        "SPARQL": _sparql() if endpoint else (),
    }
    for part, cases in table.items():
        for case in cases:
            reply = deployment.ask(case.path, case.headers, case.method, case.body)
            asked = ", ".join(
                [f"{case.method} /{case.path}", *(f"{name}: {told}" for name, told in case.headers.items())]
            )
            got = ", ".join([str(reply.status), *(f"{name}: {told}" for name, told in sorted(reply.headers.items()))])
            yield Outcome(part, case.name, case.holds(reply), asked, got)


# -------------------------------------------------------------------- the table


def _documents(path: str) -> Iterator[Case]:
    for suffix, media_type in RDF.items():
        yield Case(
            gettext("{media_type} at .{suffix}", media_type=media_type, suffix=suffix),
            f"{path}.{suffix}",
            replies.of_type(media_type),
        )
        holds = replies.of_type(media_type, f"{path}.{suffix}")
        yield Case(gettext("{media_type} by negotiation", media_type=media_type), path, holds, {"Accept": media_type})
    for language in ("fr", "en"):
        location = f"{path}.{language}.html"
        told = {"Accept": BROWSER, "Accept-Language": f"{language}-BE,{language};q=0.9,de;q=0.1"}
        yield Case(
            gettext("page in {language} by negotiation", language=language),
            path,
            replies.in_language(language, location),
            told,
        )
        yield Case(
            gettext("page in {language} at its own address", language=language), location, replies.in_language(language)
        )
    told = {"Accept": "text/turtle", "Accept-Language": "en"}
    yield Case(gettext("language alone is negotiated at .html"), f"{path}.html", replies.in_language("en"), told)
    yield Case(gettext("no Accept gets the page"), path, replies.of_type("text/html"))
    yield Case(gettext("caches are told what decides"), path, replies.has("vary", "Accept", "Accept-Language"))
    for suffix in ("ttl", "en.html"):
        holds = replies.tells("content-type", "charset=utf-8")
        yield Case(gettext("the charset is told: .{suffix}", suffix=suffix), f"{path}.{suffix}", holds)


def _qualities(path: str) -> Iterator[Case]:
    page, turtle, json_ld = "text/html", RDF["ttl"], RDF["jsonld"]
    for accept, media_type in (
        (BROWSER, page),
        ("*/*", page),
        ("text/*", page),
        ("application/*", json_ld),
        ("application/xhtml+xml", page),
        ("application/json", json_ld),
        ("TEXT/Turtle", turtle),
        ("text/html, text/turtle", turtle),
        ("text/turtle;q=0.4, application/ld+json;q=0.8", json_ld),
        ("text/turtle;q=0.85, application/ld+json;q=0.9", json_ld),
        ("text/turtle;q=0.9, application/ld+json;q=0.85", turtle),
        ("text/turtle;q=0.50, application/ld+json;q=0.5", turtle),
        ("text/turtle; charset=utf-8; q=0.2, application/trig;q=0.1", turtle),
        ("text/html;q=0, text/*", turtle),
        ("*/*, text/html;q=0, text/turtle;q=0.0", json_ld),
        ("application/n-triples, */*;q=0.1", RDF["nt"]),
        ("text/html;q=0.5, text/turtle;q=0.9", turtle),
        ("text/turtle;q=nonsense, application/ld+json;q=0.1", json_ld),
        ("text/turtle;q=1.5, application/ld+json;q=0.1", json_ld),
        ('application/ld+json;profile="a, b;q=0";q=0.7, text/turtle;q=0.6', json_ld),
        (", ,text/turtle", turtle),
    ):
        yield Case(gettext("type: {accept}", accept=accept), path, replies.of_type(media_type), {"Accept": accept})
    for accept, language in (("de, en;q=0.3", "en"), ("fr;q=0, *", "en"), ("en;q=0.8, fr;q=0.85", "fr"), ("EN", "en")):
        yield Case(
            gettext("language: {accept}", accept=accept),
            path,
            replies.in_language(language),
            {"Accept": page, "Accept-Language": accept},
        )


def _things(path: str) -> Iterator[Case]:
    for accept, suffix in ((BROWSER, "html"), ("text/turtle", "ttl"), ("application/ld+json", "jsonld")):
        name = gettext("a thing of the world sends to what is said of it: .{suffix}", suffix=suffix)
        yield Case(name, path, replies.sends_to(f"{path}.{suffix}", 303), {"Accept": accept})
    yield Case(gettext("caches are told what decides where"), path, replies.has("vary", "Accept"))


def _site() -> Iterator[Case]:
    for language in ("fr", "en"):
        for path in ("", "index.html"):
            holds = replies.in_language(language, f"index.{language}.html")
            yield Case(
                gettext("home page in {language}: /{path}", language=language, path=path),
                path,
                holds,
                {"Accept-Language": language},
            )
        yield Case(
            gettext("feed in {language}", language=language),
            f"feed.{language}.atom",
            replies.of_type("application/atom+xml"),
        )
    for path, media_type in (
        ("sitemap.xml", "application/xml"),
        ("robots.txt", "text/plain"),
        ("static/site.css", "text/css"),
        ("SHA256SUMS", "text/plain"),
        ("context.jsonld", RDF["jsonld"]),
        ("dataset.ttl.gz", "application/gzip"),
    ):
        yield Case(
            gettext("{media_type} at /{path}", media_type=media_type, path=path), path, replies.of_type(media_type)
        )
    for path, media_type in (
        ("catalogue", RDF["ttl"]),
        ("shapes", RDF["ttl"]),
        ("ns", RDF["rdf"]),
        ("context", RDF["jsonld"]),
    ):
        yield Case(
            gettext("{media_type} by negotiation at /{path}", media_type=media_type, path=path),
            path,
            replies.of_type(media_type),
            {"Accept": media_type},
        )
    yield Case(gettext("where the dataset is described"), ".well-known/void", replies.sends_to("/catalogue", 302))


def _conditions(path: str, tags: Mapping[str, str]) -> Iterator[Case]:
    twin, tag = f"{path}.ttl", tags["identity"]
    yield Case(gettext("a strong entity tag"), twin, replies.strong(tag))
    yield Case(gettext("freshness is told"), twin, replies.tells("cache-control", "max-age="))
    for told in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        yield Case(
            gettext("not modified: {told}", told=told[:20]), twin, replies.not_modified(tag), {"If-None-Match": told}
        )
    yield Case(gettext("modified"), twin, replies.strong(tag), {"If-None-Match": '"other"'})
    negotiated = {"Accept": "text/turtle", "If-None-Match": tag}
    yield Case(gettext("not modified, by negotiation"), path, replies.not_modified(tag), negotiated)
    for coding in CODINGS[1:]:
        yield Case(
            gettext("compressed: {coding}", coding=coding),
            twin,
            replies.coded(coding, tag),
            {"Accept-Encoding": coding},
        )
        known = {"Accept-Encoding": coding, "If-None-Match": tags[coding]}
        yield Case(gettext("compressed, not modified: {coding}", coding=coding), twin, replies.status(304), known)
    yield Case(gettext("HEAD has the headers and no content"), twin, replies.head_of(tag), method="HEAD")
    yield Case(gettext("HEAD is negotiated"), path, replies.head_of(tag), {"Accept": "text/turtle"}, "HEAD")
    yield Case(gettext("part of the content"), twin, replies.part_of(10), {"Range": "bytes=0-9"})
    yield Case(gettext("a part that is not there"), twin, replies.status(416), {"Range": "bytes=999999999-"})


def _safety(path: str) -> Iterator[Case]:
    yield Case(gettext("a page is safe"), f"{path}.en.html", replies.safe(200), {"Origin": "https://example.org"})
    yield Case(gettext("data are safe"), path, replies.safe(200), {"Accept": "text/turtle"})
    yield Case(gettext("a refusal is safe"), path, replies.safe(406), {"Accept": "image/png"})
    yield Case(gettext("what is not there is safe"), "no-such-thing", replies.safe(404))
    asks = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    yield Case(gettext("other sites may read"), path, replies.may_be_read_from_elsewhere(), asks, "OPTIONS")
    for outside in ("..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/pyproject.toml", "doc%5c..%5c..", "doc%00", "/example.org"):
        yield Case(gettext("no way out: {outside}", outside=outside), outside, replies.status(400, 404))
    markup = "%3Cscript%3E"
    yield Case(gettext("markup is not given back"), markup, replies.gives_no_markup(b"<script>"))


def _signposts(document: str, names: Mapping[str, str]) -> Iterator[Case]:
    for path, name in names.items():
        holds = replies.signposted(name, *(["item"] if path == document else []))
        yield Case(gettext("links in the header: {name}", name=name), f"{path}.en.html", holds)
        holds = replies.describes(f"{path}.en.html")
        yield Case(gettext("links of data: {name}", name=name), f"{path}.ttl", holds)
        yield Case(gettext("links in a link set: {name}", name=name), f"{path}.linkset.json", replies.is_linkset(name))


def _refusals(path: str) -> Iterator[Case]:
    told = {"Accept": "image/png"}
    yield Case(
        gettext("nothing acceptable: the types there are"),
        path,
        replies.says(406, "text/html, text/turtle, application/ld+json"),
        told,
    )
    yield Case(gettext("nothing acceptable: what decides"), path, replies.has("vary", "Accept"), told)
    for language, words in (("en", "nothing"), ("fr", "rien")):
        spoken = {"Accept-Language": language}
        yield Case(
            gettext("nothing acceptable, in {language}", language=language),
            path,
            replies.says(406, words),
            {**told, **spoken},
        )
        yield Case(
            gettext("nothing there, in {language}", language=language),
            "no-such-thing",
            replies.says(404, words),
            spoken,
        )
    yield Case(gettext("everything refused"), path, replies.status(406), {"Accept": "*/*;q=0"})
    yield Case(gettext("nothing below a page"), f"{path}.ttl/nothing", replies.status(404))
    for method in ("POST", "PUT", "DELETE"):
        yield Case(
            gettext("nothing is written: {method}", method=method), path, replies.refuses_method(), method=method
        )


def _gone(path: str) -> Iterator[Case]:
    for suffix in ("", ".html", ".fr.html", ".ttl"):
        for language in ("fr", "en"):
            name = gettext("gone, in {language}: /{path}{suffix}", language=language, path=path, suffix=suffix)
            yield Case(name, f"{path}{suffix}", replies.gone(language), {"Accept-Language": language})


def _sparql() -> Iterator[Case]:
    ask = f"sparql?query={quote('ASK {}')}"
    json_ = "application/sparql-results+json"
    for media_type in (json_, "application/sparql-results+xml"):
        yield Case(
            gettext("SPARQL by GET: {media_type}", media_type=media_type),
            ask,
            replies.of_type(media_type),
            {"Accept": media_type},
        )
    for kind, body in ((FORM, f"query={quote('ASK {}')}"), (DIRECT, "ASK {}")):
        told = {"Content-Type": kind, "Accept": json_}
        yield Case(
            gettext("SPARQL by POST: {kind}", kind=kind), "sparql", replies.of_type(json_), told, "POST", body.encode()
        )
    typed: dict[str, str] = {"Content-Type": "application/sparql-update"}
    yield Case(gettext("SPARQL: no query"), "sparql?query=nonsense", replies.status(400))
    yield Case(gettext("SPARQL: two queries"), f"{ask}&query=ASK%7B%7D", replies.status(400))
    yield Case(gettext("SPARQL: update by parameter"), "sparql?update=DROP%20ALL", replies.status(400))
    yield Case(gettext("SPARQL: update"), "sparql", replies.status(415), typed, "POST", b"DROP ALL")
    yield Case(
        gettext("SPARQL: another type"),
        "sparql",
        replies.status(415),
        {"Content-Type": "text/plain"},
        "POST",
        b"ASK {}",
    )
    yield Case(gettext("SPARQL: another method"), "sparql", replies.status(405), method="PUT")
    yield Case(gettext("SPARQL: nothing acceptable"), ask, replies.status(406), {"Accept": "image/png"})
    yield Case(
        gettext("SPARQL: the service is described"), "sparql", replies.of_type("text/turtle"), {"Accept": "text/turtle"}
    )
