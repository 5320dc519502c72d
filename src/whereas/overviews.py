"""Pages that are about no single thing: home, lists, matrix, timeline, queries, data, method."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from whereas.addresses import Addresses
from whereas.catalogue import File
from whereas.charts import bars, heatmap
from whereas.checking import Checked
from whereas.errors import ArgumentError
from whereas.exports import as_turtle
from whereas.forms import Forms
from whereas.graph import Answer, Graph
from whereas.index import Index
from whereas.queries import LANGUAGE, Query
from whereas.shapes import SHACL
from whereas.statements import DATES, DOCUMENTS, EVENTS, STATEMENTS
from whereas.tables import markdown, rows
from whereas.view import View

MOST_ROWS = 500  # rows of an answer in a page; its files hold them all
GROUPS = {
    "documents": DOCUMENTS,
    "actors": ("foaf:Person", "org:Organization", "foaf:Group", "org:Role"),
    "places": ("schema:Place",),
    "works": ("wa:Resolution", "eli:Work", "schema:Collection", "schema:Thing", "schema:WebPage"),
    "events": EVENTS,
}
RELATIONS = ("wa:addressee", "wa:target", "wa:beneficiary")
_RELEASE = re.compile(r"(?:dataset|catalogue|report|graph/.+|ontology/.+|shapes/shapes|doc/[^/]+)\.\w+")


class Overviews:
    """What each overview is told, by its path."""

    def __init__(self, checked: Checked, index: Index, addresses: Addresses, files: tuple[File, ...]) -> None:
        self.checked, self.index, self.addresses = checked, index, addresses
        self.files = tuple(file for file in files if _RELEASE.fullmatch(file.path))
        self._answers: dict[str, Answer] = {}
        self.queries = {f"queries/{name}": query for name, query in checked.queries.items()}
        self.forms = Forms(index, addresses, self._asked)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Paths of all overviews; the home page's is empty."""
        alone = ("timeline", "matrix", "queries", "console", "search", "shapes", "data", "method", "about")
        return ("", *GROUPS, *alone, *self.queries)

    @cached_property
    def graph(self) -> Graph:
        return self.checked.graph()

    def show(self, view: View, path: str) -> tuple[str, dict[str, Any]]:
        """The template of an overview, and what it is told."""
        if path in self.queries:
            return "query.html", self._query(view, self.queries[path])
        if path in GROUPS:
            return "list.html", self._list(view, path)
        name = path or "home"
        return f"{name}.html", getattr(self, f"_{name}")(view)

    def _home(self, view: View) -> dict[str, Any]:
        demands = [view.statement(thing) for thing in self.index.of("wa:Demand")]
        demands.sort(key=lambda s: (not view.follow_ups(s.iri), view.day(s.iri), s.passages[:1]))
        counts = (
            ("documents", len(self.index.of(*DOCUMENTS))),
            ("statements-count", len(self.index.of(*STATEMENTS))),
            ("demands-count", len(demands)),
            ("passages-count", len(self.index.of("oa:SpecificResource"))),
        )
        return {
            "description": self.checked.project.description.get(view.language, ""),
            "demands": demands[:12],
            "documents": sorted(self.index.of(*DOCUMENTS), key=lambda name: (view.day(name), name)),
            "counts": counts,
        }

    def _list(self, view: View, path: str) -> dict[str, Any]:
        def order(thing: str) -> tuple[str, str]:
            return (view.day(thing) if path in ("events", "documents") else "", view.order(thing))

        groups = []
        for name in GROUPS[path]:
            things = [thing for thing in self.index.of(name) if self.addresses.path(thing)]
            if things:
                groups.append((self.index.iri(name), sorted(things, key=order)))
        return {"title": view.word(path), "groups": groups}

    def _matrix(self, view: View) -> dict[str, Any]:
        cells: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for demand in self.index.of("wa:Demand"):
            for speaker in self.index.all(demand, "wa:speaker"):
                for relation in RELATIONS:
                    for thing in self.index.all(demand, relation):
                        cells[speaker, thing][relation].append(demand)

        speakers = sorted({speaker for speaker, _ in cells}, key=view.order)
        things = sorted({thing for _, thing in cells}, key=view.order)
        return {"speakers": speakers, "things": things, "cells": cells, "relations": RELATIONS}

    def _timeline(self, view: View) -> dict[str, Any]:
        dated: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for thing in self.index.of(*EVENTS, *DOCUMENTS):
            if day := self.index.first(thing, *DATES):
                dated[day[:4]].append((day, "document" if self.index.is_a(thing, *DOCUMENTS) else "event", thing))
        for thing in self.index.of(*STATEMENTS):
            if self.index.first(thing, "wa:followUpOf") and (day := self.index.first(thing, "dcterms:valid")):
                dated[day[:4]].append((day, "follow-up", thing))
        return {"years": [(year, sorted(rows)) for year, rows in sorted(dated.items())]}

    def _queries(self, view: View) -> dict[str, Any]:
        themes: dict[str, list[Query]] = defaultdict(list)
        for query in self.checked.queries.values():
            themes[query.theme].append(query)
        return {"themes": themes}

    def answer(self, query: Query, language: str) -> Answer | None:
        """The answer for the defaults, labels in a language; None where another endpoint would be asked."""
        if query.federated:
            return None
        return self._asked(query.bind({LANGUAGE: language} if query.has(LANGUAGE) else {}))

    def _asked(self, text: str) -> Answer:
        """An answer; the last few are kept, since a page and its files ask the same."""
        if text not in self._answers:
            if len(self._answers) > 3:
                self._answers.clear()
            self._answers[text] = self.graph.query(text)
        return self._answers[text]

    def suffixes(self, query: Query) -> tuple[str, ...]:
        """Formats of a question's answer; none where it is not answered here."""
        if query.federated:
            return ()
        return ("csv", "tsv", "json", "xml", "md") if query.columns else ("ttl",)

    def file(self, query: Query, suffix: str) -> bytes:
        """The answer, labels in English, in one of its formats."""
        answer = self._asked(query.bind({LANGUAGE: "en"} if query.has(LANGUAGE) else {}))
        if suffix == "ttl":
            return as_turtle(answer.triples, self.checked.rules.context, self.checked.project.base).encode()
        if suffix == "md":
            return markdown(answer.columns, rows(answer, query.prefixes)).encode()
        return answer.serialized(suffix)

    def _query(self, view: View, query: Query) -> dict[str, Any]:
        return self.question(view, query, {}, self.answer(query, view.language))

    def question(
        self, view: View, query: Query, given: Mapping[str, str], answer: Answer | None, page: int = 1
    ) -> dict[str, Any]:
        """A saved query's page: its form with the arguments `given`, and a page of the answer to them."""
        found = answer.rows if answer else ()
        last = max(1, -(-len(found) // MOST_ROWS))
        if page > last:
            raise ArgumentError(f"page: expected a number from 1 to {last}, got {page}")
        ways = [(name, number) for name, number in (("previous", page - 1), ("next", page + 1)) if 1 <= number <= last]
        return {
            "title": query.summary.in_language(view.language),
            "description": query.description.in_language(view.language),
            "query": query, "answer": answer, "count": len(found),
            "rows": found[(page - 1) * MOST_ROWS : page * MOST_ROWS],
            "bars": bars(query, answer) if answer else [],
            "heat": heatmap(query, answer) if answer else None,
            "headings": [column.label.in_language(view.language) for column in query.columns],
            "fields": self.forms.fields(view, query, given) if answer else [],
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

    def _console(self, view: View) -> dict[str, Any]:
        themes = self._queries(view)["themes"]
        return {"description": view.word("console-lead"), "themes": themes, "script": {}}

    def _search(self, view: View) -> dict[str, Any]:
        return self.found(view, "", [])

    def found(self, view: View, words: str, hits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The page of a search: what was looked for, what was found."""
        return {"title": view.word("search"), "words": words, "hits": hits, "script": {"q": words}}

    def _shapes(self, view: View) -> dict[str, Any]:
        told: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, term, _ in self.checked.rules.shapes.quads:
            if subject.startswith("<"):
                told[subject[1:-1]][predicate[1:-1]].append(term)
        return {"shapes": dict(sorted(told.items())), "sh": SHACL}

    def _data(self, view: View) -> dict[str, Any]:
        return {"files": self.files, "triples": self.checked.report.triples}

    def _method(self, view: View) -> dict[str, Any]:
        findings = self.checked.report.findings
        return {"documents": self.checked.documents, "counts": self.checked.report.counts, "findings": findings}

    def _about(self, view: View) -> dict[str, Any]:
        return {}
