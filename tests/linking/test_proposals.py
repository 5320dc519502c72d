"""Proposals of Wikidata items: scores, reasons, and what is accepted without review."""

import json
import re

import pytest
from click.testing import CliRunner

import whereas
from whereas.cli.main import main
from whereas.rdf.wikibase import Claim, Item, to_json
from wikidata_links import EDITOR, endpoint, is_sssom, link_rows, links_text, remove_links, run_link


def test_proposal_lists_every_reason_with_its_points(project, proxy):
    assert run_link(project, "propose", "ent:xi-jinping", "--endpoint", proxy.address) == (
        "ent:xi-jinping  Xi Jinping\n"
        "  Q15031  Xi Jinping  60\n"
        "     +40  its label is Xi Jinping\n"
        "     +10  it is an instance of Q5\n"
        "     +10  linked to entities of the same documents: China, Chinese Communist Party\n"
        "Next: write the proposals to the links file with --write\n"
    )


def test_proposal_is_printed_in_french(project, proxy):
    output = run_link(project, "propose", "ent:xi-jinping", "--endpoint", proxy.address, "--lang", "fr")
    assert "     +40  son libellé est Xi Jinping\n" in output


def test_of_two_persons_of_the_same_name_the_living_one_comes_first(project, proxy):
    output = run_link(project, "propose", "ent:chen-quanguo", "--endpoint", proxy.address)
    assert re.findall(r"^  (Q\d+)", output, re.MULTILINE) == ["Q551462", "Q90000001"]
    assert "     -20  died in 1970, before the documents\n" in output


def test_name_in_another_script_is_found(project, proxy):
    output = run_link(project, "propose", "ent:wang-junzheng", "--endpoint", proxy.address)
    assert "  Q90000004  王君正" in output


def test_disambiguation_page_is_no_candidate(project, proxy):
    output = run_link(project, "propose", "ent:ilham-tohti", "--endpoint", proxy.address)
    assert re.findall(r"^  (Q\d+)", output, re.MULTILINE) == ["Q90000002"]


def test_person_is_never_accepted_by_name_alone(project, proxy):
    before = links_text(project)
    output = run_link(project, "propose", "--endpoint", proxy.address, "--accept", "80", "--by", EDITOR)
    assert re.findall(r"^  (Q\d+)  Xi Jinping", output, re.MULTILINE) == ["Q15031"]
    assert " accepted" not in output
    assert links_text(project) == before


def test_threshold_below_the_minimum_is_an_error(project, proxy):
    output = run_link(project, "propose", "--endpoint", proxy.address, "--accept", "50", "--by", EDITOR, code=2)
    assert "50 is not in the range x>=80" in output


def test_match_by_identifier_is_accepted_with_a_reviewer(project, proxy):
    remove_links(project, "ent:raphael-glucksmann")
    run_link(
        project, "propose", "ent:raphael-glucksmann", "--endpoint", proxy.address, "--accept", "95", "--by", EDITOR
    )
    (row,) = link_rows(project, "ent:raphael-glucksmann")
    assert (row["object_id"], row["reviewer_id"], row["predicate_modifier"]) == ("wd:Q556149", EDITOR, "")
    assert row["comment"].startswith("+100 same MEP id 197694; +40 its label is Raphaël Glucksmann")


@pytest.mark.parametrize(
    ("name", "page", "theirs", "reason"),
    [
        ("P213", "https://isni.org/isni/0000000121032683", "0000 0001 2103 2683", "same ISNI 0000000121032683"),
        ("P214", "https://viaf.org/viaf/102333412", "102333412", "same VIAF id 102333412"),
        ("P227", "https://d-nb.info/gnd/118529579", "118529579", "same GND id 118529579"),
    ],
)
def test_match_by_identifier_of_a_library_is_accepted(project, tmp_path, name, page, theirs, reason):
    path = project / "data/links/europarl.sssom.tsv"
    row = next(line for line in path.read_text("utf-8").splitlines() if "\tep:person/" in line).split("\t")
    row[0], row[2], row[4] = "ent:ilham-tohti", "rdfs:seeAlso", page
    path.write_text(path.read_text("utf-8") + "\t".join(row) + "\n", "utf-8")
    items = Item("Q1", {"en": "Ilham Tohti"}, claims={name: (Claim(theirs),)}), Item("Q2", {"en": "Ilham Tohti"})
    extract = tmp_path / "items.jsonl"
    extract.write_text("".join(json.dumps(to_json(item)) + "\n" for item in items), "utf-8")
    shown = run_link(project, "propose", "ent:ilham-tohti", "--extract", str(extract), "--accept", "80", "--by", EDITOR)
    assert "  Q1  Ilham Tohti  140 accepted\n" in shown
    assert f"    +100  {reason}\n" in shown


