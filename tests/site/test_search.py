"""Full-text search of labels, passages and notes."""

import json
import subprocess
import unicodedata
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spellings import NAMES, SPELLINGS
from whereas.rdf.namespaces import RDFS
from whereas.rdf.terms import iri, literal
from whereas.site.search import AROUND, MOST, Search, excerpt, matches_starts, write_index
from whereas.text.folding import fold, fold_with_origins, separate_words

FOLDING = Path(__file__).parents[2] / "src/whereas/site/static/folding.js"
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
    quad("hostile", f"{RDFS}label", "<script>alert(1)</script> marked"),
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


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    write_index(folder, [quad(name, f"{RDFS}label", label) for name, label in NAMES.items()])
    return Search(folder)


@pytest.mark.parametrize(("name", "spelling"), SPELLINGS)
def test_name_is_found_by_any_of_its_spellings(names, name, spelling):
    for words in {spelling, unicodedata.normalize("NFD", spelling), spelling.upper(), spelling.lower()}:
        assert matching(names, words) == [f"urn:{name}"], words
        assert "".join(text for text, marked in names.find(words)[0].pieces if marked)


@pytest.mark.parametrize(
    ("text", "words", "pieces"),
    [
        ("Große Straße", "strasse", [("Große ", False), ("Straße", True)]),
        ("Große Straße", "gros", [("Groß", True), ("e Straße", False)]),
        ("كِتَابُ الأُمَّة", "كتا", [("كِتَا", True), ("بُ الأُمَّة", False)]),
        (unicodedata.normalize("NFD", "né à Évry"), "evry", [("ne\u0301 a\u0300 ", False), ("E\u0301vry", True)]),
        (unicodedata.normalize("NFD", "대한민국 국회"), "국회", [(unicodedata.normalize("NFD", "대한민국 "), False),
                                                        (unicodedata.normalize("NFD", "국회"), True)]),
        ("新疆公安厅", "公安", [("新疆", False), ("公安", True), ("厅", False)]),
        ("aab ab ba", "ab", [("aab ", False), ("ab", True), (" ba", False)]),
    ],
)  # fmt: skip
def test_letters_that_match_are_marked_with_their_marks(text, words, pieces):
    folded = fold(words)
    assert list(excerpt(text, [folded], starts=folded.isascii() or folded[0] == "ك")) == pieces


def test_long_text_is_cut_around_the_first_match_between_words():
    text = f"{'before ' * 60}pier {'after ' * 60}"
    pieces = list(excerpt(text, ["pier"], starts=True))
    assert pieces[0] == pieces[-1] == ("…", False)
    assert {word for piece, _ in pieces for word in piece.split()} == {"…", "before", "pier", "after"}
    assert sum(len(piece) for piece, _ in pieces) < 2 * AROUND + 10


@given(st.text(), st.text(min_size=1))
def test_pieces_are_the_text(text, words):
    wanted = separate_words(fold(words)).split()
    if wanted and len(text) < AROUND:
        assert "".join(piece for piece, _ in excerpt(text, wanted, starts=True)) == text


@given(st.text(st.characters(categories=["L", "M", "Nd"]), min_size=1, max_size=20), st.data())
def test_text_is_found_by_any_word_of_it(tmp_path_factory, text, data):
    words = separate_words(fold(text)).split()
    if words:
        folder = tmp_path_factory.mktemp("one")
        write_index(folder, [quad("it", f"{RDFS}label", text)])
        word = data.draw(st.sampled_from(words))
        assert matching(Search(folder), word) == ["urn:it"]


@pytest.mark.system
def test_browser_folds_as_the_server_does(tmp_path):
    """Compare `static/folding.js`, run by Node, with the module, over every character and many strings."""
    script = tmp_path / "fold.mjs"
    script.write_text(
        f"import {{ fold, foldWithOrigins, isUnspaced, separateWords }} from {json.dumps(FOLDING.as_uri())};\n"
        'import { readFileSync } from "node:fs";\n'
        "const texts = JSON.parse(readFileSync(0, 'utf8'));\n"
        "const words = (text) => separateWords(text).split(' ').filter(Boolean);\n"
        "const answers = texts.map((text) => [fold(text), words(fold(text)), foldWithOrigins(text)[0], isUnspaced(text)]);\n"
        "console.log(JSON.stringify(answers));\n"
    )
    assigned = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cs", "Cn", "Co")]
    random = Random(13)
    alphabet = [character for character in assigned if not "\u3400" < character < "\ua000"]
    strings = ["".join(random.choices(alphabet, k=random.randint(2, 8))) for _ in range(20_000)]
    texts = [*assigned, *strings, *NAMES.values(), *(spelling for _, spelling in SPELLINGS)]
    run = subprocess.run(
        ["node", str(script)], input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=300
    )
    for text, answer in zip(texts, json.loads(run.stdout), strict=True):
        folded = fold(text)
        expected = [folded, separate_words(folded).split(), fold_with_origins(text)[0], not matches_starts(text)]
        assert answer == expected, ascii(text)
