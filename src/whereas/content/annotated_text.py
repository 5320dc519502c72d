"""A verbatim text cut for reading: paragraph by paragraph, every passage marked where it stands.

Passages nest and overlap. Those that cross are cut where the one around them ends, and go on
after it, so that marks always nest; `level` counts the marks inside one, so that each can have a
line of its own.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from whereas.compiler.passages import Text
from whereas.content.statements import KINDS, Passage, Statement

_RANK = {kind: rank for rank, kind in enumerate((*list(KINDS)[:4], "event", "quotation"))}


@dataclass
class Mark:
    """A run of words with what says something by them; `passage` is None for a sentence nothing cites."""

    start: int
    end: int
    passage: Passage | None = None
    statements: tuple[Statement, ...] = ()
    opens: bool = True  # whether the passage starts here
    closes: bool = True  # whether it ends here
    inner: list[Mark] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind that gives the mark its look: a quotation only where it is nothing else, and words of it are quoted."""
        kind = min((s.kind for s in self.statements), key=_RANK.__getitem__, default="unsaid")
        return "attribution" if kind == "quotation" and self.passage and not self.passage.is_marked else kind

    @property
    def level(self) -> int:
        """How many marks stand within this one, at the deepest; quotations draw no line."""
        return max((mark.level + (mark.kind != "quotation") for mark in self.inner), default=0)

    def pieces(self, content: str) -> Iterator[str | Mark]:
        """The words and the marks directly within, in order."""
        at = self.start
        for mark in self.inner:
            if at < mark.start:
                yield content[at : mark.start]
            yield mark
            at = mark.end
        if at < self.end:
            yield content[at : self.end]


@dataclass(frozen=True)
class Paragraph:
    """A line of the text, and the statements first read in it."""

    number: int
    whole: Mark
    statements: tuple[Statement, ...]


def read(text: Text, iri: str, statements: Iterable[Statement]) -> list[Paragraph]:
    """The text's paragraphs; statements stand with the first of their passages."""
    users: dict[Passage, list[Statement]] = {}
    for statement in sorted(statements, key=lambda s: (s.start(iri), _RANK[s.kind], s.iri)):
        for passage in statement.passages:
            if passage.text == iri:
                users.setdefault(passage, []).append(statement)
    paragraphs: list[Paragraph] = []
    for line in re.finditer(r"[^\n]+", text.content):
        start, end = line.span()
        marks = [
            Mark(max(p.start, start), min(p.end, end), p, tuple(who), p.start >= start, p.end <= end)
            for p, who in users.items()
            if p.start < end and p.end > start
        ]
        marks += [
            Mark(sentence.start, sentence.end)
            for sentence in text.sentences
            if start <= sentence.start < end
            and not any(m.start < sentence.end and m.end > sentence.start for m in marks)
        ]
        here = {s.iri: s for who in users.values() for s in who if start <= s.start(iri) < end}
        told = sorted(here.values(), key=lambda s: s.first_end(iri))  # as their numbers are met by who reads
        whole = Mark(start, end, inner=_nested(marks))
        paragraphs.append(Paragraph(len(paragraphs) + 1, whole, tuple(told)))
    return paragraphs


def _nested(marks: Iterable[Mark]) -> list[Mark]:
    """The marks as a forest: none crosses another."""
    count = 0
    waiting: list[tuple[int, int, int, Mark]] = []

    def wait(mark: Mark) -> None:
        nonlocal count
        count += 1
        heapq.heappush(waiting, (mark.start, -mark.end, count, mark))

    for mark in marks:
        wait(mark)
    roots: list[Mark] = []
    around: list[Mark] = []
    while waiting:
        mark = heapq.heappop(waiting)[3]
        while around and around[-1].end <= mark.start:
            around.pop()
        if around and mark.end > around[-1].end:
            cut = around[-1].end
            wait(Mark(cut, mark.end, mark.passage, mark.statements, False, mark.closes))
            mark.end, mark.closes = cut, False
        (around[-1].inner if around else roots).append(mark)
        around.append(mark)
    return roots
