"""The folder `ontology/`: the JSON-LD context of YAML-LD files, the prefixes, and the vocabulary."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from whereas.errors import ProjectError, broken
from whereas.findings import Location
from whereas.i18n import Message
from whereas.project.project import Project
from whereas.rdf.context import Context
from whereas.rdf.namespaces import SHACL
from whereas.rdf.serialization import iri_problem, parse
from whereas.rdf.terms import Quad, iri, is_iri, value_of

CONTEXT_FILE, PREFIXES_FILE = "context.jsonld", "prefixes.ttl"


def read_context(project: Project) -> Context:
    """Read the JSON-LD context; its prefixes `doc:`, `ent:` and `graphs:` are those of the project."""
    path = project.material("ontology", CONTEXT_FILE)[CONTEXT_FILE]
    try:
        terms = json.loads(project.read_text(path))["@context"]
    except (json.JSONDecodeError, KeyError) as problem:
        raise broken("json-ld", project.location(path), problem=f"{type(problem).__name__} {problem}") from None
    context = Context(terms, f"{project.vocabulary}{CONTEXT_FILE}")
    try:
        names = {**context.prefixes, **context.types, **{key: name.lstrip("^") for key, name in context.keys.items()}}
        names = dict.fromkeys(context.text_keys, "") | names  # whose datatypes are names as well
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as problem:
        raise broken("json-ld", project.location(path), problem=f"{type(problem).__name__} {problem}") from None
    for name, value in names.items():
        if wrong := iri_problem(value):
            raise _invalid_iri(project, path, name, value, wrong)
    return context


def _invalid_iri(project: Project, path: Path, name: str, value: str, problem: Message) -> ProjectError:
    line = next((n for n, line in enumerate(project.read_text(path).split("\n"), 1) if name in line), 0)
    return broken(
        "not-an-iri",
        project.location(path, line),
        key=name,
        value=value,
        reason=Message(": {problem}", problem=problem),
    )


def read_prefixes(project: Project) -> dict[str, str]:
    """Read the namespaces by prefix that queries, shapes and exports share."""
    quads = read_turtle(project, PREFIXES_FILE)
    values = {(subject, predicate): value_of(term) for subject, predicate, term, _ in quads}
    return {
        value: values[subject, f"<{SHACL}namespace>"]
        for (subject, predicate), value in sorted(values.items(), key=lambda item: item[1])
        if predicate == f"<{SHACL}prefix>"
    }


def read_turtle(project: Project, name: str, graph: str = "") -> list[Quad]:
    """Read a Turtle file of `ontology/`. Raise `ProjectError` when it does not parse."""
    path = project.material("ontology", ".ttl")[name]
    try:
        quads = parse(project.read_text(path), "ttl", graph)
    except SyntaxError as problem:
        line = problem.lineno or 0
        raise broken("turtle", Location(project.location(path).path, line), problem=problem.msg) from None
    for value in {value_of(term) for quad in quads for term in quad[:3] if is_iri(term)}:
        if not value.isascii() and (wrong := iri_problem(value)):
            raise _invalid_iri(project, path, value, value, wrong)
    return quads


def vocabulary_graph(project: Project) -> str:
    """Return the IRI of the graph of the vocabulary: ontology, concept schemes and alignments."""
    return f"{project.base}graph/vocabulary"


def read_vocabulary(project: Project) -> list[Quad]:
    """Read the vocabulary, the project's own files included, as one graph; the quads come sorted."""
    graph = iri(vocabulary_graph(project))
    quads: set[Quad] = set()
    for name in project.material("ontology", ".ttl"):
        if name != PREFIXES_FILE:
            quads.update(read_turtle(project, name, graph))
    return sorted(quads)


def vocabulary_locations(project: Project, prefixes: Mapping[str, str]) -> dict[str, Location]:
    """Return the location where the description of each term starts."""
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
