"""Content negotiation: what a client accepts, and which of the offers it gets (RFC 9110, § 12.5).

Of two offers of the same quality, the one named more specifically wins, then the one that comes first. Only RDF
clients name RDF types: a client that names HTML and RDF alike gets RDF, and one that accepts anything gets the first
offer, the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

PAGE = "text/html"
ANY, GROUP, EXACT = 1, 2, 3  # how specific `*/*`, `text/*` and `text/html` are
MAX_LENGTH = 4000  # characters of a header that are read; the rest is ignored

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PART = re.compile(r'(?:[^,;"]|"(?:[^"\\]|\\.)*")+|[,;]')
_RANGE = re.compile(rf"({_TOKEN})/({_TOKEN})")
_LANGUAGE = re.compile(r"\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_CODING = re.compile(_TOKEN)
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


@dataclass(frozen=True)
class Preference:
    """One element of a header: its name in lower case, and its quality, 0 to 1000."""

    name: str
    quality: int


@dataclass(frozen=True)
class Offer:
    """A representation on offer: the media type it is sent as, and other names clients know it by."""

    media_type: str
    aliases: tuple[str, ...] = ()


def preferences(header: str) -> tuple[Preference, ...]:
    """Return the elements of an Accept-like header, in order, without malformed ones.

    Parameters other than `q` are ignored: nothing here comes in several versions of one type.
    """
    result = []
    for element in _elements(header[:MAX_LENGTH]):
        name, *parameters = (part.strip() for part in element)
        quality = 1000
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                value = value.strip()
                quality = round(float(value) * 1000) if _QUALITY.fullmatch(value) else -1
                break
        if name and quality >= 0:
            result.append(Preference(name.lower(), quality))
    return tuple(result)


def _elements(header: str) -> Iterable[list[str]]:
    element = [""]
    for part in _PART.findall(header):
        if part == ",":
            yield element
            element = [""]
        elif part == ";":
            element.append("")
        else:
            element[-1] += part
    yield element


@lru_cache(maxsize=4096)
def best_type(accept: str, offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that fits the Accept header best, the first without a header; None when none is acceptable."""
    ranges = [preference for preference in preferences(accept) if _RANGE.fullmatch(preference.name)]
    if not ranges:
        return offers[0] if offers and not accept.strip(" ,\t") else None
    best, best_rank = None, (0, 0, 0)
    for offer in offers:
        quality, specificity = _fit(offer, ranges)
        order = int(offer.media_type != PAGE) if specificity == EXACT else 0
        rank = (quality, specificity, order)
        if quality and rank > best_rank:
            best, best_rank = offer, rank
    return best


def _fit(offer: Offer, ranges: Iterable[Preference]) -> tuple[int, int]:
    """Return the quality of an offer by the most specific range that covers it, and how specific that is."""
    names = {offer.media_type, *offer.aliases}
    group = f"{offer.media_type.partition('/')[0]}/*"
    qualities: dict[int, int] = {}
    for name, quality in ((each.name, each.quality) for each in ranges):
        specificity = EXACT if name in names else GROUP if name == group else ANY if name == "*/*" else 0
        if specificity:
            qualities[specificity] = max(quality, qualities.get(specificity, 0))
    specificity = max(qualities, default=0)
    return qualities.get(specificity, 0), specificity


@lru_cache(maxsize=4096)
def best_language(accept: str, languages: Sequence[str]) -> str:
    """Return the language that fits the Accept-Language header best, the first where none does.

    A range fits a language that starts with it, or that it starts with: `fr-BE` gets French.
    """
    ranges = [preference for preference in preferences(accept) if _LANGUAGE.fullmatch(preference.name)]
    best, best_quality = languages[0], 0
    for language in languages:
        qualities: dict[int, int] = {}
        for name, quality in ((each.name, each.quality) for each in ranges):
            specificity = 2 if _same_language(name, language.lower()) else 1 if name == "*" else 0
            if specificity:
                qualities[specificity] = max(quality, qualities.get(specificity, 0))
        quality = qualities[max(qualities)] if qualities else 0
        if quality > best_quality:
            best, best_quality = language, quality
    return best


def _same_language(name: str, language: str) -> bool:
    return f"{name}-".startswith(f"{language}-") or f"{language}-".startswith(f"{name}-")


@lru_cache(maxsize=1024)
def best_coding(accept: str, codings: Sequence[str]) -> str:
    """Return the content coding of `codings` with the highest quality, the first of equals; empty for identity.

    Identity stays acceptable whatever the header says: it is better than an error.
    """
    qualities = {each.name: each.quality for each in preferences(accept) if _CODING.fullmatch(each.name)}
    default = qualities.get("*", 0)
    best, best_quality = "", 0
    for coding in codings:
        quality = qualities.get(coding, default)
        if quality > best_quality:
            best, best_quality = coding, quality
    return best if best_quality >= qualities.get("identity", 0) else ""


def entity_tags(header: str) -> tuple[str, ...]:
    """Return the opaque tags of If-None-Match or If-Match with their quotes, without `W/`; `*` stays as it is."""
    if header.strip() == "*":
        return ("*",)
    return tuple(re.findall(r'(?:^|[,\s]|W/)("[\x21\x23-\x7e\x80-\xff]*")', header[:MAX_LENGTH]))


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte of a single range, within `size`; None where the header is to be ignored.

    Raise `ValueError` when the range is well formed and not satisfiable: status 416.
    """
    match = re.fullmatch(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", header[:MAX_LENGTH])
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        if not int(last) or not size:
            raise ValueError(header)
        return max(0, size - int(last)), size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise ValueError(header)
    return int(first), min(int(last), size - 1) if last else size - 1
