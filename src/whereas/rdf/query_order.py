"""ORDER BY that the engine can sort by: values of kinds that do not compare are kept apart.

Oxigraph compares a number with a text by their characters, and two numbers by their values, so that
`10 < "1a" < 9 < 10`: its sort notices and aborts the process. The same holds for days with and
without a time zone, for durations, for values their datatype does not allow, and for integers that
equal one double but not each other. Each sort key is therefore preceded by the kind of its value,
numbers by their double, and values are only compared where the engine's order is one. What a query finds
does not change; where SPARQL defines the order of two values
(https://www.w3.org/TR/sparql11-query/#modOrderBy), that order does not change either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from whereas.rdf.namespaces import XSD

_TOKEN = re.compile(
    r'''(?P<space>\s+|\#[^\n\r]*)
      | (?P<text>"""(?:(?:"|"")?(?:[^"\\]|\\.))*"""|\'\'\'(?:(?:\'|\'\')?(?:[^\'\\]|\\.))*\'\'\'
             |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
      | (?P<iri><[^<>"{}|^`\x00-\x20]*>)
      | (?P<variable>[?$]\w+)
      | (?P<name>[\w.\-]*:(?:[\w.\-:%]|\\.)*|[^\W\d]\w*)
      | (?P<mark>\S)''',
    re.VERBOSE | re.DOTALL,
)
_AFTER = {"LIMIT", "OFFSET", "VALUES"}  # keywords that end the conditions of ORDER BY
# Datatypes the engine compares by value, each with its own kind only.
_BY_VALUE = ("boolean", "dateTime", "date", "time", "gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay")
_DURATIONS = ("duration", "yearMonthDuration", "dayTimeDuration")
# Functions whose values are all of one kind: nothing is added to them.
_OF_ONE_KIND = {"STR", "COUNT", "STRLEN"}
_INEXACT = ("double", "float")
# What makes a key be sorted by as text: functions with another value each time, of which a kind would not be that
# of the value it stands before; and queries inside of EXISTS that sort, which would be repeated at each depth.
_AS_TEXT = {"RAND", "UUID", "STRUUID", "BNODE", "ORDER"}
_ZONE = "(Z|[+-][0-9][0-9]:[0-9][0-9])$"


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def keyword(self) -> str:
        return self.text.upper() if self.kind == "name" else self.text


def _tokens(query: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(query):
        if match.lastgroup != "space":
            yield _Token(str(match.lastgroup), match[0], match.start(), match.end())


def sortable(query: str) -> str:
    """Return the query with the kind of each sort key before the key, outside of what other endpoints answer."""
    tokens = list(_tokens(query))
    parts, position = [], 0
    index = 0
    while index < len(tokens) - 1:
        if tokens[index].keyword == "SERVICE":
            index = _after_group(tokens, index)
        elif tokens[index].keyword == "ORDER" and tokens[index + 1].keyword == "BY":
            index += 2
            while (end := _condition_end(tokens, index)) > index:
                first, last = tokens[index], tokens[end - 1]
                parts += [query[position : first.start], _keys(query, tokens[index:end])]
                position, index = last.end, end
        else:
            index += 1
    return "".join([*parts, query[position:]]) if parts else query


def _after_group(tokens: list[_Token], index: int) -> int:
    """Return the index after the group that follows."""
    depth = 0
    while index < len(tokens):
        depth += {"{": 1, "}": -1}.get(tokens[index].text, 0)
        index += 1
        if depth == 0 and tokens[index - 1].text == "}":
            return index
    return index


def _condition_end(tokens: list[_Token], index: int) -> int:
    """Return the index after the condition that starts here; the same index where none does."""
    if index >= len(tokens) or tokens[index].keyword in _AFTER or tokens[index].text in "})":
        return index
    if tokens[index].kind == "variable":
        return index + 1
    end = index
    while end < len(tokens) and tokens[end].text not in "({":
        end += 1  # the name of a function, DESC, NOT EXISTS
    opening = tokens[end].text if end < len(tokens) else ""
    closing = {"(": ")", "{": "}"}.get(opening, "")
    depth = 0
    while end < len(tokens) and opening:
        depth += {opening: 1, closing: -1}.get(tokens[end].text, 0)
        end += 1
        if depth == 0:
            return end
    return index  # no condition the grammar knows: left as it is, for the parser to say so


def _keys(query: str, tokens: list[_Token]) -> str:
    direction = tokens[0].keyword if tokens[0].keyword in ("ASC", "DESC") else "ASC"
    expression = tokens[1:] if tokens[0].keyword == direction and len(tokens) > 1 else tokens
    value = sortable(query[expression[0].start : expression[-1].end])  # it may hold a query, in EXISTS
    inner = _without_brackets(expression)
    if inner[0].keyword in _OF_ONE_KIND and _condition_end(inner, 0) == len(inner):
        return f"{query[tokens[0].start : expression[0].start]}{value}"
    if any(token.keyword in _AS_TEXT for token in expression):
        return f"{direction}(STR({value}))"
    datatype, is_number = f"DATATYPE({value})", f"isNumeric({value})"
    zone = f'IF(REGEX(STR({value}), "{_ZONE}"), "z", "")'
    kind = (
        f'IF(isLiteral({value}), IF(LANG({value}) != "" || {datatype} = <{XSD}string>, "3", IF({is_number}, "1", '
        f"IF({datatype} IN ({_named(_BY_VALUE)}) && COALESCE({value} <= {value}, false), "
        f'CONCAT("2", STR({datatype}), {zone}), '
        f'IF({datatype} IN ({_named(_DURATIONS)}), CONCAT("2", STR({value})), "3")))), "0")'
    )
    number = f"IF({is_number}, <{XSD}double>({value}), 0)"
    # A double compares as its double does; of the engine's order of triples nothing is known.
    rest = f"IF(isTRIPLE({value}) || ({is_number} && {datatype} IN ({_named(_INEXACT)})), 0, {value})"
    return f"{direction}({kind}) {direction}({number}) {direction}({rest})"


def _without_brackets(tokens: list[_Token]) -> list[_Token]:
    while tokens[0].text == "(" and _condition_end(tokens, 0) == len(tokens) > 2:
        tokens = tokens[1:-1]
    return tokens


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(f"<{XSD}{name}>" for name in names)
