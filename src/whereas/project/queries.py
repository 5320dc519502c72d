"""Saved SPARQL queries and checks: `queries/*.rq`, each with a header.

The header is the run of `#+` lines at the top, in YAML. The whole file is valid SPARQL: pasted unchanged into any
endpoint, it runs with the default of each parameter. A parameter is a variable with a one-line `VALUES ?name
{ default }` of its own; `UNDEF` makes it optional. An argument replaces the default, as an RDF term, never as syntax.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from whereas import iris
from whereas.errors import ArgumentError, ProjectError, broken
from whereas.findings import SEVERITIES, Finding, Location
from whereas.http import urls
from whereas.i18n import Localized, Message, Translations
from whereas.project.project import Project
from whereas.project.yaml import Map, read_yaml
from whereas.rdf.results import QueryResult
from whereas.rdf.store import Graph, cast
from whereas.rdf.terms import iri, literal

CHECKS = "checks/"
LANGUAGE = "language"  # the parameter that gets the language of the reader

_SERVICE = re.compile(r"\bSERVICE <[^>]*>")
_TERM = r'(?:<[^>]*>|"(?:[^"\\]|\\.)*"(?:@[\w-]+|\^\^[^\s}]+)?|[^\s{}"<]+)'


@dataclass(frozen=True)
class Variable:
    """A parameter or a column of a query.

    `type` is the IRI of a datatype when `is_literal`; otherwise it is that of a class, and the values are IRIs.
    """

    name: str
    type: str
    is_literal: bool
    label: Translations
    optional: bool = False


@dataclass(frozen=True)
class Example:
    """Arguments with some of the rows, or the number of rows, that they must give on the committed data."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    includes: tuple[Mapping[str, str], ...] = ()
    count: int | None = None


@dataclass(frozen=True)
class Query:
    """A saved query. `name` is the file's stem and the last segment of its path on the website."""

    name: str
    theme: str
    text: str
    summary: Translations
    description: Translations
    tags: tuple[str, ...]
    order: int
    parameters: tuple[Variable, ...]
    columns: tuple[Variable, ...]
    example: Example
    chart: Mapping[str, str]  # `type`, and the columns `x` and `y`; may be empty
    federated: bool
    prefixes: Mapping[str, str]
    base: str

    def bind(self, arguments: Mapping[str, str], service: str = "") -> str:
        """Return the query text with each argument in place of its parameter's default.

        `service` is the URL of an endpoint that replaces the one a federated query names. Raise `ArgumentError` for
        an unknown parameter or a value of another type.
        """
        known, terms = {parameter.name: parameter for parameter in self.parameters}, {}
        for name, value in arguments.items():
            if name not in known:
                only = ", ".join(known) or Message("none")
                template = Message("{name}: {query} has no such parameter, only {only}")
                raise ArgumentError(template.filled(name=name, query=self.name, only=only), name)
            text = value.lower() if name == LANGUAGE else value  # as RDF has language tags
            terms[name] = [read_term(known[name], text, self.prefixes, self.base)]
        text = fill(self.text, terms)
        if service:
            clause = f"SERVICE {iri(urls.web_address(service, 'service'))}"
            text = _SERVICE.sub(lambda _: clause, text)
        return text

    def ask(self, graph: Graph, arguments: Mapping[str, str] | None = None) -> QueryResult:
        """Run the query on `graph`. Raise `ArgumentError` as `bind` does."""
        return graph.query(self.bind(arguments or {}))

    def has(self, name: str) -> bool:
        """Return whether the query has a parameter of this name."""
        return any(parameter.name == name for parameter in self.parameters)


@dataclass(frozen=True)
class Check:
    """A query whose every row is a finding, about ?focus and its ?value.

    Its `scope` is `document` (one document and what it names) or `dataset` (everything, once).
    """

    name: str
    text: str
    severity: str
    scope: str
    message: Translations


def read_term(variable: Variable, text: str, prefixes: Mapping[str, str], base: str) -> str:
    """Return `text` as an RDF term of the variable's type; a name without prefix is that of an entity.

    Raise `ArgumentError` when it is no such term.
    """
    try:
        if variable.is_literal:
            return cast(text, variable.type)
        if re.fullmatch(r"[\w.-]+", text):
            return iri(f"{base}ent/{text}")
        name = iris.expand(text, prefixes)
        if iris.is_absolute(name):
            return iri(name)
    except (ValueError, KeyError):
        pass
    expected = iris.shorten(variable.type, prefixes)
    raise ArgumentError(
        Message("{name}: expected {expected}, got '{text}'", name=variable.name, expected=expected, text=text),
        variable.name,
    )


