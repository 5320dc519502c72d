"""What a statement rests on: its words in their paragraphs, the way to the original page, its citation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from whereas.compiler.passages import Passage
from whereas.content.index import Index
from whereas.content.statements import Statement
from whereas.content.urls import is_web
from whereas.findings import Finding
from whereas.site.pages.view import PageContext


@dataclass(frozen=True)
class Evidence:
    """A statement or event, the passages shown for it, what the checks say of it, how it is cited."""

    statement: Statement
    passages: Sequence[Passage]
    contexts: Sequence[tuple[str, list[tuple[str, bool]]]]
    originals: Mapping[str, str]  # where each passage is read on the original page
    findings: Sequence[Finding]
    citation: Citation


def evidence_of(view: PageContext, statement: Statement, archive: str, findings: Sequence[Finding]) -> Evidence:
    """What a statement rests on: its passages in the reader's language where there are any, else all."""
    passages = sorted(statement.passages, key=lambda p: (view.tongue(p) != view.language, p))
    if view.language in {view.tongue(p) for p in passages}:
        passages = [p for p in passages if view.tongue(p) == view.language]
    return Evidence(
        statement,
        passages,
        contexts(view.index, passages),
        {p.iri: original(view.index, statement, p) for p in passages},
        findings,
        cite(view, statement, archive),
    )


def contexts(index: Index, passages: Sequence[Passage]) -> list[tuple[str, list[tuple[str, bool]]]]:
    """The paragraphs the passages stand in, by text, cut where cited words start and end."""
    found: dict[tuple[str, int, int], list[Passage]] = {}
    for passage in passages:
        content = index.first(passage.text, "schema:text")
        start = content.rfind("\n", 0, passage.start) + 1
        end = content.find("\n", passage.end)
        found.setdefault((passage.text, start, end if end >= 0 else len(content)), []).append(passage)
    told = []
    for (text, start, end), cited in found.items():
        content = index.first(text, "schema:text")
        pieces, at = [], start
        for passage in sorted(cited):
            if passage.end > at:
                pieces.append((content[at : passage.start], False))
                pieces.append((content[max(at, passage.start) : passage.end], True))
                at = passage.end
        pieces.append((content[at:end], False))
        told.append((text, [piece for piece in pieces if piece[0]]))
    return told


def original(index: Index, statement: Statement, passage: Passage) -> str:
    """The address of the original page, scrolled to the words (text fragment); empty when it has none."""
    source = index.first(statement.document, "dcterms:source")
    if not is_web(source):
        return ""
    words = " ".join(passage.exact.split()).split(" ")
    ends = [" ".join(words)] if len(words) <= 8 else [" ".join(words[:4]), " ".join(words[-4:])]
    return f"{source}#:~:text={','.join(quote(end, safe='').replace('-', '%2D') for end in ends)}"


def cite(view: PageContext, statement: Statement, archive: str) -> Citation:
    """The words of a statement as others cite them: their document, who published it, and whose words they are.

    The title of the document is the one in the language of the words. `archive` keeps the record.
    """
    passage = view.passage(statement)
    tongue = view.tongue(passage) if passage else view.language
    return Citation(
        passage.exact if passage else view.label(statement.iri).text,
        [view.label(thing).text for thing in statement.reporters],
        view.index.label(statement.document, tongue).text,
        view.said(statement),
        archive,
        view.day(statement.document),
        statement.iri,
        tongue,
        view.language,
    )


_TEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


_LONGEST = 300  # characters of the words in a line of text
_INNER = {"en": str.maketrans("“”", "‘’"), "fr": str.maketrans("«»", "“”")}  # marks within marks


@dataclass(frozen=True)
class Citation:
    """Words, the document they are read in, who published it, whose words they are, and who keeps the record."""

    words: str
    authors: Sequence[str]
    container: str  # the document's title, in its own language
    voice: str  # who says it, in whose words
    archive: str
    date: str  # of the document: year, month, day as far as known
    url: str
    tongue: str  # language of the words
    language: str  # of the reader

    @property
    def plain(self) -> str:
        """One line of text."""
        words = self.words if len(self.words) <= _LONGEST else self.words[:_LONGEST].rpartition(" ")[0] + " (…)"
        words = re.sub(r"([“«])\s+|\s+([”»])", r"\1\2", words.translate(_INNER.get(self.language, {})))
        quoted = f"«\u00a0{words}\u00a0»" if self.language == "fr" else f"“{words}”"
        told = [
            ", ".join(self.authors),
            quoted,
            f"{'dans' if self.language == 'fr' else 'in'} {self.container}",
            self.date,
        ]
        return f"{', '.join(part for part in told if part)}. {self.voice}. {self.archive}, {self.url}"

    @property
    def bibtex(self) -> str:
        """A BibTeX entry; names of bodies are kept whole."""
        key = re.sub(r"[^A-Za-z0-9]+", "-", self.url.partition("//")[2]).strip("-")
        fields = {
            "author": " and ".join(f"{{{_tex(name)}}}" for name in self.authors),
            "title": _tex(self.words),
            "howpublished": _tex(self.container),
            "note": _tex(f"{self.voice}. {self.archive}"),
            "year": self.date[:4],
            "url": self.url,
            "langid": {"en": "english", "fr": "french"}.get(self.tongue, self.tongue),
        }
        told = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
        return f"@misc{{{key},\n{told}\n}}\n"

    @property
    def csl(self) -> str:
        """A CSL-JSON item."""
        parts = [int(part) for part in self.date.split("-") if part.isdigit()]
        item = {
            "id": self.url,
            "type": "article",
            "title": self.words,
            "author": [{"literal": name} for name in self.authors],
            "container-title": self.container,
            "issued": {"date-parts": [parts]} if parts else None,
            "note": self.voice,
            "archive": self.archive,
            "URL": self.url,
            "language": self.tongue,
        }
        return json.dumps({key: value for key, value in item.items() if value}, ensure_ascii=False, indent=1)


def _tex(text: str) -> str:
    return text.translate(_TEX)
