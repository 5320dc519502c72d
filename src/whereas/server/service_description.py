"""The SPARQL service described in RDF: formats, dataset, prefixes, saved queries.

https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from whereas.compiler.compile import Summary
from whereas.project.project import Project
from whereas.project.queries import Query
from whereas.rdf.formats import FORMATS
from whereas.rdf.namespaces import DCAT, DCTERMS, RDF, RDFS, SD, SHACL, VOID, XSD
from whereas.rdf.terms import Quad, iri, literal
from whereas.server.sparql.protocol import OFFERS

PROTOCOL = "https://www.w3.org/TR/sparql11-protocol/"
TARGET = "https://schema.org/target"
_FORMATS = {  # names in https://www.w3.org/ns/formats/ by media type
    FORMATS[suffix].media_type: name
    for suffix, name in {
        "ttl": "Turtle",
        "jsonld": "JSON-LD",
        "nt": "N-Triples",
        "nq": "N-Quads",
        "trig": "TriG",
        "rdf": "RDF_XML",
        "json": "SPARQL_Results_JSON",
        "xml": "SPARQL_Results_XML",
        "csv": "SPARQL_Results_CSV",
        "tsv": "SPARQL_Results_TSV",
    }.items()
}

Statement = tuple[str, str, str]  # subject and predicate as IRIs, object as a term


def service_description(
    endpoint: str,
    project: Project,
    graphs: Sequence[Summary],
    prefixes: Mapping[str, str],
    queries: Iterable[Query],
    *,
    is_federated: bool,
) -> list[Quad]:
    """Return the description of the service at an address, in the default graph."""
    dataset = f"{project.base}dataset"
    statements = chain(
        _service(endpoint, project, dataset, is_federated),
        _dataset(endpoint, dataset, graphs),
        _prefixes(endpoint, prefixes),
        *(_query(endpoint, project.base, query) for query in queries),
    )
    return [(iri(subject), iri(predicate), term, "") for subject, predicate, term in statements]


def _service(endpoint: str, project: Project, dataset: str, is_federated: bool) -> Iterable[Statement]:
    yield endpoint, f"{RDF}type", iri(f"{SD}Service")
    yield endpoint, f"{RDF}type", iri(f"{DCAT}DataService")
    yield endpoint, f"{DCAT}endpointURL", iri(endpoint)
    yield endpoint, f"{DCAT}servesDataset", iri(dataset)
    yield endpoint, f"{DCTERMS}conformsTo", iri(PROTOCOL)
    for language, title in project.title.items():
        yield endpoint, f"{DCTERMS}title", literal(f"{title}: SPARQL", language=language)
    yield endpoint, f"{SD}endpoint", iri(endpoint)
    yield endpoint, f"{SD}supportedLanguage", iri(f"{SD}SPARQL11Query")
    yield endpoint, f"{SD}feature", iri(f"{SD}UnionDefaultGraph")
    if is_federated:
        yield endpoint, f"{SD}feature", iri(f"{SD}BasicFederatedQuery")
    for offer in (*OFFERS["rows"], *OFFERS["triples"]):
        yield endpoint, f"{SD}resultFormat", iri(f"http://www.w3.org/ns/formats/{_FORMATS[offer.media_type]}")


def _dataset(endpoint: str, dataset: str, graphs: Iterable[Summary]) -> Iterable[Statement]:
    yield endpoint, f"{SD}defaultDataset", iri(f"{endpoint}#dataset")
    yield f"{endpoint}#dataset", f"{RDF}type", iri(f"{SD}Dataset")
    yield f"{endpoint}#dataset", f"{SD}defaultGraph", iri(dataset)
    yield dataset, f"{RDF}type", iri(f"{SD}Graph")
    yield dataset, f"{VOID}sparqlEndpoint", iri(endpoint)
    for summary in graphs:
        node = f"{endpoint}#graph-{summary.name}"
        yield f"{endpoint}#dataset", f"{SD}namedGraph", iri(node)
        yield node, f"{RDF}type", iri(f"{SD}NamedGraph")
        yield node, f"{SD}name", iri(summary.graph)


def _prefixes(endpoint: str, prefixes: Mapping[str, str]) -> Iterable[Statement]:
    for prefix, namespace in prefixes.items():
        node = f"{endpoint}#prefix-{prefix}"
        yield endpoint, f"{SHACL}declare", iri(node)
        yield node, f"{SHACL}prefix", literal(prefix)
        yield node, f"{SHACL}namespace", literal(namespace, datatype=f"{XSD}anyURI")


def _query(endpoint: str, base: str, query: Query) -> Iterable[Statement]:
    """Describe a saved query as SHACL does (SPARQL executables, as in sib-swiss/sparql-examples)."""
    node, kind = f"{base}queries/{query.name}", "Select" if query.columns else "Construct"
    for name in ("SPARQLExecutable", f"SPARQL{kind}Executable"):
        yield node, f"{RDF}type", iri(f"{SHACL}{name}")
    yield node, f"{SHACL}{kind.lower()}", literal(query.text)
    yield node, f"{SHACL}prefixes", iri(endpoint)
    yield node, TARGET, iri(endpoint)
    for language, text in query.summary.texts:
        yield node, f"{RDFS}label", literal(text, language=language)
    for language, text in query.description.texts:
        yield node, f"{DCTERMS}description", literal(text, language=language)
