"""The link from a statement to its passage on the original page."""

from html import unescape
from urllib.parse import quote, unquote

import pytest

from browser import DESK, chromium, file_server
from small_project import NOTE, SOURCE, small_site

TEXT = "The pier is closed. On Monday the council met. The pier is closed. Nobody came.\nClosed.\nClosed.\n"
SECOND = {"exact": "The pier is closed.", "prefix": "met. "}
UNMARKED = {"exact": "Closed.", "prefix": "came.\nClosed.\n"}


def links(site, statement):
    """Return the links of a statement's page to the original page, and its words about them."""
    content = site.render(f"doc/{NOTE}/{statement}.en.html").content.decode()
    urls = [unescape(part.partition('"')[0]) for part in content.split('href="')[1:]]
    return [unquote(url) for url in urls if url.startswith(SOURCE)], content


def test_link_to_the_second_of_equal_sentences_names_the_words_before(tmp_path):
    site = small_site(tmp_path, texts={"en": TEXT}, quotes={"en": [SECOND, "On Monday the council met."]})
    assert links(site, "en-0")[0] == [f"{SOURCE}#:~:text=met.-,The pier is closed."]
    assert links(site, "en-1")[0] == [f"{SOURCE}#:~:text=On Monday the council met."]


def test_link_without_fragment_says_that_the_passage_cannot_be_marked(tmp_path):
    site = small_site(tmp_path, texts={"en": TEXT}, quotes={"en": [UNMARKED]})
    urls, content = links(site, "en-0")
    assert urls == [SOURCE]
    assert "(opens the page; the passage cannot be marked)" in content


@pytest.mark.system
def test_browser_scrolls_to_the_cited_one_of_equal_sentences(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    site = small_site(project, texts={"en": TEXT}, quotes={"en": [SECOND]})
    (url,), _ = links(site, "en-0")
    sentences = TEXT.splitlines()[0].replace(". ", ". <br>")
    pages = tmp_path / "pages"
    pages.mkdir()
    page_text = (
        f"<!doctype html><meta charset=utf-8><p style='margin:0;padding:2000px 0;line-height:1000px'>{sentences}"
    )
    (pages / "a.html").write_text(page_text, "utf-8")
    with chromium() as browser, file_server(pages) as address:
        page = browser.new_page(viewport=DESK)
        fragment = quote(url.removeprefix(SOURCE), safe="#:~=,-%.")
        page.goto(f"{address}/a.html{fragment}")
        page.wait_for_function("scrollY > 0")
        line = (page.evaluate("scrollY + innerHeight / 2") - 2000) // 1000
    assert line == 2, "the third line holds the second of the equal sentences"
