"""The site, its data and its endpoint over HTTP: routes and status codes, nothing more."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import parse_qsl, quote, urlencode

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import URL
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from whereas.answers import FRESH, NEGOTIATED, NO_FORMAT, NOTHING, PREFLIGHT, READING, SAFE, offer
from whereas.barepages import api_page, notice
from whereas.edition import FORMS, Edition
from whereas.errors import ArgumentError, Message
from whereas.limits import Limits
from whereas.media import FORMATS
from whereas.negotiation import PAGE, best_coding, best_language, best_type
from whereas.openapi import describe
from whereas.queries import Query
from whereas.reconciliation_api import Call
from whereas.reconciliation_request import MOST_BYTES
from whereas.representation import CODINGS
from whereas.requests import address_of, arguments_of, body_of, here, number_of, path_of, reader_of, while_awaited
from whereas.responses import computed, represented, sentence
from whereas.site import Resource
from whereas.sparql import METHODS, OFFERS, Refused, formats, not_acceptable, read_request

ACCESS = logging.getLogger("whereas.access")
ERRORS = logging.getLogger("whereas.errors")
ENDPOINT = "http://rdfs.org/ns/void#sparqlEndpoint"  # a relation of pages to what answers queries about them
PAGE_SIZE, MOST_PER_PAGE = 1000, 10_000

_FAILED = Message(
    "the server failed to answer; what happened is in its log",
    "le serveur n’a pas su répondre ; ce qui s’est passé est dans son journal",
)


class Server:
    """An ASGI application that answers from an `Edition`, and from its successor once there is one."""

    def __init__(self, edition: Edition, limits: Limits) -> None:
        self.edition, self.limits = edition, limits
        self.notice = ""  # what is wrong with the material, shown in every page
        self.serving: dict[Edition, int] = {edition: 0}  # requests under way
        registry = self.registry = CollectorRegistry()
        self.requests = Counter("whereas_requests", "Requests answered", ["route", "status"], registry=registry)
        self.seconds = Histogram("whereas_request_seconds", "Time to answer", ["route"], registry=registry)
        for name, told in (("working", "Queries being answered"), ("waiting", "Queries that wait")):
            gauge = Gauge(f"whereas_queries_{name}", told, registry=registry)
            gauge.set_function(partial(self._queries, name))

    def _queries(self, name: str) -> int:
        count: int = getattr(self.edition.workers, name)
        return count

    async def replace(self, edition: Edition) -> None:
        """Answer from this edition from now on; the last one ends with the last request it answers."""
        last, self.edition = self.edition, edition
        self.serving[edition] = 0
        if not self.serving[last]:
            await self._end(last)

    async def close(self) -> None:
        """End every edition."""
        for edition in list(self.serving):
            await self._end(edition)

    async def _end(self, edition: Edition) -> None:
        del self.serving[edition]
        await edition.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        start, edition = time.perf_counter(), self.edition
        self.serving[edition] += 1
        request = Request(scope, receive)
        route = "pages"
        try:
            route, answer = self._route(request, edition)
            response = await answer
        except Refused as refused:
            response = sentence(refused.status, str(refused), refused.headers)
        except ArgumentError as problem:
            response = sentence(400, str(problem))
        except ClientDisconnect:
            response = sentence(400, "the request was cut short")
        except Exception:
            ERRORS.exception("%s %s", scope["method"], quote(scope["path"]))
            response = sentence(500, _FAILED.in_language(reader_of(request, edition)))
        try:
            for name, value in SAFE.items():
                response.headers.setdefault(name, value)
            if scope["method"] == "HEAD":
                response.body = b""
            await response(scope, receive, send)
        finally:
            self.serving[edition] -= 1
            if edition is not self.edition and not self.serving[edition]:
                await self._end(edition)
        took = time.perf_counter() - start
        self.requests.labels(route, response.status_code).inc()
        self.seconds.labels(route).observe(took)
        client = scope["client"][0] if scope.get("client") else "-"
        size = response.headers.get("content-length", "0")
        ACCESS.info(
            "%s %s %s %d %s %.1f ms", client, scope["method"], here(scope), response.status_code, size, took * 1000
        )

    def _route(self, request: Request, edition: Edition) -> tuple[str, Awaitable[Response]]:
        path = path_of(request.scope)
        name = path.partition("/")[0] if path.startswith(("-/", "reconcile/")) else path
        plain = {
            "sparql": self.sparql,
            "reconcile": self.reconcile,
            "search": self.search,
            "search.json": self.search,
            **{f"search.{language}.html": self.search for language in edition.languages},
            "openapi.json": self.openapi,
            "api": self.api,
            ".well-known/void": self.void,
            "-": self.own,
        }
        if name in plain:
            return ("own" if name == "-" else name), _reading(plain[name], request, edition)
        if path.startswith("queries/"):
            stem, _, suffix = path.removeprefix("queries/").rpartition(".")
            if stem in edition.queries and suffix in FORMS:
                return "queries", _reading(self.saved, request, edition)
        return "pages", _reading(self.page, request, edition)

    # ---------------------------------------------------------------- pages, things, files

    async def page(self, request: Request, edition: Edition) -> Response:
        """A representation by its address, or what stands at an address without suffix, in its best form."""
        path = path_of(request.scope)
        if gone := edition.site.withdrawn(path):
            tongue = reader_of(request, edition)
            page = await edition.representation(f"{gone}.{tongue}.html", "")
            assert page is not None, gone  # what is withdrawn has a page that says so
            return Response(page.page.content, 410, {"Content-Language": tongue}, PAGE)
        resource = edition.resource(path)
        if resource is not None:
            return await self._negotiated(request, edition, resource)
        stem = path.removesuffix(".html")
        named = edition.resource("" if stem == "index" else stem) if stem != path else None
        if named is not None and "html" in named.suffixes:
            language = best_language(request.headers.get("accept-language", ""), edition.languages)
            location = f"{stem}.{language}.html"
            return await self._sent(request, edition, location, {"Content-Location": location}, "Accept-Language")
        return await self._sent(request, edition, path, {})

    async def _negotiated(self, request: Request, edition: Edition, resource: Resource) -> Response:
        offers = tuple(map(offer, resource.suffixes))
        accept = ", ".join(request.headers.getlist("accept"))
        chosen = best_type(accept, offers)
        if chosen is None:
            types = ", ".join(offered.media_type for offered in offers)
            told = NO_FORMAT.in_language(reader_of(request, edition)).format(types=types)
            return sentence(406, told, {"Vary": NEGOTIATED})
        suffix = resource.suffixes[offers.index(chosen)]
        stem = resource.path or "index"
        if not resource.is_information:
            location = address_of(request.scope, f"{stem}.{suffix}")
            return sentence(
                303, f"what is said of it is at {location}", {"Location": location, "Vary": NEGOTIATED, **FRESH}
            )
        if suffix == "html":
            suffix = f"{best_language(request.headers.get('accept-language', ''), edition.languages)}.html"
        location = f"{stem}.{suffix}"
        return await self._sent(request, edition, location, {"Content-Location": location}, NEGOTIATED)

    async def _sent(
        self, request: Request, edition: Edition, path: str, headers: dict[str, str], vary: str = ""
    ) -> Response:
        if request.scope["query_string"] and (asked := edition.question(path)):
            return await self._answered(request, edition, *asked, headers, vary)
        coding = best_coding(", ".join(request.headers.getlist("accept-encoding")), CODINGS)
        found = await edition.representation(path, coding)
        if found is None:
            told = NOTHING.in_language(reader_of(request, edition)).format(path=f"/{path}")
            return sentence(404, told)
        if "Content-Location" in headers:
            headers["Content-Location"] = address_of(request.scope, headers["Content-Location"])
        if found.page.media_type == PAGE:
            headers["Link"] = f'<{address_of(request.scope, "sparql")}>; rel="{ENDPOINT}"'
        if self.notice and found.page.media_type == PAGE:
            content = found.page.content.replace(b"<main", notice(self.notice) + b"<main", 1)
            return computed(request, content, PAGE, headers, vary)
        return represented(request, found, coding, headers, vary)

    async def _answered(
        self, request: Request, edition: Edition, query: Query, language: str, headers: dict[str, str], vary: str
    ) -> Response:
        """The page of a saved query, with the answer to the arguments in the address."""
        given = arguments_of(request)
        try:
            page = number_of("page", given.pop("page", "") if not query.has("page") else "", 1, 10**9)
            content = await while_awaited(request, edition.question_page(query, language, given, page))
        except ArgumentError as problem:
            content = await edition.question_refused(query, language, arguments_of(request), problem)
            told = {"Content-Language": language, **({"Vary": vary} if vary else {})}
            return Response(content, 400, told, PAGE)
        headers["Link"] = f'<{address_of(request.scope, "sparql")}>; rel="{ENDPOINT}"'
        return computed(request, content, PAGE, {**headers, "Content-Language": language}, vary)

    async def void(self, request: Request, edition: Edition) -> Response:
        """Where the dataset is described (https://www.w3.org/TR/void/#discovery)."""
        location = address_of(request.scope, "catalogue")
        return sentence(302, f"the dataset is described at {location}", {"Location": location})

    # ---------------------------------------------------------------- questions

    async def sparql(self, request: Request, edition: Edition) -> Response:
        """The SPARQL 1.1 Protocol."""
        body = await body_of(request, 4 * self.limits.query_length + 10_000)
        query_string = request.scope["query_string"].decode("latin-1")
        kind = request.headers.get("content-type", "")
        asked = read_request(request.method, query_string, kind, body, self.limits)
        accept = ", ".join(request.headers.getlist("accept"))
        if asked is None:
            chosen = best_type(accept, OFFERS["triples"])
            if chosen is None:
                raise not_acceptable("triples")
            suffix = next(suffix for suffix, told in FORMATS.items() if told.media_type == chosen.media_type)
            endpoint = str(URL(edition.project.base + "sparql"))
            return computed(request, await edition.service(endpoint, suffix), chosen.media_type)
        accepted = formats(accept)
        if not accepted:
            raise not_acceptable()
        answered = await while_awaited(request, edition.workers.answer(asked, accepted))
        return computed(request, answered.content, FORMATS[answered.suffix].media_type)

    async def saved(self, request: Request, edition: Edition) -> Response:
        """The answer to a saved query, its arguments those of the address; without any, what the site has."""
        path = path_of(request.scope)
        if not request.scope["query_string"] and await edition.representation(path, ""):
            return await self._sent(request, edition, path, {})
        name, _, suffix = path.removeprefix("queries/").rpartition(".")
        query = edition.queries[name]
        if query.federated:
            raise Refused(404, f"{name}: asks another endpoint; its text can be asked there")
        given = arguments_of(request)
        size = number_of("size", given.pop("size", "") if not query.has("size") else "", PAGE_SIZE, MOST_PER_PAGE)
        page = number_of("page", given.pop("page", "") if not query.has("page") else "", 1, 10**9)
        part = await while_awaited(request, edition.ask(query, given, suffix, size, page))
        links = []
        for relation, number in (("first", 1), ("prev", page - 1), ("next", page + 1), ("last", part.last)):
            if part.last > 1 and 1 <= number <= part.last:
                told = urlencode({**arguments_of(request), "page": str(number), "size": str(size)})
                links.append(f'<{address_of(request.scope, f"queries/{name}.{suffix}")}?{told}>; rel="{relation}"')
        headers = {"Link": ", ".join(links)} if links else {}
        return computed(request, part.content, part.media_type, headers, "")

    async def search(self, request: Request, edition: Edition) -> Response:
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
        headers = {"Content-Language": reader}
        return computed(request, content, PAGE, headers, "" if name.endswith(".html") else "Accept-Language")

    async def reconcile(self, request: Request, edition: Edition) -> Response:
        """The Reconciliation Service API, a service a language."""
        path, query = path_of(request.scope).removeprefix("reconcile").removeprefix("/"), request.url.query
        kind, body = request.headers.get("content-type", ""), await body_of(request, MOST_BYTES)
        reply = await edition.reconcile(Call(request.method, path, query, kind, body, str(request.base_url)))
        headers = {**reply.headers, "Content-Language": reply.language}
        return computed(request, reply.content, reply.media_type, headers, "")

    async def openapi(self, request: Request, edition: Edition) -> Response:
        """The server described for programs."""
        told = describe(edition.project, edition.queries, FORMS)
        return computed(request, json.dumps(told, ensure_ascii=False, indent=1).encode(), "application/json")

    async def api(self, request: Request, edition: Edition) -> Response:
        """The same for people."""
        told = describe(edition.project, edition.queries, FORMS)
        return computed(request, api_page(told).encode(), PAGE)

    async def own(self, request: Request, edition: Edition) -> Response:
        """What the server says of itself."""
        name = path_of(request.scope).removeprefix("-/")
        if name == "metrics":
            return Response(generate_latest(self.registry), media_type="text/plain; version=0.0.4; charset=utf-8")
        if name in ("health", "ready"):
            return sentence(200, "well" if name == "health" else "ready", {"Cache-Control": "no-store"})
        return sentence(404, NOTHING.in_language(reader_of(request, edition)).format(path=f"/-/{name}"))


# -------------------------------------------------------------------- requests

Answering = Callable[[Request, Edition], Awaitable[Response]]


async def _reading(answering: Answering, request: Request, edition: Edition) -> Response:
    """The answer, where the method is one that the address takes."""
    allowed = METHODS if path_of(request.scope).partition("/")[0] in ("sparql", "reconcile") else READING
    if request.method not in allowed:
        told = ", ".join(allowed)
        return sentence(405, f"method: expected {told}, got {request.method}", {"Allow": told})
    if request.method == "OPTIONS":
        told = ", ".join(allowed)
        return Response(
            status_code=204,
            headers={
                "Allow": told,
                "Access-Control-Allow-Methods": told,
                **PREFLIGHT,
            },
        )
    return await answering(request, edition)
