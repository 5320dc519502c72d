"""The Reconciliation Service API of the W3C's community group, 0.2 and the draft of 1.0, over `Entities`.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ and
https://reconciliation-api.github.io/specs/draft/. Pure: a request in, a response out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from whereas._version import __version__
from whereas.errors import ArgumentError
from whereas.http.errors import HTTPError, wrong_method
from whereas.http.parameters import FORM
from whereas.http.policy import NOTHING, READING
from whereas.i18n import Message
from whereas.project.project import Project
from whereas.rdf.namespaces import XSD
from whereas.rdf.terms import datatype_of, is_iri, language_of, value_of
from whereas.server.reconciliation.candidates import Candidate, Entities, ReconciliationQuery
from whereas.server.reconciliation.requests import (
    BATCH_SIZE,
    read_array,
    read_draft_query,
    read_form,
    read_integer,
    read_json,
    read_object,
    read_query,
    read_string,
    within_batch_size,
)

DRAFT = "1.0-draft"
SUGGESTIONS = 20  # in one response of a suggest service
PROPOSED_PROPERTIES = 1000  # unless the client sets a limit
WIDTH, HEIGHT = 420, 220  # pixels of a preview

_KINDS = ("entity", "property", "type")
_JSON = "application/json"
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?")
_INTEGERS = {f"{XSD}{name}" for name in ("integer", "int", "long", "nonNegativeInteger")}
_NUMBERS = {f"{XSD}{name}" for name in ("decimal", "double", "float")}
_STYLE = "body{font:14px/1.4 system-ui,sans-serif;margin:.6em;overflow-wrap:anywhere}h1{font-size:1.1em;margin:0}p{margin:.3em 0}"
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Unlike our pages, a preview is framed by other sites.
_PREVIEW_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors *"
    )
}
_NO_JSONP = Message("callback: JSONP (API 0.1) is not supported; any origin may read the JSON (CORS)")
_SINGLE_QUERY = Message("query: single queries (API 0.1) are not supported: expected 'queries'")


@dataclass(frozen=True)
class ReconciliationRequest:
    """A request: `path` is what follows `reconcile/`, `site` the URL of the site, with a slash at its end."""

    method: str
    path: str
    query: str
    content_type: str
    body: bytes
    site: str


@dataclass(frozen=True)
class ReconciliationResponse:
    """A response with status 200."""

    content: bytes
    media_type: str
    language: str
    headers: Mapping[str, str]


def respond(entities: Entities, project: Project, request: ReconciliationRequest) -> ReconciliationResponse:
    """Answer a request. Raise `ArgumentError` for one that cannot be read, `HTTPError` with the status otherwise."""
    language, _, rest = request.path.partition("/")
    if language not in project.languages:
        services = ", ".join(f"/reconcile/{tag}" for tag in project.languages)
        raise HTTPError(404, Message("not found: expected one of {services}", services=services))
    is_draft = rest == DRAFT or rest.startswith(f"{DRAFT}/")
    service = ReconciliationService(entities, project, language, request.site, is_draft)
    parameters = read_form(request.query)
    if "callback" in parameters:
        raise HTTPError(400, _NO_JSONP)
    route = rest.removeprefix(DRAFT).strip("/") if is_draft else rest.rstrip("/")
    if route == "preview":
        page = service.preview(parameters.get("id", ""))
        return ReconciliationResponse(page.encode("utf-8", "replace"), "text/html", language, _PREVIEW_HEADERS)
    document = service.draft(route, parameters, request) if is_draft else service.final(route, parameters, request)
    content = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return ReconciliationResponse(content, _JSON, language, {})


class ReconciliationService:
    """The service in one language, in one version of the API."""

    def __init__(self, entities: Entities, project: Project, language: str, site: str, is_draft: bool) -> None:
        self.entities, self.project, self.language, self.site = entities, project, language, site
        self.url = f"{site}reconcile/{language}{f'/{DRAFT}' if is_draft else ''}"
        self.is_draft = is_draft

    # ---------------------------------------------------------------- routes

    def final(self, route: str, parameters: dict[str, str], request: ReconciliationRequest) -> Any:
        """Answer by API 0.2: queries come in a form, at the URL of the service."""
        if route == "":
            if request.method == "POST":
                _expect_type(request, FORM)
                parameters = parameters | read_form(request.body.decode("utf-8", "replace"))
            return self._batch(parameters, request)
        if flyout := re.fullmatch("flyout/(entity|property|type)", route):
            name = parameters.get("id", "")
            return {"id": name, "html": self._flyout(flyout[1], name)}
        return self._common(route, parameters, request)

    def _batch(self, parameters: Mapping[str, str], request: ReconciliationRequest) -> Any:
        if "queries" in parameters:
            documents = read_object(read_json(parameters["queries"], "queries"), "queries")
            queries = {
                key: read_query(document, self.entities.iri, f"queries: {key}")
                for key, document in within_batch_size(documents, "queries").items()
            }
            return {key: {"result": self._candidates(query)} for key, query in queries.items()}
        if "extend" in parameters:
            return self._extend(read_object(read_json(parameters["extend"], "extend"), "extend"))
        if "query" in parameters:
            raise ArgumentError(_SINGLE_QUERY)
        if request.method == "POST":
            raise ArgumentError(Message("expected 'queries' or 'extend'"))
        return self._manifest()

    def draft(self, route: str, parameters: dict[str, str], request: ReconciliationRequest) -> Any:
        """Answer by the draft of 1.0: queries come as JSON, at URLs of their own."""
        if route in ("match", "extend"):
            if request.method != "POST":
                raise wrong_method(("POST", "OPTIONS"), request.method)
            _expect_type(request, _JSON)
            document = read_object(read_json(request.body.decode("utf-8", "replace"), "body"), "body")
            if route == "extend":
                return self._extend(document)
            queries = [
                read_draft_query(query, self.entities.iri, f"queries: {number}")
                for number, query in enumerate(read_array(document.get("queries"), "queries"))
            ]
            return {"results": [{"candidates": self._candidates(query)} for query in queries]}
        if route == "" and request.method != "POST":
            return self._manifest()
        return self._common(route, parameters, request)

    def _common(self, route: str, parameters: Mapping[str, str], request: ReconciliationRequest) -> Any:
        """Answer what both versions have."""
        if request.method == "POST":
            raise wrong_method(READING, request.method)
        if suggest := re.fullmatch("suggest/(entity|property|type)", route):
            prefix = read_string(parameters.get("prefix", ""), "prefix")
            cursor = read_integer(parameters.get("cursor") or "0", "cursor", 0)
            return {"result": self._suggest(suggest[1], prefix, cursor)}
        if route == "extend/propose":
            kind = parameters.get("type", "")
            limit = read_integer(parameters.get("limit") or str(PROPOSED_PROPERTIES), "limit", 1)
            properties = self._named(self.entities.properties(self.entities.iri(kind) if kind else ""))
            return {"properties": properties[:limit], "limit": limit, **({"type": kind} if kind else {})}
        raise HTTPError(404, NOTHING.filled(path=f"{self.url}/{route}"))

    # ---------------------------------------------------------------- manifest

    def _manifest(self) -> dict[str, Any]:
        name = self.project.title.get(self.language) or self.project.root.name
        manifest: dict[str, Any] = {
            "versions": [DRAFT if self.is_draft else "0.2"],
            "name": f"{name} ({self.language})",
            "identifierSpace": self.entities.space,
            "schemaSpace": f"{self.project.vocabulary}ns#",
            "documentation": f"{self.site}api",
            "serviceVersion": __version__,
            "defaultTypes": self._named(self.entities.types(self.entities.all)),
            "batchSize": BATCH_SIZE,
        }
        if self.is_draft:
            return manifest | {
                "lang": self.language,
                "standardizedScore": True,
                "view": {"url": f"{self.site}ent/{{+id}}"},
                "preview": {"width": WIDTH, "height": HEIGHT},
                "suggest": dict.fromkeys(_KINDS, True),
                "extend": {"proposeProperties": True, "propertySettings": []},
            }
        suggest = {
            kind: {
                "service_url": self.url,
                "service_path": f"/suggest/{kind}",
                "flyout_service_url": self.url,
                "flyout_service_path": f"/flyout/{kind}?id=${{id}}",
            }
            for kind in _KINDS
        }
        return manifest | {
            "view": {"url": f"{self.site}ent/{{{{id}}}}"},
            "preview": {"url": f"{self.url}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
            "suggest": suggest,
            "extend": {
                "propose_properties": {"service_url": self.url, "service_path": "/extend/propose"},
                "property_settings": [],
            },
        }

    def _named(self, iris: Iterable[str]) -> list[dict[str, Any]]:
        return [{"id": self.entities.name(iri), "name": self.entities.label(iri, self.language)} for iri in iris]

    # ---------------------------------------------------------------- candidates

    def _candidates(self, query: ReconciliationQuery) -> list[dict[str, Any]]:
        return [self._candidate(candidate) for candidate in self.entities.candidates(query)]

    def _candidate(self, candidate: Candidate) -> dict[str, Any]:
        points: dict[str, int] = {}
        sentences: dict[str, str] = {}
        for reason in candidate.reasons:
            points[reason.name] = points.get(reason.name, 0) + reason.points
            sentences[reason.name] = reason.message.in_language(self.language)
        return self._entity(candidate.iri) | {
            "score": candidate.score,
            "match": candidate.is_match,
            "type": self._named(self.entities.types((candidate.iri,))),
            "features": [{"id": name, "name": sentences[name], "value": points[name]} for name in points],
        }

    def _entity(self, entity: str) -> dict[str, Any]:
        document = {"id": self.entities.id(entity), "name": self.entities.label(entity, self.language)}
        note = self.entities.index.text(entity, self.language, "skos:note", "dcterms:identifier")
        return document | ({"description": note.text} if note else {})

    # ---------------------------------------------------------------- suggest, flyout, preview

    def _suggest(self, kind: str, prefix: str, cursor: int) -> list[dict[str, Any]]:
        end = cursor + SUGGESTIONS
        if kind == "entity":
            return [
                self._entity(entity) | {"notable": self._named(self.entities.types((entity,)))}
                for entity in self.entities.starting_with(prefix)[cursor:end]
            ]
        text = prefix.casefold().strip()
        names = self._named(self._types_or_properties(kind))
        return [name for name in names if text in f"{name['id']} {name['name']}".casefold()][cursor:end]

    def _types_or_properties(self, kind: str) -> list[str]:
        return self.entities.types(self.entities.all) if kind == "type" else self.entities.properties()

    def _flyout(self, kind: str, name: str) -> str:
        if kind == "entity":
            return self._summary(self._find(name))
        iri = self.entities.iri(name)
        if iri not in self._types_or_properties(kind):
            raise _unknown(name)
        text = self.entities.index.text(iri, self.language, "skos:definition", "rdfs:comment")
        return f"<h1>{escape(self.entities.label(iri, self.language))}</h1><p>{escape(text.text if text else iri)}</p>"

    def preview(self, name: str) -> str:
        """Return a small page about an entity, for a frame in another site."""
        body = self._summary(self._find(name))
        return f'<!doctype html>\n<html lang="{self.language}"><meta charset="utf-8"><style>{_STYLE}</style>{body}</html>\n'

    def _find(self, name: str) -> str:
        entity = self.entities.find(read_string(name, "id"))
        if not entity:
            raise _unknown(name)
        return entity

    def _summary(self, entity: str) -> str:
        """Return HTML: name with a link, types, other names, description."""
        document, names = self._entity(entity), self.entities.names(entity)
        types = ", ".join(kind["name"] for kind in self._named(self.entities.types((entity,))))
        other_names = ", ".join(name for name in names if name != document["name"])
        lines = filter(None, (types, other_names, document.get("description", "")))
        page = f"{self.site}ent/{quote(document['id'])}"
        title = f'<a href="{escape(page)}" target="_blank" rel="noopener">{escape(document["name"])}</a>'
        return f"<h1>{title}</h1>{''.join(f'<p>{escape(line)}</p>' for line in lines)}"

    # ---------------------------------------------------------------- data extension

    def _extend(self, document: Mapping[str, Any]) -> dict[str, Any]:
        ids = [read_string(name, "ids") for name in read_array(document.get("ids"), "ids")]
        names = [
            read_string(read_object(item, "properties").get("id"), "properties: id")
            for item in read_array(document.get("properties"), "properties")
        ]
        iris = {name: self.entities.iri(name) for name in names}
        meta = [{"id": name, "name": self.entities.label(iri, self.language)} for name, iri in iris.items()]
        rows = {name: {key: self._values(self.entities.find(name), iri) for key, iri in iris.items()} for name in ids}
        if not self.is_draft:
            return {"meta": meta, "rows": rows}
        draft_rows = [
            {"id": name, "properties": [{"id": key, "values": values} for key, values in row.items()]}
            for name, row in rows.items()
        ]
        return {"meta": meta, "rows": draft_rows}

    def _values(self, entity: str, property_: str) -> list[dict[str, Any]]:
        return [self._value(term) for term in self.entities.values(entity, property_, self.language)]

    def _value(self, term: str) -> dict[str, Any]:
        text, datatype = value_of(term), datatype_of(term)
        if is_iri(term):
            is_entity = self.entities.find(text) == text
            return (
                {"id": self.entities.id(text), "name": self.entities.label(text, self.language)}
                if is_entity
                else {"str": text}
            )
        if datatype in (f"{XSD}date", f"{XSD}dateTime") and _DATE.fullmatch(text):
            return {"date": text if "T" in text else f"{text}T00:00:00Z"}
        if datatype in _INTEGERS:
            return {"int": int(text)}
        if datatype in _NUMBERS and math.isfinite(float(text)):
            return {"float": float(text)}
        tag = language_of(term)
        return {"str": text, "lang": tag} if tag and self.is_draft else {"str": text}


def _unknown(name: str) -> HTTPError:
    return HTTPError(404, Message("id: '{name}' is unknown", name=name))


def _expect_type(request: ReconciliationRequest, media_type: str) -> None:
    if request.content_type.partition(";")[0].strip().casefold() != media_type:
        message = Message(
            "content type: expected {expected}, got '{content_type}'",
            expected=media_type,
            content_type=request.content_type,
        )
        raise HTTPError(415, message)
