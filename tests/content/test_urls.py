"""URLs: which IRI has which page, and how one page links to another."""

from pathlib import Path

import pytest

from whereas.content.urls import ANYWHERE, Addresses, described_at, documented_by
from whereas.project.project import Project

BASE = "https://w3id.org/whereas/"
NOTE = f"{BASE}doc/note"


@pytest.fixture
def addresses(index, project) -> Addresses:
    return Addresses(index, project, ("", "events", "vocab"))


@pytest.mark.parametrize(
    ("page", "path", "url"),
    [
        ("index.en.html", "ent/anna.en.html", "ent/anna.en.html"),
        ("ent/anna.en.html", "index.en.html", "../index.en.html"),
        ("doc/note/own.en.html", "doc/note.en.html", "../note.en.html"),
        ("doc/note.en.html", "doc/note/own.en.html", "note/own.en.html"),
        ("ent/anna.en.html", "ent/é b.en.html", "%C3%A9%20b.en.html"),
        (ANYWHERE, "ent/anna.en.html", "/ent/anna.en.html"),
    ],
)
def test_relative_url_leads_from_a_page_to_a_file(addresses, page, path, url):
    assert addresses.relative_url(page, path) == url
    assert addresses.relative_url(page, path, "a b") == f"{url}#a%20b"


@pytest.mark.parametrize(
    ("iri", "url"),
    [
        (f"{BASE}ent/boris", "../ent/boris.fr.html"),
        (f"{NOTE}#quoted", "note/quoted.fr.html"),
        (f"{NOTE}#p-part", "note.fr.html#p-part"),
        (f"{BASE}vocab", "../vocab.fr.html"),
        (f"{BASE}ent/nobody", f"{BASE}ent/nobody"),
        ("https://example.org/", "https://example.org/"),
        ("javascript:alert(1)", ""),
        ("urn:isbn:1", ""),
    ],
)
def test_href_leads_to_a_page_a_passage_a_list_or_the_web_and_nowhere_else(addresses, iri, url):
    assert addresses.href("doc/other.fr.html", iri, "fr") == url


def test_passage_of_another_text_leads_to_the_reading_page_of_that_text(read_index, project):
    texts = """
    doc:two a schema:Report .
    ent:en dcterms:isFormatOf doc:two ; schema:inLanguage "en" .
    ent:fr dcterms:isFormatOf doc:two ; schema:inLanguage "fr" .
    <https://w3id.org/whereas/doc/two#p> a oa:SpecificResource ; oa:hasSource ent:fr .
    """
    addresses = Addresses(read_index(texts), project)
    assert addresses.href("index.en.html", f"{BASE}doc/two#p", "en") == "doc/two.fr.html#p"


@pytest.mark.parametrize(
    ("languages", "pages"),
    [(("fr", "en"), ("fr", "en")), (("ug", "fr"), ("ug", "fr")), ((), ("en",))],
)
def test_pages_are_in_the_project_s_languages_whether_or_not_the_interface_speaks_them(index, languages, pages):
    assert Addresses(index, Project(Path(), languages=languages)).languages == pages


def test_passages_and_selectors_have_no_page_of_their_own(addresses):
    assert addresses.path(f"{NOTE}#p-part") == addresses.path(f"{NOTE}#q1") == ""
    assert addresses.path(f"{NOTE}#own") == "doc/note/own"


def test_path_depends_on_the_thing_it_is_of(addresses):
    with addresses.index.recording() as lookups:
        addresses.path(f"{NOTE}#own")
    assert lookups == {f"{NOTE}#own"}


def test_names_without_a_resource_lead_to_what_describes_them():
    assert [described_at(path) for path in ("graph/note", "ns/1.0", "ent/anna")] == ["doc/note", "ns", ""]
    assert [documented_by(path) for path in ("dataset", "graph/note", "report", "doc/note")] == [
        "data",
        "data",
        "method",
        "",
    ]
