"""The SPARQL Protocol: requests, formats, limits and federated queries."""

import asyncio
import csv
import io
import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from whereas.errors import ArgumentError
from whereas.http.errors import HTTPError
from whereas.http.parameters import DIRECT, FORM
from whereas.rdf.serialization import parse
from whereas.rdf.store import Graph, uses
from whereas.server.sparql.limits import Limits, read_limits
from whereas.server.sparql.protocol import OFFERS, SparqlRequest, accepted_formats, read_request
from whereas.server.sparql.worker_pool import WorkerPool

LIMITS = Limits()
ROWS = [offer.media_type for offer in OFFERS["rows"]]


@pytest.fixture
def ask(checked):
    """Ask one query of the real project: kind of answer by the Accept header."""

    def run_query(query, accept="", limits=LIMITS, **graphs):
        async def run():
            workers = WorkerPool(checked.cache.folder / "store", limits)
            try:
                return await workers.answer(SparqlRequest(query, **graphs), accepted_formats(accept))
            finally:
                await workers.stop()

        return asyncio.run(run())

    return run_query


def test_get_form_and_direct_post_are_the_same_request():
    named = "default-graph-uri=urn%3Aa&named-graph-uri=urn%3Ab"
    expected = SparqlRequest("ASK {}", ("urn:a",), ("urn:b",))
    assert read_request("GET", f"query=ASK+%7B%7D&{named}", "", b"", LIMITS) == expected
    assert read_request("POST", "", FORM, f"query=ASK+%7B%7D&{named}".encode(), LIMITS) == expected
    assert read_request("POST", named, f"{DIRECT}; charset=UTF-8", b"ASK {}", LIMITS) == expected
    assert read_request("GET", "", "", b"", LIMITS) is None


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        (("PUT", "", "", b""), 405, "method: expected GET, HEAD, POST, OPTIONS, got PUT"),
        (("GET", "query=a&query=b", "", b""), 400, "query: expected one, got 2"),
        (("GET", "update=CLEAR+ALL", "", b""), 400, "update: this endpoint is read-only"),
        (("POST", "", FORM, b"update=CLEAR+ALL"), 400, "update: this endpoint is read-only"),
        (("POST", "", FORM, b""), 400, "query: expected one, got none"),
        (
            ("POST", "default-graph-uri=urn%3Aa", FORM, b"query=ASK+%7B%7D"),
            400,
            "the parameters of a form belong in its body, not in the URL",
        ),
        (("GET", "a&" * 1000, "", b""), 400, "at most 1000 parameters are read"),
        (
            ("POST", "", "application/sparql-update", b"CLEAR ALL"),
            415,
            "content type: expected application/sparql-query or application/x-www-form-urlencoded,"
            " got 'application/sparql-update'; this endpoint is read-only",
        ),
        (("POST", "", f"{DIRECT}; charset=latin-1", b"ASK {}"), 415, "charset: expected utf-8, got 'charset=latin-1'"),
        (("POST", "", DIRECT, b"\xff"), 400, "request body: expected UTF-8"),
        (
            ("GET", "query=%FF", "", b""),
            400,
            "the parameters cannot be read: expected UTF-8, percent-encoded",
        ),
        (
            ("GET", "query=ASK%7B%7D&default-graph-uri=a%20b", "", b""),
            400,
            "default-graph-uri: expected an IRI, got 'a b'",
        ),
        (("GET", f"query={'x' * 50_001}", "", b""), 414, "query: expected at most 50,000 characters, got 50,001"),
        (("POST", "", DIRECT, b"x" * 50_001), 413, "query: expected at most 50,000 characters, got 50,001"),
    ],
)
def test_request_that_cannot_be_answered_is_refused_in_one_sentence(request_, status, message):
    with pytest.raises(HTTPError) as refused:
        read_request(*request_, LIMITS)
    assert (refused.value.status, str(refused.value)) == (status, message)


