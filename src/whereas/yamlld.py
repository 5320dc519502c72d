"""YAML-LD (https://www.w3.org/TR/yaml-ld/): YAML to nodes that know their lines, nodes to quads.

YAML 1.2 with its Core schema, string keys, one flat context. What a generic processor would drop
without a word (an unknown key, a misspelt prefix, an empty value) is a finding here.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from whereas import iris
from whereas.errors import Finding, MaterialError, Place, broken, finding
from whereas.graph import Quad, parse

MOST_VALUES = 1_000_000  # in one file, aliases unfolded
DEEPEST = 40  # levels of nesting
MOST_EXACT = 2**53 - 1  # what every reader of JSON keeps of a number (RFC 8259, section 6)
SELECTOR = frozenset({"exact", "prefix", "suffix"})  # keys of a quote that tells the words around it

_STRING = "tag:yaml.org,2002:str"
_CORE: tuple[tuple[re.Pattern[str], Callable[[str], object]], ...] = (
    (re.compile(r"~|null|Null|NULL|"), lambda text: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text[0] in "tT"),
    (re.compile(r"[-+]?[0-9]{1,99}"), int),  # what is longer is infinite, as a float
    (re.compile(r"0o[0-7]{1,99}"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]{1,99}"), lambda text: int(text[2:], 16)),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), float),
)
_ESCAPED_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # as in "\0"; a raw one is never read
_PREFIX = re.compile(r"[A-Za-z][\w-]*")
_LEADING = frozenset("~nNtTfF+-.0123456789")


class _Loader(yaml.CSafeLoader):
    """libyaml's parser with no implicit types: plain scalars are resolved here, by the Core schema."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 (PyYAML's own declaration)


class Map(dict[str, Any]):
    """A YAML mapping that knows where it and each of its keys stand."""

    line: int
    lines: dict[str, int]


def read_yaml(text: str, path: str) -> Any:
    """The value of a YAML file: `Map`, list, str, int, float, bool.

    Raises `MaterialError` with everything that is wrong with it as YAML.
    """
    try:
        _measure(text, path)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        told = ", ".join(part for part in (problem.context, problem.problem) if part)
        raise broken("yaml-syntax", Place(path, mark.line + 1 if mark else 0), problem=told) from None
    except yaml.YAMLError as problem:
        raise broken("yaml-syntax", Place(path), problem=str(problem).split("\n")[0]) from None
    if root is None:
        raise broken("not-yamlld", Place(path), got="nothing")
    reader = _Reader(path)
    try:
        value = reader.value(root, ())
    except MaterialError as problem:
        reader.findings.extend(problem.findings)
    if reader.findings:
        raise MaterialError(reader.findings)
    return value


