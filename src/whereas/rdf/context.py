"""A JSON-LD context: what keys and prefixes stand for."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from whereas import iris
from whereas.rdf.namespaces import XSD

# Datatypes whose values YAML has too; those of any other are texts in YAML.
_NUMBERS = frozenset(
    f"{XSD}{name}"
    for name in (
        "boolean", "decimal", "double", "float", "integer", "int", "long", "short", "byte", "nonNegativeInteger",
        "positiveInteger", "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort",
        "unsignedByte",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Context:
    """The keys, types and prefixes of YAML-LD files: a flat JSON-LD context, read once."""

    terms: Mapping[str, Any]
    iri: str  # by which files refer to it

    @functools.cached_property
    def prefixes(self) -> dict[str, str]:
        """Namespace by prefix."""
        return {
            name: definition
            for name, definition in self.terms.items()
            if isinstance(definition, str) and definition[-1:] in "/#" and not name.startswith("@")
        }

    @functools.cached_property
    def keys(self) -> dict[str, str]:
        """IRI by key, for every key that stands for a property; reverse ones start with `^`."""
        keys = {}
        for name, definition in self.terms.items():
            if name.startswith("@") or name in self.prefixes:
                continue
            target = definition if isinstance(definition, str) else (definition or {}).get("@id")
            reverse = (definition or {}).get("@reverse") if isinstance(definition, dict) else None
            if reverse:
                keys[name] = "^" + iris.expand(reverse, self.prefixes)
            elif target and not target.startswith("@") and not name[0].isupper():
                keys[name] = iris.expand(target, self.prefixes)
        return keys

    @functools.cached_property
    def types(self) -> dict[str, str]:
        """IRI by type name."""
        return {
            name: iris.expand(definition, self.prefixes)
            for name, definition in self.terms.items()
            if name[0].isupper() and isinstance(definition, str)
        }

    @functools.cached_property
    def ignored(self) -> frozenset[str]:
        """Keys that are null in the context: for the author and the build, never in the graph."""
        return frozenset(name for name, definition in self.terms.items() if definition is None)

    def holds(self, key: str) -> str:
        """Return what the values of a key are: `iri`, `language`, a datatype's IRI, or empty for plain text."""
        definition = self.terms.get(key)
        if not isinstance(definition, dict):
            return ""
        if "@language" in str(definition.get("@container", "")):
            return "language"
        if definition.get("@type") == "@id":
            return "iri"
        return iris.expand(definition["@type"], self.prefixes) if "@type" in definition else ""

    @functools.cached_property
    def text_keys(self) -> frozenset[str]:
        """Keys whose values are text as it is written: all but those of IRIs, numbers and booleans."""
        return frozenset(key for key in self.keys if self.holds(key) not in {"iri", *_NUMBERS})

    def is_set(self, key: str) -> bool:
        """Return whether a key takes several values."""
        definition = self.terms.get(key)
        return isinstance(definition, dict) and "@set" in str(definition.get("@container", ""))
