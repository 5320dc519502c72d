"""A JSON-LD context: what keys and prefixes stand for."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from whereas import iris


@dataclass(frozen=True)
class Context:
    """The words YAML-LD files may use: a flat JSON-LD context, read once."""

    terms: Mapping[str, Any]
    iri: str  # the address files name it by

    @functools.cached_property
    def prefixes(self) -> dict[str, str]:
        """Namespace by prefix."""
        return {
            name: told
            for name, told in self.terms.items()
            if isinstance(told, str) and told[-1:] in "/#" and not name.startswith("@")
        }

    @functools.cached_property
    def keys(self) -> dict[str, str]:
        """IRI by key, for every key that stands for a property; reverse ones start with `^`."""
        found = {}
        for name, told in self.terms.items():
            if name.startswith("@") or name in self.prefixes:
                continue
            target = told if isinstance(told, str) else (told or {}).get("@id")
            reverse = (told or {}).get("@reverse") if isinstance(told, dict) else None
            if reverse:
                found[name] = "^" + iris.expand(reverse, self.prefixes)
            elif target and not target.startswith("@") and not name[0].isupper():
                found[name] = iris.expand(target, self.prefixes)
        return found

    @functools.cached_property
    def types(self) -> dict[str, str]:
        """IRI by type name."""
        return {
            name: iris.expand(told, self.prefixes)
            for name, told in self.terms.items()
            if name[0].isupper() and isinstance(told, str)
        }

    @functools.cached_property
    def ignored(self) -> frozenset[str]:
        """Keys for the author and the build alone: null in the context."""
        return frozenset(name for name, told in self.terms.items() if told is None)

    def holds(self, key: str) -> str:
        """What the values of a key are: `iri`, `language`, a datatype's IRI, or `` for plain."""
        told = self.terms.get(key)
        if not isinstance(told, dict):
            return ""
        if "@language" in str(told.get("@container", "")):
            return "language"
        if told.get("@type") == "@id":
            return "iri"
        return iris.expand(told["@type"], self.prefixes) if "@type" in told else ""

    def is_set(self, key: str) -> bool:
        """Whether a key takes several values."""
        told = self.terms.get(key)
        return isinstance(told, dict) and "@set" in str(told.get("@container", ""))
