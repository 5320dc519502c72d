"""Files of a release that pages offer to download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class File(NamedTuple):
    """A published file: its path below `public/`, its size in bytes and its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Download:
    """A file of the release and its gzip twin; `triples` is 0 where they are not counted.

    Where `licence` is empty, the rights are those of the `owners`.
    """

    file: File
    packed: File | None
    triples: int
    licence: str
    owners: tuple[str, ...]
