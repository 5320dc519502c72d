"""Content ready to be sent: its codings, and the tag that tells it from any other."""

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
    """A page with its entity tag, and its content by coding, each made when it is first asked for."""

    page: Content
    coded: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def tag(self) -> str:
        """What stands between the quotes of its strong entity tag, before the coding's name."""
        return hashlib.sha256(self.page.content).hexdigest()[:32]

    @property
    def is_worth_coding(self) -> bool:
        return len(self.page.content) > _SMALL and self.page.media_type not in ("application/gzip", "image/png")

    def code(self, coding: str) -> bytes:
        """The content in a coding of `CODINGS`; as it is where that is empty."""
        if coding and coding not in self.coded:
            plain = self.page.content
            packer = zlib.compressobj(6, wbits=31)
            packed = brotli.compress(plain, quality=5) if coding == "br" else packer.compress(plain) + packer.flush()
            self.coded[coding] = packed
        return self.coded[coding] if coding else self.page.content

    @property
    def size(self) -> int:
        return len(self.page.content) + sum(map(len, self.coded.values()))
