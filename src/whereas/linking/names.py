"""How two names agree: in letters, in words, or only when romanised.

Each script is compared with itself. What is lost when a name is written in Latin letters, such as tones, vowel signs and the
choice between characters of one sound, tells names apart: two names in one script that agree only so do not agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import LCSseq

from whereas.text.folding import fold

NEAR = 0.8  # ratio of shared letters from which two names are nearly the same

# Scripts that are written without spaces between words, by the first word of their characters' names in Unicode.
_IDEOGRAPHS = frozenset({"CJK", "IDEOGRAPHIC"})
_UNSPACED = _IDEOGRAPHS | {
    "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "TAI", "NEW",
    "JAVANESE", "BALINESE",
}  # fmt: skip
_NOT_A_SCRIPT = frozenset({"MODIFIER"})  # letters such as the ʼ of romanisations
_TSHEG = "\u0f0b"  # parts the syllables of Tibetan, not its words
_NOT_WORD = re.compile(r"[\W_]+", re.ASCII)


@lru_cache(maxsize=200_000)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name in its own script, folded: without case, accents and punctuation."""
    folded = fold(name)
    if folded.isascii():
        return tuple(_NOT_WORD.sub(" ", folded).split())
    spaced = "".join(c if _is_written(c) else " " for c in folded)
    return tuple(filter(None, (word.strip(_TSHEG) for word in spaced.split())))


@lru_cache(maxsize=200_000)
def romanized(name: str) -> tuple[str, ...]:
    """Return the words of a name in plain Latin letters."""
    return tuple(filter(None, map(_latin, words(name))))


@lru_cache(maxsize=200_000)
def keys(name: str) -> frozenset[str]:
    """Return what a name is indexed by: its words, the whole of it, and both romanised."""
    forms = words(name), romanized(name)
    return frozenset({*_romanizations(name), *("".join(form) for form in forms), *(w for form in forms for w in form)})


def alike(one: str, other: str) -> str:
    """Return how two names agree: `label` (up to case), `folded`, `words`, `script` (romanised), or `""`."""
    if same(one) == same(other):
        return "label"
    first, second = words(one), words(other)
    if not first or not second:
        return ""
    scripts, others = _scripts(one), _scripts(other)
    has_spaces = not (scripts | others) & _UNSPACED
    if "".join(first) == "".join(second) or (has_spaces and sorted(first) == sorted(second)):
        return "folded"
    if scripts == others == {"LATIN"}:  # letters that are folded nowhere, such as ə
        return "folded" if _romanizations(one) & _romanizations(other) else _contain(first, second)
    if scripts & others - {"LATIN"} and not _are_variants("".join(first), "".join(second)):
        return _contain(first, second) if has_spaces else ""
    if scripts != others or scripts & _IDEOGRAPHS:
        return "script" if _romanizations(one) & _romanizations(other) else ""
    return ""


def share_script(name: str, others: Iterable[str]) -> bool:
    """Return whether one of the other names is in a script of the name other than Latin, so that both can be compared.

    If so, that the name romanised is another name in Latin letters says nothing: 章伟 is not Zhang Wei, 张伟.
    """
    return any(_scripts(name) & _scripts(other) - {"LATIN"} for other in others)


def nearly_alike(one: str, other: str) -> str:
    """Return `near` where two names share most letters, `part` where the words of one are in the other, or `""`."""
    first, second = words(one), words(other)
    if not first or not second:
        return ""
    if _are_near(_letters(first), _letters(second), bool((_scripts(one) | _scripts(other)) & _IDEOGRAPHS)):
        return "near"
    fewer, more = sorted((set(first), set(second)), key=len)
    return "part" if fewer <= more else ""


def _contain(first: tuple[str, ...], second: tuple[str, ...]) -> str:
    fewer, more = sorted((set(first), set(second)), key=len)
    return "words" if len(fewer) > 1 and fewer < more else ""


def _are_near(first: list[str], second: list[str], has_ideographs: bool) -> bool:
    """Whether most letters are shared; of ideographs, one may be left out, but none be another."""
    shared = LCSseq.similarity(first, second)
    is_near = 2 * shared >= NEAR * (len(first) + len(second))
    return is_near and (not has_ideographs or shared == min(len(first), len(second)))


def _letters(name: tuple[str, ...]) -> list[str]:
    """Return the letters of a name, each with the marks written on it."""
    letters: list[str] = []
    for character in " ".join(name):
        if letters and unicodedata.category(character)[0] == "M":
            letters[-1] += character
        else:
            letters.append(character)
    return letters


@lru_cache(maxsize=200_000)
def same(name: str) -> str:
    """Return a name without case, in normal form: what names with one label share."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


@lru_cache(maxsize=10_000)
def _is_written(character: str) -> bool:
    """Whether a character is part of a word: a letter, a digit, or a mark on one."""
    return character.isalnum() or unicodedata.category(character)[0] == "M" or character == _TSHEG


@lru_cache(maxsize=10_000)
def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


@lru_cache(maxsize=200_000)
def _scripts(name: str) -> frozenset[str]:
    """Return the scripts of a name; a name without letters counts as Latin."""
    scripts = {_script(c) for word in words(name) for c in word if c.isalpha()} - _NOT_A_SCRIPT
    return frozenset(scripts or {"LATIN"})


@lru_cache(maxsize=200_000)
def _romanizations(name: str) -> frozenset[str]:
    """Return a name in Latin letters without spaces, from its folded letters and from those as written (й as i and as y)."""
    return frozenset({"".join(romanized(name)), _latin(unicodedata.normalize("NFKC", name))} - {""})


def _latin(text: str) -> str:
    # A romanised soft sign is a punctuation mark, and does not separate words.
    return re.sub(r"\W+", "", anyascii(text)).lower()


def _are_variants(one: str, other: str) -> bool:
    """Whether Chinese characters differ only as simplified and traditional ones of the same sound may."""
    return len(one) == len(other) and all(
        a == b or (anyascii(a) == anyascii(b) and {_standards(a), _standards(b)} == {("gb2312",), ("big5",)})
        for a, b in zip(one, other, strict=True)
    )


@lru_cache(maxsize=10_000)
def _standards(character: str) -> tuple[str, ...]:
    """Return the character sets of simplified (GB 2312) and traditional (Big5) Chinese that hold a character."""
    holding = []
    for name in ("gb2312", "big5"):
        try:
            character.encode(name)
        except UnicodeEncodeError:
            continue
        holding.append(name)
    return tuple(holding)
