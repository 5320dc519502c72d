"""What the pages' scripts are given: the names an editor completes, the texts a search looks through."""

from __future__ import annotations

import json
from typing import Any

from whereas.content.index import Index
from whereas.content.urls import Addresses
from whereas.site.pages.view import PageContext
from whereas.site.search import KINDS, text_of
from whereas.validation.checked_project import CheckedProject

MOST_TEXTS = 20_000  # in the index of a language, labels first: more would be slow to fetch
_CLASSES, _PROPERTIES = ("owl:Class", "rdfs:Class"), ("owl:ObjectProperty", "owl:DatatypeProperty", "rdf:Property")


class Scripts:
    """What scripts are given: settings in the page, data in files of their own."""

    def __init__(self, checked: CheckedProject, index: Index, addresses: Addresses) -> None:
        self.checked, self.index, self.addresses = checked, index, addresses

    def settings(self, view: PageContext) -> dict[str, Any]:
        """What the script of a page needs: the way to the site's root, the spaces of names, the words it says."""
        return {
            "root": "../" * view.here.count("/"),
            "language": view.language,
            "base": self.addresses.base,
            "vocabulary": self.addresses.vocabulary,
            "prefixes": dict(self.index.prefixes),
            "words": {key.removeprefix("script-"): told for key, told in view.words("script-").items()},
        }

    def data(self, name: str, language: str) -> bytes | None:
        """One of the files `completion` and `search` in a language of the pages, as JSON."""
        if language not in self.addresses.languages:
            return None
        return self._completion(language) if name == "completion" else self._search(language)

    def _completion(self, language: str) -> bytes:
        """Prefixes, and the classes, properties, entities and concepts there are, each with its label.

        Classes and properties are those of the vocabulary and those that data use.
        """
        used = self.checked.totals
        entities = (thing for path, thing in self.addresses.things.items() if path.startswith(("ent/", "vocab/")))
        documents = (f"{self.checked.project.base}doc/{summary.name}" for summary in self.checked.documents)
        return _json(
            {
                "prefixes": dict(self.index.prefixes),
                "classes": self._named({*self.index.of(*_CLASSES), *used.types}, language),
                "properties": self._named({*self.index.of(*_PROPERTIES), *used.predicates}, language),
                "entities": self._named({*entities, *documents}, language),
            }
        )

    def _named(self, things: set[str], language: str) -> list[tuple[str, str]]:
        return [(thing, self.index.label(thing, language).text) for thing in sorted(things)]

    def _search(self, language: str) -> bytes:
        """Texts in a language, and those in none of the pages': what of, way from the root, language, text.

        `left_out` counts what is not there because there is too much of it.
        """
        texts = set()
        for thing, properties in self.index.things.items():
            for property_ in properties.keys() & KINDS:
                for term in properties[property_]:
                    if found := text_of(f"<{thing}>", property_, term):
                        text, iri, kind, tongue = found
                        if kind == "passage":
                            tongue = self.index.first(self.index.first(iri, "oa:hasSource"), "schema:inLanguage")
                        if tongue == language or tongue not in self.addresses.languages:
                            way = self.addresses.href("search", iri, language)
                            texts.add((kind, way, "" if tongue == language else tongue, text))
        kinds = list(dict.fromkeys(KINDS.values()))
        told = sorted(texts, key=lambda text: (kinds.index(text[0]), text))
        return _json({"texts": told[:MOST_TEXTS], "left_out": max(0, len(texts) - MOST_TEXTS)})


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
