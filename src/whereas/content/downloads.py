"""Files of a release that pages offer to download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Download:
    """A file of the release, its gzip twin, its triples where they are counted, its licence or else whose it is."""

    file: File
    packed: File | None
    triples: int
    licence: str
    owners: tuple[str, ...]


class File(NamedTuple):
    """A published file: its path below `public/`, its bytes' number and SHA-256."""

    path: str
    size: int
    sha256: str
