"""The diagram of a document: whose boxes there are, in which columns, and the same as a table."""

import pytest

from whereas.content.diagram import CURVE, WIDTHS, draw, lines
from whereas.content.statements import statements_in

NOTE = "https://w3id.org/whereas/doc/note"
ENT = "https://w3id.org/whereas/ent/"


@pytest.fixture
def diagram(index):
    return draw(index, statements_in(index, NOTE))


def test_speaker_has_a_box_in_their_own_name_and_one_in_the_words_of_another(diagram):
    boxes = [(box.iri, box.kind) for box in diagram.boxes]
    assert boxes.count((f"{ENT}chen", "speaker")) == 2
    assert boxes.count((f"{ENT}paper", "reporter")) == boxes.count((f"{ENT}boris", "quoted")) == 1


def test_only_demands_and_findings_are_drawn(diagram):
    assert {box.iri for box in diagram.boxes if box.kind in ("demand", "finding")} == {
        f"{NOTE}#{name}" for name in ("nested", "quoted", "reported")
    }
    assert not {box.kind for box in diagram.boxes} & {"claim", "quotation", "event"}


def test_table_says_the_same_as_the_drawing(diagram):
    assert [row for row in diagram.rows if row.statement == f"{NOTE}#nested"] == [
        (f"{NOTE}#nested", (f"{ENT}paper", f"{ENT}boris", f"{ENT}chen"), (("about", f"{ENT}dina"),))
    ]
    assert sum(edge.kind in ("target", "beneficiary", "about") for edge in diagram.edges) == 3


def test_columns_without_boxes_take_no_room(read_index):
    index = read_index("note:d a wa:Demand ; wa:statedIn doc:note ; wa:target ent:dina .")
    diagram = draw(index, statements_in(index, NOTE))
    assert [(box.kind, box.x) for box in diagram.boxes] == [("demand", 0), ("thing", WIDTHS["statement"] + CURVE)]
    assert diagram.width == WIDTHS["statement"] + CURVE + WIDTHS["thing"]


def test_document_without_demands_has_an_empty_diagram(index):
    assert draw(index, ()).boxes == ()


@pytest.mark.parametrize(
    ("label", "wrapped"),
    [
        ("", [""]),
        ("Short", ["Short"]),
        ("one two three four five", ["one two", "three four", "five"]),
        ("incomprehensibilities", ["incomprehe"]),
        ("one two three four five six seven", ["one two", "three four", "five six…"]),
    ],
)
def test_label_is_wrapped_into_three_lines_at_most(label, wrapped):
    assert lines(label, 70) == wrapped
