"""The layout of a document as a graph: publisher, quoted speaker, speaker and text, statements, things they concern.

The boxes before a statement form trees: a speaker who speaks both in their own name and in the words
of another has two boxes, so that a line leads only to what was said in these words. Each of these boxes
has a row to itself, in which no other box stands in the way of its lines, and a lane of its own in which they turn
before the boxes they lead to. The order is that of the text, so the same material always gives the same layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from whereas.content.index import Index
from whereas.content.statements import Statement

WIDTHS = {"reporter": 150, "quoted": 150, "speaker": 150, "text": 170, "statement": 290, "thing": 220}  # by column
SPACE, LANE = 20, 10  # between columns; more for each box whose lines turn there
CURVE = 70  # before the last column, where lines are curves
HEIGHT, GAP = 58, 12  # of a box, between two
RELATIONS = ("addressee", "target", "beneficiary", "about")
_PROPERTIES = {"about": "schema:about"}


@dataclass(frozen=True)
class Box:
    """A thing with its position in pixels; `kind` is its column, or for a statement its kind."""

    iri: str
    kind: str
    x: int
    y: int
    width: int


@dataclass(frozen=True)
class Edge:
    """A line from the right of one box to the left of another, as an SVG path."""

    kind: str
    path: str


class Row(NamedTuple):
    """A statement, its publishers and speakers, and what it concerns, each with the relation."""

    statement: str
    speakers: tuple[str, ...]
    concerned: tuple[tuple[str, str], ...]


Key = tuple[str, ...]  # of a box: the IRIs on the path to it, its own last, and its column
Link = tuple[str, Key, Key]  # kind, start, end


@dataclass(frozen=True)
class Diagram:
    """Boxes and edges, in a frame of `width` by `height`; `rows` are the same as a table."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    rows: tuple[Row, ...] = ()


def draw(index: Index, statements: Iterable[Statement]) -> Diagram:
    """Lay out the demands and findings among the statements, given in the order of the text."""
    shown = [s for s in statements if s.kind in ("demand", "finding")]
    ranks: dict[Key, list[int]] = {}  # by box, of the statements connected to it
    links: list[Link] = []
    rows: list[Row] = []
    for rank, statement in enumerate(shown):
        statement_key: Key = (statement.iri, "statement")
        ranks.setdefault(statement_key, []).append(rank)
        for steps in _paths(index, statement):
            iris: tuple[str, ...] = ()
            previous: Key = ()
            for column, iri in steps:
                iris += (iri,)
                key = (*iris, column)
                ranks.setdefault(key, []).append(rank)
                if previous:
                    links.append(("reports", previous, key))
                previous = key
            links.append(("says", previous, statement_key))
        concerned = []
        for kind in (*RELATIONS, "qualification"):
            for thing in index.all(statement.iri, _PROPERTIES.get(kind, f"wa:{kind}")):
                ranks.setdefault((thing, "thing"), []).append(rank)
                links.append((kind, statement_key, (thing, "thing")))
                concerned.append((kind, thing))
        speakers = dict.fromkeys((*statement.reporters, *statement.quoted, *statement.speakers))
        rows.append(Row(statement.iri, tuple(speakers), tuple(concerned)))
    links = list(dict.fromkeys(links))
    boxes, width, height = _boxes(ranks, _lanes(links), {s.iri: s.kind for s in shown})
    return Diagram(width, height, tuple(boxes.values()), tuple(_edges(links, boxes)), tuple(rows))


def _paths(index: Index, statement: Statement) -> list[list[tuple[str, str]]]:
    """Return the paths from publisher to statement, as columns and IRIs: one for each publisher, speaker and text."""
    texts = index.all(statement.iri, "wa:conveyedBy") or [""]
    paths = []
    for reporter in statement.reporters or ("",):
        for quoted in statement.quoted or ("",):
            for speaker in statement.speakers or ("",):
                for text in texts:
                    steps = {"reporter": reporter, "quoted": quoted, "speaker": speaker, "text": text}
                    if quoted == reporter:
                        steps["quoted"] = ""
                    if speaker in (reporter, quoted):
                        steps["speaker"] = ""
                    paths.append([(column, iri) for column, iri in steps.items() if iri])
    return [steps for steps in paths if steps]


def _lanes(links: Iterable[Link]) -> dict[str, list[Key]]:
    """Return the boxes with a lane before each column, in order; lines to things need none, as they are curves."""
    lanes: dict[str, list[Key]] = {}
    for _, start, end in links:
        if end[-1] != "thing" and start not in lanes.setdefault(end[-1], []):
            lanes[end[-1]].append(start)
    return lanes


def _boxes(
    ranks: dict[Key, list[int]], lanes: dict[str, list[Key]], kinds: dict[str, str]
) -> tuple[dict[Key, Box], int, int]:
    """Return the boxes by key, and the width and height of the frame; columns without boxes take no room."""
    step = HEIGHT + GAP
    tops: dict[Key, int] = {}
    for columns in (("reporter", "quoted", "speaker", "text"), ("statement",), ("thing",)):
        top = 0
        for key in sorted((k for k in ranks if k[-1] in columns), key=lambda k: (_rank(k, ranks[k]), k[:-1], k)):
            tops[key] = top = max(top, round(_rank(key, ranks[key]) * step))
            top += step
    boxes: dict[Key, Box] = {}
    left = right = 0
    for column, width in WIDTHS.items():
        keys = [key for key in tops if key[-1] == column]
        if keys and right:
            left = right + (CURVE if column == "thing" else SPACE + LANE * len(lanes.get(column, ())))
        for key in keys:
            boxes[key] = Box(key[-2], kinds.get(key[-2], column), left, tops[key], width)
            right = left + width
    return boxes, right, max(tops.values(), default=0) + step


def _rank(key: Key, ranks: Sequence[int]) -> float:
    """Return the preferred row of a box: that of its first statement; for a thing, the mean of its statements."""
    return sum(ranks) / len(ranks) if key[-1] == "thing" else min(ranks)


def _edges(links: Iterable[Link], boxes: dict[Key, Box]) -> Iterator[Edge]:
    lanes = _lanes(links)
    for kind, start, end in links:
        x1, y1 = boxes[start].x + boxes[start].width, boxes[start].y + HEIGHT // 2
        x2, y2 = boxes[end].x, boxes[end].y + HEIGHT // 2
        if end[-1] == "thing":
            middle = (x1 + x2) // 2
            yield Edge(kind, f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}")
        else:
            lane = x2 - SPACE // 2 - LANE * lanes[end[-1]].index(start)
            yield Edge(kind, f"M{x1} {y1}H{lane}V{y2}H{x2}")


def lines(label: str, width: int) -> list[str]:
    """Wrap a label into at most three lines of a box `width` pixels wide, the rest cut off with an ellipsis."""
    most = width // 7  # characters
    wrapped, words = [""], label.split()
    while words:
        word = words.pop(0)
        longer = f"{wrapped[-1]} {word}".strip()
        if len(longer) <= most or not wrapped[-1]:
            wrapped[-1] = longer[:most]
        elif len(wrapped) < 3:
            wrapped.append(word[:most])
        else:
            wrapped[-1] = wrapped[-1][: most - 1].rstrip() + "…"
            break
    return wrapped
