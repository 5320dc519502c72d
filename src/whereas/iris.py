"""IRIs: prefixes, compact names and back, and where the names of this project live.

All material is written for one base. A project with another base, or a copy of the vocabulary
elsewhere, reads the same files as if they had been written for it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from whereas.i18n import Message

WRITTEN_FOR = "https://w3id.org/whereas/"


_VOCABULARY = re.compile(re.escape(WRITTEN_FOR) + r"(?=(?:ns|vocab|shapes|prefixes|context\.jsonld)\b)")
_FORBIDDEN = re.compile(r'[\x00-\x20<>"{}|\\^`]')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LOCAL = re.compile(r"(?:[A-Za-z0-9_](?:[\w.-]*[\w-])?)?", re.UNICODE)
_ANY = re.compile(r"(?!//).+")


def rebased(text: str, base: str, vocabulary: str) -> str:
    """`text` with every IRI of ours moved: the vocabulary's to `vocabulary`, the data's to `base`."""
    if base == vocabulary == WRITTEN_FOR or WRITTEN_FOR not in text:
        return text
    kept = "\x00"  # never in a text that was read: control characters are refused
    return _VOCABULARY.sub(kept, text).replace(WRITTEN_FOR, base).replace(kept, vocabulary)


def is_absolute(iri: str) -> bool:
    """Whether `iri` has a scheme and no character RDF forbids."""
    return bool(_SCHEME.match(iri)) and not _FORBIDDEN.search(iri)


def expand(name: str, prefixes: Mapping[str, str]) -> str:
    """The IRI of a compact name, or the IRI itself.

    Raises `KeyError` with the prefix when it is unknown, `ValueError` when `name` is neither.
    """
    prefix, colon, local = name.partition(":")
    if not colon or _FORBIDDEN.search(name):
        raise ValueError(name)
    if prefix in prefixes and not local.startswith("//"):  # as JSON-LD has it: what `//` follows is a scheme
        return prefixes[prefix] + local
    if local.startswith("//") or prefix in {"urn", "mailto", "tag", "doi"}:
        return name
    raise KeyError(prefix)


def shorten(iri: str, prefixes: Mapping[str, str]) -> str:
    """The compact name of an IRI under the longest namespace that fits, as Turtle allows it, or the IRI."""
    return _shortened(iri, prefixes, _LOCAL)


def compact(iri: str, prefixes: Mapping[str, str]) -> str:
    """The compact name of an IRI for a person, or JSON-LD, to read: `expand` gives the IRI back."""
    return _shortened(iri, prefixes, _ANY)


def _shortened(iri: str, prefixes: Mapping[str, str], locals_: re.Pattern[str]) -> str:
    best = ""
    name = iri
    for prefix, namespace in prefixes.items():
        if len(namespace) > len(best) and iri.startswith(namespace):
            local = iri[len(namespace) :]
            if locals_.fullmatch(local):
                best, name = namespace, f"{prefix}:{local}"
    return name


def near(word: str, known: Iterable[str]) -> Message:
    """`, did you mean …?` with the known word nearest to `word`, or an empty message."""
    names = difflib.get_close_matches(word, sorted(known), 1, 0.6)
    return Message(", did you mean '{name}'?", name=names[0]) if names else Message("")
