"""Tables of links: read alike by every command, changed row by row."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sssom.parsers import parse_sssom_table
from sssom.validators import validate

import whereas
from authoring import write_project
from whereas.errors import ProjectError
from whereas.project.ontology import read_prefixes
from whereas.project.sssom import Rows, change, parse_links, read_decisions, read_links, split_values

ROOT = Path(__file__).parents[2]
PREFIXES = read_prefixes(whereas.read_project(ROOT))
MAP = "".join(f"#  {name}: {PREFIXES[name]}\n" for name in ("ent", "owl", "wd"))
MAP += "#  semapv: https://w3id.org/semapv/vocab/\n"
ABOVE = (
    "#mapping_set_id: https://example.org/links\n#license: https://creativecommons.org/licenses/by/4.0/\n"
    f"#curie_map:\n{MAP}"
)
COLUMNS = "subject_id\tpredicate_id\tobject_id\tmapping_justification\treviewer_id\tcomment\n"
ROW = "ent:b\towl:sameAs\twd:Q2\tsemapv:ManualMappingCuration\tent:council\tas her office says\n"
TABLE = ABOVE + COLUMNS + ROW
KEY = ("ent:b", "owl:sameAs", "wd:Q2")


def edited(folder: Path, content: str, key: tuple[str, str, str], **values: str) -> str:
    """The file after one row of it was changed or added."""
    path = folder / "a.sssom.tsv"
    path.write_bytes(content.encode())

    def edit(rows: Rows) -> None:
        names = dict(zip(("subject_id", "predicate_id", "object_id"), key, strict=True))
        rows[key] = {**rows.get(key, names), **values}

    change(path, "", edit, PREFIXES)
    return path.read_bytes().decode()


def findings(content: str) -> list[str]:
    return [finding.line() for finding in parse_links(content, "a.tsv", PREFIXES)[1]]


# -------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", ()),
        ("a", ("a",)),
        ("a|b", ("a", "b")),
        (" a | b ", ("a", "b")),
        ("a||b|", ("a", "b")),
        (r"a\|b|c", ("a|b", "c")),
        (r"a\\|b", ("a\\", "b")),
        (r"a\\\|b", (r"a\|b",)),
        (r"C:\new", (r"C:\new",)),
    ],
)
def test_multivalued_cells_are_split_as_sssom_says(text, values):
    assert split_values(text) == values


FORMS = {
    "as we write it": TABLE,
    "tabs after every line": TABLE.replace("\n", "\t\t\n"),
    "line ends of Windows": TABLE.replace("\n", "\r\n"),
    "byte order mark": f"\ufeff{TABLE}".replace("\n", "\r\n"),
    "quoted cells": TABLE.replace("ent:council", '"ent:council"').replace("subject_id\t", '"subject_id"\t'),
    "quoted metadata": TABLE.replace("#license: ", '"#license: ""').replace("/4.0/\n", '/4.0/"""\n'),
    "row of tabs and a comment at the end": f"{TABLE}\t\t\t\t\t\n# reviewed up to here\n",
    "blank line before the header": TABLE.replace(COLUMNS, "\n" + COLUMNS),
    "no line end at the end": TABLE.removesuffix("\n"),
    "line separator in a cell": TABLE.replace("her office", "her\u2028office"),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_table_is_read_whatever_program_saved_it_and_keeps_its_bytes(tmp_path, content):
    (link,), problems = parse_links(content, "a.tsv", PREFIXES)
    assert problems == []
    assert (link.row["subject_id"], link.row["reviewer_id"], link.state) == ("ent:b", "ent:council", "decided")
    assert link.row["comment"].split() == ["as", "her", "office", "says"]
    assert edited(tmp_path, content, KEY) == content
    assert edited(tmp_path, content, KEY, comment="x") == content.replace(link.row["comment"], "x")
    assert edited(tmp_path, content, KEY, comment='"x"') == content.replace(link.row["comment"], '"""x"""')


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.replace("as her", '"as her'), "expected a closing quote before the next tab, quotes within doubled, got '\"as her office says'"),
        (ROW.replace("\tas her office says", ""), "expected the columns subject_id, predicate_id, object_id, mapping_justification, reviewer_id, comment, got 5"),
        (ROW.replace("says", "says\tx"), "expected the columns subject_id, predicate_id, object_id, mapping_justification, reviewer_id, comment, got 7"),
        (ROW.replace("ent:council", "ent:council|nobody"), "reviewer_id: expected prefix:name or an IRI, got 'nobody'"),
        (ROW.replace("ent:council", "orcid-of:0"), "reviewer_id: expected prefix:name or an IRI, got 'orcid-of:0'"),
        (f"#{ROW}", "subject_id: expected prefix:name or an IRI, got '#ent:b'"),
    ],
)  # fmt: skip
def test_row_that_is_no_link_is_reported_at_its_line_and_not_rewritten(tmp_path, row, message):
    content = TABLE + row
    assert findings(content) == [f"a.tsv:10: violation: {message}"]
    if message.startswith("expected"):
        with pytest.raises(ProjectError) as error:
            edited(tmp_path, content, KEY, comment="x")
        assert [finding.line() for finding in error.value.findings] == [
            f"data/links/a.sssom.tsv:10: violation: {message}"
        ]
        assert (tmp_path / "a.sssom.tsv").read_text("utf-8") == content


