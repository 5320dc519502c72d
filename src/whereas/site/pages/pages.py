"""The HTML pages: which template a path is shown with, and what it is told.

Templates hold the markup, the view the words; here is only the choice of what a page shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from whereas.compiler.passages import Text
from whereas.content.annotated_text import annotate
from whereas.content.diagram import draw, lines
from whereas.content.downloads import File
from whereas.content.index import Index, LangString
from whereas.content.schema_org import SchemaOrg
from whereas.content.statements import ACTORS, DOCUMENTS, STATEMENTS, statements_in
from whereas.content.urls import Addresses
from whereas.errors import ArgumentError
from whereas.findings import Finding
from whereas.http.policy import POLICY
from whereas.project.queries import Query
from whereas.project.sssom import Decision, read_decisions
from whereas.rdf.formats import FORMATS
from whereas.rdf.results import QueryResult
from whereas.rdf.terms import language_of, value_of
from whereas.site.feeds import Feeds, sitemaps
from whereas.site.pages.backlinks import Backlinks
from whereas.site.pages.evidence import Evidence, evidence_of
from whereas.site.pages.list_pages import ListPages
from whereas.site.pages.pagination import page_path, split
from whereas.site.pages.templates import page_templates, script_data
from whereas.site.pages.view import PageContext
from whereas.site.script_data import Scripts
from whereas.validation.checked_project import CheckedProject

_FACTS = (
    ("demand-kind", "wa:demandKind"), ("addressee", "wa:addressee"), ("target", "wa:target"),
    ("beneficiary", "wa:beneficiary"), ("qualification", "wa:qualification"), ("degree", "wa:degree"),
    ("about-whom", "schema:about"), ("identifies", "wa:identifies"), ("identified-in", "wa:identifiedIn"),
    ("grounds", "wa:groundedOn"), ("conveyed-by", "wa:conveyedBy"), ("expressed-in", "wa:expressedIn"),
    ("alternate", "prov:alternateOf"), ("conflicts", "wa:conflictsWith"), ("follow-up-of", "wa:followUpOf"),
    ("status", "wa:followUpStatus"), ("corroboration", "wa:corroboration"), ("sources", "dcterms:source"),
)  # fmt: skip
_INVERSE = (("grounds-for", "wa:groundedOn"), ("expresses", "wa:expressedIn"), ("alternate", "prov:alternateOf"))
_LINKS = ("owl:sameAs", "skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch",
          "skos:relatedMatch", "rdfs:seeAlso")  # fmt: skip
_LISTS = ("owl:Ontology", "skos:ConceptScheme")
_TEXTS = (("definition", "skos:definition"), ("", "dcterms:description"), ("scope", "skos:scopeNote"),
          ("example", "skos:example"), ("", "skos:note"))  # fmt: skip
_ELSEWHERE = (*_LINKS, "rdf:type", "rdfs:label", "skos:prefLabel", "skos:altLabel", "dcterms:title", "wa:evidence",
              "schema:text", *(name for _, name in _TEXTS))  # fmt: skip


@dataclass(frozen=True)
class About:
    """What the head of a page says."""

    path: str
    title: str
    description: str
    canonical: str
    iri: str = ""
    twins: tuple[tuple[str, str], ...] = ()
    og: str = "website"
    schema: object = ""
    number: int = 1  # of the sheet


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
        self.overviews = ListPages(checked, index, addresses, files)
        self.decisions = read_decisions(checked.project, checked.rules.prefixes)
        self.twins = tuple((suffix, FORMATS[suffix].media_type) for suffix in suffixes)
        self.languages = addresses.languages
        self.templates = page_templates("site/templates")
        self.findings: dict[str, list[Finding]] = {}
        for found in checked.report.findings:
            self.findings.setdefault(found.focus, []).append(found)
        self.feed = Feeds(index, addresses, checked.project, self.overviews.saved)
        self.feeds = frozenset(self.feed.paths())
        self.described = SchemaOrg(index, checked.project, self.title)
        self.ledger = Backlinks(index, addresses)
        self._skipped = {index.iri(name) for name in _ELSEWHERE}
        self.scripts = Scripts(checked, index, addresses)
        self.templates.globals.update(site=self, tongue_of=language_of, text_of=value_of, lines=lines, policy=POLICY)

    def title(self, language: str) -> str:
        told = self.project.title
        return told.get(language) or next(iter(told.values()), self.project.base)

    def format(self, suffix: str) -> str:
        return FORMATS[suffix].label

    def sentence(self, shape: str, language: str) -> str:
        """What a shape says when it is broken; empty when that is left to its parts."""
        told = self.checked.rules.shapes.sentence(shape)
        return re.sub(r"\{[?$]\w+\}", "…", told.in_language(language)) if told else ""

    def answer_file(self, query: Query, language: str, suffix: str) -> str:
        """The file that holds the answer to a question, its labels in a language."""
        return f"queries/{query.name}.{suffix if language == 'en' else f'{language}.{suffix}'}"

    def answer_suffixes(self, query: Query) -> tuple[str, ...]:
        """Formats of a question's answer; none where it is not answered here."""
        return self.overviews.saved.suffixes(query)

    def address(self, path: str, language: str) -> str:
        """The full address of a page."""
        return f"{self.project.base}{quote(path or 'index', safe='/')}.{language}.html"

    def last(self, path: str) -> int:
        """How many sheets the page at a path has; none when there is no page."""
        if thing := self.addresses.things.get(path, ""):
            return self.ledger.last(thing)
        if path in self.project.withdrawn:
            return 1
        return self.overviews.last(path) if path in self.overviews.paths else 0

    def find(self, path: str) -> tuple[str, int]:
        """The page that a path names and the number of its sheet; 0 when it names none."""
        if self.last(path):
            return path, 1
        stem, number = split(path)
        return (stem, number) if 1 < number <= self.last(stem) else (path, 0)

    def render(self, named: str, language: str) -> bytes | None:
        """The page at a path, or None when there is none."""
        path, number = self.find(named)
        if not number or language not in self.languages:
            return None
        view = self._view(named, language)
        thing = self.addresses.things.get(path, "")
        told: dict[str, Any] = {"iri": thing}
        if thing:
            template, told = self._show(view, thing) if number == 1 else ("ledger.html", told)
            told["sheet"], told["counts"] = self.ledger.paginate(thing, number)
        elif gone := self.project.withdrawn.get(path):
            template, told = "withdrawn.html", {"title": view.word("withdrawn"), "gone": gone}
        else:
            template, told = self.overviews.show(view, path, number)
        return self._filled(view, path, thing, template, told, number)

    def question(
        self, query: Query, language: str, given: Mapping[str, str], answer: QueryResult | ArgumentError, page: int = 1
    ) -> bytes:
        """The page of a saved query with the answer to other arguments than the defaults, or what is wrong with them."""
        path = f"queries/{query.name}"
        view = self._view(path, language)
        return self._filled(view, path, "", "query.html", self.overviews.saved.page(view, query, given, answer, page))

    def found(self, words: str, language: str, hits: Sequence[Mapping[str, Any]]) -> bytes:
        """The page of a search, with what was found."""
        view = self._view("search", language)
        return self._filled(view, "search", "", "search.html", self.overviews.found(view, words, hits))

    def api(self, language: str, operations: Sequence[Mapping[str, Any]]) -> bytes:
        """The page of what programs may ask of the server."""
        view = self._view("api", language)
        told = {"title": view.word("api"), "description": view.word("api-lead"), "operations": operations}
        return self._filled(view, "api", "", "api.html", told)

    def _view(self, path: str, language: str) -> PageContext:
        return PageContext(self.index, self.addresses, f"{path or 'index'}.{language}.html", language)

    def _filled(
        self, view: PageContext, path: str, thing: str, template: str, told: dict[str, Any], number: int = 1
    ) -> bytes:
        """The page, its head and its words filled in; `number` is that of the sheet."""
        language, named = view.language, page_path(path, number)
        if "title" not in told:
            told["title"] = view.label(thing).text if thing else view.word(path) if path else self.title(language)
        title = told.pop("title")
        if "script" in told:
            told["script"] = script_data({**self.scripts.settings(view), **told["script"]})
        about = About(
            named,
            title if number == 1 else f"{title} ({number})",
            told.pop("description", None) or title,
            self.address(named, language),
            thing,
            self.twins if thing and number == 1 else (),
            "article" if thing else "website",
            script_data(self.described.thing(thing, language) if thing else self.described.dataset(language)),
            number,
        )
        return self.templates.get_template(template).render(v=view, page=about, stem=path, **told).encode()

    def atom(self, path: str, language: str, answer: QueryResult | None = None, asked: str = "") -> bytes | None:
        """A feed, or None when there is none at this path; of a saved query, with the answer to what was `asked`."""
        entries = self.feed.entries(path, language, answer) if language in self.languages else None
        if entries is None:
            return None
        title = " – ".join(filter(None, [self.feed.title(path, language), self.title(language)]))
        page = "" if path == "feed" else path
        publisher = self.project.publisher
        told = {
            "language": language, "title": title, "entries": entries,
            "self_address": f"{self.project.base}{quote(path, safe='/')}.{language}.atom{asked}",
            "page_address": self.address(page, language) + asked,
            "author": self.index.label(self.index.iri(publisher), language).text if publisher else title,
        }  # fmt: skip
        return self.templates.get_template("feed.atom").render(told).encode()

    def sheets(self, path: str) -> list[str]:
        """The paths of the sheets of a page."""
        return [page_path(path, number) for number in range(1, self.last(path) + 1)]

    @cached_property
    def sitemaps(self) -> dict[str, Sequence[str]]:
        """The files of the site's map, and the pages each of them names, in all their languages."""
        paths = [name for path in (*self.overviews.paths, *self.addresses.things) for name in self.sheets(path)]
        return sitemaps(paths, len(self.languages))

    def sitemap(self, path: str) -> bytes | None:
        """A file of the site's map; None where there is none at this path."""
        told = self.sitemaps
        if path not in told:
            return None
        pages = [[(name, self.address(page, name)) for name in self.languages] for page in told[path]]
        parts = [] if pages else [f"{self.project.base}{name}" for name in told if name != path]
        return self.templates.get_template("sitemap.xml").render(pages=pages, parts=parts).encode()

    def _show(self, view: PageContext, thing: str) -> tuple[str, dict[str, Any]]:
        if self.index.is_a(thing, *DOCUMENTS):
            return "document.html", self._document(view, thing)
        if self.index.is_a(thing, *STATEMENTS, "wa:Quotation"):
            return "statement.html", self._statement(view, thing)
        if self.index.is_a(thing, "sh:NodeShape", "sh:PropertyShape", "sh:SPARQLConstraint"):
            return "shape.html", self._shape(view, thing)
        return "thing.html", self._thing(view, thing)

    # ---------------------------------------------------------------- kinds of page

    def _document(self, view: PageContext, thing: str) -> dict[str, Any]:
        texts = {
            self.index.first(text, "schema:inLanguage"): text
            for text in self.index.pointing(thing, "dcterms:isFormatOf")
        }
        tongue = view.language if view.language in texts else self.index.first(thing, "schema:inLanguage")
        if tongue not in texts:
            tongue = min(texts, default="")
        iri = texts.get(tongue, "")
        text = Text(view.name(iri), tongue, self.index.first(iri, "schema:text"))
        statements = statements_in(self.index, thing)
        paragraphs = annotate(text, iri, statements)
        numbered = [s.iri for paragraph in paragraphs for s in paragraph.statements]
        elsewhere = [s for s in statements if s.iri not in set(numbered) and s.passages]
        numbers = {name: number for number, name in enumerate([*numbered, *(s.iri for s in elsewhere)], 1)}
        return {
            "iri": thing, "tongue": tongue, "text": iri, "content": text.content, "paragraphs": paragraphs,
            "numbers": numbers, "elsewhere": elsewhere,
            "diagram": draw(self.index, sorted(statements, key=lambda s: (s.start(iri), s.iri))),
            "description": str(view.text(thing, "dcterms:description") or view.label(thing)),
        }  # fmt: skip

    def _statement(self, view: PageContext, thing: str) -> dict[str, Any]:
        found = self._proof(view, thing)
        told = {"s": found.statement, "proof": found, "facts": _FACTS, "inverse": _INVERSE}
        return {**told, "description": next((p.exact for p in found.passages), "")}

    def _shape(self, view: PageContext, thing: str) -> dict[str, Any]:
        told = self.overviews.constraints.constraint(thing)
        named = self.index.text(thing, view.language, "rdfs:label")
        sentence = self.sentence(thing, view.language)
        rule = view.short(thing)
        return {
            "iri": thing, "told": told, "title": named.text if named else sentence or rule,
            "findings": [found for found in self.checked.report.findings if found.rule == rule],
            "description": str(view.text(thing, "rdfs:comment") or sentence),
        }  # fmt: skip

    def _thing(self, view: PageContext, thing: str) -> dict[str, Any]:
        title = view.label(thing)
        names = {
            value_of(term): LangString(value_of(term), language_of(term))
            for term in self.index.terms(thing, "rdfs:label", "skos:prefLabel", "skos:altLabel")
            if value_of(term).split() != title.text.split()
        }
        is_term = self.index.is_vocabulary(thing)
        properties = self.index.values(thing).items()
        return {
            "iri": thing, "aliases": names.values(), "links": self._links(thing), "texts": _TEXTS,
            "facts": [(p, told) for p, terms in properties if p not in self._skipped and (told := view.values(terms))],
            "terms": sorted(set(self.index.pointing(thing, "rdfs:isDefinedBy", "skos:inScheme")), key=view.order),
            "used": self.index.used(thing) if is_term and not self.index.is_a(thing, *_LISTS) else None,
            "sanctions": self.overviews.sanctions if self._is_sanctioned(thing) else "",
            "proof": self._proof(view, thing) if self.index.all(thing, "wa:evidence") else None, "cited": self._cited(thing),
            "description": str(view.text(thing, "skos:definition", "dcterms:description") or title),
        }  # fmt: skip

    def _proof(self, view: PageContext, thing: str) -> Evidence:
        """What a statement, an event or an office rests on."""
        return evidence_of(view, view.statement(thing), self.title(view.language), self.findings.get(thing, ()))

    def _cited(self, thing: str) -> dict[str, Any] | None:
        """Of a text: its document, how many passages of it are cited, the file it can be checked against."""
        if not self.index.is_a(thing, "wa:SourceText"):
            return None
        return {
            "document": self.index.first(thing, "dcterms:isFormatOf"),
            "passages": len(self.index.pointing(thing, "oa:hasSource")),
            "file": f"{self.addresses.path(thing)}.txt",
        }

    def _is_sanctioned(self, thing: str) -> bool:
        """Whether somebody demands sanctions against them, or a listing names them."""
        index = self.index
        kind = index.iri("k:sanctions")
        return index.is_a(thing, *ACTORS) and (
            any(kind in index.all(demand, "wa:demandKind") for demand in index.pointing(thing, "wa:target"))
            or any(index.is_a(name, "wa:Listing") for name in index.pointing(thing, "schema:about"))
        )

    def _links(self, thing: str) -> list[tuple[str, str, Decision | None, list[Finding]]]:
        """Links out: property, object, the decision that makes it, and what is wrong with it."""
        told = self.findings.get(thing, [])
        return [
            (
                self.index.iri(name),
                value,
                self.decisions.get((thing, self.index.iri(name), value)),
                [found for found in told if found.value == value],
            )
            for name in _LINKS
            for value in self.index.all(thing, name)
        ]
