"""The site in a browser: from files and from the server, with scripts and without."""

import csv
import gzip
import io
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from browser import DESK, PHONE, accessibility_violations, chromium, file_server, fits, visit, whereas_server
from whereas.errors import ArgumentError

pytestmark = pytest.mark.system
ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src/whereas/site/static"
DOCUMENT, OFFICIAL = "doc/2022-06-09-gse-xinjiang", "ent/chen-quanguo"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build the project once."""
    folder = tmp_path_factory.mktemp("seen")
    for name in ("data", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    subprocess.run([sys.executable, "-m", "whereas", "build", "-q", "-C", str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def addresses(built):
    """Where the site is: as files, and served."""
    with file_server(built / "public") as files, whereas_server(built, "--setting", "time", "3") as served:
        yield {"files": files, "served": served}


def ask(page, query):
    """Write a query into the console and ask it."""
    page.evaluate("text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)", query)
    page.click("#_run")


def table(page):
    """Return the rows of the answer on a page, as text."""
    return page.eval_on_selector_all("#_answer tbody tr", "rows => rows.map(row => row.innerText.trim())")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("where", ["files", "served"])
def test_links_lead_from_the_home_page_to_an_answer(browser, addresses, where, language, scripts):
    with visit(browser, addresses[where], scripts=scripts, size=PHONE) as page:
        page.goto(f"/index.{language}.html")
        page.click(f"main a[href='{DOCUMENT}.{language}.html'] >> nth=0")
        assert fits(page)
        page.click(".call >> nth=0")
        assert page.url.partition("#")[2]
        page.click(f"a[href$='{OFFICIAL}.{language}.html'] >> nth=0")
        assert "Chen Quanguo" in page.inner_text("h1")
        assert page.get_attribute("html", "lang") == language
        assert fits(page)
        page.click(f"nav a[href$='console.{language}.html']")
        if scripts:
            page.wait_for_selector(".CodeMirror")
            assert page.locator("#_needs").count() == 0
            page.click("#_run")
            page.wait_for_selector("#_answer table")
            with page.expect_download() as download:
                page.click("#_answer a[download]")
            rows = list(csv.reader(download.value.path().read_text().splitlines()))
            assert rows[0] == ["speaker", "demand", "what"]
            assert len(rows) == 13
        else:
            assert page.is_visible("#_needs")
            if where == "served":
                with page.expect_download() as download:  # no page: SPARQL's own format
                    page.click("#_run")
                assert "<sparql" in download.value.path().read_text()
        assert fits(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("where", ["files", "served"])
def test_form_of_a_saved_query_shows_the_answer_or_says_what_it_needs(browser, addresses, where, scripts):
    with visit(browser, addresses[where], scripts=scripts, size=PHONE) as page:
        page.goto("/queries/demands-by.en.html")
        everything = table(page)
        page.select_option("[name=speaker]", label="European Parliament")
        page.click("#_form button:not([type])")
        page.wait_for_url("**speaker=ent%3Aparlement-europeen**")
        if where == "files" and not scripts:
            assert "needs scripts" in page.inner_text("#_needs") or "with scripts" in page.inner_text("#_needs")
            assert table(page) == everything
        else:
            expect(page.locator("#_answer tbody tr")).not_to_have_count(len(everything))
            assert page.locator("#_needs").count() == 0
            assert all(row.startswith("European Parliament") for row in table(page))
            assert page.input_value("[name=speaker]") == "ent:parlement-europeen"
        assert fits(page)


@pytest.mark.parametrize(
    "link",
    [
        "queries/demands-by.fr.html?speaker=ent:parlement-europeen",
        "queries/matrix.en.html?speaker=raphael-glucksmann&language=fr",
        "queries/timeline.en.html?from=2020-01-01&to=2022-12-31",
        "queries/evidence-of.en.html?item=doc:2022-06-09-gse-xinjiang%23ex-tohti",
    ],
)
def test_permalink_shows_the_same_rows_from_files_as_from_the_server(browser, addresses, link):
    seen = {}
    for where, address in addresses.items():
        with visit(browser, address) as page:
            page.goto(f"/{link}")
            page.wait_for_selector("#_answer .files a[download]" if where == "files" else "#_answer table")
            seen[where] = table(page)
    assert seen["files"] == seen["served"]
    assert seen["files"]


def test_csv_of_the_browser_is_that_of_the_server(browser, addresses):
    with visit(browser, addresses["files"]) as page:
        page.goto("/queries/sources-cited.en.html?language=en&document=doc:2026-11-24-follow-up-note")
        with page.expect_download() as download:
            page.click("#_answer a[download]")
        content = download.value.path().read_bytes().decode()
    arguments = {"language": "en", "document": "doc:2026-11-24-follow-up-note"}
    served = httpx.get(f"{addresses['served']}/queries/sources-cited.csv", params=arguments).text
    assert list(csv.reader(io.StringIO(content))) == list(csv.reader(io.StringIO(served)))


@pytest.mark.parametrize("where", ["files", "served"])
def test_long_query_is_stopped_and_the_next_one_answered(browser, addresses, where):
    with visit(browser, addresses[where]) as page:
        page.goto("/console.en.html")
        page.wait_for_selector(".CodeMirror")
        ask(page, ENDLESS)
        page.click("#_cancel")
        assert page.inner_text("#_status") == "Stopped."
        ask(page, ENDLESS)
        ask(page, "ASK { ?s ?p ?o }")
        page.wait_for_selector("#_answer p:has-text('yes')")
        ask(page, "CONSTRUCT { ?s a ?o } WHERE { ?s a ?o } LIMIT 3")
        page.wait_for_selector("#_answer pre")


def test_engine_that_a_sort_ended_is_told_in_a_sentence_and_replaced(browser, addresses):
    mixed = " ".join(f"{n} '{n}a'" for n in range(2000, 0, -1))
    for query in ("SELECT ?o { %s } ORDER BY ?o", "CONSTRUCT { ?o a ?o } { %s } ORDER BY ?o # from"):
        with visit(browser, addresses["files"]) as page:
            page.goto("/console.en.html")
            page.wait_for_selector(".CodeMirror")
            ask(page, query % f"VALUES ?o {{ {mixed} }}")
            expect(page.locator("#_status")).to_have_text(
                "the query engine in the browser stopped: it cannot sort values of several kinds, for which write "
                "ORDER BY STR(?variable), and has little memory",
                timeout=30_000,
            )
            ask(page, "ASK { ?s ?p ?o }")
            page.wait_for_selector("#_answer p:has-text('yes')")


GRAPH = "https://w3id.org/whereas/graph/entities"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?triples) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
        f"SELECT (COUNT(*) AS ?triples) FROM <{GRAPH}> {{ ?s ?p ?o }}",
        f"SELECT (COUNT(*) AS ?triples) FROM NAMED <{GRAPH}> {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}",
        'SELECT (COUNT(*) AS ?triples) { ?from ?p ?o FILTER (STR(?from) != "FROM") }',
    ],
)
def test_console_queries_the_union_of_all_graphs_or_those_that_the_query_names(browser, addresses, checked, query):
    counts = {int(checked.graph().query(query).rows[0][0].value)}
    for address in addresses.values():
        with visit(browser, address) as page:
            page.goto("/console.en.html")
            page.wait_for_selector(".CodeMirror")
            ask(page, query)
            page.wait_for_selector("#_answer table")
            counts.add(int(table(page)[0].replace(",", "")))
    assert len(counts) == 1


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "la requête est vide"),
        ("# é\nSELECT * { ?s foo:a ?o }", "ligne 2, colonne 15 : le préfixe foo: n’est pas déclaré"),
        ("SELECT * { ?s <a b> ?o }", "ligne 1, colonne 20 : une IRI absolue est attendue avant cette position"),
        ("SELECT ?x { ?s ?p ?o } GROUP BY ?s", "ligne 1, colonne 35 : une variable sélectionnée n’est pas liée"),
        ("SELECT * { ?s ?p ?o } LIMIT x", "ligne 1, colonne 29 : attendu : HAVING, OFFSET, OPTIONAL, VALUES"),
        ("DROP ALL", "les mises à jour SPARQL ne sont pas admises, seulement les requêtes"),
    ],
)
def test_console_says_in_the_pages_language_what_is_wrong_with_a_query(browser, addresses, query, problem):
    for where, address in addresses.items():
        with visit(browser, address, refused=where == "served") as page:
            page.goto("/console.fr.html")
            page.wait_for_selector(".CodeMirror")
            ask(page, "ASK {}")
            page.wait_for_selector("#_answer p:has-text('oui')")
            ask(page, query)
            expect(page.locator("#_status")).to_have_text(f"la requête n’a pas de réponse : {problem}")
            assert page.inner_text("#_answer") == ""


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("speaker=two+words", "speaker: expected foaf:Agent, got ‘two words’"),
        ("speaker=ent:a&speaker=ent:b", "speaker: given twice"),
        ("page=99", "page: expected a number from 1 to 1, got ‘99’"),
        ("page=0", "page: expected a number from 1 to 1, got ‘0’"),
    ],
)
def test_wrong_argument_shows_a_problem_and_no_rows(browser, addresses, arguments, problem):
    with visit(browser, addresses["files"]) as page:
        page.goto(f"/queries/demands-by.en.html?{arguments}")
        expect(page.locator("#_status")).to_have_text(problem)
        assert table(page) == []
    with visit(browser, addresses["served"], refused=True) as page:
        page.goto(f"/queries/demands-by.en.html?{arguments}")
        wrong = page.inner_text(".wrong")
        assert wrong.partition(":")[0] == problem.partition(":")[0]
        assert table(page) == []


def test_console_runs_the_saved_query_of_its_url_even_before_it_is_loaded(browser, addresses):
    with visit(browser, addresses["files"]) as page:
        held = []
        page.route("**/queries/demands-by-kind.rq", lambda route: held.append(route))
        with page.expect_request("**/queries/demands-by-kind.rq"):
            page.goto("/console.fr.html?saved=demands-by-kind")
        page.wait_for_selector(".CodeMirror")
        page.click("#_run")
        for route in held:
            route.continue_()
        page.wait_for_selector("#_answer details.chart .bars svg", state="attached")


def test_console_completes_names(browser, addresses):
    with visit(browser, addresses["files"]) as page:
        page.goto("/console.fr.html")
        page.wait_for_selector(".CodeMirror")
        for typed, name in (("wa:addr", "wa:addressee"), ("parlement", "ent:parlement-europeen")):
            page.evaluate("document.querySelector('.CodeMirror').CodeMirror.setValue('SELECT * WHERE { ')")
            page.click(".CodeMirror")
            page.keyboard.press("Control+End")
            page.keyboard.type(f"?s {typed}" if typed.startswith("wa:") else f"?s ?p {typed}")
            page.wait_for_selector(f".CodeMirror-hint:has-text('{name}')")
            page.keyboard.press("Enter")
            text = page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()")
            assert name in text
            assert f"PREFIX {name.partition(':')[0]}: <" in text


ARGUMENTS = {
    "demands-by": [
        {"speaker": "parlement-europeen", "language": "fr"},
        {"speaker": "https://example.org/é"},
        {"language": '" } UNION { ?s ?p "\\\n\r\t${x} $& {text}'},
        {"language": "VALUES ?speaker { UNDEF }", "speaker": "ent:a"},
        {"speaker": "https://example.org/> } #"},
        {"speaker": "two words"},
        {"speaker": "nowhere:x"},
        {"speaker": "javascript:alert(1)"},
        {"speaker": "toString:x"},
        {"constructor": "x"},
    ],
    "timeline": [{"from": "2020-02-03"}, {"from": "yesterday"}, {"from": "2020-13-45"}],
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_argument_is_bound_in_the_browser_as_it_is_on_the_server(browser, addresses, checked, name):
    query = checked.queries[name]
    expected = []
    for arguments in ARGUMENTS[name]:
        try:
            expected.append(query.bind(arguments))
        except ArgumentError:
            expected.append(None)
    with visit(browser, addresses["files"]) as page:
        page.goto(f"/queries/{name}.en.html")
        bound = page.evaluate(
            """async ([text, cases]) => {
                const [{ bind }, { settings }] = [await import("/static/terms.js"), await import("/static/page.js")];
                return cases.map((arguments_) => {
                    try { return bind(text, settings.parameters, arguments_, settings); } catch { return null; }
                });
            }""",
            [query.text, ARGUMENTS[name]],
        )
    assert bound == expected
    assert None in bound


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("where", ["files", "served"])
def test_search_ignores_accents_and_handles_every_script(browser, addresses, where, scripts):
    with visit(browser, addresses[where], scripts=scripts, size=PHONE) as page:
        page.goto("/index.fr.html")
        page.click("nav a[href='search.fr.html']")
        for words, way in (("PARLEMENT europ", "ent/parlement-europeen.fr.html"), ("赵克志", "ent/zhao-kezhi.fr.html")):
            page.fill("#_words", words)
            page.press("#_words", "Enter")
            page.wait_for_url("**q=**")
            if where == "files" and not scripts:
                assert page.is_visible("#_needs")
            else:
                page.wait_for_selector(f"#_hits a[href='{way}'] mark")
        assert fits(page)


def test_nothing_from_a_query_becomes_markup(browser, addresses):
    hostile = "<img src=x onerror=alert(1)>"
    with visit(browser, addresses["files"]) as page:
        page.goto("/console.en.html")
        page.wait_for_selector(".CodeMirror")
        ask(page, f'SELECT ?a ?b {{ VALUES (?a ?b) {{ ("{hostile}" <javascript:alert(1)>) }} }}')
        page.wait_for_selector("#_answer table")
        assert table(page) == [f"{hostile}\tjavascript:alert(1)"]
        assert page.locator("#_answer tbody a").count() == 0
        page.goto(f"/search.en.html?q={hostile}")
        expect(page.locator("#_status")).to_have_text("No results.")
        assert page.locator("main img").count() == 0


PAGES = (
    "index", DOCUMENT, f"{DOCUMENT}/ex-tohti", OFFICIAL, "ns", "vocab/kind", "documents", "matrix", "timeline", "queries",
    "queries/matrix", "queries/demands-by-kind", "console", "search", "shapes", "data", "method", "about",
)  # fmt: skip


def test_every_kind_of_page_is_accessible(browser, addresses):
    violations = {}
    with visit(browser, addresses["files"]) as page:
        for number, name in enumerate(PAGES):
            page.goto(f"/{name}.{'fr' if number % 2 else 'en'}.html{'?q=Parl' if name == 'search' else ''}")
            if name == "console":
                page.wait_for_selector(".CodeMirror")
                page.click("#_run")
                page.wait_for_selector("#_answer table")
            page.emulate_media(color_scheme="light")
            violations[name] = accessibility_violations(page)
            page.emulate_media(color_scheme="dark")
            violations[f"{name}, dark"] = accessibility_violations(page, "color-contrast")
    assert {name: some for name, some in violations.items() if some} == {}


def test_every_kind_of_page_fits_a_phone(browser, addresses):
    with visit(browser, addresses["files"], size=PHONE) as page:
        wide = []
        for name in PAGES:
            page.goto(f"/{name}.fr.html")
            if not fits(page):
                wide.append(name)
    assert wide == []


def test_document_page_is_light(browser, addresses, built):
    loaded = []
    with visit(browser, addresses["files"], size=DESK) as page:
        page.on("response", lambda reply: loaded.append(reply.url.removeprefix(addresses["files"])))
        page.goto(f"/{DOCUMENT}.fr.html")
    weight = sum(len(gzip.compress((built / "public" / name.lstrip("/")).read_bytes())) for name in loaded)
    assert weight < 100_000
    assert not [name for name in loaded if name.endswith((".js", ".wasm"))]
