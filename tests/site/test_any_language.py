"""Material and projects in any language: nothing crashes, its name or its tag is shown, its direction is kept."""

import json
import re
from xml.etree import ElementTree

import pytest

import whereas
from page_reader import ParsedPage
from small_project import NOTE, small_site, write_small_project
from whereas.i18n import format_language
from whereas.site.search import Search, write_index
from whereas.text.scripts import text_direction

TEXTS = {
    "de": "Der Rat tagte am Montag.\n",
    "ar": "اجتمع المجلس (يوم الاثنين) 12.\n",
    "ug": "كېڭەش دۈشەنبە كۈنى يىغىن ئاچتى.\n",
    "zh-Hant": "議會星期一開會。\n",
    "pt-BR": "O conselho reuniu-se na segunda-feira.\n",
    "hi": "परिषद की बैठक सोमवार को हुई।\n",
    "x-private": "Kalimo vesta.\n",
    "und": "Kalimo vesta.\n",
    "az-Arab": "شورا توپلاندی.\n",
    "i-klingon": "tlhIngan Hol.\n",
    "sr-Latn-RS": "Savet se sastao.\n",
}
DIRECTIONS = {"ar": "rtl", "ug": "rtl", "az-Arab": "rtl", "x-private": "auto", "und": "auto", "i-klingon": "auto"}
_SKIPPED = re.compile(r"static/|queries/|completion|sitemap|shapes/|ns/|vocab/")


def rendered(site):
    """Return what a static build writes about the material, by path."""
    contents = {path: site.render(path) for path in site.paths() if not _SKIPPED.match(path)}
    assert None not in contents.values()
    for path, content in contents.items():
        if path.endswith(".atom"):
            ElementTree.fromstring(content.content)
        elif path.endswith("json"):
            json.loads(content.content)
    return contents


def opening_tags(content, language):
    return re.findall(rf'<[^>]*lang="{language}"[^>]*>', content.decode())


@pytest.mark.parametrize("language", TEXTS)
def test_document_in_any_language_is_shown_cited_and_found(tmp_path, language):
    site = small_site(
        tmp_path, texts={language: TEXTS[language]}, entities={"body": {"en": "Body", language: "Körper"}}
    )
    pages = rendered(site)
    reading = pages[f"doc/{NOTE}.en.html"].content
    statement = pages[f"doc/{NOTE}/{language.lower()}-0.en.html"].content
    words = TEXTS[language].strip()
    assert words in reading.decode().replace("<wbr>", "") or words[:10] in reading.decode()
    assert words in statement.decode(), "quoted and cited"
    direction = DIRECTIONS.get(language, "ltr")
    for content in (reading, statement):
        tags = opening_tags(content, language.lower())
        assert tags
        assert all((f'dir="{direction}"' in tag) == (direction != "ltr") for tag in tags)
    write_index(tmp_path, (quad for s in site.checked.summaries for quad in site.checked.quads(s.name)))
    assert any(hit.kind == "passage" for hit in Search(tmp_path).find(words))


@pytest.mark.parametrize("language", TEXTS)
def test_second_text_in_any_language_is_shown(tmp_path, language):
    site = small_site(tmp_path, texts={"en": "The council met.\n", language: TEXTS[language]})
    pages = rendered(site)
    assert f"doc/{NOTE}/text.{language}.en.html" in pages
    assert TEXTS[language].strip() in pages[f"doc/{NOTE}/{language.lower()}-0.en.html"].content.decode()


@pytest.mark.parametrize("language", TEXTS)
def test_project_in_any_language_has_pages_in_it(tmp_path, language):
    site = small_site(tmp_path, languages=(language, "en"), texts={language: TEXTS[language]})
    pages = rendered(site)
    assert ParsedPage(pages[f"index.{language.lower()}.html"].content)
    assert f"A claim ({language})" in pages[f"doc/{NOTE}/{language.lower()}-0.{language.lower()}.html"].content.decode()
    assert site.languages == (language.lower(), "en")
    for path in ("queries", "queries/demands-by", "console", "search", "ns/Demand"):
        assert site.render(f"{path}.{language.lower()}.html") is not None, path
    for path in (
        f"completion.{language.lower()}.json",
        f"search.{language.lower()}.json",
        f"feed.{language.lower()}.atom",
        "sitemap.xml",
    ):
        assert site.render(path) is not None, path


@pytest.mark.parametrize("language", ["de", "ar", "zh-Hant", "x-private"])
def test_project_in_one_language_without_catalogue_is_built_and_built_again(tmp_path, language):
    folder = write_small_project(tmp_path, languages=(language,), texts={language: TEXTS[language]})
    for _ in range(2):
        whereas.write_release(whereas.check(whereas.read_project(folder)))
    public = folder / "public"
    assert (public / f"index.{language.lower()}.html").is_file()
    assert (public / f"doc/{NOTE}.{language.lower()}.html").is_file()


def test_settings_keep_texts_in_any_case_of_a_tag(tmp_path):
    folder = write_small_project(tmp_path, languages=("zh-Hant", "PT-br"))
    project = whereas.read_project(folder)
    assert project.languages == ("zh-hant", "pt-br")
    assert project.title == {"zh-hant": "T (zh-Hant)", "pt-br": "T (PT-br)"}
    assert project.setting("title", "zh-hant").line == project.setting("title").line > 0


@pytest.mark.parametrize(
    ("tag", "name"),
    [("zh-hant", "Traditional Chinese"), ("PT-BR", "Brazilian Portuguese"), ("x-private", "x-private"), ("qaa", "qaa")],
)
def test_language_is_shown_by_its_name_or_its_tag(tag, name):
    assert format_language(tag, "en") == name


def test_arabic_passage_and_label_stand_in_their_own_direction(tmp_path):
    site = small_site(tmp_path, texts={"ar": TEXTS["ar"]}, entities={"body": {"en": "Body", "ar": "(كتاب) 12."}})
    statement = site.render(f"doc/{NOTE}/ar-0.en.html").content.decode()
    assert '<blockquote lang="ar" dir="rtl">' in statement
    assert '<span lang="ar" dir="rtl">(كتاب) 12.</span>' in site.render("ent/body.en.html").content.decode()
    assert '<p class="verbatim" lang="ar" dir="rtl">' in site.render(f"doc/{NOTE}.en.html").content.decode()


@pytest.mark.parametrize(
    ("tag", "direction"),
    [
        ("fr", "ltr"), ("ar", "rtl"), ("AR", "rtl"), ("ug", "rtl"), ("he", "rtl"), ("yi", "rtl"), ("dv", "rtl"),
        ("az-Arab", "rtl"), ("az", "ltr"), ("pa-PK", "rtl"), ("pa", "ltr"), ("ar-Latn", "ltr"), ("ks-Deva", "ltr"),
        ("und", "auto"), ("und-Hebr", "rtl"), ("x-arab", "auto"), ("en-x-arab", "ltr"), ("qaa", "auto"), ("", "auto"),
    ],
)  # fmt: skip
def test_direction_of_a_language_is_that_of_its_script(tag, direction):
    assert text_direction(tag) == direction
