"""Where the nodes of a source were written, so that what is found of one is told at its line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from whereas.cache import Cache
from whereas.findings import Location
from whereas.project.sources import LINKS, SHARED


@dataclass(frozen=True)
class Locations:
    """Where the nodes of a source were written; read only when something was found."""

    contents: tuple[bytes, ...]
    folder: Location

    @cached_property
    def _lines(self) -> dict[str, list[Any]]:
        return {
            key: location for content in self.contents[::-1] for key, location in json.loads(content or "{}").items()
        }

    def of(self, focus: str, path: str = "", value: str = "", *also: str) -> Location:
        """The line of the property `path`, of the one that names `value`, of one `also` meant, or of the node."""
        told, meant = [f"{focus} {path}"] if path else [], [f"{focus} {name}" for name in also]
        for key in (f"{focus} {path} {value}", *told, f"{focus} {value}", f"{focus} = {value}", *meant, focus):
            if key in self._lines:
                return Location(*self._lines[key])
        return self.folder


def read_locations(cache: Cache, name: str) -> Locations:
    """The places of a source; of shared things, those of the links that speak of them too."""
    names = (name, LINKS) if name in SHARED else (name,)
    return Locations(tuple(cache.latest("places", name) for name in names), Location(f"data/{name}"))
