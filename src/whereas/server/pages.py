"""Pages, data and files by path, with content negotiation; saved queries with the parameters of the URL."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from whereas.content.urls import described_at, documented_by
from whereas.errors import ArgumentError
from whereas.http.errors import HTTPError
from whereas.http.negotiation import PAGE, best_coding, best_language, best_type
from whereas.http.policy import NEGOTIATED, NO_FORMAT, offer
from whereas.http.representation import CODINGS
from whereas.project.queries import Query
from whereas.server.endpoints import not_found
from whereas.server.openapi import MAX_PAGE_SIZE, PAGE_SIZE
from whereas.server.requests import (
    cancel_on_disconnect,
    canonical_url,
    integer_parameter,
    message_language,
    preferred_language,
    query_parameters,
    query_string,
    request_path,
    snapshot_of,
)
from whereas.server.responses import (
    computed_response,
    query_caching,
    representation_response,
    see_other,
    sparql_link,
    text_response,
    with_notice,
)
from whereas.server.snapshot import RESULT_FORMATS
from whereas.site.site import Resource

MAX_PAGE = 10**9


async def page(request: Request) -> Response:
    """Send what a path names: a representation, or for a path without suffix the best one of a resource."""
    snapshot = snapshot_of(request)
    path = request_path(request.scope)
    if withdrawn := snapshot.site.withdrawn(path):
        return await _gone(request, withdrawn)
    resource = snapshot.resource("" if path == "index" else path)
    if resource is not None:
        return await _negotiate(request, resource)
    stem = path.removesuffix(".html")
    pages = snapshot.resource("" if stem == "index" else stem) if stem != path else None
    if pages is not None and "html" in pages.suffixes:
        language = preferred_language(request)
        return await _send_variant(request, f"{stem}.{language}.html", "Accept-Language")
    return await _send(request, path, {})


async def _gone(request: Request, path: str) -> Response:
    language = preferred_language(request)
    representation = await snapshot_of(request).representation(f"{path}.{language}.html", "")
    assert representation is not None, path  # whatever is withdrawn has a page that says so
    return Response(representation.page.content, 410, {"Content-Language": language}, PAGE)


async def _negotiate(request: Request, resource: Resource) -> Response:
    about = "" if "html" in resource.suffixes else documented_by(resource.path)
    suffixes = (*resource.suffixes, "html") if about else resource.suffixes
    offers = tuple(map(offer, suffixes))
    accept = ", ".join(request.headers.getlist("accept"))
    chosen = best_type(accept, offers)
    if chosen is None:
        types = ", ".join(offered.media_type for offered in offers)
        message = NO_FORMAT.filled(types=types).in_language(message_language(request))
        return text_response(406, message, {"Vary": NEGOTIATED})
    suffix = suffixes[offers.index(chosen)]
    stem = resource.path or "index"
    if not resource.is_information:
        return see_other(request, f"{stem}.{suffix}", {"Vary": NEGOTIATED})
    if suffix == "html" and about:
        return see_other(request, about, {"Vary": NEGOTIATED})
    snapshot = snapshot_of(request)
    if suffix == "html":
        language = best_language(request.headers.get("accept-language", ""), snapshot.languages)
        return await _send_variant(request, f"{stem}.{language}.html", NEGOTIATED)
    folder, _, name = stem.rpartition("/")
    if folder == "queries" and name in snapshot.queries and suffix in RESULT_FORMATS:
        return await _send_result(request, snapshot.queries[name], suffix, NEGOTIATED)
    return await _send_variant(request, f"{stem}.{suffix}", NEGOTIATED)


async def _send_variant(request: Request, path: str, vary: str) -> Response:
    """Send the representation at a path that was chosen by the headers named in `vary`."""
    return await _send(request, path, {"Content-Location": canonical_url(request.scope, path)}, vary)


async def _send(request: Request, path: str, headers: dict[str, str], vary: str = "") -> Response:
    """Send the representation at a path with its suffix."""
    snapshot = snapshot_of(request)
    if request.scope["query_string"] or snapshot.is_large:
        if match := snapshot.match_query_page(path, "html"):
            return await _query_page(request, *match, headers, vary)
        if match := snapshot.match_query_page(path, "atom"):
            return await _query_feed(request, *match)
    coding = best_coding(", ".join(request.headers.getlist("accept-encoding")), CODINGS)
    representation = await snapshot.representation(path, coding)
    if representation is None:
        if target := described_at(path):
            return see_other(request, target)
        raise not_found(f"/{path}")
    if representation.page.media_type == PAGE:
        headers["Link"] = sparql_link(request)
        if notice := request.app.state.notice:
            content = with_notice(representation.page.content, notice)
            return computed_response(request, content, PAGE, headers, vary)
    return representation_response(request, representation, coding, headers, vary)


# -------------------------------------------------------------------- saved queries


async def query_result(request: Request) -> Response:
    """Send the result of a saved query in the format of the suffix, or the page at this path where it is no result."""
    name, suffix = request.path_params["name"], request.path_params["suffix"]
    query = snapshot_of(request).queries.get(name)
    if query is None or suffix not in RESULT_FORMATS:
        return await page(request)
    return await _send_result(request, query, suffix, "")


async def _send_result(request: Request, query: Query, suffix: str, vary: str) -> Response:
    """Send a result; without parameters, as it is published, unless the project is large."""
    snapshot = snapshot_of(request)
    path = f"queries/{query.name}.{suffix}"
    is_published = not request.scope["query_string"] and not snapshot.is_large
    if is_published and await snapshot.representation(path, ""):
        return await (_send_variant(request, path, vary) if vary else _send(request, path, {}))
    arguments = query_parameters(request)
    size_text = arguments.pop("size", "") if not query.has("size") else ""
    size = integer_parameter("size", size_text, PAGE_SIZE, MAX_PAGE_SIZE)
    number_text = arguments.pop("page", "") if not query.has("page") else ""
    number = integer_parameter("page", number_text, 1, MAX_PAGE)
    result = await cancel_on_disconnect(request, snapshot.query_result(query, arguments, suffix, size, number))
    links = []
    if result.pages > 1:
        for relation, other in (("first", 1), ("prev", number - 1), ("next", number + 1), ("last", result.pages)):
            if 1 <= other <= result.pages:
                parameters = urlencode({**query_parameters(request), "page": str(other), "size": str(size)})
                links.append(f'<{canonical_url(request.scope, path)}?{parameters}>; rel="{relation}"')
    headers = query_caching(query.text)
    if links:
        headers["Link"] = ", ".join(links)
    if vary:
        headers["Content-Location"] = canonical_url(request.scope, path) + query_string(request.scope)
    return computed_response(request, result.content, result.media_type, headers, vary)


async def _query_page(request: Request, query: Query, language: str, headers: dict[str, str], vary: str) -> Response:
    """Send the page of a saved query with its result, or its form again with what is wrong with the parameters."""
    snapshot = snapshot_of(request)
    arguments: dict[str, str] = {}
    try:
        arguments = query_parameters(request)
        values = {name: value for name, value in arguments.items() if name != "page" or query.has("page")}
        number = 1 if query.has("page") else integer_parameter("page", arguments.get("page", ""), 1, MAX_PAGE)
        content = await cancel_on_disconnect(request, snapshot.query_page(query, language, values, number))
    except (ArgumentError, HTTPError) as error:
        status, extra = (error.status, error.headers) if isinstance(error, HTTPError) else (400, {})
        problem = error if isinstance(error, ArgumentError) else ArgumentError(error.message)
        content = await snapshot.query_form(query, language, arguments, problem)
        headers = {"Content-Language": language, **({"Vary": vary} if vary else {}), **extra}
        return Response(content, status, headers, PAGE)
    headers = {**headers, **query_caching(query.text), "Content-Language": language, "Link": sparql_link(request)}
    if vary:
        headers["Content-Location"] += query_string(request.scope)
    return computed_response(request, with_notice(content, request.app.state.notice), PAGE, headers, vary)


async def _query_feed(request: Request, query: Query, language: str) -> Response:
    arguments = query_parameters(request)
    content = await cancel_on_disconnect(request, snapshot_of(request).query_feed(query, language, arguments))
    headers = {**query_caching(query.text), "Content-Language": language}
    return computed_response(request, content, "application/atom+xml", headers, "")
