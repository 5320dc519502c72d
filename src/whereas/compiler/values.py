"""Compare what a document says with what was compiled from it: every value is a triple."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whereas.compiler.yamlld import Document, types_of
from whereas.rdf.context import Context
from whereas.rdf.namespaces import RDF
from whereas.rdf.terms import Quad, datatype_of, is_iri, language_of, value_of


def changed_values(
    document: Document, nodes: Iterable[Mapping[str, Any]], quads: Iterable[Quad], context: Context
) -> Iterator[tuple[str, str]]:
    """Yield subject and property of each value of the checked `nodes` that `quads` lacks, and of each that only they have.

    JSON-LD processors drop silently what they cannot expand.
    """
    compiled: dict[tuple[str, str], list[str]] = defaultdict(list)
    for subject, predicate, term, _ in quads:
        compiled[value_of(subject), value_of(predicate)].append(term)
    written: dict[tuple[str, str], list[object]] = defaultdict(list)
    for node in nodes:
        for predicate, value in _values(document, node, context):
            written[document.expand(node["id"]), predicate].append(value)
    for place in sorted(compiled.keys() | written.keys()):
        terms, values = compiled.get(place, []), written.get(place, [])
        if not (
            all(any(_stands_for(term, value) for term in terms) for value in values)
            and all(any(_stands_for(term, value) for value in values) for term in terms)
        ):
            yield place


def _values(document: Document, node: Mapping[str, Any], context: Context) -> Iterator[tuple[str, object]]:
    """Yield each value of a node with its property: an IRI in angle brackets, a (text, language), or as it is."""
    for name in types_of(node):
        yield f"{RDF}type", f"<{context.types[name]}>"
    for key, value in node.items():
        if key not in context.keys:
            continue
        predicate, holds = context.keys[key], context.holds(key)
        if holds == "language":
            for language, texts in value.items():
                for text in texts if isinstance(texts, list) else [texts]:
                    yield predicate, (text, language.lower())
            continue
        for item in value if isinstance(value, list) else [value]:
            yield predicate, f"<{document.expand(item)}>" if holds == "iri" else (item, "")


def _stands_for(term: str, value: object) -> bool:
    """Return whether a compiled term has the characters, or the number, of a value that was written."""
    if is_iri(term) or not isinstance(value, tuple):
        return term == value
    content, language = value
    if isinstance(content, Mapping):
        name = str(content["@type"]).partition(":")[2]
        return value_of(term) == str(content["@value"]) and datatype_of(term).endswith(name)
    if isinstance(content, bool):
        return value_of(term) == str(content).lower()
    if isinstance(content, str):
        return value_of(term) == content and (not language or language_of(term) == language)
    try:
        return float(value_of(term)) == float(content)
    except ValueError:
        return False
