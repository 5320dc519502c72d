"""Saved queries on the site: answers, their files, charts, links to featured ones."""

import html
import json
import re
from dataclasses import replace

import pytest
import rdflib

import whereas
from whereas.errors import ProjectError
from whereas.site.site import Site


def test_answer_has_files_in_each_language(written):
    assert written["queries/scoreboard.md"].content.decode().startswith("| Who demands |")
    assert written["queries/scoreboard.fr.md"].content.decode().startswith("| Qui demande |")
    assert "non satisfaite" in written["queries/scoreboard.fr.csv"].content.decode()
    assert b'href="scoreboard.fr.csv"' in written["queries/scoreboard.fr.html"].content


def test_query_that_declares_a_chart_has_it(site, written):
    for query in site.checked.queries.values():
        page = written[f"queries/{query.name}.fr.html"].content.decode()
        assert ('class="bars"' in page, 'class="heat"' in page) == (
            query.chart.get("type") == "bar", query.chart.get("type") == "heatmap"
        ), query.name  # fmt: skip


def test_themes_of_queries_are_in_the_pages_language(site, written):
    for language in site.languages:
        assert not re.search(r"<h2 lang=", written[f"queries.{language}.html"].content.decode())


def test_query_on_a_page_gives_the_answer_on_that_page(site, written):
    page = written["queries/matrix.fr.html"].content.decode()
    text = html.unescape(re.search(r'<pre id="_text">(.*?)</pre>', page, re.S)[1])
    assert site.saved.graph.query(text).serialized("csv") == written["queries/matrix.fr.csv"].content


def test_rows_are_also_a_result_set_in_turtle(site, written):
    for name in ("matrix", "timeline", "documents"):
        answer = json.loads(written[f"queries/{name}.json"].content)
        graph = rdflib.Graph().parse(data=written[f"queries/{name}.ttl"].content, format="turtle")
        rs = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
        solutions = {}
        for solution in graph.objects(None, rs.solution):
            bound = {
                str(graph.value(binding, rs.variable)): str(graph.value(binding, rs.value))
                for binding in graph.objects(solution, rs.binding)
            }
            solutions[int(graph.value(solution, rs["index"]))] = bound
        rows = [{name: cell["value"] for name, cell in row.items()} for row in answer["results"]["bindings"]]
        assert [solutions[number] for number in sorted(solutions)] == rows, name


def test_verbatim_words_in_an_answer_have_their_language(written):
    page = written["queries/demands-by.en.html"].content.decode()
    assert re.search(r'<td[^>]*><span lang="fr">[^<]*(résolution|Parlement)', page)


def test_featured_query_is_linked_from_home_and_from_the_things_its_settings_describe(written):
    link = "queries/sanctions-demanded-and-listed.fr.html"
    assert link in written["index.fr.html"].content.decode()
    page = written["ent/chen-quanguo.fr.html"].content.decode()
    assert "../queries/sanctions-demanded-and-listed.fr.html?target=ent%3Achen-quanguo" in page
    assert link not in written["ent/canada.fr.html"].content.decode()
    assert link not in written["ent/ilham-tohti.fr.html"].content.decode()


def featuring(checked, **settings) -> Site:
    project = replace(checked.project, site={"featured": [settings]})
    return Site(replace(checked, rules=replace(checked.rules, project=project)))


def test_featured_query_goes_by_its_summary_and_links_from_no_thing_by_default(checked):
    site = featuring(checked, query="matrix")
    assert f'<p class="featured"><a href="queries/matrix.en.html">{checked.queries["matrix"].summary}</a></p>' in (
        html.unescape(site.render("index.en.html").content.decode())
    )
    assert "queries/matrix.en.html" not in site.render("ent/chen-quanguo.en.html").content.decode()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"query": "matrices"}, "featured: no saved query is named 'matrices'"),
        ({"query": "matrix", "parameter": "of"}, "featured: matrix has no parameter 'of'"),
    ],
)
def test_featured_query_must_exist(checked, settings, problem):
    with pytest.raises(ProjectError, match=rf"pyproject\.toml:\d+: violation: {problem}"):
        featuring(checked, **settings)


@pytest.mark.parametrize(
    "table",
    ['featured = "matrix"', "featured = [{ name = 'matrix' }]", "front = []",
     "featured = [{ query = 'a', linked_from = [{ property = 'wa:target' }] }]"],
)  # fmt: skip
def test_setting_of_featured_queries_has_a_fixed_form(tmp_path, table):
    (tmp_path / "pyproject.toml").write_text(f"[tool.whereas]\n[tool.whereas.site]\n{table}\n")
    with pytest.raises(ProjectError, match="site: expected featured: a list of saved queries"):
        whereas.read_project(tmp_path)
