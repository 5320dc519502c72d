"""One table: file suffix, media type, name of the format.

A new output format is a new row here, and a writer where its kind of thing is written.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """`suffix` without its dot; `holds` is `graph` (triples), `dataset` (quads), `table` (rows) or `text`."""

    suffix: str
    media_type: str
    label: str
    holds: str


FORMATS = {
    row.suffix: row
    for row in (
        Format("ttl", "text/turtle", "Turtle", "graph"),
        Format("jsonld", "application/ld+json", "JSON-LD", "dataset"),
        Format("nq", "application/n-quads", "N-Quads", "dataset"),
        Format("trig", "application/trig", "TriG", "dataset"),
        Format("nt", "application/n-triples", "N-Triples", "graph"),
        Format("rdf", "application/rdf+xml", "RDF/XML", "graph"),
        Format("csv", "text/csv", "CSV", "table"),
        Format("tsv", "text/tab-separated-values", "TSV", "table"),
        Format("json", "application/sparql-results+json", "SPARQL JSON", "table"),
        Format("xml", "application/sparql-results+xml", "SPARQL XML", "table"),
        Format("md", "text/markdown", "Markdown", "table"),
        Format("txt", "text/plain", "Text", "text"),
    )
}
