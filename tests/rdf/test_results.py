"""Query results in XML, RDF/XML, Turtle and Markdown: any text comes back, or is refused in a sentence."""

import html
import json
import re
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from whereas.characters import for_terminal, xml_text
from whereas.errors import ArgumentError
from whereas.rdf.results import QueryResult, markdown, read_answer, result_set
from whereas.rdf.serialization import parse, serialized
from whereas.rdf.store import Graph
from whereas.rdf.terms import literal, value_of

TEXT = st.text(
    st.characters(exclude_categories=("Cs",))
    | st.sampled_from("\x00\x01\t\n\r\x0b\f\x1b\x7f\x85\x9b\u2028\u202e\ufffe\uffff<&>|`\\")
)
LITERAL = "{http://www.w3.org/2005/sparql-results#}literal"


def result_of(*values: str, kind: str = "literal") -> QueryResult:
    rows = [{"x": {"type": kind, "value": value}} for value in values]
    return QueryResult(json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": rows}}).encode())


@given(TEXT)
@example("a\r\nb\rc")
@example("a\u0001b")
@example("a\ufffeb")
@example(" \t a \n ")
def test_sparql_xml_gives_the_text_back_or_is_refused(text):
    if xml_text(text) != text:
        with pytest.raises(ArgumentError, match=r"SPARQL XML cannot hold the character U\+[0-9A-F]{4} in the result"):
            result_of(text).serialized("xml")
        return
    content = result_of(text).serialized("xml")
    assert [element.text or "" for element in ElementTree.fromstring(content).iter(LITERAL)] == [text]


@given(TEXT)
@example("a\r\nb\rc")
@example("a\u0001b")
@example("\ufffe")
def test_rdf_xml_gives_the_text_back_or_is_refused(text):
    quad = ("<urn:s>", "<urn:p>", literal(text), "")
    if xml_text(text) != text:
        with pytest.raises(ArgumentError, match=r"RDF/XML cannot hold the character U\+"):
            serialized([quad], "rdf", {})
        return
    content = serialized([quad], "rdf", {})
    assert [value_of(term) for _, _, term, _ in parse(content, "rdf")] == [text]
    (description,) = ElementTree.fromstring(content)
    assert [element.text or "" for element in description] == [text]


@given(TEXT)
@example("a\r\nb\u0001\ufffe")
def test_results_written_to_a_sink_are_checked_too(text):
    for query, kind, suffix in (
        (f"SELECT ({literal(text)} AS ?x) {{}}", "rows", "xml"),
        (f"CONSTRUCT {{ <urn:s> <urn:p> {literal(text)} }} {{}}", "triples", "rdf"),
    ):
        sink = _Sink()
        if xml_text(text) != text:
            with pytest.raises(ArgumentError, match="cannot hold the character"):
                Graph().write_answer(query, {kind: sink}, {kind: suffix}, 10)
        else:
            Graph().write_answer(query, {kind: sink}, {kind: suffix}, 10)
            assert text in [element.text or "" for element in ElementTree.fromstring(sink.content).iter()]


class _Sink:
    content = b""

    def write(self, chunk: bytes) -> int:
        self.content += bytes(chunk)
        return len(chunk)


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
@given(TEXT)
@example("a\r\nb")
def test_tables_keep_every_character(suffix, text):
    content = result_of("x", text).serialized(suffix).decode()
    if suffix == "csv":
        cell = content.removeprefix("x\r\nx\r\n").removesuffix("\r\n")
        assert (cell[1:-1].replace('""', '"') if cell.startswith('"') else cell) == text
    else:
        assert value_of(content.removeprefix('?x\n"x"\n').removesuffix("\n")) == text


@pytest.mark.parametrize(
    "iri", ["http://example.org/", "http://example.org/1", "http://example.org/a?b=%20", "http://example.org/×"]
)
def test_property_without_a_name_is_refused_in_rdf_xml(iri):
    with pytest.raises(ArgumentError, match=rf"RDF/XML cannot hold the property <{re.escape(iri)}>"):
        serialized([("<urn:s>", f"<{iri}>", '"a"', "")], "rdf", {})


def test_property_that_is_a_word_of_rdf_xml_is_refused():
    with pytest.raises(ArgumentError, match="RDF/XML cannot hold the result"):
        serialized([("<urn:s>", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#li>", '"a"', "")], "rdf", {})


@given(st.lists(TEXT, min_size=1, max_size=3))
@example(["a\\|b | c `d` <script>alert(1)</script> [x](javascript:1) *e*"])
@example(["http://evil.example www.evil.example mailto:a", "a\r\nb\n\nc", "&lt; $x$ ~~y~~"])
def test_markdown_shows_the_text_and_nothing_else(cells):
    table = markdown(["a"] * len(cells), [cells])
    assert table.count("\n") == 3
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    page = parser.render(table)
    shown = [html.unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", page, re.DOTALL)]
    assert [_words(cell) for cell in shown] == [_words(for_terminal(cell)) for cell in cells]
    assert "<" not in "".join(re.findall(r"<td>(.*?)</td>", page, re.DOTALL))


def _words(text: str) -> list[str]:
    return text.split()  # white space at the ends of a cell is not kept


@pytest.mark.parametrize("value", ["http://example.org/a b", "http://example.org/> . <urn:x", "relative"])
def test_iri_that_an_endpoint_must_not_send_is_refused(value):
    for suffix in ("csv", "tsv", "xml"):
        with pytest.raises(ArgumentError, match="cannot hold the result"):
            result_of(value, kind="uri").serialized(suffix)
    with pytest.raises(ArgumentError, match="Turtle cannot hold the result"):
        result_set(result_of(value, kind="uri"))


@given(TEXT)
def test_turtle_gives_the_text_back(text):
    values = [quad.object.value for quad in ox.parse(result_set(result_of(text)), format=ox.RdfFormat.TURTLE)]
    assert text in values


def test_lone_surrogate_is_no_result():
    with pytest.raises(json.JSONDecodeError):
        read_answer(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"\\ud800"}}]}}')
    pair = read_answer(
        b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"\\ud83d\\ude00"}}]}}'
    )
    assert pair.rows[0][0].value == "😀"
