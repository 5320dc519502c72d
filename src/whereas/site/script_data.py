"""Data for the scripts of pages: settings, names to complete, texts to search, sentences."""

from __future__ import annotations

import json
from typing import Any

from whereas.content.index import Index
from whereas.content.urls import Addresses
from whereas.i18n import Message
from whereas.site.pages.labels import SEARCH_KINDS
from whereas.site.pages.view import PageContext
from whereas.site.search import KINDS, text_of
from whereas.validation.checked_project import CheckedProject

MOST_TEXTS = 20_000  # in the search index of a language, labels first: more would be slow to fetch
_CLASSES, _PROPERTIES = ("owl:Class", "rdfs:Class"), ("owl:ObjectProperty", "owl:DatatypeProperty", "rdf:Property")
# What `words` of static/page.js holds; scripts fill the values in braces.
_MESSAGES = {
    "answer": Message("Answer"),
    "row": Message("row", "rows", count=1),
    "rows": Message("row", "rows", count=2),
    "no-rows": Message("No rows: nothing in the data matches."),
    "chart": Message("Chart"),
    "csv": Message("Download CSV"),
    "turtle": Message("Download Turtle"),
    "previous": Message("Previous"),
    "next": Message("Next"),
    "pages": Message("Pages of the answer"),
    "yes": Message("yes"),
    "no": Message("no"),
    "loading": Message("Loading the engine and the data…"),
    "asking": Message("Running…"),
    "stopped": Message("Stopped."),
    "failed": Message("the query cannot be answered: {reason}"),
    # Its rewriting (`query_order.py`) is not repeated in JavaScript: the engine there ends only itself.
    "died": Message(
        "the query engine in the browser stopped: it cannot sort values of several kinds, for which write "
        "ORDER BY STR(?variable), and has little memory"
    ),
    "took": Message("Answered in {seconds} s"),
    "wrong": Message("{name}: expected {type}, got ‘{text}’"),
    "unknown": Message("{name}: this query has no such parameter"),
    "twice": Message("{name}: given twice"),
    "page": Message("page: expected a number from 1 to {last}, got ‘{page}’"),
    "nothing": Message("No results."),
    "left-out": Message(
        "Too many texts are published here for a static search: some passages are left out; a server (whereas serve) "
        "searches them all."
    ),
    **SEARCH_KINDS,
    "editor": Message("SPARQL query"),
    # What is wrong with a query; the server says the same.
    "syntax-empty": Message("the query is empty"),
    "syntax-update": Message("SPARQL updates are not allowed, only queries"),
    "syntax-character": Message("line {line}, column {column}: the character {character} is not SPARQL; {advice}"),
    "syntax-space": Message("write a space instead"),
    "syntax-quote": Message("write \" or ' instead"),
    "syntax-minus": Message("write - instead"),
    "syntax-remove": Message("remove it"),
    "syntax-place": Message("line {line}, column {column}: {reason}"),
    "syntax-prefix": Message("the prefix {prefix}: is not declared"),
    "syntax-iri": Message("expected an absolute IRI before this position"),
    "syntax-unbound": Message("a selected variable is not bound"),
    "syntax-expected": Message("expected {names}"),
    "syntax-other": Message("not SPARQL from this position on"),
}


class Scripts:
    """Settings of scripts, which stand in their pages, and files of data that they fetch."""

    def __init__(self, checked: CheckedProject, index: Index, addresses: Addresses) -> None:
        self.checked, self.index, self.addresses = checked, index, addresses

    def settings(self, view: PageContext) -> dict[str, Any]:
        """Return what the script of every page needs: the path to the site's root, prefixes, sentences."""
        return {
            "root": "../" * view.path.count("/"),
            "language": view.language,
            "languages": self.addresses.languages,
            "base": self.addresses.base,
            "vocabulary": self.addresses.vocabulary,
            "prefixes": dict(self.index.prefixes),
            "words": {key: view.gettext(message) for key, message in _MESSAGES.items()},
        }

    def data(self, name: str, language: str) -> bytes | None:
        """Return one of the files `completion` and `search` in a language of the pages, as JSON."""
        if language not in self.addresses.languages:
            return None
        return self._completion(language) if name == "completion" else self._search(language)

    def _completion(self, language: str) -> bytes:
        """Prefixes, classes, properties and entities, each with its label.

        Classes and properties are those of the vocabulary and those that the data use.
        """
        totals = self.checked.totals
        entities = (thing for path, thing in self.addresses.things.items() if path.startswith(("ent/", "vocab/")))
        documents = (f"{self.checked.project.base}doc/{summary.name}" for summary in self.checked.documents)
        return _json(
            {
                "prefixes": dict(self.index.prefixes),
                "classes": self._labelled({*self.index.of(*_CLASSES), *totals.types}, language),
                "properties": self._labelled({*self.index.of(*_PROPERTIES), *totals.predicates}, language),
                "entities": self._labelled({*entities, *documents}, language),
            }
        )

    def _labelled(self, things: set[str], language: str) -> list[tuple[str, str]]:
        return [(thing, self.index.label(thing, language).text) for thing in sorted(things)]

    def _search(self, language: str) -> bytes:
        """Texts in a language, and those in no language of the pages: kind, URL from the root, language, text.

        `left_out` counts those beyond `MOST_TEXTS`.
        """
        texts = set()
        of_pages = {name.lower() for name in self.addresses.languages}  # language tags in RDF are in lower case
        for thing, properties in self.index.things.items():
            for property_ in properties.keys() & KINDS:
                for term in properties[property_]:
                    if not (row := text_of(f"<{thing}>", property_, term)):
                        continue
                    text, iri, kind, tag = row
                    if kind == "passage":
                        tag = self.index.first(self.index.first(iri, "oa:hasSource"), "schema:inLanguage")
                    is_own = tag.lower() == language.lower()
                    if is_own or tag.lower() not in of_pages:
                        url = self.addresses.href("search", iri, language)
                        texts.add((kind, url, "" if is_own else tag, text))
        kinds = list(dict.fromkeys(KINDS.values()))
        ordered = sorted(texts, key=lambda text: (kinds.index(text[0]), text))
        return _json({"texts": ordered[:MOST_TEXTS], "left_out": max(0, len(texts) - MOST_TEXTS)})


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
