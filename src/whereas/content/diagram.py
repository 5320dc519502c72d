"""A document as a graph: who publishes, through whose words, who speaks, in what text, what is said, whom it concerns.

Voices form a tree, so that a line leads to what was said in these words by this speaker, and to nothing else:
somebody who speaks here in their own name, and there in the words of another, has two boxes. Each voice has a row to
itself, on which no other box stands in its lines' way, and a lane of its own before the boxes they lead to. The order
is the text's: the same material is always drawn the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from whereas.content.index import Index
from whereas.content.statements import Statement

WIDTHS = {"reporter": 150, "quoted": 150, "speaker": 150, "text": 170, "statement": 290, "thing": 220}  # by column
SPACE, LANE = 20, 10  # between columns; more for each box whose lines turn there
FAN = 70  # before the last column, where lines are curves
HEIGHT, GAP = 58, 12  # of a box, between two
RELATIONS = ("addressee", "target", "beneficiary", "about")
_PROPERTIES = {"about": "schema:about"}


@dataclass(frozen=True)
class Box:
    """A thing at its place."""

    iri: str
    kind: str
    x: int
    y: int
    width: int


@dataclass(frozen=True)
class Edge:
    """A line from the right of one box to the left of another."""

    kind: str
    path: str


# A statement, the voices it comes through, and whom or what it concerns, each with the relation.
Told = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]
Place = tuple[str, ...]  # the names on the way to a box, and the column it stands in


@dataclass(frozen=True)
class Diagram:
    """Boxes and edges, in a frame of `width` by `height`."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    rows: tuple[Told, ...] = ()  # the same, as a table


def draw(index: Index, statements: Iterable[Statement]) -> Diagram:
    """The demands and findings of a document, with their voices and whom they concern."""
    shown = [s for s in statements if s.kind in ("demand", "finding")]
    ranks: dict[Place, list[int]] = {}  # of the statements that hang on a box
    links: list[tuple[str, Place, Place]] = []
    rows: list[Told] = []
    for rank, statement in enumerate(shown):
        here: Place = (statement.iri, "statement")
        ranks.setdefault(here, []).append(rank)
        for way in _ways(index, statement):
            names: tuple[str, ...] = ()
            last: Place = ()
            for column, name in way:
                names += (name,)
                place = (*names, column)
                ranks.setdefault(place, []).append(rank)
                if last:
                    links.append(("reports", last, place))
                last = place
            links.append(("says", last, here))
        concerned = []
        for kind in (*RELATIONS, "qualification"):
            for thing in index.all(statement.iri, _PROPERTIES.get(kind, f"wa:{kind}")):
                ranks.setdefault((thing, "thing"), []).append(rank)
                links.append((kind, here, (thing, "thing")))
                concerned.append((kind, thing))
        voices = dict.fromkeys((*statement.reporters, *statement.quoted, *statement.speakers))
        rows.append((statement.iri, tuple(voices), tuple(concerned)))
    links = list(dict.fromkeys(links))
    boxes, width, height = _placed(ranks, _turning(links), {s.iri: s.kind for s in shown})
    return Diagram(width, height, tuple(boxes.values()), tuple(_edges(links, boxes)), tuple(rows))


def _ways(index: Index, statement: Statement) -> list[list[tuple[str, str]]]:
    """From who publishes to the statement: columns and names, one way for each reporter and speaker."""
    texts = index.all(statement.iri, "wa:conveyedBy") or [""]
    found = []
    for reporter in statement.reporters or ("",):
        for quoted in statement.quoted or ("",):
            for speaker in statement.speakers or ("",):
                for text in texts:
                    way = {"reporter": reporter, "quoted": quoted, "speaker": speaker, "text": text}
                    if quoted == reporter:
                        way["quoted"] = ""
                    if speaker in (reporter, quoted):
                        way["speaker"] = ""
                    found.append([(column, name) for column, name in way.items() if name])
    return [way for way in found if way]


def _turning(links: Iterable[tuple[str, Place, Place]]) -> dict[str, list[Place]]:
    """The boxes whose lines turn before each column, those of things apart."""
    found: dict[str, list[Place]] = {}
    for _, start, end in links:
        if end[-1] != "thing" and start not in found.setdefault(end[-1], []):
            found[end[-1]].append(start)
    return found


def _placed(
    ranks: dict[Place, list[int]], turning: dict[str, list[Place]], kinds: dict[str, str]
) -> tuple[dict[Place, Box], int, int]:
    """A box for each place, in the columns there are; the width and height of all."""
    step = HEIGHT + GAP
    tops: dict[Place, int] = {}
    for columns in (("reporter", "quoted", "speaker", "text"), ("statement",), ("thing",)):
        top = 0
        for place in sorted((p for p in ranks if p[-1] in columns), key=lambda p: (_rank(p, ranks[p]), p[:-1], p)):
            tops[place] = top = max(top, round(_rank(place, ranks[place]) * step))
            top += step
    boxes: dict[Place, Box] = {}
    left = right = 0
    for column, width in WIDTHS.items():
        places = [place for place in tops if place[-1] == column]
        if places and right:
            left = right + (FAN if column == "thing" else SPACE + LANE * len(turning.get(column, ())))
        for place in places:
            boxes[place] = Box(place[-2], kinds.get(place[-2], column), left, tops[place], width)
            right = left + width
    return boxes, right, max(tops.values(), default=0) + step


def _rank(place: Place, ranks: Sequence[int]) -> float:
    """Where a box wants to stand: voices where what they say begins, things amid what concerns them."""
    return sum(ranks) / len(ranks) if place[-1] == "thing" else min(ranks)


def _edges(links: Iterable[tuple[str, Place, Place]], boxes: dict[Place, Box]) -> Iterator[Edge]:
    turning = _turning(links)
    for kind, start, end in links:
        x1, y1 = boxes[start].x + boxes[start].width, boxes[start].y + HEIGHT // 2
        x2, y2 = boxes[end].x, boxes[end].y + HEIGHT // 2
        if end[-1] == "thing":
            middle = (x1 + x2) // 2
            yield Edge(kind, f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}")
        else:
            lane = x2 - SPACE // 2 - LANE * turning[end[-1]].index(start)
            yield Edge(kind, f"M{x1} {y1}H{lane}V{y2}H{x2}")


def lines(label: str, width: int) -> list[str]:
    """A label cut to the three lines a box has room for."""
    room = width // 7
    told, rest = [""], label.split()
    while rest:
        word = rest.pop(0)
        longer = f"{told[-1]} {word}".strip()
        if len(longer) <= room or not told[-1]:
            told[-1] = longer[:room]
        elif len(told) < 3:
            told.append(word[:room])
        else:
            told[-1] = told[-1][: room - 1].rstrip() + "…"
            break
    return told