def test_column_named_twice_is_reported():
    content = TABLE.replace("comment\n", "reviewer_id\n")
    assert len(findings(content)) == 1
    assert findings(content)[0].endswith("mapping_justification, reviewer_id, reviewer_id")


def test_findings_are_french_to_the_end():
    (finding,) = parse_links(TABLE.replace("semapv:Manual", "x:Manual"), "a.tsv", PREFIXES)[1]
    assert "un terme de semapv:" in finding.message.in_language("fr")


def test_decision_names_all_reviewers_and_sources(tmp_path):
    header = COLUMNS.replace("comment", "see_also")
    row = ROW.replace("ent:council", "ent:council|ent:authority")
    rows = row.replace("as her office says", "https://example.org/a|https://example.org/b")
    project = write_project(tmp_path, {"links/a.sssom.tsv": header + rows})
    ((link, decision),) = read_decisions(project, PREFIXES).items()
    assert link == (f"{project.base}ent/b", f"{PREFIXES['owl']}sameAs", f"{PREFIXES['wd']}Q2")
    assert decision.reviewers == (f"{project.base}ent/council", f"{project.base}ent/authority")
    assert decision.sources == ("https://example.org/a", "https://example.org/b")


def test_only_reviewed_rows_that_reject_nothing_are_decisions(tmp_path):
    header = COLUMNS.replace("comment", "predicate_modifier")
    rows = [
        "ent:a\towl:sameAs\twd:Q1\tsemapv:LexicalMatching\t\t\n",
        "ent:b\towl:sameAs\twd:Q2\tsemapv:LexicalMatching\tent:council\tNot\n",
        "ent:c\towl:sameAs\twd:Q3\tsemapv:LexicalMatching\tent:council\t\n",
    ]
    project = write_project(tmp_path, {"links/a.sssom.tsv": header + "".join(rows)})
    assert [link.state for link in read_links(project, PREFIXES)] == ["proposed", "rejected", "decided"]
    assert [subject for subject, _, _ in read_decisions(project, PREFIXES)] == [f"{project.base}ent/c"]


# -------------------------------------------------------------------- writing


def test_new_row_is_inserted_in_the_order_of_keys_and_nothing_else_moves(tmp_path):
    last = ROW.replace("ent:b", "ent:d").removesuffix("\n")
    content = f"{TABLE}\t\t\t\t\t\n{last}"
    new = {"mapping_justification": "semapv:ManualMappingCuration", "comment": 'a "new" one'}
    line = 'ent:{}\towl:sameAs\twd:Q9\tsemapv:ManualMappingCuration\t\t"a ""new"" one"\n'
    assert edited(tmp_path, content, ("ent:a", *KEY[1:2], "wd:Q9"), **new) == content.replace(
        ROW, line.format("a") + ROW
    )
    assert edited(tmp_path, content, ("ent:c", *KEY[1:2], "wd:Q9"), **new) == content.replace(
        last, line.format("c") + last
    )
    assert edited(tmp_path, content, ("ent:e", *KEY[1:2], "wd:Q9"), **new) == f"{content}\n{line.format('e')}"


def test_new_row_stands_before_a_comment_at_the_end(tmp_path):
    content = f"{TABLE}# reviewed up to here\n"
    after = edited(tmp_path, content, ("ent:c", "owl:sameAs", "wd:Q3"))
    assert after == f"{TABLE}ent:c\towl:sameAs\twd:Q3\t\t\t\n# reviewed up to here\n"


