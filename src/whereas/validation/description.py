"""One thing: what is said of it, what points at it, and the passages that prove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from whereas import iris
from whereas.errors import ArgumentError
from whereas.i18n import Message, gettext, number
from whereas.rdf.namespaces import RDF
from whereas.rdf.results import QueryResult, Term
from whereas.rdf.store import Graph
from whereas.rdf.terms import iri, literal

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
PREFIX schema: <https://schema.org/>
PREFIX wa: <%sns#>
SELECT ?thing ?text ?start ?end ?before ?exact ?after ?language WHERE {
  VALUES ?thing { %s }
  ?thing wa:evidence ?passage .
  ?passage oa:hasSource ?text ; oa:hasSelector ?quote , ?position .
  ?quote oa:exact ?exact ; oa:prefix ?before ; oa:suffix ?after .
  ?position oa:start ?start ; oa:end ?end .
  ?text schema:inLanguage ?language .
} ORDER BY ?thing ?text ?start
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
    language: str


@dataclass(frozen=True)
class Description:
    """A thing by IRI; properties and what points at it as pairs of property IRI and cell.

    `passages` prove what is said of it; `proofs` are those of each thing that points at it, by IRI. `labels`
    name things and properties, in the language asked for where they have a name in it.
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
    """What the graph holds about the IRI `name`, labels in `language` where there are any.

    Raises `ArgumentError` when it holds nothing about it.
    """
    told = [(cell[0].value, cell[1]) for cell in graph.query(_OUT % iri(name)).rows if cell[0] and cell[1]]
    pointing = [(cell[0].value, cell[1]) for cell in graph.query(_IN % iri(name)).rows if cell[0] and cell[1]]
    if not told and not pointing:
        raise ArgumentError(Message("{name}: nothing is known of it here", name=name))
    types = tuple(value.value for predicate, value in told if predicate == f"{RDF}type")
    named = {name, *types}
    named |= {value.value for _, value in (*told, *pointing) if value.kind == "uri"}
    named |= {predicate for predicate, _ in (*told, *pointing)}
    labels = _labels(graph, named, language)
    shown = pointing[:MOST_POINTING]
    proofs = _passages(graph, {name, *(value.value for _, value in shown if value.kind == "uri")}, vocabulary)
    return Description(
        name,
        labels[name].value if name in labels else "",
        types,
        tuple((predicate, value) for predicate, value in told if predicate != f"{RDF}type"),
        tuple(shown),
        len(pointing),
        tuple(proofs.pop(name, ())),
        {thing: tuple(found) for thing, found in proofs.items()},
        labels,
    )


def _passages(graph: Graph, things: set[str], vocabulary: str) -> dict[str, list[Passage]]:
    found: dict[str, list[Passage]] = {}
    terms = " ".join(iri(thing) for thing in sorted(things))
    for row in graph.query(_PASSAGES % (vocabulary, terms)).rows:
        thing, text, start, end, *rest = (cell.value for cell in row if cell)
        found.setdefault(thing, []).append(Passage(text, int(start), int(end), *rest))
    return found


def around(graph: Graph, name: str) -> QueryResult:
    """The triples that start from or end at the IRI `name`."""
    return graph.query(_AROUND.format(thing=iri(name)))


def _labels(graph: Graph, named: set[str], language: str) -> dict[str, Term]:
    found: dict[str, list[Term]] = {}
    terms = " ".join(iri(name) for name in sorted(named))
    for thing, label in graph.query(_LABELS % terms).rows:
        if thing and label:
            found.setdefault(thing.value, []).append(label)

    def rank(label: Term) -> tuple[bool, bool, str, str]:
        return label.language != language, label.language != "en", label.language, label.value

    return {name: min(labels, key=rank) for name, labels in found.items()}


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
        raise ArgumentError(
            Message(
                "'{words}' names nothing here: expected an IRI, a compact name such as ent:…, or a label", words=words
            )
        )
    if len(found) > 1:
        names = ", ".join(iris.compact(name, prefixes) for name in sorted(found)[:8])
        raise ArgumentError(
            Message("'{words}' names {found} things: {names}", words=words, found=len(found), names=names)
        )
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


def as_text(told: Description, prefixes: Mapping[str, str], language: str) -> str:
    """The description for a person who reads `language`: what exists in it alone is shown in it alone.

    Passages stand in brackets amid the words around them; text in another language is marked, as in `[en]`.
    """

    def name(value: str) -> str:
        return iris.compact(value, prefixes)

    def marked(cell: Term) -> str:
        return f"{cell.value} [{cell.language}]" if cell.language not in ("", language) else cell.value

    def label(thing: str) -> str:
        return marked(told.labels[thing]) if thing in told.labels else ""

    def shown(value: Term) -> str:
        if value.kind != "uri":
            return marked(value)
        return f"{label(value.value)}  {name(value.value)}".strip()

    kinds = ", ".join(label(kind) or name(kind) for kind in told.types)
    lines = [f"{label(told.iri) or name(told.iri)}  ({kinds})", told.iri, ""]
    translated = {predicate for predicate, value in told.properties if value.language == language}
    for predicate, value in told.properties:
        if value.language not in ("en", "fr") or value.language == language or predicate not in translated:
            lines.append(
                "  " + gettext("{heading}: {value}", heading=label(predicate) or name(predicate), value=shown(value))
            )
    if told.passages:
        lines += ["", gettext("In these words")]
    for passage in told.passages:
        lines.append(f"  {name(passage.text)} {passage.start}–{passage.end}")
        lines.append(f"    …{passage.before}[{passage.exact}]{passage.after}…".replace("\n", " "))
    if told.pointing:
        all_, some = number(told.pointing_count), number(len(told.pointing))
        fits = told.pointing_count == len(told.pointing)
        lines += [
            "",
            gettext(
                "What points here ({count})" if fits else "What points here ({count}, the first {some})",
                count=all_,
                some=some,
            ),
        ]
    for predicate, value in told.pointing:
        lines.append(f"  {shown(value)}  ({label(predicate) or name(predicate)})")
        passages = told.proofs.get(value.value, ())
        ours = [passage for passage in passages if passage.language == language] or passages
        for passage in ours:
            words = gettext("“{words}”", words=" ".join(passage.exact.split()))
            lines.append(f"    {marked(Term('literal', words, passage.language))}")
    return "\n".join(lines)
