"""Verbatim texts: find the exact passage of a quote, split sentences, measure how much is cited.

Offsets count Unicode code points from 0, as the Web Annotation text position selector does
(https://www.w3.org/TR/annotation-model/#text-position-selector).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from whereas.compiler.spelling import Spelling, common_prefix, continues, spell
from whereas.findings import described
from whereas.i18n import Message

CONTEXT = 32  # characters of prefix and suffix published with a quote

OPENING = "«“„‘‚‹「『\"'"
CLOSING = "»”“’‘›」』\"'"

# A sentence ends at .!?… (or their full-width forms) with the closing quotes and brackets after them (in French after
# a space), before white space and a character that can start the next sentence.
_END = re.compile(
    r"(?:[.!?…]+(?:[ \u00a0\u202f]?»|[”’\")\]])*(?=\s+[«“„‘\"(\[–—-]?\s?[^\W\d_a-zà-öø-ÿ])|[。！？]+[」』”]*)"
)


class NotFound(Exception):
    """The text does not contain the quote; the nearest words are at `offset`, and where they begin to differ."""

    def __init__(self, offset: int, nearest: str, difference: Message) -> None:
        super().__init__(nearest)
        self.offset, self.nearest, self.difference = offset, nearest, difference


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

        Where these characters do not occur, what differs from them only in what nobody sees counts as well
        (`whereas.compiler.spelling`). Raise `NotFound` or `Ambiguous`.
        """
        spans = list(self._occurrences(exact, prefix, suffix)) or list(self._alike(exact, prefix, suffix))
        if len(spans) > 1:
            raise Ambiguous([span.start for span in spans])
        if not spans:
            raise NotFound(*self._nearest(prefix, exact, suffix), self._difference(exact))
        return spans[0]

    def _occurrences(self, exact: str, prefix: str, suffix: str) -> Iterator[Span]:
        at = self.content.find(exact) if exact else -1
        while at >= 0:
            end = at + len(exact)
            is_between = self.content.endswith(prefix, 0, at) and self.content.startswith(suffix, end)
            # "cesse" does not occur in "cesse" with a mark after it, which is another letter.
            if is_between and not unicodedata.combining(self.content[end : end + 1] or " "):
                yield Span(at, end)
            at = self.content.find(exact, at + 1)

    def _alike(self, exact: str, prefix: str, suffix: str) -> Iterator[Span]:
        words = spell(prefix + exact + suffix)
        inside = [
            at
            for at, (start, end) in enumerate(zip(words.starts, words.ends, strict=True))
            if start >= len(prefix) and end <= len(prefix + exact) and not words.text[at].isspace()
        ]
        before = len(words.text) - len(words.text.lstrip())
        for start, _ in self.spelling.spans(words.text.strip()) if inside else ():
            at = slice(start + inside[0] - before, start + inside[-1] + 1 - before)
            yield Span(min(self.spelling.starts[at]), max(self.spelling.ends[at]))

    @cached_property
    def spelling(self) -> Spelling:
        """The text without what nobody sees."""
        return spell(self.content)

    def _difference(self, exact: str) -> Message:
        """Return where the nearest words begin to differ from the quote, as the end of a message; or nothing."""
        from rapidfuzz import fuzz
        from rapidfuzz.distance import Levenshtein

        quote, text = spell(exact.strip()), self.spelling
        at = common_prefix(quote.text, text.text)
        if not quote.text:
            return Message("")
        other = text.text.find(quote.text[:at]) + at
        if at == len(quote.text):  # the last letter has other marks, or the words around the quote differ
            at, other = at - 1, other - 1
        elif at < 12 and at * 2 < len(quote.text):  # too little to say that these are the words
            nearest = fuzz.partial_ratio_alignment(quote.text[:200], text.text)
            if nearest is None or nearest.dest_start == nearest.dest_end:
                return Message("")
            window = text.text[nearest.dest_start : nearest.dest_end]
            edits = Levenshtein.editops(quote.text[nearest.src_start : nearest.src_end], window)
            first = next(iter(edits.as_list()), None)
            if first is None:
                return Message("")
            at, other = nearest.src_start + int(first[1]), nearest.dest_start + int(first[2])
        if any(continues(each.text[offset : offset + 1] or " ") for each, offset in ((quote, at), (text, other))):
            at, other = at - 1, other - 1
        written, actual = quote.letter(at, exact.strip()), text.letter(other, self.content)
        if written == actual:
            return Message("")
        template = Message("; first difference: {quote} in the quote, {text} in the text")
        return template.filled(quote=_shown(written), text=_shown(actual))

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


def _shown(letter: str) -> Message | str:
    return " + ".join(map(described, letter)) or Message("nothing more")


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


def resaved(content: str, declared: object) -> Message | None:
    """Return what differs between a text and the one with the declared digest, when editors and git change that only."""
    mark, plain = "\ufeff", content.removeprefix("\ufeff")
    unix = plain.replace("\r\n", "\n")
    for lines in (unix, unix.replace("\n", "\r\n")):
        for before in (lines, mark + lines):
            if hashlib.sha256(before.encode()).hexdigest() == declared:
                has_mark_changed = before.startswith(mark) != content.startswith(mark)
                if not has_mark_changed:
                    return Message("the line ends")
                if lines == plain:
                    return Message("the byte order mark (U+FEFF)")
                return Message("the line ends and the byte order mark (U+FEFF)")
    return None


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
