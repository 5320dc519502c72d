"""Write a file of many chunks and its gzip copy from the last ones: unchanged chunks are copied inside the kernel.

The CRC-32 at the end of a gzip member is computed likewise: for what is copied, from checkpoints stored with the
last file, so that only what is new is read.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import IO

Chunk = tuple[str, int, int]  # key, size in the file, size in the compressed copy
Contents = Callable[[int], tuple[bytes, bytes]]  # of the chunk with this number: plain and compressed
Checkpoint = tuple[int, int]  # an offset, and the CRC-32 of everything before it
SPAN = 1 << 24  # bytes from one checkpoint to the next
BLOCK = 1 << 20  # bytes read at a time
_POLYNOMIAL = 0xEDB88320  # of CRC-32; the highest bit is the lowest power


@dataclass(frozen=True)
class Layout:
    """What a file and its compressed copy consist of."""

    chunks: Sequence[Chunk] = ()
    checkpoints: Sequence[Checkpoint] = ()


@dataclass
class Pair:
    """A file and its compressed copy, open."""

    plain: IO[bytes]
    compressed: IO[bytes]


@dataclass
class _Checksum:
    """The CRC-32 of what is written, some of it copied from a file with checkpoints."""

    size: int = 0
    value: int = 0
    checkpoints: list[Checkpoint] = field(default_factory=lambda: [(0, 0)])

    def write(self, content: bytes) -> None:
        self._advance(self.size + len(content), zlib.crc32(content, self.value))

    def copy(self, file: IO[bytes], checkpoints: Sequence[Checkpoint], start: int, end: int) -> None:
        shift, difference = self.size - start, self.value ^ _checksum_at(file, checkpoints, start)
        within = [checkpoint for checkpoint in checkpoints if start < checkpoint[0] < end]
        for offset, value in (*within, (end, _checksum_at(file, checkpoints, end))):
            self._advance(offset + shift, combined_crc32(difference, value, offset - start))

    def _advance(self, size: int, value: int) -> None:
        self.size, self.value = size, value
        if size - self.checkpoints[-1][0] >= SPAN:
            self.checkpoints.append((size, value))


def assemble(target: Pair, chunks: Sequence[Chunk], contents: Contents, last: Pair | None, layout: Layout) -> Layout:
    """Write a file and its compressed copy, and return their layout; `layout` is that of the `last` ones."""
    runs, checksum = list(_runs(chunks, layout.chunks)), _Checksum()
    offsets = list(accumulate((plain for _, plain, _ in layout.chunks), initial=0))
    for number, first, end in runs:
        if not last or first == end:
            content = contents(number)[0]
            target.plain.write(content)
            checksum.write(content)
        else:
            _copy(last.plain, target.plain, offsets[first], offsets[end])
            checksum.copy(last.plain, layout.checkpoints, offsets[first], offsets[end])
    target.compressed.write(GZIP_HEAD)
    offsets = list(accumulate((compressed for _, _, compressed in layout.chunks), initial=len(GZIP_HEAD)))
    for number, first, end in runs:
        if not last or first == end:
            target.compressed.write(contents(number)[1])
        else:
            _copy(last.compressed, target.compressed, offsets[first], offsets[end])
    target.compressed.write(gzip_tail(checksum.value, checksum.size))
    target.plain.truncate()
    target.compressed.truncate()
    return Layout(chunks, checksum.checkpoints)


def _runs(chunks: Sequence[Chunk], last: Sequence[Chunk]) -> Iterator[tuple[int, int, int]]:
    """Iterate over runs of chunks: the number of the first, and the range of the last file's chunks that it copies.

    A new chunk is a run of its own, with an empty range.
    """
    numbers = {key: number for number, (key, *_) in enumerate(last)}
    start = first = end = 0
    for number, (key, *_) in enumerate(chunks):
        known = numbers.get(key)
        if known == end > first:
            end += 1
            continue
        if end > first:
            yield start, first, end
        if known is None:
            first = end
            yield number, 0, 0
        else:
            start, first, end = number, known, known + 1
    if end > first:
        yield start, first, end


def _copy(source: IO[bytes], target: IO[bytes], start: int, end: int) -> None:
    """Copy bytes of a file to the end of another, inside the kernel where that is possible."""
    target.flush()
    try:
        while start < end and (done := os.copy_file_range(source.fileno(), target.fileno(), end - start, start)):
            start += done
    except (AttributeError, OSError):
        pass  # the rest is read and written
    target.seek(os.lseek(target.fileno(), 0, os.SEEK_CUR))
    source.seek(start)
    while start < end and (block := source.read(min(end - start, BLOCK))):
        target.write(block)
        start += len(block)


# -------------------------------------------------------------------- CRC-32


def combined_crc32(first: int, second: int, size: int) -> int:
    """Return the CRC-32 of two contents, one after the other, from those of each; the second has `size` bytes."""
    power, square = 1 << 31, 1 << 23  # 1, and x to the eighth
    while size:
        if size & 1:
            power = _product(power, square)
        square, size = _product(square, square), size >> 1
    return _product(first, power) ^ second


def _product(one: int, other: int) -> int:
    """Multiply two polynomials over GF(2), modulo that of CRC-32."""
    product = 0
    for bit in range(31, -1, -1):
        if one >> bit & 1:
            product ^= other
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return product


def _checksum_at(file: IO[bytes], checkpoints: Sequence[Checkpoint], offset: int) -> int:
    """Return the CRC-32 of a file's first `offset` bytes."""
    start, value = max((start, value) for start, value in checkpoints if start <= offset)
    file.seek(start)
    while start < offset and (block := file.read(min(offset - start, BLOCK))):
        start, value = start + len(block), zlib.crc32(block, value)
    return value


GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"  # of a member, without a time


def deflated(plain: bytes) -> bytes:
    """Compress `plain` independently, ending at a byte, so that other deflated parts can follow."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
    return compressor.compress(plain) + compressor.flush(zlib.Z_FULL_FLUSH)


def gzip_tail(checksum: int, size: int) -> bytes:
    """Return the end of a gzip member of deflated parts: the CRC-32 and the size of its content."""
    return b"\x03\x00" + checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


def gzipped(plain: bytes, deflated_: bytes) -> bytes:
    """Return one gzip member, from a content and its deflated parts."""
    return GZIP_HEAD + deflated_ + gzip_tail(zlib.crc32(plain), len(plain))
