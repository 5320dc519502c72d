"""The Reconciliation Service API of the W3C's community group, 0.2 and the draft of 1.0, over `Entities`.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ and
https://reconciliation-api.github.io/specs/draft/. Pure: a request in, a reply out.
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
from whereas.http.errors import HTTPError
from whereas.project.project import Project
from whereas.rdf.namespaces import XSD
from whereas.rdf.terms import datatype_of, is_iri, language_of, value_of
from whereas.server.reconciliation.candidates import Candidate, Entities, Question
from whereas.server.reconciliation.requests import (
    BATCH,
    array,
    draft_question,
    fields,
    limited,
    parameters,
    question,
    read_json,
    text_of,
    whole,
)

DRAFT = "1.0-draft"
SUGGESTED = 20  # in one answer of a suggest service
WIDTH, HEIGHT = 420, 220  # pixels of a preview

_KINDS = ("entity", "property", "type")
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?")
_INTEGERS = {f"{XSD}{name}" for name in ("integer", "int", "long", "nonNegativeInteger")}
_NUMBERS = {f"{XSD}{name}" for name in ("decimal", "double", "float")}
_STYLE = "body{font:14px/1.4 system-ui,sans-serif;margin:.6em;overflow-wrap:anywhere}h1{font-size:1.1em;margin:0}p{margin:.3em 0}"
# Unlike our pages, a preview is shown within another site.
_PREVIEWED = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors *"
    )
}


@dataclass(frozen=True)
class Call:
    """A request: what follows `reconcile/` in its path, and the address of the site it came to, ends in `/`."""

    method: str
    path: str
    query: str
    kind: str  # media type of the body
    body: bytes
    site: str


@dataclass(frozen=True)
class Reply:
    """What is sent back."""

    content: bytes
    media_type: str
    language: str
    headers: Mapping[str, str]


def respond(entities: Entities, project: Project, call: Call) -> Reply:
    """The reply to a call. Raises `ArgumentError` for what cannot be read, `HTTPError` with the status for the rest."""
    language, _, rest = call.path.partition("/")
    if language not in project.languages:
        told = ", ".join(f"/reconcile/{tag}" for tag in project.languages)
        raise HTTPError(404, f"reconciliation is at {told}")
    is_draft = rest == DRAFT or rest.startswith(f"{DRAFT}/")
    service = ReconciliationService(entities, project, language, call.site, is_draft)
    given = parameters(call.query)
    if "callback" in given:
        raise HTTPError(400, "callback: JSONP, of API 0.1, is refused; any origin may read the JSON (CORS)")
    route = rest.removeprefix(DRAFT).strip("/") if is_draft else rest.rstrip("/")
    if route == "preview":
        page = service.preview(given.get("id", ""))
        return Reply(page.encode("utf-8", "replace"), "text/html", language, _PREVIEWED)
    told = service.draft(route, given, call) if is_draft else service.final(route, given, call)
    content = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return Reply(content, _JSON, language, {})


class ReconciliationService:
    """One language of the service, in one version of the API."""

    def __init__(self, entities: Entities, project: Project, language: str, site: str, is_draft: bool) -> None:
        self.entities, self.project, self.language, self.site = entities, project, language, site
        self.place = f"{site}reconcile/{language}{f'/{DRAFT}' if is_draft else ''}"
        self.is_draft = is_draft

    # ---------------------------------------------------------------- routes

    def final(self, route: str, given: dict[str, str], call: Call) -> Any:
        """API 0.2: questions come in a form, at the service's own address."""
        if route == "":
            if call.method == "POST":
                _expect_type(call, _FORM)
                given |= parameters(call.body.decode("utf-8", "replace"))
            if "queries" in given:
                queries = limited(fields(read_json(given["queries"], "queries"), "queries"), "queries")
                told = {key: question(query, self.entities.iri, f"queries: {key}") for key, query in queries.items()}
                return {key: {"result": self._candidates(question)} for key, question in told.items()}
            if "extend" in given:
                return self._extended(fields(read_json(given["extend"], "extend"), "extend"))
            if "query" in given:
                raise ArgumentError("query: a query alone is of API 0.1: expected 'queries'")
            if call.method == "POST":
                raise ArgumentError("expected 'queries' or 'extend'")
            return self._manifest()
        if flyout := re.fullmatch("flyout/(entity|property|type)", route):
            name = given.get("id", "")
            return {"id": name, "html": self._flyout(flyout[1], name)}
        return self._shared(route, given, call)

    def draft(self, route: str, given: dict[str, str], call: Call) -> Any:
        """The draft of 1.0: questions come as JSON, at addresses of their own."""
        if route in ("match", "extend"):
            if call.method != "POST":
                raise HTTPError(405, f"method: expected POST, got {call.method}", {"Allow": "POST, OPTIONS"})
            _expect_type(call, _JSON)
            told = fields(read_json(call.body.decode("utf-8", "replace"), "body"), "body")
            if route == "extend":
                return self._extended(told)
            queries = array(told.get("queries"), "queries")
            asked = [draft_question(query, self.entities.iri, f"queries: {at}") for at, query in enumerate(queries)]
            return {"results": [{"candidates": self._candidates(question)} for question in asked]}
        if route == "" and call.method != "POST":
            return self._manifest()
        return self._shared(route, given, call)

    def _shared(self, route: str, given: dict[str, str], call: Call) -> Any:
        if call.method == "POST":
            raise HTTPError(405, "method: expected GET, got POST", {"Allow": "GET, HEAD, OPTIONS"})
        if route.removeprefix("suggest/") in _KINDS and route.startswith("suggest/"):
            prefix = text_of(given.get("prefix", ""), "prefix")
            skipped = whole(given.get("cursor") or "0", "cursor", 0)
            return {"result": self._suggested(route.removeprefix("suggest/"), prefix, skipped)}
        if route == "extend/propose":
            kind, most = given.get("type", ""), whole(given.get("limit") or "1000", "limit", 1)
            named = self._named(self.entities.properties(self.entities.iri(kind) if kind else ""))
            return {"properties": named[:most], "limit": most, **({"type": kind} if kind else {})}
        raise HTTPError(404, f"nothing is at {self.place}/{route}")

    # ---------------------------------------------------------------- what the service is

    def _manifest(self) -> dict[str, Any]:
        name = self.project.title.get(self.language) or self.project.root.name
        told: dict[str, Any] = {
            "versions": [DRAFT if self.is_draft else "0.2"],
            "name": f"{name} ({self.language})",
            "identifierSpace": self.entities.space,
            "schemaSpace": f"{self.project.vocabulary}ns#",
            "documentation": f"{self.site}api",
            "serviceVersion": __version__,
            "defaultTypes": self._named(self.entities.types(self.entities.all)),
            "batchSize": BATCH,
        }
        if self.is_draft:
            return told | {
                "lang": self.language,
                "standardizedScore": True,
                "view": {"url": f"{self.site}ent/{{+id}}"},
                "preview": {"width": WIDTH, "height": HEIGHT},
                "suggest": dict.fromkeys(_KINDS, True),
                "extend": {"proposeProperties": True, "propertySettings": []},
            }
        suggest = {
            kind: {
                "service_url": self.place,
                "service_path": f"/suggest/{kind}",
                "flyout_service_url": self.place,
                "flyout_service_path": f"/flyout/{kind}?id=${{id}}",
            }
            for kind in _KINDS
        }
        return told | {
            "view": {"url": f"{self.site}ent/{{{{id}}}}"},
            "preview": {"url": f"{self.place}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
            "suggest": suggest,
            "extend": {
                "propose_properties": {"service_url": self.place, "service_path": "/extend/propose"},
                "property_settings": [],
            },
        }

    def _named(self, iris: Iterable[str]) -> list[dict[str, Any]]:
        return [{"id": self.entities.name(iri), "name": self.entities.label(iri, self.language)} for iri in iris]

    # ---------------------------------------------------------------- candidates

    def _candidates(self, question: Question) -> list[dict[str, Any]]:
        return [self._candidate(candidate) for candidate in self.entities.candidates(question)]

    def _candidate(self, candidate: Candidate) -> dict[str, Any]:
        points: dict[str, int] = {}
        sentences: dict[str, str] = {}
        for one in candidate.reasons:
            points[one.name] = points.get(one.name, 0) + one.points
            sentences[one.name] = one.message.in_language(self.language)
        return self._entity(candidate.iri) | {
            "score": candidate.score,
            "match": candidate.is_sure,
            "type": self._named(self.entities.types((candidate.iri,))),
            "features": [{"id": name, "name": sentences[name], "value": points[name]} for name in points],
        }

    def _entity(self, thing: str) -> dict[str, Any]:
        told = {"id": self.entities.id(thing), "name": self.entities.label(thing, self.language)}
        note = self.entities.index.text(thing, self.language, "skos:note", "dcterms:identifier")
        return told | ({"description": note.text} if note else {})

    # ---------------------------------------------------------------- suggestions

    def _suggested(self, kind: str, prefix: str, skipped: int) -> list[dict[str, Any]]:
        end = skipped + SUGGESTED
        if kind == "entity":
            return [
                self._entity(thing) | {"notable": self._named(self.entities.types((thing,)))}
                for thing in self.entities.starting(prefix)[skipped:end]
            ]
        every = self.entities.types(self.entities.all) if kind == "type" else self.entities.properties()
        wanted = prefix.casefold().strip()
        found = [told for told in self._named(every) if wanted in f"{told['id']} {told['name']}".casefold()]
        return found[skipped:end]

    def _flyout(self, kind: str, name: str) -> str:
        if kind == "entity":
            return self._shown(self._known(name))
        iri = self.entities.iri(name)
        every = self.entities.types(self.entities.all) if kind == "type" else self.entities.properties()
        if iri not in every:
            raise HTTPError(404, f"'{name}' is no {kind} of ours")
        told = self.entities.index.text(iri, self.language, "skos:definition", "rdfs:comment")
        return f"<h1>{escape(self.entities.label(iri, self.language))}</h1><p>{escape(told.text if told else iri)}</p>"

    def preview(self, name: str) -> str:
        """A small page about an entity, to be shown within another."""
        body = self._shown(self._known(name))
        return f'<!doctype html>\n<html lang="{self.language}"><meta charset="utf-8"><style>{_STYLE}</style>{body}</html>\n'

    def _known(self, name: str) -> str:
        found = self.entities.find(text_of(name, "id"))
        if not found:
            raise HTTPError(404, f"'{name}' is no entity of ours")
        return found

    def _shown(self, thing: str) -> str:
        told, names = self._entity(thing), self.entities.names(thing)
        kinds = ", ".join(kind["name"] for kind in self._named(self.entities.types((thing,))))
        lines = [kinds, ", ".join(name for name in names if name != told["name"]), told.get("description", "")]
        page = f"{self.site}ent/{quote(told['id'])}"
        told_lines = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
        title = f'<a href="{escape(page)}" target="_blank" rel="noopener">{escape(told["name"])}</a>'
        return f"<h1>{title}</h1>{told_lines}"

    # ---------------------------------------------------------------- values of properties

    def _extended(self, told: Mapping[str, Any]) -> dict[str, Any]:
        ids = [text_of(name, "ids") for name in array(told.get("ids"), "ids")]
        names = [
            text_of(fields(one, "properties").get("id"), "properties: id")
            for one in array(told.get("properties"), "properties")
        ]
        iris = {name: self.entities.iri(name) for name in names}
        meta = [{"id": name, "name": self.entities.label(iri, self.language)} for name, iri in iris.items()]
        rows = {name: {key: self._cells(self.entities.find(name), iri) for key, iri in iris.items()} for name in ids}
        if not self.is_draft:
            return {"meta": meta, "rows": rows}
        listed = [
            {"id": name, "properties": [{"id": key, "values": cells} for key, cells in row.items()]}
            for name, row in rows.items()
        ]
        return {"meta": meta, "rows": listed}

    def _cells(self, thing: str, property_: str) -> list[dict[str, Any]]:
        return [self._cell(term) for term in self.entities.values(thing, property_, self.language)]

    def _cell(self, term: str) -> dict[str, Any]:
        text, kind = value_of(term), datatype_of(term)
        if is_iri(term):
            is_ours = self.entities.find(text) == text
            return (
                {"id": self.entities.id(text), "name": self.entities.label(text, self.language)}
                if is_ours
                else {"str": text}
            )
        if kind in (f"{XSD}date", f"{XSD}dateTime") and _DATE.fullmatch(text):
            return {"date": text if "T" in text else f"{text}T00:00:00Z"}
        if kind in _INTEGERS:
            return {"int": int(text)}
        if kind in _NUMBERS and math.isfinite(float(text)):
            return {"float": float(text)}
        tag = language_of(term)
        return {"str": text, "lang": tag} if tag and self.is_draft else {"str": text}


def _expect_type(call: Call, kind: str) -> None:
    if call.kind.partition(";")[0].strip().casefold() != kind:
        raise HTTPError(415, f"content type: expected {kind}, got '{call.kind}'")
