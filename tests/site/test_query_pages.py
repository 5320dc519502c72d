"""Saved queries on the site: answers, their files, charts, links to featured ones."""

import html
import json
import re

import rdflib


def test_answer_has_files_in_each_language(written):
    assert written["queries/scoreboard.md"].content.decode().startswith("| Who demands |")
    assert written["queries/scoreboard.fr.md"].content.decode().startswith("| Qui exige |")
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
