"""Write one source's quads as Turtle, TriG, JSON-LD and N-Quads, readable and easy to compare.

The order is that of the text: the document, its texts, then its statements by the first passage they cite,
each followed by the passages not yet written. The dataset in a format is the parts of its sources one after
the other; `frame` returns what stands before, between and after them.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from whereas.iris import compact, shorten
from whereas.rdf.context import Context
from whereas.rdf.namespaces import OA, RDF, XSD
from whereas.rdf.terms import Quad, datatype_of, is_iri, language_of, value_of

DUMP_FORMATS = ("ttl", "jsonld", "nq", "trig")

TYPE = f"{RDF}type"
START = f"{OA}start"
# Written inside the node that refers to it first.
INSIDE = ("evidence", "selector")


@dataclass
class Node:
    """A subject with its values: terms by predicate IRI."""

    subject: str
    values: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def first(self, predicate: str) -> str:
        """Return the first value as text, empty when there is none."""
        return value_of(self.values[predicate][0]) if predicate in self.values else ""


@dataclass(frozen=True)
class Export:
    """A source's nodes in reading order, ready to be written in any format."""

    name: str
    graph: str
    quads: tuple[Quad, ...]
    context: Context
    base: str

    @cached_property
    def turtle(self) -> str:
        """The nodes in Turtle, without prefixes."""
        prefixes = {**self.context.prefixes, "d": f"{self.document}#"}
        return "\n".join(_block(self, node, prefixes) for node in self.nodes.values())

    @property
    def document(self) -> str:
        """The IRI of the document that the source may describe."""
        return f"{self.base}doc/{self.name}"

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Every node by IRI, in reading order; passages right after the first node that cites them."""
        nodes: dict[str, Node] = {}
        for subject, predicate, term, _ in self.quads:
            node = nodes.setdefault(subject[1:-1], Node(subject[1:-1]))
            node.values[predicate[1:-1]].append(term)
        ordered: dict[str, Node] = {}
        for node in sorted(nodes.values(), key=lambda node: self._rank(node, nodes)):
            self._append(node, nodes, ordered)
        return ordered

    def _rank(self, node: Node, nodes: Mapping[str, Node]) -> tuple[int, int, str]:
        if node.subject == self.graph:
            return 0, 0, ""
        if node.subject == self.document:
            return 1, 0, ""
        if node.subject.startswith(f"{self.document}/"):
            return 2, 0, node.subject
        offsets = [
            int(nodes[value_of(selector)].first(START))
            for passage in node.values.get(self.context.keys["evidence"], ())
            if value_of(passage) in nodes
            for selector in nodes[value_of(passage)].values.get(self.context.keys["selector"], ())
            if START in nodes[value_of(selector)].values
        ]
        inside = node.first(TYPE).startswith(OA)
        return (5 if inside else 3 if offsets else 4), min(offsets, default=0), node.subject

    def _append(self, node: Node, nodes: Mapping[str, Node], ordered: dict[str, Node]) -> None:
        if node.subject in ordered:
            return
        ordered[node.subject] = node
        for inner in self._inner(node, nodes):
            self._append(inner, nodes, ordered)

    def _inner(self, node: Node, nodes: Mapping[str, Node]) -> list[Node]:
        named = [
            nodes[value_of(term)]
            for key in INSIDE
            for term in node.values.get(self.context.keys[key], ())
            if value_of(term) in nodes
        ]
        return sorted(named, key=lambda inner: self._rank_inside(inner, nodes))

    def _rank_inside(self, node: Node, nodes: Mapping[str, Node]) -> tuple[int, str]:
        for selector in node.values.get(self.context.keys["selector"], ()):
            if value_of(selector) in nodes and (start := nodes[value_of(selector)].first(START)):
                return int(start), node.subject
        return 0, node.subject

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Position of each node in reading order, by IRI."""
        return {subject: rank for rank, subject in enumerate(self.nodes)}

    @cached_property
    def order(self) -> dict[str, int]:
        """Position of each property in the context, by IRI."""
        ranks = {TYPE: -1}
        for rank, predicate in enumerate(self.context.keys.values()):
            ranks.setdefault(predicate, rank)
        return ranks

    def properties(self, node: Node) -> list[tuple[str, list[str]]]:
        """Return a node's predicates and values, in the order of the context."""
        last = len(self.order)
        return sorted(node.values.items(), key=lambda item: (self.order.get(item[0], last), item[0]))


def written(export: Export, format_: str) -> str:
    """Write the source in Turtle, TriG or JSON-LD, without the `frame` of the format."""
    if format_ == "jsonld":
        return json.dumps(_tree(export), ensure_ascii=False, indent=1)
    local = any(subject.startswith(f"<{export.document}#") for subject, _, _, _ in export.quads)
    prefix = f"@prefix d: <{export.document}#> .\n\n" if local else ""
    if format_ == "ttl":
        return f"\n{prefix}{export.turtle}"
    return f"\n{prefix}<{export.graph}> {{\n\n{export.turtle}\n}}\n"


def frame(format_: str, context: Context) -> tuple[str, str, str]:
    """Return what stands before the parts of a format, between two of them, and after them."""
    if format_ in ("ttl", "trig"):
        used = {prefix: space for prefix, space in context.prefixes.items() if prefix != "d"}
        return "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in used.items()), "", ""
    if format_ == "jsonld":
        terms = json.dumps(dict(context.terms), ensure_ascii=False, indent=1)
        return f'{{"@context": {terms},\n"@graph": [\n', ",\n", "\n]}\n"
    return "", "", ""


