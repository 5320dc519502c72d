"""RDF as text: parsed and written by Oxigraph, and handed to rdflib."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from whereas.rdf.terms import Quad, nquads

if TYPE_CHECKING:
    import rdflib
from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from whereas.rdf.terms import Triples

_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def parse(content: bytes | str, suffix: str, graph: str = "") -> list[Quad]:
    """The quads of `content`, sorted, each once. Triples go into the graph named `graph`.

    Raises `SyntaxError` with the place and what is wrong.
    """
    return sorted({(*quad[:3], quad[3] or graph) for quad in in_file_order(content, suffix)})


def in_file_order(content: bytes | str, suffix: str) -> Iterator[Quad]:
    """The quads of `content` as they stand in it. Raises `SyntaxError` with the place and what is wrong."""
    for quad in ox.parse(content, format=_FORMATS[suffix]):
        name = "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name)
        yield str(quad.subject), str(quad.predicate), str(quad.object), name


def serialized(quads: Iterable[Quad], suffix: str, prefixes: Mapping[str, str]) -> bytes:
    """Triples, or quads where the format holds them, in a format of RDF, as they come."""
    parsed = ox.parse(nquads(quads), format=ox.RdfFormat.N_QUADS)
    told = parsed if suffix in ("nq", "trig", "jsonld") else (quad.triple for quad in parsed)
    return ox.serialize(told, format=_FORMATS[suffix], prefixes=dict(prefixes)) or b""


def in_turtle(ntriples: bytes, prefixes: Mapping[str, str]) -> bytes:
    """The same triples in Turtle, as they come."""
    return (
        ox.serialize(ox.parse(ntriples, format=_FORMATS["nt"]), format=_FORMATS["ttl"], prefixes=dict(prefixes)) or b""
    )


def as_kept(ntriples: bytes | str) -> Triples:
    """The triples as the engine's store gives them back: the same values, in its own forms.

    Raises `SyntaxError` when it is not N-Triples.
    """
    store = ox.Store()
    store.extend(ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES))
    return frozenset((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in store)


def to_rdflib(quads: Iterable[Quad]) -> rdflib.Dataset:
    """The quads as an rdflib Dataset whose default graph is the union."""
    import rdflib

    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=nquads(quads), format="nquads")
    return dataset


def to_rdflib_graph(ntriples: str) -> rdflib.Graph:
    """N-Triples as an rdflib Graph."""
    import logging

    import rdflib

    logging.getLogger("rdflib.term").setLevel(logging.ERROR)  # that a literal is ill-typed is for shapes to tell
    normalizes, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False  # what is written is what is judged
    try:
        return rdflib.Graph().parse(data=ntriples, format="nt")
    finally:
        rdflib.NORMALIZE_LITERALS = normalizes
