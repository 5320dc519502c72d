"""The stretches a dataset's files are put together from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from whereas.rdf.context import Context
from whereas.rdf.terms import Quad, nquads
from whereas.rdf.writers import Export, frame, written
from whereas.release.gzip_members import deflated

Pieces = Iterable[tuple[bytes, bytes]]  # plain, deflated


def parts(export: Export) -> Iterator[tuple[str, str, bytes, bytes]]:
    """The source in every format: format, position, plain, deflated.

    Positions put the parts of all sources in order: by name, and for N-Quads so that the lines of
    the whole are sorted. Deflated parts of one format join to one gzip member.
    """
    for format_ in ("ttl", "trig", "jsonld"):
        yield _part(format_, export.name, written(export, format_))
    for position, lines in _runs(export):
        yield _part("nq", position, lines)


def _part(format_: str, position: str, text: str) -> tuple[str, str, bytes, bytes]:
    plain = text.encode()
    return format_, position, plain, deflated(plain)


def framed(pieces: Pieces, format_: str, context: Context) -> Pieces:
    """The pieces with what stands before, between and after them in this format."""
    before, between, after = ((text.encode(), deflated(text.encode())) for text in frame(format_, context))
    yield before
    for number, piece in enumerate(pieces):
        if number and between[0]:
            yield between
        yield piece
    yield after


def _runs(export: Export) -> Iterator[tuple[str, str]]:
    """Sorted lines, cut where another source's lines may come between."""
    runs: dict[str, list[Quad]] = defaultdict(list)
    for quad in export.quads:
        runs[_position(quad[0], export.base)].append(quad)
    for position, quads in runs.items():
        yield position, nquads(quads)


def _position(subject: str, base: str) -> str:
    """Of the lines about a subject among all: what a document describes, a graph, or what lies between these."""
    documents, graphs = f"<{base}doc/", f"<{base}graph/"
    if subject.startswith(documents):
        return subject[
            : next(place for place, letter in enumerate(subject) if letter in "#>/" and place >= len(documents)) + 1
        ]
    if subject.startswith(graphs):
        return subject
    return "<" if subject < documents else f"<{base}doc0" if subject < graphs else f"<{base}graph0"
