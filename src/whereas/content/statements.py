"""The statements of a document as pages show them: with their speakers, voice and passages in order.

The *voice* is how far the words are from the document: its `own`, `reported` by it, `quoted`
between marks, or `nested`, one speaker within the words of another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from whereas.compiler.passages import Passage
from whereas.content.index import Index

ACTORS = ("foaf:Person", "org:Organization", "foaf:Group")

KINDS = {
    "demand": "wa:Demand",
    "finding": "wa:Finding",
    "identification": "wa:Identification",
    "claim": "wa:Claim",
    "quotation": "wa:Quotation",
}
STATEMENTS = tuple(KINDS.values())[:4]
EVENTS = ("eli-dl:Decision", "schema:Event", "schema:PublicationEvent", "eli-dl:Vote", "wa:Listing")
DOCUMENTS = ("fabio:PressRelease", "schema:Report")
DATES = ("schema:startDate", "eli-dl:activity_date", "dcterms:issued", "eli:date_document")


@dataclass(frozen=True)
class Statement:
    """A node that rests on passages: a statement, a quotation, or an event the document reports."""

    iri: str
    kind: str
    document: str
    speakers: tuple[str, ...]
    reporters: tuple[str, ...]  # who publishes the document
    quoted: tuple[str, ...]  # who speaks the quotation it stands in
    voice: str
    presupposed: bool
    passages: tuple[Passage, ...]

    def start(self, text: str) -> int:
        """Return the offset of its first passage in a text; beyond any text where it has none."""
        return min((passage.start for passage in self.passages if passage.text == text), default=1 << 40)

    def first_end(self, text: str) -> tuple[int, int]:
        """Return a key that sorts statements by the end of the first of their passages to end, the shortest first."""
        return min((passage.end, -passage.start) for passage in self.passages if passage.text == text)


def kind_of(index: Index, thing: str) -> str:
    """Return one of `KINDS`, or `event` for what else a document reports."""
    return next((kind for kind, name in KINDS.items() if index.is_a(thing, name)), "event")


def read_statement(index: Index, thing: str) -> Statement:
    """Return the statement with its voice and passages."""
    document = index.first(thing, "wa:statedIn")
    speakers = tuple(index.all(thing, "wa:speaker"))
    reporters = tuple(index.all(document, "dcterms:publisher"))
    quotation = index.first(thing, "wa:expressedIn")
    quoted = tuple(index.all(quotation, "wa:speaker")) if quotation else ()
    kind = kind_of(index, thing)
    if kind == "quotation":
        voice = "quoted"
    elif quotation:
        voice = "quoted" if set(speakers) <= set(quoted) else "nested"
    else:
        voice = "own" if not speakers or set(speakers) <= set(reporters) else "reported"
    presupposed = index.first(thing, "wa:attributionMode") == index.iri("mode:presupposition")
    passages = sorted(passage for name in index.all(thing, "wa:evidence") if (passage := read_passage(index, name)))
    return Statement(thing, kind, document, speakers, reporters, quoted, voice, presupposed, tuple(passages))


def read_passage(index: Index, name: str) -> Passage | None:
    """Return the passage, or None when it lacks its selectors."""
    start = end = -1
    exact = prefix = suffix = ""
    for selector in index.all(name, "oa:hasSelector"):
        if index.is_a(selector, "oa:TextPositionSelector"):
            start, end = int(index.first(selector, "oa:start")), int(index.first(selector, "oa:end"))
        else:
            exact, prefix, suffix = (index.first(selector, key) for key in ("oa:exact", "oa:prefix", "oa:suffix"))
    text = index.first(name, "oa:hasSource")
    return Passage(text, start, end, name, exact, prefix, suffix) if text and 0 <= start < end else None


def statements_in(index: Index, document: str) -> list[Statement]:
    """Return the statements of a document and the events it reports; those it reports in quoted words are quoted too."""
    statements = [read_statement(index, thing) for thing in sorted(set(index.pointing(document, "wa:statedIn")))]
    quotations = [statement for statement in statements if statement.kind == "quotation"]
    return [_within_quotation(s, quotations) if s.kind == "event" else s for s in statements]


def _within_quotation(event: Statement, quotations: list[Statement]) -> Statement:
    """Return the event, quoted where one of the quotations contains all its passages."""
    enclosing = [
        quotation
        for quotation in quotations
        if event.passages and all(any(p.contains(q) for p in quotation.passages) for q in event.passages)
    ]
    return replace(event, voice="quoted", quoted=enclosing[0].speakers) if enclosing else event


def date_of(index: Index, thing: str) -> str:
    """Return the date of an event or a document; of a statement, that of its document; empty when there is none."""
    is_statement = index.is_a(thing, *STATEMENTS, "wa:Quotation")
    return index.first(index.first(thing, "wa:statedIn") if is_statement else thing, *DATES)


def days_of(index: Index, thing: str) -> tuple[str, str]:
    """Return the date an event happened or began, and the date it ended; each empty when there is none."""
    return index.first(thing, *DATES), index.first(thing, "schema:endDate")