def fill(text: str, terms: Mapping[str, Iterable[str]]) -> str:
    """Return `text` with the terms in place of each `VALUES ?name { … }`.

    All clauses are located in the original text, so a term that looks like a clause is never replaced.
    """
    clauses = []
    for name, values in terms.items():
        if default := _default_of(name).search(text):
            clauses.append((*default.span(), f"VALUES ?{name} {{ {' '.join(values)} }}"))
    for start, end, clause in sorted(clauses, reverse=True):
        text = text[:start] + clause + text[end:]
    return text


def _default_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"VALUES\s+\?{name}\s*\{{\s*{_TERM}(?:\s+{_TERM})*\s*\}}")


def read_queries(project: Project, prefixes: Mapping[str, str]) -> dict[str, Query]:
    """Read the saved queries, by name, in display order: theme by theme.

    Raise `ProjectError` with the findings about all of them.
    """
    queries: dict[str, Query] = {}
    findings: list[Finding] = []
    for name, path in project.material("queries", ".rq").items():
        if name.startswith(CHECKS):
            continue
        location = project.location(path)
        try:
            query = _read_query(name, _read(project, path), location, prefixes, project.base)
            if query.name in queries:
                raise _broken(location, Message("another query is named '{name}'", name=query.name))
            queries[query.name] = query
        except ProjectError as problem:
            findings.extend(problem.findings)
    if findings:
        raise ProjectError(findings)
    first = {q.theme: q.order for q in sorted(queries.values(), key=lambda q: q.order, reverse=True)}
    ordered = sorted(queries.values(), key=lambda query: (first[query.theme], query.theme, query.order, query.name))
    return {query.name: query for query in ordered}


def read_checks(project: Project) -> list[Check]:
    """Read the checks, by name, bound to the project's base and languages."""
    values = {"base": [literal(project.base)], LANGUAGE: list(map(literal, project.languages))}
    checks = []
    for name, path in project.material("queries", ".rq").items():
        if name.startswith(CHECKS):
            text = _read(project, path)
            header = _read_header(text, project.location(path), _CHECK_KEYS, ("severity", "scope", "message"))
            message = _translations(header["message"])
            checks.append(Check(path.stem, fill(text, values), header["severity"], header["scope"], message))
    return checks


def _read(project: Project, path: Path) -> str:
    return project.read_text(path).removeprefix("\ufeff")


def _read_query(name: str, text: str, location: Location, prefixes: Mapping[str, str], base: str) -> Query:
    header = _read_header(text, location, _KEYS, ("summary", "description"))
    example = header.get("example", {})
    query = Query(
        name=name.rpartition("/")[2].removesuffix(".rq"),
        theme=name.partition("/")[0] if "/" in name else "",
        text=text,
        summary=_translations(header["summary"]),
        description=_translations(header["description"]),
        tags=tuple(header.get("tags", ())),
        order=header.get("order", 1000),
        parameters=_read_variables(header.get("parameters", {}), location, prefixes),
        columns=_read_variables(header.get("columns", {}), location, prefixes),
        example=Example(
            {key: str(value) for key, value in example.get("given", {}).items()},
            tuple({key: str(value) for key, value in row.items()} for row in example.get("includes", ())),
            example.get("count"),
        ),
        chart={key: str(value).removeprefix("?") for key, value in header.get("chart", {}).items()},
        federated=header.get("federated", False),
        prefixes=prefixes,
        base=base,
    )
    _check_query(query, location)
    return query


def _read_header(text: str, location: Location, kinds: Mapping[str, _Kind], required: Iterable[str]) -> Map:
    lines = itertools.takewhile(lambda line: line.startswith("#+"), text.split("\n"))
    header = read_yaml("\n".join(line[3:] for line in lines) or "{}", location.path, ("given", "includes"))
    if not isinstance(header, Map):
        raise _broken(location, Message("expected a header of '#+' lines"))
    for key, value in header.items():
        at = Location(location.path, header.lines[key])
        if key not in kinds:
            raise _broken(at, Message("unknown header key '{key}'{hint}", key=key, hint=iris.near(key, kinds)))
        expected, is_valid = kinds[key]
        if not is_valid(value):
            raise broken("not-a-value", at, key=key, expected=expected, got=repr(value)[:60])
    if missing := [key for key in required if key not in header]:
        raise _broken(location, Message("header lacks {keys}", keys=", ".join(sorted(missing))))
    return header


