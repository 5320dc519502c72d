"""The server's API described in OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from whereas._version import __version__
from whereas.i18n import SOURCE, Localized, Message, Translations
from whereas.iris import shorten
from whereas.project.project import Project
from whereas.project.queries import LANGUAGE, Query, Variable
from whereas.rdf.formats import FORMATS
from whereas.rdf.namespaces import XSD
from whereas.server.sparql.protocol import OFFERS

PAGE_SIZE, MAX_PAGE_SIZE = 1000, 10_000  # rows
_STRING = {"type": "string"}
_PLAIN_TEXT = {"content": {"text/plain": {"schema": _STRING}}}
_INTEGERS = {f"{XSD}{name}" for name in ("integer", "nonNegativeInteger", "int", "long")}
_PAGING = (
    ("page", Message("page of the rows, from 1"), 1, 10**9),
    ("size", Message("rows a page"), PAGE_SIZE, MAX_PAGE_SIZE),
)
_RECONCILIATION_JSON = Message("JSON of the Reconciliation Service API 0.2")
_STATUS = {
    "400": Message("The request cannot be answered; the message says why"),
    "404": Message("Not found"),
    "406": Message("No format that the client accepts"),
    "413": Message("The query is too long"),
    "414": Message("The query is too long"),
    "415": Message("A content type that the protocol does not have"),
    "502": Message("Another endpoint, queried with SERVICE, did not answer"),
    "503": Message("The server is busy"),
    "504": Message("The query took too long and was stopped"),
}


def describe(
    project: Project, queries: Mapping[str, Query], formats: tuple[str, ...], language: str = SOURCE
) -> dict[str, Any]:
    """Return the OpenAPI document of a server that answers these saved queries, its texts in one language."""
    paths: dict[str, Any] = {"/sparql": _sparql(), "/search.json": _search(), **_monitoring()}
    paths |= {f"/reconcile/{language}": _reconciliation(language) for language in project.languages}
    for query in queries.values():
        for suffix in formats if query.columns else ("ttl",):
            if suffix != "ttl" or not query.columns:
                paths[f"/queries/{query.name}.{suffix}"] = {"get": _saved_query(query, suffix, project.languages)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": project.title.get(language, "whereas"),
            "description": project.description.get(language, ""),
            "version": __version__,
        },
        "servers": [{"url": "./"}],
        "paths": localized(paths, language),
    }


def localized(document: Any, language: str) -> Any:
    """Return a copy of the document with every message in one language."""
    if isinstance(document, Message | Translations):
        return document.in_language(language)
    if isinstance(document, dict):
        return {key: localized(value, language) for key, value in document.items()}
    return [localized(value, language) for value in document] if isinstance(document, list) else document


def operations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the operations of an OpenAPI document for the page that lists them, one for all methods and formats."""
    grouped: dict[tuple[str, str], dict[str, Any]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            entry = grouped.setdefault(
                (path.rpartition(".")[0] or path, operation["summary"]),
                {
                    "summary": operation["summary"],
                    "description": operation.get("description", ""),
                    "parameters": [
                        {**parameter, "takes": _type_name(parameter["schema"])}
                        for parameter in operation.get("parameters", ())
                    ],
                    "requests": [],
                },
            )
            entry["requests"].append(f"{method.upper()} {path}")
    return list(grouped.values())


def _type_name(schema: Mapping[str, Any]) -> str:
    """Say in short which values a parameter takes."""
    return str(
        schema.get("description")
        or ", ".join(filter(None, schema.get("enum", ())))
        or schema.get("format")
        or schema["type"]
    )


def _errors(*statuses: str) -> dict[str, Any]:
    return {status: {"description": _STATUS[status], **_PLAIN_TEXT} for status in statuses}


def _content(media_type: str) -> dict[str, Any]:
    return {media_type: {"schema": _STRING}}


def _parameter(
    name: str, description: Localized, schema: Mapping[str, Any], *, required: bool = False
) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "required": required, "schema": dict(schema)}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def _sparql() -> dict[str, Any]:
    results: dict[str, Any] = {offer.media_type: {} for offer in (*OFFERS["rows"], *OFFERS["triples"])}
    responses = {"200": {"description": Message("The result, or the service description"), "content": results}}
    without_query = Message("A SPARQL 1.1 query; without it, the service is described")
    iris = {"type": "array", "items": {"type": "string", "format": "iri"}}
    graphs = [
        _parameter("default-graph-uri", Message("Graphs that together are the default graph"), iris),
        _parameter("named-graph-uri", Message("Graphs that GRAPH may name"), iris),
    ]
    properties = {"query": _STRING, **{graph["name"]: iris for graph in graphs}}
    form = {"schema": {"type": "object", "properties": properties, "required": ["query"]}}
    return {
        "get": {
            "summary": Message("Query in SPARQL"),
            "operationId": "ask",
            "parameters": [_parameter("query", without_query, _STRING), *graphs],
            "responses": responses | _errors("400", "406", "414", "502", "503", "504"),
        },
        "post": {
            "summary": Message("Query in SPARQL"),
            "operationId": "ask-by-post",
            "requestBody": {
                "required": True,
                "content": {
                    "application/sparql-query": {"schema": _STRING},
                    "application/x-www-form-urlencoded": form,
                },
            },
            "responses": responses | _errors("400", "406", "413", "415", "502", "503", "504"),
        },
    }


