"""`whereas link quickstatements`."""

import json

from whereas.rdf.wikibase import Claim, Item, to_json
from wikidata_links import run_link


def test_quickstatements_add_missing_values_with_references(project, proxy):
    assert run_link(project, "quickstatements", "--endpoint", proxy.address) == (
        'Q17266806\tP1186\t"124866"\tS854\t"https://data.europarl.europa.eu/person/124866"\n'
        'Q556149\tLfr\t"Raphaël Glucksmann"\n'
    )


def test_quickstatements_as_csv(project, proxy):
    assert run_link(project, "quickstatements", "--endpoint", proxy.address, "--format", "csv") == (
        "qid,Lfr,P1186,S854\n"
        'Q17266806,,"""124866""","""https://data.europarl.europa.eu/person/124866"""\n'
        "Q556149,Raphaël Glucksmann,,\n"
    )


def test_quickstatements_keep_quotation_marks_and_skip_deprecated_values(project, tmp_path):
    persons = project / "data/entities/persons.yaml"
    text = persons.read_text("utf-8")
    persons.write_text(
        text.replace('label: {fr: "Raphaël Glucksmann"', "label: {fr: 'Raphaël \"Raph\" Glucksmann'"), "utf-8"
    )
    extract = tmp_path / "items.jsonl"
    claims = {"P1186": (Claim("197694", rank="deprecated"),)}
    extract.write_text(json.dumps(to_json(Item("Q556149", {"en": "Raphaël Glucksmann"}, claims=claims))))
    output = run_link(project, "quickstatements", "--extract", str(extract))
    assert output == 'Q556149\tLfr\t"Raphaël "Raph" Glucksmann"\n'
