"""Decisions about links, single or at a terminal, in the SSSOM file."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

import whereas
from whereas.project.sssom import change
from wikidata_links import EDITOR, ROOT, is_sssom, link_rows, links_text, replace_in_links, run_link


def test_decision_records_reviewer_date_reason_and_confidence(project):
    reason = "born the same day, of the same party"
    printed = run_link(
        project, "review", "--accept", "ent:xi-jinping", "Q15031", "--by", EDITOR, "--because", reason,
        "--confidence", "0.9",
    )  # fmt: skip
    assert printed == "ent:xi-jinping is wd:Q15031: written to data/links/wikidata.sssom.tsv\n"
    (row,) = link_rows(project, "ent:xi-jinping")
    assert row["reviewer_id"] == EDITOR
    assert row["comment"] == reason
    assert row["confidence"] == "0.9"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["mapping_date"])
    assert is_sssom(project / "data/links/wikidata.sssom.tsv")
    graph = whereas.check(whereas.read_project(project)).graph()
    assert graph.query("ASK { ?entity ?same <http://www.wikidata.org/entity/Q15031> }").boolean


def test_rejected_item_is_not_proposed_again(project, proxy):
    run_link(project, "review", "--reject", "ent:ilham-tohti", "Q90000002", "--by", EDITOR, "--because", "another man")
    (row,) = link_rows(project, "ent:ilham-tohti")
    assert row["predicate_modifier"] == "Not"
    assert is_sssom(project / "data/links/wikidata.sssom.tsv")
    output = run_link(project, "propose", "ent:ilham-tohti", "--endpoint", proxy.address)
    assert output.startswith("ent:ilham-tohti  Ilham Tohti: no match\n")


def test_review_shows_passages_and_writes_decisions(project):
    output = run_link(project, "review", "--by", EDITOR, stdin="s\na\nseen on the item\nr\nanother person\nq\n")
    assert "item   wd:Q551462  Chen Quanguo  confidence 0.6\n" in output
    assert re.search(r"entity ent:chen-quanguo  Chen Quanguo\n         “.+”\n", output)
    rows = {
        name: link_rows(project, f"ent:{name}")[0]
        for name in ("chen-quanguo", "guo-shengkun", "xi-jinping", "zhao-kezhi")
    }
    assert {name: (row["predicate_modifier"], row["reviewer_id"]) for name, row in rows.items()} == {
        "chen-quanguo": ("", ""),
        "guo-shengkun": ("", EDITOR),
        "xi-jinping": ("Not", EDITOR),
        "zhao-kezhi": ("", ""),
    }


def test_review_prompts_again_for_a_malformed_reason_and_once_for_an_entity(project):
    path = project / "data/links/wikidata.sssom.tsv"
    second = next(line for line in links_text(project).splitlines(True) if line.startswith("ent:chen-quanguo\t"))
    path.write_text(links_text(project).replace(second, second + second.replace("Q551462", "Q90000001")), "utf-8")
    output = run_link(project, "review", "--by", EDITOR, stdin='A\na "quoted" reason\nsaid by the item\nq\n')
    assert "because: expected words without straight quotation marks" in output
    assert re.findall(r"^item +(\S+)", output, re.MULTILINE) == ["wd:Q551462", "wd:Q4276774"]
    assert output.endswith("2 proposals reviewed\n")
    first, other = link_rows(project, "ent:chen-quanguo")
    assert (first["comment"], first["confidence"], other["reviewer_id"]) == ("said by the item", "0.95", "")


def test_review_continues_after_a_proposal_that_cannot_be_accepted(project):
    replace_in_links(project, "wd:Q551462\t", "wd:Q556149\t")
    output = run_link(project, "review", "--by", EDITOR, stdin="a\nthe same\nr\nanother man\nq\n")
    assert "wd:Q556149: already linked to ent:raphael-glucksmann; reject that link first\n" in output
    (row,) = link_rows(project, "ent:guo-shengkun")
    assert (row["predicate_modifier"], row["confidence"]) == ("Not", "")  # not the matcher's, of the contrary


def test_interrupted_review_exits_with_130(project):
    output = run_link(project, "review", "--by", EDITOR, code=130)
    assert "\nwhereas: interrupted\n" in output


def test_wrong_decision_can_be_reversed_when_links_have_violations(project):
    path = project / "data/links/wikidata.sssom.tsv"
    row = next(line for line in links_text(project).splitlines(True) if line.startswith("ent:raphael-glucksmann\t"))
    path.write_text(
        links_text(project).replace(row, row + row.replace("ent:raphael-glucksmann", "ent:xi-jinping")), "utf-8"
    )
    run_link(project, "quickstatements", "--offline", code=2)
    run_link(project, "review", "--reject", "ent:xi-jinping", "Q556149", "--by", EDITOR, "--because", "another man")
    assert whereas.check(whereas.read_project(project)).report.conforms


def test_prefix_of_a_new_row_is_added_to_the_curie_map(project):
    assert "#  k: " not in links_text(project)
    run_link(project, "review", "--accept", "k:sanctions", "Q1", "--by", EDITOR, "--because", "the same notion")
    assert "#  k: https://w3id.org/whereas/vocab/kind#\n" in links_text(project)
    assert is_sssom(project / "data/links/wikidata.sssom.tsv")


def test_rows_stay_in_order(project):
    for name in ("ent:xi-jinping", "ent:chen-quanguo"):
        run_link(project, "review", "--reject", name, "Q1", "--by", EDITOR, "--because", "a test")
    rows = [line.split("\t") for line in links_text(project).splitlines() if not line.startswith("#")][1:]
    keys = [(cells[0], cells[2], cells[4]) for cells in rows]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--accept", "ent:xi-jinping", "Q15031", "--by", "ent:nobody", "--because", "x"),
            "whereas: --by: expected an entity of the project such as ent:redaction-whereas, got 'ent:nobody'\n",
        ),
        (
            ("--accept", "ent:xi-jinping", "Q15031", "--by", EDITOR),
            "whereas: --because: expected a reason, such as 'same date of birth'\n",
        ),
        (
            ("--accept", "ent:xi-jinping", "15031", "--by", EDITOR, "--because", "x"),
            "whereas: expected an item such as Q42, got '15031'\n",
        ),
        (
            ("--accept", "ent:raphael-glucksmann", "Q1", "--by", EDITOR, "--because", "x"),
            "whereas: ent:raphael-glucksmann: already linked to wd:Q556149; reject that link first\n",
        ),
        (
            ("--accept", "ent:xi-jinping", "Q556149", "--by", EDITOR, "--because", "x"),
            "whereas: wd:Q556149: already linked to ent:raphael-glucksmann; reject that link first\n",
        ),
        (
            ("--by", EDITOR, "--because", "x"),
            "whereas: --because and --confidence require --accept or --reject\n",
        ),
        (
            ("--accept", "ent:xi-jinping", "Q15031", "--by", EDITOR, "--because", 'a "quoted" reason'),
            "whereas: --because: expected words without straight quotation marks, got 'a \"quoted\" reason'\n",
        ),
    ],
)
def test_decision_that_cannot_be_written_is_one_line_and_changes_nothing(project, words, message):
    before = links_text(project)
    assert run_link(project, "review", *words, code=2) == message
    assert links_text(project) == before
    assert [path.name for path in (project / "data/links").iterdir() if path.name.startswith(".")] == []


def test_concurrent_decisions_are_all_written(tmp_path):
    path = tmp_path / "x.sssom.tsv"
    heading = "#mapping_set_id: https://example.org/x\nsubject_id\tpredicate_id\tobject_id\n"

    def add(number: int) -> None:
        key = (f"ent:{number:03}", "owl:sameAs", "wd:Q1")
        change(
            path,
            heading,
            lambda rows: rows.update({key: dict(zip(("subject_id", "predicate_id", "object_id"), key, strict=True))}),
            {},
        )

    with ThreadPoolExecutor(8) as executor:
        list(executor.map(add, range(40)))
    assert path.read_text() == heading + "".join(f"ent:{n:03}\towl:sameAs\twd:Q1\n" for n in range(40))


def test_concurrent_edit_of_the_file_is_not_lost(tmp_path):
    path = tmp_path / "x.sssom.tsv"
    heading = "subject_id\tpredicate_id\tobject_id\n"
    path.write_text(heading)
    seen = []

    def edit(rows):
        if not seen:  # an editor saves while we work
            path.write_text(heading + "ent:theirs\towl:sameAs\twd:Q2\n")
        seen.append(len(rows))
        rows["ent:ours", "owl:sameAs", "wd:Q1"] = {
            "subject_id": "ent:ours", "predicate_id": "owl:sameAs", "object_id": "wd:Q1",
        }  # fmt: skip

    change(path, heading, edit, {})
    assert path.read_text() == heading + "ent:ours\towl:sameAs\twd:Q1\nent:theirs\towl:sameAs\twd:Q2\n"
    assert seen == [0, 1]


@pytest.mark.parametrize("path", sorted((ROOT / "data/links").glob("*.tsv")), ids=lambda path: path.name)
def test_committed_links_are_sssom(path):
    assert is_sssom(path)
