"""Characters that material, XML and terminals cannot hold."""

import io
import json
import unicodedata
from xml.parsers import expat

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from whereas import characters

ANY = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("\x00\x01\t\n\r\x0b\f\x1b\x7f\x85\x9b\u202e\ufffe\uffff")
)
TEXT = ANY.filter(lambda text: not characters.is_broken(text))


@given(ANY)
@example("a\x1b]0;owned\x07\x1b[31mred\x9b1m\u202eb\u2066\r\nc\rd\ud800")
def test_a_terminal_obeys_nothing_in_a_text_for_it(text):
    shown = characters.for_terminal(text)
    assert {unicodedata.category(each) for each in shown if each not in "\t\n"}.isdisjoint({"Cc", "Cs"})
    assert not any(
        unicodedata.bidirectional(each) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        for each in shown
    )
    assert characters.for_terminal(shown) == shown
    assert [each for each in shown if each.isalnum()] == [each for each in text if each.isalnum()]


def test_text_of_every_script_and_its_direction_marks_stay():
    text = "\u200fשלום\u200e — مرحبا, l’été, 東京\t🇨🇭\u200d\n"
    assert characters.for_terminal(text) == text


@given(ANY)
def test_escaped_json_has_the_same_value(text):
    escaped = characters.escaped(json.dumps({text: text}, ensure_ascii=False))
    assert json.loads(escaped) == {text: text}
    assert characters.for_terminal(escaped) == escaped


@given(TEXT)
def test_escaped_turtle_has_the_same_triples(text):
    triple = ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal(text))
    turtle = characters.escaped(ox.serialize([triple], format=ox.RdfFormat.TURTLE).decode())
    assert [found.triple for found in ox.parse(turtle, format=ox.RdfFormat.TURTLE)] == [triple]
    assert characters.for_terminal(turtle) == turtle


@given(TEXT, st.integers(1, 4))
def test_xml_in_chunks_is_checked_as_in_one(text, size):
    content, file = text.encode(), io.BytesIO()
    sink = characters.XmlSink(file)
    try:
        expected = characters.checked_xml(content)
    except characters.XmlError as error:
        with pytest.raises(characters.XmlError) as raised:
            for start in range(0, len(content), size):
                sink.write(content[start : start + size])
            sink.flush()
        assert raised.value.character == error.character
        return
    for start in range(0, len(content), size):
        assert sink.write(content[start : start + size]) == len(content[start : start + size])
    sink.flush()
    assert file.getvalue() == expected


@given(st.characters())
def test_what_xml_holds_is_what_expat_reads(character):
    escaped = {"<": "&lt;", "&": "&amp;", ">": "&gt;"}.get(character, character)
    read = []
    parser = expat.ParserCreate()
    parser.CharacterDataHandler = read.append
    try:
        content = characters.checked_xml(f"<a>{escaped}</a>".encode())
    except characters.XmlError as error:
        assert error.character == character
        with pytest.raises(expat.ExpatError):
            parser.Parse(f"<a>{escaped}</a>".encode(), True)
        return
    parser.Parse(content, True)
    assert "".join(read) == character


@given(TEXT)
def test_what_material_may_contain_is_held_by_xml_and_by_terminals(text):
    if not characters.forbidden_in_material(text):
        assert characters.xml_text(text) == text
        assert not {unicodedata.category(each) for each in text if each not in "\t\n\r"} & {"Cc", "Cs"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", ""),
        ({"a": ["b", 1, {"c\x01": None}]}, "\x01"),
        ([[], "\ud800"], "\ud800"),
        (3, ""),
        ("\U0001fffe", "\U0001fffe"),
    ],
)
def test_forbidden_character_in_nested_values(value, expected):
    assert characters.forbidden_character_in(value) == expected


def test_code_points_are_named():
    assert characters.code_point("\xa0") == "U+00A0 NO-BREAK SPACE"
    assert characters.code_point("\x01") == "U+0001"
    assert characters.code_point("\U0001f600") == "U+1F600 GRINNING FACE"
