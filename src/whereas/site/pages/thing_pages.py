"""Pages about one thing: a document, a statement, a shape, or anything else the data describe."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from whereas.compiler.passages import Text
from whereas.content.annotated_text import annotate
from whereas.content.diagram import draw
from whereas.content.index import Index, LangString
from whereas.content.shape_docs import Constraints
from whereas.content.statements import DOCUMENTS, STATEMENTS, statements_in
from whereas.content.urls import Addresses
from whereas.findings import Finding
from whereas.i18n import Message
from whereas.project.sssom import Decision, read_decisions
from whereas.rdf.terms import language_of, value_of
from whereas.site.pages.evidence import Evidence, evidence_of
from whereas.site.pages.labels import ROLES
from whereas.site.pages.query_pages import SavedQueries
from whereas.site.pages.view import PageContext
from whereas.validation.checked_project import CheckedProject

_SAME = Message("The same statement elsewhere")
_FACTS = (
    (Message("Kind of demand"), "wa:demandKind"),
    (ROLES["addressee"], "wa:addressee"),
    (ROLES["target"], "wa:target"),
    (ROLES["beneficiary"], "wa:beneficiary"),
    (ROLES["qualification"], "wa:qualification"),
    (Message("Degree of certainty"), "wa:degree"),
    (ROLES["about"], "schema:about"),
    (Message("Identifies"), "wa:identifies"),
    (Message("Identified in"), "wa:identifiedIn"),
    (Message("Based on"), "wa:groundedOn"),
    (Message("Made in"), "wa:conveyedBy"),
    (Message("Taken from the quotation"), "wa:expressedIn"),
    (_SAME, "prov:alternateOf"),
    (Message("Incompatible with"), "wa:conflictsWith"),
    (Message("Follow-up to"), "wa:followUpOf"),
    (Message("Outcome"), "wa:followUpStatus"),
    (Message("Strength of the sources"), "wa:corroboration"),
    (Message("Sources"), "dcterms:source"),
)
_INVERSE_FACTS = (
    (Message("Basis for"), "wa:groundedOn"),
    (Message("Statements taken from it"), "wa:expressedIn"),
    (_SAME, "prov:alternateOf"),
)
_LINKS = ("owl:sameAs", "skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch",
          "skos:relatedMatch", "rdfs:seeAlso")  # fmt: skip
_LISTS = ("owl:Ontology", "skos:ConceptScheme")
_TEXTS = (
    (None, "skos:definition"),
    (None, "dcterms:description"),
    (Message("Scope:"), "skos:scopeNote"),
    (Message("Example:"), "skos:example"),
    (None, "skos:note"),
)
# Properties that the page shows in other places than the table of all properties.
_SHOWN = (*_LINKS, "rdf:type", "rdfs:label", "skos:prefLabel", "skos:altLabel", "dcterms:title", "wa:evidence",
          "schema:text", *(name for _, name in _TEXTS))  # fmt: skip


class ThingPages:
    """Templates and variables of pages about one thing; `title` is the project's, by language."""

    def __init__(
        self,
        checked: CheckedProject,
        index: Index,
        addresses: Addresses,
        constraints: Constraints,
        saved: SavedQueries,
        title: Mapping[str, str],
    ) -> None:
        self.checked, self.index, self.addresses = checked, index, addresses
        self.constraints, self.saved, self.title = constraints, saved, title
        self.decisions = read_decisions(checked.project, checked.rules.prefixes)
        self.findings: dict[str, list[Finding]] = {}
        for finding in checked.report.findings:
            self.findings.setdefault(finding.focus, []).append(finding)
        self._shown = {index.iri(name) for name in _SHOWN}

    def show(self, view: PageContext, thing: str) -> tuple[str, dict[str, Any]]:
        """Return the template of a thing's page, and its variables."""
        if self.index.is_a(thing, *DOCUMENTS):
            return "document.html", self._document(view, thing)
        if self.index.is_a(thing, *STATEMENTS, "wa:Quotation"):
            return "statement.html", self._statement(view, thing)
        if self.index.is_a(thing, "sh:NodeShape", "sh:PropertyShape", "sh:SPARQLConstraint"):
            return "shape.html", self._shape(view, thing)
        return "thing.html", self._thing(view, thing)

    def _document(self, view: PageContext, thing: str) -> dict[str, Any]:
        texts = {
            self.index.first(text, "schema:inLanguage"): text
            for text in self.index.pointing(thing, "dcterms:isFormatOf")
        }
        language = view.language if view.language in texts else self.index.first(thing, "schema:inLanguage")
        if language not in texts:
            language = min(texts, default="")
        iri = texts.get(language, "")
        text = Text(view.local_name(iri), language, self.index.first(iri, "schema:text"))
        statements = statements_in(self.index, thing)
        paragraphs = annotate(text, iri, statements)
        numbered = [s.iri for paragraph in paragraphs for s in paragraph.statements]
        elsewhere = [s for s in statements if s.iri not in set(numbered) and s.passages]
        numbers = {name: number for number, name in enumerate([*numbered, *(s.iri for s in elsewhere)], 1)}
        return {
            "iri": thing,
            "text_language": language,
            "text": iri,
            "content": text.content,
            "paragraphs": paragraphs,
            "numbers": numbers,
            "elsewhere": elsewhere,
            "diagram": draw(self.index, sorted(statements, key=lambda s: (s.start(iri), s.iri))),
            "description": str(view.text(thing, "dcterms:description") or view.label(thing)),
        }

    def _statement(self, view: PageContext, thing: str) -> dict[str, Any]:
        evidence = self._evidence(view, thing)
        return {
            "s": evidence.statement,
            "evidence": evidence,
            "facts": _FACTS,
            "inverse": _INVERSE_FACTS,
            "description": next((passage.exact for passage in evidence.passages), ""),
        }

    def _shape(self, view: PageContext, thing: str) -> dict[str, Any]:
        label = self.index.text(thing, view.language, "rdfs:label")
        message = self.shape_message(thing, view.language)
        rule = view.compact(thing)
        return {
            "iri": thing,
            "constraint": self.constraints.constraint(thing),
            "title": label.text if label else message or rule,
            "findings": [finding for finding in self.checked.report.findings if finding.rule == rule],
            "description": str(view.text(thing, "rdfs:comment") or message),
        }

    def shape_message(self, shape: str, language: str) -> str:
        """Return the message of a shape, its values as `…`; empty when only its parts have one."""
        message = self.checked.rules.shapes.sentence(shape)
        return re.sub(r"\{[?$]\w+\}", "…", message.in_language(language)) if message else ""

    def _thing(self, view: PageContext, thing: str) -> dict[str, Any]:
        title = view.label(thing)
        aliases = {
            value_of(term): LangString(value_of(term), language_of(term))
            for term in self.index.terms(thing, "rdfs:label", "skos:prefLabel", "skos:altLabel")
            if value_of(term).split() != title.text.split()
        }
        is_term = self.index.is_vocabulary(thing)
        properties = self.index.values(thing).items()
        return {
            "iri": thing,
            "aliases": aliases.values(),
            "links": self._links(thing),
            "texts": _TEXTS,
            "facts": [
                (name, values)
                for name, terms in properties
                if name not in self._shown and (values := view.values(terms))
            ],
            "terms": sorted(set(self.index.pointing(thing, "rdfs:isDefinedBy", "skos:inScheme")), key=view.sort_key),
            "usage": self.index.used(thing) if is_term and not self.index.is_a(thing, *_LISTS) else None,
            "featured": self.saved.featured_for(thing),
            "evidence": self._evidence(view, thing) if self.index.all(thing, "wa:evidence") else None,
            "cited": self._cited(thing),
            "description": str(view.text(thing, "skos:definition", "dcterms:description") or title),
        }

    def _evidence(self, view: PageContext, thing: str) -> Evidence:
        title = self.title.get(view.language) or next(iter(self.title.values()), self.checked.project.base)
        return evidence_of(view, view.statement(thing), title, self.findings.get(thing, ()))

    def _cited(self, thing: str) -> dict[str, Any] | None:
        """Of a text: its document, how many of its passages are cited, and its file."""
        if not self.index.is_a(thing, "wa:SourceText"):
            return None
        return {
            "document": self.index.first(thing, "dcterms:isFormatOf"),
            "passages": len(self.index.pointing(thing, "oa:hasSource")),
            "file": f"{self.addresses.path(thing)}.txt",
        }

    def _links(self, thing: str) -> Sequence[tuple[str, str, Decision | None, list[Finding]]]:
        """Links to other datasets: property, object, the decision behind it, and findings about it."""
        findings = self.findings.get(thing, [])
        return [
            (
                self.index.iri(name),
                value,
                self.decisions.get((thing, self.index.iri(name), value)),
                [finding for finding in findings if finding.value == value],
            )
            for name in _LINKS
            for value in self.index.all(thing, name)
        ]
