"""The saved queries on the site: each one's page, its answer to the defaults, and that answer's files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from whereas.content.charts import bars, heatmap
from whereas.content.index import Index
from whereas.content.urls import Addresses
from whereas.errors import ArgumentError
from whereas.i18n import Message
from whereas.project.queries import LANGUAGE, Query
from whereas.rdf.results import QueryResult, markdown, result_set, rows
from whereas.rdf.serialization import in_turtle
from whereas.rdf.store import Graph
from whereas.rdf.writers import as_turtle
from whereas.site.pages.query_forms import Forms
from whereas.site.pages.view import PageContext
from whereas.validation.checked_project import CheckedProject

# Bytes of a store that is held in memory, where it answers ten times as fast, and takes some three times as much.
MOST_HELD = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 16
LARGE = 64_000_000  # bytes of a store, some 200,000 triples: it is not asked for the choices of a form
MOST_ARRANGED = 10_000  # triples of an answer in the order of reading; more are in the order of their names
MOST_ROWS = 500  # rows of an answer in a page; its files hold them all


class SavedQueries:
    """Saved queries by the path of their page, and what they are answered."""

    def __init__(self, checked: CheckedProject, index: Index, addresses: Addresses) -> None:
        self.checked, self.index, self.addresses = checked, index, addresses
        self.queries = {f"queries/{name}": query for name, query in checked.queries.items()}
        self.forms = Forms(index, addresses, None if checked.store_size > LARGE else self._asked)
        self._answers: dict[str, QueryResult] = {}

    @cached_property
    def graph(self) -> Graph:
        return self.checked.graph(MOST_HELD)

    def answer(self, query: Query, language: str) -> QueryResult | None:
        """The answer for the defaults, labels in a language; None where another endpoint would be asked."""
        if query.federated:
            return None
        return self._asked(self._text(query, language))

    @staticmethod
    def _text(query: Query, language: str) -> str:
        """The query with its defaults, labels in a language."""
        return query.bind({LANGUAGE: language} if query.has(LANGUAGE) else {})

    def _asked(self, text: str) -> QueryResult:
        """An answer; the last few are kept, since a page and its files ask the same, but not what was read of them."""
        if text not in self._answers:
            if len(self._answers) > 3:
                self._answers.clear()
            self._answers[text] = self.graph.query(text)
        return replace(self._answers[text])

    def hold(self) -> None:
        """Have the store in memory, where it is not too large, for the processes that part from this one."""
        if self.checked.store_size <= MOST_HELD:
            self.graph  # noqa: B018 (it is opened)

    @cached_property
    def tongues(self) -> dict[str, str]:
        """The language of the words of each passage, which an answer does not tell."""
        index = self.index
        with index.unrecorded():
            return {
                words: index.first(index.first(passage, "oa:hasSource"), "schema:inLanguage")
                for passage in index.of("oa:SpecificResource")
                for selector in index.all(passage, "oa:hasSelector")
                for words in index.all(selector, "oa:exact")
            }

    def forget(self) -> None:
        """Keep no answer: some are long."""
        self._answers.clear()

    def digest(self, query: Query) -> str:
        """Changes with the answers to a question in all languages, and with what its form offers."""
        told = hashlib.sha256()
        for language in dict.fromkeys((*self.addresses.languages, "en")):
            if answer := self.answer(query, language):
                told.update(answer.json or answer.ntriples)
                told.update(
                    repr(self.forms.fields(PageContext(self.index, self.addresses, "", language), query, {})).encode()
                )
        return told.hexdigest()[:16]

    def suffixes(self, query: Query) -> tuple[str, ...]:
        """Formats of a question's answer; none where it is not answered here."""
        if query.federated:
            return ()
        return ("csv", "tsv", "json", "xml", "ttl", "md") if query.columns else ("ttl",)

    def file(self, query: Query, suffix: str, language: str) -> bytes:
        """The answer, headings and labels in a language, in one of its formats."""
        answer = self._asked(self._text(query, language))
        if suffix == "ttl" and query.columns:
            return result_set(answer).encode()
        if suffix == "ttl":
            if answer.count > MOST_ARRANGED:
                return in_turtle(answer.ntriples, query.prefixes)
            return as_turtle(answer.triples, self.checked.rules.context, self.checked.project.base).encode()
        if suffix == "md":
            headings = [column.label.in_language(language) for column in query.columns]
            return markdown(headings or answer.columns, rows(answer, query.prefixes)).encode()
        return answer.serialized(suffix)

    def page(
        self,
        view: PageContext,
        query: Query,
        given: Mapping[str, str],
        told: QueryResult | ArgumentError | None,
        page: int = 1,
    ) -> dict[str, Any]:
        """A saved query's page: its form with the arguments `given`, and a page of the answer or what is wrong."""
        answer, problem = (None, told) if isinstance(told, ArgumentError) else (told, None)
        found = answer.rows if answer else ()
        last = max(1, -(-len(found) // MOST_ROWS))
        if page > last:
            raise ArgumentError(Message("page: expected a number from 1 to {last}, got {page}", last=last, page=page))
        ways = [(name, number) for name, number in (("previous", page - 1), ("next", page + 1)) if 1 <= number <= last]
        return {
            "title": query.summary.in_language(view.language),
            "description": query.description.in_language(view.language),
            "query": query, "text": self._text(query, view.language), "answer": answer, "tongues": self.tongues, "problem": problem, "count": len(found),
            "rows": found[(page - 1) * MOST_ROWS : page * MOST_ROWS],
            "bars": bars(query, answer) if answer else [],
            "heat": heatmap(query, answer) if answer else None,
            "headings": [column.label.in_language(view.language) for column in query.columns],
            "fields": self.forms.fields(view, query, given) if told else [],
            "given": given, "page_number": page, "last_page": last,
            "ways": [(name, urlencode({**given, "page": number})) for name, number in ways],
            "script": {
                "given": {**given, **({"page": str(page)} if page > 1 else {})},
                "parameters": [
                    {"name": p.name, "type": p.type, "isLiteral": p.is_literal} for p in query.parameters
                ],
                "columns": {column.name: column.label.in_language(view.language) for column in query.columns},
                "chart": query.chart,
                "name": query.name,
            },
        }  # fmt: skip
