"""One release as it is served: its own copy of everything, which no later build changes.

A thread of its own renders and searches; what it rendered is kept ready, compressed, in memory.
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
from typing import TypeVar
from urllib.parse import urlencode

from whereas.cache import Cache
from whereas.errors import ArgumentError
from whereas.http.errors import HTTPError
from whereas.http.file_types import media_type
from whereas.http.representation import Content, Representation
from whereas.i18n import Message
from whereas.project.queries import LANGUAGE, Query
from whereas.rdf.formats import FORMATS
from whereas.rdf.namespaces import DCAT, DCTERMS, RDF, RDFS, SD, SHACL, VOID, XSD
from whereas.rdf.results import QueryResult, markdown, result_set, rows
from whereas.rdf.serialization import parse, serialized
from whereas.rdf.terms import Quad, iri, literal
from whereas.release.build import Release
from whereas.server.openapi import describe, operations
from whereas.server.reconciliation.api import Call, Reply, respond
from whereas.server.reconciliation.candidates import Entities
from whereas.server.sparql.limits import Limits
from whereas.server.sparql.protocol import OFFERS, SparqlRequest
from whereas.server.sparql.worker_pool import SerializedResult, WorkerPool
from whereas.site.pages.query_pages import LARGE
from whereas.site.search import Hit, Search, write_index
from whereas.site.site import Resource, Site
from whereas.validation.checked_project import CheckedProject
from whereas.validation.dataset import STORE

Made = TypeVar("Made")
FORMS = ("csv", "tsv", "json", "xml", "md", "ttl")  # of the answer to a saved query
_FORMATS = {  # W3C's names of them (https://www.w3.org/ns/formats/)
    FORMATS[suffix].media_type: name
    for suffix, name in {
        "ttl": "Turtle",
        "jsonld": "JSON-LD",
        "nt": "N-Triples",
        "nq": "N-Quads",
        "trig": "TriG",
        "rdf": "RDF_XML",
        "json": "SPARQL_Results_JSON",
        "xml": "SPARQL_Results_XML",
        "csv": "SPARQL_Results_CSV",
        "tsv": "SPARQL_Results_TSV",
    }.items()
}
_numbers = count()


class Snapshot:
    """What a release answers. `open` makes one, `close` ends it when its last request is done."""

    def __init__(self, checked: CheckedProject, release: Release, limits: Limits) -> None:
        self.limits, self.folder = limits, checked.project.cache_dir / f"served-{os.getpid()}-{next(_numbers)}"
        self.workers = WorkerPool(self.folder / STORE, limits)
        self._thread = ThreadPoolExecutor(1, "edition")
        self._reconciling = ThreadPoolExecutor(1, "reconciliation")  # pages do not wait for a long table
        self._ready: OrderedDict[tuple[str, str], Representation] = OrderedDict()
        self._size = 0
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        checked.cache.keep_copy(self.folder)
        checked.graph().keep_copy(self.folder / STORE)
        for file in release.data:
            copy = self.folder / "public" / file.path
            copy.parent.mkdir(parents=True, exist_ok=True)
            os.link(checked.project.public / file.path, copy)
        self.project, self.prefixes, self.queries = checked.project, checked.rules.prefixes, checked.queries
        self.listed = tuple(release.data)
        self.files = {file.path for file in self.listed if file.path[0] not in "._"}  # but the rules of other hosts
        # Its saved queries are answered within the limits, even with their defaults: the site would hold up every page.
        self.is_large = checked.store_size > LARGE
        self._checked = checked

    async def open(self) -> None:
        """The site is there, the processes are ready."""
        await asyncio.gather(self.workers.start(), self._run(self._open))

    def _open(self) -> None:
        checked = replace(self._checked, cache=Cache(self.folder))
        write_index(self.folder, (quad for summary in checked.summaries for quad in checked.quads(summary.name)))
        self.site = Site(checked, self.listed)
        self._search = Search(self.folder)

    async def close(self) -> None:
        """Nothing of it is left."""
        await self.workers.stop()
        self._thread.shutdown()
        self._reconciling.shutdown()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _run(self, task: Callable[[], Made]) -> Made:
        return await asyncio.get_running_loop().run_in_executor(self._thread, task)

    @property
    def languages(self) -> tuple[str, ...]:
        return self.project.languages

    # ---------------------------------------------------------------- pages and files

    def resource(self, path: str) -> Resource | None:
        """What an address without suffix names: a thing or page of the site, or a file in several formats."""
        found = self.site.resource(path)
        named = found.suffixes if found else ()
        filed = tuple(s for s in FORMATS if s not in named and f"{path}.{s}" in self.files)
        if found is None:
            return Resource(path, True, filed) if filed else None
        return replace(found, suffixes=(*named[:1], *filed, *named[1:]))  # a text before the triples told of it

    def ready(self, path: str, coding: str) -> Representation | None:
        """The representation at a path, if it is in memory in this coding."""
        found = self._ready.get((path, ""))
        if found and (not coding or coding in found.coded or not found.is_worth_coding):
            self._ready.move_to_end((path, ""))
            return found
        return None

    async def representation(self, path: str, coding: str) -> Representation | None:
        """The representation at a path with its suffix, ready to be sent in this coding."""
        return self.ready(path, coding) or await self._run(lambda: self._make(path, coding))

    def _make(self, path: str, coding: str) -> Representation | None:
        made = self._ready.get((path, ""))
        before = made.size if made else 0
        if made is None:
            page = self.site.render(path) or self._file(path)
            if page is None:
                return None
            made = Representation(page)
        if made.is_worth_coding:
            made.code(coding)
        self._ready[path, ""] = made
        self._size += made.size - before
        while self._size > self.limits.cache and len(self._ready) > 1:
            self._size -= self._ready.popitem(last=False)[1].size
        return made

    def _file(self, path: str) -> Content | None:
        if path not in self.files:
            return None
        return Content((self.folder / "public" / path).read_bytes(), media_type(path))

    async def search(self, words: str, language: str, reader: str) -> list[dict[str, object]]:
        """What was found: its IRI, the way to its page from `search`, kind, language, text and its pieces."""
        return await self._run(lambda: [self._told(hit, reader) for hit in self._search.find(words, language)])

    def _told(self, hit: Hit, reader: str) -> dict[str, object]:
        page = self.site.addresses.href("search", hit.iri, reader)
        return {**vars(hit), "page": page, "text": hit.text}

    async def search_page(self, words: str, language: str, reader: str) -> bytes:
        """The page of what was found, in the reader's language; with a `language`, only texts in it."""
        found = await self.search(words, language, reader)
        return await self._run(lambda: self.site.pages.found(words, reader, found))

    async def missing(self, path: str, reader: str, sentence: str) -> bytes:
        """The page for people where nothing is."""
        return await self._run(lambda: self.site.missing(path, reader, sentence))

    async def api_page(self, reader: str) -> bytes:
        """What the server answers, for people."""
        told = operations(describe(self.project, self.answered, FORMS, reader))
        return await self._run(lambda: self.site.pages.api(reader, told))

    async def reconcile(self, call: Call) -> Reply:
        """What the reconciliation service says. Raises `ArgumentError`, `HTTPError`."""
        return await asyncio.get_running_loop().run_in_executor(
            self._reconciling, lambda: respond(self._entities, self.project, call)
        )

    @cached_property
    def _entities(self) -> Entities:
        return Entities(self.site.index, self.project.base)

    # ---------------------------------------------------------------- saved queries

    @property
    def answered(self) -> dict[str, Query]:
        """The saved queries that are answered here: those that ask other endpoints where hosts are allowed."""
        return {name: query for name, query in self.queries.items() if self.limits.services or not query.federated}

    def question(self, path: str, suffix: str = "html") -> tuple[Query, str] | None:
        """The saved query, answered here, whose page (or feed) is at a path, and the page's language."""
        told = re.fullmatch(rf"queries/(.+)\.([a-z]{{2}})\.{suffix}", path)
        query = self.answered.get(told[1]) if told else None
        return (query, told[2]) if told and query and told[2] in self.languages else None

    async def question_page(self, query: Query, language: str, given: dict[str, str], page: int) -> bytes:
        """The page of a saved query with the answer to some arguments. Raises `ArgumentError`, `HTTPError`."""
        answer = await self._asked(query, language, given)
        return await self._run(lambda: self.site.pages.question(query, language, given, answer, page))

    async def question_feed(self, query: Query, language: str, given: dict[str, str]) -> bytes:
        """The feed of a saved query with the answer to some arguments. Raises `ArgumentError`, `HTTPError`."""
        answer, asked = await self._asked(query, language, given), f"?{urlencode(given)}" if given else ""
        made = await self._run(lambda: self.site.pages.atom(f"queries/{query.name}", language, answer, asked))
        assert made is not None, query.name  # it has an answer
        return made

    async def _asked(self, query: Query, language: str, given: dict[str, str]) -> QueryResult:
        told = {**({LANGUAGE: language} if query.has(LANGUAGE) else {}), **given}
        accepted = {"rows": "json", "boolean": "json", "triples": "nt"}
        answered = await self.workers.answer(self._bound(query, told), accepted, is_saved=True)
        content = answered.content
        return QueryResult(ntriples=content) if answered.suffix == "nt" else QueryResult(content)

    def _bound(self, query: Query, given: dict[str, str]) -> SparqlRequest:
        """The query with its arguments. Raises `ArgumentError`, also for a language that the project does not speak."""
        told = given.get(LANGUAGE, self.languages[0]) if query.has(LANGUAGE) else self.languages[0]
        if told not in self.languages:
            some = ", ".join(self.languages)
            problem = Message("{LANGUAGE}: expected {some}, got '{told}'", LANGUAGE=LANGUAGE, some=some, told=told)
            raise ArgumentError(problem, LANGUAGE)
        return SparqlRequest(query.bind(given))

    async def question_refused(
        self, query: Query, language: str, given: dict[str, str], problem: ArgumentError
    ) -> bytes:
        """The page of a saved query whose form says what is wrong with its arguments."""
        return await self._run(lambda: self.site.pages.question(query, language, given, problem))

    async def ask(self, query: Query, arguments: dict[str, str], suffix: str, size: int, page: int) -> Part:
        """A page of the answer to a saved query, in a format of `FORMS`. Raises `ArgumentError`, `HTTPError`."""
        if suffix != "ttl" and not query.columns:
            problem = Message(
                "{name}: the answer is triples: expected ttl, got {suffix}", name=query.name, suffix=suffix
            )
            raise HTTPError(404, problem)
        asked = self._bound(query, arguments)
        if not query.columns:
            answered = await self.workers.answer(asked, {"triples": "ttl"}, is_saved=True)
            return Part(answered.content, "text/turtle", 1, 1)
        answered = await self.workers.answer(asked, {"rows": "json", "boolean": "json"}, is_saved=True)
        return await self._run(lambda: self._part(query, answered, arguments, suffix, size, page))

    def _part(
        self, query: Query, answered: SerializedResult, arguments: dict[str, str], suffix: str, size: int, page: int
    ) -> Part:
        told = json.loads(answered.content)
        bindings = told.get("results", {}).get("bindings", [])
        last = max(1, -(-len(bindings) // size))
        if page > last:
            raise ArgumentError(Message("page: expected a number from 1 to {last}, got {page}", last=last, page=page))
        answer = QueryResult(answered.content)
        if last > 1:
            told["results"]["bindings"] = bindings[(page - 1) * size : page * size]
            answer = QueryResult(json.dumps(told, ensure_ascii=False).encode())
        if suffix == "md":
            language = arguments.get(LANGUAGE, "en")
            headings = [column.label.in_language(language) for column in query.columns] or ["answer"]
            content = markdown(headings, rows(answer, self.prefixes)).encode()
        elif suffix == "ttl":
            content = result_set(answer).encode()
        else:
            content = answer.serialized(suffix)
        return Part(content, FORMATS[suffix].media_type, page, last)

    # ---------------------------------------------------------------- the service described

    async def service(self, endpoint: str, suffix: str) -> bytes:
        """The description of the SPARQL service at an address: formats, dataset, prefixes, saved queries."""
        return await self._run(lambda: serialized(self._service(endpoint), suffix, self.prefixes))

    def _service(self, endpoint: str) -> list[Quad]:
        quads = parse((self.folder / "public/catalogue.nq").read_bytes(), "nq")
        dataset = f"{self.project.base}dataset"

        def add(subject: str, predicate: str, term: str) -> None:
            quads.append((iri(subject), iri(predicate), term, ""))

        add(endpoint, f"{RDF}type", iri(f"{SD}Service"))
        add(endpoint, f"{RDF}type", iri(f"{DCAT}DataService"))
        add(endpoint, f"{DCAT}endpointURL", iri(endpoint))
        add(endpoint, f"{DCAT}servesDataset", iri(dataset))
        add(endpoint, f"{DCTERMS}conformsTo", iri("https://www.w3.org/TR/sparql11-protocol/"))
        for language, title in self.project.title.items():
            add(endpoint, f"{DCTERMS}title", literal(f"{title}: SPARQL", language=language))
        add(endpoint, f"{SD}endpoint", iri(endpoint))
        add(endpoint, f"{SD}supportedLanguage", iri(f"{SD}SPARQL11Query"))
        add(endpoint, f"{SD}feature", iri(f"{SD}UnionDefaultGraph"))
        if self.limits.services:
            add(endpoint, f"{SD}feature", iri(f"{SD}BasicFederatedQuery"))
        for offer in (*OFFERS["rows"], *OFFERS["triples"]):
            add(endpoint, f"{SD}resultFormat", iri(f"http://www.w3.org/ns/formats/{_FORMATS[offer.media_type]}"))
        add(endpoint, f"{SD}defaultDataset", iri(f"{endpoint}#dataset"))
        add(f"{endpoint}#dataset", f"{RDF}type", iri(f"{SD}Dataset"))
        add(f"{endpoint}#dataset", f"{SD}defaultGraph", iri(dataset))
        add(dataset, f"{RDF}type", iri(f"{SD}Graph"))
        add(dataset, f"{VOID}sparqlEndpoint", iri(endpoint))
        for summary in self._checked.summaries:
            node = f"{endpoint}#graph-{summary.name}"
            add(f"{endpoint}#dataset", f"{SD}namedGraph", iri(node))
            add(node, f"{RDF}type", iri(f"{SD}NamedGraph"))
            add(node, f"{SD}name", iri(summary.graph))
        for prefix, space in self.prefixes.items():
            node = f"{endpoint}#prefix-{prefix}"
            add(endpoint, f"{SHACL}declare", iri(node))
            add(node, f"{SHACL}prefix", literal(prefix))
            add(node, f"{SHACL}namespace", literal(space, datatype=f"{XSD}anyURI"))
        for query in self.queries.values():
            node, kind = f"{self.project.base}queries/{query.name}", "Select" if query.columns else "Construct"
            for name in ("SPARQLExecutable", f"SPARQL{kind}Executable"):
                add(node, f"{RDF}type", iri(f"{SHACL}{name}"))
            add(node, f"{SHACL}{kind.lower()}", literal(query.text))
            add(node, f"{SHACL}prefixes", iri(endpoint))
            add(node, "https://schema.org/target", iri(endpoint))
            for language, text in query.summary.texts:
                add(node, f"{RDFS}label", literal(text, language=language))
            for language, text in query.description.texts:
                add(node, f"{DCTERMS}description", literal(text, language=language))
        return sorted(set(quads))


@dataclass(frozen=True)
class Part:
    """A page of an answer, which page it is, and of how many."""

    content: bytes
    media_type: str
    page: int
    last: int
