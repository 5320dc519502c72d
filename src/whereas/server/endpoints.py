"""Endpoints beside the pages: SPARQL, search, reconciliation, the API description, health."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from whereas.http.errors import HTTPError
from whereas.http.negotiation import PAGE, best_type
from whereas.http.policy import NEGOTIATED, NOTHING, offer
from whereas.rdf.formats import FORMATS
from whereas.server.openapi import describe
from whereas.server.reconciliation.api import ReconciliationRequest
from whereas.server.reconciliation.requests import MAX_BODY
from whereas.server.requests import (
    cancel_on_disconnect,
    canonical_url,
    message_language,
    preferred_language,
    read_body,
    request_path,
    snapshot_of,
)
from whereas.server.responses import computed_response, query_caching, see_other, sparql_link, text_response
from whereas.server.snapshot import RESULT_FORMATS
from whereas.server.sparql.protocol import OFFERS, accepted_formats, not_acceptable, read_request

MAX_SEARCH = 200  # characters of a search that are read


def not_found(path: str) -> HTTPError:
    """Return the error for a path at which nothing is published."""
    return HTTPError(404, NOTHING.filled(path=path))


async def sparql(request: Request) -> Response:
    """Answer by the SPARQL 1.1 Protocol; describe the service where there is no query."""
    snapshot = snapshot_of(request)
    body = await read_body(request, 4 * snapshot.limits.query_length + 10_000)
    query_string = request.scope["query_string"].decode("latin-1")
    content_type = request.headers.get("content-type", "")
    sparql_request = read_request(request.method, query_string, content_type, body, snapshot.limits)
    accept = ", ".join(request.headers.getlist("accept"))
    if sparql_request is None:
        return await _service_description(request, accept)
    formats = accepted_formats(accept)
    if not formats:
        raise not_acceptable()
    result = await cancel_on_disconnect(request, snapshot.workers.answer(sparql_request, formats))
    media_type = FORMATS[result.suffix].media_type
    return computed_response(request, result.content, media_type, query_caching(sparql_request.query))


async def _service_description(request: Request, accept: str) -> Response:
    chosen = best_type(accept, (*OFFERS["triples"], offer("html")))
    if chosen is None:
        raise not_acceptable("triples")
    if chosen.media_type == PAGE:
        return see_other(request, "console", {"Vary": NEGOTIATED})
    snapshot = snapshot_of(request)
    suffix = next(suffix for suffix, known in FORMATS.items() if known.media_type == chosen.media_type)
    endpoint = str(URL(snapshot.project.base + "sparql"))
    return computed_response(request, await snapshot.service_description(endpoint, suffix), chosen.media_type)


async def search(request: Request) -> Response:
    """Search labels, passages and notes; as JSON, or a page in a language of the URL or the header."""
    snapshot = snapshot_of(request)
    page_language = _page_language(request)
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    parameters = dict(pairs)
    words, text_language = parameters.get("q", "")[:MAX_SEARCH], parameters.get("lang", "")
    language = page_language or preferred_language(request)
    if request_path(request.scope) == "search.json":
        hits = await snapshot.search(words, text_language, language)
        content = json.dumps({"q": words, "lang": text_language, "found": hits}, ensure_ascii=False)
        encoded = content.encode("utf-8", "replace")
        return computed_response(request, encoded, "application/json", {}, "Accept-Language")
    return _page(request, await snapshot.search_page(words, text_language, language), "search", language)


async def api(request: Request) -> Response:
    """Describe the server's API for people."""
    language = _page_language(request) or preferred_language(request)
    return _page(request, await snapshot_of(request).api_page(language), "api", language)


def _page_language(request: Request) -> str:
    """Return the language in the URL, empty where it has none. Raise `HTTPError` where it is none of the project's."""
    language: str = request.path_params.get("language", "")
    if language and language not in snapshot_of(request).languages:
        raise not_found(f"/{request_path(request.scope)}")
    return language


def _page(request: Request, content: bytes, stem: str, language: str) -> Response:
    links = [sparql_link(request), *snapshot_of(request).site.links(stem)]
    headers = {"Content-Language": language, "Link": ", ".join(links)}
    vary = "" if "language" in request.path_params else "Accept-Language"
    return computed_response(request, content, PAGE, headers, vary)


async def reconcile(request: Request) -> Response:
    """Answer by the Reconciliation Service API, one service a language."""
    path, query = request_path(request.scope).removeprefix("reconcile").removeprefix("/"), request.url.query
    content_type, body = request.headers.get("content-type", ""), await read_body(request, MAX_BODY)
    response = await snapshot_of(request).reconcile(
        ReconciliationRequest(request.method, path, query, content_type, body, str(request.base_url))
    )
    headers = {**response.headers, "Content-Language": response.language}
    return computed_response(request, response.content, response.media_type, headers, "")


async def openapi(request: Request) -> Response:
    """Describe the server's API for programs."""
    snapshot = snapshot_of(request)
    document = describe(snapshot.project, snapshot.available_queries, RESULT_FORMATS, message_language(request))
    content = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return computed_response(request, content, "application/json", {}, "Accept-Language")


async def void(request: Request) -> Response:
    """Redirect to the description of the dataset (https://www.w3.org/TR/void/#discovery)."""
    location = canonical_url(request.scope, "catalogue")
    return text_response(302, f"found: {location}", {"Location": location})


async def health(request: Request) -> Response:
    """Say that the server answers."""
    return text_response(200, "healthy", {"Cache-Control": "no-store"})


async def ready(request: Request) -> Response:
    """Say that the server accepts requests: it listens only once its snapshot is open."""
    return text_response(200, "ready", {"Cache-Control": "no-store"})
