"""RDF as text: terms and quads, written and taken apart without an engine.

A *term* is a string in N-Triples syntax (`<iri>`, `"text"@fr`, `"1"^^<…integer>`), a *quad* a tuple
of four terms. They stay text because they are hashed, sorted, stored and published as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Quad = tuple[str, str, str, str]
Triples = frozenset[tuple[str, str, str]]

_STRING = "http://www.w3.org/2001/XMLSchema#string"
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
# What canonical N-Triples escapes, and how (https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples).
_ESCAPED = (
    {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)}
    | {ord(character): f"\\{letter}" for letter, character in _CONTROL.items()}
    | {ord(character): f"\\{character}" for character in '"\\'}
)


def nquads(quads: Iterable[Quad]) -> str:
    """Write N-Quads, one line per quad, in the order given."""
    return "".join(
        f"{subject} {predicate} {value} {graph} .\n" if graph else f"{subject} {predicate} {value} .\n"
        for subject, predicate, value, graph in quads
    )


def read_nquads(text: str) -> Iterator[Quad]:
    """Read N-Quads that `nquads` wrote: one quad per line, each in a named graph."""
    for line in text.split("\n")[:-1]:  # not `splitlines`: a literal may contain U+2028 and the like
        subject, predicate, rest = line.split(" ", 2)
        value, _, graph = rest[:-2].rpartition(" ")
        yield subject, predicate, value, graph


def iri(value: str) -> str:
    """Return the term of an IRI."""
    return f"<{value}>"


def literal(value: str, *, language: str = "", datatype: str = "") -> str:
    """Return the term of a literal in canonical N-Triples; plain text without language and datatype."""
    text = f'"{value.translate(_ESCAPED)}"'
    if language:
        return f"{text}@{language.lower()}"
    return f"{text}^^<{datatype}>" if datatype and datatype != _STRING else text


def is_iri(term: str) -> bool:
    """Return whether a term is an IRI."""
    return term.startswith("<")


def value_of(term: str) -> str:
    """Return the IRI of a term, or its text without language and datatype."""
    if term.startswith("<"):
        return term[1:-1]
    if term.startswith('"'):
        return _unescaped(term[1 : term.rindex('"')])
    return term


def language_of(term: str) -> str:
    """Return the language of a literal, or empty."""
    tag = term[term.rindex('"') + 1 :] if term.startswith('"') else ""
    return tag[1:] if tag.startswith("@") else ""


def datatype_of(term: str) -> str:
    """Return the datatype IRI of a literal, or empty for plain text and text in a language."""
    tag = term[term.rindex('"') + 1 :] if term.startswith('"') else ""
    return tag[3:-1] if tag.startswith("^^") else ""


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        short, long, plain = match.groups()
        return _CONTROL.get(plain, plain) if plain else chr(int(short or long, 16))

    return _ESCAPE.sub(character, text)
