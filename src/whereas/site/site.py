"""The website of a checked project: `render` returns the content at a path.

A static build writes it for each of `paths`; a server sends the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from whereas.cache import Cache
from whereas.compiler.compile import Summary
from whereas.content.downloads import File
from whereas.content.index import Index
from whereas.content.shape_docs import named_quads
from whereas.content.urls import ANYWHERE, Addresses
from whereas.errors import broken
from whereas.http.file_types import media_type
from whereas.http.representation import Content
from whereas.project.project import Project
from whereas.rdf.formats import FORMATS, RDF_FORMATS
from whereas.rdf.serialization import serialized
from whereas.rdf.terms import Quad, nquads
from whereas.rdf.writers import Export, frame, written
from whereas.site.feeds import LINKSET, LINKSET_TYPE
from whereas.site.pages.list_pages import list_paths
from whereas.site.pages.pages import PageRenderer
from whereas.site.pages.view import PageContext
from whereas.validation.checked_project import CheckedProject, Report
from whereas.validation.rules import read_rules

_FOLDER = Path(str(files("whereas").joinpath("site")))
NOT_FOUND = "404.html"  # what static hosts give where nothing is; without it, Cloudflare gives the home page
RDF = RDF_FORMATS


@dataclass(frozen=True)
class Resource:
    """What a path without suffix names; its representations, best first, are at `path.suffix`.

    `html` stands for one page per language: `path.fr.html`, `path.en.html`; those of the home page,
    whose path is "", are `index.fr.html`, `index.en.html`.
    """

    path: str
    is_information: bool  # an information resource; any other redirects to the page about it (303)
    suffixes: tuple[str, ...]


class Site:
    """The site of a project; `files` are those of its release, which the page of downloads lists."""

    def __init__(self, checked: CheckedProject, files: Sequence[File] = ()) -> None:
        self.checked, self.files = checked, tuple(files)
        self.index = Index(checked.rules.prefixes)
        for summary in checked.summaries:
            self.index.add(checked.quads(summary.name))
        self.index.add(named_quads(checked.project, checked.rules.shapes.quads))
        self.addresses = Addresses(self.index, checked.project, list_paths(checked))
        project = checked.project
        for path in project.withdrawn:
            if path in self.addresses.things:
                problem = f"withdrawn: {path} is still described in the data"
                raise broken("settings", project.setting("withdrawn", path), problem=problem)
        self._last: tuple[str, list[Export]] = ("", [])  # a thing's exports: its formats are rendered in a row
        self.pages = PageRenderer(checked, self.index, self.addresses, self.files, RDF)
        self.saved = self.pages.lists.saved

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what the site is built from: another process builds its own."""
        checked = self.checked
        return _rebuild, (checked.project, checked.cache.folder, checked.summaries, checked.report, self.files)

    def begin(self) -> None:
        """Empty the caches, so that whatever a page shows is read from the index for it."""
        self._last = ("", [])
        self.saved.forget()

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the pages, the project's first one first."""
        return self.pages.languages

    def resource(self, path: str) -> Resource | None:
        """Return what a path without suffix names, or None when it names nothing."""
        if path in self.pages.lists.paths:
            query = self.saved.queries.get(path)
            return Resource(path, True, ("html", *(self.saved.suffixes(query) if query else ())))
        if path in self.addresses.things:
            return Resource(path, self._is_information(path), ("html", *RDF))
        if self.pages.find(path)[1]:
            return Resource(path, True, ("html",))
        return None

    def withdrawn(self, path: str) -> str:
        """Return the withdrawn path that this is, without suffixes; empty when it is none."""
        withdrawn = self.checked.project.withdrawn
        return next(
            (name for name in withdrawn if path == name or re.fullmatch(r"(\.[A-Za-z-]+)+", path.removeprefix(name))),
            "",
        )

    def _is_information(self, path: str) -> bool:
        return not path.startswith("ent/")

    def render(self, path: str) -> Content | None:
        """Return the representation at a path with its suffix, or None when there is none."""
        if path == "index.html":
            return self.render(f"index.{self.languages[0]}.html")
        if path in self._static:
            return Content((_FOLDER / path).read_bytes(), media_type(path))
        if page := re.fullmatch(rf"(.+)\.({self._any_language})\.html", path):
            stem, language = page.groups()
            stem = "" if stem == "index" else stem
            content = self.pages.render(stem, language)
            return Content(content, "text/html", language, self.links(stem)) if content is not None else None
        if feed := re.fullmatch(rf"(.+)\.({self._any_language})\.atom", path):
            entries = self.pages.atom(feed[1], feed[2])
            return Content(entries, "application/atom+xml", feed[2]) if entries is not None else None
        if re.fullmatch(r"sitemap(-\d+)?\.xml", path):
            sitemap = self.pages.sitemap(path)
            return Content(sitemap, "application/xml") if sitemap is not None else None
        if path == NOT_FOUND:
            views = (PageContext(self.index, self.addresses, ANYWHERE, language) for language in self.languages)
            return Content(self.pages.missing([(view, "") for view in views]), "text/html")
        if path == "robots.txt":
            robots = f"User-agent: *\nAllow: /\nSitemap: {self.checked.project.base}sitemap.xml\n"
            return Content(robots.encode(), "text/plain")
        stem = path.removesuffix(f".{LINKSET}")
        if stem != path and (thing := self.addresses.things.get(stem)):
            kind = self.pages.schema_org.thing(thing, self.languages[0])["@type"]
            linkset = self.pages.feeds.linkset(stem, thing, kind, self.pages.data_formats, self.languages)
            return Content(linkset, LINKSET_TYPE)
        if script := re.fullmatch(rf"(completion|search)\.({self._any_language})\.json", path):
            data = self.pages.scripts.data(*script.groups())
            return Content(data, "application/json", script[2]) if data is not None else None
        stem, _, suffix = path.rpartition(".")
        if suffix == "rq" and stem in self.saved.queries:
            return Content(self.saved.queries[stem].text.encode(), "application/sparql-query")
        name, _, language = stem.rpartition(".") if stem.endswith(self._answer_languages) else (stem, "", "")
        if (query := self.saved.queries.get(name)) and suffix in self.saved.suffixes(query):
            content = self.saved.file(query, suffix, language or "en")
            content_language = "" if suffix == "ttl" else language  # literals in Turtle have language tags
            return Content(content, FORMATS[suffix].media_type, content_language)
        if suffix in RDF and stem in self.addresses.things:
            links = tuple(self.pages.feeds.links_of_data(stem, self.languages))
            return Content(self._data(self.addresses.things[stem], suffix), FORMATS[suffix].media_type, "", links)
        return None

    def links(self, path: str) -> tuple[str, ...]:
        """Return values of the header `Link` for the page at a path."""
        thing = self.addresses.things.get(path, "")
        return tuple(self.pages.feeds.links(path, thing, self.pages.data_formats if thing else (), self.languages))

    def missing(self, path: str, language: str, sentence: str) -> bytes:
        """Return the page for a path that names nothing, with a sentence that says more."""
        return self.pages.missing([(PageContext(self.index, self.addresses, path, language), sentence)])

    def paths(self) -> Iterator[str]:
        """Yield every path that a static build writes beside the files of the release."""
        yield "index.html"
        for path in self.pages.lists.paths:
            yield from self._pages(path)
            if query := self.saved.queries.get(path):
                yield f"{path}.rq"
                for suffix in self.saved.suffixes(query):
                    yield from (f"{path}{language}.{suffix}" for language in ("", *self._answer_languages))
        for path, thing in self.addresses.things.items():
            yield from self._pages(path)
            yield f"{path}.{LINKSET}"
            released = ("ttl", "jsonld", "nq", "trig") if thing in self._documents else ()
            for suffix in RDF:
                if suffix not in released:
                    yield f"{path}.{suffix}"
        for path in self.checked.project.withdrawn:
            for language in self.languages:
                yield f"{path}.{language}.html"
        for path in self.pages.feeds.paths():
            for language in self.languages:
                yield f"{path}.{language}.atom"
        for language in self.languages:
            yield f"completion.{language}.json"
            yield f"search.{language}.json"
        yield from self.pages.sitemaps
        yield "robots.txt"
        yield NOT_FOUND
        yield from self._static

    def _pages(self, path: str) -> Iterator[str]:
        for page in self.pages.page_paths(path):
            for language in self.languages:
                yield f"{page or 'index'}.{language}.html"

    @cached_property
    def _any_language(self) -> str:
        """A pattern for the language in the name of a page."""
        return "|".join(map(re.escape, self.languages))

    @cached_property
    def _answer_languages(self) -> tuple[str, ...]:
        """What the names of answer files in other languages than English have before the suffix."""
        return tuple(f".{language}" for language in self.languages if language != "en")

    @cached_property
    def _documents(self) -> dict[str, str]:
        """The name of each document's source, by IRI."""
        return {f"{self.checked.project.base}doc/{summary.name}": summary.name for summary in self.checked.documents}

    @cached_property
    def _static(self) -> tuple[str, ...]:
        files = (path for path in (_FOLDER / "static").rglob("*") if path.is_file())
        return tuple(sorted(path.relative_to(_FOLDER).as_posix() for path in files))

    def _data(self, thing: str, suffix: str) -> bytes:
        """Return the description of a thing in an RDF format; of a document, its whole graph."""
        rules = self.checked.rules
        exports = self._exports(thing)
        if suffix == "rdf":
            return serialized((quad for export in exports for quad in export.quads), "rdf", rules.prefixes)
        if suffix in ("nt", "nq"):
            quads = sorted(quad for export in exports for quad in export.quads)
            return nquads(quads if suffix == "nq" else ((*quad[:3], "") for quad in quads)).encode()
        before, between, after = self._frames[suffix]
        return f"{before}{between.join(written(export, suffix) for export in exports)}{after}".encode()

    @cached_property
    def _frames(self) -> dict[str, tuple[str, str, str]]:
        return {suffix: frame(suffix, self.checked.rules.context) for suffix in ("ttl", "trig", "jsonld")}

    def _exports(self, thing: str) -> list[Export]:
        """Return the description of a thing, one export per graph."""
        if self._last[0] != thing:
            base = self.checked.project.base
            graphs: dict[str, list[Quad]] = {}
            if name := self._documents.get(thing):
                graphs[f"{base}graph/{name}"] = self.checked.quads(name)
            else:
                for quad in sorted(set(self.index.description(thing))):
                    graphs.setdefault(quad[3][1:-1], []).append(quad)
            self._last = (
                thing,
                [
                    Export(graph.removeprefix(f"{base}graph/"), graph, tuple(quads), self.checked.rules.context, base)
                    for graph, quads in sorted(graphs.items())
                ],
            )
        return self._last[1]


def _rebuild(
    project: Project, folder: Path, summaries: tuple[Summary, ...], report: Report, files: tuple[File, ...]
) -> Site:
    return Site(CheckedProject(read_rules(project), Cache(folder), summaries, report), files)
