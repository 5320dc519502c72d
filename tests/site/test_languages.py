"""Languages of the pages: one catalogue more is one language more, and English stands in where there is none."""

from dataclasses import replace

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from page_reader import words_of
from whereas import i18n
from whereas.site.site import Site

GERMAN = r"""
msgid ""
msgstr ""
"Language: de\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"Content-Type: text/plain; charset=utf-8\n"

msgid "Skip to the content"
msgstr "Zum Inhalt"

msgid "{speaker}: {act} (source: {reporter})"
msgstr "{speaker}: {act} (Quelle: {reporter})"

msgid "d MMMM y"
msgstr "d. MMMM y"
"""


@pytest.fixture
def german_site(checked) -> Site:
    """Return the real project, with pages in German and French."""
    project = replace(checked.project, languages=("de", "fr"))
    return Site(replace(checked, rules=replace(checked.rules, project=project)))


@pytest.fixture
def german_catalogue(tmp_path, monkeypatch):
    folder = tmp_path / "locale/de/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "whereas.po").write_text(GERMAN, "utf-8")
    with (folder / "whereas.po").open("rb") as source, (folder / "whereas.mo").open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="de"))
    monkeypatch.setattr(i18n, "LOCALE", tmp_path / "locale")
    i18n._catalogue.cache_clear()
    yield
    i18n._catalogue.cache_clear()


def test_catalogue_of_another_language_is_spoken_by_the_pages(german_catalogue, german_site):
    content = german_site.render("index.de.html").content.decode()
    assert '<html lang="de">' in content and "Zum Inhalt" in content
    assert ">Français</a>" in content, "the other language, by its own name"
    assert "Quelle:" in words_of(german_site.render("index.de.html"))
    assert "9. Juni 2022" in content


def test_page_in_a_language_without_catalogue_speaks_english_and_says_so(german_site):
    page = german_site.render("doc/2022-06-09-gse-xinjiang.de.html")
    content = page.content.decode()
    assert '<html lang="en">' in content and "Skip to the content" in content
    assert page.language == "de"
    assert ">Français</a>" in content
    assert "The text is in French; the notes are in German." in words_of(page)


def test_label_is_marked_with_its_language_where_that_is_not_the_interface_s(german_site, german_catalogue):
    content = german_site.render("ent/parlement-europeen.de.html").content.decode()
    assert '<h1><span lang="en" class="foreign">European Parliament</span></h1>' in content


@pytest.mark.parametrize("path", ["index", "matrix", "queries", "queries/matrix", "console", "search", "ns/Demand"])
def test_every_kind_of_page_renders_in_any_language(german_site, path):
    assert german_site.render(f"{path}.de.html") is not None
    assert f"{path}.de.html" in set(german_site.paths())
