"""RDF in other libraries and other formats: the same terms."""

import pytest
import rdflib

from whereas.rdf.formats import FORMATS, RDF_FORMATS, TABLE_FORMATS
from whereas.rdf.results import RESULT_FORMATS
from whereas.rdf.serialization import GRAPH_FORMATS, parse, serialized, to_rdflib_graph

XSD = "http://www.w3.org/2001/XMLSchema#"
NTRIPLES = (
    f'<urn:s> <urn:p> "01"^^<{XSD}integer> .\n'
    f'<urn:s> <urn:p> "yesterday"^^<{XSD}date> .\n'
    '<urn:s> <urn:p> "text" .\n'
    '<urn:s> <urn:p> "texte"@fr .\n'
    "<urn:s> <urn:p> _:b .\n"
)


def test_rdflib_graph_has_the_literals_as_they_are_written():
    values = list(to_rdflib_graph(NTRIPLES).objects(rdflib.URIRef("urn:s")))
    literals = {(str(v), v.language, v.datatype and str(v.datatype)) for v in values if isinstance(v, rdflib.Literal)}
    assert literals == {
        ("01", None, f"{XSD}integer"),
        ("yesterday", None, f"{XSD}date"),
        ("text", None, None),
        ("texte", "fr", None),
    }
    assert [value for value in values if isinstance(value, rdflib.BNode)] == [rdflib.BNode("b")]


def test_rdflib_of_the_process_still_normalizes_literals():
    to_rdflib_graph(NTRIPLES)
    assert rdflib.NORMALIZE_LITERALS
    assert str(rdflib.Literal("01", datatype=rdflib.XSD.integer)) == "1"


def test_engine_knows_every_format_of_the_table():
    assert tuple(GRAPH_FORMATS) == RDF_FORMATS
    assert set(TABLE_FORMATS) - {*RESULT_FORMATS} == {"md"}  # which is ours


@pytest.mark.parametrize("suffix", RDF_FORMATS)
def test_graph_names_are_written_where_the_format_holds_them(suffix):
    quad = ("<http://example.org/s>", "<http://example.org/p>", '"o"', "<http://example.org/g>")
    graph = quad[3] if FORMATS[suffix].holds == "dataset" else ""
    assert parse(serialized([quad], suffix, {}), suffix) == [(*quad[:3], graph)]
