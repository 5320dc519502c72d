"""The parts from which the dataset's files are put together, source by source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from whereas.rdf.context import Context
from whereas.rdf.terms import Quad, nquads
from whereas.rdf.writers import Export, frame, written
from whereas.release.gzip_members import deflated

Chunks = Iterable[tuple[bytes, bytes]]  # plain, deflated


def parts(export: Export) -> Iterator[tuple[str, str, bytes, bytes]]:
    """Iterate over the parts of a source in every format: format, position, plain, deflated.

    Positions order the parts of all sources: by name, and for N-Quads so that all lines are sorted. The
    deflated parts of a format, one after the other, are one gzip member.
    """
    for format_ in ("ttl", "trig", "jsonld"):
        yield _part(format_, export.name, written(export, format_))
    for position, lines in _runs(export):
        yield _part("nq", position, lines)


def _part(format_: str, position: str, text: str) -> tuple[str, str, bytes, bytes]:
    plain = text.encode()
    return format_, position, plain, deflated(plain)


def framed(chunks: Chunks, format_: str, context: Context) -> Chunks:
    """Iterate over the chunks with what stands before, between and after them in this format."""
    before, between, after = ((text.encode(), deflated(text.encode())) for text in frame(format_, context))
    yield before
    for number, chunk in enumerate(chunks):
        if number and between[0]:
            yield between
        yield chunk
    yield after


def _runs(export: Export) -> Iterator[tuple[str, str]]:
    """Iterate over runs of sorted lines, cut where lines of other sources may stand between them."""
    runs: dict[str, list[Quad]] = defaultdict(list)
    for quad in export.quads:
        runs[_position(quad[0], export.base)].append(quad)
    for position, quads in runs.items():
        yield position, nquads(quads)


def _position(subject: str, base: str) -> str:
    """Return the position of a subject's lines: its document, its graph, or the gap between these."""
    documents, graphs = f"<{base}doc/", f"<{base}graph/"
    if subject.startswith(documents):
        end = next(at for at, letter in enumerate(subject) if letter in "#>/" and at >= len(documents))
        return subject[: end + 1]
    if subject.startswith(graphs):
        return subject
    return "<" if subject < documents else f"<{base}doc0" if subject < graphs else f"<{base}graph0"
