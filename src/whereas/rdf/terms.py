"""RDF as text: terms and quads, and what can be said of them without an engine.

A *term* is a string in N-Triples syntax (`<iri>`, `"text"@fr`, `"1"^^<…integer>`), a *quad* a tuple
of four terms. Text is what is hashed, sorted, stored and published, so it is kept as text.
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
    """N-Quads, one line a quad, in the order given."""
    return "".join(
        f"{subject} {predicate} {value} {graph} .\n" if graph else f"{subject} {predicate} {value} .\n"
        for subject, predicate, value, graph in quads
    )


def read_nquads(text: str) -> Iterator[Quad]:
    """The quads of N-Quads that `nquads` wrote: one a line, each in a named graph."""
    for line in text.split("\n")[:-1]:  # other characters that end a line, such as U+2028, may stand in a literal
        subject, predicate, rest = line.split(" ", 2)
        value, _, graph = rest[:-2].rpartition(" ")
        yield subject, predicate, value, graph


def iri(value: str) -> str:
    """The term of an IRI."""
    return f"<{value}>"


def literal(value: str, *, language: str = "", datatype: str = "") -> str:
    """The term of a literal, as canonical N-Triples writes it; plain text without language and datatype."""
    text = f'"{value.translate(_ESCAPED)}"'
    if language:
        return f"{text}@{language.lower()}"
    return f"{text}^^<{datatype}>" if datatype and datatype != _STRING else text


def is_iri(term: str) -> bool:
    return term.startswith("<")


def value_of(term: str) -> str:
    """What a term says: its IRI, or its text without language and datatype."""
    if term.startswith("<"):
        return term[1:-1]
    if term.startswith('"'):
        return _unescaped(term[1 : term.rindex('"')])
    return term


def language_of(term: str) -> str:
    """The language of a literal, empty where it has none."""
    tag = term[term.rindex('"') + 1 :] if term.startswith('"') else ""
    return tag[1:] if tag.startswith("@") else ""


def datatype_of(term: str) -> str:
    """The datatype IRI of a literal that names one, else empty (plain text, text in a language)."""
    tag = term[term.rindex('"') + 1 :] if term.startswith('"') else ""
    return tag[3:-1] if tag.startswith("^^") else ""


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        short, long, plain = match.groups()
        return _CONTROL.get(plain, plain) if plain else chr(int(short or long, 16))

    return _ESCAPE.sub(character, text)
