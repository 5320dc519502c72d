"""One thing: what is said of it, what points at it, and the passages that prove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from whereas import iris
from whereas.errors import ArgumentError
from whereas.graph import Answer, Cell, Graph
from whereas.terms import iri, literal

MOST_POINTING = 50  # rows of what points at a thing; all are counted

_LABELS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?thing ?label WHERE {
  VALUES ?thing { %s }
  ?thing rdfs:label|skos:prefLabel|dcterms:title ?label
}
"""
_OUT = "SELECT ?property ?value WHERE { %s ?property ?value } ORDER BY ?property ?value"
_IN = "SELECT DISTINCT ?property ?thing WHERE { ?thing ?property %s } ORDER BY ?property ?thing"
_AROUND = """
CONSTRUCT {{ {thing} ?property ?value . ?other ?towards {thing} }}
WHERE {{ {{ {thing} ?property ?value }} UNION {{ ?other ?towards {thing} }} }}
"""
_PASSAGES = """
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX wa: <%sns#>
SELECT ?text ?start ?end ?before ?exact ?after WHERE {
  %s wa:evidence ?passage .
  ?passage oa:hasSource ?text ; oa:hasSelector ?quote , ?position .
  ?quote oa:exact ?exact ; oa:prefix ?before ; oa:suffix ?after .
  ?position oa:start ?start ; oa:end ?end .
} ORDER BY ?text ?start
"""


@dataclass(frozen=True)
class Passage:
    """Words in a text, with those around them; offsets count characters from 0."""

    text: str
    start: int
    end: int
    before: str
    exact: str
    after: str


@dataclass(frozen=True)
class Description:
    """A thing by IRI; properties and what points at it as pairs of property IRI and cell."""

    iri: str
    label: str
    types: tuple[str, ...]
    properties: tuple[tuple[str, Cell], ...]
    pointing: tuple[tuple[str, Cell], ...]
    pointing_count: int
    passages: tuple[Passage, ...]
    labels: Mapping[str, str]


def describe(graph: Graph, name: str, language: str, vocabulary: str) -> Description:
    """What the graph holds about the IRI `name`, labels in `language` where there are any.

    Raises `ArgumentError` when it holds nothing about it.
    """
    told = [(cell[0].value, cell[1]) for cell in graph.query(_OUT % iri(name)).rows if cell[0] and cell[1]]
    pointing = [(cell[0].value, cell[1]) for cell in graph.query(_IN % iri(name)).rows if cell[0] and cell[1]]
    if not told and not pointing:
        raise ArgumentError(f"{name}: nothing is known of it here")
    types = tuple(value.value for predicate, value in told if predicate == f"{iris.RDF}type")
    named = {name, *types}
    named |= {value.value for _, value in (*told, *pointing) if value.kind == "uri"}
    named |= {predicate for predicate, _ in (*told, *pointing)}
    labels = _labels(graph, named, language)
    passages = tuple(
        Passage(text.value, int(start.value), int(end.value), before.value, exact.value, after.value)
        for text, start, end, before, exact, after in graph.query(_PASSAGES % (vocabulary, iri(name))).rows
        if text and start and end and before and exact and after
    )
    return Description(
        name,
        labels.get(name, ""),
        types,
        tuple((predicate, value) for predicate, value in told if predicate != f"{iris.RDF}type"),
        tuple(pointing[:MOST_POINTING]),
        len(pointing),
        passages,
        labels,
    )


def around(graph: Graph, name: str) -> Answer:
    """The triples that start from or end at the IRI `name`."""
    return graph.query(_AROUND.format(thing=iri(name)))


def _labels(graph: Graph, named: set[str], language: str) -> dict[str, str]:
    found: dict[str, tuple[bool, str]] = {}
    terms = " ".join(iri(name) for name in sorted(named))
    for thing, label in graph.query(_LABELS % terms).rows:
        if thing and label:
            fits = label.language == language
            if thing.value not in found or (fits and not found[thing.value][0]):
                found[thing.value] = (fits, label.value)
    return {name: label for name, (_, label) in found.items()}


def find(graph: Graph, words: str, prefixes: Mapping[str, str], base: str) -> str:
    """The IRI that `words` name: an IRI, a compact name, the last part of one, or a label.

    Raises `ArgumentError` when they name nothing, or several things.
    """
    try:
        return iris.expand(words, prefixes)
    except (ValueError, KeyError):
        pass
    found = _candidates(graph, words, base)
    if not found:
        raise ArgumentError(f"'{words}' names nothing here: expected an IRI, a compact name such as ent:…, or a label")
    if len(found) > 1:
        names = ", ".join(iris.compact(name, prefixes) for name in sorted(found)[:8])
        raise ArgumentError(f"'{words}' names {len(found)} things: {names}")
    return found.pop()


def _candidates(graph: Graph, words: str, base: str) -> set[str]:
    exact = [f"{base}ent/{words}", f"{base}doc/{words}", f"{base}doc/{words.replace(' ', '#', 1)}"]
    for name in exact:
        if iris.is_absolute(name) and graph.query(f"ASK {{ {iri(name)} ?property ?value }}").boolean:
            return {name}
    labelled = graph.query(
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
        "SELECT DISTINCT ?thing WHERE { ?thing rdfs:label|skos:prefLabel|skos:altLabel ?label "
        f"FILTER(LCASE(STR(?label)) = LCASE({literal(words)})) }}"
    )
    if labelled.rows:
        return {cell.value for (cell,) in labelled.rows if cell}
    ending = graph.query(
        f"SELECT DISTINCT ?thing WHERE {{ ?thing a ?class FILTER(STRENDS(STR(?thing), {literal('#' + words)})) }}"
    )
    return {cell.value for (cell,) in ending.rows if cell}


def as_text(told: Description, prefixes: Mapping[str, str]) -> str:
    """The description for a person to read, passages in brackets amid the words around them."""

    def name(value: str) -> str:
        return iris.compact(value, prefixes)

    def shown(value: Cell) -> str:
        if value.kind != "uri":
            return f"{value.value}{f'  ({value.language})' if value.language else ''}"
        label = told.labels.get(value.value)
        return f"{label}  {name(value.value)}" if label else name(value.value)

    def heading(predicate: str) -> str:
        return told.labels.get(predicate, name(predicate))

    kinds = ", ".join(told.labels.get(kind, name(kind)) for kind in told.types)
    lines = [f"{told.label or name(told.iri)}  ({kinds})", told.iri, ""]
    for predicate, value in told.properties:
        lines.append(f"  {heading(predicate)}: {shown(value)}")
    if told.passages:
        lines += ["", "In these words"]
    for passage in told.passages:
        lines.append(f"  {name(passage.text)} {passage.start}–{passage.end}")
        lines.append(f"    …{passage.before}[{passage.exact}]{passage.after}…".replace("\n", " "))
    if told.pointing:
        more = f", the first {len(told.pointing)}" if told.pointing_count > len(told.pointing) else ""
        lines += ["", f"What points here ({told.pointing_count}{more})"]
    for predicate, value in told.pointing:
        lines.append(f"  {shown(value)}  ({heading(predicate)})")
    return "\n".join(lines)
