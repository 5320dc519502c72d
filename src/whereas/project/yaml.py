"""Read YAML 1.2 (Core schema, string keys), the language of YAML-LD files and query headers.

Every mapping knows its line and those of its keys. What is easily overlooked, such as a value lost to a `#`, is a
finding; input that would exhaust memory or the stack is refused (docs/decisions/0014-our-own-yaml-reader.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from whereas.errors import ProjectError, broken
from whereas.findings import Finding, Location, finding

MOST_VALUES = 1_000_000  # in one file, aliases expanded
DEEPEST = 40  # levels of nesting
MOST_EXACT = 2**53 - 1  # larger numbers lose digits in JSON parsers (RFC 8259, section 6)

_STRING = "tag:yaml.org,2002:str"
_CORE: tuple[tuple[re.Pattern[str], Callable[[str], object]], ...] = (
    (re.compile(r"~|null|Null|NULL|"), lambda text: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text[0] in "tT"),
    (re.compile(r"[-+]?[0-9]{1,99}"), int),  # a longer one is a float, and refused
    (re.compile(r"0o[0-7]{1,99}"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]{1,99}"), lambda text: int(text[2:], 16)),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), float),
)
_ESCAPED_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)  # such as "\0"; unescaped ones are refused when a file is decoded
_LEADING = frozenset("~nNtTfF+-.0123456789")


class _Loader(yaml.CSafeLoader):
    """libyaml's parser with no implicit types: plain scalars are resolved here, by the Core schema."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 (PyYAML's own declaration)


class Map(dict[str, Any]):
    """A YAML mapping with its line and the line of each key."""

    line: int
    lines: dict[str, int]


def read_yaml(text: str, path: str) -> Any:
    """Return the value of a YAML file: `Map`, list, str, int, float or bool.

    Raise `ProjectError` with all findings.
    """
    try:
        _check_depth(text, path)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        message = ", ".join(part for part in (problem.context, problem.problem) if part)
        raise broken("yaml-syntax", Location(path, mark.line + 1 if mark else 0), problem=message) from None
    except yaml.YAMLError as problem:
        raise broken("yaml-syntax", Location(path), problem=str(problem).split("\n")[0]) from None
    if root is None:
        raise broken("not-yamlld", Location(path), got="nothing")
    reader = _Reader(path)
    try:
        value = reader.value(root, ())
    except ProjectError as problem:
        reader.findings.extend(problem.findings)
    if reader.findings:
        raise ProjectError(reader.findings)
    return value


def _check_depth(text: str, path: str) -> None:
    """Raise `ProjectError` at deep nesting, which would make libyaml's recursive composer overflow the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise broken("yaml-depth", Location(path, line), most=DEEPEST)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


@dataclass
class _Reader:
    path: str
    findings: list[Finding] = field(default_factory=list)
    count: int = 0

    def note(self, rule: str, node: Any, **values: Any) -> None:
        self.findings.append(finding(rule, Location(self.path, node.start_mark.line + 1), **values))

    def value(self, node: Any, above: tuple[int, ...], key: str = "") -> Any:
        self.count += 1
        if self.count > MOST_VALUES:
            raise broken("yaml-aliases", Location(self.path), most=MOST_VALUES)
        if id(node) in above:
            raise broken("yaml-cycle", Location(self.path, node.start_mark.line + 1))
        if len(above) > DEEPEST:
            raise broken("yaml-depth", Location(self.path, node.start_mark.line + 1), most=DEEPEST)
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

    def mapping(self, node: Any, above: tuple[int, ...], parent_key: str) -> Map:
        mapping = Map()
        mapping.line, mapping.lines = node.start_mark.line + 1, {}
        for key_node, value_node in node.value:
            key = self.value(key_node, above)
            if not isinstance(key, str):
                self.note("yaml-key", key_node, got=repr(key))
                continue
            if key in mapping:
                self.note("duplicate-key", key_node, key=key)
            # All texts inside a quote are quotes, whatever their own keys.
            value = self.value(value_node, above, "quote" if parent_key == "quote" else key)
            if value is None:
                self.note("empty-value", key_node, key=key)
            mapping[key], mapping.lines[key] = value, key_node.start_mark.line + 1
        return mapping