def _measure(text: str, path: str) -> None:
    """Refuse what is nested too deep, before libyaml recurses into it and takes the process down."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise broken("yaml-depth", Place(path, line), most=DEEPEST)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


@dataclass
class _Reader:
    path: str
    findings: list[Finding] = field(default_factory=list)
    count: int = 0

    def note(self, rule: str, node: Any, **told: Any) -> None:
        self.findings.append(finding(rule, Place(self.path, node.start_mark.line + 1), **told))

    def value(self, node: Any, above: tuple[int, ...], key: str = "") -> Any:
        self.count += 1
        if self.count > MOST_VALUES:
            raise broken("yaml-aliases", Place(self.path), most=MOST_VALUES)
        if id(node) in above:
            raise broken("yaml-cycle", Place(self.path, node.start_mark.line + 1))
        if len(above) > DEEPEST:
            raise broken("yaml-depth", Place(self.path, node.start_mark.line + 1), most=DEEPEST)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, key)
        above = (*above, id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, above, key) for item in node.value]
        return self.mapping(node, above, key)

    def scalar(self, node: Any, key: str) -> object:
        if node.tag != _STRING:
            self.note("yaml-tag", node, tag=node.tag)
        if node.style:
            if control := _ESCAPED_CONTROL.search(node.value):
                column = node.start_mark.column + 1
                self.note("control-character", node, code=ord(control[0]), column=column)
            return node.value
        if key == "quote" and node.value not in ("", "~", "null"):
            self.note("bare-quote", node)
        text: str = node.value
        if not text or text[0] in _LEADING:
            for pattern, construct in _CORE:
                if pattern.fullmatch(text):
                    value = construct(text)
                    if isinstance(value, int | float) and abs(value) > MOST_EXACT:
                        self.note("yaml-number", node, number=text[:40])
                    return value
        return text

    def mapping(self, node: Any, above: tuple[int, ...], within: str) -> Map:
        found = Map()
        found.line, found.lines = node.start_mark.line + 1, {}
        for key_node, value_node in node.value:
            key = self.value(key_node, above)
            if not isinstance(key, str):
                self.note("yaml-key", key_node, got=repr(key))
                continue
            if key in found:
                self.note("duplicate-key", key_node, key=key)
            # Inside a quote every text is a quote, whatever its own key says.
            value = self.value(value_node, above, "quote" if within == "quote" else key)
            if value is None:
                self.note("empty-value", key_node, key=key)
            found[key], found.lines[key] = value, key_node.start_mark.line + 1
        return found


@dataclass(frozen=True)
class Context:
    """The words YAML-LD files may use: a flat JSON-LD context, read once."""

    terms: Mapping[str, Any]
    iri: str  # the address files name it by

    @functools.cached_property
    def prefixes(self) -> dict[str, str]:
        """Namespace by prefix."""
        return {
            name: told
            for name, told in self.terms.items()
            if isinstance(told, str) and told[-1:] in "/#" and not name.startswith("@")
        }

    @functools.cached_property
    def keys(self) -> dict[str, str]:
        """IRI by key, for every key that stands for a property; reverse ones start with `^`."""
        found = {}
        for name, told in self.terms.items():
            if name.startswith("@") or name in self.prefixes:
                continue
            target = told if isinstance(told, str) else (told or {}).get("@id")
            reverse = (told or {}).get("@reverse") if isinstance(told, dict) else None
            if reverse:
                found[name] = "^" + iris.expand(reverse, self.prefixes)
            elif target and not target.startswith("@") and not name[0].isupper():
                found[name] = iris.expand(target, self.prefixes)
        return found

    @functools.cached_property
    def types(self) -> dict[str, str]:
        """IRI by type name."""
        return {
            name: iris.expand(told, self.prefixes)
            for name, told in self.terms.items()
            if name[0].isupper() and isinstance(told, str)
        }

    @functools.cached_property
    def ignored(self) -> frozenset[str]:
        """Keys for the author and the build alone: null in the context."""
        return frozenset(name for name, told in self.terms.items() if told is None)

    def holds(self, key: str) -> str:
        """What the values of a key are: `iri`, `language`, a datatype's IRI, or `` for plain."""
        told = self.terms.get(key)
        if not isinstance(told, dict):
            return ""
        if "@language" in str(told.get("@container", "")):
            return "language"
        if told.get("@type") == "@id":
            return "iri"
        return iris.expand(told["@type"], self.prefixes) if "@type" in told else ""

    def is_set(self, key: str) -> bool:
        """Whether a key takes several values."""
        told = self.terms.get(key)
        return isinstance(told, dict) and "@set" in str(told.get("@container", ""))


@dataclass(frozen=True)
class Document:
    """A YAML-LD file: the graph it describes and where it says so, its nodes, the prefixes of its own."""

    path: str
    graph: str
    named: Place
    nodes: tuple[Map, ...]
    prefixes: Mapping[str, str]

    def place(self, node: Map, key: str = "") -> Place:
        return Place(self.path, node.lines.get(key, node.line))

    def expand(self, name: str) -> str:
        """The IRI of a name that was checked."""
        return iris.expand(name, self.prefixes)


def read_document(text: str, path: str, context: Context) -> tuple[Document | None, list[Finding]]:
    """The nodes of a YAML-LD file and what is wrong with them; no document when it cannot be used."""
    try:
        told = read_yaml(text, path)
    except MaterialError as problem:
        return None, list(problem.findings)
    if not isinstance(told, Map) or not {"@context", "id", "graph"} <= told.keys():
        got = f"a mapping with {', '.join(told)}" if isinstance(told, Map) else type(told).__name__
        return None, [finding("not-yamlld", Place(path), got=got)]
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
    return Document(path, graph, Place(path, told.lines["id"]), tuple(nodes), checker.prefixes), []


