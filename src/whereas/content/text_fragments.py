"""Text fragments: the part of a link that makes a browser scroll to words and mark them.

The syntax and the search are the WICG's (https://wicg.github.io/scroll-to-text-fragment/): a browser
selects the first place where prefix, start, end and suffix follow each other, whatever their case,
each at the bounds of words and none across paragraphs. A fragment is only given where that search,
run on the verbatim text, selects the passage itself; the page it came from may hold other text still.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

_LONGEST = 8  # words that are given whole; of more, the first and the last
_ENDS = 4
_CONTEXT = 12  # words before or after, at most
_WORD = re.compile(r"\S+")


def text_directive(text: str, start: int, end: int) -> str:
    """Return the directive that selects `text[start:end]`, `text=…`, or an empty text where none does.

    `text` is verbatim, a paragraph a line; offsets are in code points.
    """
    start, end = _trimmed(text, start, end)
    if start >= end:
        return ""
    for prefix, first, last, suffix in _candidates(text, start, end):
        if select(text, prefix, first, last, suffix) == (start, end):
            return "text=" + ",".join(
                [
                    *([f"{_escaped(prefix)}-"] if prefix else []),
                    _escaped(first),
                    *([_escaped(last)] if last else []),
                    *([f"-{_escaped(suffix)}"] if suffix else []),
                ]
            )
    return ""


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    passage = text[start:end]
    return start + len(passage) - len(passage.lstrip()), start + len(passage.rstrip())


def _escaped(term: str) -> str:
    return quote(" ".join(term.split()), safe="").replace("-", "%2D")


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
    """The first words, of the first paragraph alone."""
    return text[words[0].start() : words[min(count, len(words)) - 1].end()].partition("\n")[0].rstrip()


def _tail(text: str, words: list[re.Match[str]], count: int) -> str:
    """The last words, of the last paragraph alone."""
    return text[words[-min(count, len(words))].start() : words[-1].end()].rpartition("\n")[2].lstrip()


def select(text: str, prefix: str, first: str, last: str, suffix: str) -> tuple[int, int] | None:
    """Return the bounds of what a browser selects in `text` for these terms, or None where it finds nothing."""
    position = 0
    while True:
        if prefix:
            context = _find(text, prefix, position, ends_at_word=True)
            if context is None:
                return None
            position = context[0] + 1
            opening = _find(text, first, _past_space(text, context[1]), ends_at_word=bool(last) or not suffix)
            if opening is None or opening[0] != _past_space(text, context[1]):
                if opening is None:
                    return None
                continue
        else:
            opening = _find(text, first, position, ends_at_word=bool(last) or not suffix)
            if opening is None:
                return None
            position = opening[0] + 1
        start, end = opening
        search = end
        while True:
            if last:
                closing = _find(text, last, search, ends_at_word=not suffix)
                if closing is None:
                    return None
                end = closing[1]
            if not suffix:
                return start, end
            follows = _find(text, suffix, _past_space(text, end), ends_at_word=True)
            if follows is None:
                return None
            if follows[0] == _past_space(text, end):
                return start, end
            if not last:
                break
            search = closing[0] + 1 if closing else end


def _past_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _find(text: str, term: str, position: int, *, ends_at_word: bool) -> tuple[int, int] | None:
    """Find a term at the bounds of words, whatever its case and spaces, and within one paragraph."""
    pattern = r"[^\S\n]+".join(map(re.escape, term.split()))
    before = r"(?<!\w)" if term[:1].isalnum() and _is_spaced(term[0]) else ""
    after = r"(?!\w)" if ends_at_word and term[-1:].isalnum() and _is_spaced(term[-1]) else ""
    match = re.compile(before + pattern + after, re.IGNORECASE).search(text, position)
    return match.span() if match else None


def _is_spaced(character: str) -> bool:
    """Whether the character's script puts spaces between words; elsewhere a browser asks a dictionary."""
    return not re.match(
        r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[\U00020000-\U0003ffff]", character
    )
