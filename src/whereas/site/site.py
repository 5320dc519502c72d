"""The website of a checked project: every address, and what it answers, made by one function.

A static build writes what `render` gives for each of `paths`; a server sends the same.
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
from whereas.http.representation import Content
from whereas.project.project import Project
from whereas.rdf.formats import FORMATS
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
RDF = ("ttl", "jsonld", "nt", "nq", "trig", "rdf")
_STATIC = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "toml": "text/plain",
    "txt": "text/plain",
    "wasm": "application/wasm",
}


@dataclass(frozen=True)
class Resource:
    """What an address without suffix names; its representations, best first, are at `path.suffix`.

    `html` stands for a page a language: `path.fr.html`, `path.en.html`. The home page, path "", has
    them at `index.fr.html`, `index.en.html`.
    """

    path: str
    is_information: bool  # answers itself; a thing of the world sends to the page about it (303)
    suffixes: tuple[str, ...]


class Site:
    """The site of a project; `files` are those of its release, for the page that lists them."""

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
        self._last: tuple[str, list[Export]] = ("", [])
        self.pages = PageRenderer(checked, self.index, self.addresses, self.files, RDF)
        self.saved = self.pages.overviews.saved

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process, which shares no memory with this one, makes it anew."""
        checked = self.checked
        return _made_anew, (checked.project, checked.cache.folder, checked.summaries, checked.report, self.files)

    def begin(self) -> None:
        """Forget what was kept of other pages, so that whatever a page shows is looked up for it."""
        self._last = ("", [])
        self.saved.forget()

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the pages, the project's first one first."""
        return self.pages.languages

    def resource(self, path: str) -> Resource | None:
        """What the address names, or None when it names nothing here."""
        if path in self.pages.overviews.paths:
            query = self.saved.queries.get(path)
            return Resource(path, True, ("html", *(self.saved.suffixes(query) if query else ())))
        if path in self.addresses.things:
            return Resource(path, self._is_information(path), ("html", *RDF))
        if self.pages.find(path)[1]:
            return Resource(path, True, ("html",))
        return None

    def withdrawn(self, path: str) -> str:
        """The withdrawn path that this one is, less its suffixes; empty when nothing was withdrawn here."""
        gone = self.checked.project.withdrawn
        return next(
            (name for name in gone if path == name or re.fullmatch(r"(\.[A-Za-z-]+)+", path.removeprefix(name))), ""
        )

    def _is_information(self, path: str) -> bool:
        return not path.startswith("ent/")

    def render(self, path: str) -> Content | None:
        """The representation at a path with its suffix, or None when there is none."""
        if path == "index.html":
            return self.render(f"index.{self.languages[0]}.html")
        if path in self._static:
            return Content((_FOLDER / path).read_bytes(), _STATIC[path.rpartition(".")[2]])
        if page := re.fullmatch(r"(.+)\.([a-z]{2})\.html", path):
            stem, language = page.groups()
            stem = "" if stem == "index" else stem
            content = self.pages.render(stem, language)
            return Content(content, "text/html", language, self.links(stem)) if content is not None else None
        if feed := re.fullmatch(r"(.+)\.([a-z]{2})\.atom", path):
            entries = self.pages.atom(feed[1], feed[2])
            return Content(entries, "application/atom+xml", feed[2]) if entries is not None else None
        if re.fullmatch(r"sitemap(-\d+)?\.xml", path):
            named = self.pages.sitemap(path)
            return Content(named, "application/xml") if named is not None else None
        if path == NOT_FOUND:
            views = (PageContext(self.index, self.addresses, ANYWHERE, language) for language in self.languages)
            return Content(self._missing([(view, "") for view in views]), "text/html")
        if path == "robots.txt":
            told = f"User-agent: *\nAllow: /\nSitemap: {self.checked.project.base}sitemap.xml\n"
            return Content(told.encode(), "text/plain")
        stem = path.removesuffix(f".{LINKSET}")
        if stem != path and (thing := self.addresses.things.get(stem)):
            kind = self.pages.described.thing(thing, self.languages[0])["@type"]
            return Content(self.pages.feed.linkset(stem, thing, kind, self.pages.twins, self.languages), LINKSET_TYPE)
        if data := re.fullmatch(r"(completion|search)\.([a-z]{2})\.json", path):
            found = self.pages.scripts.data(*data.groups())
            return Content(found, "application/json", data[2]) if found is not None else None
        stem, _, suffix = path.rpartition(".")
        if suffix == "rq" and stem in self.saved.queries:
            return Content(self.saved.queries[stem].text.encode(), "application/sparql-query")
        asked, _, language = stem.rpartition(".") if stem.endswith(self._tongues) else (stem, "", "")
        if (query := self.saved.queries.get(asked)) and suffix in self.saved.suffixes(query):
            told = "" if suffix == "ttl" else language  # its texts say their language themselves
            return Content(self.saved.file(query, suffix, language or "en"), FORMATS[suffix].media_type, told)
        if suffix in RDF and stem in self.addresses.things:
            links = tuple(self.pages.feed.links_of_data(stem, self.languages))
            return Content(self._data(self.addresses.things[stem], suffix), FORMATS[suffix].media_type, "", links)
        return None

    def links(self, path: str) -> tuple[str, ...]:
        """Values of the header `Link` for the page at a path."""
        thing = self.addresses.things.get(path, "")
        return tuple(self.pages.feed.links(path, thing, self.pages.twins if thing else (), self.languages))

    def missing(self, path: str, language: str, sentence: str) -> bytes:
        """The page that a person is given where nothing is at a path."""
        return self._missing([(PageContext(self.index, self.addresses, path, language), sentence)])

    def _missing(self, told: list[tuple[PageContext, str]]) -> bytes:
        page = self.pages.templates.get_template("missing.html").render(told=told)
        return page.encode("utf-8", "replace")

    def paths(self) -> Iterator[str]:
        """Every path that a static build writes beside the release's own files."""
        yield "index.html"
        for path in self.pages.overviews.paths:
            yield from self._pages(path)
            if query := self.saved.queries.get(path):
                yield f"{path}.rq"
                for suffix in self.saved.suffixes(query):
                    yield from (f"{path}{tongue}.{suffix}" for tongue in ("", *self._tongues))
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
        for path in self.pages.feed.paths():
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
        """The pages at a path, sheet by sheet."""
        for sheet in self.pages.sheets(path):
            for language in self.languages:
                yield f"{sheet or 'index'}.{language}.html"

    @cached_property
    def _tongues(self) -> tuple[str, ...]:
        """What the names of answers in other languages than English end with, before the suffix."""
        return tuple(f".{language}" for language in self.languages if language != "en")

    @cached_property
    def _documents(self) -> dict[str, str]:
        """The name of its source, by document."""
        return {f"{self.checked.project.base}doc/{summary.name}": summary.name for summary in self.checked.documents}

    @cached_property
    def _static(self) -> tuple[str, ...]:
        found = (path for path in (_FOLDER / "static").rglob("*") if path.is_file())
        return tuple(sorted(path.relative_to(_FOLDER).as_posix() for path in found))

    def _data(self, thing: str, suffix: str) -> bytes:
        """What is said of a thing, in an RDF format; of a document, its whole graph."""
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
        """What is said of a thing, one export a graph. The last one is kept: its formats are asked for in a row."""
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


def _made_anew(
    project: Project, folder: Path, summaries: tuple[Summary, ...], report: Report, files: tuple[File, ...]
) -> Site:
    return Site(CheckedProject(read_rules(project), Cache(folder), summaries, report), files)
