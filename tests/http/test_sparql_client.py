"""Saved queries answer on real stores as they do at home; what goes wrong elsewhere is one sentence."""

import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

import whereas
from servers import free_port, oxigraph, put, put_with_digest, running, virtuoso
from whereas.errors import ArgumentError, RemoteError
from whereas.http.sparql_client import agent, ask_endpoint
from whereas.project.ontology import read_prefixes
from whereas.project.queries import Query, read_queries
from whereas.rdf.results import QueryResult
from whereas.rdf.store import Graph
from whereas.rdf.terms import nquads

ROOT = Path(__file__).parents[2]
PROJECT = whereas.read_project(ROOT)
QUERIES = read_queries(PROJECT, read_prefixes(PROJECT))
LOCAL = [query for query in QUERIES.values() if not query.federated]
WHEREAS = Path(sys.executable).with_name("whereas")
XSD = "http://www.w3.org/2001/XMLSchema#"


def everything(checked) -> str:
    return nquads(quad for summary in checked.summaries for quad in checked.quads(summary.name))


@pytest.fixture(scope="module")
def oxigraph_store(checked):
    with oxigraph() as server:
        put(f"{server.address}/store", everything(checked).encode(), "application/n-quads")
        yield server


@pytest.fixture(scope="module")
def virtuoso_store(checked, tmp_path_factory):
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as server:
        graphs = defaultdict(list)
        for summary in checked.summaries:
            for *triple, graph in checked.quads(summary.name):
                graphs[graph].append((*triple, ""))
        for graph, triples in graphs.items():
            put_with_digest(server, graph[1:-1], nquads(triples).encode())
        yield server


@pytest.fixture(params=["oxigraph", "virtuoso"])
def store(request):
    return request.getfixturevalue(f"{request.param}_store")


@pytest.fixture(scope="module")
def graph(checked) -> Graph:
    return checked.graph()


# The one difference that is no difference: Oxigraph keeps every integer as xsd:integer, so the
# embedded store does too, where Virtuoso keeps the datatype that was written.
SAME_VALUE = {f"{XSD}nonNegativeInteger": f"{XSD}integer"}


def compared(answer: QueryResult) -> object:
    """What must be the same on every store: columns and rows in order, yes or no, triples."""
    if not answer.json:
        return sorted(tuple(_same_value(term) for term in triple) for triple in answer.triples)
    told = [
        [cell and (cell.kind, cell.value, cell.language, SAME_VALUE.get(cell.datatype, cell.datatype)) for cell in row]
        for row in answer.rows
    ]
    return answer.columns, answer.boolean, told


def _same_value(term: str) -> str:
    return re.sub(r"\^\^<([^>]*)>$", lambda match: f"^^<{SAME_VALUE.get(match[1], match[1])}>", term)


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_saved_query_answers_the_same_on_every_store(query: Query, graph, store):
    text = query.bind(dict(query.example.arguments))
    assert compared(ask_endpoint(store.query, text)) == compared(graph.query(text))


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_saved_query_as_it_stands_answers_the_same_on_every_store(query: Query, graph, store):
    assert compared(ask_endpoint(store.query, query.text)) == compared(graph.query(query.text))


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s ?p ?o }",
        "ASK { <urn:nobody> ?p ?o }",
        "# SELECT\nPREFIX ask: <urn:select>\nASK { ?s ?p 'no such text' }",
        "PREFIX owl: <http://www.w3.org/2002/07/owl#> CONSTRUCT { ?s a owl:Class } WHERE { ?s a owl:Class ; ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s <https://w3id.org/whereas/ns#statedIn> ?o }",
    ],
)
def test_query_of_ones_own_answers_the_same_on_every_store(text, graph, store):
    assert compared(ask_endpoint(store.query, text)) == compared(graph.query(text))


