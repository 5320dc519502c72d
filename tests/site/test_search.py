"""Search finds labels, passages and notes, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whereas.rdf.namespaces import RDFS
from whereas.rdf.terms import iri, literal
from whereas.site.search import MOST, Search, write_index

EXACT = "http://www.w3.org/ns/oa#exact"


def quad(name, predicate, text, language=""):
    return iri(f"urn:{name}"), iri(predicate), literal(text, language=language), iri("urn:graph")


SMALL = [
    quad("council", f"{RDFS}label", "Council of Exampleton", "en"),
    quad("council", f"{RDFS}label", "Conseil d’Exampleton", "fr"),
    quad("passage-quote", EXACT, "The council demands that the old pier be closed, the council says"),
    quad("chen", f"{RDFS}label", "陈全国", "zh"),
    quad("uyghur", f"{RDFS}label", "شىنجاڭ ساقچى ھۆججەتلىرى", "ug"),
    quad("school", "http://www.w3.org/2004/02/skos/core#definition", "École où l’élève étudie", "fr"),
    quad("hostile", f"{RDFS}label", "<script>alert(1)</script> \x02marked\x03"),
]


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    write_index(folder, SMALL)
    return Search(folder)


def found(search, words, language=""):
    return [hit.iri for hit in search.find(words, language)]


@pytest.mark.parametrize(
    ("words", "things"),
    [
        ("exampleton", ["urn:council", "urn:council"]),
        ("ECOLE eleve", ["urn:school"]),
        ("éc", ["urn:school"]),
        ("pier closed", ["urn:passage"]),
        ("陈全国", ["urn:chen"]),
        ("全国", ["urn:chen"]),
        ("شىنجاڭ", ["urn:uyghur"]),
        ("pier exampleton", []),
        ("", []),
        ('"', []),
        ("* OR NEAR(", []),
    ],
)
def test_words_are_found_whatever_their_accents_case_and_script(search, words, things):
    assert found(search, words) == things


def test_label_comes_before_passage(search):
    assert found(search, "council")[0] == "urn:council"


def test_language_narrows_to_its_texts_and_those_that_name_none(search):
    assert found(search, "conseil", "fr") == ["urn:council"]
    assert found(search, "conseil", "en") == []
    assert found(search, "pier", "fr") == ["urn:passage"]


def test_words_looked_for_are_marked_and_nothing_else_is(search):
    (hit,) = search.find("closed")
    assert [text for text, marked in hit.pieces if marked] == ["closed"]
    (hostile,) = search.find("alert")
    assert hostile.text == "<script>alert(1)</script> marked"
    assert [text for text, marked in hostile.pieces if marked] == ["alert"]


def test_every_label_of_the_project_finds_its_thing(checked, tmp_path):
    quads = [item for summary in checked.summaries for item in checked.quads(summary.name)]
    write_index(tmp_path, quads)
    search = Search(tmp_path)
    for name in ("Chen Quanguo", "Parlement européen", "parlement europeen", "赵克志"):
        assert any(hit.kind == "label" for hit in search.find(name)), name
    assert len(search.find("a")) == MOST


@given(st.text())
def test_no_words_break_the_search(search, words):
    assert all(hit.text for hit in search.find(words))
