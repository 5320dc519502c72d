"""Content ready to be sent: its content codings and its entity tag."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from functools import cached_property

import brotli


@dataclass(frozen=True)
class Content:
    """One representation, ready to be sent or written; `links` are values of the header `Link` (RFC 8288)."""

    content: bytes
    media_type: str
    language: str = ""
    links: tuple[str, ...] = ()


CODINGS = ("br", "gzip")
_SMALL = 300  # bytes below which compressing gains nothing


@dataclass
class Representation:
    """A page with its entity tag and its content by coding, each computed when it is first used."""

    page: Content
    coded: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def tag(self) -> str:
        """The strong entity tag without its quotes and the coding's name."""
        return hashlib.sha256(self.page.content).hexdigest()[:32]

    @property
    def is_worth_coding(self) -> bool:
        return len(self.page.content) > _SMALL and self.page.media_type not in ("application/gzip", "image/png")

    def code(self, coding: str) -> bytes:
        """Return the content in a coding of `CODINGS`, or as it is where that is empty."""
        if coding and coding not in self.coded:
            plain = self.page.content
            if coding == "br":
                self.coded[coding] = brotli.compress(plain, quality=5)
            else:
                self.coded[coding] = zlib.compress(plain, 6, wbits=31)
        return self.coded[coding] if coding else self.page.content

    @property
    def size(self) -> int:
        return len(self.page.content) + sum(map(len, self.coded.values()))
