"""The formats of data, in one table: file suffix, media types, name.

A new output format is a row here, and a writer for what it holds. Server, website and the rules for static hosts
read the table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """`suffix` without its dot; `holds` is `graph` (triples), `dataset` (quads), `table` (rows) or `text`.

    `aliases` are other media types by which clients ask for it.
    """

    suffix: str
    media_type: str
    label: str
    holds: str
    aliases: tuple[str, ...] = ()


# By suffix, in the order in which they are offered.
FORMATS = {
    row.suffix: row
    for row in (
        Format("ttl", "text/turtle", "Turtle", "graph", ("application/x-turtle",)),
        Format("jsonld", "application/ld+json", "JSON-LD", "dataset", ("application/json",)),
        Format("nt", "application/n-triples", "N-Triples", "graph", ("text/plain",)),
        Format("nq", "application/n-quads", "N-Quads", "dataset"),
        Format("trig", "application/trig", "TriG", "dataset"),
        Format("rdf", "application/rdf+xml", "RDF/XML", "graph"),
        Format("csv", "text/csv", "CSV", "table"),
        Format("tsv", "text/tab-separated-values", "TSV", "table"),
        Format("json", "application/sparql-results+json", "SPARQL JSON", "table", ("application/json",)),
        Format("xml", "application/sparql-results+xml", "SPARQL XML", "table", ("application/xml", "text/xml")),
        Format("md", "text/markdown", "Markdown", "table"),
        Format("txt", "text/plain", "Text", "text"),
    )
}

RDF_FORMATS = tuple(row.suffix for row in FORMATS.values() if row.holds in ("graph", "dataset"))
TABLE_FORMATS = tuple(row.suffix for row in FORMATS.values() if row.holds == "table")
