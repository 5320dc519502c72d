"""SPARQL, search, the API description and metrics over HTTP, and errors in the client's language."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving import PERSON


@pytest.mark.parametrize(
    ("query", "cache_control"),
    [
        ("SELECT (RAND() AS ?a) {}", "no-store"),
        ("SELECT ?g { GRAPH ?g {} }", "no-cache"),
        ("CONSTRUCT { ?s a ?c } { ?s a ?c }", "no-cache"),
    ],
)
def test_caches_do_not_store_volatile_results(client, query, cache_control):
    reply = client.get("/sparql", params={"query": query}, headers={"Accept": "application/json"})
    assert (reply.status_code, reply.headers["cache-control"]) == (200, cache_control)
    again = client.get(reply.url, headers={"Accept": "application/json", "If-None-Match": reply.headers["etag"]})
    assert again.status_code == (304 if cache_control == "no-cache" else 200)
    posted = client.post("/sparql", data={"query": query}, headers={"If-None-Match": "*", "Range": "bytes=0-3"})
    assert posted.status_code == 200


def test_update_changes_nothing(client):
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    before = client.post("/sparql", data={"query": count}).json()
    for update in ("DROP ALL", "INSERT DATA { <a:a> <a:b> <a:c> }"):
        assert client.post("/sparql", data={"query": update}).status_code == 400
        assert client.post("/sparql", data={"update": update}).status_code == 400
    assert client.post("/sparql", data={"query": count}).json() == before


def test_service_description_has_prefixes_partitions_and_saved_queries(client):
    description = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
    for name in (
        "UnionDefaultGraph",
        "classPartition",
        "shacl#declare",
        "shacl#SPARQLSelectExecutable",
        "dcat#DataService",
        "<http://www.w3.org/ns/formats/SPARQL_Results_JSON>",
        "<http://www.w3.org/ns/formats/RDF_XML>",
    ):
        assert name in description
    assert "BasicFederatedQuery" not in description


def test_metrics_count_requests(client):
    client.get("/no-such")
    assert 'whereas_requests_total{route="pages",status="404"}' in client.get("/-/metrics").text
    assert client.get("/-/ready").text == "ready\n"


def test_api_page_is_in_the_readers_language(client):
    french = client.get("/api", headers={"Accept-Language": "fr"})
    assert (french.headers["content-language"], french.headers["vary"]) == ("fr", "Accept-Language, Accept-Encoding")
    assert "<h2>Qui demande quoi, et en quels termes</h2>" in french.text
    assert "Interroger en SPARQL" in french.text and "Query in SPARQL" not in french.text
    assert '<a class="brand" href=' in french.text
    assert client.get("/api.fr.html").text == french.text
    english = client.get("/api.en.html").text
    assert "Query in SPARQL" in english and "Interroger" not in english
    assert english.count("/queries/demands-by.csv") == 1


def test_openapi_document_is_english_unless_another_language_is_requested(client):
    document = client.get("/openapi.json").json()
    assert document["paths"]["/sparql"]["get"]["summary"] == "Query in SPARQL"
    assert {"/search.json", "/-/health", "/-/ready", "/-/metrics"} <= document["paths"].keys()
    schemas = {one["name"]: one["schema"] for one in document["paths"]["/queries/demands-by.csv"]["get"]["parameters"]}
    assert (schemas["size"]["maximum"], sorted(schemas["language"]["enum"])) == (10_000, ["en", "fr"])
    assert client.get("/queries/demands-by.csv?size=10001").status_code == 400
    wrong = client.get("/queries/demands-by.csv?language=de")
    assert (wrong.status_code, wrong.text) == (
        400,
        f"language: expected {', '.join(schemas['language']['enum'])}, got 'de'\n",
    )
    document = client.get("/openapi.json", headers={"Accept-Language": "fr"}).json()
    assert document["paths"]["/sparql"]["get"]["summary"] == "Interroger en SPARQL"


def test_openapi_holds_under_fuzzing(server):
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"{server.address}/openapi.json"]
    options = ["--checks", "not_a_server_error,content_type_conformance,status_code_conformance", "--seed", "1"]
    options += ["--phases", "examples,fuzzing", "--max-examples", "5", "--no-color"]
    options += ["--include-path-regex", "search|sparql|health|reconcile|demands-by.csv|timeline.json|matrix.md"]
    run = subprocess.run([*command, *options], capture_output=True, text=True, check=False, cwd=server.folder)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("DELETE", "/", 405, "méthode : GET, HEAD, OPTIONS est attendu, et non DELETE"),
        ("GET", "/sparql?query=ASK{}&query=ASK{}", 400, "query : une est attendue, et non 2"),
        ("GET", "/queries/demands-by.csv?page=99", 400, "page : un nombre de 1 à 1 est attendu, et non 99"),
        ("GET", "/-/nothing", 404, "rien n’est publié à cette adresse : /-/nothing"),
        ("GET", "/queries/demands-by.csv?speaker=a b", 400, "speaker : foaf:Agent est attendu, et non « a b »"),
        (
            "GET",
            "/sparql?query=SELECT(1 AS ?a){SERVICE<a:b>{}}",
            400,
            "les requêtes fédérées (SERVICE) sont désactivées",
        ),
        ("GET", "/sparql?query=a", 400, "la requête n’a pas de réponse : ligne 1, colonne 2 : "),
    ],
)
def test_error_messages_are_in_the_readers_language(client, method, path, status, message):
    reply = client.request(method, path, headers={"Accept-Language": "fr"})
    assert (reply.status_code, reply.headers["content-language"]) == (status, "fr")
    assert reply.text.startswith(message)


def test_search_page_shows_words_and_no_markup(client):
    hostile = "<script>alert(1)</script> Sanctions"
    page = client.get("/search", params={"q": hostile})
    assert "<script>" not in page.text
    results = client.get("/search", params={"q": "Chen Quanguo"}, headers={"Accept-Language": "en"}).text
    assert "<mark>Chen</mark>" in results
    links = re.findall(r'<li>.*<a href="([^"#]+)', results)
    assert f"{PERSON}.en.html" in links
    assert {client.get(f"/{link}").status_code for link in links} == {200}


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_words_break_the_search(client, words):
    assert client.get("/search.json", params={"q": words}).status_code == 200
