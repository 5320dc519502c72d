"""What a document says, ready to be shown: passages in their order, statements with their voices.

A *voice* tells how far the words are from the document: its `own`, `reported` by it, `quoted`
between marks, or `nested`, one speaker within the words of another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
OPENING, CLOSING = tuple('«‹“„‘"'), tuple('»›”“’"')  # quotation marks
DATES = ("schema:startDate", "eli-dl:activity_date", "dcterms:issued", "eli:date_document")


@dataclass(frozen=True, order=True)
class Passage:
    """Words at characters `start` to `end` of a text."""

    text: str
    start: int
    end: int
    iri: str
    exact: str
    prefix: str
    suffix: str

    @property
    def is_marked(self) -> bool:
        """Whether quotation marks stand around: around what is quoted they do, not around the words that say who speaks."""
        return self.prefix.rstrip().endswith(OPENING) or self.suffix.lstrip().startswith(CLOSING)

    def holds(self, other: Passage) -> bool:
        """Whether the other passage is within this one."""
        return self.text == other.text and self.start <= other.start and other.end <= self.end


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
        """Where it is first read in a text; past the end where it is not."""
        return min((passage.start for passage in self.passages if passage.text == text), default=1 << 40)

    def first_end(self, text: str) -> tuple[int, int]:
        """Where the first of its passages ends in a text; of those that end there, the shortest come first."""
        return min((passage.end, -passage.start) for passage in self.passages if passage.text == text)


def kind_of(index: Index, thing: str) -> str:
    """One of `KINDS`, or `event` for what a document reports besides."""
    return next((kind for kind, name in KINDS.items() if index.is_a(thing, name)), "event")


def read_statement(index: Index, thing: str) -> Statement:
    """The statement with its voice and passages."""
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
    found = sorted(passage for name in index.all(thing, "wa:evidence") if (passage := read_passage(index, name)))
    return Statement(thing, kind, document, speakers, reporters, quoted, voice, presupposed, tuple(found))


def read_passage(index: Index, name: str) -> Passage | None:
    """The passage, or None when it lacks its selectors."""
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
    """Everything the document says or reports at a passage; what it reports in words it quotes is quoted too."""
    found = [read_statement(index, thing) for thing in sorted(set(index.pointing(document, "wa:statedIn")))]
    quotations = [statement for statement in found if statement.kind == "quotation"]
    return [_as_read(statement, quotations) if statement.kind == "event" else statement for statement in found]


def _as_read(event: Statement, quotations: list[Statement]) -> Statement:
    around = [
        one
        for one in quotations
        if event.passages and all(any(p.holds(mine) for p in one.passages) for mine in event.passages)
    ]
    return replace(event, voice="quoted", quoted=around[0].speakers) if around else event


def date_of(index: Index, thing: str) -> str:
    """The day of an event or a document; of a statement, that of its document; empty when none is told."""
    is_said = index.is_a(thing, *STATEMENTS, "wa:Quotation")
    return index.first(index.first(thing, "wa:statedIn") if is_said else thing, *DATES)


def days_of(index: Index, thing: str) -> tuple[str, str]:
    """The day an event happened or began, and the day it ended; each empty when it is not told."""
    return index.first(thing, *DATES), index.first(thing, "schema:endDate")