def test_every_format_of_rows_has_the_same_content(ask):
    query = "SELECT ?s ?label { ?s rdfs:label ?label } ORDER BY ?s ?label LIMIT 20".replace(
        "rdfs:label", "<http://www.w3.org/2000/01/rdf-schema#label>"
    )
    results = json.loads(ask(query, "application/sparql-results+json").content)
    rows = [[row[name]["value"] for name in ("s", "label")] for row in results["results"]["bindings"]]
    assert len(rows) == 20
    assert list(csv.reader(io.StringIO(ask(query, "text/csv").content.decode())))[1:] == rows
    assert ask(query, "text/tab-separated-values").content.count(b"\n") == 21
    assert ask(query, "application/sparql-results+xml").content.count(b"<result>") == 20


@pytest.mark.parametrize(
    ("media_type", "suffix"),
    [
        ("text/turtle", "ttl"),
        ("application/n-triples", "nt"),
        ("application/ld+json", "jsonld"),
        ("application/rdf+xml", "rdf"),
        ("application/n-quads", "nq"),
        ("application/trig", "trig"),
    ],
)
def test_every_format_of_triples_has_the_same_content(ask, media_type, suffix):
    query = "CONSTRUCT { ?s a ?class } WHERE { ?s a ?class }"
    answered = ask(query, media_type)
    assert answered.suffix == suffix
    assert parse(answered.content, suffix) == parse(ask(query, "text/turtle").content, "ttl")


def test_boolean_result_comes_in_every_format(ask):
    assert json.loads(ask("ASK {}", "*/*").content)["boolean"] is True
    assert b"<boolean>false</boolean>" in ask("ASK { <a:a> <a:b> <a:c> }", "application/xml").content
    assert ask("ASK {}", "text/csv").content == b"true\n"


def count(answered):
    return int(json.loads(answered.content)["results"]["bindings"][0]["n"]["value"])


def test_default_graph_is_the_union_unless_the_request_or_query_names_another(ask, checked):
    query = "SELECT (COUNT(*) AS ?n) %s { ?s ?p ?o }"
    graph = next(summary for summary in checked.documents)
    whole = {quad[:3] for summary in checked.summaries for quad in checked.quads(summary.name)}
    assert count(ask(query % "")) == len(whole)
    assert count(ask(query % f"FROM <{graph.graph}>")) == graph.triples
    assert count(ask(query % "", default_graphs=(graph.graph,))) == graph.triples
    assert count(ask(query % f"FROM <{graph.graph}>", default_graphs=("urn:none",))) == 0
    assert count(ask("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", named_graphs=(graph.graph,))) == graph.triples


@pytest.mark.parametrize(
    ("query", "used"),
    [
        ("SELECT * { SERVICE <http://a.example/> { ?s ?p ?o } }", True),
        ("SELECT * { ?s ?p ?o FILTER(?s<?o)SERVICE#>\n<http://a.example/> { ?s ?p ?o } }", True),
        ("SELECT * { # none\n service silent ?x { } }", True),
        ('SELECT * { ?service ?p "SERVICE <http://a.example/> { }" # SERVICE ?x {}\n }', False),
        ("PREFIX service: <http://a.example/SERVICE/> SELECT * { ?s a service:service }", False),
        ("SELECT * { ?s ?p '''\n} SERVICE <a:b> {''' }", False),
    ],
)
def test_service_is_found_where_it_is_one(query, used):
    assert uses(query, "SERVICE") is used


def test_no_other_endpoint_is_asked(ask):
    with pytest.raises(HTTPError) as refused:
        ask("SELECT * { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }")
    assert str(refused.value) == "federated queries (SERVICE) are disabled on this endpoint"


class Endpoint(BaseHTTPRequestHandler):
    """Answers one row; sent to /elsewhere, it sends on to /."""

    asked: ClassVar = []

    def do_POST(self):
        self.asked.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        row = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"from there"}}]}}'
        self.send_response(302 if self.path == "/elsewhere" else 200)
        self.send_header("Location", "/")
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(row)))
        self.end_headers()
        self.wfile.write(row)

    def log_message(self, *words):
        pass


