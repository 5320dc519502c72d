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
def _fold_character(character: str) -> str:
    return fold(character)


def fold_with_origins(text: str) -> tuple[str, list[int]]:
    """Return `text` folded, and for each character of it the offset in `text` that it stems from, the end last.

    `text` is best in NFC: a letter and its mark, where they stand apart, are folded apart.
    """
    folded: list[str] = []
    origins: list[int] = []
    for offset, character in enumerate(text):
        plain = _fold_character(character)
        folded.append(plain)
        origins.extend([offset] * len(plain))
    return "".join(folded), [*origins, len(text)]
