"""The form of a saved query: a field per parameter, its choices taken from the data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from whereas.content.index import Index, LangString
from whereas.content.urls import Addresses
from whereas.errors import ArgumentError
from whereas.project.queries import LANGUAGE, Query, Variable, fill
from whereas.rdf.namespaces import XSD
from whereas.rdf.results import QueryResult
from whereas.site.pages.view import PageContext

MOST_CHOICES = 300  # of a field; where there are more, the name is typed
_INPUTS = {f"{XSD}date": "date", f"{XSD}integer": "number"}
_SELECT = re.compile(r"^(SELECT(?:\s+DISTINCT)?)\b", re.M)


@dataclass(frozen=True)
class Field:
    """One field: a `<select>` where there are `choices` (value and label), else an `<input>` of a type."""

    name: str
    label: str
    value: str
    input: str
    choices: Sequence[tuple[str, LangString]]


class Forms:
    """Fields of saved queries. `ask` runs a query; without it, the choices of a field are all things of its class."""

    def __init__(self, index: Index, addresses: Addresses, ask: Callable[[str], QueryResult] | None) -> None:
        self.index, self.addresses, self.ask = index, addresses, ask
        self._values: dict[tuple[str, str], list[str]] = {}

    def fields(self, view: PageContext, query: Query, arguments: Mapping[str, str]) -> list[Field]:
        """Return the fields of a query's form, filled with the arguments or else with the defaults."""
        fields = []
        for parameter in query.parameters:
            value = arguments.get(parameter.name, view.language if parameter.name == LANGUAGE else "")
            choices = self._choices(view, query, parameter)
            if value and choices and value not in (known for known, _ in choices):
                choices = [*choices, (value, LangString(value))]
            kind = _INPUTS.get(parameter.type, "text")
            fields.append(Field(parameter.name, parameter.label.in_language(view.language), value, kind, choices))
        return fields

    def _choices(self, view: PageContext, query: Query, parameter: Variable) -> list[tuple[str, LangString]]:
        if parameter.name == LANGUAGE:
            return [(tag, LangString(view.language_name(tag))) for tag in self.addresses.languages]
        if parameter.is_literal:
            return []
        key = query.name, parameter.name
        if key not in self._values:
            self._values[key] = self._answering(query, parameter) or self._instances(parameter.type)
        things = self._values[key]
        if len(things) > MOST_CHOICES:
            return []
        return [(view.compact(thing), view.label(thing)) for thing in sorted(things, key=view.sort_key)]

    def _answering(self, query: Query, parameter: Variable) -> list[str]:
        """Return the IRIs for which the query has rows: values of the parameter's variable when it is unbound."""
        text = fill(query.text, {parameter.name: ["UNDEF"]})
        start = _SELECT.search(text)
        if not start or not self.ask:
            return []
        if all(column.name != parameter.name for column in query.columns):
            text = _SELECT.sub(rf"\1 ?{parameter.name}", text, count=1)
        prologue, name = text[: start.start()], parameter.name
        select = f"SELECT DISTINCT ?{name} {{\n{{\n{text[len(prologue) :]}\n}} FILTER(isIRI(?{name}))\n}}"
        try:
            answer = self.ask(f"{prologue}{select} LIMIT {MOST_CHOICES + 1}")
        except ArgumentError:  # it groups its rows by something else
            return []
        return sorted(cell.value for row in answer.rows for cell in row if cell)

    def _instances(self, class_: str) -> list[str]:
        """Return the things of a class and of its subclasses."""
        classes, rest = set(), [class_]
        while rest:
            name = rest.pop()
            if name not in classes:
                classes.add(name)
                rest += self.index.pointing(name, "rdfs:subClassOf")
        return sorted({thing for name in classes for thing in self.index.types.get(name, ())})
