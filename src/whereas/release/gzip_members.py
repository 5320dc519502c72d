"""A file of many pieces and its gzip twin, made from the ones before them: what did not change is copied inside the system.

The CRC-32 that a gzip member ends with is worked out the same way: of what is copied, from marks kept of the
file before; only what is new is read for it.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import IO

Piece = tuple[str, int, int]  # what it is known by, its size in the file, and its size in the twin
Contents = Callable[[int], tuple[bytes, bytes]]  # of the piece of this number, in the file and in the twin
Mark = tuple[int, int]  # an offset, and the CRC-32 of all that stands before it
SPAN = 1 << 24  # bytes from one mark to the next
BLOCK = 1 << 20  # bytes read at a time
_POLYNOMIAL = 0xEDB88320  # of CRC-32; the highest bit is the lowest power


@dataclass(frozen=True)
class Layout:
    """What a file and its twin are made of."""

    pieces: Sequence[Piece] = ()
    marks: Sequence[Mark] = ()


@dataclass
class Pair:
    """A file and its twin, open."""

    plain: IO[bytes]
    packed: IO[bytes]


@dataclass
class _Check:
    """The CRC-32 of what is written, some of it copied from a file whose marks are known."""

    size: int = 0
    value: int = 0
    marks: list[Mark] = field(default_factory=lambda: [(0, 0)])

    def write(self, content: bytes) -> None:
        self._go_on(self.size + len(content), zlib.crc32(content, self.value))

    def copy(self, file: IO[bytes], marks: Sequence[Mark], start: int, end: int) -> None:
        moved, changed = self.size - start, self.value ^ _check_at(file, marks, start)
        for offset, value in (*(mark for mark in marks if start < mark[0] < end), (end, _check_at(file, marks, end))):
            self._go_on(offset + moved, check_of_both(changed, value, offset - start))

    def _go_on(self, size: int, value: int) -> None:
        self.size, self.value = size, value
        if size - self.marks[-1][0] >= SPAN:
            self.marks.append((size, value))


def assemble(now: Pair, pieces: Sequence[Piece], contents: Contents, before: Pair | None, layout: Layout) -> Layout:
    """Write a file and its twin, from their beginning to their end; `layout` is that of the ones before."""
    runs, check = list(_runs(pieces, layout.pieces)), _Check()
    places = list(accumulate((plain for _, plain, _ in layout.pieces), initial=0))
    for number, first, end in runs:
        if not before or first == end:
            content = contents(number)[0]
            now.plain.write(content)
            check.write(content)
        else:
            _copy(before.plain, now.plain, places[first], places[end])
            check.copy(before.plain, layout.marks, places[first], places[end])
    now.packed.write(GZIP_HEAD)
    places = list(accumulate((packed for _, _, packed in layout.pieces), initial=len(GZIP_HEAD)))
    for number, first, end in runs:
        if not before or first == end:
            now.packed.write(contents(number)[1])
        else:
            _copy(before.packed, now.packed, places[first], places[end])
    now.packed.write(gzip_tail(check.value, check.size))
    now.plain.truncate()
    now.packed.truncate()
    return Layout(pieces, check.marks)


def _runs(pieces: Sequence[Piece], before: Sequence[Piece]) -> Iterator[tuple[int, int, int]]:
    """From the piece of a number on: which ones before follow each other as they did, from the first to the end.

    A piece that none of the ones before is has an empty stretch of them.
    """
    numbers = {key: number for number, (key, *_) in enumerate(before)}
    start = first = end = 0
    for number, (key, *_) in enumerate(pieces):
        found = numbers.get(key)
        if found == end > first:
            end += 1
            continue
        if end > first:
            yield start, first, end
        if found is None:
            first = end
            yield number, 0, 0
        else:
            start, first, end = number, found, found + 1
    if end > first:
        yield start, first, end


def _copy(source: IO[bytes], target: IO[bytes], start: int, end: int) -> None:
    """Bytes of a file to where another one is, inside the system where it can."""
    target.flush()
    try:
        while start < end and (done := os.copy_file_range(source.fileno(), target.fileno(), end - start, start)):
            start += done
    except (AttributeError, OSError):
        pass  # what is left is read and written
    target.seek(os.lseek(target.fileno(), 0, os.SEEK_CUR))
    source.seek(start)
    while start < end and (block := source.read(min(end - start, BLOCK))):
        target.write(block)
        start += len(block)


# -------------------------------------------------------------------- CRC-32


def check_of_both(one: int, other: int, size: int) -> int:
    """The CRC-32 of two contents, one after the other, from those of each; the other has `size` bytes."""
    power, square = 1 << 31, 1 << 23  # 1, and x to the eighth
    while size:
        if size & 1:
            power = _product(power, square)
        square, size = _product(square, square), size >> 1
    return _product(one, power) ^ other


def _product(one: int, other: int) -> int:
    """Of two polynomials over GF(2), modulo that of CRC-32."""
    product = 0
    for place in range(31, -1, -1):
        if one >> place & 1:
            product ^= other
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return product


def _check_at(file: IO[bytes], marks: Sequence[Mark], offset: int) -> int:
    """The CRC-32 of a file's first bytes."""
    start, value = max((start, value) for start, value in marks if start <= offset)
    file.seek(start)
    while start < offset and (block := file.read(min(offset - start, BLOCK))):
        start, value = start + len(block), zlib.crc32(block, value)
    return value


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