def asked(*words: str) -> subprocess.CompletedProcess[str]:
    command = [str(WHEREAS), "ask", "-C", str(ROOT), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("form", ["csv", "tsv", "md", "ttl"])
def test_command_prints_a_stores_answer_in_the_same_words(form, store):
    here = asked("demands-by", "--lang", "fr", "--format", form)
    there = asked("demands-by", "--lang", "fr", "--format", form, "--endpoint", store.query)
    assert there.returncode == 0, there.stderr
    assert there.stdout == here.stdout


def test_query_that_is_none_is_refused_in_one_sentence(store):
    with pytest.raises(ArgumentError) as error:
        ask_endpoint(store.query, "SELECT ?s { ?s ?p")
    assert str(error.value).startswith(f"{store.query}: refused the query: ")
    assert "\n" not in str(error.value)


def test_update_is_no_question(store):
    with pytest.raises(ArgumentError) as error:
        ask_endpoint(store.query, "DROP ALL")
    expected = "expected a query that starts with SELECT, ASK, CONSTRUCT or DESCRIBE after its prefixes"
    assert str(error.value) == expected
    assert ask_endpoint(store.query, "ASK { ?s ?p ?o }").boolean


# -------------------------------------------------------------------- servers that misbehave


class Misbehaving(BaseHTTPRequestHandler):
    """Answers each path with one fault."""

    protocol_version = "HTTP/1.1"
    agents: ClassVar[list[str]] = []  # that asked a server which is busy at first
    results = b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "value": "urn:a"}}]}}'
    json_type = "application/sparql-results+json"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        getattr(self, self.path.strip("/").replace("-", "_"))()

    def do_GET(self):
        self.answer(200, "text/html", b"<!doctype html><title>Welcome</title>")

    def answer(self, status, kind, content, length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length or len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def sound(self):
        self.answer(200, self.json_type, self.results)

    def missing(self):
        self.answer(404, "text/html", b"<h1>Not here</h1>")

    def failing(self):
        self.answer(500, "text/plain", b"Traceback: secret")

    def busy(self):
        self.answer(503, "text/plain", b"later", Retry_After="1")

    def busy_at_first(self):
        self.agents.append(self.headers["User-Agent"])
        if len(self.agents) == 1:
            self.answer(503, "text/plain", b"later", Retry_After="0")
        else:
            self.sound()

    def locked(self):
        self.answer(401, "text/plain", b"who are you?")

    def html(self):
        self.answer(200, "text/html", b"\n<!doctype html>\n<title>Log in</title>")

    def other_json(self):
        self.answer(200, "application/json", b'{"ok": true}')

    def list_json(self):
        self.answer(200, "application/json", b"[1, 2]")

    def truncated(self):
        self.answer(200, self.json_type, self.results[:50])

    def cut(self):
        self.answer(200, self.json_type, self.results[:50], len(self.results))
        self.close_connection = True

    def zipped(self):
        self.answer(200, self.json_type, gzip.compress(self.results), Content_Encoding="gzip")

    def not_zipped(self):
        self.answer(200, self.json_type, self.results, Content_Encoding="gzip")

    def moved(self):
        self.answer(302, "text/plain", b"", Location="/front")

    def moved_for_good(self):
        self.answer(308, "text/plain", b"", Location="/sound")

    def silent(self):
        time.sleep(3)
        self.close_connection = True

    def dripping(self):
        self.send_response(200)
        self.send_header("Content-Type", self.json_type)
        self.send_header("Content-Length", str(len(self.results)))
        self.end_headers()
        for byte in self.results:
            try:
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)
            except OSError:
                return

    def log_message(self, *told):
        pass


