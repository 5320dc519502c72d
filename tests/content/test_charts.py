"""Charts of saved queries: the numbers that are drawn, from the answer."""

import pytest

from whereas.content.charts import bars, heatmap
from whereas.i18n import Translations
from whereas.project.queries import Example, Query
from whereas.rdf.results import QueryResult
from whereas.rdf.store import Graph

ANSWER = """
SELECT ?who ?what ?count ?note { VALUES (?who ?what ?count ?note) {
  ("Anna" "bread" 3 "x") ("Anna" "peace" 1 "x") ("Boris" "bread" 2 "x") ("Boris" UNDEF 9 "x") ("Chen" "peace" "?" "x")
} }
"""


@pytest.fixture(scope="module")
def answer() -> QueryResult:
    return Graph().query(ANSWER)


def query(**chart: str) -> Query:
    text = Translations(())
    return Query("q", "theme", ANSWER, text, text, (), 0, (), (), Example({}, ()), chart, False, {}, "")


def test_bars_sum_the_numbers_of_each_value_and_compare_them_with_the_largest(answer):
    assert [
        (cell.value, number, length) for cell, number, length in bars(query(type="bar", x="who", y="count"), answer)
    ] == [
        ("Anna", 4, 36),
        ("Boris", 11, 100),
    ]


def test_heatmap_sums_the_numbers_where_column_and_row_meet(answer):
    heat = heatmap(query(type="heatmap", x="who", y="what"), answer)
    assert ([cell.value for cell in heat.columns], [cell.value for cell in heat.rows]) == (
        ["Anna", "Boris"],
        ["bread", "peace"],
    )
    (anna, boris), (bread, peace) = heat.columns, heat.rows
    assert [heat.shade(*cell) for cell in ((anna, bread), (boris, bread), (anna, peace), (boris, peace))] == [
        5,
        4,
        2,
        0,
    ]


@pytest.mark.parametrize(
    "chart", [{}, {"type": "bar", "x": "who", "y": "none"}, {"type": "heatmap", "x": "no", "y": "what"}]
)
def test_query_without_a_chart_or_with_columns_it_lacks_has_none(answer, chart):
    assert bars(query(**chart), answer) == [] and heatmap(query(**chart), answer) is None
