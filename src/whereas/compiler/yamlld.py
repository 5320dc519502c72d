"""YAML-LD (https://www.w3.org/TR/yaml-ld/): YAML to nodes that know their lines, nodes to quads.

There is one flat context. What a generic processor silently drops, an unknown key or a misspelt prefix, is a finding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from whereas import iris
from whereas.compiler.dates import DATES, date_expected
from whereas.errors import ProjectError, broken
from whereas.findings import Finding, Location, finding
from whereas.i18n import Message
from whereas.project.languages import is_language
from whereas.project.yaml import Map, read_yaml
from whereas.rdf.context import Context
from whereas.rdf.serialization import iri_problem, name_problem, parse
from whereas.rdf.terms import Quad

SELECTOR = frozenset({"exact", "prefix", "suffix"})  # keys of a quote with the words around it
_PREFIX = re.compile(r"[A-Za-z][\w-]*")


@dataclass(frozen=True)
class Document:
    """A YAML-LD file: its nodes, the IRI of its graph and the location of that `id`, all prefixes it may use."""

    path: str
    graph: str
    id_location: Location
    nodes: tuple[Map, ...]
    prefixes: Mapping[str, str]

    def location(self, node: Map, key: str = "") -> Location:
        return Location(self.path, node.lines.get(key, node.line))

    def expand(self, name: str) -> str:
        """Return the IRI of a compact name that was checked."""
        return iris.expand(name, self.prefixes)


def read_document(text: str, path: str, context: Context) -> tuple[Document | None, list[Finding]]:
    """Read a YAML-LD file: the document and no findings, or None and the findings."""
    try:
        root = read_yaml(text, path, context.text_keys)
    except ProjectError as problem:
        return None, list(problem.findings)
    if not isinstance(root, Map) or not {"@context", "id", "graph"} <= root.keys():
        got = f"a mapping with {', '.join(root)}" if isinstance(root, Map) else type(root).__name__
        return None, [finding("not-yamlld", Location(path), got=got)]
    checker = _Checker(path, context, dict(context.prefixes))
    checker.check_context(root["@context"], root.lines["@context"])
    nodes = root["graph"] if isinstance(root["graph"], list) else [root["graph"]]
    for key in root:
        if key not in ("@context", "id", "graph"):
            checker.unknown_key(key, root.lines[key], ("@context", "id", "graph"))
    graph = checker.check_iri("id", root["id"], root.lines["id"])
    for node in nodes:
        checker.check_node(node, root.lines["graph"])
    if checker.findings:
        return None, sorted(checker.findings)
    return Document(path, graph, Location(path, root.lines["id"]), tuple(nodes), checker.prefixes), []


def excerpt(value: object) -> str:
    """Return a value for a message: a text unchanged, the first characters of the `repr` of anything else."""
    return value if isinstance(value, str) else repr(value)[:60]


def types_of(node: Mapping[str, Any]) -> list[str]:
    """Return the names of the types of a node that was checked."""
    types = node["type"]
    return types if isinstance(types, list) else [types]


@dataclass
class _Checker:
    path: str
    context: Context
    prefixes: dict[str, str]
    findings: list[Finding] = field(default_factory=list)

    def note(self, rule: str, line: int, **values: Any) -> None:
        self.findings.append(finding(rule, Location(self.path, line), **values))

    def unknown_key(self, key: str, line: int, known: Iterable[str]) -> None:
        self.note("unknown-key", line, key=key, hint=iris.near(key, known))

    def wrong_value(self, key: str, expected: Message | str, got: object, line: int) -> None:
        self.note("not-a-value", line, key=key, expected=expected, got=excerpt(got))

    def check_context(self, value: object, line: int) -> None:
        """Check the value of `@context`, and add the prefixes that it declares to those of the shared context."""
        shared, *parts = value if isinstance(value, list) and value else [value]
        if shared != self.context.iri:
            self.wrong_value("@context", self.context.iri, shared, line)
        for part in parts:
            if not isinstance(part, Map):
                self.wrong_value("@context", Message("prefixes"), part, line)
                continue
            for prefix, namespace in part.items():
                if not _PREFIX.fullmatch(prefix) or prefix in self.context.keys | self.context.types:
                    self.wrong_value("@context", Message("a prefix such as d"), prefix, part.lines[prefix])
                elif not isinstance(namespace, str) or iri_problem(namespace) or namespace[-1] not in "/#":
                    expected = Message("an IRI that ends in / or #")
                    self.wrong_value(prefix, expected, namespace, part.lines[prefix])
                else:
                    self.prefixes[prefix] = namespace

    def check_node(self, node: object, line: int) -> None:
        if not isinstance(node, Map):
            self.wrong_value("graph", Message("nodes"), node, line)
            return
        if "id" not in node:
            self.note("no-id", node.line)
        elif node.get("type", []) == []:
            self.note("no-type", node.line, id=node["id"])
        for key, value in node.items():
            self.check_property(key, value, node.lines[key])

    def check_property(self, key: str, value: object, line: int) -> None:
        context = self.context
        if key == "id":
            self.check_iri(key, value, line)
        elif key == "type":
            for name in value if isinstance(value, list) else [value]:
                if not isinstance(name, str) or name not in context.types:
                    self.note("unknown-type", line, type=excerpt(name), hint=iris.near(excerpt(name), context.types))
        elif key == "lang":
            if not isinstance(value, str) or not is_language(value):
                self.note("unknown-language", line, language=excerpt(value))
        elif key in context.ignored:
            pass
        elif key not in context.keys or context.keys[key].startswith("^"):
            known = [name for name, predicate in context.keys.items() if not predicate.startswith("^")]
            self.unknown_key(key, line, [*known, *context.ignored, "id", "type"])
        elif (holds := context.holds(key)) == "language":
            self.check_translations(key, value, line)
        else:
            for item in value if isinstance(value, list) else [value]:
                if holds == "iri":
                    self.check_iri(key, item, line)
                elif expected := date_expected(item, holds, self.prefixes):
                    self.wrong_value(key, expected, item, line)
                elif holds not in DATES and isinstance(item, dict | list | None):
                    self.wrong_value(key, Message("a plain value"), item, line)

    def check_translations(self, key: str, value: object, line: int) -> None:
        if not isinstance(value, Map):
            expected = Message("a text by language, such as {fr: …}")
            self.wrong_value(key, expected, value, line)
            return
        tags: dict[str, str] = {}
        for tag, text in value.items():
            if not is_language(tag):
                self.note("unknown-language", value.lines[tag], language=tag)
            if (other := tags.setdefault(tag.lower(), tag)) != tag:
                self.note("language-twice", value.lines[tag], key=key, language=tag, other=other)
            for item in text if isinstance(text, list) and self.context.is_set(key) else [text]:
                if not isinstance(item, str) or not item.strip():
                    self.wrong_value(f"{key}.{tag}", Message("a text"), item, value.lines[tag])

    def check_iri(self, key: str, value: object, line: int) -> str:
        try:
            reason = name_problem(value, self.prefixes) if isinstance(value, str) else Message("")
            if isinstance(value, str) and not reason.template:
                return iris.expand(value, self.prefixes)
            self.note("not-an-iri", line, key=key, value=excerpt(value), reason=reason)
        except ValueError:
            self.note("not-an-iri", line, key=key, value=value, reason="")
        except KeyError as unknown:
            prefix = unknown.args[0]
            self.note("unknown-prefix", line, prefix=prefix, value=value, hint=iris.near(prefix, self.prefixes))
        return ""


def quads(document: Document, nodes: Iterable[Mapping[str, Any]], context: Context) -> list[Quad]:
    """Convert `nodes` to quads by the JSON-LD 1.1 algorithm; they come sorted.

    Raise `ProjectError` when the JSON-LD parser rejects them.
    """
    local = {prefix: space for prefix, space in document.prefixes.items() if context.prefixes.get(prefix) != space}
    data = {"@context": [dict(context.terms), local], "id": document.graph, "graph": list(nodes)}
    try:
        return parse(json.dumps(data, ensure_ascii=False), "jsonld")
    except SyntaxError as problem:
        raise broken("json-ld", Location(document.path), problem=str(problem)) from None


def references(document: Document, node: Map, context: Context) -> Iterator[tuple[str, str, str]]:
    """Yield each IRI that a node refers to: its key, its compact name as written, the IRI."""
    for key, value in node.items():
        if key in context.keys and context.holds(key) == "iri":
            for name in value if isinstance(value, list) else [value]:
                yield key, name, document.expand(name)
