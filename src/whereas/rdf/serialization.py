"""The same quads as graphs of rdflib, for pySHACL and for whoever works in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from whereas.rdf.terms import Quad, nquads

if TYPE_CHECKING:
    import rdflib


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
