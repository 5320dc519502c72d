"""Text fragments: the part of a link that makes a browser scroll to words and mark them.

The syntax and the search are the WICG's (https://wicg.github.io/scroll-to-text-fragment/): a browser
selects the first place where prefix, start, end and suffix follow each other, each within one paragraph,
compared by base letters, without case and accents. The outer ends of prefix and suffix, and the ends
that have no prefix or suffix, must be bounds of words. A fragment is only given where that search, run
on the verbatim text, selects the passage itself; the page it came from may hold other text still.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

from whereas.text.folding import fold, fold_with_origins
from whereas.text.scripts import is_unspaced

_LONGEST = 8  # words that are given whole; of more, the first and the last
_ENDS = 4
_CONTEXT = 12  # words before or after, at most
_STOPS = "、。〈-】！，．：；？"
_WORD = re.compile(rf"[^\s{_STOPS}]+[{_STOPS}]*|[{_STOPS}]+")  # of Chinese and Japanese: up to a comma or stop
_QUOTATION_MARKS = str.maketrans("‘’‚‛′“”„‟«»", "'''''" + '"' * 6)  # one as good as another to Chromium
_MIDDLE = frozenset("'’.,:;·․﹒﹐﹔＇．，：；٬״")
_EXTENDING = ("Mn", "Mc", "Me", "Cf")  # categories of what is part of the letter before


def text_directive(text: str, start: int, end: int) -> str:
    """Return the directive that selects `text[start:end]`, `text=…`, or an empty text where none does.

    `text` is verbatim, a paragraph a line; offsets are in code points.
    """
    start, end = _trimmed(text, start, end)
    if start >= end:
        return ""
    page = _page(text)
    for terms in _candidates(text, start, end):
        # What is a bound of words in a script without spaces depends on the browser's dictionary: the
        # passage is the first place that can be selected, and one that must be.
        if page.select(*terms, possible=True) == page.select(*terms, possible=False) == (start, end):
            prefix, first, last, suffix = map(_escaped, terms)
            before, after = prefix and f"{prefix}-", suffix and f"-{suffix}"
            return "text=" + ",".join(filter(None, (before, first, last, after)))
    return ""


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    passage = text[start:end]
    return start + len(passage) - len(passage.lstrip()), start + len(passage.rstrip())


def _escaped(term: str) -> str:
    return quote(" ".join(_words(term)), safe="").replace("-", "%2D")


def _words(term: str) -> list[str]:
    """Split at the white space that HTML collapses; a no-break space stays."""
    return re.split(r"[ \t\n\f\r]+", term)


def _candidates(text: str, start: int, end: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield prefix, start, end and suffix, the shortest directives first."""
    words = list(_WORD.finditer(text, start, end))
    before = list(_WORD.finditer(text, text.rfind("\n", 0, start) + 1, start))
    paragraph_end = text.find("\n", end)
    after = list(_WORD.finditer(text, end, paragraph_end if paragraph_end >= 0 else len(text)))
    bounds = []
    if "\n" not in text[start:end]:
        bounds.append((text[start:end], ""))
    if len(words) > _LONGEST or not bounds:
        bounds = [(_head(text, words, count), _tail(text, words, count)) for count in (_ENDS, 2 * _ENDS)] + bounds
    contexts = sorted(
        ((b, a) for b in range(min(len(before), _CONTEXT) + 1) for a in range(min(len(after), _CONTEXT) + 1)),
        key=lambda counts: (sum(counts), counts[1]),
    )
    for some_before, some_after in contexts:
        prefix = text[before[-some_before].start() : before[-1].end()] if some_before else ""
        suffix = text[after[0].start() : after[some_after - 1].end()] if some_after else ""
        for first, last in bounds:
            yield prefix, first, last, suffix


def _head(text: str, words: list[re.Match[str]], count: int) -> str:
    """Return the first words, of the first paragraph alone."""
    return text[words[0].start() : words[min(count, len(words)) - 1].end()].partition("\n")[0].rstrip()


def _tail(text: str, words: list[re.Match[str]], count: int) -> str:
    """Return the last words, of the last paragraph alone."""
    return text[words[-min(count, len(words))].start() : words[-1].end()].rpartition("\n")[2].lstrip()


def select(text: str, prefix: str, first: str, last: str, suffix: str) -> tuple[int, int] | None:
    """Return the bounds of the first place in `text` that a browser may select for these terms; None where there is none."""
    return _page(text).select(prefix, first, last, suffix, possible=True)