@functools.lru_cache(maxsize=1024)
def is_language(tag: str) -> bool:
    """Whether `tag` is a BCP 47 language tag of registered parts."""
    import langcodes  # reads the whole registry of languages, 25 ms

    return tag in ("en", "fr") or ("_" not in tag and langcodes.tag_is_valid(tag))


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
        self.findings.append(finding(rule, Place(self.path, line), **told))

    def unknown_key(self, key: str, line: int, known: Iterable[str]) -> None:
        self.note("unknown-key", line, key=key, hint=iris.hint(key, known))

    def wrong(self, key: str, expected: str, got: object, line: int) -> None:
        self.note("not-a-value", line, key=key, expected=expected, got=shown(got))

    def context_of(self, told: object, line: int) -> None:
        """Add the prefixes of the file's own to those it shares."""
        shared, *parts = told if isinstance(told, list) and told else [told]
        if shared != self.context.iri:
            self.wrong("@context", self.context.iri, shared, line)
        for part in parts:
            if not isinstance(part, Map):
                self.wrong("@context", "prefixes", part, line)
                continue
            for prefix, namespace in part.items():
                if not _PREFIX.fullmatch(prefix) or prefix in self.context.keys | self.context.types:
                    self.wrong("@context", "a prefix such as d", prefix, part.lines[prefix])
                elif not isinstance(namespace, str) or not iris.is_absolute(namespace) or namespace[-1] not in "/#":
                    self.wrong(prefix, "an IRI that ends in / or #", namespace, part.lines[prefix])
                else:
                    self.prefixes[prefix] = namespace

    def node(self, node: object, line: int) -> None:
        if not isinstance(node, Map):
            self.wrong("graph", "nodes", node, line)
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
                    self.note("unknown-type", line, type=shown(name), hint=iris.hint(shown(name), context.types))
        elif key == "lang":
            if not isinstance(value, str) or not is_language(value):
                self.note("unknown-language", line, language=shown(value), hint="")
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
                    self.wrong(key, "a plain value", item, line)

    def by_language(self, key: str, value: object, line: int) -> None:
        if not isinstance(value, Map):
            self.wrong(key, "a text by language, such as {fr: …}", value, line)
            return
        for tag, text in value.items():
            if not is_language(tag):
                self.note("unknown-language", value.lines[tag], language=tag, hint="")
            for item in text if isinstance(text, list) and self.context.is_set(key) else [text]:
                if not isinstance(item, str) or not item.strip():
                    self.wrong(f"{key}.{tag}", "a text", item, value.lines[tag])

    def iri(self, key: str, value: object, line: int) -> str:
        try:
            if isinstance(value, str):
                return iris.expand(value, self.prefixes)
            self.note("not-an-iri", line, key=key, value=shown(value))
        except ValueError:
            self.note("not-an-iri", line, key=key, value=value)
        except KeyError as unknown:
            prefix = unknown.args[0]
            self.note("unknown-prefix", line, prefix=prefix, value=value, hint=iris.hint(prefix, self.prefixes))
        return ""


def quads(document: Document, nodes: Iterable[Mapping[str, Any]], context: Context) -> list[Quad]:
    """The quads of `nodes` as the JSON-LD 1.1 algorithm gives them, sorted.

    Raises `MaterialError` when the engine refuses them.
    """
    local = {prefix: space for prefix, space in document.prefixes.items() if context.prefixes.get(prefix) != space}
    told = {"@context": [dict(context.terms), local], "id": document.graph, "graph": list(nodes)}
    try:
        return parse(json.dumps(told, ensure_ascii=False), "jsonld")
    except SyntaxError as problem:
        raise broken("json-ld", Place(document.path), problem=str(problem)) from None


def references(document: Document, node: Map, context: Context) -> Iterator[tuple[str, str, str]]:
    """Each IRI a node names, as written: key, name, IRI."""
    for key, value in node.items():
        if key in context.keys and context.holds(key) == "iri":
            for name in value if isinstance(value, list) else [value]:
                yield key, name, document.expand(name)
