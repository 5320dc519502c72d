"""Decompression that stops at a limit, so that a small response cannot fill the memory."""

from __future__ import annotations

import zlib


class GzipDecoder:
    """A gzip stream of any number of members; faulty data raise `zlib.error`."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._is_started = False

    @property
    def is_complete(self) -> bool:
        """Whether the stream may end here: after a member, or before the first."""
        return self._member.eof or not self._is_started

    def decode(self, data: bytes, limit: int) -> bytes:
        """Return at most `limit` bytes of what `data` decompresses to; what is beyond is lost."""
        content = bytearray()
        while data and len(content) < limit:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            self._is_started = True
            content += self._member.decompress(data, limit - len(content))
            data = self._member.unused_data
        return bytes(content)
