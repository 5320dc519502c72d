"""Read YAML 1.2 (Core schema, string keys), the language of YAML-LD files and query headers.

Every mapping knows its line and those of its keys. What is easily overlooked, such as a value lost to a `#`, is a
finding; input that would exhaust memory or the stack is refused (docs/decisions/0014-our-own-yaml-reader.md). What
stands under a key whose values are text is text as it is written, whatever the Core schema makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import yaml

from whereas.characters import forbidden_in_material
from whereas.errors import ProjectError, broken
from whereas.findings import Finding, Location, finding, forbidden_character

MOST_VALUES = 1_000_000  # in one file, aliases expanded
DEEPEST = 40  # levels of nesting
MOST_EXACT = 2**53 - 1  # larger numbers lose digits in JSON parsers (RFC 8259, section 6)

_STRING = "tag:yaml.org,2002:str"
_NULL = re.compile(r"~|null|Null|NULL|")
_CORE: tuple[tuple[re.Pattern[str], Callable[[str], object]], ...] = (
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text[0] in "tT"),
    (re.compile(r"[-+]?[0-9]{1,99}"), int),  # a longer one is a float, and refused
    (re.compile(r"0o[0-7]{1,99}"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]{1,99}"), lambda text: int(text[2:], 16)),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), float),
)
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_CONTROLS = {"0": "\0", "a": "\a", "b": "\b", "v": "\v", "f": "\f", "e": "\x1b", "N": "\x85"}  # by letter of escape
_LEADING = frozenset("tTfF+-.0123456789")


class _Loader(yaml.CSafeLoader):
    """libyaml's parser with no implicit types: plain scalars are resolved here, by the Core schema."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 (PyYAML's own declaration)


class Map(dict[str, Any]):
    """A YAML mapping with its line and the line of each key."""

    line: int
    lines: dict[str, int]


def read_yaml(text: str, path: str, text_keys: Collection[str] = ()) -> Any:
    """Return the value of a YAML file: `Map`, list, str, int, float or bool; only str below a key of `text_keys`.

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
    reader = _Reader(path, text, text_keys)
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
    text: str
    text_keys: Collection[str] = ()
    findings: list[Finding] = field(default_factory=list)
    count: int = 0

    def note(self, rule: str, node: Any, **values: Any) -> None:
        self.findings.append(finding(rule, Location(self.path, node.start_mark.line + 1), **values))

    def value(self, node: Any, above: tuple[int, ...], key: str = "", is_text: bool = False) -> Any:
        self.count += 1
        if self.count > MOST_VALUES:
            raise broken("yaml-aliases", Location(self.path), most=MOST_VALUES)
        if id(node) in above:
            raise broken("yaml-cycle", Location(self.path, node.start_mark.line + 1))
        if len(above) > DEEPEST:
            raise broken("yaml-depth", Location(self.path, node.start_mark.line + 1), most=DEEPEST)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, key, is_text)
        above = (*above, id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, above, key, is_text) for item in node.value]
        return self.mapping(node, above, key, is_text)

    def scalar(self, node: Any, key: str, is_text: bool) -> object:
        if node.tag != _STRING:
            self.note("yaml-tag", node, tag=node.tag)
        if node.style:
            if match := forbidden_in_material(node.value):  # as an escape: in a file it is refused where it is read
                self.findings.append(self.forbidden(node, match[0]))
            return node.value
        if key == "quote" and node.value not in ("", "~", "null"):
            self.note("bare-quote", node)
        text: str = node.value
        if _NULL.fullmatch(text):
            return None
        if not is_text and text[0] in _LEADING:
            for pattern, construct in _CORE:
                if pattern.fullmatch(text):
                    value = construct(text)
                    if isinstance(value, int | float) and abs(value) > MOST_EXACT:
                        self.note("yaml-number", node, number=text[:40])
                    return value
        return text

    def forbidden(self, node: Any, character: str) -> Finding:
        """Return the finding of a character that a quoted scalar has as an escape, where the escape stands."""
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        source = self.text[node.start_mark.index : node.end_mark.index]
        for escape in _ESCAPE.finditer(source):
            code = escape[1] or escape[2] or escape[3]
            if (chr(int(code, 16)) if code else _CONTROLS.get(escape[4])) == character:
                before = source[: escape.start()]
                lines = before.count("\n")
                column = len(before) - before.rindex("\n") if lines else column + len(before)
                return forbidden_character(Location(self.path, line + lines), character, column)
        return forbidden_character(Location(self.path, line), character, column)

    def mapping(self, node: Any, above: tuple[int, ...], parent_key: str, is_text: bool) -> Map:
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
            own_key = "quote" if parent_key == "quote" else key
            value = self.value(value_node, above, own_key, is_text or key in self.text_keys)
            if value is None and value_node.value:
                self.note("null-value", value_node, key=key, word=value_node.value)
            elif value is None:
                self.note("empty-value", key_node, key=key)
            mapping[key], mapping.lines[key] = value, key_node.start_mark.line + 1
        return mapping
