"""What is said of queries that hold characters of word processors and web pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whereas.errors import ArgumentError
from whereas.rdf.store import Graph


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT\xa0?s {}", "line 1, column 7: the character U+00A0 NO-BREAK SPACE is not SPARQL; write a space instead"),
        ("ASK {}\n\x0b LIMIT 3", "line 2, column 1: the character U+000B is not SPARQL; write a space instead"),
        ("SELECT ?s { ?s ?p “x” }", "line 1, column 19: the character U+201C LEFT DOUBLE QUOTATION MARK is not SPARQL; write \" or ' instead"),
        ("SELECT (1 − 2 AS ?x) {}", "line 1, column 11: the character U+2212 MINUS SIGN is not SPARQL; write - instead"),
        ("SELECT ?s\u200b {}", "line 1, column 10: the character U+200B ZERO WIDTH SPACE is not SPARQL; remove it"),
        ("ASK { ?s ?p 'a“b\xa0c' . # \xa0\n ?s ?p <urn:a\xa0b> }\u3000;", "line 2, column 19: the character U+3000 IDEOGRAPHIC SPACE is not SPARQL; write a space instead"),
    ],
)  # fmt: skip
def test_character_is_named_with_its_place(query, expected):
    with pytest.raises(ArgumentError) as raised:
        Graph().query(query)
    assert str(raised.value) == f"the query cannot be answered: {expected}"


@given(st.characters(exclude_categories=("Cs",), exclude_characters="'\\\n\r"))
def test_a_text_may_hold_any_character(character):
    assert Graph().query(f"SELECT ('{character}' AS ?x) {{}}").rows[0][0].value == character


@given(
    st.characters(categories=("Cc",), exclude_characters="\t\n\r")
    | st.sampled_from("\u00a0\u2003\u2009\u2028\u202f\u3000‘’‚“”„«»‹›–—−\u00ad\u200b\u200e\u202e\u2060\ufeff\ufffe")
)
def test_every_space_quotation_mark_and_control_character_is_named(character):
    with pytest.raises(ArgumentError, match=rf"line 1, column 4: the character U\+{ord(character):04X}\b"):
        Graph().query(f"ASK{character} {{}}")
