"""What a statement rests on: its words in their paragraphs, the way to the original page, its citation."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from whereas.addresses import is_web
from whereas.citation import Citation
from whereas.index import Index
from whereas.statements import Passage, Statement
from whereas.view import View


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


def cite(view: View, statement: Statement, publisher: str) -> Citation:
    """The statement as others cite it; `publisher` keeps the record."""
    return Citation(
        view.label(statement.iri).text,
        [view.label(thing).text for thing in statement.speakers or statement.reporters],
        view.label(statement.document).text,
        publisher,
        view.day(statement.document),
        statement.iri,
        view.language,
    )
