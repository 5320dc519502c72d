"""What a statement rests on: its words in their paragraphs, the way to the original page, its citation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from whereas.content.index import Index
from whereas.content.statements import Passage, Statement
from whereas.content.urls import is_web
from whereas.findings import Finding
from whereas.site.pages.citation import Citation
from whereas.site.pages.view import View


@dataclass(frozen=True)
class Proof:
    """A statement or event, the passages shown for it, what the checks say of it, how it is cited."""

    statement: Statement
    passages: Sequence[Passage]
    contexts: Sequence[tuple[str, list[tuple[str, bool]]]]
    originals: Mapping[str, str]  # where each passage is read on the original page
    findings: Sequence[Finding]
    citation: Citation


def proof(view: View, statement: Statement, archive: str, findings: Sequence[Finding]) -> Proof:
    """What a statement rests on: its passages in the reader's language where there are any, else all."""
    passages = sorted(statement.passages, key=lambda p: (view.tongue(p) != view.language, p))
    if view.language in {view.tongue(p) for p in passages}:
        passages = [p for p in passages if view.tongue(p) == view.language]
    return Proof(
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


def cite(view: View, statement: Statement, archive: str) -> Citation:
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
