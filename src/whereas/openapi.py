"""What the server answers, described for programs: OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whereas import __version__
from whereas.iris import XSD, shorten
from whereas.media import FORMATS
from whereas.project import Project
from whereas.queries import Query, Variable
from whereas.sparql import OFFERS

_NUMBERS = {f"{XSD}{name}": "integer" for name in ("integer", "nonNegativeInteger", "int", "long")}
_SENTENCE = {"content": {"text/plain": {"schema": {"type": "string"}}}}
_PAGING = (("page", "which page of the rows, from 1", 1), ("size", "rows a page", 1000))


def describe(project: Project, queries: Mapping[str, Query], forms: tuple[str, ...]) -> dict[str, Any]:
    """The OpenAPI document of a project's server."""
    paths: dict[str, Any] = {"/sparql": _sparql(), "/search.json": _search(project), "/-/health": _health()}
    paths |= {f"/reconcile/{language}": _reconciliation(language) for language in project.languages}
    for query in queries.values():
        if not query.federated:
            for form in forms if query.columns else ("ttl",):
                if form != "ttl" or not query.columns:
                    paths[f"/queries/{query.name}.{form}"] = {"get": _saved(query, form)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": project.title.get("en", "whereas"),
            "description": project.description.get("en", ""),
            "version": __version__,
        },
        "paths": paths,
    }


def _refusals(*statuses: str) -> dict[str, Any]:
    why = {
        "400": "What was asked cannot be answered; the sentence says why",
        "404": "Nothing is there",
        "406": "No format that is accepted",
        "413": "The query is too long",
        "414": "The query is too long",
        "415": "No content type of the protocol",
        "502": "Another endpoint that the query asks gave no answer",
        "503": "Come again later",
        "504": "The query took too long and was stopped",
    }
    return {status: {"description": why[status], **_SENTENCE} for status in statuses}


def _content(media_type: str) -> dict[str, Any]:
    return {media_type: {"schema": {"type": "string"}}}


def _parameter(name: str, told: str, schema: Mapping[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": told, "required": required, "schema": dict(schema)}


def _sparql() -> dict[str, Any]:
    answers: dict[str, Any] = {offer.media_type: {} for offer in (*OFFERS["rows"], *OFFERS["triples"])}
    text = {"schema": {"type": "string"}}
    responses = {"200": {"description": "The answer, or the service description", "content": answers}}
    query = _parameter("query", "A SPARQL 1.1 query; without it, the service is described", {"type": "string"})
    form = {"schema": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}}
    return {
        "get": {
            "summary": "Ask in SPARQL",
            "operationId": "ask",
            "parameters": [query],
            "responses": responses | _refusals("400", "406", "414", "502", "503", "504"),
        },
        "post": {
            "summary": "Ask in SPARQL",
            "operationId": "ask-by-post",
            "requestBody": {
                "required": True,
                "content": {"application/sparql-query": text, "application/x-www-form-urlencoded": form},
            },
            "responses": responses | _refusals("400", "406", "413", "415", "502", "503", "504"),
        },
    }


def _search(project: Project) -> dict[str, Any]:
    language = {"type": "string", "enum": ["", *project.languages]}
    return {
        "get": {
            "summary": "Search labels, passages and notes",
            "operationId": "search",
            "parameters": [
                _parameter("q", "Words, or their beginnings", {"type": "string"}),
                _parameter("lang", "Only texts in this language", language),
            ],
            "responses": {
                "200": {
                    "description": "What was found, the best first",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        }
    }


def _reconciliation(language: str) -> dict[str, Any]:
    told = {"200": {"description": "Candidates, or the manifest", "content": {"application/json": {}}}}
    text = {"type": "string", "description": "JSON of the Reconciliation Service API 0.2"}
    form = {"schema": {"type": "object", "properties": {"queries": text}, "required": ["queries"]}}
    return {
        "get": {
            "summary": "Reconcile names with entities; without queries, the manifest of the service",
            "operationId": f"reconcile-{language}",
            "parameters": [_parameter("queries", "JSON of the Reconciliation Service API 0.2", {"type": "string"})],
            "responses": told | _refusals("400", "413"),
        },
        "post": {
            "summary": "Reconcile names with entities",
            "operationId": f"reconcile-{language}-by-post",
            "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": form}},
            "responses": told | _refusals("400", "413", "415"),
        },
    }


def _health() -> dict[str, Any]:
    told = {"description": "The server answers", "content": _content("text/plain")}
    return {"get": {"summary": "Whether the server answers", "operationId": "health", "responses": {"200": told}}}


def _saved(query: Query, form: str) -> dict[str, Any]:
    parameters = [
        _parameter(parameter.name, parameter.label.en, _schema(parameter, query)) for parameter in query.parameters
    ]
    if query.columns:
        parameters += [
            _parameter(name, told, {"type": "integer", "minimum": 1, "default": default})
            for name, told, default in _PAGING
        ]
    answer = {"description": query.summary.en, "content": _content(FORMATS[form].media_type)}
    return {
        "summary": query.summary.en,
        "description": query.description.en,
        "operationId": f"{query.name}-{form}",
        "tags": [query.theme],
        "parameters": parameters,
        "responses": {"200": answer} | _refusals("400", "503", "504"),
    }


def _schema(parameter: Variable, query: Query) -> dict[str, Any]:
    if not parameter.is_literal:
        kind = shorten(parameter.type, query.prefixes)
        return {"type": "string", "description": f"IRI or compact name of a {kind}"}
    if parameter.type == f"{XSD}date":
        return {"type": "string", "format": "date"}
    return {"type": _NUMBERS.get(parameter.type, "string")}