@pytest.fixture(scope="module")
def misbehaving():
    with ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("missing", "answered 404 Not Found"),
        ("failing", "answered 500 Internal Server Error"),
        ("busy", "answered 503 Service Unavailable"),
        ("locked", "answered 401 Unauthorized"),
        ("html", "expected SPARQL results, got '<!doctype html>'"),
        ("other-json", "expected SPARQL results, got '{\"ok\": true}'"),
        ("list-json", "expected SPARQL results, got '[1, 2]'"),
        ("truncated", "the answer is broken JSON, at character 50"),
        ("cut", "the answer is cut short"),
        ("not-zipped", "the answer says it is gzip and is not"),
        ("moved-for-good", "redirects to /sound; give that address"),
        ("silent", "no whole answer within 1 s"),
        ("dripping", "no whole answer within 1 s"),
    ],
)
def test_fault_elsewhere_is_one_sentence(misbehaving, path, sentence):
    address = f"{misbehaving}/{path}"
    with pytest.raises(RemoteError) as error:
        ask_endpoint(address, "SELECT ?s { ?s ?p ?o }", 1)
    assert str(error.value) == f"{address}: {sentence}"


def test_redirect_that_loses_the_question_is_one_sentence(misbehaving):
    with pytest.raises(RemoteError) as error:
        ask_endpoint(f"{misbehaving}/moved", "SELECT ?s { ?s ?p ?o }")
    assert str(error.value) == f"{misbehaving}/moved: redirects to {misbehaving}/front; give that address"


@pytest.mark.parametrize("path", ["sound", "zipped"])
def test_sound_answer_is_read_zipped_or_not(misbehaving, path):
    (row,) = ask_endpoint(f"{misbehaving}/{path}", "SELECT ?s { ?s ?p ?o }").rows
    assert row[0].value == "urn:a"


def test_endpoint_that_is_down_is_one_sentence():
    address = f"http://127.0.0.1:{free_port()}/query"
    run = asked("demands-by", "--endpoint", address)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"whereas: {address}: cannot be reached: Connection refused\n"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("ftp://127.0.0.1/query", "expected an http or https address, got 'ftp://127.0.0.1/query'"),
        ("query", "expected an http or https address, got 'query'"),
        ("http://", "expected an http or https address, got 'http://'"),
        ("http://[::1", "expected an http or https address, got 'http://[::1'"),
        ("http://127.0.0.1:port/", "expected an http or https address, got 'http://127.0.0.1:port/'"),
        ("http://a b/", "expected an http or https address, got 'http://a b/'"),
        ("http://me:secret@127.0.0.1/query", "an address holds no user nor password"),
        ("ftp://me:secret@127.0.0.1/", "expected an http or https address, got '…'"),
    ],
)
def test_address_that_is_none_is_one_sentence(address, sentence):
    with pytest.raises(ArgumentError) as error:
        ask_endpoint(address, "ASK {}")
    assert str(error.value) == f"endpoint: {sentence}"


# -------------------------------------------------------------------- Wikidata, by SERVICE

WIKIDATA = """
PREFIX wd: <http://www.wikidata.org/entity/>
PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX wds: <http://www.wikidata.org/entity/statement/>
PREFIX p: <http://www.wikidata.org/prop/>
PREFIX ps: <http://www.wikidata.org/prop/statement/>
PREFIX pq: <http://www.wikidata.org/prop/qualifier/>
PREFIX pqv: <http://www.wikidata.org/prop/qualifier/value/>
PREFIX wikibase: <http://wikiba.se/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
wd:Q556149 wdt:P1186 "197694" ; wdt:P39 wd:Q27169 ; p:P39 wds:now, wds:before, wds:after ;
  rdfs:label "Raphaël Glucksmann"@fr, "Raphaël Glucksmann"@en, "拉斐尔·格鲁克斯曼"@zh .
wds:now ps:P39 wd:Q27169 ; pq:P580 "2019-07-02T00:00:00Z"^^xsd:dateTime .
wds:before ps:P39 wd:Q1 ; pq:P580 "2001-01-01T00:00:00Z"^^xsd:dateTime ; pq:P582 "2002-01-01T00:00:00Z"^^xsd:dateTime .
wds:after ps:P39 wd:Q2 ; pq:P580 "2030-01-01T00:00:00Z"^^xsd:dateTime .
wd:Q556149 p:P39 wds:year, wds:wrong, wds:unknown .
wds:year ps:P39 wd:Q3 ; pq:P582 "2022-01-01T00:00:00Z"^^xsd:dateTime ;
  pqv:P582 [ wikibase:timeValue "2022-01-01T00:00:00Z"^^xsd:dateTime ; wikibase:timePrecision 9 ] .
wds:wrong ps:P39 wd:Q4 ; wikibase:rank wikibase:DeprecatedRank .
wds:unknown ps:P39 wd:Q5 ; pq:P580 <http://www.wikidata.org/.well-known/genid/a> .
wd:Q3 rdfs:label "office to the end of a year"@en . wd:Q4 rdfs:label "office never held"@en .
wd:Q5 rdfs:label "office since nobody knows when"@en .
wd:Q27169 rdfs:label "member of the European Parliament"@en, "député européen"@fr, "欧洲议会议员"@zh,
  "ياۋروپا پارلامېنتى ئەزاسى"@ug .
wd:Q1 rdfs:label "office of before"@en . wd:Q2 rdfs:label "office of after"@en .
"""


