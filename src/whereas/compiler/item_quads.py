"""Wikidata items as quads, in Wikidata's own terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from whereas.rdf.namespaces import RDF, XSD
from whereas.rdf.terms import Quad, iri, literal
from whereas.rdf.wikibase import (
    CLAIM,
    DATA,
    DIRECT,
    ENTITY,
    FILE,
    PROPERTIES,
    QUALIFIER,
    SCHEMA,
    STATEMENT,
    VALUE,
    WIKIBASE,
    Item,
)


def item_quads(items: Iterable[Item], graph: str) -> Iterator[Quad]:
    """Return the items as quads in Wikidata's own terms, with where and when they were read.

    Labels are `schema:name`, as in Wikidata's RDF, so that queries for our own labels do not match them.
    """
    kind, prov = f"{RDF}type", "http://www.w3.org/ns/prov#"

    def quad(subject: str, predicate: str, term: str) -> Quad:
        return iri(subject), iri(predicate), term, iri(graph)

    yield quad(graph, kind, iri("http://rdfs.org/ns/void#Dataset"))
    yield quad(graph, "http://purl.org/dc/terms/license", iri("http://creativecommons.org/publicdomain/zero/1.0/"))
    yield quad(graph, f"{prov}wasDerivedFrom", iri(f"{ENTITY}Q2013"))
    for item in items:
        if not item.is_available:
            continue
        subject, record = f"{ENTITY}{item.qid}", f"{DATA}{item.qid}"
        yield quad(subject, kind, iri(f"{WIKIBASE}Item"))
        yield quad(record, kind, iri(f"{SCHEMA}Dataset"))
        yield quad(record, f"{SCHEMA}about", iri(subject))
        if item.modified:
            yield quad(record, f"{SCHEMA}dateModified", literal(item.modified, datatype=f"{XSD}dateTime"))
        if item.retrieved:
            retrieved = literal(item.retrieved, datatype=f"{XSD}date")
            yield quad(record, "http://purl.org/pav/retrievedOn", retrieved)
        for language, label in item.labels.items():
            yield quad(subject, f"{SCHEMA}name", literal(label, language=language))
        for name, claims in item.claims.items():
            best, holds = set(item.best(name)), PROPERTIES[name].holds
            for value in sorted(best):
                yield quad(subject, f"{DIRECT}{name}", _term(value, holds))
            for claim in claims:
                if claim.statement and (claim.qualifiers or claim.value not in best):
                    statement = f"{STATEMENT}{quote(claim.statement)}"
                    yield quad(subject, f"{CLAIM}{name}", iri(statement))
                    yield quad(statement, kind, iri(f"{WIKIBASE}Statement"))
                    yield quad(statement, f"{WIKIBASE}rank", iri(f"{WIKIBASE}{claim.rank.capitalize()}Rank"))
                    yield quad(statement, f"{VALUE}{name}", _term(claim.value, holds))
                    for qualifier, value in claim.qualifiers:
                        yield quad(statement, f"{QUALIFIER}{qualifier}", _term(value, "time"))


def _term(value: str, holds: str) -> str:
    if holds == "item":
        return iri(f"{ENTITY}{value}")
    if holds == "time":
        kind = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(value)]
        return literal(value, datatype=XSD + kind)
    if holds == "file":
        return iri(FILE + quote(value))
    if holds == "coordinate":
        latitude, longitude = value.split(",")
        point = "http://www.opengis.net/ont/geosparql#wktLiteral"
        return literal(f"Point({longitude} {latitude})", datatype=point)
    return literal(value)
