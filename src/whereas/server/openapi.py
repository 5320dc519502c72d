"""What the server answers, described for programs: OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from whereas._version import __version__
from whereas.i18n import Localized, Message, Translations
from whereas.iris import shorten
from whereas.project.project import Project
from whereas.project.queries import LANGUAGE, Query, Variable
from whereas.rdf.formats import FORMATS
from whereas.rdf.namespaces import XSD
from whereas.server.sparql.protocol import OFFERS

_NUMBERS = {f"{XSD}{name}": "integer" for name in ("integer", "nonNegativeInteger", "int", "long")}
_SENTENCE = {"content": {"text/plain": {"schema": {"type": "string"}}}}
PAGE_SIZE, MOST_PER_PAGE = 1000, 10_000
_PAGING = (
    ("page", Message("which page of the rows, from 1"), 1, 10**9),
    ("size", Message("rows a page"), PAGE_SIZE, MOST_PER_PAGE),
)


def describe(
    project: Project, queries: Mapping[str, Query], forms: tuple[str, ...], language: str = "en"
) -> dict[str, Any]:
    """The OpenAPI document of a project's server that answers these queries, its sentences in a language."""
    paths: dict[str, Any] = {"/sparql": _sparql(), "/search.json": _search(), **_own()}
    paths |= {f"/reconcile/{language}": _reconciliation(language) for language in project.languages}
    for query in queries.values():
        for form in forms if query.columns else ("ttl",):
            if form != "ttl" or not query.columns:
                paths[f"/queries/{query.name}.{form}"] = {"get": _saved(query, form, project.languages)}
    told: dict[str, Any] = _in(paths, language)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": project.title.get(language, "whereas"),
            "description": project.description.get(language, ""),
            "version": __version__,
        },
        "servers": [{"url": "./"}],
        "paths": told,
    }


def _in(told: Any, language: str) -> Any:
    """The same with every message in one language."""
    if isinstance(told, Message | Translations):
        return told.in_language(language)
    if isinstance(told, dict):
        return {key: _in(value, language) for key, value in told.items()}
    return [_in(value, language) for value in told] if isinstance(told, list) else told


