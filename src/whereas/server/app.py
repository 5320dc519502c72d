"""The site, its data and its endpoint over HTTP: routes and status codes, nothing more."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import quote

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from whereas.content.urls import described_at, documented_by
from whereas.errors import ArgumentError
from whereas.http.errors import HTTPError, wrong_method
from whereas.http.negotiation import PAGE, best_coding, best_language, best_type
from whereas.http.policy import NEGOTIATED, NO_FORMAT, NOTHING, PREFLIGHT, READING, SAFE, offer
from whereas.http.representation import CODINGS
from whereas.i18n import Message
from whereas.project.queries import Query
from whereas.server.endpoints import (
    api,
    endpoint_of,
    feed,
    kept_by_caches,
    openapi,
    reconcile,
    saved,
    search,
    see_other,
    sparql,
)
from whereas.server.requests import (
    address_of,
    arguments_of,
    asked_of,
    here,
    number_of,
    path_of,
    reader_of,
    tongue_of,
    while_awaited,
)
from whereas.server.responses import computed, noticed, represented, sentence
from whereas.server.snapshot import FORMS, Snapshot
from whereas.server.sparql.limits import Limits
from whereas.server.sparql.protocol import METHODS
from whereas.server.sparql.worker_pool import ENDING
from whereas.site.site import Resource

ACCESS = logging.getLogger("whereas.access")
ERRORS = logging.getLogger("whereas.errors")

_REFUSALS = (offer("txt"), offer("html"))
_FAILED = Message("the server failed to answer; what happened is in its log")


def nothing_at(path: str) -> HTTPError:
    return HTTPError(404, NOTHING.filled(path=path))


class Server:
    """An ASGI application that answers from an `Snapshot`, and from its successor once there is one."""

    def __init__(self, edition: Snapshot, limits: Limits) -> None:
        self.edition, self.limits = edition, limits
        self.notice = ""  # what is wrong with the material, shown in every page
        self.serving: dict[Snapshot, int] = {edition: 0}  # requests under way
        registry = self.registry = CollectorRegistry()
        self.requests = Counter("whereas_requests", "Requests answered", ["route", "status"], registry=registry)
        self.seconds = Histogram("whereas_request_seconds", "Time to answer", ["route"], registry=registry)
        for name, told in (("working", "Queries being answered"), ("waiting", "Queries that wait")):
            gauge = Gauge(f"whereas_queries_{name}", told, registry=registry)
            gauge.set_function(partial(self._queries, name))

    def _queries(self, name: str) -> int:
        count: int = getattr(self.edition.workers, name)
        return count

    async def replace(self, edition: Snapshot) -> None:
        """Answer from this edition from now on; the last one ends with the last request it answers."""
        last, self.edition = self.edition, edition
        self.serving[edition] = 0
        if not self.serving[last]:
            await self._end(last)

    def refuse(self) -> None:
        """The end is near: what waits for its turn is told to come again."""
        for edition in self.serving:
            edition.workers.refuse()

    async def close(self) -> None:
        """End every edition."""
        for edition in list(self.serving):
            await self._end(edition)

    async def _end(self, edition: Snapshot) -> None:
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
            try:
                route, answer = self._route(request, edition)
                response = await answer
            except (HTTPError, ArgumentError) as problem:
                response = await _refusal(request, edition, problem)
        except ClientDisconnect:
            response = sentence(400, "the request was cut short")
        except asyncio.CancelledError:  # it takes longer than the server may take to end
            response = sentence(503, ENDING.in_language(tongue_of(request, edition)), {"Retry-After": "10"})
        except Exception:
            ERRORS.exception("%s %s", scope["method"], quote(scope["path"]))
            response = sentence(500, _FAILED.in_language(tongue_of(request, edition)))
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

    def _route(self, request: Request, edition: Snapshot) -> tuple[str, Awaitable[Response]]:
        path = path_of(request.scope)
        name = path.partition("/")[0] if path.startswith(("-/", "reconcile/")) else path
        plain = {
            "sparql": sparql,
            "reconcile": reconcile,
            "search": search,
            "search.json": search,
            **{f"search.{language}.html": search for language in edition.languages},
            "openapi.json": openapi,
            "api": api,
            **{f"api.{language}.html": api for language in edition.languages},
            ".well-known/void": self.void,
            "-": self.own,
        }
        if name in plain:
            return ("own" if name == "-" else name), _reading(plain[name], request, edition)
        if _is_answer(*path.rpartition(".")[::2], edition):
            return "queries", _reading(self.saved, request, edition)
        return "pages", _reading(self.page, request, edition)

    # ---------------------------------------------------------------- pages, things, files

    async def page(self, request: Request, edition: Snapshot) -> Response:
        """A representation by its address, or what stands at an address without suffix, in its best form."""
        path = path_of(request.scope)
        if gone := edition.site.withdrawn(path):
            tongue = reader_of(request, edition)
            page = await edition.representation(f"{gone}.{tongue}.html", "")
            assert page is not None, gone  # what is withdrawn has a page that says so
            return Response(page.page.content, 410, {"Content-Language": tongue}, PAGE)
        resource = edition.resource("" if path == "index" else path)
        if resource is not None:
            return await self._negotiated(request, edition, resource)
        stem = path.removesuffix(".html")
        named = edition.resource("" if stem == "index" else stem) if stem != path else None
        if named is not None and "html" in named.suffixes:
            language = best_language(request.headers.get("accept-language", ""), edition.languages)
            return await self._chosen(request, edition, f"{stem}.{language}.html", "Accept-Language")
        return await self._sent(request, edition, path, {})

    async def _negotiated(self, request: Request, edition: Snapshot, resource: Resource) -> Response:
        about = "" if "html" in resource.suffixes else documented_by(resource.path)
        suffixes = (*resource.suffixes, "html") if about else resource.suffixes
        offers = tuple(map(offer, suffixes))
        accept = ", ".join(request.headers.getlist("accept"))
        chosen = best_type(accept, offers)
        if chosen is None:
            types = ", ".join(offered.media_type for offered in offers)
            told = NO_FORMAT.in_language(tongue_of(request, edition)).format(types=types)
            return sentence(406, told, {"Vary": NEGOTIATED})
        suffix = suffixes[offers.index(chosen)]
        stem = resource.path or "index"
        if not resource.is_information:
            return see_other(request, f"{stem}.{suffix}", {"Vary": NEGOTIATED})
        if suffix == "html" and about:
            return see_other(request, about, {"Vary": NEGOTIATED})
        if suffix == "html":
            suffix = f"{best_language(request.headers.get('accept-language', ''), edition.languages)}.html"
        elif _is_answer(stem, suffix, edition):
            return await self.saved(request, edition, f"{stem}.{suffix}", NEGOTIATED)
        return await self._chosen(request, edition, f"{stem}.{suffix}", NEGOTIATED)

    async def _chosen(self, request: Request, edition: Snapshot, path: str, vary: str) -> Response:
        """The representation at a path that was chosen by the headers named in `vary`."""
        return await self._sent(request, edition, path, {"Content-Location": address_of(request.scope, path)}, vary)

    async def _sent(
        self, request: Request, edition: Snapshot, path: str, headers: dict[str, str], vary: str = ""
    ) -> Response:
        if (request.scope["query_string"] or edition.is_large) and (asked := edition.question(path)):
            return await self._answered(request, edition, *asked, headers, vary)
        if (request.scope["query_string"] or edition.is_large) and (asked := edition.question(path, "atom")):
            return await feed(request, edition, *asked)
        coding = best_coding(", ".join(request.headers.getlist("accept-encoding")), CODINGS)
        found = await edition.representation(path, coding)
        if found is None and (place := described_at(path)):
            return see_other(request, place)
        if found is None:
            raise nothing_at(f"/{path}")
        if found.page.media_type == PAGE:
            headers["Link"] = endpoint_of(request)
        if self.notice and found.page.media_type == PAGE:
            return computed(request, noticed(found.page.content, self.notice), PAGE, headers, vary)
        return represented(request, found, coding, headers, vary)

    async def _answered(
        self, request: Request, edition: Snapshot, query: Query, language: str, headers: dict[str, str], vary: str
    ) -> Response:
        """The page of a saved query, with the answer to the arguments in the address."""
        given: dict[str, str] = {}
        try:
            given = arguments_of(request)
            told = {name: value for name, value in given.items() if name != "page" or query.has("page")}
            page = 1 if query.has("page") else number_of("page", given.get("page", ""), 1, 10**9)
            content = await while_awaited(request, edition.question_page(query, language, told, page))
        except (ArgumentError, HTTPError) as problem:
            status, more = (problem.status, problem.headers) if isinstance(problem, HTTPError) else (400, {})
            wrong = problem if isinstance(problem, ArgumentError) else ArgumentError(problem.message)
            content = await edition.question_refused(query, language, given, wrong)
            headers = {"Content-Language": language, **({"Vary": vary} if vary else {}), **more}
            return Response(content, status, headers, PAGE)
        headers = {**headers, **kept_by_caches(query.text), "Content-Language": language}
        headers["Link"] = endpoint_of(request)
        if vary:
            headers["Content-Location"] += asked_of(request.scope)
        return computed(request, noticed(content, self.notice), PAGE, headers, vary)

    async def void(self, request: Request, edition: Snapshot) -> Response:
        """Where the dataset is described (https://www.w3.org/TR/void/#discovery)."""
        location = address_of(request.scope, "catalogue")
        return sentence(302, f"the dataset is described at {location}", {"Location": location})

    async def saved(self, request: Request, edition: Snapshot, path: str = "", vary: str = "") -> Response:
        """The answer to a saved query, chosen by the headers in `vary`: without arguments, what the site has."""
        path = path or path_of(request.scope)
        is_made = not request.scope["query_string"] and not edition.is_large
        if is_made and await edition.representation(path, ""):
            return await (
                self._chosen(request, edition, path, vary) if vary else self._sent(request, edition, path, {})
            )
        return await saved(request, edition, path, vary)

    async def own(self, request: Request, edition: Snapshot) -> Response:
        """What the server says of itself."""
        name = path_of(request.scope).removeprefix("-/")
        if name == "metrics":
            return Response(generate_latest(self.registry), media_type="text/plain; version=0.0.4; charset=utf-8")
        if name in ("health", "ready"):
            return sentence(200, "well" if name == "health" else "ready", {"Cache-Control": "no-store"})
        raise nothing_at(f"/-/{name}")


# -------------------------------------------------------------------- requests


def _is_answer(stem: str, suffix: str, edition: Snapshot) -> bool:
    """Whether what stands at a path, given in two, is the answer to a saved query."""
    return stem.startswith("queries/") and stem.removeprefix("queries/") in edition.queries and suffix in FORMS


async def _refusal(request: Request, edition: Snapshot, problem: HTTPError | ArgumentError) -> Response:
    """Why there is no answer, in the reader's language: a sentence, or a page with ways on where nothing is."""
    status, more = (problem.status, problem.headers) if isinstance(problem, HTTPError) else (400, {})
    tongue = tongue_of(request, edition)
    told, headers = problem.message.in_language(tongue), {"Content-Language": tongue, "Vary": NEGOTIATED, **more}
    accept = ", ".join(request.headers.getlist("accept"))
    if status == 404 and tongue in edition.languages and best_type(accept, _REFUSALS) == offer("html"):
        return Response(await edition.missing(path_of(request.scope), tongue, told), 404, headers, PAGE)
    return sentence(status, told, headers)


Answering = Callable[[Request, Snapshot], Awaitable[Response]]


async def _reading(answering: Answering, request: Request, edition: Snapshot) -> Response:
    """The answer, where the method is one that the address takes."""
    allowed = METHODS if path_of(request.scope).partition("/")[0] in ("sparql", "reconcile") else READING
    if request.method not in allowed:
        raise wrong_method(allowed, request.method)
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
