"""Gzip members put together from parts that were each compressed once (RFC 1952), with no name and no clock in them."""

from __future__ import annotations

import zlib

GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"  # of a member


def deflated(plain: bytes) -> bytes:
    """`plain` compressed on its own, and cut at a byte, so that others can follow it."""
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
    return squeeze.compress(plain) + squeeze.flush(zlib.Z_FULL_FLUSH)


def gzip_tail(check: int, size: int) -> bytes:
    """What ends a gzip member of deflated parts: the CRC-32 and the size of its content."""
    return b"\x03\x00" + check.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


def gzipped(plain: bytes, deflated_: bytes) -> bytes:
    """One gzip member of a content and its deflated parts."""
    return GZIP_HEAD + deflated_ + gzip_tail(zlib.crc32(plain), len(plain))