@pytest.fixture(scope="module")
def wikidata():
    with oxigraph() as server:
        put(f"{server.address}/store?default", WIKIDATA.encode(), "text/turtle")
        yield server


def test_positions_held_on_the_day_come_from_the_service_named(wikidata, oxigraph_store):
    here = asked("positions-held", "--service", wikidata.query, "--format", "csv")
    assert here.returncode == 0, here.stderr
    told = [line.split(",") for line in here.stdout.splitlines()[1:]]
    assert {(line[1], line[2], line[3]) for line in told if line[4] == "2022-06-09"} == {
        ("member of the European Parliament", "2019-07-02", ""),
        ("office to the end of a year", "", "2022"),
        ("office since nobody knows when", "", ""),
    }
    there = asked("positions-held", "--service", wikidata.query, "--endpoint", oxigraph_store.query, "--format", "csv")
    assert there.stdout == here.stdout


def test_parliament_s_identifiers_are_held_to_wikidata_s(wikidata):
    run = asked("parliament-ids", "--service", wikidata.query, "--format", "csv")
    assert run.stdout.splitlines()[1:] == [
        "Raphaël Glucksmann,true,https://data.europarl.europa.eu/person/197694,"
        "https://data.europarl.europa.eu/person/197694,https://w3id.org/whereas/ent/raphael-glucksmann,"
        "http://www.wikidata.org/entity/Q556149"
    ]