@lru_cache(maxsize=4)
def _page(text: str) -> _Page:
    return _Page(text)


class _Page:
    """A text, searched as a browser searches a page of which each line is a block.

    A search is for what is `possible`, or for what is sure whatever the browser's dictionary and collation.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        folded, self.origins = fold_with_origins(text)
        self.folded = folded.translate(_QUOTATION_MARKS)

    def select(self, prefix: str, first: str, last: str, suffix: str, *, possible: bool) -> tuple[int, int] | None:
        """Return the bounds of the first place where the terms follow each other, or None."""
        ends = bool(last) or not suffix  # whether the first term ends at a bound of words
        for start, end in self._find(prefix or first, 0, possible, starts=True, ends=ends and not prefix):
            opening: tuple[int, int] | None = (start, end)
            if prefix:
                opening = self._match(first, self._after_space(end), possible, ends=ends)
            if opening and (closing := self._closing(opening, last, suffix, possible)):
                return opening[0], closing
        return None

    def _closing(self, opening: tuple[int, int], last: str, suffix: str, possible: bool) -> int | None:
        """Return where the selection ends that opens so, or None."""
        ends = [opening] if not last else self._find(last, opening[1], possible, starts=True, ends=not suffix)
        for _, end in ends:
            if not suffix or self._match(suffix, self._after_space(end), possible, ends=True):
                return end
        return None

    def _after_space(self, position: int) -> int:
        while position < len(self.text) and self.text[position].isspace():
            position += 1
        return position

    def _find(self, term: str, position: int, possible: bool, *, starts: bool, ends: bool) -> Iterator[tuple[int, int]]:
        """Yield the bounds of a term from a position on."""
        pattern, at = _pattern(term), bisect_left(self.origins, position)
        while pattern.pattern and (match := pattern.search(self.folded, at)):
            if bounds := self._bounds(match, term, possible, starts, ends):
                yield bounds
            at = match.start() + 1

    def _match(self, term: str, position: int, possible: bool, *, ends: bool) -> tuple[int, int] | None:
        """Return the bounds of a term that stands at a position, or None."""
        match = _pattern(term).match(self.folded, bisect_left(self.origins, position))
        return self._bounds(match, term, possible, False, ends) if match else None

    def _bounds(
        self, match: re.Match[str], term: str, possible: bool, starts: bool, ends: bool
    ) -> tuple[int, int] | None:
        if not match[0]:
            return None
        start, end = self.origins[match.start()], self.origins[match.end()]
        is_whole = end > self.origins[match.end() - 1]  # not the first s of ß
        if not possible and (not is_whole or _words(self.text[start:end]) != _words(term)):
            return None
        wanted = {True, None} if possible else {True}
        if starts and is_word_bound(self.text, start) not in wanted:
            return None
        if ends and is_word_bound(self.text, end) not in wanted:
            return None
        return start, end


@lru_cache(maxsize=512)
def _pattern(term: str) -> re.Pattern[str]:
    """Return a pattern of a term in folded text, whatever its spaces; of nothing where no letter is left of it."""
    words = [fold(word).translate(_QUOTATION_MARKS) for word in _words(term)]
    return re.compile(r"[ \t\f\r]+".join(re.escape(word) for word in words if word))


def is_word_bound(text: str, position: int) -> bool | None:
    """Whether a word starts or ends at a position; None where browsers differ (https://www.unicode.org/reports/tr29/).

    They do where a dictionary decides, and at a mark between letters or digits: `l’eau`, `e.g.`, `1,5`.
    """
    before, after = _letter_before(text, position), text[position : position + 1]
    if not before or not after:
        return True
    if unicodedata.category(after) in _EXTENDING:
        return False
    if _is_letter(before) and _is_letter(after):
        return None if is_unspaced(before) or is_unspaced(after) else False
    if after in _MIDDLE and _is_letter(before):
        return None if _is_letter(text[position + 1 : position + 2]) else True
    if before in _MIDDLE and _is_letter(after):
        return None if _is_letter(_letter_before(text, text.rfind(before, 0, position))) else True
    return True


def _letter_before(text: str, position: int) -> str:
    """Return the character before a position, without the marks on it."""
    position -= 1
    while position > 0 and unicodedata.category(text[position]) in _EXTENDING:
        position -= 1
    return text[position] if position >= 0 else ""


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character or " ")[0] == "M"
