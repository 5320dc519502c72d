"""Every saved query agrees with its header, and no argument becomes syntax."""

from pathlib import Path

import pytest
import rdflib

import whereas
from whereas.errors import ArgumentError, ProjectError
from whereas.iris import expand
from whereas.project.ontology import read_prefixes
from whereas.project.queries import Query, read_queries
from whereas.rdf.serialization import to_rdflib
from whereas.rdf.store import Graph

ROOT = Path(__file__).parents[2]
PROJECT = whereas.read_project(ROOT)
PREFIXES = read_prefixes(PROJECT)
QUERIES = read_queries(PROJECT, PREFIXES)
LOCAL = [query for query in QUERIES.values() if not query.federated]


@pytest.fixture(scope="module")
def graph(checked) -> Graph:
    return checked.graph()


@pytest.fixture(scope="module")
def peer(checked) -> rdflib.Dataset:
    """The same quads in rdflib."""
    return to_rdflib(quad for summary in checked.summaries for quad in checked.quads(summary.name))


def full(value: str) -> str:
    """A value of an example: a compact name as its IRI."""
    try:
        return expand(value, PREFIXES)
    except (ValueError, KeyError):
        return value


def rows(query: Query, graph: Graph, arguments: dict[str, str] | None = None) -> list[dict[str, str]]:
    answer = query.ask(graph, arguments)
    return [{name: cell.value for name, cell in zip(answer.columns, row, strict=True) if cell} for row in answer.rows]


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_query_gives_the_rows_of_its_example(query, graph):
    if not query.columns:  # CONSTRUCT
        assert query.ask(graph, query.example.arguments).triples
        return
    answers = rows(query, graph, dict(query.example.arguments))
    if query.example.count is not None:
        assert len(answers) == query.example.count
    for row in query.example.includes:
        wanted = {name: full(value) for name, value in row.items()}
        assert any(wanted.items() <= {n: full(v) for n, v in answer.items()}.items() for answer in answers), row


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_query_has_an_example(query):
    assert query.example.count is not None or query.example.includes or not query.columns


@pytest.mark.parametrize("query", [query for query in LOCAL if query.columns], ids=lambda query: query.name)
def test_unchanged_file_fills_every_required_column_and_each_column_somewhere(query, graph):
    answers = rows(query, graph)
    required = {column.name for column in query.columns if not column.optional}
    for row in answers:
        assert required <= row.keys()
    assert {column.name for column in query.columns} == {name for row in answers for name in row}


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_rdflib_gives_the_same_rows(query, graph, peer):
    text = query.bind(dict(query.example.arguments))
    answer = graph.query(text)
    if not query.columns:
        assert len(list(peer.query(text))) == len(answer.triples)
        return
    expected = sorted(tuple(str(cell).lower() if cell is not None else "" for cell in row) for row in peer.query(text))
    assert expected == sorted(tuple(cell.value.lower() if cell else "" for cell in row) for row in answer.rows)


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_rows_have_a_fixed_order(query, graph, peer):
    text = query.bind(dict(query.example.arguments))
    if query.columns:
        first, again = graph.query(text), graph.query(text)
        assert first.rows == again.rows
        assert "ORDER BY" in text


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_every_language_gives_as_many_rows(query, graph):
    if query.has("language") and query.columns:
        english = rows(query, graph, {**query.example.arguments, "language": "en"})
        french = rows(query, graph, {**query.example.arguments, "language": "fr"})
        assert len(english) == len(french)


def test_listing_appears_without_a_demand_and_with_the_day_it_was_lifted(graph):
    (row,) = rows(QUERIES["sanctions-demanded-and-listed"], graph, {"target": "ent:raphael-glucksmann"})
    assert {name: row[name] for name in row.keys() - {"listing", "target"}} == {
        "whom": "Raphaël Glucksmann", "authority": "China", "since": "2021-03-22", "until": "2025-04-30",
    }  # fmt: skip


def test_every_query_has_its_texts_in_both_languages():
    for query in QUERIES.values():
        for text in (query.summary, query.description, *(v.label for v in (*query.parameters, *query.columns))):
            assert text.in_language("en") and text.in_language("fr"), query.name
        assert query.summary.in_language("en") != query.summary.in_language("fr"), query.name


def test_there_are_enough_queries():
    assert len(QUERIES) >= 22


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"speaker": "nope:x"}, "speaker: expected foaf:Agent, got 'nope:x'"),
        ({"speaker": "two words"}, "speaker: expected foaf:Agent, got 'two words'"),
        ({"colour": "red"}, "colour: demands-by has no such parameter, only speaker, language"),
    ],
)
def test_argument_of_the_wrong_kind_is_named_in_the_error(arguments, message):
    with pytest.raises(ArgumentError) as error:
        QUERIES["demands-by"].bind(arguments)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "hostile",
    [
        "ent:a> } ?s ?p ?o . { <http://x",
        "https://example.org/a } DROP ALL #",
        'ent:assembly } ; INSERT DATA { ent:a ent:b "c" }',
        "ent:a\\u003e",
        "https://example.org/\u0000",
    ],
)
def test_argument_never_becomes_syntax(graph, hostile):
    before = len(graph)
    query = QUERIES["demands-by"]
    try:
        answers = rows(query, graph, {"speaker": hostile})
    except ArgumentError:
        answers = []
    assert answers == []
    assert len(graph) == before