def test_column_that_a_change_needs_is_added(tmp_path):
    after = edited(tmp_path, TABLE, KEY, predicate_modifier="Not", mapping_date="")
    row = ROW.replace("\n", "\tNot\n")
    assert after == ABOVE + COLUMNS.replace("\n", "\tpredicate_modifier\n") + row


def test_columns_of_others_keep_their_values(tmp_path):
    content = ABOVE + COLUMNS.replace("\n", "\tsubject_source\n") + ROW.replace("\n", "\tx:y\n")
    path = tmp_path / "a.sssom.tsv"
    path.write_text(content, "utf-8")
    values = dict(zip(COLUMNS.split(), ROW.rstrip("\n").split("\t"), strict=True))

    def decide(rows: Rows) -> None:
        rows[KEY] = {**values, "comment": "new"}

    change(path, "", decide, PREFIXES)
    assert path.read_text("utf-8") == content.replace("as her office says", "new")


def test_change_of_a_link_replaces_all_rows_that_have_its_key(tmp_path):
    other = ROW.replace("ent:b", "ent:c")
    content = TABLE + other + ROW.replace("as her", "as his") + other
    after = edited(tmp_path, content, KEY, comment="new")
    assert after == ABOVE + COLUMNS + other + ROW.replace("as her office says", "new") + other


def test_removed_row_is_gone(tmp_path):
    path = tmp_path / "a.sssom.tsv"
    path.write_text(TABLE + ROW.replace("ent:b", "ent:c"), "utf-8")

    def edit(rows: Rows) -> None:
        del rows["ent:c", "owl:sameAs", "wd:Q2"]

    change(path, "", edit, PREFIXES)
    assert path.read_text("utf-8") == TABLE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"#curie_map:\n{MAP}", f"#curie_map:\n{MAP}#  skos: {PREFIXES['skos']}\n"),
        (f"# curie_map:\n{MAP.replace('#', '# ')}", f"# curie_map:\n{MAP.replace('#', '# ')}#   skos: {PREFIXES['skos']}\n"),
        (f"#curie_map:\n{MAP}#other: 1\n", f"#curie_map:\n{MAP}#  skos: {PREFIXES['skos']}\n#other: 1\n"),
        ("#other: 1\n", f"#other: 1\n#curie_map:\n#  ent: {PREFIXES['ent']}\n#  skos: {PREFIXES['skos']}\n"),
        ("", f"#curie_map:\n#  ent: {PREFIXES['ent']}\n#  skos: {PREFIXES['skos']}\n"),
        ("#curie_map: {}\n", f"#curie_map: {{ent: {PREFIXES['ent']}, skos: {PREFIXES['skos']}}}\n"),
        ("#curie_map: {ent: https://e.org/}\n", f"#curie_map: {{ent: https://e.org/, skos: {PREFIXES['skos']}}}\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_prefixes_that_a_change_brings_are_added_to_the_curie_map(tmp_path, before, after, end):
    content = (before + COLUMNS + ROW).replace("\n", end)
    new = "ent:c\tskos:exactMatch\turn:x\t\t\t\n"
    expected = (after + COLUMNS + ROW + new).replace("\n", end)
    assert edited(tmp_path, content, ("ent:c", "skos:exactMatch", "urn:x")) == expected


NAMES = st.from_regex(r"[a-z]{1,3}", fullmatch=True)
COMMENTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\t\n"'), max_size=12)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(NAMES, COMMENTS, min_size=1, max_size=4), NAMES, COMMENTS)
def test_what_is_decided_is_read_back_and_the_parser_of_sssom_agrees(tmp_path_factory, comments, name, comment):
    path = tmp_path_factory.mktemp("links") / "a.sssom.tsv"

    def edit(rows: Rows) -> None:
        for subject, text in {**comments, name: comment}.items():
            key = (f"ent:{subject}", "owl:sameAs", "wd:Q1")
            values = (*key, "semapv:ManualMappingCuration", "ent:council", text)
            rows[key] = dict(zip(COLUMNS.split(), values, strict=True))

    change(path, ABOVE + COLUMNS, edit, PREFIXES)
    links, problems = parse_links(path.read_bytes().decode(), "a.tsv", PREFIXES)
    expected = {f"ent:{subject}": text for subject, text in sorted({**comments, name: comment}.items())}
    assert not problems
    assert {link.row["subject_id"]: link.row["comment"] for link in links} == expected
    table = parse_sssom_table(path)
    assert not any(report.results for report in validate(table).values())
    assert list(table.df["subject_id"]) == list(expected)
