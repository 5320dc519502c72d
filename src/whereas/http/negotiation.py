"""What a client accepts, and which of the things on offer it gets (RFC 9110, § 12.5).

Two things fit equally well: the one named more exactly wins, then the one offered first. RDF types
are named by nobody but RDF clients, so where a client names HTML and RDF alike it gets RDF, and where
it takes anything it gets what is offered first, the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

PAGE = "text/html"
ANY, GROUP, EXACT = 1, 2, 3  # how exactly `*/*`, `text/*` and `text/html` name a type
MOST_READ = 4000  # characters of a header that are read: what follows is as if it had not been sent

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PIECE = re.compile(r'(?:[^,;"]|"(?:[^"\\]|\\.)*")+|[,;]')
_RANGE = re.compile(rf"({_TOKEN})/({_TOKEN})")
_LANGUAGE = re.compile(r"\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_CODING = re.compile(_TOKEN)
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


@dataclass(frozen=True)
class Preference:
    """One element of a header: what is named, in lower case, and how much it is wanted, 0 to 1000."""

    name: str
    quality: int


@dataclass(frozen=True)
class Offer:
    """Something that can be given: the media type it is sent as, and other names clients know it by."""

    media_type: str
    also: tuple[str, ...] = ()


def preferences(header: str) -> tuple[Preference, ...]:
    """The elements of an Accept-like header, in order; one that cannot be read is left out.

    Parameters other than `q` are not looked at: nothing here comes in several versions of one type.
    """
    found = []
    for element in _elements(header[:MOST_READ]):
        name, *parameters = (piece.strip() for piece in element)
        quality = 1000
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                value = value.strip()
                quality = round(float(value) * 1000) if _QUALITY.fullmatch(value) else -1
                break
        if name and quality >= 0:
            found.append(Preference(name.lower(), quality))
    return tuple(found)


def _elements(header: str) -> Iterable[list[str]]:
    element = [""]
    for piece in _PIECE.findall(header):
        if piece == ",":
            yield element
            element = [""]
        elif piece == ";":
            element.append("")
        else:
            element[-1] += piece
    yield element


@lru_cache(maxsize=4096)
def best_type(accept: str, offers: Sequence[Offer]) -> Offer | None:
    """The offer that fits the Accept header best; None when none is acceptable. No header: the first."""
    wanted = [told for told in preferences(accept) if _RANGE.fullmatch(told.name)]
    if not wanted:
        return offers[0] if offers and not accept.strip(" ,\t") else None
    best, best_rank = None, (0, 0, 0)
    for offer in offers:
        quality, exactness = _fit(offer, wanted)
        order = int(offer.media_type != PAGE) if exactness == EXACT else 0
        rank = (quality, exactness, order)
        if quality and rank > best_rank:
            best, best_rank = offer, rank
    return best


def _fit(offer: Offer, wanted: Iterable[Preference]) -> tuple[int, int]:
    """How much an offer is wanted, by the most exact range that names it, and how exact that is."""
    names = {offer.media_type, *offer.also}
    group = f"{offer.media_type.partition('/')[0]}/*"
    found: dict[int, int] = {}
    for told in wanted:
        exactness = EXACT if told.name in names else GROUP if told.name == group else ANY if told.name == "*/*" else 0
        if exactness:
            found[exactness] = max(told.quality, found.get(exactness, 0))
    exactness = max(found, default=0)
    return found.get(exactness, 0), exactness


@lru_cache(maxsize=4096)
def best_language(accept: str, languages: Sequence[str]) -> str:
    """The language that fits the Accept-Language header best, the first where none does.

    A range fits a language that starts with it, or that it starts with: `fr-BE` is served French.
    """
    wanted = [told for told in preferences(accept) if _LANGUAGE.fullmatch(told.name)]
    best, best_quality = languages[0], 0
    for language in languages:
        found: dict[int, int] = {}
        for told in wanted:
            exactness = 2 if _same_language(told.name, language.lower()) else 1 if told.name == "*" else 0
            if exactness:
                found[exactness] = max(told.quality, found.get(exactness, 0))
        quality = found[max(found)] if found else 0
        if quality > best_quality:
            best, best_quality = language, quality
    return best


def _same_language(wanted: str, language: str) -> bool:
    return f"{wanted}-".startswith(f"{language}-") or f"{language}-".startswith(f"{wanted}-")


@lru_cache(maxsize=1024)
def best_coding(accept: str, codings: Sequence[str]) -> str:
    """The content coding of `codings` that is accepted most, the first of equals; empty for none.

    Content as it is stays acceptable whatever the header says: it is better than an error.
    """
    wanted = {told.name: told.quality for told in preferences(accept) if _CODING.fullmatch(told.name)}
    anything = wanted.get("*", 0)
    best, best_quality = "", 0
    for coding in codings:
        quality = wanted.get(coding, anything)
        if quality > best_quality:
            best, best_quality = coding, quality
    return best if best_quality >= wanted.get("identity", 0) else ""


def entity_tags(header: str) -> tuple[str, ...]:
    """The opaque tags of If-None-Match or If-Match, quotes included, `W/` left out; `*` as it is."""
    if header.strip() == "*":
        return ("*",)
    return tuple(re.findall(r'(?:^|[,\s]|W/)("[\x21\x23-\x7e\x80-\xff]*")', header[:MOST_READ]))


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of the one range asked for, within `size`; None where the header is to be ignored.

    Raises `ValueError` when the range is well formed and lies outside: status 416.
    """
    told = re.fullmatch(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", header[:MOST_READ])
    if not told or told.groups() == ("", ""):
        return None
    first, last = told.groups()
    if not first:
        if not int(last) or not size:
            raise ValueError(header)
        return max(0, size - int(last)), size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise ValueError(header)
    return int(first), min(int(last), size - 1) if last else size - 1