EUROVOC = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX eurovoc: <http://eurovoc.europa.eu/>
eurovoc:3920 skos:prefLabel "crime against humanity"@en, "crime contre l'humanité"@fr ; skos:broader eurovoc:c_1 .
eurovoc:c_1 skos:prefLabel "international criminal law"@en, "droit pénal international"@fr .
eurovoc:1 skos:prefLabel "another notion"@en .
"""


@pytest.mark.parametrize(
    ("language", "term", "broader"),
    [
        ("en", "crime against humanity", "international criminal law"),
        ("fr", "crime contre l'humanité", "droit pénal international"),
    ],
)
def test_terms_of_eurovoc_come_from_the_service_named(language, term, broader):
    with oxigraph() as office:
        put(f"{office.address}/store?default", EUROVOC.encode(), "text/turtle")
        run = asked("eurovoc-terms", "--service", office.query, "--lang", language, "--format", "json")
    rows = [
        {name: cell["value"] for name, cell in row.items()} for row in json.loads(run.stdout)["results"]["bindings"]
    ]
    assert {(row["term"], row["broader"]) for row in rows} == {(term, broader)}
    assert {row["relation"].rpartition("#")[2] for row in rows} >= {"closeMatch"}


@pytest.mark.parametrize(
    ("language", "office"), [("fr", "député européen"), ("en", "member of the European Parliament")]
)
def test_positions_come_in_the_readers_language(language, office, wikidata):
    run = asked("positions-held", "--service", wikidata.query, "--lang", language)
    assert office in {line.split(",")[1] for line in run.stdout.splitlines()[1:]}


def test_item_asked_for_is_the_only_one(wikidata):
    run = asked("positions-held", "--service", wikidata.query, "--item", "wd:Q1", "--format", "json")
    assert run.returncode == 0
    assert '"bindings":[]' in run.stdout


def test_service_that_is_down_is_one_sentence():
    address = f"http://127.0.0.1:{free_port()}/sparql"
    run = asked("positions-held", "--service", address)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"whereas: {address}: cannot be reached: Connection refused\n"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("missing", "answered 404 Not Found"),
        ("failing", "answered 500 Internal Server Error"),
        ("html", "expected SPARQL results, got '<!doctype html>'"),
        ("truncated", "the answer is broken JSON, at character 50"),
        ("cut", "the answer is cut short"),
    ],
)
def test_service_that_misbehaves_is_one_sentence(misbehaving, path, sentence):
    run = asked("positions-held", "--service", f"{misbehaving}/{path}")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"whereas: {misbehaving}/{path}: {sentence}\n"


def test_busy_service_is_asked_again_and_told_who_asks(misbehaving):
    Misbehaving.agents.clear()
    run = asked("positions-held", "--service", f"{misbehaving}/busy-at-first")
    assert (run.returncode, run.stderr) == (0, "")
    assert Misbehaving.agents == [agent(PROJECT.contact or PROJECT.homepage)] * 2


def test_service_address_never_becomes_syntax():
    run = asked("positions-held", "--service", "http://a/> {} #")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "whereas: service: expected an http or https address, got 'http://a/> {} #'\n"


# -------------------------------------------------------------------- the how-to

PAGE = (ROOT / "docs/how-to/ask-an-endpoint.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S) for line in block.splitlines()]
ASKING = [line for line in COMMANDS if line.startswith(("whereas", "curl"))]
SCRIPTS = re.findall(r"^```(python|js|r)\n(.*?)^```", PAGE, re.M | re.S)
RUN_BY = {"python": (sys.executable, "-c"), "js": ("node", "--input-type=module", "-e"), "r": ("Rscript", "-e")}
NOTEBOOK = json.loads((ROOT / "docs/how-to/ask-an-endpoint.ipynb").read_text("utf-8"))


@pytest.fixture(scope="module")
def served(checked):
    """The address of our own server."""
    address = f"http://127.0.0.1:{free_port()}"
    command = [str(WHEREAS), "serve", "-C", str(checked.project.root), "-p", address.rpartition(":")[2]]
    with running(command, f"{address}/-/health"):
        yield address


@pytest.fixture(params=["oxigraph", "whereas"])
def placed(request, served):
    """The words of the page with the addresses of a real endpoint in them: a store's, then our own."""
    store = request.getfixturevalue("oxigraph_store").query if request.param == "oxigraph" else f"{served}/sparql"
    return lambda text: text.replace("http://localhost:7878/query", store).replace("http://localhost:8001", served)


@pytest.mark.parametrize("command", ASKING)
def test_command_of_the_page_works(command, placed):
    words = shlex.split(placed(command))
    environment = {**os.environ, "PATH": f"{WHEREAS.parent}:{os.environ['PATH']}"}
    run = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout


@pytest.mark.parametrize(("language", "script"), SCRIPTS)
def test_script_of_the_page_prints_who_demands_what(language, script, placed):
    command = RUN_BY[language]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is absent: make system installs it")
    run = subprocess.run([*command, placed(script)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert " · " in run.stdout


def test_notebook_prints_what_it_shows(placed):
    cells = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    script = "\n".join("".join(cell["source"]) for cell in cells)
    shown = "".join("".join(output["text"]) for cell in cells for output in cell["outputs"])
    run = subprocess.run([sys.executable, "-c", placed(script)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, shown), run.stderr