@pytest.fixture
def endpoint():
    """The host and port of another endpoint, which notes the paths it was asked at."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Endpoint.asked.clear()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_endpoint_on_a_host_that_is_allowed_is_asked(ask, endpoint):
    allowed = read_limits([], [endpoint])
    query = f"SELECT ?s {{ # SERVICE <a:b>\n SERVICE SILENT <http://{endpoint}/at?a=b> {{ ?s ?p '''SERVICE''' }} }}"
    assert ask(query, "text/csv", allowed).content == b"s\r\nfrom there\r\n"
    assert json.loads(ask(f"ASK {{ service<http://{endpoint}>{{ ?s ?p ?o }} }}", "", allowed).content)["boolean"]
    assert Endpoint.asked == ["/at?a=b", "/"]


IN_FULL = "expected SERVICE <URL>, with the URL written in full"


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        ("SERVICE <http://localhost:1/> {}", "expected an endpoint on HOST, got <http://localhost:1/>"),
        ("SERVICE <http://HOST@localhost:1/> {}", "expected an endpoint on HOST, got <http://HOST@localhost:1/>"),
        ("SERVICE <http://HOST.localhost/> {}", "expected an endpoint on HOST, got <http://HOST.localhost/>"),
        ("SERVICE <file://HOST/etc/passwd> {}", "expected an endpoint on HOST, got <file://HOST/etc/passwd>"),
        ("SERVICE <http://HOST/> { SERVICE <http://a.example/> {} }", "expected an endpoint on HOST, got <http://a.e"),
        ("?s ?p ?o SERVICE ?o {}", IN_FULL),
        ("SERVICE x:y {}", IN_FULL),
        ("SERVICE # a comment\n <http://HOST/> {}", IN_FULL),
        ("SERVICE <http://\\u0061.example/> {}", IN_FULL),
        ("?s ?p ?o FILTER(?s<?o)SERVICE#>\n<http://a.example/> {}", IN_FULL),
    ],
)
def test_no_other_host_is_asked_than_those_allowed(ask, endpoint, clause, message):
    with pytest.raises(HTTPError) as refused:
        query = f"PREFIX x: <http://HOST/> SELECT * {{ {clause} }}".replace("HOST", endpoint)
        ask(query, limits=read_limits([], [endpoint]))
    assert (refused.value.status, Endpoint.asked) == (400, [])
    assert str(refused.value).startswith(f"SERVICE: {message.replace('HOST', endpoint)}")


def test_query_is_not_sent_where_an_endpoint_redirects(ask, endpoint):
    with pytest.raises(HTTPError) as refused:
        ask(f"SELECT * {{ SERVICE <http://{endpoint}/elsewhere> {{ ?s ?p ?o }} }}", limits=read_limits([], [endpoint]))
    message = f"SERVICE: http://{endpoint}/elsewhere: redirects to http://{endpoint}/; use that URL instead"
    assert (refused.value.status, str(refused.value)) == (502, message)
    assert Endpoint.asked == ["/elsewhere"]


@pytest.mark.parametrize("host", ["https://query.wikidata.org", "a.example/sparql", "me@a.example", "*", ""])
def test_service_is_allowed_by_host_alone(host):
    with pytest.raises(ArgumentError) as error:
        read_limits([], [host])
    assert str(error.value) == f"allow-service: expected HOST or HOST:PORT, such as query.wikidata.org, got '{host}'"


@pytest.mark.parametrize("update", ["INSERT DATA { <a:a> <a:b> <a:c> }", "DROP ALL", "LOAD <http://127.0.0.1:1/>"])
def test_nothing_is_written(ask, checked, update):
    before = len(checked.graph())
    with pytest.raises(HTTPError) as refused:
        ask(update)
    assert refused.value.status == 400
    assert str(refused.value).startswith("the query cannot be answered: SPARQL updates are not allowed")
    assert len(checked.graph()) == before


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"rows": 10}, "the answer has more than 10 rows: ask for fewer with LIMIT"),
        ({"result_bytes": 1000}, "the answer has more than 1,000 bytes: ask for less with LIMIT"),
    ],
)
@pytest.mark.parametrize("accept", ROWS)
def test_answer_past_a_limit_is_refused_and_not_cut(ask, accept, limits, message):
    with pytest.raises(HTTPError) as refused:
        ask("SELECT * { ?s ?p ?o } LIMIT 11", accept, Limits(**limits))
    assert (refused.value.status, str(refused.value)) == (400, message)


def test_triples_past_their_limit_are_refused_and_not_cut(ask):
    query = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 11"
    with pytest.raises(HTTPError) as refused:
        ask(query, limits=Limits(rows=10))
    assert str(refused.value) == "the answer has more than 10 triples: ask for fewer with LIMIT"
    assert ask(query, "application/n-triples", Limits(rows=11)).content.count(b"\n") == 11


@pytest.mark.parametrize("accept", ROWS)
def test_answer_at_the_limit_is_given(ask, accept):
    query = """SELECT ?o ?looks_like_rows { ?s ?p ?o BIND ("},{ }},{\\"}},{\\n\\n<result>" AS ?looks_like_rows) } LIMIT 10"""
    content = ask(query, accept, Limits(rows=10)).content
    assert content == ask(query, accept).content


def test_unacceptable_format_is_refused(ask):
    with pytest.raises(HTTPError) as refused:
        ask("SELECT * { ?s ?p ?o }", "text/turtle")
    assert (refused.value.status, str(refused.value)) == (
        406,
        "accept: expected one of application/sparql-results+json, application/sparql-results+xml, text/csv,"
        " text/tab-separated-values",
    )


def test_query_that_needs_too_much_memory_is_stopped(ask):
    cross = "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d))) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
    started = time.monotonic()
    with pytest.raises(HTTPError) as refused:
        ask(cross, limits=Limits(memory=300_000_000, time=60))
    assert (refused.value.status, "needs more memory" in str(refused.value)) == (503, True)
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("query", ["SELECT * " + "{" * 20_000 + "}" * 20_000, f"ASK {{ FILTER({'(' * 20_000}1"])
def test_query_nested_too_deeply_is_refused(ask, query):
    with pytest.raises(HTTPError) as refused:
        ask(query)
    problem = "the query engine stopped (SIGSEGV): the query is nested too deeply"
    assert (refused.value.status, str(refused.value)) == (400, problem)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("tiem", "1", "setting: no limit is named 'tiem', did you mean 'time'?"),
        ("rows", "-1", "rows: expected a whole number above 0, got '-1'"),
        ("rows", "٣", "rows: expected a whole number above 0, got '٣'"),
    ],
)
def test_unknown_limit_is_refused(name, value, message):
    with pytest.raises(ArgumentError) as error:
        read_limits([(name, value)])
    assert str(error.value) == message


