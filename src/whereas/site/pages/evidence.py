"""What a statement rests on: its passages in their paragraphs, links to the original page, its citation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from whereas.compiler.passages import Passage
from whereas.content.index import Index
from whereas.content.statements import Statement
from whereas.content.text_fragments import text_directive
from whereas.content.urls import is_web
from whereas.findings import Finding
from whereas.i18n import Message, format_language, year_of
from whereas.site.pages.view import PageContext

FRAGMENT = ":~:"  # before a text directive (https://wicg.github.io/scroll-to-text-fragment/)


@dataclass(frozen=True)
class Evidence:
    """A statement or event, its passages, the findings about it, its citation."""

    statement: Statement
    passages: Sequence[Passage]
    contexts: Sequence[tuple[str, list[tuple[str, bool]]]]
    originals: Mapping[str, str]  # URL of each passage on the original page, by IRI
    findings: Sequence[Finding]
    citation: Citation


def evidence_of(view: PageContext, statement: Statement, archive: str, findings: Sequence[Finding]) -> Evidence:
    """Return what a statement rests on: its passages in the language of the page where there are any, else all."""
    passages = sorted(statement.passages, key=lambda p: (view.passage_language(p) != view.language, p))
    if view.language in {view.passage_language(p) for p in passages}:
        passages = [p for p in passages if view.passage_language(p) == view.language]
    return Evidence(
        statement,
        passages,
        contexts_of(view.index, passages),
        {p.iri: original_url(view.index, statement, p) for p in passages},
        findings,
        cite(view, statement, archive),
    )


def contexts_of(index: Index, passages: Sequence[Passage]) -> list[tuple[str, list[tuple[str, bool]]]]:
    """Return the paragraphs of the passages: a text, and its pieces, each with whether it is cited."""
    paragraphs: dict[tuple[str, int, int], list[Passage]] = {}
    for passage in passages:
        content = index.first(passage.text, "schema:text")
        start = content.rfind("\n", 0, passage.start) + 1
        end = content.find("\n", passage.end)
        paragraphs.setdefault((passage.text, start, end if end >= 0 else len(content)), []).append(passage)
    contexts = []
    for (text, start, end), cited in paragraphs.items():
        content = index.first(text, "schema:text")
        pieces, at = [], start
        for passage in sorted(cited):
            if passage.end > at:
                pieces.append((content[at : passage.start], False))
                pieces.append((content[max(at, passage.start) : passage.end], True))
                at = passage.end
        pieces.append((content[at:end], False))
        contexts.append((text, [piece for piece in pieces if piece[0]]))
    return contexts


def original_url(index: Index, statement: Statement, passage: Passage) -> str:
    """Return the URL of the original page, empty when there is none.

    It has a text fragment that scrolls to the passage, unless none selects it in the verbatim text.
    """
    source = index.first(statement.document, "dcterms:source")
    if not is_web(source):
        return ""
    directive = text_directive(index.first(passage.text, "schema:text"), passage.start, passage.end)
    return f"{source}{'' if '#' in source else '#'}{FRAGMENT}{directive}" if directive else source


def cite(view: PageContext, statement: Statement, archive: str) -> Citation:
    """Return the citation of a statement's words, the document's title in their language; `archive` is this dataset."""
    passage = view.passage(statement)
    language = view.passage_language(passage) if passage else view.language
    return Citation(
        passage.exact if passage else view.label(statement.iri).text,
        [view.label(thing).text for thing in statement.reporters],
        view.index.label(statement.document, language).text,
        view.attribution_text(statement),
        archive,
        view.day(statement.document),
        statement.iri,
        language,
        view.interface,
    )


_TEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


_LONGEST = 300  # characters of the words in the plain citation


@dataclass(frozen=True)
class Citation:
    """Words, the document they are from, its publisher, who makes the statement, and the dataset that records it."""

    words: str
    authors: Sequence[str]
    container: str  # the document's title, in its own language
    attribution: str  # who makes the statement, in whose words
    archive: str
    date: str  # of the document: year, month, day as far as known
    url: str
    language: str  # of the words
    interface: str  # language of the citation

    @property
    def plain(self) -> str:
        """The citation as one line of text."""
        words = self.words if len(self.words) <= _LONGEST else self.words[:_LONGEST].rpartition(" ")[0] + " (…)"
        quoted = Message("“{words}”")
        inner = "‘’" if "“" in quoted.in_language(self.interface) else "“”"  # quotation marks within quotation marks
        words = re.sub(r"[“«]\s*", inner[0], re.sub(r"\s*[”»]", inner[1], words))
        parts = [
            ", ".join(self.authors),
            quoted.filled(words=words).in_language(self.interface),
            Message("in {document}", document=self.container).in_language(self.interface),
            self.date,
        ]
        return f"{', '.join(filter(None, parts))}. {self.attribution}. {self.archive}, {self.url}"

    @property
    def bibtex(self) -> str:
        """The citation as a BibTeX entry, its authors in braces, for they are bodies."""
        key = re.sub(r"[^A-Za-z0-9]+", "-", self.url.partition("//")[2]).strip("-")
        fields = {
            "author": " and ".join(f"{{{_tex(name)}}}" for name in self.authors),
            "title": _tex(self.words),
            "howpublished": _tex(self.container),
            "note": _tex(f"{self.attribution}. {self.archive}"),
            "year": year_of(self.date),
            "url": self.url,
            "langid": format_language(self.language, "en").lower(),
        }
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
        return f"@misc{{{key},\n{lines}\n}}\n"

    @property
    def csl(self) -> str:
        """The citation as a CSL-JSON item."""
        parts = [int(part) for part in self.date.split("-") if part.isdigit()]
        item = {
            "id": self.url,
            "type": "article",
            "title": self.words,
            "author": [{"literal": name} for name in self.authors],
            "container-title": self.container,
            "issued": {"date-parts": [parts]} if parts else None,
            "note": self.attribution,
            "archive": self.archive,
            "URL": self.url,
            "language": self.language,
        }
        return json.dumps({key: value for key, value in item.items() if value}, ensure_ascii=False, indent=1)


def _tex(text: str) -> str:
    return text.translate(_TEX)
