"""What is asked of the server, beside its pages: SPARQL, saved queries, words, names; and how to ask it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from whereas.http.negotiation import PAGE, best_type
from whereas.http.policy import FRESH, NEGOTIATED, offer
from whereas.project.queries import Query
from whereas.rdf.formats import FORMATS
from whereas.server.openapi import MOST_PER_PAGE, PAGE_SIZE, describe
from whereas.server.reconciliation.api import Call
from whereas.server.reconciliation.requests import MOST_BYTES
from whereas.server.requests import (
    address_of,
    arguments_of,
    asked_of,
    body_of,
    number_of,
    path_of,
    reader_of,
    tongue_of,
    while_awaited,
)
from whereas.server.responses import computed, sentence
from whereas.server.snapshot import FORMS, Snapshot
from whereas.server.sparql.protocol import OFFERS, formats, not_acceptable, read_request
from whereas.server.sparql.worker_pool import is_new_each_time

ENDPOINT = "http://rdfs.org/ns/void#sparqlEndpoint"  # a relation of pages to what answers queries about them


async def sparql(request: Request, edition: Snapshot) -> Response:
    """The SPARQL 1.1 Protocol."""
    body = await body_of(request, 4 * edition.limits.query_length + 10_000)
    query_string = request.scope["query_string"].decode("latin-1")
    kind = request.headers.get("content-type", "")
    asked = read_request(request.method, query_string, kind, body, edition.limits)
    accept = ", ".join(request.headers.getlist("accept"))
    if asked is None:
        chosen = best_type(accept, (*OFFERS["triples"], offer("html")))
        if chosen is None:
            raise not_acceptable("triples")
        if chosen.media_type == PAGE:
            return see_other(request, "console", {"Vary": NEGOTIATED})
        suffix = next(suffix for suffix, told in FORMATS.items() if told.media_type == chosen.media_type)
        endpoint = str(URL(edition.project.base + "sparql"))
        return computed(request, await edition.service(endpoint, suffix), chosen.media_type)
    accepted = formats(accept)
    if not accepted:
        raise not_acceptable()
    answered = await while_awaited(request, edition.workers.answer(asked, accepted))
    return computed(request, answered.content, FORMATS[answered.suffix].media_type, kept_by_caches(asked.query))


def endpoint_of(request: Request) -> str:
    """The link from a page to what answers queries about it, which its scripts look for."""
    return f'<{address_of(request.scope, "sparql")}>; rel="{ENDPOINT}"'


def see_other(request: Request, path: str, headers: Mapping[str, str] | None = None) -> Response:
    """Sends to another path of ours, where what is said of the thing is."""
    location = address_of(request.scope, path)
    return sentence(303, f"what is said of it is at {location}", {"Location": location, **FRESH, **(headers or {})})


def kept_by_caches(query: str) -> dict[str, str]:
    """What caches may do with the answer to a query: ask whether it is still the same, or not even keep it."""
    return {"Cache-Control": "no-store" if is_new_each_time(query) else "no-cache"}


async def saved(request: Request, edition: Snapshot, path: str, vary: str = "") -> Response:
    """The answer to a saved query at a path with its suffix, its arguments those of the address."""
    name, _, suffix = path.removeprefix("queries/").rpartition(".")
    query = edition.queries[name]
    given = arguments_of(request)
    size = number_of("size", given.pop("size", "") if not query.has("size") else "", PAGE_SIZE, MOST_PER_PAGE)
    page = number_of("page", given.pop("page", "") if not query.has("page") else "", 1, 10**9)
    part = await while_awaited(request, edition.ask(query, given, suffix, size, page))
    links = []
    for relation, number in (("first", 1), ("prev", page - 1), ("next", page + 1), ("last", part.last)):
        if part.last > 1 and 1 <= number <= part.last:
            told = urlencode({**arguments_of(request), "page": str(number), "size": str(size)})
            links.append(f'<{address_of(request.scope, f"queries/{name}.{suffix}")}?{told}>; rel="{relation}"')
    headers = kept_by_caches(query.text)
    if links:
        headers["Link"] = ", ".join(links)
    if vary:
        headers["Content-Location"] = address_of(request.scope, path) + asked_of(request.scope)
    return computed(request, part.content, part.media_type, headers, vary)


async def feed(request: Request, edition: Snapshot, query: Query, language: str) -> Response:
    """The feed of a saved query, its arguments those of the address."""
    content = await while_awaited(request, edition.question_feed(query, language, arguments_of(request)))
    headers = {**kept_by_caches(query.text), "Content-Language": language}
    return computed(request, content, "application/atom+xml", headers, "")


async def search(request: Request, edition: Snapshot) -> Response:
    """What labels, passages and notes say of some words."""
    given = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    words, language = given.get("q", "")[:200], given.get("lang", "")
    name = path_of(request.scope)
    reader = name[7:9] if name.endswith(".html") else reader_of(request, edition)
    if name == "search.json":
        found = await edition.search(words, language, reader)
        told = json.dumps({"q": words, "lang": language, "found": found}, ensure_ascii=False)
        return computed(request, told.encode("utf-8", "replace"), "application/json", {}, "Accept-Language")
    content = await edition.search_page(words, language, reader)
    headers = {"Content-Language": reader, "Link": ", ".join([endpoint_of(request), *edition.site.links("search")])}
    return computed(request, content, PAGE, headers, "" if name.endswith(".html") else "Accept-Language")


async def reconcile(request: Request, edition: Snapshot) -> Response:
    """The Reconciliation Service API, a service a language."""
    path, query = path_of(request.scope).removeprefix("reconcile").removeprefix("/"), request.url.query
    kind, body = request.headers.get("content-type", ""), await body_of(request, MOST_BYTES)
    reply = await edition.reconcile(Call(request.method, path, query, kind, body, str(request.base_url)))
    headers = {**reply.headers, "Content-Language": reply.language}
    return computed(request, reply.content, reply.media_type, headers, "")


async def openapi(request: Request, edition: Snapshot) -> Response:
    """The server described for programs."""
    told = describe(edition.project, edition.answered, FORMS, tongue_of(request, edition))
    content = json.dumps(told, ensure_ascii=False, indent=1).encode()
    return computed(request, content, "application/json", {}, "Accept-Language")


async def api(request: Request, edition: Snapshot) -> Response:
    """The same for people."""
    name = path_of(request.scope)
    reader = name[4:6] if name.endswith(".html") else reader_of(request, edition)
    content = await edition.api_page(reader)
    headers = {"Content-Language": reader, "Link": ", ".join([endpoint_of(request), *edition.site.links("api")])}
    return computed(request, content, PAGE, headers, "" if name.endswith(".html") else "Accept-Language")
