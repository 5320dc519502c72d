"""The server as its clients see it: a real one, on loopback, over the real project."""

import asyncio
import concurrent.futures
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servers import oxigraph, put
from whereas.server.conformance.cases import BROWSER, examine
from whereas.server.run import Connection, answer
from whereas.server.sparql.limits import Limits

ROOT = Path(__file__).parents[2]
WHEREAS = (sys.executable, "-m", "whereas")
DOCUMENT, PERSON = "doc/2022-06-09-gse-xinjiang", "ent/chen-quanguo"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


class Running:
    """A server of a copy of the built project, on a port of its own."""

    def __init__(self, built, folder, *options):
        if folder != built:
            shutil.copytree(built, folder, dirs_exist_ok=True)
        self.folder = folder
        self.log = (folder / "log").open("w+")
        command = [*WHEREAS, "serve", "-C", str(folder), "-p", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        told = self.process.stdout.readline()
        assert "http://" in told, (folder / "log").read_text()
        self.address = re.search(r"http://\S+(?=/ )", told)[0]
        self.client = httpx.Client(base_url=self.address, timeout=30)

    def stop(self):
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.process.stdout.close()
        self.log.close()
        return code


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The project, built once."""
    folder = tmp_path_factory.mktemp("built")
    for name in ("data", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    subprocess.run([*WHEREAS, "build", "-q", "-C", str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def server(built, tmp_path_factory):
    running = Running(built, tmp_path_factory.mktemp("served"), "--setting", "time", "3")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def client(server):
    return server.client


def test_server_conforms(server):
    outcomes = list(examine(server.address, DOCUMENT, PERSON))
    assert [outcome for outcome in outcomes if not outcome.holds] == []
    assert len(outcomes) > 60


def test_conformance_command_says_what_fails(server):
    command = [*WHEREAS, "conformance", "-C", str(server.folder), f"{server.address}/nowhere"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "FAIL  text/turtle by negotiation\n" in run.stdout


def test_every_page_of_the_site_is_served(server, client):
    pages = [f"/{name}" for name in ("", "documents", "actors", DOCUMENT, f"{PERSON}.html", "static/site.css")]
    for page in pages:
        assert client.get(page).status_code == 200, page
    paths = [line[66:] for line in client.get("/SHA256SUMS").text.splitlines()]
    for path in [path for path in paths if path[0] not in "._"][::20]:
        reply = client.get(f"/{path}", headers={"Accept-Encoding": "identity"})
        assert reply.content == (server.folder / "public" / path).read_bytes(), path


@pytest.mark.parametrize(
    "path", ["", DOCUMENT, f"{PERSON}.fr.html", "no-such", "sparql", "search?q=a", "-/health", "api"]
)
def test_every_answer_is_safe(client, path):
    headers = client.get(f"/{path}").headers
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("ns", "text/turtle"),
        ("vocab/kind", "text/turtle"),
        ("shapes", "text/turtle"),
        ("context", "application/ld+json"),
        ("context.jsonld", "application/ld+json"),
        ("catalogue", "application/n-quads"),
        ("graph/entities", "application/trig"),
    ],
)
def test_iris_of_vocabulary_and_graphs_answer_with_data(client, path, media_type):
    reply = client.get(f"/{path}", headers={"Accept": media_type})
    assert reply.status_code == 200
    assert reply.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize(
    ("path", "status"), [("_headers", 404), (".htaccess", 404), ("index", 200), ("index.html", 200)]
)
def test_rules_of_other_hosts_are_not_given_out_and_the_home_page_is(client, path, status):
    assert client.get(f"/{path}").status_code == status


def test_what_is_not_there_is_said_in_the_readers_language(client):
    french = client.get("/ent/personne", headers={"Accept-Language": "fr"})
    assert (french.status_code, french.text) == (404, "rien n’est publié à cette adresse : /ent/personne\n")
    for path in ("ent/personne", "personne", "-/nothing"):
        page = client.get(f"/{path}", headers={"Accept-Language": "fr", "Accept": BROWSER})
        assert (page.status_code, page.headers["content-language"]) == (404, "fr")
        assert f"rien n’est publié à cette adresse : /{path}" in page.text
        ways = [page.url.join(way) for way in re.findall(r'href="([^"]+)', page.text)]
        assert {client.get(way).status_code for way in ways} == {200}
        assert {"/index.fr.html", "/search.fr.html"} <= {way.path for way in ways}
    english = client.get("/ent/personne", headers={"Accept-Language": "en"})
    assert english.text == "nothing is published at this address: /ent/personne\n"


def test_content_that_is_compressed_is_the_same_content(client):
    plain = client.get(f"/{DOCUMENT}.ttl", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = client.get(f"/{DOCUMENT}.ttl", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content == (client.get(f"/{DOCUMENT}", headers={"Accept": "text/turtle"}).content)


def test_saved_query_takes_arguments_and_refuses_with_the_commands_sentence(client):
    told = client.get("/queries/demands-by.json", params={"speaker": "ent:parlement-europeen", "language": "fr"}).json()
    assert {row["who"]["value"] for row in told["results"]["bindings"]} == {"Parlement européen"}
    wrong = client.get("/queries/demands-by.csv", params={"speaker": "two words"})
    assert (wrong.status_code, wrong.text) == (400, "speaker: expected foaf:Agent, got 'two words'\n")
    unknown = client.get("/queries/demands-by.csv?colour=red")
    assert (unknown.status_code, unknown.text) == (
        400,
        "colour: demands-by has no such parameter, only speaker, language\n",
    )


def test_wrong_argument_gives_the_form_again_with_the_sentence_beside_its_field(client):
    reply = client.get("/queries/demands-by?speaker=two+words&language=fr", headers={"Accept-Language": "fr"})
    assert (reply.status_code, reply.headers["content-language"]) == (400, "fr")
    field = re.search(r'<p><label for="_p-speaker">.*?</p>', reply.text, re.DOTALL)[0]
    assert 'aria-invalid="true" aria-describedby="_wrong"' in field
    assert '<option value="two words" selected>' in field
    assert ">speaker : foaf:Agent est attendu, et non « two words »</span>" in field
    unknown = client.get("/queries/demands-by.en.html?colour=red")
    assert unknown.status_code == 400
    assert 'role="alert">colour: demands-by has no such parameter, only speaker, language</p>' in unknown.text
    paged = client.get("/queries/demands-by.en.html?page=0")
    assert (paged.status_code, "page: expected a number from 1 to 1000000000, got &#39;0&#39;" in paged.text) == (
        400,
        True,
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("speaker=ent:a&speaker=ent:b", "speaker : donné deux fois"),
        ("speaker=%FF", "les paramètres sont illisibles : de l’UTF-8 encodé par « % » est attendu"),
        ("&".join(f"a{number}=1" for number in range(101)), "100 paramètres au plus sont lus"),
        ("language=de", "est attendu, et non « de »"),
    ],
)
def test_parameters_that_cannot_be_used_give_the_form_again(client, given, told):
    reply = client.get(f"/queries/demands-by.fr.html?{given}")
    assert (reply.status_code, 'id="_form"' in reply.text, told in reply.text) == (400, True, True)


@pytest.mark.parametrize("name", ["speaker", "language", "page", '"><script>alert(1)</script>'])
def test_wrong_argument_is_never_markup(client, name):
    hostile = "\"'></option></select></script><script>alert(1)</script>\x00{{ 7 * 7 }}"
    reply = client.get("/queries/demands-by.en.html", params={name: hostile})
    assert reply.status_code in (200, 400)
    assert "<script>alert" not in reply.text


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [("text/csv", "csv"), ("application/json", "json"), ("application/xml", "xml"), ("text/turtle", "ttl")],
)
def test_saved_query_hears_its_arguments_whatever_the_format_is_chosen_by(client, accept, suffix):
    for told in ({"speaker": "ent:parlement-europeen"}, {"size": "2", "language": "fr"}):
        chosen = client.get("/queries/demands-by", params=told, headers={"Accept": accept})
        named = client.get(f"/queries/demands-by.{suffix}", params=told)
        assert (chosen.status_code, chosen.content) == (200, named.content)
        query = str(chosen.url).partition("?")[2]
        assert chosen.headers["content-location"] == f"/queries/demands-by.{suffix}?{query}"
        assert "Accept" in chosen.headers["vary"]
    wrong = client.get("/queries/demands-by?nope=<>", headers={"Accept": accept})
    assert (wrong.status_code, wrong.text.partition(":")[0]) == (400, "nope")
    assert client.get("/queries/demands-by", headers={"Accept": accept}).content == client.get(named.url.path).content


def test_page_of_a_saved_query_is_where_its_content_location_says(client):
    reply = client.get("/queries/demands-by?language=fr", headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert reply.headers["content-location"] == "/queries/demands-by.fr.html?language=fr"
    assert client.get(reply.headers["content-location"]).content == reply.content


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT (RAND() AS ?a) {}", "no-store"),
        ("SELECT ?g { GRAPH ?g {} }", "no-cache"),
        ("CONSTRUCT { ?s a ?c } { ?s a ?c }", "no-cache"),
    ],
)
def test_caches_keep_no_answer_that_may_be_another_one(client, query, told):
    reply = client.get("/sparql", params={"query": query}, headers={"Accept": "application/json"})
    assert (reply.status_code, reply.headers["cache-control"]) == (200, told)
    again = client.get(reply.url, headers={"Accept": "application/json", "If-None-Match": reply.headers["etag"]})
    assert again.status_code == (304 if told == "no-cache" else 200)
    posted = client.post("/sparql", data={"query": query}, headers={"If-None-Match": "*", "Range": "bytes=0-3"})
    assert posted.status_code == 200


def test_part_that_is_not_there_is_refused_with_its_own_headers_alone(client):
    asked = {"Range": "bytes=999999999-", "Accept-Language": "fr"}
    reply = client.get(f"/{DOCUMENT}.en.html", headers=asked)
    assert (reply.status_code, reply.headers["content-language"]) == (416, "fr")
    assert re.fullmatch(r"bytes \*/\d+", reply.headers["content-range"])
    assert reply.text.startswith("plage : le contenu a ")
    assert not {"content-encoding", "etag", "cache-control"} & reply.headers.keys()


def test_saved_query_speaks_the_language_asked_for(client):
    assert "European Parliament" in client.get("/queries/demands-by.csv?language=en").text
    assert "Parlement européen" in client.get("/queries/demands-by.csv?language=fr").text


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xml", "md"])
def test_pages_of_an_answer_make_the_whole(client, form):
    address = f"/queries/demands-by.{form}"
    whole = client.get(address, params={"language": "en"})
    assert "link" not in whole.headers
    first = client.get(address, params={"size": 2, "language": "en"})
    assert first.links["next"]["url"] == f"{address}?size=2&language=en&page=2"
    assert "prev" not in first.links
    last = client.get(first.links["last"]["url"])
    assert "next" not in last.links
    assert last.content != first.content


def test_page_past_the_last_is_told(client):
    told = client.get("/queries/demands-by.csv?page=99")
    assert (told.status_code, told.text) == (400, "page: expected a number from 1 to 1, got 99\n")


def test_triples_of_a_saved_query_are_turtle(client):
    told = client.get("/queries/demands-graph.ttl")
    assert told.headers["content-type"] == "text/turtle; charset=utf-8"
    assert client.get("/queries/demands-graph.csv").status_code == 404


def test_site_stays_quick_while_ten_endless_queries_run(server, client):
    client.get(f"/{DOCUMENT}.en.html")
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        asked = [
            pool.submit(httpx.post, f"{server.address}/sparql", data={"query": ENDLESS}, timeout=60) for _ in range(10)
        ]
        time.sleep(0.5)
        saved = client.get("/queries/demands-by.csv?speaker=ent:parlement-europeen")
        assert not any(future.done() for future in asked)
        answered = 0
        while not any(future.done() for future in asked):
            assert client.get(f"/{DOCUMENT}.en.html").status_code == 200
            answered += 1
        told = [future.result() for future in asked]
    assert answered > 10
    assert {(reply.status_code, reply.text) for reply in told} == {
        (503, "too many queries are waiting: come again later\n"),
        (504, "the query took longer than 3 seconds and was stopped\n"),
    }
    assert saved.status_code == 200
    assert saved.headers["cache-control"] == "no-cache"


FEDERATED = """#+ summary: {en: Names given elsewhere, fr: Noms donnés ailleurs}
#+ description: {en: Names that another endpoint gives., fr: Les noms que donne un autre point d’accès.}
#+ tags: [links]
#+ order: 999
#+ federated: true
#+ parameters:
#+   ?thing: {class: rdfs:Resource, label: {en: Thing, fr: Chose}}
#+ columns:
#+   ?name: {datatype: xsd:string, label: {en: Name, fr: Nom}}
#+ example:
#+   given: {thing: ent:chen-quanguo}
PREFIX ent: <https://w3id.org/whereas/ent/>
SELECT ?name WHERE {
  SERVICE <ADDRESS> {
    VALUES ?thing { ent:chen-quanguo }
    ?thing <https://schema.org/name> ?name
  }
}
"""


def test_saved_query_asks_another_endpoint_where_its_host_is_allowed(built, tmp_path):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    with oxigraph() as other:
        person = b"<https://w3id.org/whereas/ent/chen-quanguo>"
        put(f"{other.address}/store", person + b' <https://schema.org/name> "Chen" .', "application/n-quads")
        (tmp_path / "queries/links/elsewhere.rq").write_text(FEDERATED.replace("ADDRESS", other.query))
        running = Running(tmp_path, tmp_path, "--allow-service", other.address.removeprefix("http://"))
        try:
            get = running.client.get
            assert get("/queries/elsewhere.csv").text == "name\r\nChen\r\n"
            assert get("/queries/elsewhere.csv?thing=ent:nobody").text == "name\r\n"
            assert "<span>Chen</span>" in get("/queries/elsewhere.en.html?thing=ent:chen-quanguo").text
            assert "/queries/elsewhere.json" in get("/openapi.json").json()["paths"]
            refused = get("/queries/positions-held.csv")
            told = (
                f"SERVICE: expected an endpoint on {other.address.removeprefix('http://')}, got <https://query.wikidata"
            )
            assert (refused.status_code, refused.text.startswith(told)) == (400, True)
        finally:
            running.stop()


def test_saved_query_that_asks_another_endpoint_is_refused_where_none_is_allowed(client):
    refused = client.get("/queries/positions-held.csv", headers={"Accept-Language": "fr"})
    told = "les requêtes fédérées (SERVICE) sont désactivées sur ce point d’accès\n"
    assert (refused.status_code, refused.text) == (400, told)
    assert "/queries/positions-held.csv" not in client.get("/openapi.json").json()["paths"]


def test_query_whose_client_has_gone_makes_no_other_wait(built, tmp_path):
    running = Running(built, tmp_path, "--setting", "time", "600")
    try:
        for asked in ({"params": {"query": ENDLESS}}, {"data": {"query": ENDLESS}}):  # as many as run side by side
            with pytest.raises(httpx.ReadTimeout):
                httpx.request("POST" if "data" in asked else "GET", f"{running.address}/sparql", timeout=1, **asked)
        assert running.client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
        until = time.monotonic() + 30
        while "whereas_queries_working 0.0" not in (told := running.client.get("/-/metrics").text):
            assert time.monotonic() < until, told
    finally:
        assert running.stop() == 0


def test_update_changes_nothing(client):
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    before = client.post("/sparql", data={"query": count}).json()
    for update in ("DROP ALL", "INSERT DATA { <a:a> <a:b> <a:c> }"):
        assert client.post("/sparql", data={"query": update}).status_code == 400
        assert client.post("/sparql", data={"update": update}).status_code == 400
    assert client.post("/sparql", data={"query": count}).json() == before


def test_service_description_tells_prefixes_partitions_and_saved_queries(client):
    told = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
    for name in (
        "UnionDefaultGraph",
        "classPartition",
        "shacl#declare",
        "shacl#SPARQLSelectExecutable",
        "dcat#DataService",
        "<http://www.w3.org/ns/formats/SPARQL_Results_JSON>",
        "<http://www.w3.org/ns/formats/RDF_XML>",
    ):
        assert name in told
    assert "BasicFederatedQuery" not in told


def test_feed_of_a_saved_query_names_what_its_rows_are_about_and_hears_its_arguments(server, client):
    atom = "{http://www.w3.org/2005/Atom}"

    def feed(path):
        reply = client.get(path)
        assert (reply.status_code, reply.headers["content-language"]) == (200, "fr")
        told = ElementTree.fromstring(reply.text)
        return told, [entry.findtext(f"{atom}id") for entry in told.iter(f"{atom}entry")]

    told, every = feed("/queries/demands-by.fr.atom")
    assert told.findtext(f"{atom}title").startswith("Qui exige quoi, et en quels mots – ")
    assert every[0].startswith("https://w3id.org/whereas/doc/2026-11-24-follow-up-note#ex-")
    assert told.findtext(f"{atom}updated") == "2024-10-10T00:00:00Z"
    some_told, some = feed("/queries/demands-by.fr.atom?speaker=ent:parlement-europeen")
    assert {*some} < {*every}
    assert some_told.findtext(f"{atom}id").endswith("demands-by.fr.atom?speaker=ent%3Aparlement-europeen")
    assert client.get("/queries/demands-by.fr.atom?nope=1").status_code == 400
    counted, [entry] = feed("/queries/demands-graph.fr.atom")
    assert re.fullmatch(r"https://w3id.org/whereas/queries/demands-graph#[0-9a-f]{16}", entry)
    assert "triplets" in counted.find(f"{atom}entry").findtext(f"{atom}summary")
    assert 'href="demands-by.fr.atom"' in client.get("/queries/demands-by.fr.html").text
    assert (server.folder / "public/queries/demands-by.fr.atom").is_file()


def test_metrics_count_requests(client):
    client.get("/no-such")
    assert 'whereas_requests_total{route="pages",status="404"}' in client.get("/-/metrics").text
    assert client.get("/-/ready").text == "ready\n"


def test_page_for_programmers_is_the_sites_and_in_the_readers_language(client):
    french = client.get("/api", headers={"Accept-Language": "fr"})
    assert (french.headers["content-language"], french.headers["vary"]) == ("fr", "Accept-Language, Accept-Encoding")
    assert "<h2>Qui exige quoi, et en quels mots</h2>" in french.text
    assert "Interroger en SPARQL" in french.text and "Ask in SPARQL" not in french.text
    assert '<a class="brand" href=' in french.text
    assert client.get("/api.fr.html").text == french.text
    english = client.get("/api.en.html").text
    assert "Ask in SPARQL" in english and "Interroger" not in english
    assert english.count("/queries/demands-by.csv") == 1


def test_description_for_programs_is_english_unless_another_language_is_asked_for(client):
    told = client.get("/openapi.json").json()
    assert told["paths"]["/sparql"]["get"]["summary"] == "Ask in SPARQL"
    assert {"/search.json", "/-/health", "/-/ready", "/-/metrics"} <= told["paths"].keys()
    schemas = {one["name"]: one["schema"] for one in told["paths"]["/queries/demands-by.csv"]["get"]["parameters"]}
    assert (schemas["size"]["maximum"], sorted(schemas["language"]["enum"])) == (10_000, ["en", "fr"])
    assert client.get("/queries/demands-by.csv?size=10001").status_code == 400
    wrong = client.get("/queries/demands-by.csv?language=de")
    assert (wrong.status_code, wrong.text) == (
        400,
        f"language: expected {', '.join(schemas['language']['enum'])}, got 'de'\n",
    )
    told = client.get("/openapi.json", headers={"Accept-Language": "fr"}).json()
    assert told["paths"]["/sparql"]["get"]["summary"] == "Interroger en SPARQL"


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
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
def test_refusals_are_in_the_readers_language(client, method, path, status, told):
    reply = client.request(method, path, headers={"Accept-Language": "fr"})
    assert (reply.status_code, reply.headers["content-language"]) == (status, "fr")
    assert reply.text.startswith(told)


def test_search_page_shows_words_and_no_markup(client):
    hostile = "<script>alert(1)</script> Sanctions"
    page = client.get("/search", params={"q": hostile})
    assert "<script>" not in page.text
    found = client.get("/search", params={"q": "Chen Quanguo"}, headers={"Accept-Language": "en"}).text
    assert "<mark>Chen</mark>" in found
    ways = re.findall(r'<li>.*<a href="([^"#]+)', found)
    assert f"{PERSON}.en.html" in ways
    assert {client.get(f"/{way}").status_code for way in ways} == {200}


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_words_break_the_search(client, words):
    assert client.get("/search.json", params={"q": words}).status_code == 200


PIECES = st.sampled_from(
    [
        "..",
        "/",
        "%2e",
        "%2f",
        "%5c",
        "%00",
        "%0d%0a",
        "doc",
        "ent",
        "pyproject.toml",
        "etc/passwd",
        "%ff",
        "?",
        "x:y",
        "é",
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_path_leaves_the_site(server, client, path):
    reply = client.get(f"{server.address}/{path}")
    assert reply.status_code in (200, 303, 302, 400, 404)
    assert b"[tool.whereas]" not in reply.content
    assert b"root:" not in reply.content


@given(
    st.sampled_from(["Accept", "Accept-Language", "Accept-Encoding", "If-None-Match", "Range", "If-Range"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_header_makes_the_server_fail(client, name, value):
    assert client.get(f"/{DOCUMENT}", headers={name: value.strip()}).status_code in (200, 206, 304, 406, 416)


def test_openapi_holds_under_fuzzing(server):
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"{server.address}/openapi.json"]
    options = ["--checks", "not_a_server_error,content_type_conformance,status_code_conformance", "--seed", "1"]
    options += ["--phases", "examples,fuzzing", "--max-examples", "5", "--no-color"]
    options += ["--include-path-regex", "search|sparql|health|reconcile|demands-by.csv|timeline.json|matrix.md"]
    run = subprocess.run([*command, *options], capture_output=True, text=True, check=False, cwd=server.folder)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr


def test_new_release_is_served_without_dropping_a_request(built, tmp_path):
    running = Running(built, tmp_path)
    try:
        path = f"/{PERSON}.en.html"
        assert "Chen the Tester" not in running.client.get(path).text
        entities = tmp_path / "data/entities/persons.yaml"
        entities.write_text(entities.read_text().replace('en: "Chen Quanguo"', 'en: "Chen the Tester"'))
        build = subprocess.Popen([*WHEREAS, "build", "-q", "-C", str(tmp_path)])
        until = time.monotonic() + 60
        replies = []
        while not replies or ("Chen the Tester" not in replies[-1].text and time.monotonic() < until):
            replies.append(running.client.get(path))
        assert build.wait() == 0
        assert {reply.status_code for reply in replies} == {200}
        assert "Chen the Tester" in replies[-1].text
        query = 'ASK { ?s ?p "Chen the Tester"@en }'
        assert running.client.get("/sparql", params={"query": query}).json()["boolean"] is True
    finally:
        assert running.stop() == 0
    assert list((tmp_path / ".whereas").glob("served-*")) == []


def test_reload_rebuilds_and_shows_findings(built, tmp_path):
    running = Running(built, tmp_path, "--reload")
    try:
        time.sleep(1)  # until the watcher looks
        for name, right, wrong, told in (
            ("data/entities/persons.yaml", "id: ent:chen-quanguo", "idd: ent:chen-quanguo", "unknown key"),
            ("queries/checks/blank-node.rq", "SELECT", "SELECTED", "the query cannot be answered"),
        ):
            file = tmp_path / name
            before = file.read_text()
            file.write_text(before.replace(right, wrong))
            assert awaited(running, lambda text, told=told: told in text)
            assert told in running.client.get("/queries/demands-by.en.html?language=en").text
            file.write_text(before)
            assert awaited(running, lambda text: 'role="alert"' not in text)
    finally:
        assert running.stop() == 0


def awaited(running, holds):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if holds(running.client.get("/index.en.html").text):
            return True
        time.sleep(0.2)
    return False


def test_request_under_way_is_answered_before_the_end_and_one_that_waits_is_refused(built, tmp_path):
    running = Running(built, tmp_path, "--setting", "time", "4", "--setting", "concurrent", "1")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        ask = partial(httpx.post, f"{running.address}/sparql", data={"query": ENDLESS}, timeout=60)
        asked = [pool.submit(ask)]
        time.sleep(0.5)
        asked.append(pool.submit(ask, headers={"Accept-Language": "fr"}))
        time.sleep(0.5)
        assert running.stop() == 0
        under_way, waiting = (future.result() for future in asked)
    assert under_way.status_code == 504
    assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "4")
    assert waiting.text == "le serveur s’arrête : revenir plus tard\n"
    assert (tmp_path / "log").read_text().count("Traceback") == 0


def test_get_answers_without_a_server_and_fails_unless_it_succeeds(server):
    def get(*words):
        return subprocess.run([*WHEREAS, "get", "-C", str(server.folder), *words], capture_output=True, check=False)

    page = get(f"/{DOCUMENT}.ttl")
    assert (page.returncode, page.stdout) == (0, server.client.get(f"/{DOCUMENT}.ttl").content)
    missing = get("/no-such")
    assert (missing.returncode, missing.stderr.decode()) == (1, "404\n")
    elsewhere = get(f"/{PERSON}", "--accept", "text/turtle")
    assert (elsewhere.returncode, elsewhere.stderr.decode()) == (1, f"303 /{PERSON}.ttl\n")
    for words in ("/search.json?q=liberté", "/search.json?q=libert%C3%A9", "/search%2ejson?q=liberté#found"):
        found = json.loads(get(words).stdout)
        assert (found["q"], bool(found["found"])) == ("liberté", True)


def test_project_that_was_never_built_is_served_without_writing_a_website(built, tmp_path):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("public", ".whereas"))
    running = Running(tmp_path, tmp_path)
    try:
        for path in ("", f"{PERSON}.fr.html", "queries/demands-by.csv", "sitemap.xml", "dataset.ttl", "SHA256SUMS"):
            assert running.client.get(f"/{path}").status_code in (200, 303), path
        assert not (tmp_path / "public/index.html").exists()
    finally:
        assert running.stop() == 0


def test_website_that_was_built_is_kept_up_to_date_by_the_server(built, tmp_path):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    entities = tmp_path / "data/entities/persons.yaml"
    entities.write_text(entities.read_text().replace('en: "Chen Quanguo"', 'en: "Chen the Tester"'))
    assert Running(tmp_path, tmp_path).stop() == 0
    assert "Chen the Tester" in (tmp_path / f"public/{PERSON}.en.html").read_text()


def test_large_project_answers_its_saved_queries_within_the_limits(built, tmp_path, monkeypatch):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)

    def got(path):
        status, _, content = asyncio.run(answer(tmp_path, path, ""))
        return status, content.decode()

    small = {path: got(path) for path in ("/queries/votes.en.html", "/queries/votes.csv")}
    for room in ("edition", "saved"):
        monkeypatch.setattr(f"whereas.{room}.LARGE", 0)
    monkeypatch.setattr("whereas.server.run.Limits", lambda: Limits(rows=20))
    assert small == {path: got(path) for path in small}
    status, page = got("/queries/statements-in.en.html")
    assert status == 400
    assert "the answer has more than 20 rows: ask for fewer with LIMIT" in page
    assert 'id="_form"' in page
    assert got("/queries/statements-in.csv")[0] == 400


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        (
            f"GET /sparql?query={'x' * 65_536} HTTP/1.1\r\nHost: a\r\n\r\n",
            414,
            "the address has more than 65,535 bytes",
        ),
        ("nonsense\r\n\r\n", 400, "this is no request in HTTP/1.1"),
    ],
)
def test_request_that_cannot_be_read_is_refused_as_others_are(server, sent, status, told):
    reply = exchanged(int(server.address.rpartition(":")[2]), sent.encode())
    assert reply.startswith(f"HTTP/1.1 {status} ")
    assert "\r\nX-Content-Type-Options: nosniff\r\n" in reply
    assert told in reply


def exchanged(port, sent):
    """What a server answers until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nASK"]
)
def test_client_that_does_not_end_its_request_is_let_go(monkeypatch, sent):
    monkeypatch.setattr("whereas.server.run.REQUEST_WITHIN", 0.2)

    async def story():
        async def app(scope, receive, send):
            while (await receive())["type"] != "http.disconnect":
                pass

        running = uvicorn.Server(uvicorn.Config(app, port=0, http=Connection, lifespan="off", log_config=None))
        serving = asyncio.create_task(running.serve())
        while not running.started:
            await asyncio.sleep(0.01)
        port = running.servers[0].sockets[0].getsockname()[1]
        reply = await asyncio.to_thread(exchanged, port, sent)
        running.should_exit = True
        await serving
        return reply

    assert asyncio.run(story()).startswith("HTTP/1.1 408 Request Timeout\r\n")


def test_port_that_is_taken_is_named(server):
    port = server.address.rpartition(":")[2]
    command = [*WHEREAS, "serve", "-C", str(server.folder), "-p", port]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"whereas: 127.0.0.1:{port}: cannot listen there: Address already in use\n"


def test_limits_are_told():
    run = subprocess.run([*WHEREAS, "serve", "--help-settings"], capture_output=True, text=True, check=True)
    assert re.search(r"^time +10  seconds a query may take before it is stopped$", run.stdout, re.MULTILINE)


def test_check_waits_for_no_framework():
    code = "import sys, whereas.cli.main, whereas.validation.check; print({'starlette', 'uvicorn', 'asyncio'} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
