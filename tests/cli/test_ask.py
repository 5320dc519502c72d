"""`whereas ask`: formats, lists, queries from files."""

import os
import re
import subprocess

import pytest

from command_line import BIN, run_on_terminal, run_whereas


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xml", "md", "ttl"])
def test_result_is_printed_as_the_server_sends_it(project, form):
    result = run_whereas(project, "ask", "demands-by", "--lang", "en", "--format", form)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == run_whereas(project, "get", f"/queries/demands-by.{form}").stdout


def test_result_in_a_pipe_is_csv(project):
    result = subprocess.run(
        [BIN / "whereas", "ask", "demands-by", "--speaker", "parlement-europeen"],
        cwd=project, capture_output=True, check=True,
    )  # fmt: skip
    head, *rows = result.stdout.decode("utf-8").split("\r\n")
    assert head == "who,what,kind,words,date,document,demand"
    assert len(rows) == 7 and rows[-1] == ""
    assert b"\x1b" not in result.stdout


def test_closed_pipe_is_no_error(project):
    shell = "whereas ask statements-in | head -1"
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    result = subprocess.run(["bash", "-c", shell], cwd=project, env=environment, capture_output=True, check=True)
    assert result.stderr == b""
    assert result.stdout.count(b"\n") == 1


@pytest.mark.parametrize("columns", [60, 100])
def test_table_fits_the_terminal(project, columns):
    output = run_on_terminal(project, columns, "ask", "scoreboard", NO_COLOR="1")
    lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output))
    assert any("European" in line for line in lines)
    assert max(map(len, lines)) <= columns
    assert not re.search(r"\x1b\[[0-9;]*[34][0-9]m", output)  # no colour where NO_COLOR asks for none


@pytest.mark.parametrize("columns", [80, 120])
def test_no_word_of_a_wide_result_is_cut(project, columns):
    query = ("ask", "demands-by", "--speaker", "parlement-europeen", "--lang", "fr")
    output = run_on_terminal(project, columns, *query, NO_COLOR="1")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output)
    assert max(map(len, re.split(r"[\r\n]+", plain))) <= columns
    for word in ("doc:2022-06-09-gse-xinjiang#ex-interferences", "investigations", "l’ingérence", "extradition"):
        assert word in plain or word not in run_whereas(project, *query, "--format", "md").stdout, word
    assert re.search(r"Qui demande : +Parlement européen *\r\n", plain)


def test_query_is_read_from_a_file_or_standard_input(project, tmp_path):
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?d a <https://w3id.org/whereas/ns#Demand> }"
    (tmp_path / "own.rq").write_text(query)
    first = run_whereas(project, "ask", "--sparql", str(tmp_path / "own.rq"))
    second = run_whereas(project, "ask", "--sparql", "-", stdin=query)
    assert first.stdout == second.stdout
    assert int(first.stdout.split()[1]) >= 12
    assert run_whereas(project, "ask", "--sparql", "-", stdin="ASK { ?s ?p ?o }").stdout == "true\n"
    update = run_whereas(project, "ask", "--sparql", "-", stdin="DROP ALL")
    assert update.returncode == 2
    assert update.stderr.startswith("whereas: the query cannot be answered: ")
    assert "Traceback" not in update.stderr


def test_queries_are_listed_by_theme_within_the_terminal(project):
    output = run_on_terminal(project, 80, "ask", "--lang", "fr", NO_COLOR="1")
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output).split("\r\n")
    assert lines[:2] == ["demandes", "  demands-by                     Qui demande quoi, et en quels termes"]
    assert max(map(len, lines)) <= 80
    assert "suites données" in lines
    piped = run_whereas(project, "ask").stdout.splitlines()
    assert sum(line.startswith("  ") for line in piped) >= 40  # a line each


def test_result_is_in_a_language_of_the_project(tmp_path):
    run_whereas(tmp_path, "new", "mine")
    french = run_whereas(tmp_path / "mine", "ask", "demands-by", "--lang", "fr")
    assert french.stdout.count("\n") == 2
    assert french.stdout == run_whereas(tmp_path / "mine", "ask", "demands-by").stdout
