"""The functions of the package, as its docstring shows them."""

import whereas


def test_package_is_used_as_its_docstring_shows(project):

    checked = whereas.check(whereas.read_project(project))
    assert {finding.severity for finding in checked.report.findings} == {"Info"}
    graph = checked.graph()
    assert len(checked.queries["demands-by"].ask(graph).rows) >= 12
    assert graph.query("SELECT (1 AS ?n) {}").serialized("csv") == b"n\r\n1\r\n"
