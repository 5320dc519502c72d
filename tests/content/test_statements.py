"""Statements as pages show them: how far the words are from the document, on which passages, of which date."""

import pytest

from whereas.content.statements import date_of, days_of, read_statement, statements_in

NOTE = "https://w3id.org/whereas/doc/note"
ENT = "https://w3id.org/whereas/ent/"


@pytest.mark.parametrize(
    ("name", "kind", "voice"),
    [
        ("own", "claim", "own"),
        ("reported", "demand", "reported"),
        ("words", "quotation", "quoted"),
        ("quoted", "demand", "quoted"),
        ("nested", "finding", "nested"),
    ],
)
def test_voice_is_how_far_the_words_are_from_the_document(index, name, kind, voice):
    statement = read_statement(index, f"{NOTE}#{name}")
    assert (statement.kind, statement.voice) == (kind, voice)


def test_statement_names_its_publisher_the_quoted_speaker_and_its_speaker(index):
    statement = read_statement(index, f"{NOTE}#nested")
    assert (statement.reporters, statement.quoted, statement.speakers) == (
        (f"{ENT}paper",),
        (f"{ENT}boris",),
        (f"{ENT}chen",),
    )


def test_event_reported_in_quoted_words_is_quoted(index):
    statements = {statement.iri: statement for statement in statements_in(index, NOTE)}
    event = statements[f"{NOTE}#release"]
    assert (event.kind, event.voice, event.quoted) == ("event", "quoted", (f"{ENT}boris",))
    assert len(statements) == 6


def test_passage_without_selectors_is_left_out(index):
    statement = read_statement(index, f"{NOTE}#quoted")
    assert [(passage.start, passage.end, passage.exact) for passage in statement.passages] == [(8, 12, "Free")]
    assert statement.start(f"{NOTE}#text.en") == 8


def test_passage_is_marked_where_quotation_marks_enclose_it(index):
    (whole,) = read_statement(index, f"{NOTE}#words").passages
    assert whole.is_marked and whole.contains(read_statement(index, f"{NOTE}#quoted").passages[0])


def test_date_of_a_statement_is_that_of_its_document_and_of_an_event_its_own(index):
    assert date_of(index, f"{NOTE}#quoted") == date_of(index, NOTE) == "2026-01-02"
    assert days_of(index, f"{NOTE}#release") == ("2025-12-24", "")
