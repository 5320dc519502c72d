"""The HTML pages, feeds and sitemaps: which template a path is rendered with, and its variables.

Templates hold the markup and the sentences, the view the labels; here is only the choice of what a page shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from whereas.characters import xml_page
from whereas.content.diagram import lines
from whereas.content.downloads import File
from whereas.content.index import Index
from whereas.content.schema_org import SchemaOrg
from whereas.content.urls import Addresses
from whereas.errors import ArgumentError
from whereas.http.policy import POLICY
from whereas.project.queries import Query
from whereas.rdf.formats import FORMATS
from whereas.rdf.results import QueryResult
from whereas.rdf.terms import language_of, value_of
from whereas.site.feeds import Feeds, sitemaps
from whereas.site.pages import labels
from whereas.site.pages.backlinks import HEADINGS, Backlinks
from whereas.site.pages.list_pages import ListPages
from whereas.site.pages.pagination import page_path, split
from whereas.site.pages.templates import page_templates, script_data
from whereas.site.pages.thing_pages import ThingPages
from whereas.site.pages.view import PageContext
from whereas.site.script_data import Scripts
from whereas.text.scripts import has_right_to_left, text_direction
from whereas.validation.checked_project import CheckedProject


@dataclass(frozen=True)
class Head:
    """What the head of a page says."""

    path: str
    title: str
    description: str
    canonical: str
    iri: str = ""
    data_formats: tuple[tuple[str, str], ...] = ()
    og_type: str = "website"
    schema_org: object = ""


class PageRenderer:
    """Every page of a checked project, by path and language."""

    menu = ("documents", "actors", "timeline", "matrix", "queries", "console", "data", "search")
    more = ("places", "works", "events", "shapes", "method", "about")

    def __init__(
        self,
        checked: CheckedProject,
        index: Index,
        addresses: Addresses,
        files: tuple[File, ...],
        suffixes: Sequence[str],
    ) -> None:
        self.checked, self.index, self.addresses = checked, index, addresses
        self.project = checked.project
        self.lists = ListPages(checked, index, addresses, files)
        self.data_formats = tuple((suffix, FORMATS[suffix].media_type) for suffix in suffixes)
        self.languages = addresses.languages
        self.templates = page_templates("site/templates")
        self.feeds = Feeds(index, addresses, checked.project, self.lists.saved)
        self.feed_paths = frozenset(self.feeds.paths())
        self.schema_org = SchemaOrg(index, checked.project, self.title)
        self.backlinks = Backlinks(index, addresses)
        self.things = ThingPages(
            checked, index, addresses, self.lists.constraints, self.lists.saved, self.project.title
        )
        self.scripts = Scripts(checked, index, addresses)
        self.templates.globals.update(
            site=self, labels=labels, headings=HEADINGS, shape_message=self.things.shape_message,
            language_of=language_of, value_of=value_of, lines=lines, policy=POLICY,
            direction=text_direction, has_right_to_left=has_right_to_left,
        )  # fmt: skip

    @property
    def decisions(self) -> Mapping[tuple[str, str, str], object]:
        """The decisions on links that pages show, by link."""
        return self.things.decisions

    def title(self, language: str) -> str:
        """Return the title of the project."""
        title = self.project.title
        return title.get(language) or next(iter(title.values()), self.project.base)

    def format_label(self, suffix: str) -> str:
        return FORMATS[suffix].label

    def absolute_url(self, path: str, language: str) -> str:
        """Return the absolute URL of a page."""
        return self.feeds.page_url(path, language)

    def last(self, path: str) -> int:
        """Return how many pages the list or thing at a path has; 0 when there is none."""
        if thing := self.addresses.things.get(path, ""):
            return self.backlinks.last(thing)
        if path in self.project.withdrawn:
            return 1
        return self.lists.last(path) if path in self.lists.paths else 0

    def find(self, path: str) -> tuple[str, int]:
        """Return the path of a list or thing, and the number of its page at `path`; 0 when there is no such page."""
        if self.last(path):
            return path, 1
        stem, number = split(path)
        return (stem, number) if 1 < number <= self.last(stem) else (path, 0)

    def page_paths(self, path: str) -> list[str]:
        """Return the paths of all pages of a list or thing."""
        return [page_path(path, number) for number in range(1, self.last(path) + 1)]

    # ---------------------------------------------------------------- pages

    def render(self, path: str, language: str) -> bytes | None:
        """Return the page at a path, or None when there is none."""
        stem, number = self.find(path)
        if not number or language not in self.languages:
            return None
        view = self._view(path, language)
        thing = self.addresses.things.get(stem, "")
        variables: dict[str, Any] = {"iri": thing}
        if thing:
            template, variables = self.things.show(view, thing) if number == 1 else ("backlinks.html", variables)
            variables["page"], variables["counts"] = self.backlinks.paginate(thing, number)
        elif withdrawal := self.project.withdrawn.get(stem):
            title = view.gettext("Withdrawn")
            template, variables = "withdrawn.html", {"title": title, "withdrawal": withdrawal}
        else:
            template, variables = self.lists.show(view, stem, number)
        return self._rendered(view, stem, thing, template, variables, number)

    def query_page(
        self,
        query: Query,
        language: str,
        arguments: Mapping[str, str],
        result: QueryResult | ArgumentError,
        number: int = 1,
    ) -> bytes:
        """Return the page of a saved query with a page of the answer to some arguments, or what is wrong with them."""
        path = f"queries/{query.name}"
        view = self._view(path, language)
        variables = self.lists.saved.page(view, query, arguments, result, number)
        return self._rendered(view, path, "", "query.html", variables)

    def search_page(self, words: str, language: str, hits: Sequence[Mapping[str, Any]]) -> bytes:
        """Return the page of a search."""
        view = self._view("search", language)
        return self._rendered(view, "search", "", "search.html", self.lists.search(view, words, hits))

    def api_page(self, language: str, operations: Sequence[Mapping[str, Any]]) -> bytes:
        """Return the page that describes the server's API."""
        view = self._view("api", language)
        variables = {"description": view.gettext(labels.LEADS["api"]), "operations": operations}
        return self._rendered(view, "api", "", "api.html", variables)

    def _view(self, path: str, language: str) -> PageContext:
        return PageContext(self.index, self.addresses, f"{path or 'index'}.{language}.html", language)

    def _title(self, view: PageContext, path: str, thing: str) -> str:
        if thing:
            return view.label(thing).text
        return view.gettext(labels.TITLES[path]) if path else self.title(view.language)

    def _rendered(
        self, view: PageContext, path: str, thing: str, template: str, variables: dict[str, Any], number: int = 1
    ) -> bytes:
        """Render the page from its template; `number` is that of a page of a list."""
        language, numbered = view.language, page_path(path, number)
        title = variables.pop("title", None) or self._title(view, path, thing)
        if "script" in variables:
            variables["script"] = script_data({**self.scripts.settings(view), **variables["script"]})
        schema_org = self.schema_org.thing(thing, language) if thing else self.schema_org.dataset(language)
        head = Head(
            numbered,
            title if number == 1 else f"{title} ({number})",
            variables.pop("description", None) or title,
            self.absolute_url(numbered, language),
            thing,
            self.data_formats if thing and number == 1 else (),
            "article" if thing else "website",
            script_data(schema_org),
        )
        sentences = {"_": view.gettext, "ngettext": view.ngettext, "pgettext": view.pgettext}
        page = self.templates.get_template(template)
        return page.render(view=view, head=head, stem=path, **sentences, **variables).encode()

    def missing(self, readers: Sequence[tuple[PageContext, str]]) -> bytes:
        """Return the page for paths without one: a section per language, with a sentence that says more."""
        page = self.templates.get_template("missing.html").render(readers=readers)
        return page.encode("utf-8", "replace")

    # ---------------------------------------------------------------- feeds and sitemaps

    def atom(self, path: str, language: str, answer: QueryResult | None = None, query_string: str = "") -> bytes | None:
        """Return a feed, or None when there is none at this path.

        That of a saved query has the answer to the arguments in `query_string`, which starts with `?`.
        """
        entries = self.feeds.entries(path, language, answer) if language in self.languages else None
        if entries is None:
            return None
        title = " – ".join(filter(None, [self.feeds.title(path, language), self.title(language)]))
        publisher = self.project.publisher
        variables = {
            "language": language,
            "title": title,
            "entries": entries,
            "self_address": f"{self.project.base}{quote(path, safe='/')}.{language}.atom{query_string}",
            "page_address": self.absolute_url("" if path == "feed" else path, language) + query_string,
            "author": self.index.label(self.index.iri(publisher), language).text if publisher else title,
        }
        return xml_page(self.templates.get_template("feed.atom").render(variables))

    @cached_property
    def sitemaps(self) -> dict[str, Sequence[str]]:
        """The sitemap files, and the paths of the pages each of them lists in all languages."""
        paths = [name for path in (*self.lists.paths, *self.addresses.things) for name in self.page_paths(path)]
        return sitemaps(paths, len(self.languages))

    def sitemap(self, path: str) -> bytes | None:
        """Return a sitemap file; None when there is none at this path."""
        if path not in self.sitemaps:
            return None
        pages = [[(name, self.absolute_url(page, name)) for name in self.languages] for page in self.sitemaps[path]]
        parts = [] if pages else [f"{self.project.base}{name}" for name in self.sitemaps if name != path]
        return self.templates.get_template("sitemap.xml").render(pages=pages, parts=parts).encode()
