"""YAML-LD (https://www.w3.org/TR/yaml-ld/): YAML to nodes that know their lines, nodes to quads.

One flat context. What a generic processor would drop without a word (an unknown key, a misspelt
prefix) is a finding here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from whereas import iris
from whereas.errors import ProjectError, broken
from whereas.findings import Finding, Location, finding
from whereas.i18n import Message
from whereas.project.languages import is_language
from whereas.project.yaml import Map, read_yaml
from whereas.rdf.context import Context
from whereas.rdf.serialization import parse
from whereas.rdf.terms import Quad

SELECTOR = frozenset({"exact", "prefix", "suffix"})  # keys of a quote that tells the words around it
_PREFIX = re.compile(r"[A-Za-z][\w-]*")


@dataclass(frozen=True)
class Document:
    """A YAML-LD file: the graph it describes and where it says so, its nodes, the prefixes of its own."""

    path: str
    graph: str
    named: Location
    nodes: tuple[Map, ...]
    prefixes: Mapping[str, str]

    def location(self, node: Map, key: str = "") -> Location:
        return Location(self.path, node.lines.get(key, node.line))

    def expand(self, name: str) -> str:
        """The IRI of a name that was checked."""
        return iris.expand(name, self.prefixes)


def read_document(text: str, path: str, context: Context) -> tuple[Document | None, list[Finding]]:
    """The nodes of a YAML-LD file and what is wrong with them; no document when it cannot be used."""
    try:
        told = read_yaml(text, path)
    except ProjectError as problem:
        return None, list(problem.findings)
    if not isinstance(told, Map) or not {"@context", "id", "graph"} <= told.keys():
        got = f"a mapping with {', '.join(told)}" if isinstance(told, Map) else type(told).__name__
        return None, [finding("not-yamlld", Location(path), got=got)]
    checker = _Checker(path, context, dict(context.prefixes))
    checker.context_of(told["@context"], told.lines["@context"])
    nodes = told["graph"] if isinstance(told["graph"], list) else [told["graph"]]
    for key in told:
        if key not in ("@context", "id", "graph"):
            checker.unknown_key(key, told.lines[key], ("@context", "id", "graph"))
    graph = checker.iri("id", told["id"], told.lines["id"])
    for node in nodes:
        checker.node(node, told.lines["graph"])
    if checker.findings:
        return None, sorted(checker.findings)
    return Document(path, graph, Location(path, told.lines["id"]), tuple(nodes), checker.prefixes), []


def shown(value: object) -> str:
    """A value as a message shows it: a text as it is, anything else as Python writes it, cut short."""
    return value if isinstance(value, str) else repr(value)[:60]


def types_of(node: Mapping[str, Any]) -> list[str]:
    """The names of the types of a node that was checked."""
    told = node["type"]
    return told if isinstance(told, list) else [told]


@dataclass
class _Checker:
    path: str
    context: Context
    prefixes: dict[str, str]
    findings: list[Finding] = field(default_factory=list)

    def note(self, rule: str, line: int, **told: Any) -> None:
        self.findings.append(finding(rule, Location(self.path, line), **told))

    def unknown_key(self, key: str, line: int, known: Iterable[str]) -> None:
        self.note("unknown-key", line, key=key, hint=iris.near(key, known))

    def wrong(self, key: str, expected: Message | str, got: object, line: int) -> None:
        self.note("not-a-value", line, key=key, expected=expected, got=shown(got))

    def context_of(self, told: object, line: int) -> None:
        """Add the prefixes of the file's own to those it shares."""
        shared, *parts = told if isinstance(told, list) and told else [told]
        if shared != self.context.iri:
            self.wrong("@context", self.context.iri, shared, line)
        for part in parts:
            if not isinstance(part, Map):
                self.wrong("@context", Message("prefixes"), part, line)
                continue
            for prefix, namespace in part.items():
                if not _PREFIX.fullmatch(prefix) or prefix in self.context.keys | self.context.types:
                    self.wrong("@context", Message("a prefix such as d"), prefix, part.lines[prefix])
                elif not isinstance(namespace, str) or not iris.is_absolute(namespace) or namespace[-1] not in "/#":
                    expected = Message("an IRI that ends in / or #")
                    self.wrong(prefix, expected, namespace, part.lines[prefix])
                else:
                    self.prefixes[prefix] = namespace

    def node(self, node: object, line: int) -> None:
        if not isinstance(node, Map):
            self.wrong("graph", Message("nodes"), node, line)
            return
        if "id" not in node:
            self.note("no-id", node.line)
        elif node.get("type", []) == []:
            self.note("no-type", node.line, id=node["id"])
        for key, value in node.items():
            self.property(key, value, node.lines[key])

    def property(self, key: str, value: object, line: int) -> None:
        context = self.context
        if key == "id":
            self.iri(key, value, line)
        elif key == "type":
            for name in value if isinstance(value, list) else [value]:
                if not isinstance(name, str) or name not in context.types:
                    self.note("unknown-type", line, type=shown(name), hint=iris.near(shown(name), context.types))
        elif key == "lang":
            if not isinstance(value, str) or not is_language(value):
                self.note("unknown-language", line, language=shown(value))
        elif key in context.ignored:
            pass
        elif key not in context.keys or context.keys[key].startswith("^"):
            known = [name for name, meant in context.keys.items() if not meant.startswith("^")]
            self.unknown_key(key, line, [*known, *context.ignored, "id", "type"])
        elif (holds := context.holds(key)) == "language":
            self.by_language(key, value, line)
        else:
            for item in value if isinstance(value, list) else [value]:
                if holds == "iri":
                    self.iri(key, item, line)
                elif isinstance(item, dict | list | None):
                    self.wrong(key, Message("a plain value"), item, line)

    def by_language(self, key: str, value: object, line: int) -> None:
        if not isinstance(value, Map):
            expected = Message("a text by language, such as {fr: …}")
            self.wrong(key, expected, value, line)
            return
        for tag, text in value.items():
            if not is_language(tag):
                self.note("unknown-language", value.lines[tag], language=tag)
            for item in text if isinstance(text, list) and self.context.is_set(key) else [text]:
                if not isinstance(item, str) or not item.strip():
                    self.wrong(f"{key}.{tag}", Message("a text"), item, value.lines[tag])

    def iri(self, key: str, value: object, line: int) -> str:
        try:
            if isinstance(value, str):
                return iris.expand(value, self.prefixes)
            self.note("not-an-iri", line, key=key, value=shown(value))
        except ValueError:
            self.note("not-an-iri", line, key=key, value=value)
        except KeyError as unknown:
            prefix = unknown.args[0]
            self.note("unknown-prefix", line, prefix=prefix, value=value, hint=iris.near(prefix, self.prefixes))
        return ""


def quads(document: Document, nodes: Iterable[Mapping[str, Any]], context: Context) -> list[Quad]:
    """The quads of `nodes` as the JSON-LD 1.1 algorithm gives them, sorted.

    Raises `ProjectError` when the engine refuses them.
    """
    local = {prefix: space for prefix, space in document.prefixes.items() if context.prefixes.get(prefix) != space}
    told = {"@context": [dict(context.terms), local], "id": document.graph, "graph": list(nodes)}
    try:
        return parse(json.dumps(told, ensure_ascii=False), "jsonld")
    except SyntaxError as problem:
        raise broken("json-ld", Location(document.path), problem=str(problem)) from None


def references(document: Document, node: Map, context: Context) -> Iterator[tuple[str, str, str]]:
    """Each IRI a node names, as written: key, name, IRI."""
    for key, value in node.items():
        if key in context.keys and context.holds(key) == "iri":
            for name in value if isinstance(value, list) else [value]:
                yield key, name, document.expand(name)
