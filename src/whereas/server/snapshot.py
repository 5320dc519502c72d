"""One release as the server answers from it: a copy of everything, which no later build changes.

One thread renders and searches; rendered pages are kept in memory, compressed.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from whereas.cache import Cache
from whereas.errors import ArgumentError
from whereas.http.errors import HTTPError
from whereas.http.file_types import media_type
from whereas.http.representation import Content, Representation
from whereas.i18n import SOURCE, Message
from whereas.project.queries import LANGUAGE, Query
from whereas.rdf.formats import FORMATS
from whereas.rdf.results import QueryResult, markdown, result_set, rows
from whereas.rdf.serialization import parse, serialized
from whereas.release.build import Release
from whereas.server.openapi import describe, operations
from whereas.server.reconciliation.api import ReconciliationRequest, ReconciliationResponse, respond
from whereas.server.reconciliation.candidates import Entities
from whereas.server.service_description import service_description
from whereas.server.sparql.limits import Limits
from whereas.server.sparql.protocol import SparqlRequest
from whereas.server.sparql.worker_pool import SerializedResult, WorkerPool
from whereas.site.pages.query_pages import LARGE
from whereas.site.search import Hit, Search, write_index
from whereas.site.site import Resource, Site
from whereas.validation.checked_project import CheckedProject
from whereas.validation.dataset import STORE

RESULT_FORMATS = ("csv", "tsv", "json", "xml", "md", "ttl")  # of saved queries
_numbers = count()  # of folders: several snapshots of a process are open at the same time

Result = TypeVar("Result")


@dataclass(frozen=True)
class ResultPage:
    """One page of a query's result, and of how many."""

    content: bytes
    media_type: str
    pages: int


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another file system
        shutil.copy2(source, target)


