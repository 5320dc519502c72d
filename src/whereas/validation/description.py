"""Describe one thing: its properties, its backlinks, and the passages that prove both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from whereas import iris
from whereas.compiler.passages import Passage
from whereas.errors import ArgumentError
from whereas.i18n import SOURCE, Message, gettext, number
from whereas.rdf.namespaces import RDF
from whereas.rdf.results import QueryResult, Term
from whereas.rdf.store import Graph
from whereas.rdf.terms import iri, literal

MOST_POINTING = 50  # backlinks listed; all are counted

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
PREFIX schema: <https://schema.org/>
PREFIX wa: <%sns#>
SELECT ?thing ?text ?start ?end ?passage ?exact ?prefix ?suffix ?language WHERE {
  VALUES ?thing { %s }
  ?thing wa:evidence ?passage .
  ?passage oa:hasSource ?text ; oa:hasSelector ?quote , ?position .
  ?quote oa:exact ?exact ; oa:prefix ?prefix ; oa:suffix ?suffix .
  ?position oa:start ?start ; oa:end ?end .
  ?text schema:inLanguage ?language .
} ORDER BY ?thing ?text ?start
"""
_BY_LABEL = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?thing WHERE {
  ?thing rdfs:label|skos:prefLabel|skos:altLabel ?label FILTER(LCASE(STR(?label)) = LCASE(%s))
}
"""
_BY_FRAGMENT = "SELECT DISTINCT ?thing WHERE { ?thing a ?class FILTER(STRENDS(STR(?thing), %s)) }"


@dataclass(frozen=True)
class Description:
    """A thing by IRI; properties and backlinks as pairs of property IRI and term.

    `passages` prove the properties; `proofs` are the passages of each thing in `pointing`, by IRI. `labels` are
    those of things and properties, by IRI, in the language requested where there are any.
    """

    iri: str
    label: str
    types: tuple[str, ...]
    properties: tuple[tuple[str, Term], ...]
    pointing: tuple[tuple[str, Term], ...]
    pointing_count: int
    passages: tuple[Passage, ...]
    proofs: Mapping[str, tuple[Passage, ...]]
    labels: Mapping[str, Term]


def describe(graph: Graph, name: str, language: str, vocabulary: str) -> Description:
    """Describe the IRI `name`, with labels in `language` where there are any.

    Raise `ArgumentError` when the graph holds nothing about it.
    """
    properties = [(cell[0].value, cell[1]) for cell in graph.query(_OUT % iri(name)).rows if cell[0] and cell[1]]
    pointing = [(cell[0].value, cell[1]) for cell in graph.query(_IN % iri(name)).rows if cell[0] and cell[1]]
    if not properties and not pointing:
        raise ArgumentError(Message("{name}: not found in the data", name=name))
    types = tuple(value.value for predicate, value in properties if predicate == f"{RDF}type")
    named = {name, *types}
    named |= {value.value for _, value in (*properties, *pointing) if value.kind == "uri"}
    named |= {predicate for predicate, _ in (*properties, *pointing)}
    labels = _labels(graph, named, language)
    shown = pointing[:MOST_POINTING]
    proofs = _passages(graph, {name, *(value.value for _, value in shown if value.kind == "uri")}, vocabulary)
    return Description(
        name,
        labels[name].value if name in labels else "",
        types,
        tuple((predicate, value) for predicate, value in properties if predicate != f"{RDF}type"),
        tuple(shown),
        len(pointing),
        tuple(proofs.pop(name, ())),
        {thing: tuple(passages) for thing, passages in proofs.items()},
        labels,
    )


def _passages(graph: Graph, things: set[str], vocabulary: str) -> dict[str, list[Passage]]:
    """Return the passages that things rest on, by thing."""
    passages: dict[str, list[Passage]] = {}
    terms = " ".join(iri(thing) for thing in sorted(things))
    for row in graph.query(_PASSAGES % (vocabulary, terms)).rows:
        thing, text, start, end, *rest = (cell.value for cell in row if cell)
        passages.setdefault(thing, []).append(Passage(text, int(start), int(end), *rest))
    return passages


def _labels(graph: Graph, named: set[str], language: str) -> dict[str, Term]:
    """Return the best label of each thing: in `language`, else in English, else in any."""
    labels: dict[str, list[Term]] = {}
    terms = " ".join(iri(name) for name in sorted(named))
    for thing, label in graph.query(_LABELS % terms).rows:
        if thing and label:
            labels.setdefault(thing.value, []).append(label)

    def rank(label: Term) -> tuple[bool, bool, str, str]:
        return label.language != language, label.language != SOURCE, label.language, label.value

    return {name: min(candidates, key=rank) for name, candidates in labels.items()}


def around(graph: Graph, name: str) -> QueryResult:
    """Return the triples that start from or end at the IRI `name`."""
    return graph.query(_AROUND.format(thing=iri(name)))


def find(graph: Graph, name: str, prefixes: Mapping[str, str], base: str) -> str:
    """Return the IRI that `name` stands for: an IRI, a compact name, the last part of one, or a label.

    Raise `ArgumentError` when it stands for nothing, or for several things.
    """
    try:
        return iris.expand(name, prefixes)
    except (ValueError, KeyError):
        pass
    candidates = _candidates(graph, name, base)
    if not candidates:
        raise ArgumentError(
            Message("'{name}': not found; expected an IRI, a compact name such as ent:…, or a label", name=name)
        )
    if len(candidates) > 1:
        names = ", ".join(iris.compact(candidate, prefixes) for candidate in sorted(candidates)[:8])
        raise ArgumentError(
            Message("'{name}' matches {count} things: {names}", name=name, count=len(candidates), names=names)
        )
    return candidates.pop()


def _candidates(graph: Graph, name: str, base: str) -> set[str]:
    for candidate in (f"{base}ent/{name}", f"{base}doc/{name}", f"{base}doc/{name.replace(' ', '#', 1)}"):
        if iris.is_absolute(candidate) and graph.query(f"ASK {{ {iri(candidate)} ?property ?value }}").boolean:
            return {candidate}
    rows = graph.query(_BY_LABEL % literal(name)).rows or graph.query(_BY_FRAGMENT % literal(f"#{name}")).rows
    return {cell.value for (cell,) in rows if cell}


def as_text(
    description: Description, prefixes: Mapping[str, str], language: str, project_languages: Collection[str]
) -> str:
    """Format the description for somebody who reads `language`.

    Of a property with values in `language`, those in the project's other languages are left out. Passages stand in
    brackets amid the words around them; text in another language is marked, as in `[en]`.
    """

    def name(value: str) -> str:
        return iris.compact(value, prefixes)

    def marked(cell: Term) -> str:
        return f"{cell.value} [{cell.language}]" if cell.language not in ("", language) else cell.value

    def label(thing: str) -> str:
        return marked(description.labels[thing]) if thing in description.labels else ""

    def shown(value: Term) -> str:
        if value.kind != "uri":
            return marked(value)
        return f"{label(value.value)}  {name(value.value)}".strip()

    kinds = ", ".join(label(kind) or name(kind) for kind in description.types)
    lines = [f"{label(description.iri) or name(description.iri)}  ({kinds})", description.iri, ""]
    others = {other for other in project_languages if other != language}
    translated = {predicate for predicate, value in description.properties if value.language == language}
    for predicate, value in description.properties:
        if value.language not in others or predicate not in translated:
            lines.append(
                "  " + gettext("{heading}: {value}", heading=label(predicate) or name(predicate), value=shown(value))
            )
    if description.passages:
        lines += ["", gettext("Passages")]
    for passage in description.passages:
        lines.append(f"  {name(passage.text)} {passage.start}–{passage.end}")
        lines.append(f"    …{passage.prefix}[{passage.exact}]{passage.suffix}…".replace("\n", " "))
    if description.pointing:
        count, some = number(description.pointing_count), number(len(description.pointing))
        is_whole = description.pointing_count == len(description.pointing)
        lines += [
            "",
            gettext(
                "What links here ({count})" if is_whole else "What links here ({count}, first {some})",
                count=count,
                some=some,
            ),
        ]
    for predicate, value in description.pointing:
        lines.append(f"  {shown(value)}  ({label(predicate) or name(predicate)})")
        passages = description.proofs.get(value.value, ())
        for passage in [passage for passage in passages if passage.language == language] or passages:
            words = gettext("“{words}”", words=" ".join(passage.exact.split()))
            lines.append(f"    {marked(Term('literal', words, passage.language))}")
    return "\n".join(lines)