# -------------------------------------------------------------------- Turtle


def _block(export: Export, node: Node, prefixes: Mapping[str, str]) -> str:
    lines = []
    for predicate, terms in export.properties(node):
        name = "a" if predicate == TYPE else _name(f"<{predicate}>", prefixes)
        values = [_term(term, prefixes) for term in terms]
        joined = " , ".join(values)
        if len(values) > 1 and len(joined) > 80:
            joined = (" ,\n" + " " * 8).join(values)
        lines.append(f"{name} {joined}")
    body = " ;\n    ".join(lines)
    return f"{_name(f'<{node.subject}>', prefixes)} {body} .\n"


def _name(term: str, prefixes: Mapping[str, str]) -> str:
    name = shorten(term[1:-1], prefixes)
    return name if name != term[1:-1] else term


def _term(term: str, prefixes: Mapping[str, str]) -> str:
    if is_iri(term):
        return _name(term, prefixes)
    text, mark = term[: term.rindex('"') + 1], term[term.rindex('"') + 1 :]
    if "\\n" in text and '"""' not in text and not text.endswith('\\""'):
        plain = text[1:-1].replace("\\n", "\n").replace('\\"', '"')
        if "\\" not in plain and not plain.endswith('"'):
            text = f'"""{plain}"""'
    if datatype := datatype_of(term):
        if datatype == f"{XSD}integer" and re.fullmatch(r"[+-]?[0-9]+", value_of(term)):
            return value_of(term)
        return f"{text}^^{_name(mark[2:], prefixes)}"
    return f"{text}{mark}"


# -------------------------------------------------------------------- JSON-LD


def _tree(export: Export) -> dict[str, Any]:
    """Nest the graph: the document holds its texts and statements, these their passages."""
    shown: set[str] = set()
    compact = _Compaction(export)
    stated, formats = export.context.keys["statedIn"], export.context.keys["formatOf"]
    top, statements, texts = [], [], []
    for subject, node in export.nodes.items():
        if subject not in shown:
            if node.first(stated) == export.document and export.document in export.nodes:
                statements.append(compact.node(node, shown, {stated}))
            elif node.first(formats) == export.document and export.document in export.nodes:
                texts.append(compact.node(node, shown, {formats}))
            else:
                top.append(compact.node(node, shown, set()))
    name = compact.name(export.document)
    for tree in top:
        if tree["id"] == name:
            tree.update({key: nodes for key, nodes in (("texts", texts), ("statements", statements)) if nodes})
    return {"id": compact.name(export.graph), "graph": top}


class _Compaction:
    """Compact terms and nodes by the context."""

    def __init__(self, export: Export) -> None:
        self.export, self.context = export, export.context
        self.keys = {predicate: key for key, predicate in reversed(self.context.keys.items()) if predicate[0] != "^"}
        self.types = {value: name for name, value in self.context.types.items()}

    def name(self, value: str) -> str:
        return compact(value, self.context.prefixes)

    def node(self, node: Node, shown: set[str], without: set[str]) -> dict[str, Any]:
        """Return a node as an object, with the nodes that are written inside it."""
        shown.add(node.subject)
        built: dict[str, Any] = {"id": self.name(node.subject)}
        for predicate, terms in self.export.properties(node):
            if predicate == TYPE:
                names = [self.types.get(value_of(term), self.name(value_of(term))) for term in terms]
                built["type"] = names[0] if len(names) == 1 else names
            elif predicate not in without:
                key = self.keys.get(predicate, self.name(predicate))
                built[key] = self.values(key, terms, shown)
        return built

    def values(self, key: str, terms: list[str], shown: set[str]) -> Any:
        holds = self.context.holds(key)
        if holds == "language" and all(language_of(term) for term in terms):
            return self.by_language(key, terms)
        if key in INSIDE:
            inner = {value_of(term): self.export.nodes.get(value_of(term)) for term in terms}
            ordered = sorted(inner, key=lambda name: (self.export.ranks.get(name, -1), name))
            return [
                self.node(nested, shown, set()) if (nested := inner[name]) and name not in shown else self.name(name)
                for name in ordered
            ]
        values = [self.value(term, holds) for term in terms]
        return values if len(values) > 1 or self.context.is_set(key) else values[0]

    def by_language(self, key: str, terms: list[str]) -> dict[str, Any]:
        by_language: dict[str, list[str]] = defaultdict(list)
        for term in terms:
            by_language[language_of(term)].append(value_of(term))
        several = self.context.is_set(key)
        return {tag: texts if several or len(texts) > 1 else texts[0] for tag, texts in sorted(by_language.items())}

    def value(self, term: str, holds: str) -> Any:
        if is_iri(term):
            name = self.name(value_of(term))
            return name if holds == "iri" else {"id": name}
        text, language, datatype = value_of(term), language_of(term), datatype_of(term)
        if language:
            return {"@value": text, "@language": language}
        if datatype == (holds or ""):
            return text
        return {"@value": text, **({"@type": self.name(datatype)} if datatype else {})}


def as_turtle(quads: Iterable[Quad], context: Context, base: str) -> str:
    """Write triples as Turtle, with the prefixes they use."""
    export = Export("", "", tuple(quads), context, base)
    text = export.turtle
    used = {prefix: space for prefix, space in context.prefixes.items() if f"{prefix}:" in text}
    return "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in used.items()) + f"\n{text}"
