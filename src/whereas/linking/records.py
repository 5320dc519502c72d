"""Read from the graph what entities can be compared by with Wikidata items: names, dates, links, context."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from whereas.linking.matching import EntityRecord
from whereas.project.sources import ENTITIES, LINKS
from whereas.project.sssom import Link, read_links
from whereas.rdf.namespaces import OWL, RDF, RDFS, SCHEMA, SKOS
from whereas.rdf.results import Term
from whereas.rdf.wikibase import ENTITY, IDENTIFIERS
from whereas.validation.checked_project import CheckedProject

SAME, EXACT = f"{OWL}sameAs", f"{SKOS}exactMatch"

_NAMED = """
SELECT ?thing ?property ?value WHERE {
  ?thing <%slabel>|<%sprefLabel> ?name . ?thing ?property ?value
}
"""
_LANGUAGES = "SELECT DISTINCT (LANG(?name) AS ?tag) { ?thing <%slabel>|<%sprefLabel>|<%saltLabel> ?name } ORDER BY ?tag"
_MEMBERSHIPS = """
PREFIX org: <http://www.w3.org/ns/org#>
SELECT DISTINCT ?thing ?of WHERE { ?membership org:member ?thing ; org:organization|org:role ?of }
"""
_MENTIONS = """
PREFIX wa: <%sns#>
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT DISTINCT ?thing ?document ?day WHERE {
  GRAPH <%sgraph/entities> { ?thing a ?class }
  ?statement ?property ?thing ; wa:statedIn ?document .
  OPTIONAL { ?document dcterms:issued ?day }
}
"""


def read_all_links(checked: CheckedProject) -> list[Link]:
    """Read the rows of all link files, in the order of files and lines."""
    return read_links(checked.project, checked.rules.prefixes)


def links_file(checked: CheckedProject) -> Path:
    """Return the path of the file of links to Wikidata."""
    return checked.project.data / LINKS / "wikidata.sssom.tsv"


def linked(links: list[Link]) -> dict[str, str]:
    """Return the QID that each entity or concept is linked to by decision."""
    return {
        link.subject: link.object.removeprefix(ENTITY)
        for link in links
        if link.state == "decided" and link.predicate in (SAME, EXACT) and link.object.startswith(ENTITY)
    }


def languages(checked: CheckedProject) -> tuple[str, ...]:
    """Return the languages of all names in the graph, those of the project first."""
    named = checked.graph().query(_LANGUAGES % (RDFS, SKOS, SKOS)).rows
    return tuple(dict.fromkeys((*checked.project.languages, *(cell.value for (cell,) in named if cell and cell.value))))


def read_records(checked: CheckedProject, links: list[Link]) -> dict[str, EntityRecord]:
    """Read a record of everything that has a name, by IRI: entities, and concepts of the schemes."""
    graph, project = checked.graph(), checked.project
    values: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for thing, predicate, value in graph.query(_NAMED % (RDFS, SKOS)).rows:
        if thing and predicate and value and value not in values[thing.value][predicate.value]:
            values[thing.value][predicate.value].append(value)
    items = linked(links)
    positions: dict[str, set[str]] = defaultdict(set)
    for thing, of in graph.query(_MEMBERSHIPS).rows:
        if thing and of and of.value in items:
            positions[thing.value].add(items[of.value])
    documents: dict[str, set[str]] = defaultdict(set)
    days: dict[str, set[str]] = defaultdict(set)
    items_of: dict[str, set[str]] = defaultdict(set)  # linked entities, by document that mentions them
    for thing, document, day in graph.query(_MENTIONS % (project.vocabulary, project.base)).rows:
        if thing and document:
            documents[thing.value].add(document.value)
            days[thing.value] |= {day.value} if day else set()
            items_of[document.value] |= {thing.value} & items.keys()

    def name_of(thing: str) -> str:
        return min((cell.value for cell in values[thing][f"{RDFS}label"]), default=items[thing])

    def context_of(thing: str) -> dict[str, str]:
        others = {other for document in documents[thing] for other in items_of[document]}
        return {} if thing in items else {items[other]: name_of(other) for other in sorted(others)}

    def linked_to(cells: dict[str, list[Term]], key: str) -> frozenset[str]:
        return frozenset(items[cell.value] for cell in cells[f"{SCHEMA}{key}"] if cell.value in items)

    return {
        name: EntityRecord(
            name,
            {cell.language: cell.value for cell in (*cells[f"{SKOS}prefLabel"], *cells[f"{RDFS}label"])},
            tuple(sorted(cell.value for cell in cells[f"{SKOS}altLabel"])),
            frozenset(cell.value for cell in cells[f"{RDF}type"]),
            dict(_identifiers(name, links)),
            born=min((cell.value for cell in cells[f"{SCHEMA}birthDate"]), default=""),
            birthplaces=linked_to(cells, "birthPlace"),
            countries=linked_to(cells, "nationality"),
            occupations=linked_to(cells, "hasOccupation"),
            positions=frozenset(positions[name]),
            context=context_of(name),
            days=tuple(sorted(days[name])),
        )
        for name, cells in sorted(values.items())
        if name.startswith((project.base, project.vocabulary))
    }


def entities(checked: CheckedProject) -> list[str]:
    """Return the IRIs of the entities, sorted."""
    return sorted({quad[0][1:-1] for quad in checked.quads(ENTITIES)})


def _identifiers(name: str, links: list[Link]) -> Iterator[tuple[str, str]]:
    for link in links:
        if link.subject == name and link.state == "decided":
            for key, start in IDENTIFIERS.items():
                if link.object.startswith(start):
                    yield key, link.object[len(start) :]
