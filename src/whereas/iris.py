"""IRIs: expanded, shortened, and moved to a project's own base.

Ontology, shapes and queries are written for one base, `WRITTEN_FOR`. A project with another base or another
vocabulary IRI reads the same files with theirs in its place.
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
    """Return `text` with every IRI below `WRITTEN_FOR` moved: the vocabulary's to `vocabulary`, the data's to `base`."""
    if base == vocabulary == WRITTEN_FOR or WRITTEN_FOR not in text:
        return text
    placeholder = "\x00"  # not in any file that is read: control characters are refused
    return _VOCABULARY.sub(placeholder, text).replace(WRITTEN_FOR, base).replace(placeholder, vocabulary)


def is_absolute(iri: str) -> bool:
    """Return whether `iri` has a scheme and no character that RDF forbids."""
    return bool(_SCHEME.match(iri)) and not _FORBIDDEN.search(iri)


def expand(name: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI of a compact name, or the IRI itself.

    Raise `KeyError` with the prefix when it is unknown, `ValueError` when `name` is neither.
    """
    prefix, colon, local = name.partition(":")
    if not colon or _FORBIDDEN.search(name):
        raise ValueError(name)
    if prefix in prefixes and not local.startswith("//"):  # as in JSON-LD: what precedes `//` is a scheme
        return prefixes[prefix] + local
    if local.startswith("//") or prefix in {"urn", "mailto", "tag", "doi"}:
        return name
    raise KeyError(prefix)


def shorten(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return the compact name of an IRI under the longest namespace that fits, valid in Turtle, or the IRI."""
    return _shortened(iri, prefixes, _LOCAL)


def compact(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return the compact name of an IRI for people or JSON-LD, which `expand` turns back; Turtle may not allow it."""
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
    """Return `, did you mean …?` with the known word nearest to `word`, or an empty message."""
    names = difflib.get_close_matches(word, sorted(known), 1, 0.6)
    return Message(", did you mean '{name}'?", name=names[0]) if names else Message("")
