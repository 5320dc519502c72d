"""`whereas link quickstatements`."""

import csv
import io
import json

import pytest

from command_line import run_whereas
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


@pytest.mark.parametrize("name", ["a | b", "a || b", "a|b"])
def test_labels_that_version_1_would_part_are_in_csv_only(project, tmp_path, name):
    labelled(project, json.dumps(name))
    extract = write_extract(tmp_path)
    run = run_whereas(project, "link", "quickstatements", "--extract", str(extract))
    expected = f"Q556149: left out: v1 takes the bar in '{name}' for a tab; write it with --format csv\n"
    assert (run.stdout, run.stderr, run.returncode) == ("", expected, 0)
    output = run_link(project, "quickstatements", "--extract", str(extract), "--format", "csv")
    assert list(csv.reader(io.StringIO(output))) == [["qid", "Lfr"], ["Q556149", name]]


@pytest.mark.parametrize("form", ["v1", "csv"])
def test_label_of_two_lines_is_one_command(project, tmp_path, form):
    labelled(project, json.dumps("A long\nname\r\nindeed"))
    output = run_link(project, "quickstatements", "--extract", str(write_extract(tmp_path)), "--format", form)
    assert (
        output == {"v1": 'Q556149\tLfr\t"A long name indeed"\n', "csv": "qid,Lfr\nQ556149,A long name indeed\n"}[form]
    )


def test_item_that_the_source_does_not_hold_gets_nothing(project, tmp_path):
    extract = tmp_path / "items.jsonl"
    extract.write_text(json.dumps(to_json(Item("Q1"))))
    assert run_link(project, "quickstatements", "--extract", str(extract)) == ""


def labelled(project, name):
    persons = project / "data/entities/persons.yaml"
    text = persons.read_text("utf-8")
    persons.write_text(text.replace('label: {fr: "Raphaël Glucksmann"', f"label: {{fr: {name}"), "utf-8")


def write_extract(folder):
    extract = folder / "items.jsonl"
    claims = {"P1186": (Claim("197694"),)}
    extract.write_text(json.dumps(to_json(Item("Q556149", {"en": "Raphaël Glucksmann"}, claims=claims))))
    return extract
