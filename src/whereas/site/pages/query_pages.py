"""The saved queries on the site: their pages, their answers to the defaults, and the files of these."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from whereas.content.charts import bars, heatmap
from whereas.content.index import Index
from whereas.content.urls import Addresses
from whereas.errors import ArgumentError, broken
from whereas.i18n import Message, Translations
from whereas.project.queries import LANGUAGE, Query
from whereas.rdf.results import QueryResult, markdown, result_set, rows
from whereas.rdf.serialization import in_turtle
from whereas.rdf.store import Graph
from whereas.rdf.writers import as_turtle
from whereas.site.pages.query_forms import Forms
from whereas.site.pages.view import PageContext
from whereas.validation.checked_project import CheckedProject

# Bytes of a store that is loaded into memory, where it answers ten times as fast, and takes some three times as much.
MOST_HELD = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 16
LARGE = 64_000_000  # bytes of a store, some 200,000 triples: it is not queried for the choices of a form
MOST_ARRANGED = 10_000  # triples of an answer in the order of reading; more are in the order of their names
MOST_ROWS = 500  # rows of an answer in a page; its files hold them all


@dataclass(frozen=True)
class FeaturedQuery:
    """A saved query that the home page links to; so do the pages of things that `linked_from` describes.

    `path` is that of its page, `parameter` the one that takes the thing.
    """

    path: str
    label: Translations
    parameter: str
    linked_from: tuple[tuple[str, Mapping[str, str]], ...]  # a property, and what its subjects have: value by property


class SavedQueries:
    """Saved queries by the path of their page, and their answers."""

    def __init__(self, checked: CheckedProject, index: Index, addresses: Addresses) -> None:
        self.checked, self.index, self.addresses = checked, index, addresses
        self.queries = {f"queries/{name}": query for name, query in checked.queries.items()}
        self.featured = tuple(map(self._featured, checked.project.site.get("featured", ())))
        self.forms = Forms(index, addresses, None if checked.store_size > LARGE else self._run)
        self._answers: dict[str, QueryResult] = {}

    def _featured(self, settings: Mapping[str, Any]) -> FeaturedQuery:
        query = self.queries.get(path := f"queries/{settings['query']}")
        parameter = settings.get("parameter", "")
        if not query or (parameter and not query.has(parameter)):
            problem = (
                Message("featured: {name} has no parameter '{parameter}'", name=query.name, parameter=parameter)
                if query
                else Message("featured: no saved query is named '{name}'", name=settings["query"])
            )
            raise broken("settings", self.checked.project.setting("site", "featured"), problem=problem)
        label = Translations.of(settings["label"]) if "label" in settings else query.summary
        pages = tuple((page["property"], page.get("having", {})) for page in settings.get("linked_from", ()))
        return FeaturedQuery(path, label, parameter, pages)

    def featured_for(self, thing: str) -> list[FeaturedQuery]:
        """Return the featured queries that the page of a thing links to."""
        return [
            query
            for query in self.featured
            if any(
                all(self.index.iri(value) in self.index.all(subject, name) for name, value in having.items())
                for property_, having in query.linked_from
                for subject in self.index.pointing(thing, property_)
            )
        ]

    @cached_property
    def graph(self) -> Graph:
        return self.checked.graph(MOST_HELD)

    def answer(self, query: Query, language: str) -> QueryResult | None:
        """Return the answer to the defaults, labels in a language; None for a federated query."""
        if query.federated:
            return None
        return self._run(self._text(query, language))

    @staticmethod
    def _text(query: Query, language: str) -> str:
        """Return the query with its defaults, labels in a language."""
        return query.bind({LANGUAGE: language} if query.has(LANGUAGE) else {})

    def _run(self, text: str) -> QueryResult:
        """Return the answer; the last few are cached, since a page and its files have the same. A copy: it caches its rows."""
        if text not in self._answers:
            if len(self._answers) > 3:
                self._answers.clear()
            self._answers[text] = self.graph.query(text)
        return replace(self._answers[text])

    def load(self) -> None:
        """Load the store into memory, where it is small enough, before processes are forked that share it."""
        if self.checked.store_size <= MOST_HELD:
            self.graph  # noqa: B018 (opening it is what is wanted)

    @cached_property
    def passage_languages(self) -> dict[str, str]:
        """The language of each passage by its words: an answer has verbatim words without a language tag."""
        index = self.index
        with index.unrecorded():
            return {
                words: index.first(index.first(passage, "oa:hasSource"), "schema:inLanguage")
                for passage in index.of("oa:SpecificResource")
                for selector in index.all(passage, "oa:hasSelector")
                for words in index.all(selector, "oa:exact")
            }

    def forget(self) -> None:
        """Empty the cache of answers: some are long."""
        self._answers.clear()

    def digest(self, query: Query) -> str:
        """Return a digest of the answers to a query in all languages, and of the choices of its form."""
        digest = hashlib.sha256()
        for language in dict.fromkeys((*self.addresses.languages, "en")):
            if answer := self.answer(query, language):
                fields = self.forms.fields(PageContext(self.index, self.addresses, "", language), query, {})
                digest.update(answer.json or answer.ntriples)
                digest.update(repr(fields).encode())
        return digest.hexdigest()[:16]

    def suffixes(self, query: Query) -> tuple[str, ...]:
        """Return the formats of a query's answer; none for a federated query."""
        if query.federated:
            return ()
        return ("csv", "tsv", "json", "xml", "ttl", "md") if query.columns else ("ttl",)

    def file(self, query: Query, suffix: str, language: str) -> bytes:
        """Return the answer in one of its formats, headings and labels in a language."""
        answer = self._run(self._text(query, language))
        if suffix == "ttl" and query.columns:
            return result_set(answer).encode()
        if suffix == "ttl":
            if answer.count > MOST_ARRANGED:
                return in_turtle(answer.ntriples, query.prefixes)
            return as_turtle(answer.triples, self.checked.rules.context, self.checked.project.base).encode()
        if suffix == "md":
            headings = [column.label.in_language(language) for column in query.columns]
            return markdown(headings or answer.columns, rows(answer, query.prefixes)).encode()
        try:
            return answer.serialized(suffix)
        except ArgumentError as error:  # the format cannot hold a character that the query itself makes
            raise ArgumentError(Message("query '{name}': {problem}", name=query.name, problem=error.message)) from None

    def page(
        self,
        view: PageContext,
        query: Query,
        arguments: Mapping[str, str],
        result: QueryResult | ArgumentError | None,
        number: int = 1,
    ) -> dict[str, Any]:
        """Return the variables of a saved query's page: its form, and a page of the answer, or what is wrong."""
        answer, problem = (None, result) if isinstance(result, ArgumentError) else (result, None)
        all_rows = answer.rows if answer else ()
        last = max(1, -(-len(all_rows) // MOST_ROWS))
        if number > last:
            raise ArgumentError(Message("page: expected a number from 1 to {last}, got {page}", last=last, page=number))
        headings = {column.name: column.label.in_language(view.language) for column in query.columns}
        language = (
            "" if view.language == "en" else f"{view.language}."
        )  # files in English have no language in their name
        return {
            "title": query.summary.in_language(view.language),
            "description": query.description.in_language(view.language),
            "query": query,
            "text": self._text(query, view.language),
            "answer": answer,
            "passage_languages": self.passage_languages,
            "problem": problem,
            "count": len(all_rows),
            "rows": all_rows[(number - 1) * MOST_ROWS : number * MOST_ROWS],
            "bars": bars(query, answer) if answer else [],
            "heat": heatmap(query, answer) if answer else None,
            "headings": list(headings.values()),
            "fields": self.forms.fields(view, query, arguments) if result else [],
            "arguments": arguments,
            "number": number,
            "last": last,
            "previous": urlencode({**arguments, "page": number - 1}) if number > 1 else "",
            "next": urlencode({**arguments, "page": number + 1}) if number < last else "",
            "suffixes": self.suffixes(query),
            "answer_stem": f"queries/{query.name}.{language}",
            "script": {
                "arguments": {**arguments, **({"page": str(number)} if number > 1 else {})},
                "parameters": [{"name": p.name, "type": p.type, "isLiteral": p.is_literal} for p in query.parameters],
                "columns": headings,
                "chart": query.chart,
                "name": query.name,
            },
        }
