"""RDF as text: parsed and written by Oxigraph, and converted to rdflib."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import pyoxigraph as ox

from whereas.rdf.formats import FORMATS, RDF_FORMATS
from whereas.rdf.namespaces import XSD
from whereas.rdf.terms import Quad, Triples, nquads

if TYPE_CHECKING:
    import rdflib

GRAPH_FORMATS = {
    suffix: format_ for suffix in RDF_FORMATS if (format_ := ox.RdfFormat.from_media_type(FORMATS[suffix].media_type))
}


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
    """Write quads in an RDF format, in the order given; without their graphs where the format has none."""
    parsed = ox.parse(nquads(quads), format=ox.RdfFormat.N_QUADS)
    holds_graphs = FORMATS[suffix].holds == "dataset"
    statements = parsed if holds_graphs else (quad.triple for quad in parsed)
    return ox.serialize(statements, format=GRAPH_FORMATS[suffix], prefixes=dict(prefixes)) or b""


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
