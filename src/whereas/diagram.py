"""A document as a graph in four columns: who publishes, who speaks, what is said, whom it concerns.

The order is the text's, and each thing stands near what concerns it: the same material is always
drawn the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from whereas.index import Index
from whereas.statements import Statement

COLUMNS = (0, 245, 490, 835)  # left edges
WIDTHS = (215, 215, 315, 245)
HEIGHT, GAP = 44, 12  # of a box, between two
WIDTH = COLUMNS[-1] + WIDTHS[-1]
RELATIONS = ("addressee", "target", "beneficiary")


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
    """A curve from the right of one box to the left of another."""

    kind: str
    path: str


# A statement, who makes it, and whom or what it concerns, each with the relation.
Told = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]


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
    reporters = list(dict.fromkeys(name for s in shown for name in s.reporters))
    speakers = list(dict.fromkeys(name for s in shown for name in s.speakers))
    concerned: dict[str, list[int]] = {}
    links: list[tuple[str, int, str]] = []
    for rank, statement in enumerate(shown):
        for kind in (*RELATIONS, "qualification"):
            for thing in index.all(statement.iri, f"wa:{kind}"):
                concerned.setdefault(thing, []).append(rank)
                links.append((kind, rank, thing))
    things = sorted(concerned, key=lambda name: (sum(concerned[name]) / len(concerned[name]), name))
    tallest = max(len(reporters), len(speakers), len(shown), len(things))
    height = max(tallest, 1) * (HEIGHT + GAP)
    columns = (
        _column(0, reporters, ["reporter"] * len(reporters), height),
        _column(1, speakers, ["speaker"] * len(speakers), height),
        _column(2, [s.iri for s in shown], [s.kind for s in shown], height),
        _column(3, things, ["thing"] * len(things), height),
    )
    told = [("reports", columns[0][a], columns[1][b]) for a in reporters for b in speakers if a != b]
    told += [("says", columns[1][name], columns[2][s.iri]) for s in shown for name in s.speakers]
    told += [(kind, columns[2][shown[rank].iri], columns[3][thing]) for kind, rank, thing in links]
    edges = tuple(Edge(kind, _curve(start, end)) for kind, start, end in dict.fromkeys(told))
    rows = tuple(
        (s.iri, s.speakers, tuple((kind, thing) for kind, at, thing in links if at == rank))
        for rank, s in enumerate(shown)
    )
    return Diagram(WIDTH, height, tuple(box for column in columns for box in column.values()), edges, rows)


def _column(number: int, names: list[str], kinds: list[str], height: int) -> dict[str, Box]:
    """The boxes of a column, spread evenly over the height."""
    step = height / max(len(names), 1)
    return {
        name: Box(name, kind, COLUMNS[number], round(step * rank + (step - HEIGHT) / 2), WIDTHS[number])
        for rank, (name, kind) in enumerate(zip(names, kinds, strict=True))
    }


def _curve(start: Box, end: Box) -> str:
    x1, y1, x2, y2 = start.x + start.width, start.y + HEIGHT // 2, end.x, end.y + HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"


def lines(label: str, width: int) -> list[str]:
    """A label cut to the two lines a box has room for."""
    room = width // 7
    told, rest = [""], label.split()
    while rest:
        word = rest.pop(0)
        longer = f"{told[-1]} {word}".strip()
        if len(longer) <= room or not told[-1]:
            told[-1] = longer[:room]
        elif len(told) == 1:
            told.append(word[:room])
        else:
            told[-1] = told[-1][: room - 1].rstrip() + "…"
            break
    return told
