"""Build responses: conditional requests, ranges, content codings, redirects and plain messages."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from whereas.http.errors import HTTPError
from whereas.http.negotiation import best_coding, byte_range, entity_tags
from whereas.http.policy import FRESH
from whereas.http.representation import Content, Representation
from whereas.i18n import Message
from whereas.server.requests import canonical_url
from whereas.server.sparql.worker_pool import is_volatile

SPARQL_ENDPOINT = "http://rdfs.org/ns/void#sparqlEndpoint"  # link relation


def text_response(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return one line of plain text, so that nothing in it is markup."""
    content = "" if status == 304 else f"{text}\n"
    return Response(content.encode("utf-8", "replace"), status, dict(headers or {}), "text/plain; charset=utf-8")


def see_other(request: Request, path: str, headers: Mapping[str, str] | None = None) -> Response:
    """Redirect with status 303 to another path of the site."""
    location = canonical_url(request.scope, path)
    return text_response(303, f"see other: {location}", {"Location": location, **FRESH, **(headers or {})})


def sparql_link(request: Request) -> str:
    """Return the `Link` from a page to the SPARQL endpoint, which the page's scripts look for."""
    return f'<{canonical_url(request.scope, "sparql")}>; rel="{SPARQL_ENDPOINT}"'


def query_caching(query: str) -> dict[str, str]:
    """Return the header that lets caches revalidate a query's result, or not store one that changes each time."""
    return {"Cache-Control": "no-store" if is_volatile(query) else "no-cache"}


def with_notice(page: bytes, notice: str) -> bytes:
    """Return an HTML page with an alert above its content; unchanged when the notice is empty."""
    alert = f'<aside role="alert"><pre>{escape(notice)}</pre></aside>\n'.encode() if notice else b""
    return page.replace(b"<main", alert + b"<main", 1)


def computed_response(
    request: Request, content: bytes, media_type: str, headers: dict[str, str] | None = None, vary: str = "Accept"
) -> Response:
    """Return content computed for this request alone, compressed where that is accepted."""
    coding = best_coding(request.headers.get("accept-encoding", ""), ("gzip",))
    return representation_response(request, Representation(Content(content, media_type)), coding, headers or {}, vary)


def representation_response(
    request: Request, representation: Representation, coding: str, headers: Mapping[str, str], vary: str
) -> Response:
    """Return a representation, a range of it, or 304. Raise `HTTPError` when the range cannot be satisfied."""
    coding = coding if representation.is_worth_coding else ""
    page = representation.page
    tag = f'"{representation.tag}{f"-{coding}" if coding else ""}"'
    fields = {
        **FRESH,
        **headers,
        "ETag": tag,
        "Vary": ", ".join(part for part in (vary, "Accept-Encoding") if part),
        "Accept-Ranges": "bytes",
    }
    if links := [*filter(None, [headers.get("Link")]), *page.links]:
        fields["Link"] = ", ".join(links)
    if page.language:
        fields["Content-Language"] = page.language
    known_tags = entity_tags(", ".join(request.headers.getlist("if-none-match")))
    if request.method in ("GET", "HEAD") and (tag in known_tags or "*" in known_tags):
        return Response(status_code=304, headers=fields)
    if coding:
        fields["Content-Encoding"] = coding
    charset = "; charset=utf-8" if page.media_type.startswith("text/") else ""
    content, status = representation.code(coding), 200
    if request.method == "GET" and "range" in request.headers and request.headers.get("if-range", tag) == tag:
        try:
            span = byte_range(request.headers["range"], len(content))
        except ValueError:
            size = len(content)
            problem = Message("range: expected one within {size} bytes", size=size)
            headers = {name: fields[name] for name in ("Vary", "Accept-Ranges")}
            raise HTTPError(416, problem, {**headers, "Content-Range": f"bytes */{size}"}) from None
        if span:
            fields["Content-Range"] = f"bytes {span[0]}-{span[1]}/{len(content)}"
            content, status = content[span[0] : span[1] + 1], 206
    return Response(content, status, fields, f"{page.media_type}{charset}")
