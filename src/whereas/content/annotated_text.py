"""A verbatim text for reading: paragraph by paragraph, with its passages marked.

Passages nest and overlap. Of two that cross, the later one is split where the earlier one ends, so
that marks always nest; `level` is the depth of the marks inside one, which sets how far below the words
its line is drawn.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from whereas.compiler.passages import Passage, Text
from whereas.content.statements import KINDS, Statement

_RANK = {kind: rank for rank, kind in enumerate((*list(KINDS)[:4], "event", "quotation"))}


@dataclass
class Mark:
    """Characters `start` to `end` with the statements that rest on them; without a passage, a sentence no statement cites."""

    start: int
    end: int
    passage: Passage | None = None
    statements: tuple[Statement, ...] = ()
    opens: bool = True  # whether the passage starts here
    closes: bool = True  # whether it ends here
    inner: list[Mark] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind that sets how the mark looks: a quotation only where it is nothing else and quotation marks enclose it."""
        kind = min((s.kind for s in self.statements), key=_RANK.__getitem__, default="unsaid")
        return "attribution" if kind == "quotation" and self.passage and not self.passage.is_marked else kind

    @property
    def level(self) -> int:
        """How deep marks nest within this one; quotations do not count, since they are not underlined."""
        return max((mark.level + (mark.kind != "quotation") for mark in self.inner), default=0)

    def segments(self, content: str) -> Iterator[str | Mark]:
        """Yield the words outside inner marks, and the inner marks, in order."""
        start = self.start
        for mark in self.inner:
            if start < mark.start:
                yield content[start : mark.start]
            yield mark
            start = mark.end
        if start < self.end:
            yield content[start : self.end]


@dataclass(frozen=True)
class Paragraph:
    """A line of the text, and the statements whose first passage starts in it."""

    number: int
    whole: Mark
    statements: tuple[Statement, ...]


def annotate(text: Text, iri: str, statements: Iterable[Statement]) -> list[Paragraph]:
    """Split a text into paragraphs; each statement goes with the first of its passages."""
    citing: dict[Passage, list[Statement]] = {}
    for statement in sorted(statements, key=lambda s: (s.start(iri), _RANK[s.kind], s.iri)):
        for passage in statement.passages:
            if passage.text == iri:
                citing.setdefault(passage, []).append(statement)
    paragraphs: list[Paragraph] = []
    for line in re.finditer(r"[^\n]+", text.content):
        start, end = line.span()
        marks = [
            Mark(max(p.start, start), min(p.end, end), p, tuple(citing_p), p.start >= start, p.end <= end)
            for p, citing_p in citing.items()
            if p.start < end and p.end > start
        ]
        marks += [
            Mark(sentence.start, sentence.end)
            for sentence in text.sentences
            if start <= sentence.start < end
            and not any(m.start < sentence.end and m.end > sentence.start for m in marks)
        ]
        starting = {s.iri: s for citing_p in citing.values() for s in citing_p if start <= s.start(iri) < end}
        ordered = sorted(starting.values(), key=lambda s: s.first_end(iri))  # as readers meet their numbers
        whole = Mark(start, end, inner=_nested(marks))
        paragraphs.append(Paragraph(len(paragraphs) + 1, whole, tuple(ordered)))
    return paragraphs


def _nested(marks: Iterable[Mark]) -> list[Mark]:
    """Nest the marks into a forest, splitting those that cross."""
    count = 0
    queue: list[tuple[int, int, int, Mark]] = []

    def push(mark: Mark) -> None:
        nonlocal count
        count += 1
        heapq.heappush(queue, (mark.start, -mark.end, count, mark))

    for mark in marks:
        push(mark)
    roots: list[Mark] = []
    open_marks: list[Mark] = []
    while queue:
        mark = heapq.heappop(queue)[3]
        while open_marks and open_marks[-1].end <= mark.start:
            open_marks.pop()
        if open_marks and mark.end > open_marks[-1].end:
            cut = open_marks[-1].end
            push(Mark(cut, mark.end, mark.passage, mark.statements, False, mark.closes))
            mark.end, mark.closes = cut, False
        (open_marks[-1].inner if open_marks else roots).append(mark)
        open_marks.append(mark)
    return roots
