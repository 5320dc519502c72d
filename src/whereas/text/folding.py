"""What two spellings of a word share: case, accents and variants of letters folded away.

One function for an index and for what is looked for in it; `site/static/folding.js` is the same in a
browser. Marks are dropped only where a script writes accents or points with them (Latin, Greek,
Cyrillic, Hebrew, Arabic): the vowel signs of Devanagari, Thai or Tibetan and the voicing marks of kana
tell words apart and stay.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Combining diacritical marks, Cyrillic titlo, Hebrew points, Arabic vowel signs and Quranic marks.
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# Letters that Unicode does not decompose, and what they are written as where they are not to be had.
LETTERS = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i",
    "ς": "σ",
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ە": "ه", "ھ": "ه", "ہ": "ه", "ۃ": "ه", "ـ": "",
}  # fmt: skip
# Written between letters and read by nobody: soft hyphen, zero-width characters, marks of direction.
_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_DROPPED = re.compile(f"[{MARKS}{_INVISIBLE}]")
_LETTERS = str.maketrans(LETTERS)


def fold(text: str) -> str:
    """Return `text` without case and accents, compatibility forms as their plain letters."""
    plain = _DROPPED.sub("", unicodedata.normalize("NFKD", text).lower())
    return unicodedata.normalize("NFC", plain.translate(_LETTERS))


@lru_cache(maxsize=20_000)
def _joins(character: str) -> bool:
    """Whether a character is folded together with the one before: a mark, the rest of a Hangul syllable, or nothing."""
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first)[0] == "M" or "\u1160" <= first <= "\u11ff" or not fold(character)


@lru_cache(maxsize=20_000)
def _fold_cluster(cluster: str) -> str:
    return fold(cluster)


def fold_with_origins(text: str) -> tuple[str, list[int]]:
    """Return `fold(text)`, and for each character of it the offset in `text` that it stems from, the end last.

    A letter and its marks are folded together: all that they fold to stems from the letter.
    """
    folded: list[str] = []
    origins: list[int] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not _joins(text[end]):
            plain = _fold_cluster(text[start:end])
            folded.append(plain)
            origins.extend([start] * len(plain))
            start = end
    return "".join(folded), [*origins, len(text)]


class _Separators(dict[int, int]):
    """A space for each character that is no letter, number, mark or character of private use."""

    def __missing__(self, code: int) -> int:
        category = unicodedata.category(chr(code))
        self[code] = code if category[0] in "LNM" or category == "Co" else 0x20
        return self[code]


_SEPARATORS = _Separators()


def separate_words(text: str) -> str:
    """Return the text with a space in place of each character that belongs to no word; as long as it was."""
    return text.translate(_SEPARATORS)