def test_result_may_be_freed_in_another_thread():
    """The engine's own iterators may not be: it says so on standard error, where no test would see it."""
    code = """
import threading
from whereas.rdf.store import Graph
answers = []
def ask():
    answers.append(Graph().query("SELECT ?a { VALUES ?a { 1 2 } }"))
    assert answers[0].columns == ("a",)
thread = threading.Thread(target=ask)
thread.start()
thread.join()
answers.clear()
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr == ""


def test_syntax_error_has_its_location_and_is_translated():
    for query, english, french in (
        ("# nothing\n", "the query is empty", "la requête est vide"),
        (
            "SELECT * {\n ?s foo:a ?o }",
            "line 2, column 5: the prefix foo: is not declared",
            "ligne 2, colonne 5 : le préfixe foo: n’est pas déclaré",
        ),
        (
            "SELECT ?x { ?s ?p ?o } GROUP BY ?s",
            "line 1, column 35: a selected variable is not bound",
            "ligne 1, colonne 35 : une variable sélectionnée n’est pas liée",
        ),
        (
            "SELECT * { ?s ?p <b> }",
            "line 1, column 21: expected an absolute IRI before this position",
            "ligne 1, colonne 21 : une",
        ),
        ("SELECT * { ?s ?p ?o", "line 1, column 20: expected", "ligne 1, colonne 20 : attendu : "),
        ("PREFIX a: <urn:#> # b\nwith", "SPARQL updates are not allowed", "les mises à jour SPARQL"),
    ):
        with pytest.raises(ArgumentError) as error:
            Graph().query(query)
        assert error.value.message.in_language("en").startswith(f"the query cannot be answered: {english}")
        assert error.value.message.in_language("fr").startswith(f"la requête n’a pas de réponse : {french}")
        assert len(error.value.message.in_language("en")) < 150


def test_library_honours_from_too():
    graph = Graph()
    graph.load("<a:a> <a:p> <a:b> <a:one> .\n<a:c> <a:p> <a:d> <a:two> .\n")
    assert len(graph.query("SELECT * FROM <a:one> { ?s ?p ?o }").rows) == 1
    assert len(graph.query("SELECT * { ?s ?p ?o } # FROM <a:one>").rows) == 2
