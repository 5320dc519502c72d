"""Verbatim texts: find the exact passage of a quote, split sentences, measure how much is cited.

Offsets count Unicode code points from 0, as the Web Annotation text position selector does
(https://www.w3.org/TR/annotation-model/#text-position-selector).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

CONTEXT = 32  # characters of prefix and suffix published with a quote

OPENING = "«“„‘‚‹「『\"'"
CLOSING = "»”“’‘›」』\"'"

# A sentence ends at .!?… (or their full-width forms) with the closing quotes and brackets after them (in French after
# a space), before white space and a character that can start the next sentence.
_END = re.compile(
    r"(?:[.!?…]+(?:[ \u00a0\u202f]?»|[”’\")\]])*(?=\s+[«“„‘\"(\[–—-]?\s?[^\W\d_a-zà-öø-ÿ])|[。！？]+[」』”]*)"
)


class NotFound(Exception):
    """The text does not contain the quote; the nearest words are at `offset`."""

    def __init__(self, offset: int, nearest: str) -> None:
        super().__init__(nearest)
        self.offset, self.nearest = offset, nearest


class Ambiguous(Exception):
    """The text contains the quote more than once, at `offsets`."""

    def __init__(self, offsets: list[int]) -> None:
        super().__init__(str(offsets))
        self.offsets = offsets


@dataclass(frozen=True, order=True)
class Span:
    """Characters `start` to `end` of a text, the end not included."""

    start: int
    end: int


@dataclass(frozen=True)
class Text:
    """A verbatim text. `name` is its file's name without suffix, such as `text.fr`."""

    name: str
    language: str
    content: str

    def find(self, exact: str, prefix: str = "", suffix: str = "") -> Span:
        """Return the only span of `exact` between `prefix` and `suffix`.

        Raise `NotFound` or `Ambiguous`.
        """
        starts = []
        at = self.content.find(exact) if exact else -1
        while at >= 0:
            end = at + len(exact)
            if self.content.endswith(prefix, 0, at) and self.content.startswith(suffix, end):
                starts.append(at)
            at = self.content.find(exact, at + 1)
        if len(starts) > 1:
            raise Ambiguous(starts)
        if not starts:
            raise NotFound(*self._nearest(prefix, exact, suffix))
        return Span(starts[0], starts[0] + len(exact))

    def _nearest(self, prefix: str, exact: str, suffix: str) -> tuple[int, str]:
        from rapidfuzz import fuzz  # slow to import, and needed only for a finding

        if exact and (at := self.content.find(exact)) >= 0:  # it occurs, with another prefix or suffix
            start = max(0, at - len(prefix))
            return start, self.content[start : at + len(exact) + len(suffix)][:80]
        nearest = fuzz.partial_ratio_alignment(exact[:200], self.content)
        if not exact or nearest is None:
            return 0, self.content[:60]
        return nearest.dest_start, self.content[nearest.dest_start : nearest.dest_end][:80]

    def occurrence(self, span: Span) -> int:
        """Count the occurrences of the same words before `span`."""
        exact, count, at = self.content[span.start : span.end], 0, -1
        while (at := self.content.find(exact, at + 1)) < span.start:
            count += 1
        return count

    def identifier(self, span: Span) -> str:
        """Return 12 hexadecimal digits that stay the same when other parts of the text change."""
        key = f"{self.name}\x1f{self.content[span.start : span.end]}\x1f{self.occurrence(span)}"
        return hashlib.sha256(key.encode()).hexdigest()[:12]

    def paragraph(self, span: Span) -> str:
        """Return the line or lines that contain `span`."""
        start = self.content.rfind("\n", 0, span.start) + 1
        end = self.content.find("\n", span.end)
        return self.content[start : end if end >= 0 else None]

    def is_quoted(self, span: Span) -> bool:
        """Return whether quotation marks enclose `span`."""
        before = self.content[: span.start].rstrip()
        after = self.content[span.end :].lstrip(" \u00a0\u202f,.;")
        return bool(before and after) and before[-1] in OPENING and after[0] in CLOSING

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """The sentences, line by line, by punctuation."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[Span]:
        for line in re.finditer(r"[^\n]+", self.content):
            start = line.start()
            ends = [end.end() for end in _END.finditer(self.content, *line.span())] + [line.end()]
            for end in ends:
                words = self.content[start:end]
                if words.strip():
                    left = len(words) - len(words.lstrip())
                    yield Span(start + left, start + len(words.rstrip()))
                start = end


@dataclass(frozen=True)
class Coverage:
    """How much of a text is cited: its sentences and letters, and those outside of every passage.

    A gap is an offset and the words from there to the next passage.
    """

    text: str
    sentences: int
    uncited: tuple[str, ...]
    letters: int
    cited_letters: int
    gaps: tuple[tuple[int, str], ...]


def measure_coverage(text: Text, cited: Iterable[Span]) -> Coverage:
    """Measure how much of `text` the `cited` passages cover."""
    inside = bytearray(len(text.content))
    for span in cited:
        inside[span.start : span.end] = b"\x01" * (span.end - span.start)
    letters = [offset for offset, character in enumerate(text.content) if character.isalnum()]
    return Coverage(
        text.name,
        len(text.sentences),
        tuple(text.content[s.start : s.end] for s in text.sentences if not any(inside[s.start : s.end])),
        len(letters),
        sum(inside[offset] for offset in letters),
        tuple(_gaps(text.content, inside)),
    )


def _gaps(content: str, inside: bytearray) -> Iterator[tuple[int, str]]:
    for gap in re.finditer(rb"\x00+", bytes(inside)):
        words = content[gap.start() : gap.end()]
        if any(character.isalnum() for character in words):
            left = len(words) - len(words.lstrip(" \n,.;:!?«»–"))
            yield gap.start() + left, words.strip(" \n,.;:!?«»–")


# Marks that enclose quoted words. Straight single ones are left out: in a published text they are apostrophes.
_BEFORE, _AFTER = tuple('«‹“„‘"'), tuple('»›”“’"')


@dataclass(frozen=True, order=True)
class Passage:
    """A published passage: characters `start` to `end` of the text with IRI `text`, which read `exact`.

    `prefix` and `suffix` are the characters around it; `language`, that of the text, may be left out.
    """

    text: str
    start: int
    end: int
    iri: str
    exact: str
    prefix: str
    suffix: str
    language: str = ""

    @property
    def is_marked(self) -> bool:
        """Whether quotation marks enclose it: they enclose what is quoted, not the words that attribute it."""
        return self.prefix.rstrip().endswith(_BEFORE) or self.suffix.lstrip().startswith(_AFTER)

    def contains(self, other: Passage) -> bool:
        """Return whether the other passage is within this one."""
        return self.text == other.text and self.start <= other.start and other.end <= self.end
