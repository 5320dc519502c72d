"""Federated queries of the project, on servers in the shape of Wikidata and EuroVoc."""

import json
from pathlib import Path

import pytest

import whereas
from servers import free_port, oxigraph, put
from whereas.http.client import user_agent

PROJECT = whereas.read_project(Path(__file__).parents[2])
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


def test_positions_held_on_the_day_come_from_the_service_of_the_option(wikidata, oxigraph_store, ask):
    local = ask("positions-held", "--service", wikidata.query, "--format", "csv")
    assert local.returncode == 0, local.stderr
    rows = [line.split(",") for line in local.stdout.splitlines()[1:]]
    assert {(line[1], line[2], line[3]) for line in rows if line[4] == "2022-06-09"} == {
        ("member of the European Parliament", "2019-07-02", ""),
        ("office to the end of a year", "", "2022"),
        ("office since nobody knows when", "", ""),
    }
    remote = ask("positions-held", "--service", wikidata.query, "--endpoint", oxigraph_store.query, "--format", "csv")
    assert remote.stdout == local.stdout


def test_identifiers_of_the_parliament_are_compared_with_wikidata(wikidata, ask):
    run = ask("parliament-ids", "--service", wikidata.query, "--format", "csv")
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
def test_terms_of_eurovoc_come_from_the_service_of_the_option(language, term, broader, ask):
    with oxigraph() as office:
        put(f"{office.address}/store?default", EUROVOC.encode(), "text/turtle")
        run = ask("eurovoc-terms", "--service", office.query, "--lang", language, "--format", "json")
    rows = [
        {name: cell["value"] for name, cell in row.items()} for row in json.loads(run.stdout)["results"]["bindings"]
    ]
    assert {(row["term"], row["broader"]) for row in rows} == {(term, broader)}
    assert {row["relation"].rpartition("#")[2] for row in rows} >= {"closeMatch"}


@pytest.mark.parametrize(
    ("language", "office"), [("fr", "député européen"), ("en", "member of the European Parliament")]
)
def test_positions_come_in_the_readers_language(language, office, wikidata, ask):
    run = ask("positions-held", "--service", wikidata.query, "--lang", language)
    assert office in {line.split(",")[1] for line in run.stdout.splitlines()[1:]}


def test_item_of_the_option_is_the_only_one(wikidata, ask):
    run = ask("positions-held", "--service", wikidata.query, "--item", "wd:Q1", "--format", "json")
    assert run.returncode == 0
    assert '"bindings":[]' in run.stdout


def test_service_that_is_down_is_one_sentence(ask):
    address = f"http://127.0.0.1:{free_port()}/sparql"
    run = ask("positions-held", "--service", address)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"whereas: {address}: cannot be reached: Connection refused\n"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("missing", "answered 404 Not Found"),
        ("failing", "answered 500 Internal Server Error"),
        ("html", "expected SPARQL results, got '<!doctype html>'"),
        ("truncated-json", "invalid JSON at character 50"),
        (
            "truncated",
            "connection lost: peer closed connection without sending complete message body (received 50 bytes, expected 94); try again",
        ),
    ],
)
def test_failure_of_a_service_is_one_sentence(faulty, path, sentence, ask):
    run = ask("positions-held", "--service", f"{faulty.url}/{path}")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"whereas: {faulty.url}/{path}: {sentence}\n"


def test_busy_service_is_asked_again_with_the_contact(faulty, ask):
    run = ask("positions-held", "--service", f"{faulty.url}/busy-at-first/0")
    assert (run.returncode, run.stderr) == (0, "")
    agents = [headers["User-Agent"] for _, _, headers in faulty.requests]
    assert agents == [user_agent(PROJECT.contact or PROJECT.homepage)] * 2


def test_service_url_never_becomes_syntax(ask):
    run = ask("positions-held", "--service", "http://a/> {} #")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "whereas: service: expected an http or https URL, got 'http://a/> {} #'\n"
