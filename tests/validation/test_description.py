"""A thing described from Python: found by any of its names, with the passages that prove it."""

import pytest

from whereas.errors import ArgumentError
from whereas.validation.description import as_text

ENT = "https://w3id.org/whereas/ent/"
PARLIAMENT = f"{ENT}parlement-europeen"


@pytest.mark.parametrize("name", [PARLIAMENT, "ent:parlement-europeen", "parlement-europeen", "european parliament"])
def test_thing_is_described_by_any_of_its_names(checked, name):
    description = checked.describe(name)
    assert (description.iri, description.label) == (PARLIAMENT, "European Parliament")


def test_labels_are_in_the_language_requested(checked):
    description = checked.describe("ent:parlement-europeen", language="fr")
    assert description.label == "Parlement européen"
    assert {label.language for label in description.labels.values()} <= {"fr", ""}


def test_passages_of_what_links_to_a_thing_are_among_its_proofs(checked):
    description = checked.describe("ent:ilham-tohti")
    (demand,) = [thing for thing in description.proofs if thing.endswith("#ex-tohti")]
    assert ("la libération immédiate d’Ilham Tohti", "fr") in {
        (passage.exact, passage.language) for passage in description.proofs[demand]
    }
    assert description.pointing_count == len(description.pointing)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nobody", "'nobody': not found; expected an IRI, a compact name such as ent:…, or a label"),
        ("ent:nobody", f"{ENT}nobody: not found in the data"),
    ],
)
def test_unknown_name_is_an_argument_error(checked, name, message):
    with pytest.raises(ArgumentError) as error:
        checked.describe(name)
    assert str(error.value) == message


def test_text_in_another_project_language_is_left_out_where_there_is_a_translation(checked):
    description = checked.describe("ent:parlement-europeen")
    prefixes = checked.rules.prefixes
    assert "Parlement européen [fr]" not in as_text(description, prefixes, "en", ("fr", "en"))
    assert "Parlement européen [fr]" in as_text(description, prefixes, "en", ("en",))