def _translations(texts: str | Mapping[str, str]) -> Translations:
    if isinstance(texts, str):
        return Translations.of({"": texts})
    return Translations.of({language: " ".join(text.split()) for language, text in texts.items()})


def _read_variables(variables: Map, location: Location, prefixes: Mapping[str, str]) -> tuple[Variable, ...]:
    return tuple(_read_variable(key, variables[key], location, prefixes) for key in variables)


def _read_variable(key: str, facts: Map, location: Location, prefixes: Mapping[str, str]) -> Variable:
    name = key.removeprefix("?")  # in a one-line mapping YAML itself takes the "?" away
    kinds = facts.keys() & {"class", "datatype"}
    if len(kinds) != 1:
        raise _broken(location, Message("?{name}: expected a class or a datatype", name=name))
    kind = kinds.pop()
    try:
        type_ = iris.expand(facts[kind], prefixes)
    except (ValueError, KeyError, AttributeError):
        raise _broken(
            location, Message("?{name}: unknown {kind} '{value}'", name=name, kind=kind, value=facts[kind])
        ) from None
    label = facts.get("label", name)
    if not _is_text(label):
        raise broken("not-a-value", location, key=f"?{name}: label", expected=_TEXT[0], got=repr(label)[:60])
    return Variable(name, type_, kind == "datatype", _translations(label), facts.get("optional") is True)


def _check_query(query: Query, location: Location) -> None:
    """Raise `ProjectError` when the header disagrees with the query."""
    try:
        answer = Graph().query(_without_service(query.text))
    except ArgumentError as problem:
        raise _broken(location, problem.message) from None
    declared, selected = [column.name for column in query.columns], list(answer.columns)
    if answer.json and selected != declared:
        message = Message("columns {declared} declared, {selected} selected", declared=declared, selected=selected)
        raise _broken(location, message)
    for parameter in query.parameters:
        name = parameter.name
        if (count := len(_default_of(name).findall(query.text))) != 1:
            raise _broken(
                location, Message("?{name}: expected one VALUES default, got {count}", name=name, count=count)
            )
        if parameter.is_literal:
            try:
                cast("", parameter.type)
            except ValueError:
                pass
            except LookupError:
                message = Message("?{name}: no argument can be of datatype {type}", name=name, type=parameter.type)
                raise _broken(location, message) from None


def _without_service(text: str) -> str:
    """Return the query with SERVICE replaced by GRAPH: it can be run on an empty graph, without network requests."""
    return re.sub(r"\bSERVICE\s+(?:SILENT\s+)?(?=[<?])", "GRAPH ", text)


def _broken(location: Location, problem: Localized) -> ProjectError:
    return broken("query", location, problem=problem)


# ------------------------------------------------------------------ what each key of a header holds


def _is_text(value: object) -> bool:
    texts = value.values() if isinstance(value, dict) else [value]
    return all(isinstance(text, str) for text in texts)


def _is_table_of_tables(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(table, dict) for table in value.values())


def _is_example(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("count", 0), int):
        return False
    rows = value.get("includes", [])
    return (
        isinstance(value.get("given", {}), dict) and isinstance(rows, list) and all(isinstance(r, dict) for r in rows)
    )


_Kind = tuple[Message, Callable[[object], bool]]
_TEXT: _Kind = (Message("a text, or a text by language"), _is_text)
_VARIABLES: _Kind = (Message("a class or a datatype by variable"), _is_table_of_tables)
_KEYS: Mapping[str, _Kind] = {
    "summary": _TEXT,
    "description": _TEXT,
    "tags": (Message("a list of texts"), lambda value: isinstance(value, list) and all(map(_is_text, value))),
    "order": (Message("a number"), lambda value: isinstance(value, int)),
    "parameters": _VARIABLES,
    "columns": _VARIABLES,
    "chart": (Message("a table"), lambda value: isinstance(value, dict)),
    "example": (Message("given as a table, includes as a list of tables, count as a number"), _is_example),
    "federated": (Message("true or false"), lambda value: isinstance(value, bool)),
}
_CHECK_KEYS: Mapping[str, _Kind] = {
    "summary": _TEXT,
    "severity": (Message("one of {names}", names=", ".join(SEVERITIES)), lambda value: value in SEVERITIES),
    "scope": (Message("one of {names}", names="document, dataset"), lambda value: value in ("document", "dataset")),
    "message": _TEXT,
    "parameters": _VARIABLES,
}
