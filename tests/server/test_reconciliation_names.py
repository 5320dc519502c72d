"""Which entity a name is, where others are like it."""

import pytest

from whereas.content.index import Index
from whereas.rdf.namespaces import DCTERMS, FOAF, OWL, RDF, RDFS, SKOS
from whereas.rdf.terms import iri, literal
from whereas.server.reconciliation.candidates import Entities, ReconciliationQuery

BASE = "https://example.org/t/"
PLACE, PERSON = "https://schema.org/Place", f"{FOAF}Person"
PREFIXES = {"dcterms": DCTERMS, "foaf": FOAF, "owl": OWL, "rdf": RDF, "rdfs": RDFS, "skos": SKOS}


def entities(**labels):
    """Return places with labels by language; those whose id begins with `person` are persons."""
    index, graph = Index(PREFIXES), iri(f"{BASE}graph/entities")
    for name, by_language in labels.items():
        thing = iri(f"{BASE}ent/{name}")
        kind = PERSON if name.startswith("person") else PLACE
        quads = [(thing, iri(f"{RDF}type"), iri(kind), graph)]
        quads += [(thing, iri(f"{RDFS}label"), literal(text, language=tag), graph) for tag, text in by_language.items()]
        index.add(sorted(quads))
    return Entities(index, BASE)


def found(pool, name):
    """Return the candidates for a name: id, points, whether it is a match, first reason."""
    return [
        (pool.id(candidate.iri), candidate.points, candidate.is_match, candidate.reasons[0].name)
        for candidate in pool.candidates(ReconciliationQuery(name))
    ]


@pytest.mark.parametrize("name", ["山西", "陕西"])
def test_exact_name_of_a_place_is_matched_beside_a_homophone(name):
    pool = entities(shaanxi={"en": "Shaanxi province", "zh": "陕西"}, shanxi={"en": "Shanxi province", "zh": "山西"})
    assert found(pool, name) == [("shanxi" if name == "山西" else "shaanxi", 40, True, "label")]


def test_exact_name_of_a_place_is_matched_beside_one_spelt_without_accents():
    pool = entities(a={"pl": "Łódź"}, b={"pl": "Lodz"}, c={"pl": "Lodź Górna"})
    assert found(pool, "Łódź")[:2] == [("a", 40, True, "label"), ("b", 35, False, "folded")]


def test_name_of_two_places_is_no_match_and_neither_is_the_alias_of_another():
    assert not any(sure for _, _, sure, _ in found(entities(a={"zh": "山西"}, b={"zh": "山西"}), "山西"))
    assert not any(sure for _, _, sure, _ in found(entities(a={"en": "Lodz"}, b={"pl": "Łódź"}), "LÓDZ"))


def test_name_of_a_person_is_no_match_whatever_is_beside_it():
    pool = entities(person_a={"zh": "张伟"}, person_b={"zh": "章伟"})
    assert found(pool, "张伟") == [("person_a", 40, False, "label")]


@pytest.mark.parametrize(
    ("labels", "others"),
    [
        ({"en": "Kal", "hi": "काल"}, ["लोक", "कुल", "कील", "कल"]),
        ({"en": "Tib", "bo": "བོད"}, ["བད"]),
        ({"en": "Pa", "th": "ป่า"}, ["ปู"]),
        ({"en": "Shan", "my": "ရှမ်း"}, ["ရှုမ"]),
        ({"en": "Kolam", "ta": "கோலம்"}, ["கலம்"]),
        ({"en": "Vatican", "ja": "バチカン"}, ["ハチカン"]),
        ({"en": "Shanxi", "zh": "陕西"}, ["山西"]),
        ({"en": "Zhang Wei", "zh": "张伟"}, ["章伟", "张卫"]),
    ],
)
def test_other_name_of_one_script_is_no_candidate(labels, others):
    pool = entities(a=labels)
    assert found(pool, next(reversed(labels.values())))[0][2:] == (True, "label")
    for other in others:
        assert found(pool, other) == []
        assert pool.starting_with(other) == []


def test_romanised_name_is_a_weak_candidate():
    pool = entities(a={"zh": "喀什"}, b={"en": "Ürümqi"})
    assert found(pool, "Kashi") == [] or found(pool, "Kashi")[0][2:] == (False, "script")
    pool = entities(a={"zh": "习近平"}, b={"en": "Sergey Lavrov"})
    assert found(pool, "Xi Jinping") == [("a", 20, False, "script")]
    assert found(pool, "Сергей Лавров") == [("b", 20, False, "script")]
    assert pool.starting_with("xi") == [f"{BASE}ent/a"] and pool.starting_with("习") == [f"{BASE}ent/a"]
    assert pool.starting_with("Сергей Лавров") == [f"{BASE}ent/b"]
