"""Where the nodes of a source are written, so that findings about them can be reported at their line."""

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
    """Where the nodes of a source are written; parsed only when there is a finding."""

    contents: tuple[bytes, ...]
    folder: Location

    @cached_property
    def _lines(self) -> dict[str, list[Any]]:
        return {
            key: location for content in self.contents[::-1] for key, location in json.loads(content or "{}").items()
        }

    def find(self, focus: str, path: str = "", value: str = "", *properties: str) -> Location:
        """Return the closest known line of a finding about the node `focus`.

        In order of preference: the line of its property `path` with this value, of `path`, of `value`, of one of the
        other `properties`, and of the node itself; the source's folder where none is known.
        """
        keys = [
            f"{focus} {path} {value}",
            *([f"{focus} {path}"] if path else []),
            f"{focus} {value}",
            f"{focus} = {value}",
            *(f"{focus} {name}" for name in properties),
            focus,
        ]
        return next((Location(*self._lines[key]) for key in keys if key in self._lines), self.folder)


def read_locations(cache: Cache, name: str) -> Locations:
    """Read the locations of a source; for a shared one, those in the links about it too."""
    names = (name, LINKS) if name in SHARED else (name,)
    return Locations(tuple(cache.latest("places", name) for name in names), Location(f"data/{name}"))
