"""The HTML pages: which template a path is shown with, and what it is told.

Templates hold the markup, the view the words; here is only the choice of what a page shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from whereas.addresses import Addresses, is_web
from whereas.catalogue import File
from whereas.checking import Checked
from whereas.citation import Citation
from whereas.decisions import Decision, read_decisions
from whereas.described import Described
from whereas.diagram import draw, lines
from whereas.errors import Finding
from whereas.feeds import Feeds
from whereas.index import TYPE, Index, Words
from whereas.media import FORMATS
from whereas.overviews import Overviews
from whereas.passages import Text
from whereas.queries import Query
from whereas.reading import read
from whereas.statements import DOCUMENTS, EVENTS, STATEMENTS, Passage, Statement, statements_in
from whereas.templating import page_templates, script_data
from whereas.terms import language_of, value_of
from whereas.view import View

MOST_ROWS = 200  # of one kind in a ledger; the rest is counted, and in the page's data
_FACTS = (
    ("demand-kind", "wa:demandKind"), ("addressee", "wa:addressee"), ("target", "wa:target"),
    ("beneficiary", "wa:beneficiary"), ("qualification", "wa:qualification"), ("degree", "wa:degree"),
    ("about-whom", "schema:about"), ("identifies", "wa:identifies"), ("identified-in", "wa:identifiedIn"),
    ("grounds", "wa:groundedOn"), ("conveyed-by", "wa:conveyedBy"), ("expressed-in", "wa:expressedIn"),
    ("alternate", "prov:alternateOf"), ("conflicts", "wa:conflictsWith"), ("follow-up-of", "wa:followUpOf"),
    ("status", "wa:followUpStatus"), ("corroboration", "wa:corroboration"), ("sources", "dcterms:source"),
)  # fmt: skip
_INVERSE = (("grounds-for", "wa:groundedOn"), ("expresses", "wa:expressedIn"), ("alternate", "prov:alternateOf"))
_LEDGER = (
    ("demands-made", ("wa:Demand",), ("wa:speaker",)),
    ("demands-received", ("wa:Demand",), ("wa:addressee",)),
    ("demands-about", ("wa:Demand",), ("wa:target", "wa:demandKind", "schema:about")),
    ("demands-for", ("wa:Demand",), ("wa:beneficiary",)),
    ("statements-by", ("wa:Finding", "wa:Claim", "wa:Identification", "wa:Quotation"), ("wa:speaker",)),
    (
        "statements-about",
        ("wa:Finding", "wa:Claim", "wa:Identification"),
        ("schema:about", "wa:identifies", "wa:identifiedIn", "wa:qualification", "wa:degree", "wa:groundedOn",
         "wa:followUpStatus", "wa:attributionMode"),
    ),
    (
        "happened",
        (*EVENTS, "org:Membership"),
        ("schema:attendee", "schema:organizer", "schema:about", "schema:location", "schema:publishedBy",
         "schema:workFeatured", "eli-dl:had_responsible_organization", "eli-dl:decided_on_a_realization_of",
         "org:member", "org:organization", "org:role"),
    ),
)  # fmt: skip
_LINKS = ("owl:sameAs", "skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch",
          "skos:relatedMatch", "rdfs:seeAlso")  # fmt: skip


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


class Pages:
    """Every page of a checked project, by path and language."""

    menu = ("documents", "actors", "timeline", "matrix", "queries", "data")
    more = ("places", "works", "events", "shapes", "method", "about")

    def __init__(
        self,
        checked: Checked,
        index: Index,
        addresses: Addresses,
        files: tuple[File, ...],
        suffixes: Sequence[str],
    ) -> None:
        self.checked, self.index, self.addresses = checked, index, addresses
        self.project = checked.project
        self.overviews = Overviews(checked, index, addresses, files)
        self.decisions = read_decisions(checked.project, checked.rules.prefixes)
        self.twins = tuple((suffix, FORMATS[suffix].media_type) for suffix in suffixes)
        self.languages = addresses.languages
        self.templates = page_templates("templates/site")
        self.findings: dict[str, list[Finding]] = {}
        for found in checked.report.findings:
            self.findings.setdefault(found.focus, []).append(found)
        self.feed = Feeds(index, addresses, checked.project)
        self.feeds = frozenset(self.feed.paths())
        self.described = Described(index, checked.project, self.title)
        self.templates.globals.update(site=self, tongue_of=language_of, text_of=value_of, lines=lines)

    def title(self, language: str) -> str:
        told = self.project.title
        return told.get(language) or next(iter(told.values()), self.project.base)

    def format(self, suffix: str) -> str:
        return FORMATS[suffix].label

    def answer_suffixes(self, query: Query) -> tuple[str, ...]:
        """Formats of a question's answer; none where it is not answered here."""
        return self.overviews.suffixes(query)

    def address(self, path: str, language: str) -> str:
        """The full address of a page."""
        return f"{self.project.base}{quote(path or 'index', safe='/')}.{language}.html"

    def render(self, path: str, language: str) -> bytes | None:
        """The page at a path, or None when there is none."""
        if language not in self.languages:
            return None
        view = View(self.index, self.addresses, f"{path or 'index'}.{language}.html", language)
        if thing := self.addresses.things.get(path, ""):
            template, told = self._show(view, thing)
        elif path in self.overviews.paths:
            template, told = self.overviews.show(view, path)
            if "title" not in told:
                told["title"] = view.word(path) if path else self.title(language)
        else:
            return None
        title = told.pop("title", None) or view.label(thing).text
        about = About(
            path,
            title,
            told.pop("description", None) or title,
            self.address(path, language),
            thing,
            self.twins if thing else (),
            "article" if thing else "website",
            script_data(self.described.thing(thing, language) if thing else self.described.dataset(language)),
        )
        return self.templates.get_template(template).render(v=view, page=about, **told).encode()

    def atom(self, path: str, language: str) -> bytes | None:
        """A feed, or None when there is none at this path."""
        entries = self.feed.entries(path, language) if language in self.languages else None
        if entries is None:
            return None
        title = self.title(language)
        if thing := self.addresses.things.get(path):
            title = f"{self.index.label(thing, language)} – {title}"
        page = "" if path == "feed" else path
        publisher = self.project.publisher
        told = {
            "language": language, "title": title, "entries": entries,
            "self_address": f"{self.project.base}{quote(path, safe='/')}.{language}.atom",
            "page_address": self.address(page, language),
            "author": self.index.label(self.index.iri(publisher), language).text if publisher else title,
        }  # fmt: skip
        return self.templates.get_template("feed.atom").render(told).encode()

    def sitemap(self) -> bytes:
        """Every page, in all its languages."""
        paths = [*self.overviews.paths, *self.addresses.things]
        pages = [[(name, self.address(path, name)) for name in self.languages] for path in paths]
        return self.templates.get_template("sitemap.xml").render(pages=pages).encode()

    def _show(self, view: View, thing: str) -> tuple[str, dict[str, Any]]:
        if self.index.is_a(thing, *DOCUMENTS):
            return "document.html", self._document(view, thing)
        if self.index.is_a(thing, *STATEMENTS, "wa:Quotation"):
            return "statement.html", self._statement(view, thing)
        return "thing.html", self._thing(view, thing)

    # ---------------------------------------------------------------- kinds of page

    def _document(self, view: View, thing: str) -> dict[str, Any]:
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
        paragraphs = read(text, iri, statements)
        numbered = [s.iri for paragraph in paragraphs for s in paragraph.statements]
        elsewhere = [s for s in statements if s.iri not in set(numbered) and s.passages]
        numbers = {name: number for number, name in enumerate([*numbered, *(s.iri for s in elsewhere)], 1)}
        return {
            "iri": thing, "tongue": tongue, "text": iri, "content": text.content, "paragraphs": paragraphs,
            "numbers": numbers, "elsewhere": elsewhere,
            "diagram": draw(self.index, sorted(statements, key=lambda s: (s.start(iri), s.iri))),
            "description": str(view.text(thing, "dcterms:description") or view.label(thing)),
        }  # fmt: skip

    def _statement(self, view: View, thing: str) -> dict[str, Any]:
        statement = view.statement(thing)
        passages = sorted(statement.passages, key=lambda p: (view.tongue(p) != view.language, p))
        shown = {view.tongue(p) for p in passages}
        if view.language in shown:
            passages = [p for p in passages if view.tongue(p) == view.language]
        return {
            "s": statement,
            "passages": passages,
            "originals": {p.iri: self._original(statement, p) for p in passages},
            "facts": _FACTS,
            "inverse": _INVERSE,
            "contexts": self._contexts(passages),
            "findings": self.findings.get(thing, ()),
            "citation": self._citation(view, statement),
            "description": next((p.exact for p in passages), ""),
        }

    def _contexts(self, passages: Sequence[Passage]) -> list[tuple[str, list[tuple[str, bool]]]]:
        """The paragraphs the passages stand in, cut where cited words start and end."""
        found: dict[tuple[str, int, int], list[Passage]] = {}
        for passage in passages:
            content = self.index.first(passage.text, "schema:text")
            start = content.rfind("\n", 0, passage.start) + 1
            end = content.find("\n", passage.end)
            found.setdefault((passage.text, start, end if end >= 0 else len(content)), []).append(passage)
        contexts = []
        for (text, start, end), cited in found.items():
            content = self.index.first(text, "schema:text")
            pieces, at = [], start
            for passage in sorted(cited):
                if passage.end > at:
                    pieces.append((content[at : passage.start], False))
                    pieces.append((content[max(at, passage.start) : passage.end], True))
                    at = passage.end
            pieces.append((content[at:end], False))
            contexts.append((text, [piece for piece in pieces if piece[0]]))
        return contexts

    def _original(self, statement: Statement, passage: Passage) -> str:
        """The address of the original page, scrolled to the words (text fragment)."""
        source = self.index.first(statement.document, "dcterms:source")
        if not is_web(source):
            return ""
        words = " ".join(passage.exact.split()).split(" ")
        ends = [" ".join(words)] if len(words) <= 8 else [" ".join(words[:4]), " ".join(words[-4:])]
        return f"{source}#:~:text={','.join(quote(end, safe='').replace('-', '%2D') for end in ends)}"

    def _citation(self, view: View, statement: Statement) -> Citation:
        def names(things: Sequence[str]) -> list[str]:
            return [view.label(thing).text for thing in things]

        return Citation(
            view.label(statement.iri).text,
            names(statement.speakers or statement.reporters),
            view.label(statement.document).text,
            self.title(view.language),
            view.day(statement.document),
            statement.iri,
            view.language,
        )

    def _thing(self, view: View, thing: str) -> dict[str, Any]:
        ledger = []
        told: set[str] = set()
        for title, classes, properties in _LEDGER:
            things = sorted(
                {name for name in self.index.pointing(thing, *properties) if self.index.is_a(name, *classes)} - told
            )
            told |= set(things)
            if things:
                shown = [view.statement(name) for name in things[:MOST_ROWS]]
                ledger.append((title, shown, len(things) - len(shown)))
        others = [
            (property_, name)
            for property_, name in self.index.all_pointing(thing)
            if name not in told and self.addresses.path(name)
        ]
        skipped = {TYPE, *map(self.index.iri, (*_LINKS, "rdfs:label", "skos:prefLabel", "skos:altLabel", "dcterms:title",
                   "skos:definition", "dcterms:description", "skos:scopeNote", "skos:example", "skos:note",
                   "wa:evidence", "schema:text"))}  # fmt: skip
        facts = [
            (
                property_,
                [
                    {"iri": value_of(t) if t[0] == "<" else "", "text": value_of(t), "language": language_of(t)}
                    for t in terms
                ],
            )
            for property_, terms in self.index.things[thing].items()
            if property_ not in skipped
        ]
        own = {view.label(thing).text}
        aliases = [
            Words(value_of(term), language_of(term))
            for term in self.index.terms(thing, "rdfs:label", "skos:prefLabel", "skos:altLabel")
            if value_of(term) not in own and not own.add(value_of(term))  # type: ignore[func-returns-value]
        ]
        return {
            "iri": thing, "aliases": aliases, "links": self._links(thing), "facts": facts, "ledger": ledger,
            "members": [name for path, name in self.addresses.things.items() if path.startswith(f"{self.addresses.path(thing)}/")]
                       if self.index.is_a(thing, "owl:Ontology", "skos:ConceptScheme") else [],
            "others": others[:MOST_ROWS], "others_count": len(others),
            "description": str(view.text(thing, "skos:definition", "dcterms:description") or view.label(thing)),
        }  # fmt: skip

    def _links(self, thing: str) -> list[tuple[str, str, Decision | None]]:
        """Links out: property, object, and the decision that makes it."""
        return [
            (self.index.iri(name), value, self.decisions.get((thing, self.index.iri(name), value)))
            for name in _LINKS
            for value in self.index.all(thing, name)
        ]
