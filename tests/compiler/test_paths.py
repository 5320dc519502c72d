"""Names of things and the paths of their files: none is lost on any file system."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

import whereas
from small_project import BASE, NOTE, small_site, write_small_project
from whereas.compiler.paths import clashes, path_of, same_name

CLASH = (
    "'{}' would have the same files as '{}', described at data/entities/entities.yaml:{}, where upper and lower case, "
    "accents or endings are not told apart; choose another id"
)
BAD_NAME = "'{}' cannot be the name of a page's file: {}; choose another id"


def violations(folder, *names, **options):
    """Return the violations of a project with bodies of these names, without their location's file."""
    entities = {name: {"en": f"Body {number}"} for number, name in enumerate(names)}
    checked = whereas.check(whereas.read_project(write_small_project(folder, entities=entities, **options)))
    return [finding.line() for finding in checked.report.findings if finding.severity == "Violation"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("abc", "ABC"), ("foo", "foo.ttl"), ("foo", "foo.en"), ("foo", "foo.en.html"), ("foo", "foo.2"),
        ("foo", "Foo.linkset.json"), ("caf\u00e9", "cafe\u0301"), ("caf\u00e9", "caf%C3%A9"), ("stra\u00dfe", "STRASSE"),
        ("foo", "foo.ttl/bar"), ("foo", "foo.atom"), ("foo.bar", "FOO.bar.jsonld"),
    ],
)  # fmt: skip
def test_two_names_of_one_file_are_a_finding_at_the_second(tmp_path, one, other):
    at = "data/entities/entities.yaml:11: violation: "
    assert violations(tmp_path, one, other) == [at + CLASH.format(f"ent:{other}", f"ent:{one}", 10)]


def test_clash_is_a_finding_whichever_is_described_first(tmp_path):
    (line,) = violations(tmp_path, "foo.ttl", "foo")
    assert CLASH.format("ent:foo.ttl", "ent:foo", 11) in line


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("con", "Windows keeps 'con' for a device"),
        ("LPT1.x", "Windows keeps 'LPT1' for a device"),
        ("\u65b0\u7586" * 60, "expected at most 200 bytes, got 360"),
        ("a" * 300, "expected at most 200 bytes, got 300"),
        ("%E6%96%B0" * 70, "expected at most 200 bytes, got 210"),
        ("/".join(["a" * 199] * 6), "expected at most 1000 bytes, got 1203"),
        ("a*b", "the character '*' is not allowed in file names"),
        ("a%3Ab", "the character ':' is not allowed in file names"),
        ("a%2Fb", "servers take %2F and %5C for the end of a folder's name"),
        ("a%FFb", "its percent-encoding is not UTF-8"),
        ("..", "a folder has no such name"),
        ("a./b", "Windows drops a space or full stop at the end of a folder's name"),
    ],
)
def test_name_that_no_file_can_have_is_a_finding_at_its_line(tmp_path, name, reason):
    at = "data/entities/entities.yaml:10: violation: "
    assert violations(tmp_path, name) == [at + BAD_NAME.format(f"ent:{name}", reason)]


def test_names_of_a_document_and_of_its_statements_are_checked_too(tmp_path):
    node = {"id": "d:EN-0", "type": "Claim", "label": {"en": "Again"}, "speaker": "ent:council",
            "attribution": "mode:reported-speech", "quote": "The council met."}  # fmt: skip
    (line,) = violations(tmp_path, nodes=[node])
    assert line.startswith(f"data/{NOTE}/document.yaml:12: violation: 'd:EN-0' would have the same files as 'd:en-0'")


def test_folders_of_documents_that_differ_in_case_are_a_finding(tmp_path):
    write_small_project(tmp_path)
    for name in ("note-a", "Note-A"):
        folder = tmp_path / "data" / name
        folder.mkdir()
        if len(list((tmp_path / "data").iterdir())) < 4 and name == "Note-A":
            pytest.skip("this file system does not tell upper from lower case")
        content = (tmp_path / "data" / NOTE / "document.yaml").read_text("utf-8")
        (folder / "document.yaml").write_text(content.replace(NOTE, name), "utf-8")
        (folder / "text.en.txt").write_text("The council met.\n", "utf-8")
    checked = whereas.check(whereas.read_project(tmp_path))
    lines = [finding.line() for finding in checked.report.findings if finding.rule == "same-files"]
    assert len(lines) == 1 and lines[0].startswith("data/note-a: violation: 'doc/note-a' would have the same files")


def test_name_with_percent_encoding_is_served_at_its_own_address(tmp_path):
    site = small_site(tmp_path, entities={"a%20b": {"en": "Percent"}, "caf\u00e9": {"en": "Accent"}})
    assert site.resource("ent/a b") is not None
    assert b"<h1>Percent</h1>" in site.render("ent/a b.en.html").content
    assert (
        b"/ent/a%20b> a org:Organization" in site.render("ent/a b.ttl").content
        or b"a%20b" in site.render("ent/a b.ttl").content
    )
    assert site.addresses.href("ent/council.en.html", f"{BASE}ent/a%20b", "en") == "a%20b.en.html"
    assert site.addresses.href("ent/council.en.html", f"{BASE}ent/caf\u00e9", "en") == "caf%C3%A9.en.html"


def test_no_two_things_of_the_real_project_would_have_the_same_files(checked):
    from whereas.site.site import Site

    site = Site(checked)
    assert list(clashes(sorted(site.addresses.things), site.languages)) == []
    names = list(map(same_name, site.paths()))
    assert len(set(names)) == len(names)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_path_is_that_of_one_file_below_its_folder(name):
    path = path_of(f"{BASE}ent/{name}", BASE)
    if path:
        assert path.startswith("ent/") and ".." not in path.split("/") and "" not in path.split("/")
        assert max(len(f"{step}.1234567.zh-Hant-TW.linkset.json".encode()) for step in path.split("/")) <= 255


@given(st.text(st.characters(categories=["L", "M", "N"]), min_size=1))
def test_spellings_of_one_name_are_one_name_to_some_disk(name):
    decomposed = unicodedata.normalize("NFD", name)
    assert same_name(name) == same_name(decomposed) == same_name(unicodedata.normalize("NFC", name.casefold()))