@pytest.mark.parametrize("kind", ["Q11424", "Q515"])  # film, city
def test_item_of_an_unlikely_class_comes_after_and_says_so(project, tmp_path, kind):
    remove_links(project, "ent:le-monde")
    items = (
        Item("Q1", {"en": "Le Monde", "fr": "Le Monde"}, claims={"P31": (Claim(kind),)}),
        Item("Q2", {"en": "Le Monde", "fr": "Le Monde"}, claims={"P31": (Claim("Q90000099"),)}),
    )
    extract = tmp_path / "items.jsonl"
    extract.write_text("".join(json.dumps(to_json(item)) + "\n" for item in items), "utf-8")
    output = run_link(project, "propose", "ent:le-monde", "--extract", str(extract))
    assert re.findall(r"^  (Q\d+)", output, re.MULTILINE) == ["Q2", "Q1"]
    assert f"     -20  it is an instance of {kind}, an unlikely kind for this entity\n" in output


def test_name_in_capitals_and_in_another_language_is_found(project, proxy):
    persons = project / "data/entities/persons.yaml"
    with persons.open("a", encoding="utf-8") as file:
        file.write("- id: ent:mccall\n  type: Person\n  label: {fr: Ana DE LA McCALL, en: Ana DE LA McCALL}\n")
    output = run_link(project, "propose", "ent:mccall", "--endpoint", proxy.address)
    assert "  Q90000021  Ana de la McCall" in output


def test_conflicting_identifier_excludes_an_item(project, store, tmp_path):
    remove_links(project, "ent:raphael-glucksmann")
    other = tmp_path / "other.jsonl"
    (item,) = endpoint(store, tmp_path).items(["Q556149"]).values()
    other.write_text(json.dumps(to_json(item)).replace('"197694"', '"1"'))
    output = run_link(project, "propose", "ent:raphael-glucksmann", "--extract", str(other))
    assert output.startswith("ent:raphael-glucksmann  Raphaël Glucksmann: no match\n")


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        (
            "ent:nobody",
            "en",
            "whereas: https://w3id.org/whereas/ent/nobody: expected an entity or a concept of the project\n",
        ),
        (
            "ent:nobody",
            "fr",
            "whereas : https://w3id.org/whereas/ent/nobody : une entité ou un concept du projet est attendu\n",
        ),
        ("ent:parlement-europeen", "en", "ent:parlement-europeen: already linked\n"),
        ("ent:parlement-europeen", "fr", "ent:parlement-europeen : déjà lié\n"),
    ],
)
def test_name_for_which_nothing_can_be_proposed_is_reported(project, tmp_path, name, language, expected):
    extract = tmp_path / "items.jsonl"
    extract.write_text("")
    words = ["link", "propose", name, "--extract", str(extract), "-C", str(project), "--lang", language]
    assert CliRunner().invoke(main, words).output == expected


def test_written_proposals_do_not_change_the_graph(project, proxy):
    run_link(project, "propose", "ent:ilham-tohti", "--endpoint", proxy.address, "--write")
    (row,) = link_rows(project, "ent:ilham-tohti")
    assert (row["object_id"], row["reviewer_id"]) == ("wd:Q90000002", "")
    graph = whereas.check(whereas.read_project(project)).graph()
    assert not graph.query("ASK { ?entity ?link <http://www.wikidata.org/entity/Q90000002> }").boolean
    assert is_sssom(project / "data/links/wikidata.sssom.tsv")
    again = links_text(project)
    run_link(project, "propose", "ent:ilham-tohti", "--endpoint", proxy.address, "--write")
    assert links_text(project) == again


def test_item_that_matches_two_entities_is_accepted_for_neither(project, tmp_path):
    path = project / "data/links/europarl.sssom.tsv"
    row = next(line for line in path.read_text("utf-8").splitlines() if "\tep:person/" in line).split("\t")
    row[2], row[4] = "rdfs:seeAlso", "https://viaf.org/viaf/102333412"
    lines = ["\t".join([name, *row[1:]]) + "\n" for name in ("ent:ilham-tohti", "ent:xi-jinping")]
    path.write_text(path.read_text("utf-8") + "".join(lines), "utf-8")
    item = Item("Q1", {"en": "Ilham Tohti", "fr": "Xi Jinping"}, claims={"P214": (Claim("102333412"),)})
    extract = tmp_path / "items.jsonl"
    extract.write_text(json.dumps(to_json(item)))
    before = links_text(project)
    shown = run_link(project, "propose", "--extract", str(extract), "--accept", "80", "--by", EDITOR)
    assert shown.count("  Q1  Ilham Tohti  140\n") == 2
    assert links_text(project) == before