class Snapshot:
    """Pages, files, search and queries of one release; usable after `open`, until `close`."""

    def __init__(self, checked: CheckedProject, release: Release, limits: Limits) -> None:
        self.limits, self.folder = limits, checked.project.cache_dir / f"served-{os.getpid()}-{next(_numbers)}"
        self.workers = WorkerPool(self.folder / STORE, limits)
        self._thread = ThreadPoolExecutor(1, "snapshot")
        self._reconciliation_thread = ThreadPoolExecutor(1, "reconciliation")  # pages do not wait for a long table
        self._cached: OrderedDict[str, Representation] = OrderedDict()
        self._size = 0  # of what is cached, in bytes
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        checked.cache.keep_copy(self.folder)
        checked.graph().keep_copy(self.folder / STORE)
        for file in release.data:
            copy = self.folder / "public" / file.path
            copy.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(checked.project.public / file.path, copy)
        self.project, self.prefixes, self.queries = checked.project, checked.rules.prefixes, checked.queries
        self.downloads = tuple(release.data)
        # Names that start with . or _ are configuration of static hosts, which do not serve them either.
        self.files = {file.path for file in self.downloads if file.path[0] not in "._"}
        # Saved queries of a large project run under the limits, even with their defaults: they would block every page.
        self.is_large = checked.store_size > LARGE
        self._checked = checked

    async def open(self) -> None:
        """Load the site and start the workers."""
        await asyncio.gather(self.workers.start(), self._run(self._open))

    def _open(self) -> None:
        checked = replace(self._checked, cache=Cache(self.folder))
        write_index(self.folder, (quad for summary in checked.summaries for quad in checked.quads(summary.name)))
        self.site = Site(checked, self.downloads)
        self._search = Search(self.folder)

    async def close(self) -> None:
        """Stop workers and threads, and delete the folder."""
        await self.workers.stop()
        self._thread.shutdown()
        self._reconciliation_thread.shutdown()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _run(self, task: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, task)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the project."""
        return self.project.languages

    # ---------------------------------------------------------------- pages and files

    def resource(self, path: str) -> Resource | None:
        """Return what a path without suffix names: a resource or page of the site, or a file in several formats."""
        resource = self.site.resource(path)
        rendered = resource.suffixes if resource else ()
        files = tuple(s for s in FORMATS if s not in rendered and f"{path}.{s}" in self.files)
        if resource is None:
            return Resource(path, True, files) if files else None
        return replace(resource, suffixes=(*rendered[:1], *files, *rendered[1:]))  # a text before its triples

    def cached(self, path: str, coding: str) -> Representation | None:
        """Return the representation at a path, if it is in memory in this coding."""
        representation = self._cached.get(path)
        if representation and (not coding or coding in representation.coded or not representation.is_worth_coding):
            self._cached.move_to_end(path)
            return representation
        return None

    async def representation(self, path: str, coding: str) -> Representation | None:
        """Return the representation at a path with its suffix, ready to be sent in this coding."""
        return self.cached(path, coding) or await self._run(lambda: self._load(path, coding))

    def _load(self, path: str, coding: str) -> Representation | None:
        representation = self._cached.get(path)
        size_before = representation.size if representation else 0
        if representation is None:
            page = self.site.render(path) or self._file(path)
            if page is None:
                return None
            representation = Representation(page)
        if representation.is_worth_coding:
            representation.code(coding)
        self._cached[path] = representation
        self._size += representation.size - size_before
        while self._size > self.limits.cache and len(self._cached) > 1:
            self._size -= self._cached.popitem(last=False)[1].size
        return representation

    def _file(self, path: str) -> Content | None:
        if path not in self.files:
            return None
        return Content((self.folder / "public" / path).read_bytes(), media_type(path))

    async def search(self, words: str, text_language: str, language: str) -> list[dict[str, object]]:
        """Return hits: IRI, link from the search page, kind, language, text and its pieces.

        With a `text_language`, search texts in it alone; `language` is that of the pages linked.
        """
        return await self._run(lambda: [self._hit(hit, language) for hit in self._search.find(words, text_language)])

    def _hit(self, hit: Hit, language: str) -> dict[str, object]:
        page = self.site.addresses.href("search", hit.iri, language)
        return {**vars(hit), "page": page, "text": hit.text}

    async def search_page(self, words: str, text_language: str, language: str) -> bytes:
        """Return the search page with its hits."""
        hits = await self.search(words, text_language, language)
        return await self._run(lambda: self.site.pages.search_page(words, language, hits))

    async def not_found_page(self, path: str, language: str, message: str) -> bytes:
        """Return the page for a path at which nothing is published."""
        return await self._run(lambda: self.site.missing(path, language, message))

    async def api_page(self, language: str) -> bytes:
        """Return the page that describes the API."""
        document = describe(self.project, self.available_queries, RESULT_FORMATS, language)
        return await self._run(lambda: self.site.pages.api_page(language, operations(document)))

    async def reconcile(self, request: ReconciliationRequest) -> ReconciliationResponse:
        """Answer a request of the Reconciliation Service API. Raise `ArgumentError` or `HTTPError`."""
        return await asyncio.get_running_loop().run_in_executor(
            self._reconciliation_thread, lambda: respond(self._entities, self.project, request)
        )

    @cached_property
    def _entities(self) -> Entities:
        return Entities(self.site.index, self.project.base)

    # ---------------------------------------------------------------- saved queries

    @property
    def available_queries(self) -> dict[str, Query]:
        """Saved queries that run here: federated ones only where a host is allowed."""
        return {name: query for name, query in self.queries.items() if self.limits.services or not query.federated}

    def match_query_page(self, path: str, suffix: str) -> tuple[Query, str] | None:
        """Return the available query whose page (`html`) or feed (`atom`) is at a path, and the language of the path."""
        match = re.fullmatch(rf"queries/(.+)\.([a-z]{{2}})\.{suffix}", path)
        query = self.available_queries.get(match[1]) if match else None
        return (query, match[2]) if match and query and match[2] in self.languages else None

    async def query_page(self, query: Query, language: str, arguments: dict[str, str], number: int) -> bytes:
        """Return the page of a query with page `number` of its result. Raise `ArgumentError` or `HTTPError`."""
        result = await self._result(query, language, arguments)
        return await self._run(lambda: self.site.pages.query_page(query, language, arguments, result, number))

    async def query_form(self, query: Query, language: str, arguments: dict[str, str], problem: ArgumentError) -> bytes:
        """Return the page of a query whose form says what is wrong with the arguments."""
        return await self._run(lambda: self.site.pages.query_page(query, language, arguments, problem))

    async def query_feed(self, query: Query, language: str, arguments: dict[str, str]) -> bytes:
        """Return the feed of a query. Raise `ArgumentError` or `HTTPError`."""
        result = await self._result(query, language, arguments)
        parameters = f"?{urlencode(arguments)}" if arguments else ""
        feed = await self._run(lambda: self.site.pages.atom(f"queries/{query.name}", language, result, parameters))
        assert feed is not None, query.name  # a query with a result has a feed
        return feed

    async def _result(self, query: Query, language: str, arguments: dict[str, str]) -> QueryResult:
        values = {**({LANGUAGE: language} if query.has(LANGUAGE) else {}), **arguments}
        formats = {"rows": "json", "boolean": "json", "triples": "nt"}
        result = await self.workers.answer(self._bind(query, values), formats, is_saved=True)
        return QueryResult(ntriples=result.content) if result.suffix == "nt" else QueryResult(result.content)

    def _bind(self, query: Query, arguments: dict[str, str]) -> SparqlRequest:
        """Return the query with its arguments. Raise `ArgumentError`, also for a language the project does not have."""
        language = arguments.get(LANGUAGE, self.languages[0]) if query.has(LANGUAGE) else self.languages[0]
        if language not in self.languages:
            expected = ", ".join(self.languages)
            problem = Message(
                "{name}: expected {expected}, got '{text}'", name=LANGUAGE, expected=expected, text=language
            )
            raise ArgumentError(problem, LANGUAGE)
        return SparqlRequest(query.bind(arguments))

    async def query_result(
        self, query: Query, arguments: dict[str, str], suffix: str, size: int, number: int
    ) -> ResultPage:
        """Return page `number` of a query's result, `size` rows a page, in one of `RESULT_FORMATS`.

        Raise `ArgumentError` or `HTTPError`.
        """
        if suffix != "ttl" and not query.columns:
            problem = Message(
                "{name}: the answer is triples: expected ttl, got {suffix}", name=query.name, suffix=suffix
            )
            raise HTTPError(404, problem)
        bound = self._bind(query, arguments)
        if not query.columns:
            result = await self.workers.answer(bound, {"triples": "ttl"}, is_saved=True)
            return ResultPage(result.content, "text/turtle", 1)
        result = await self.workers.answer(bound, {"rows": "json", "boolean": "json"}, is_saved=True)
        language = arguments.get(LANGUAGE, SOURCE)
        return await self._run(lambda: self._result_page(query, result, language, suffix, size, number))

    def _result_page(
        self, query: Query, result: SerializedResult, language: str, suffix: str, size: int, number: int
    ) -> ResultPage:
        document = json.loads(result.content)
        bindings = document.get("results", {}).get("bindings", [])
        last = max(1, -(-len(bindings) // size))
        if number > last:
            problem = Message("page: expected a number from 1 to {last}, got {page}", last=last, page=number)
            raise ArgumentError(problem)
        page = QueryResult(result.content)
        if last > 1:
            document["results"]["bindings"] = bindings[(number - 1) * size : number * size]
            page = QueryResult(json.dumps(document, ensure_ascii=False).encode())
        if suffix == "md":
            headings = [column.label.in_language(language) for column in query.columns] or ["answer"]
            content = markdown(headings, rows(page, self.prefixes)).encode()
        elif suffix == "ttl":
            content = result_set(page).encode()
        else:
            content = page.serialized(suffix)
        return ResultPage(content, FORMATS[suffix].media_type, last)

    # ---------------------------------------------------------------- service description

    async def service_description(self, endpoint: str, suffix: str) -> bytes:
        """Return the description of the SPARQL service at an address, with that of the dataset."""
        return await self._run(lambda: self._service_description(endpoint, suffix))

    def _service_description(self, endpoint: str, suffix: str) -> bytes:
        catalogue = parse((self.folder / "public/catalogue.nq").read_bytes(), "nq")
        graphs, queries = self._checked.summaries, self.queries.values()
        service = service_description(
            endpoint, self.project, graphs, self.prefixes, queries, is_federated=bool(self.limits.services)
        )
        return serialized(sorted({*catalogue, *service}), suffix, self.prefixes)