def _search() -> dict[str, Any]:
    pieces = {"type": "array", "items": {"type": "array", "prefixItems": [_STRING, {"type": "boolean"}]}}
    kinds = {"type": "string", "enum": ["label", "passage", "note"]}
    hit = {"iri": _STRING, "page": _STRING, "kind": kinds, "language": _STRING, "text": _STRING, "pieces": pieces}
    hits = {"type": "array", "items": _object(hit)}
    result = {"application/json": {"schema": _object({"q": _STRING, "lang": _STRING, "found": hits})}}
    return {
        "get": {
            "summary": Message("Search labels, passages and notes"),
            "operationId": "search",
            "parameters": [
                _parameter("q", Message("Words, or their beginnings"), _STRING),
                _parameter("lang", Message("Only texts in this language, such as fr"), _STRING),
            ],
            "responses": {"200": {"description": Message("Hits, the best first"), "content": result}} | _errors("400"),
        }
    }


def _reconciliation(language: str) -> dict[str, Any]:
    description = Message("Candidates, or the manifest")
    responses = {"200": {"description": description, "content": {"application/json": {}}}}
    queries = {**_STRING, "description": _RECONCILIATION_JSON}
    form = {"schema": {"type": "object", "properties": {"queries": queries}, "required": ["queries"]}}
    return {
        "get": {
            "summary": Message("Reconcile names with entities; without queries, the manifest of the service"),
            "operationId": f"reconcile-{language}",
            "parameters": [_parameter("queries", _RECONCILIATION_JSON, _STRING)],
            "responses": responses | _errors("400", "413"),
        },
        "post": {
            "summary": Message("Reconcile names with entities"),
            "operationId": f"reconcile-{language}-by-post",
            "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": form}},
            "responses": responses | _errors("400", "413", "415"),
        },
    }


def _monitoring() -> dict[str, Any]:
    endpoints = (
        ("health", Message("Whether the server answers")),
        ("ready", Message("Whether the server accepts requests")),
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
        for name, summary in endpoints
    }


def _saved_query(query: Query, suffix: str, languages: Sequence[str]) -> dict[str, Any]:
    parameters = [
        _parameter(parameter.name, parameter.label, _schema(parameter, query, languages))
        for parameter in query.parameters
    ]
    if query.columns:
        parameters += [
            _parameter(name, description, {"type": "integer", "minimum": 1, "maximum": maximum, "default": default})
            for name, description, default, maximum in _PAGING
        ]
    result = {"description": query.summary, "content": _content(FORMATS[suffix].media_type)}
    return {
        "summary": query.summary,
        "description": query.description,
        "operationId": f"{query.name}-{suffix}",
        "tags": [query.theme],
        "parameters": parameters,
        "responses": {"200": result} | _errors("400", "503", "504"),
    }


def _schema(parameter: Variable, query: Query, languages: Sequence[str]) -> dict[str, Any]:
    if parameter.name == LANGUAGE:
        return {"type": "string", "enum": list(languages)}
    if not parameter.is_literal:
        kind = shorten(parameter.type, query.prefixes)
        return {"type": "string", "description": Message("IRI or compact name of a {kind}", kind=kind)}
    if parameter.type == f"{XSD}date":
        return {"type": "string", "format": "date"}
    return {"type": "integer" if parameter.type in _INTEGERS else "string"}