@pytest.mark.parametrize(
    "hostile", ['fr" } } SELECT * { ?s ?p ?o #', "fr\\", 'en"@en } #', "\n}", "VALUES ?speaker { ent:x }"]
)
def test_text_never_becomes_syntax(graph, hostile):
    assert rows(QUERIES["demands-by"], graph, {"language": hostile}) == []


def test_argument_that_looks_like_a_parameter_is_not_replaced(tmp_path):
    echo = saved(
        tmp_path,
        "#+ parameters:\n#+   ?a: {datatype: xsd:string}\n#+   ?b: {datatype: xsd:string}\n"
        "#+ columns:\n#+   ?a: {datatype: xsd:string}\n#+   ?b: {datatype: xsd:string}\n",
        'SELECT ?a ?b { VALUES ?a { "1" } VALUES ?b { "2" } }',
    )["echo"]
    arguments = {"a": "VALUES ?b { x }", "b": '" } } SELECT * { ?s ?p ?o #'}
    assert rows(echo, Graph(), arguments) == [arguments]


def saved(folder: Path, header: str, text: str, start: str = "") -> dict[str, Query]:
    """Read the queries of a project that adds one, `echo`."""
    (folder / "pyproject.toml").write_text("[tool.whereas]\n")
    (folder / "queries").mkdir()
    texts = "#+ summary: {en: Echo, fr: Écho}\n#+ description: {en: Gives back., fr: Rend.}\n"
    (folder / "queries/echo.rq").write_text(start + texts + header + text)
    return read_queries(whereas.read_project(folder), PREFIXES)


@pytest.mark.parametrize(
    ("header", "text", "message"),
    [
        (
            "#+ columns: {?a: {class: rdfs:Resource}}\n",
            "SELECT ?b {?b ?p ?o}",
            "columns ['a'] declared, ['b'] selected",
        ),
        ("", "SELECT ?b {?b ?p ?o}", "columns [] declared, ['b'] selected"),
        ("#+ colums: {}\n", "ASK {}", "unknown header key 'colums', did you mean 'columns'?"),
        (
            "#+ parameters: {?b: {class: rdfs:Resource}}\n#+ columns: {?b: {class: rdfs:Resource}}\n",
            "SELECT ?b {?b ?p ?o}",
            "?b: expected one VALUES default, got 0",
        ),
        (
            "#+ parameters: {?b: {datatype: rdf:langString}}\n#+ columns: {?b: {class: rdfs:Resource}}\n",
            'SELECT ?b { VALUES ?b { "x"@en } }',
            "?b: no argument can be of datatype http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
        ),
        ("#+ columns: [b]\n", "ASK {}", "columns: expected a class or a datatype by variable, got ['b']"),
        ("#+ columns: {?b: {label: B}}\n", "ASK {}", "?b: expected a class or a datatype"),
        ("#+ columns: {?b: {class: [1]}}\n", "ASK {}", "?b: unknown class '[1]'"),
        ("#+ tags: demands\n", "ASK {}", "tags: expected a list of texts, got 'demands'"),
        ("#+ order: first\n", "ASK {}", "order: expected a number, got 'first'"),
        ("#+ federated: 1\n", "ASK {}", "federated: expected true or false, got 1"),
        ("#+ example: {includes: 3}\n", "ASK {}", "example: expected given as a table, includes as a list of tables"),
        ('#+ columns: {?b: {class: "nope:X"}}\n', "SELECT ?b {?b ?p ?o}", "?b: unknown class 'nope:X'"),
        ("#+ columns: {?b: {class: rdfs:Resource}}\n", "SELECT ?b {?b ?p ?o", "the query cannot be answered: "),
    ],
)
def test_header_that_disagrees_with_its_query_is_refused(tmp_path, header, text, message):
    with pytest.raises(ProjectError) as error:
        saved(tmp_path, header, text)
    (finding,) = error.value.findings
    assert finding.location.path == "queries/echo.rq"
    assert finding.message.in_language("en").startswith(message)


def test_findings_about_headers_name_their_line_and_are_french(tmp_path):
    with pytest.raises(ProjectError) as error:
        saved(tmp_path, "#+ tags: [a]\n#+ colums: {}\n", "ASK {}")
    (finding,) = error.value.findings
    assert finding.line() == "queries/echo.rq:4: violation: unknown header key 'colums', did you mean 'columns'?"
    assert finding.message.in_language("fr") == "clé d’en-tête inconnue « colums » ; vouliez-vous dire « columns » ?"


def test_byte_order_mark_before_the_header_is_ignored(tmp_path):
    assert saved(tmp_path, "", "ASK {}", start="\ufeff")["echo"].text.startswith("#+ summary")


def test_prefixes_of_every_query_are_those_of_the_project():
    import re

    for query in QUERIES.values():
        for prefix, namespace in re.findall(r"^PREFIX ([\w-]+): <([^>]+)>", query.text, re.MULTILINE):
            assert PREFIXES.get(prefix, namespace) == namespace, f"{query.name}: {prefix}"