def operations(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The operations of an OpenAPI document as people read them: once for all methods, and formats of an answer."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            parameters = operation.get("parameters", ())
            made = found.setdefault(
                (path.rpartition(".")[0] or path, operation["summary"]),
                {
                    "summary": operation["summary"],
                    "description": operation.get("description", ""),
                    "parameters": [{**one, "takes": _taken(one["schema"])} for one in parameters],
                    "requests": [],
                },
            )
            made["requests"].append(f"{method.upper()} {path}")
    return list(found.values())


def _taken(schema: Mapping[str, Any]) -> str:
    """What a parameter takes, in short."""
    return str(
        schema.get("description")
        or ", ".join(filter(None, schema.get("enum", ())))
        or schema.get("format")
        or schema["type"]
    )


def _refusals(*statuses: str) -> dict[str, Any]:
    why = {
        "400": Message("What was asked cannot be answered; the sentence says why"),
        "404": Message("Nothing is there"),
        "406": Message("No format that is accepted"),
        "413": Message("The query is too long"),
        "414": Message("The query is too long"),
        "415": Message("No content type of the protocol"),
        "502": Message("Another endpoint that the query asks gave no answer"),
        "503": Message("Come again later"),
        "504": Message("The query took too long and was stopped"),
    }
    return {status: {"description": why[status], **_SENTENCE} for status in statuses}


def _content(media_type: str) -> dict[str, Any]:
    return {media_type: {"schema": {"type": "string"}}}


def _parameter(name: str, told: Localized, schema: Mapping[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": told, "required": required, "schema": dict(schema)}


def _sparql() -> dict[str, Any]:
    answers: dict[str, Any] = {offer.media_type: {} for offer in (*OFFERS["rows"], *OFFERS["triples"])}
    text = {"schema": {"type": "string"}}
    responses = {
        "200": {
            "description": Message("The answer, or the service description"),
            "content": answers,
        }
    }
    query = _parameter(
        "query",
        Message("A SPARQL 1.1 query; without it, the service is described"),
        {"type": "string"},
    )
    iris = {"type": "array", "items": {"type": "string", "format": "iri"}}
    graphs = [
        _parameter(
            "default-graph-uri",
            Message("Graphs that together are the default graph"),
            iris,
        ),
        _parameter("named-graph-uri", Message("Graphs that GRAPH may name"), iris),
    ]
    properties = {"query": {"type": "string"}, **{graph["name"]: iris for graph in graphs}}
    form = {"schema": {"type": "object", "properties": properties, "required": ["query"]}}
    return {
        "get": {
            "summary": Message("Ask in SPARQL"),
            "operationId": "ask",
            "parameters": [query, *graphs],
            "responses": responses | _refusals("400", "406", "414", "502", "503", "504"),
        },
        "post": {
            "summary": Message("Ask in SPARQL"),
            "operationId": "ask-by-post",
            "requestBody": {
                "required": True,
                "content": {"application/sparql-query": text, "application/x-www-form-urlencoded": form},
            },
            "responses": responses | _refusals("400", "406", "413", "415", "502", "503", "504"),
        },
    }


def _search() -> dict[str, Any]:
    text = {"type": "string"}
    pieces = {"type": "array", "items": {"type": "array", "prefixItems": [text, {"type": "boolean"}]}}
    kinds = {"type": "string", "enum": ["label", "passage", "note"]}
    hit = {"iri": text, "page": text, "kind": kinds, "language": text, "text": text, "pieces": pieces}
    found = {"type": "array", "items": _object(hit)}
    return {
        "get": {
            "summary": Message("Search labels, passages and notes"),
            "operationId": "search",
            "parameters": [
                _parameter("q", Message("Words, or their beginnings"), text),
                _parameter(
                    "lang",
                    Message("Only texts in this language, such as fr"),
                    text,
                ),
            ],
            "responses": {
                "200": {
                    "description": Message("What was found, the best first"),
                    "content": {"application/json": {"schema": _object({"q": text, "lang": text, "found": found})}},
                }
            }
            | _refusals("400"),
        }
    }


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def _reconciliation(language: str) -> dict[str, Any]:
    told = {
        "200": {
            "description": Message("Candidates, or the manifest"),
            "content": {"application/json": {}},
        }
    }
    text = {
        "type": "string",
        "description": Message("JSON of the Reconciliation Service API 0.2"),
    }
    form = {"schema": {"type": "object", "properties": {"queries": text}, "required": ["queries"]}}
    return {
        "get": {
            "summary": Message("Reconcile names with entities; without queries, the manifest of the service"),
            "operationId": f"reconcile-{language}",
            "parameters": [
                _parameter(
                    "queries",
                    Message("JSON of the Reconciliation Service API 0.2"),
                    {"type": "string"},
                )
            ],
            "responses": told | _refusals("400", "413"),
        },
        "post": {
            "summary": Message("Reconcile names with entities"),
            "operationId": f"reconcile-{language}-by-post",
            "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": form}},
            "responses": told | _refusals("400", "413", "415"),
        },
    }


def _own() -> dict[str, Any]:
    """What the server says of itself."""
    told = (
        ("health", Message("Whether the server answers")),
        ("ready", Message("Whether the server can be sent requests")),
        ("metrics", Message("Counts and times, for Prometheus")),
    )
    return {
        f"/-/{name}": {
            "get": {
                "summary": summary,
                "operationId": name,
                "responses": {"200": {"description": summary, "content": _content("text/plain")}},
            }
        }
        for name, summary in told
    }


def _saved(query: Query, form: str, languages: Sequence[str]) -> dict[str, Any]:
    parameters = [
        _parameter(parameter.name, parameter.label, _schema(parameter, query, languages))
        for parameter in query.parameters
    ]
    if query.columns:
        parameters += [
            _parameter(name, told, {"type": "integer", "minimum": 1, "maximum": most, "default": default})
            for name, told, default, most in _PAGING
        ]
    answer = {"description": query.summary, "content": _content(FORMATS[form].media_type)}
    return {
        "summary": query.summary,
        "description": query.description,
        "operationId": f"{query.name}-{form}",
        "tags": [query.theme],
        "parameters": parameters,
        "responses": {"200": answer} | _refusals("400", "503", "504"),
    }


def _schema(parameter: Variable, query: Query, languages: Sequence[str]) -> dict[str, Any]:
    if parameter.name == LANGUAGE:
        return {"type": "string", "enum": list(languages)}
    if not parameter.is_literal:
        kind = shorten(parameter.type, query.prefixes)
        return {
            "type": "string",
            "description": Message("IRI or compact name of a {kind}", kind=kind),
        }
    if parameter.type == f"{XSD}date":
        return {"type": "string", "format": "date"}
    return {"type": _NUMBERS.get(parameter.type, "string")}
