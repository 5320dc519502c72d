"""Compare texts without what nobody sees: normalization, kinds of spaces and hyphens, zero-width characters.

Letters, digits and words are never taken for others: accents and case count, and so do superscripts and fractions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# What one keyboard or program writes for the other: hyphens and dashes of the same length, apostrophes, and double
# quotation marks of English form. An em dash is seen, and so are guillemets.
_ALIKE = (
    dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"), "-")
    | dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u02b9\u02bb\u2032\u0060\u00b4\uff07"), "'")
    | dict.fromkeys(map(ord, "\u201c\u201d\u201f\u2033\uff02"), '"')
)
# Soft hyphen, zero-width characters, marks of direction, byte order mark, variation selectors.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_COMPATIBLE = ("<compat>", "<wide>", "<narrow>", "<initial>", "<medial>", "<final>", "<isolated>")
_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028]")
# White space is one run; soft hyphens and other invisible characters do not interrupt it. Else one character.
_PIECE = re.compile(rf"({_INVISIBLE.pattern}*\s(?:\s|{_INVISIBLE.pattern})*)|.", re.DOTALL)
PARAGRAPH = "\n"  # a blank line, or U+2029


@dataclass(frozen=True)
class Spelling:
    """A text as it is compared; character `n` of it stems from `starts[n]` to `ends[n]` of the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def spans(self, words: str) -> Iterator[tuple[int, int]]:
        """Yield where `words`, a compared text too, occurs: offsets of whole characters of this text."""
        at = self.text.find(words) if words else -1
        while at >= 0:
            end = at + len(words)
            if self._is_edge(at) and self._is_edge(end):
                yield at, end
            at = self.text.find(words, at + 1)

    def _is_edge(self, at: int) -> bool:
        """Return whether neither a ligature nor a letter with its marks is cut here."""
        if not 0 < at < len(self.text):
            return True
        return self.starts[at] >= self.ends[at - 1] and not continues(self.text[at])

    def letter(self, at: int, original: str) -> str:
        """Return the letter with its marks that contains character `at`, as the original has it, composed; or empty."""
        start, end = self.letter_start(at), at + 1
        while end < len(self.text) and continues(self.text[end]):
            end += 1
        spans = [*zip(self.starts[start:end], self.ends[start:end], strict=True)]
        return unicodedata.normalize("NFC", original[min(spans)[0] : max(e for _, e in spans)]) if spans else ""

    def letter_start(self, at: int) -> int:
        """Return where the letter with its marks begins that contains character `at`."""
        while 0 < at < len(self.text) and continues(self.text[at]):
            at -= 1
        return at


def continues(character: str) -> bool:
    """Return whether a character is part of the letter before it: a mark, or a vowel or final of a Hangul syllable."""
    return unicodedata.category(character)[0] == "M" or "\u1160" <= character <= "\u11ff"


def spell(text: str) -> Spelling:
    """Return `text` as it is compared."""
    characters: list[tuple[str, int, int]] = []
    for piece in _PIECE.finditer(text):
        characters.extend((character, *piece.span()) for character in _plain(piece[0]))
    _reorder(characters)
    return Spelling(
        "".join(c for c, _, _ in characters), tuple(s for _, s, _ in characters), tuple(e for *_, e in characters)
    )


@lru_cache(maxsize=20_000)
def _plain(piece: str) -> str:
    if len(piece) > 1 or piece.isspace():
        ends = len(_LINE_END.findall(piece))
        if ends == 1 and piece.lstrip(" \t").startswith("\u00ad"):
            return ""  # a word that was hyphenated at the end of a line
        return PARAGRAPH if ends > 1 or "\u2029" in piece else " "
    if _INVISIBLE.fullmatch(piece):
        return ""
    if ord(piece) in _ALIKE:
        return _ALIKE[ord(piece)]
    tag = unicodedata.decomposition(piece).partition(" ")[0]
    if not tag.startswith("<"):
        plain = unicodedata.normalize("NFD", piece)
        return plain if plain == piece else "".join(map(_plain, plain))
    plain = unicodedata.normalize("NFKD", piece)
    return plain.translate(_ALIKE) if tag in _COMPATIBLE and " " not in plain else piece


def _reorder(characters: list[tuple[str, int, int]]) -> None:
    """Put the marks after each letter into canonical order."""
    start = 0
    while start < len(characters):
        end = start
        while end < len(characters) and unicodedata.combining(characters[end][0]):
            end += 1
        if end - start > 1:
            characters[start:end] = sorted(characters[start:end], key=lambda each: unicodedata.combining(each[0]))
        start = end + 1


def common_prefix(words: str, text: str) -> int:
    """Return the length of the longest beginning of `words` that occurs in `text`."""
    least, most = 0, len(words)
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if words[:middle] in text else (least, middle - 1)
    return least
