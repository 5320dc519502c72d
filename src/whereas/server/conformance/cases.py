"""The table of requests that every deployment of a project must answer alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from whereas.http.parameters import DIRECT, FORM
from whereas.http.policy import NO_FORMAT, NOTHING
from whereas.i18n import Message
from whereas.rdf.formats import FORMATS
from whereas.server.conformance import assertions
from whereas.server.conformance.assertions import Assertion

RDF = {suffix: FORMATS[suffix].media_type for suffix in ("ttl", "jsonld", "nt", "nq", "trig", "rdf")}
CODINGS = ("identity", "gzip", "br")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ORIGIN = "https://example.org"
_OTHERS = ("de", "fr", "en")  # languages to prefer that a project may not have


@dataclass(frozen=True)
class Case:
    """A request, and what is expected of its response."""

    name: Message
    path: str
    check: Assertion
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes = b""


def cases(
    document: str,
    part: str,
    entity: str,
    languages: Sequence[str],
    withdrawn: Sequence[str],
    tags: Mapping[str, str],
    *,
    endpoint: bool,
) -> Iterator[tuple[Message, Case]]:
    """Yield section and case for the paths of a document, of a part of it, and of an entity.

    `tags` are the entity tags of the document's Turtle, by content coding.
    """
    names = {document: f"/{document}", entity: f"/{entity}", part: "#".join(part.rsplit("/", 1))}
    table: tuple[tuple[Message, Iterable[Case]], ...] = (
        (Message("Formats and languages"), _formats(document, languages)),
        (Message("Quality values"), _quality_values(document, languages)),
        (Message("Entities"), _entities(entity)),
        (Message("Home page and site"), _site(languages)),
        (Message("Caching, codings, ranges"), _conditional_requests(document, tags)),
        (Message("Security"), _security(document, languages[0])),
        (Message("Signposting"), _signposting(document, names, languages[0])),
        (Message("Error responses"), _errors(document, languages)),
        (Message("Withdrawn resources"), (case for path in withdrawn for case in _withdrawn(path, languages))),
        (Message("SPARQL"), _sparql() if endpoint else ()),
    )
    for section, section_cases in table:
        for case in section_cases:
            yield section, case


def _other(languages: Sequence[str]) -> str:
    """Return a language that the project does not have."""
    return next((language for language in _OTHERS if language not in languages), "mul")


def _formats(path: str, languages: Sequence[str]) -> Iterator[Case]:
    for suffix, media_type in RDF.items():
        name = Message("{media_type} at .{suffix}", media_type=media_type, suffix=suffix)
        yield Case(name, f"{path}.{suffix}", assertions.is_type(media_type))
        name = Message("{media_type} by negotiation", media_type=media_type)
        yield Case(name, path, assertions.is_type(media_type, f"{path}.{suffix}"), {"Accept": media_type})
    for language in languages:
        location = f"{path}.{language}.html"
        accept = f"{language}-BE,{language};q=0.9,{_other(languages)};q=0.1"
        headers = {"Accept": BROWSER, "Accept-Language": accept}
        name = Message("page in {language} by negotiation", language=language)
        yield Case(name, path, assertions.is_page_in(language, location), headers)
        name = Message("page in {language} at its own URL", language=language)
        yield Case(name, location, assertions.is_page_in(language))
    last = languages[-1]
    name = Message("at .html, only the language is negotiated")
    yield Case(name, f"{path}.html", assertions.is_page_in(last), {"Accept": "text/turtle", "Accept-Language": last})
    yield Case(Message("a page without Accept"), path, assertions.is_type("text/html"))
    yield Case(
        Message("Vary lists the headers negotiated"), path, assertions.header_lists("vary", "Accept", "Accept-Language")
    )
    for suffix in ("ttl", f"{last}.html"):
        name = Message("charset of .{suffix}", suffix=suffix)
        yield Case(name, f"{path}.{suffix}", assertions.header_contains("content-type", "charset=utf-8"))


def _quality_values(path: str, languages: Sequence[str]) -> Iterator[Case]:
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
        yield Case(Message("type: {accept}", accept=accept), path, assertions.is_type(media_type), {"Accept": accept})
    first, second, other = languages[0], languages[min(1, len(languages) - 1)], _other(languages)
    for accept, language in (
        (f"{other}, {second};q=0.3", second),
        (f"{first};q=0, *", second),
        (f"{second};q=0.8, {first};q=0.85", first),
        (second.upper(), second),
    ):
        headers = {"Accept": page, "Accept-Language": accept}
        yield Case(Message("language: {accept}", accept=accept), path, assertions.is_page_in(language), headers)


def _entities(path: str) -> Iterator[Case]:
    for accept, suffix in ((BROWSER, "html"), ("text/turtle", "ttl"), ("application/ld+json", "jsonld")):
        name = Message("redirect from an entity to its description: .{suffix}", suffix=suffix)
        yield Case(name, path, assertions.redirects_to(f"{path}.{suffix}", 303), {"Accept": accept})
    yield Case(
        Message("Vary of the redirect lists the header negotiated"), path, assertions.header_lists("vary", "Accept")
    )


def _site(languages: Sequence[str]) -> Iterator[Case]:
    for language in languages:
        for path in ("", "index.html"):
            name = Message("home page in {language}: /{path}", language=language, path=path)
            check = assertions.is_page_in(language, f"index.{language}.html")
            yield Case(name, path, check, {"Accept-Language": language})
        name = Message("feed in {language}", language=language)
        yield Case(name, f"feed.{language}.atom", assertions.is_type("application/atom+xml"))
    for path, media_type in (
        ("sitemap.xml", "application/xml"),
        ("robots.txt", "text/plain"),
        ("static/site.css", "text/css"),
        ("SHA256SUMS", "text/plain"),
        ("context.jsonld", RDF["jsonld"]),
        ("dataset.ttl.gz", "application/gzip"),
    ):
        name = Message("{media_type} at /{path}", media_type=media_type, path=path)
        yield Case(name, path, assertions.is_type(media_type))
    for path, media_type in (
        ("catalogue", RDF["ttl"]),
        ("shapes", RDF["ttl"]),
        ("ns", RDF["rdf"]),
        ("context", RDF["jsonld"]),
    ):
        name = Message("{media_type} by negotiation at /{path}", media_type=media_type, path=path)
        yield Case(name, path, assertions.is_type(media_type), {"Accept": media_type})
    name = Message("redirect to the description of the dataset")
    yield Case(name, ".well-known/void", assertions.redirects_to("/catalogue", 302))


def _conditional_requests(path: str, tags: Mapping[str, str]) -> Iterator[Case]:
    turtle, tag = f"{path}.ttl", tags["identity"]
    by_negotiation = {"Accept": "text/turtle"}
    yield Case(Message("a strong entity tag"), turtle, assertions.has_strong_tag(tag))
    yield Case(Message("a max-age"), turtle, assertions.header_contains("cache-control", "max-age="))
    for value in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        name = Message("not modified: {value}", value=value[:20])
        yield Case(name, turtle, assertions.is_not_modified(tag), {"If-None-Match": value})
    yield Case(Message("modified"), turtle, assertions.has_strong_tag(tag), {"If-None-Match": '"other"'})
    name = Message("not modified, by negotiation")
    yield Case(name, path, assertions.is_not_modified(tag), {**by_negotiation, "If-None-Match": tag})
    for coding in CODINGS[1:]:
        headers = {"Accept-Encoding": coding}
        yield Case(
            Message("compressed: {coding}", coding=coding), turtle, assertions.is_compressed(coding, tag), headers
        )
        name = Message("compressed, not modified: {coding}", coding=coding)
        yield Case(name, turtle, assertions.has_status(304), {**headers, "If-None-Match": tags[coding]})
    yield Case(Message("HEAD has the headers and no content"), turtle, assertions.is_head_of(tag), method="HEAD")
    yield Case(Message("HEAD is negotiated"), path, assertions.is_head_of(tag), by_negotiation, "HEAD")
    yield Case(Message("a range"), turtle, assertions.is_range(10), {"Range": "bytes=0-9"})
    yield Case(
        Message("a range outside the content"), turtle, assertions.has_status(416), {"Range": "bytes=999999999-"}
    )


def _security(path: str, language: str) -> Iterator[Case]:
    safe = assertions.has_security_headers
    yield Case(Message("security headers of a page"), f"{path}.{language}.html", safe(200), {"Origin": ORIGIN})
    yield Case(Message("security headers of data"), path, safe(200), {"Accept": "text/turtle"})
    yield Case(Message("security headers of an error"), path, safe(406), {"Accept": "image/png"})
    yield Case(Message("security headers of 404"), "no-such-thing", safe(404))
    preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    name = Message("other origins may read (CORS)")
    yield Case(name, path, assertions.allows_cross_origin_reads(), preflight, "OPTIONS")
    for outside in ("..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/pyproject.toml", "doc%5c..%5c..", "doc%00", "/example.org"):
        name = Message("no path traversal: {path}", path=outside)
        yield Case(name, outside, assertions.has_status(400, 404))
    name = Message("markup of the request is not in the response")
    yield Case(name, "%3Cscript%3E", assertions.does_not_echo(b"<script>"))


def _signposting(document: str, names: Mapping[str, str], language: str) -> Iterator[Case]:
    for path, resource in names.items():
        page = f"{path}.{language}.html"
        relations = ["item"] if path == document else []
        name = Message("links in the header: {name}", name=resource)
        yield Case(name, page, assertions.has_signposting(resource, *relations))
        name = Message("links of data: {name}", name=resource)
        yield Case(name, f"{path}.ttl", assertions.links_to_page(page))
        name = Message("links in a link set: {name}", name=resource)
        yield Case(name, f"{path}.linkset.json", assertions.is_linkset(resource))


def _errors(path: str, languages: Sequence[str]) -> Iterator[Case]:
    unacceptable = {"Accept": "image/png"}
    types = assertions.is_error(406, "text/html, text/turtle, application/ld+json")
    yield Case(Message("406 lists the types available"), path, types, unacceptable)
    yield Case(Message("Vary of 406"), path, assertions.header_lists("vary", "Accept"), unacceptable)
    for language in languages:
        headers = {"Accept-Language": language}
        name = Message("406 in {language}", language=language)
        check = assertions.is_error(406, _beginning(NO_FORMAT, language))
        yield Case(name, path, check, {**unacceptable, **headers})
        name = Message("404 in {language}", language=language)
        yield Case(name, "no-such-thing", assertions.is_error(404, _beginning(NOTHING, language)), headers)
    yield Case(Message("406 where nothing is accepted"), path, assertions.has_status(406), {"Accept": "*/*;q=0"})
    yield Case(Message("404 below a file"), f"{path}.ttl/nothing", assertions.has_status(404))
    for method in ("POST", "PUT", "DELETE"):
        yield Case(Message("405 for {method}", method=method), path, assertions.is_wrong_method(), method=method)


def _beginning(message: Message, language: str) -> str:
    """Return a message up to its first value."""
    return message.in_language(language).partition("{")[0].strip()


def _withdrawn(path: str, languages: Sequence[str]) -> Iterator[Case]:
    for suffix in ("", ".html", f".{languages[0]}.html", ".ttl"):
        for language in languages:
            name = Message("gone, in {language}: /{path}{suffix}", language=language, path=path, suffix=suffix)
            yield Case(name, f"{path}{suffix}", assertions.is_gone(language), {"Accept-Language": language})


def _sparql() -> Iterator[Case]:
    ask = f"sparql?query={quote('ASK {}')}"
    results = "application/sparql-results+json"
    for media_type in (results, "application/sparql-results+xml"):
        name = Message("SPARQL by GET: {media_type}", media_type=media_type)
        yield Case(name, ask, assertions.is_type(media_type), {"Accept": media_type})
    for kind, body in ((FORM, f"query={quote('ASK {}')}"), (DIRECT, "ASK {}")):
        name = Message("SPARQL by POST: {kind}", kind=kind)
        headers = {"Content-Type": kind, "Accept": results}
        yield Case(name, "sparql", assertions.is_type(results), headers, "POST", body.encode())
    for name, path, status, method, headers, content in (
        (Message("SPARQL: malformed query"), "sparql?query=nonsense", 400, "GET", {}, b""),
        (Message("SPARQL: two queries"), f"{ask}&query=ASK%7B%7D", 400, "GET", {}, b""),
        (Message("SPARQL: update by parameter"), "sparql?update=DROP%20ALL", 400, "GET", {}, b""),
        (Message("SPARQL: update"), "sparql", 415, "POST", {"Content-Type": "application/sparql-update"}, b"DROP ALL"),
        (Message("SPARQL: another type"), "sparql", 415, "POST", {"Content-Type": "text/plain"}, b"ASK {}"),
        (Message("SPARQL: another method"), "sparql", 405, "PUT", {}, b""),
        (Message("SPARQL: no acceptable format"), ask, 406, "GET", {"Accept": "image/png"}, b""),
    ):
        yield Case(name, path, assertions.has_status(status), headers, method, content)
    name = Message("SPARQL: the service description")
    yield Case(name, "sparql", assertions.is_type("text/turtle"), {"Accept": "text/turtle"})
