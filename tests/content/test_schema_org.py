"""schema.org: what a document says is somebody's claim or words, never a fact."""

import pytest

from whereas.content.schema_org import SchemaOrg

NOTE = "https://w3id.org/whereas/doc/note"
ENT = "https://w3id.org/whereas/ent/"
BORIS = {"@type": "Person", "@id": f"{ENT}boris", "name": "Boris"}
PAPER = {"@type": "Organization", "@id": f"{ENT}paper", "name": "The Paper"}


@pytest.fixture
def schema_org(index, project) -> SchemaOrg:
    return SchemaOrg(index, project, lambda language: f"Title in {language}")


def test_statement_is_a_claim_of_its_speaker_read_in_a_quotation(schema_org):
    claim = schema_org.thing(f"{NOTE}#quoted", "en")
    assert (claim["@type"], claim["author"]) == ("Claim", [BORIS])
    assert claim["appearance"] == {
        "@type": "Quotation",
        "text": ["Free"],
        "creator": [BORIS],
        "isPartOf": {"@type": "CreativeWork", "@id": NOTE},
    }


def test_statement_without_a_speaker_is_its_publisher_s(schema_org):
    assert schema_org.thing(f"{NOTE}#own", "en")["author"] == [PAPER]


def test_entity_has_its_label_and_links_and_nothing_that_is_said_about_it(schema_org):
    assert schema_org.thing(f"{ENT}boris", "fr") == {
        "@context": "https://schema.org",
        "@type": "Person",
        "@id": f"{ENT}boris",
        "name": "Boris",
        "sameAs": ["http://www.wikidata.org/entity/Q1"],
    }


def test_event_without_a_date_has_none(read_index, project):
    index = read_index("note:e a schema:Event . note:f a schema:Event ; schema:startDate '2026-01-01' .")
    schema_org = SchemaOrg(index, project, str)
    assert "startDate" not in schema_org.thing(f"{NOTE}#e", "en")
    assert schema_org.thing(f"{NOTE}#f", "en")["startDate"] == "2026-01-01"


def test_dataset_leaves_out_settings_that_are_empty(schema_org):
    dataset = schema_org.dataset("en")
    assert dataset["name"] == "Title in en" and "license" not in dataset
