"""The folder `ontology/`: the words of YAML-LD files, the prefixes, and the vocabulary itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from whereas.errors import broken
from whereas.findings import Location
from whereas.project.project import Project
from whereas.rdf.context import Context
from whereas.rdf.namespaces import SHACL
from whereas.rdf.serialization import parse
from whereas.rdf.terms import Quad, iri, value_of

CONTEXT_FILE, PREFIXES_FILE = "context.jsonld", "prefixes.ttl"


def read_context(project: Project) -> Context:
    """The context of YAML-LD files, its `doc:`, `ent:` and `graphs:` those of the project."""
    path = project.material("ontology", CONTEXT_FILE)[CONTEXT_FILE]
    try:
        terms = json.loads(project.read_text(path))["@context"]
    except (json.JSONDecodeError, KeyError) as problem:
        raise broken("json-ld", project.location(path), problem=f"{type(problem).__name__} {problem}") from None
    return Context(terms, f"{project.vocabulary}{CONTEXT_FILE}")


def read_prefixes(project: Project) -> dict[str, str]:
    """Namespace by prefix: the list that queries, shapes and exports share."""
    quads = read_turtle(project, PREFIXES_FILE)
    told = {(subject, predicate): value_of(term) for subject, predicate, term, _ in quads}
    return {
        value: told[subject, f"<{SHACL}namespace>"]
        for (subject, predicate), value in sorted(told.items(), key=lambda item: item[1])
        if predicate == f"<{SHACL}prefix>"
    }


def read_turtle(project: Project, name: str, graph: str = "") -> list[Quad]:
    """The quads of a Turtle file of `ontology/`. Raises `ProjectError` where it does not parse."""
    path = project.material("ontology", ".ttl")[name]
    try:
        return parse(project.read_text(path), "ttl", graph)
    except SyntaxError as problem:
        line = problem.lineno or 0
        raise broken("turtle", Location(project.location(path).path, line), problem=problem.msg) from None


def vocabulary_graph(project: Project) -> str:
    """The IRI of the graph that holds ontology, schemes and alignments."""
    return f"{project.base}graph/vocabulary"


def read_vocabulary(project: Project) -> list[Quad]:
    """Ontology, schemes, alignments, and what the project adds: one graph, sorted."""
    graph = iri(vocabulary_graph(project))
    quads: set[Quad] = set()
    for name in project.material("ontology", ".ttl"):
        if name != PREFIXES_FILE:
            quads.update(read_turtle(project, name, graph))
    return sorted(quads)


def vocabulary_locations(project: Project, prefixes: Mapping[str, str]) -> dict[str, Location]:
    """The line on which each term's description starts in its file."""
    locations: dict[str, Location] = {}
    for name, path in project.material("ontology", ".ttl").items():
        if name == PREFIXES_FILE:
            continue
        for number, line in enumerate(project.read_text(path).split("\n"), 1):
            subject = re.match(r"<([^>]+)>|([\w-]+):([\w-]+)", line)
            if subject and (subject[1] or subject[2] in prefixes):
                term = subject[1] or prefixes[subject[2]] + subject[3]
                locations.setdefault(term, project.location(path, number))
    return locations
