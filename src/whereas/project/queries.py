"""The folder `queries/`: saved SPARQL queries and checks, one `.rq` file each, header and all.

The header is the run of `#+` lines at the top, in YAML. The whole file is valid SPARQL: pasted as
it stands into any endpoint, it answers for the default of each parameter. A parameter is a variable
with a one-line `VALUES ?name { default }` of its own; `UNDEF` makes it optional. An argument takes
the place of the default, as an RDF term and never as syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from whereas import iris
from whereas.errors import ArgumentError, ProjectError, broken
from whereas.findings import Finding, Location
from whereas.http import urls
from whereas.i18n import Message, Translations
from whereas.project.project import Project
from whereas.project.yaml import Map, read_yaml
from whereas.rdf.results import QueryResult
from whereas.rdf.store import Graph, cast
from whereas.rdf.terms import iri, literal

CHECKS = "checks/"
LANGUAGE = "language"  # the parameter that the reader's language fills

_KEYS = {"summary", "description", "tags", "order", "parameters", "columns", "chart", "example", "federated"}
_CHECK_KEYS = {"summary", "severity", "scope", "message", "parameters"}
_SERVICE = re.compile(r"\bSERVICE <[^>]*>")
_TERM = r'(?:<[^>]*>|"(?:[^"\\]|\\.)*"(?:@[\w-]+|\^\^[^\s}]+)?|[^\s{}"<]+)'


@dataclass(frozen=True)
class Variable:
    """A parameter or a column: what its values are, in SHACL's words.

    `type` is the IRI of a datatype when `is_literal`, else of a class, and then the values are IRIs.
    """

    name: str
    type: str
    is_literal: bool
    label: Translations
    optional: bool = False


@dataclass(frozen=True)
class Example:
    """A question with part of its answer, true of the data as committed."""

    given: Mapping[str, str] = field(default_factory=dict)
    includes: tuple[Mapping[str, str], ...] = ()
    count: int | None = None


@dataclass(frozen=True)
class Query:
    """One saved query. `name` is the file's stem and the last step of its address."""

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
    chart: Mapping[str, str]  # `type`, and the columns `x` and `y`; empty when no chart tells more than the table
    federated: bool
    prefixes: Mapping[str, str]
    base: str

    def bind(self, arguments: Mapping[str, str], service: str = "") -> str:
        """The query text with each argument in the place of its parameter's default.

        A federated query asks the endpoint at `service` instead of the one it names, when given.
        Raises `ArgumentError` for an unknown parameter or a value of another type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        terms = {}
        for name, value in arguments.items():
            if name not in known:
                only = ", ".join(known) or "none"
                raise ArgumentError(
                    Message(
                        "{name}: {name2} has no such parameter, only {only}", name=name, name2=self.name, only=only
                    ),
                    name,
                )
            terms[name] = [read_term(known[name], value, self.prefixes, self.base)]
        text = fill(self.text, terms)
        if service:
            clause = f"SERVICE {iri(urls.web_address(service, 'service'))}"
            text = _SERVICE.sub(lambda _: clause, text)
        return text

    def ask(self, graph: Graph, arguments: Mapping[str, str] | None = None) -> QueryResult:
        """The answer of `graph`. Raises `ArgumentError` as `bind` does."""
        return graph.query(self.bind(arguments or {}))

    def has(self, name: str) -> bool:
        """Whether the query has a parameter of this name."""
        return any(parameter.name == name for parameter in self.parameters)


@dataclass(frozen=True)
class Check:
    """A query that must answer nothing: ?focus and ?value are what it finds.

    Its `scope` is `document` (one document and what it names) or `dataset` (everything, once).
    """

    name: str
    text: str
    severity: str
    scope: str
    message: Translations


def read_term(variable: Variable, text: str, prefixes: Mapping[str, str], base: str) -> str:
    """What a person typed, as a term of the variable's type; a bare name is an entity's.

    Raises `ArgumentError` when it is no such term.
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
    """`text` with the terms in the place of each `VALUES ?name { … }`.

    All places are found in the text as written, so no term can hide a place for another.
    """
    clauses = []
    for name, values in terms.items():
        location = _default_of(name).search(text)
        if location:
            clauses.append((location.start(), location.end(), f"VALUES ?{name} {{ {' '.join(values)} }}"))
    for start, end, clause in sorted(clauses, reverse=True):
        text = text[:start] + clause + text[end:]
    return text


def _default_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"VALUES\s+\?{name}\s*\{{\s*{_TERM}(?:\s+{_TERM})*\s*\}}")


def read_queries(project: Project, prefixes: Mapping[str, str]) -> dict[str, Query]:
    """The saved queries by name, in the order a reader should see them: theme by theme.

    Raises `ProjectError` with what is wrong with all of them.
    """
    found: dict[str, Query] = {}
    findings: list[Finding] = []
    for name, path in project.material("queries", ".rq").items():
        if name.startswith(CHECKS):
            continue
        location = project.location(path)
        try:
            query = _query(name, project.read_text(path).removeprefix("\ufeff"), location, prefixes, project.base)
            if query.name in found:
                raise broken("query", location, problem=f"another query is named {query.name}")
            found[query.name] = query
        except ProjectError as problem:
            findings.extend(problem.findings)
    if findings:
        raise ProjectError(findings)
    first: dict[str, int] = {}
    for query in found.values():
        first[query.theme] = min(query.order, first.get(query.theme, query.order))
    told = sorted(found.values(), key=lambda query: (first[query.theme], query.theme, query.order, query.name))
    return {query.name: query for query in told}


