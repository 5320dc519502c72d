"""RDF as text: parsed and written by Oxigraph, and converted to rdflib."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox

from whereas import iris
from whereas.characters import XmlError, checked_xml, code_point
from whereas.errors import ArgumentError
from whereas.findings import described
from whereas.i18n import Message
from whereas.rdf.formats import FORMATS, RDF_FORMATS
from whereas.rdf.namespaces import XSD
from whereas.rdf.terms import Quad, Triples, nquads

if TYPE_CHECKING:
    import rdflib

GRAPH_FORMATS = {
    suffix: format_ for suffix in RDF_FORMATS if (format_ := ox.RdfFormat.from_media_type(FORMATS[suffix].media_type))
}


# Legal in an IRI or not, these are refused: white space, at which other readers end it, and what nobody sees, such as
# soft hyphens and marks of direction (RFC 3987, section 4.1). Zero-width joiners spell words of Persian or Hindi.
_UNSEEN = re.compile(r"[\s\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def iri_problem(text: str) -> Message | None:
    """Return what is wrong with an absolute IRI, and what to write instead; None where it is valid.

    What this accepts, every RDF parser that we know reads; what it refuses, the engine's JSON-LD parser drops silently.
    """
    if unseen := _UNSEEN.search(text):
        return _forbidden(unseen[0])
    try:
        ox.NamedNode(text)
    except ValueError as problem:
        reason = str(problem)
    else:
        return None
    if encoding := re.search(r"percent encoding '(.*)'", reason):
        return Message("'{part}' is no percent-encoding; write %25 for a percent sign", part=encoding[1])
    if character := re.search(r"code point '(.)'", reason, re.DOTALL):
        return _forbidden(character[1])
    if re.match(r"\w+://", text) and "haracter" in reason:
        return Message("its host or its port is not valid ({reason})", reason=reason)
    return Message("{reason}", reason=reason)


def _forbidden(character: str) -> Message:
    encoded = quote(character, safe="", errors="replace")
    return Message("{character} is not allowed; write {encoded}", character=described(character), encoded=encoded)


def name_problem(name: str, prefixes: Mapping[str, str]) -> Message:
    """Return what is wrong with the IRI that a compact name or an IRI stands for, as the end of a message; or nothing."""
    try:
        problem = iri_problem(iris.expand(name, prefixes))
    except KeyError:
        return Message("")
    except ValueError:
        problem = iri_problem(name) if ":" in name else None
    return Message(": {problem}", problem=problem) if problem else Message("")


# How the engine writes an element for a property that has no name after its namespace, such as <http://example.org/1>.
_NAMELESS = re.compile(rb'<oxprefix: xmlns:oxprefix="([^"]*)"')


def parse(content: bytes | str, suffix: str, graph: str = "") -> list[Quad]:
    """Return the quads of `content`, sorted, each once. Triples go into the graph named `graph`.

    Raise `SyntaxError` with the position and the reason.
    """
    return sorted({(*quad[:3], quad[3] or graph) for quad in in_file_order(content, suffix)})


def in_file_order(content: bytes | str, suffix: str) -> Iterator[Quad]:
    """Iterate over the quads of `content` in their order. Raise `SyntaxError` with the position and the reason."""
    for quad in ox.parse(content, format=GRAPH_FORMATS[suffix]):
        name = "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name)
        yield str(quad.subject), str(quad.predicate), str(quad.object), name


def serialized(quads: Iterable[Quad], suffix: str, prefixes: Mapping[str, str]) -> bytes:
    """Write quads in an RDF format, in the order given; without their graphs where the format has none.

    Raise `ArgumentError` when the format is RDF/XML and cannot hold one of their texts or properties.
    """
    parsed = ox.parse(nquads(quads), format=ox.RdfFormat.N_QUADS)
    holds_graphs = FORMATS[suffix].holds == "dataset"
    statements = parsed if holds_graphs else (quad.triple for quad in parsed)
    return written(statements, suffix, prefixes)


def written(statements: Iterable[ox.Triple] | Iterable[ox.Quad], suffix: str, prefixes: Mapping[str, str]) -> bytes:
    """Write what the engine holds. Raise `ArgumentError` as `serialized` does."""
    if suffix != "rdf":
        return ox.serialize(statements, format=GRAPH_FORMATS[suffix], prefixes=dict(prefixes)) or b""
    try:
        content = ox.serialize(statements, format=GRAPH_FORMATS[suffix], prefixes=dict(prefixes)) or b""
    except (OSError, ValueError) as error:  # a property whose IRI is a word of RDF/XML's own syntax, such as rdf:li
        raise ArgumentError(Message("RDF/XML cannot hold the result: {reason}", reason=error)) from None
    return well_formed(content, suffix)


def well_formed(content: bytes, suffix: str) -> bytes:
    """Return XML of the engine with its carriage returns escaped.

    Raise `ArgumentError` when XML cannot hold one of its characters, or the name of a property.
    """
    try:
        content = checked_xml(content)
    except XmlError as error:
        raise not_in_xml(suffix, error) from None
    if suffix == "rdf" and (match := _NAMELESS.search(content)):
        raise _not_in_rdf_xml(unescape(match[1].decode()))
    return content


def _not_in_rdf_xml(iri: str) -> ArgumentError:
    return ArgumentError(Message("RDF/XML cannot hold the property <{iri}>: choose another format", iri=iri))


def not_in_xml(suffix: str, error: XmlError) -> ArgumentError:
    """Return the error for a character that XML cannot hold."""
    return ArgumentError(
        Message(
            "{format} cannot hold the character {character} in the result: choose another format",
            format=FORMATS[suffix].label,
            character=code_point(error.character),
        )
    )


def in_turtle(ntriples: bytes, prefixes: Mapping[str, str]) -> bytes:
    """Write N-Triples as Turtle, in the order given."""
    triples = ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES)
    return ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=dict(prefixes)) or b""


def as_kept(ntriples: bytes | str) -> Triples:
    """Return the triples as the engine's store returns them: the same values, in its own lexical forms.

    Raise `SyntaxError` when it is not N-Triples.
    """
    store = ox.Store()
    store.extend(ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES))
    return frozenset((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in store)


def to_rdflib(quads: Iterable[Quad]) -> rdflib.Dataset:
    """Return the quads as an rdflib Dataset whose default graph is the union."""
    import rdflib

    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=nquads(quads), format="nquads")
    return dataset


def to_rdflib_graph(ntriples: str) -> rdflib.Graph:
    """Return N-Triples as an rdflib Graph whose literals have the lexical forms written there.

    rdflib's own parser normalizes them; that can be switched off only for the whole process.
    """
    import logging

    import rdflib

    # Shapes report ill-typed literals; rdflib logs each of them too, by a logger that is the process's.
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)
    graph = rdflib.Graph()
    for quad in ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES):
        subject, value = (_node(term) for term in (quad.subject, quad.object))
        graph.add((subject, rdflib.URIRef(quad.predicate.value), value))
    return graph


def _node(term: object) -> rdflib.URIRef | rdflib.BNode | rdflib.Literal:
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, ox.Literal)  # a quoted triple is not in N-Triples 1.1
    datatype = None if term.language or term.datatype.value == f"{XSD}string" else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, lang=term.language, datatype=datatype, normalize=False)
