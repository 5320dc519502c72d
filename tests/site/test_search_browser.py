"""The search of a static site, in a browser, finds what the server finds."""

import pytest

import whereas
from browser import chromium, file_server, visit
from small_project import write_small_project
from spellings import NAMES, SPELLINGS

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spelled")
    entities = {name: {"en": f"Body {name}", "und": label} for name, label in NAMES.items()}
    write_small_project(folder, entities=entities)
    whereas.write_release(whereas.check(whereas.read_project(folder)))
    with chromium() as browser, file_server(folder / "public") as address, visit(browser, address) as opened:
        yield opened


@pytest.mark.parametrize(("name", "spelling"), SPELLINGS)
def test_name_is_found_by_any_of_its_spellings(page, name, spelling):
    page.goto("/search.en.html")
    page.fill("#_words", spelling)
    page.press("#_words", "Enter")
    page.wait_for_url("**q=**")
    page.wait_for_selector("#_hits mark")
    assert page.eval_on_selector_all("#_hits a", "links => links.map(link => link.getAttribute('href'))") == [
        f"ent/{name}.en.html"
    ]
    assert page.inner_text("#_hits a") == NAMES[name]
