"""`whereas link check`: decided links compared with their targets."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from whereas.cli.main import main
from wikidata_links import age_responses, links_text, replace_in_links, run_link


def test_correct_links_give_no_findings(project, proxy):
    assert run_link(project, "check", "--endpoint", proxy.address) == "0 violations, 0 warnings\n"


def test_link_to_a_deleted_or_merged_item_is_a_violation_at_its_line(project, proxy):
    gone = replace_in_links(project, "wd:Q12461\t", "wd:Q90000099\t")
    moved = replace_in_links(project, "wd:Q85537\t", "wd:Q90000010\t")
    path = "data/links/wikidata.sssom.tsv"
    output = run_link(project, "check", "--endpoint", proxy.address, code=1)
    assert output == "".join(
        f"{path}:{line}: violation: {message}\n"
        for line, message in sorted([(gone, "wd:Q90000099 does not exist"), (moved, "wd:Q90000010 is now wd:Q15031")])
    ) + ("2 violations, 0 warnings\n")


def test_link_to_another_person_is_reported_by_what_disagrees(project, proxy):
    line = replace_in_links(project, "wd:Q64452485\t", "wd:Q556149\t")
    output = run_link(project, "check", "--endpoint", proxy.address, "--format", "json", code=1)
    other = next(n for n, text in enumerate(links_text(project).splitlines(), 1) if text.startswith("ent:raphael-"))
    assert {(finding["line"], finding["severity"], finding["message"]) for finding in json.loads(output)} == {
        (line, "Warning", "wd:Q556149: its MEP id is 197694, not 204336"),
        (line, "Warning", "wd:Q556149: no name agrees: it is called Raphaël Glucksmann"),
        (
            other,
            "Violation",
            f"wd:Q556149 is linked to ent:miriam-lexmann too, at data/links/wikidata.sssom.tsv:{line}",
        ),
    }


def test_properties_of_an_entity_are_compared_with_the_item(project, proxy):
    persons = project / "data/entities/persons.yaml"
    text = persons.read_text("utf-8")
    key = "- id: ent:raphael-glucksmann\n  type: Person\n"
    persons.write_text(text.replace(key, f"{key}  birthDate: 1980-10-15\n  nationality: ent:chine\n"), "utf-8")
    line = next(n for n, row in enumerate(links_text(project).splitlines(), 1) if row.startswith("ent:raphael-"))
    assert run_link(project, "check", "--endpoint", proxy.address) == "".join(
        f"data/links/wikidata.sssom.tsv:{line}: warning: wd:Q556149: {message}\n"
        for message in ("different country: Q142", "different date of birth: 1979-10-15")
    ) + ("0 violations, 2 warnings\n")


@pytest.mark.parametrize("form", ["github", "sarif"])
def test_findings_are_printed_for_github_and_sarif(project, proxy, form):
    line = replace_in_links(project, "wd:Q12461\t", "wd:Q90000099\t")
    output = run_link(project, "check", "--endpoint", proxy.address, "--format", form, code=1)
    if form == "github":
        assert output == (
            f"::error file=data/links/wikidata.sssom.tsv,line={line},title=link-gone::wd:Q90000099 does not exist\n"
        )
    else:
        (result,) = json.loads(output)["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == line


def test_malformed_identifier_of_a_dataset_is_a_violation(project, proxy):
    path = project / "data/links/eurovoc.sssom.tsv"
    path.write_text(path.read_text("utf-8").replace("eurovoc:3920\t", "eurovoc:concept-3920\t", 1), "utf-8")
    output = run_link(project, "check", "--endpoint", proxy.address, code=1)
    assert "object_id: expected a concept such as eurovoc:3920, got 'eurovoc:concept-3920'\n" in output


def test_recorded_findings_are_in_report_and_pages_until_they_are_corrected(project, proxy):
    gone = replace_in_links(project, "wd:Q12461\t", "wd:Q90000099\t")
    run_link(project, "check", "--endpoint", proxy.address, "--record", code=1)
    proxy.shutdown()
    built = CliRunner().invoke(main, ["build", "-C", str(project)])
    assert built.exit_code == 0, built.output
    line = f"data/links/wikidata.sssom.tsv:{gone}: warning: on {date.today()}: wd:Q90000099 does not exist\n"
    assert line in CliRunner().invoke(main, ["check", "-C", str(project)]).output
    name = links_text(project).splitlines()[gone - 1].partition("\t")[0].replace("ent:", "ent/")
    message = f"le {date.today()} : wd:Q90000099 n’existe pas"
    assert message in (project / f"public/{name}.fr.html").read_text("utf-8")
    assert message in (project / "public/method.fr.html").read_text("utf-8")
    replace_in_links(project, "wd:Q90000099\t", "wd:Q12461\t")
    assert "wd:Q90000099" not in CliRunner().invoke(main, ["check", "-C", str(project)]).output


def test_check_sends_new_requests_and_offline_states_the_date_of_the_data(project, proxy):
    run_link(project, "check", "--endpoint", proxy.address)
    run_link(project, "check", "--endpoint", proxy.address)
    assert len(proxy.agents) == 2
    day = age_responses(project, 40)
    replace_in_links(project, "wd:Q12461\t", "wd:Q556149\t")
    run_link(project, "check", "--endpoint", proxy.address, "--offline", code=2)
    replace_in_links(project, "wd:Q556149\t", "wd:Q12461\t")
    output = run_link(project, "check", "--endpoint", proxy.address, "--offline")
    assert output == f"0 violations, 0 warnings\nWikidata data of {day}\n"
    assert len(proxy.agents) == 2


def test_live_and_offline_exclude_each_other(project):
    output = run_link(project, "check", "--offline", "--live", code=2)
    assert output == "whereas: --live and --offline cannot be used together\n"


def test_check_without_findings_removes_recorded_ones(project, proxy):
    path = project / "data/links/checked.jsonl"
    path.write_text("{}\n")
    output = CliRunner().invoke(main, ["check", "-C", str(project)])
    assert (output.exit_code, output.output.partition("\n")[0]) == (
        2, "data/links/checked.jsonl:1: violation: expected a line written by 'whereas link check --record'",
    )  # fmt: skip
    path.unlink()
    run_link(project, "check", "--endpoint", proxy.address, "--record")
    assert not path.exists()


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("https://viaf.org/viaf/x1", "a cluster such as https://viaf.org/viaf/102333412"),
        ("https://isni.org/isni/0000 0001", "an ISNI such as https://isni.org/isni/0000000121032683"),
        ("https://d-nb.info/gnd/Adorno", "a record such as https://d-nb.info/gnd/118529579"),
    ],
)
def test_malformed_identifier_of_a_library_is_a_violation(project, proxy, page, expected):
    path = project / "data/links/europarl.sssom.tsv"
    row = next(line for line in path.read_text("utf-8").splitlines() if "\tep:person/" in line).split("\t")
    row[2], row[4] = "rdfs:seeAlso", page.replace(" ", "")
    path.write_text(path.read_text("utf-8") + "\t".join(row) + "\n", "utf-8")
    output = run_link(project, "check", "--endpoint", proxy.address, code=1)
    assert f"object_id: expected {expected}, got '{row[4]}'\n" in output


def write_extract(project, *entities):
    path = project / "extract.json"
    path.write_text("\n".join(json.dumps(entity) for entity in entities), "utf-8")
    return str(path)


def keep_links(project, *qids):
    """Keep the links to these items only, and return their lines."""
    path = project / "data/links/wikidata.sssom.tsv"
    kept = [
        line
        for line in path.read_text("utf-8").splitlines()
        if ("\towl:sameAs\t" not in line and "\tskos:exactMatch\t" not in line)
        or any(f"\twd:{qid}\t" in line for qid in qids)
    ]
    path.write_text("".join(f"{line}\n" for line in kept), "utf-8")
    return [next(n for n, line in enumerate(kept, 1) if f"\twd:{qid}\t" in line) for qid in qids]


GLUCKSMANN = {"id": "Q999", "labels": {"fr": {"value": "Raphaël Glucksmann"}}}
FILE = "data/links/wikidata.sssom.tsv"


def test_item_that_the_extract_does_not_hold_is_not_checked(project):
    (line,) = keep_links(project, "Q556149")
    output = run_link(project, "check", "--extract", write_extract(project, GLUCKSMANN), "--record")
    assert output.startswith(
        f"{FILE}:{line}: warning: wd:Q556149 is not in the extract: not checked\n0 violations, 1 warning\n"
    )
    assert not (project / "data/links/checked.jsonl").exists()


def test_check_against_an_extract_keeps_what_was_found_of_other_links(project):
    lines = keep_links(project, "Q556149", "Q148")
    gone = [{"id": "Q556149", "missing": ""}, {"id": "Q148", "missing": ""}]
    run_link(project, "check", "--extract", write_extract(project, *gone), "--record", code=1)
    path = project / "data/links/checked.jsonl"
    assert [json.loads(line)["rule"] for line in path.read_text("utf-8").splitlines()] == ["link-gone", "link-gone"]
    china = {"id": "Q148", "labels": {"en": {"value": "China"}}}
    output = run_link(project, "check", "--extract", write_extract(project, china), "--record")
    assert f"{FILE}:{lines[0]}: warning: wd:Q556149 is not in the extract: not checked\n" in output
    (kept,) = map(json.loads, path.read_text("utf-8").splitlines())
    assert (kept["rule"], kept["link"][2]) == ("link-gone", "http://www.wikidata.org/entity/Q556149")


@pytest.mark.parametrize(
    ("entities", "message"),
    [
        ([{"entities": {"Q999": GLUCKSMANN}}], "violation: wd:Q556149 is now wd:Q999, judging by the name: Special:EntityData gives the item that another was merged into"),
        ([{"entities": {"Q556149": GLUCKSMANN}}], "violation: wd:Q556149 is now wd:Q999"),
        ([{"entities": {"Q999": {**GLUCKSMANN, "labels": {"fr": {"value": "Ada Brook"}}}}}], None),
        ([{"entities": {"Q999": GLUCKSMANN}}, {"entities": {"Q998": {**GLUCKSMANN, "id": "Q998"}}}], None),
        ([{"entities": {"Q999": GLUCKSMANN, "Q998": {**GLUCKSMANN, "id": "Q998"}}}], None),
    ],
)  # fmt: skip
def test_data_of_the_item_that_another_was_merged_into(project, entities, message):
    (line,) = keep_links(project, "Q556149")
    code = 1 if message else 0
    output = run_link(project, "check", "--extract", write_extract(project, *entities), code=code)
    message = message or "warning: wd:Q556149 is not in the extract: not checked"
    assert output.startswith(f"{FILE}:{line}: {message}\n")
