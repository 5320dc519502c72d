"""A text for reading: marks nest, and nothing of the text is lost."""

from collections.abc import Iterator

from whereas.compiler.passages import Passage, Text
from whereas.content.annotated_text import Mark, annotate
from whereas.content.statements import Statement

IRI = "https://w3id.org/whereas/doc/note#text.en"
TEXT = Text("text.en", "en", "One two three. Four five.\nSix.")


def statement(name: str, *spans: tuple[int, int], kind: str = "claim") -> Statement:
    passages = tuple(Passage(IRI, start, end, f"p{start}-{end}", "", "", "") for start, end in spans)
    return Statement(name, kind, "", (), (), (), "own", False, passages)


def flattened(mark: Mark) -> Iterator[tuple[int, str, int]]:
    """Depth, kind and length of each mark within one."""
    for inner in mark.inner:
        yield inner.level, inner.kind, inner.end - inner.start
        yield from flattened(inner)


def words(mark: Mark) -> str:
    return "".join(part if isinstance(part, str) else words(part) for part in mark.segments(TEXT.content))


def test_crossing_passages_are_split_so_that_marks_nest():
    paragraph, _ = annotate(TEXT, IRI, [statement("a", (0, 13)), statement("b", (4, 24))])
    (a, rest) = paragraph.whole.inner
    assert (a.start, a.end, a.opens, a.closes) == (0, 13, True, True)
    assert [(mark.start, mark.end, mark.opens, mark.closes) for mark in (*a.inner, rest)] == [
        (4, 13, True, False),
        (13, 24, False, True),
    ]
    assert words(paragraph.whole) == "One two three. Four five."


def test_sentence_that_nothing_cites_is_marked_as_such():
    paragraphs = annotate(TEXT, IRI, [statement("a", (0, 7))])
    assert [list(flattened(paragraph.whole)) for paragraph in paragraphs] == [
        [(0, "claim", 7), (0, "unsaid", 10)],
        [(0, "unsaid", 4)],
    ]


def test_statement_goes_with_the_first_of_its_passages():
    first, second = annotate(TEXT, IRI, [statement("b", (26, 30)), statement("a", (0, 3), (26, 30))])
    assert ([s.iri for s in first.statements], [s.iri for s in second.statements]) == (["a"], ["b"])
    assert [s.iri for s in second.whole.inner[0].statements] == ["a", "b"]


def test_quotation_without_quotation_marks_is_an_attribution():
    paragraph, _ = annotate(TEXT, IRI, [statement("a", (0, 3), kind="quotation")])
    assert paragraph.whole.inner[0].kind == "attribution"
