"""Full-text search of labels, passages and notes."""

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


def matching(search, words, language=""):
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
def test_words_match_in_any_script_without_accents_and_case(search, words, things):
    assert matching(search, words) == things


def test_label_comes_before_passage(search):
    assert matching(search, "council")[0] == "urn:council"


def test_language_restricts_to_its_texts_and_untagged_ones(search):
    assert matching(search, "conseil", "fr") == ["urn:council"]
    assert matching(search, "conseil", "en") == []
    assert matching(search, "pier", "fr") == ["urn:passage"]


def test_matching_words_alone_are_marked(search):
    (hit,) = search.find("closed")
    assert [text for text, marked in hit.pieces if marked] == ["closed"]
    (hostile,) = search.find("alert")
    assert hostile.text == "<script>alert(1)</script> marked"
    assert [text for text, marked in hostile.pieces if marked] == ["alert"]


def test_labels_of_the_project_match(checked, tmp_path):
    quads = [item for summary in checked.summaries for item in checked.quads(summary.name)]
    write_index(tmp_path, quads)
    search = Search(tmp_path)
    for name in ("Chen Quanguo", "Parlement européen", "parlement europeen", "赵克志"):
        assert any(hit.kind == "label" for hit in search.find(name)), name
    assert len(search.find("a")) == MOST


@given(st.text())
def test_no_input_breaks_the_search(search, words):
    assert all(hit.text for hit in search.find(words))