def read_checks(project: Project) -> list[Check]:
    """The checks, by name, bound to the project's base and languages."""
    bound = {
        "base": [literal(project.base)],
        LANGUAGE: [literal(language) for language in project.languages],
    }
    checks = []
    for name, path in project.material("queries", ".rq").items():
        if name.startswith(CHECKS):
            location = project.location(path)
            text = project.read_text(path).removeprefix("\ufeff")
            told = _header(text, location, _CHECK_KEYS, {"severity", "scope", "message"})
            checks.append(Check(path.stem, fill(text, bound), told["severity"], told["scope"], _both(told["message"])))
    return checks


def _query(name: str, text: str, location: Location, prefixes: Mapping[str, str], base: str) -> Query:
    told = _header(text, location, _KEYS, {"summary", "description"})
    example = told.get("example", {})
    query = Query(
        name=name.rpartition("/")[2].removesuffix(".rq"),
        theme=name.partition("/")[0] if "/" in name else "",
        text=text,
        summary=_both(told["summary"]),
        description=_both(told["description"]),
        tags=tuple(told.get("tags", ())),
        order=told.get("order", 1000),
        parameters=_variables(told.get("parameters", {}), location, prefixes),
        columns=_variables(told.get("columns", {}), location, prefixes),
        example=Example(
            {key: str(value) for key, value in example.get("given", {}).items()},
            tuple({key: str(value) for key, value in row.items()} for row in example.get("includes", ())),
            example.get("count"),
        ),
        chart={key: str(value).removeprefix("?") for key, value in told.get("chart", {}).items()},
        federated=told.get("federated", False),
        prefixes=prefixes,
        base=base,
    )
    _check_query(query, location)
    return query


def _header(text: str, location: Location, known: set[str], needed: set[str]) -> Map:
    lines = []
    for line in text.split("\n"):
        if not line.startswith("#+"):
            break
        lines.append(line[3:])
    told = read_yaml("\n".join(lines) or "{}", location.path)
    if not isinstance(told, Map):
        raise broken("query", location, problem="expected a header of '#+' lines")
    for key in told:
        if key not in known:
            where = Location(location.path, told.lines[key])
            raise broken("query", where, problem=f"unknown header key '{key}'{iris.near(key, known)}")
    if missing := needed - told.keys():
        raise broken("query", location, problem=f"header lacks {', '.join(sorted(missing))}")
    return told


def _both(told: object) -> Translations:
    if isinstance(told, dict):
        return Translations.of({str(language): " ".join(str(text).split()) for language, text in told.items()})
    return Translations.of({"": str(told)})


def _variables(told: Mapping[str, Any], location: Location, prefixes: Mapping[str, str]) -> tuple[Variable, ...]:
    found = []
    for key, facts in told.items():
        name = key.removeprefix("?")  # in a one-line mapping YAML itself takes the "?" away
        kinds = facts.keys() & {"class", "datatype"} if isinstance(facts, dict) else set()
        if len(kinds) != 1:
            raise broken("query", location, problem=f"?{name}: expected a class or a datatype")
        kind = kinds.pop()
        try:
            type_ = iris.expand(facts[kind], prefixes)
        except (ValueError, KeyError):
            raise broken("query", location, problem=f"?{name}: unknown {kind} '{facts[kind]}'") from None
        found.append(
            Variable(
                name,
                type_,
                kind == "datatype",
                _both(facts.get("label", name)),
                facts.get("optional", False),
            )
        )
    return tuple(found)


def _check_query(query: Query, location: Location) -> None:
    """Raise `ProjectError` unless the header tells the truth about the query."""
    try:
        answer = Graph().query(_without_service(query.text))
    except ArgumentError as problem:
        raise broken("query", location, problem=str(problem)) from None
    declared = [column.name for column in query.columns]
    if answer.json and list(answer.columns) != declared:
        raise broken("query", location, problem=f"columns {declared} declared, {list(answer.columns)} selected")
    for parameter in query.parameters:
        if (count := len(_default_of(parameter.name).findall(query.text))) != 1:
            raise broken("query", location, problem=f"?{parameter.name}: expected one VALUES default, got {count}")
        if parameter.is_literal:
            try:
                cast("", parameter.type)
            except ValueError:
                pass
            except LookupError:
                told = f"?{parameter.name}: no argument can be of datatype {parameter.type}"
                raise broken("query", location, problem=told) from None


def _without_service(text: str) -> str:
    """The query with its SERVICE made a GRAPH, so that an empty graph can judge it and nobody is asked."""
    return re.sub(r"\bSERVICE\s+(?:SILENT\s+)?(?=[<?])", "GRAPH ", text)
