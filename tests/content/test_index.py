"""The index: labels with their language, backlinks, uses, and what a page depends on."""

import pytest

from whereas.content.index import LangString

NOTE = "https://w3id.org/whereas/doc/note"
ENT = "https://w3id.org/whereas/ent/"
MORE = """
wa:Demand a owl:Class ; rdfs:comment "A demand."@en ; rdfs:seeAlso wa:Claim .
"""


@pytest.mark.parametrize(
    ("thing", "language", "label"),
    [
        ("paper", "fr", LangString("Le Journal")),
        ("paper", "de", LangString("The Paper", "en")),
        ("chen", "fr", LangString("Чень", "ru")),
        ("dina", "fr", LangString("dina")),
    ],
)
def test_label_in_another_language_carries_its_tag_and_a_missing_one_is_the_end_of_the_iri(
    index, thing, language, label
):
    assert index.label(f"{ENT}{thing}", language) == label


def test_backlinks_are_found_by_property(index):
    assert index.pointing(f"{ENT}dina", "wa:target", "schema:about") == [f"{NOTE}#nested", f"{NOTE}#reported"]
    assert index.count_pointing(f"{ENT}dina") == 3


def test_instances_are_listed_once_by_iri(index):
    assert index.of("wa:Demand", "wa:Claim", "wa:Demand") == [f"{NOTE}#own", f"{NOTE}#quoted", f"{NOTE}#reported"]


def test_uses_of_a_term_are_those_in_the_data_not_in_the_vocabulary(read_index):
    index = read_index(more=MORE)
    assert index.used(index.iri("wa:Claim")) == (1, [f"{NOTE}#own"])
    assert index.used(index.iri("wa:target")) == (1, [f"{NOTE}#reported"])
    assert index.is_vocabulary(index.iri("wa:Demand")) and not index.is_vocabulary(f"{NOTE}#own")


def test_description_holds_the_passages_and_the_backlinks(index):
    subjects = {subject for subject, _, _, _ in index.description(f"{NOTE}#words")}
    assert {f"<{NOTE}#{name}>" for name in ("words", "p-whole", "q1", "o1", "quoted", "nested")} == subjects


# -------------------------------------------------------------------- what a page depends on


def test_lookups_are_recorded_within_the_block_only(index):
    index.label(f"{ENT}paper", "en")
    with index.recording() as lookups:
        index.label(f"{ENT}boris", "en")
        index.all_pointing(f"{ENT}chen")
        index.of("wa:Claim")
        index.used(index.iri("wa:target"))
        with index.unrecorded():
            index.label(f"{ENT}dina", "en")
    index.label(f"{ENT}chen", "en")
    claim, target = index.iri("wa:Claim"), index.iri("wa:target")
    assert lookups == {f"{ENT}boris", f">{ENT}chen", f"*{claim}", f"+{target}", f">{target}"}


def test_derived_value_is_recorded_as_one_lookup(read_index):
    index = read_index()
    index.register("count", lambda name, least: len(index.of(name)) > int(least))
    with index.recording() as lookups:
        assert index.derive("count", "wa:Demand", "1") is True
    assert lookups == {"=count wa:Demand 1"}


@pytest.mark.parametrize(
    ("lookup", "change", "other"),
    [
        (f"{ENT}dina", 'ent:dina rdfs:label "Dina" .', "note:own wa:target ent:dina ."),
        (f">{ENT}dina", "note:own wa:target ent:dina .", 'ent:dina rdfs:label "Dina" .'),
        ("*http://xmlns.com/foaf/0.1/Person", "ent:eve a foaf:Person .", 'ent:dina rdfs:label "Dina" .'),
        ("+http://xmlns.com/foaf/0.1/Person", "note:own wa:about foaf:Person .", 'ent:dina rdfs:label "Dina" .'),
        ("=persons", "ent:eve a foaf:Person .", "ent:eve a org:Organization ."),
    ],
)
def test_digest_of_a_lookup_changes_with_its_result_alone(read_index, lookup, change, other):
    def digest(more: str) -> str:
        index = read_index(more + " ent:filler a ent:Filler .")
        index.register("persons", lambda: index.of("foaf:Person"))
        return index.digest_of(lookup)

    assert digest(change) != digest("") == digest(other)
