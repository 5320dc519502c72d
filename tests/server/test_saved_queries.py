"""Saved queries over HTTP: parameters, formats, pages of rows, feeds, federation."""

import asyncio
import re
import shutil
from xml.etree import ElementTree

import pytest

from servers import oxigraph, put
from serving import RunningServer
from whereas.server.run import get
from whereas.server.sparql.limits import Limits


def test_saved_query_takes_arguments_and_refuses_wrong_ones_as_the_command_does(client):
    results = client.get(
        "/queries/demands-by.json", params={"speaker": "ent:parlement-europeen", "language": "fr"}
    ).json()
    assert {row["who"]["value"] for row in results["results"]["bindings"]} == {"Parlement européen"}
    wrong = client.get("/queries/demands-by.csv", params={"speaker": "two words"})
    assert (wrong.status_code, wrong.text) == (400, "speaker: expected foaf:Agent, got 'two words'\n")
    unknown = client.get("/queries/demands-by.csv?colour=red")
    assert (unknown.status_code, unknown.text) == (
        400,
        "colour: demands-by has no such parameter, only speaker, language\n",
    )


def test_wrong_argument_gives_the_form_again_with_the_message_beside_its_field(client):
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
    ("query", "message"),
    [
        ("speaker=ent:a&speaker=ent:b", "speaker : paramètre répété"),
        ("speaker=%FF", "les paramètres sont illisibles : de l’UTF-8 encodé par « % » est attendu"),
        ("&".join(f"a{number}=1" for number in range(101)), "100 paramètres au plus sont lus"),
        ("language=de", "est attendu, et non « de »"),
    ],
)
def test_parameters_that_cannot_be_used_give_the_form_again(client, query, message):
    reply = client.get(f"/queries/demands-by.fr.html?{query}")
    assert (reply.status_code, 'id="_form"' in reply.text, message in reply.text) == (400, True, True)


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
def test_saved_query_takes_its_arguments_whether_format_is_negotiated_or_a_suffix(client, accept, suffix):
    for parameters in ({"speaker": "ent:parlement-europeen"}, {"size": "2", "language": "fr"}):
        chosen = client.get("/queries/demands-by", params=parameters, headers={"Accept": accept})
        by_suffix = client.get(f"/queries/demands-by.{suffix}", params=parameters)
        assert (chosen.status_code, chosen.content) == (200, by_suffix.content)
        query = str(chosen.url).partition("?")[2]
        assert chosen.headers["content-location"] == f"/queries/demands-by.{suffix}?{query}"
        assert "Accept" in chosen.headers["vary"]
    wrong = client.get("/queries/demands-by?nope=<>", headers={"Accept": accept})
    assert (wrong.status_code, wrong.text.partition(":")[0]) == (400, "nope")
    assert (
        client.get("/queries/demands-by", headers={"Accept": accept}).content == client.get(by_suffix.url.path).content
    )


def test_page_of_a_saved_query_is_where_its_content_location_says(client):
    reply = client.get("/queries/demands-by?language=fr", headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert reply.headers["content-location"] == "/queries/demands-by.fr.html?language=fr"
    assert client.get(reply.headers["content-location"]).content == reply.content


def test_saved_query_answers_in_the_language_of_its_argument(client):
    assert "European Parliament" in client.get("/queries/demands-by.csv?language=en").text
    assert "Parlement européen" in client.get("/queries/demands-by.csv?language=fr").text


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xml", "md"])
def test_long_result_comes_in_linked_pages(client, form):
    address = f"/queries/demands-by.{form}"
    whole = client.get(address, params={"language": "en"})
    assert "link" not in whole.headers
    first = client.get(address, params={"size": 2, "language": "en"})
    assert first.links["next"]["url"] == f"{address}?size=2&language=en&page=2"
    assert "prev" not in first.links
    last = client.get(first.links["last"]["url"])
    assert "next" not in last.links
    assert last.content != first.content


def test_page_past_the_last_is_refused(client):
    reply = client.get("/queries/demands-by.csv?page=99")
    assert (reply.status_code, reply.text) == (400, "page: expected a number from 1 to 1, got 99\n")


def test_triples_of_a_saved_query_are_turtle(client):
    reply = client.get("/queries/demands-graph.ttl")
    assert reply.headers["content-type"] == "text/turtle; charset=utf-8"
    assert client.get("/queries/demands-graph.csv").status_code == 404


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


def test_federated_saved_query_runs_where_the_host_is_allowed(built, tmp_path):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    with oxigraph() as other:
        person = b"<https://w3id.org/whereas/ent/chen-quanguo>"
        put(f"{other.address}/store", person + b' <https://schema.org/name> "Chen" .', "application/n-quads")
        (tmp_path / "queries/links/elsewhere.rq").write_text(FEDERATED.replace("ADDRESS", other.query))
        running = RunningServer(tmp_path, tmp_path, "--allow-service", other.address.removeprefix("http://"))
        try:
            get = running.client.get
            assert get("/queries/elsewhere.csv").text == "name\r\nChen\r\n"
            assert get("/queries/elsewhere.csv?thing=ent:nobody").text == "name\r\n"
            assert "<span>Chen</span>" in get("/queries/elsewhere.en.html?thing=ent:chen-quanguo").text
            assert "/queries/elsewhere.json" in get("/openapi.json").json()["paths"]
            refused = get("/queries/positions-held.csv")
            message = (
                f"SERVICE: expected an endpoint on {other.address.removeprefix('http://')}, got <https://query.wikidata"
            )
            assert (refused.status_code, refused.text.startswith(message)) == (400, True)
        finally:
            running.stop()


def test_federated_saved_query_is_refused_where_no_host_is_allowed(client):
    refused = client.get("/queries/positions-held.csv", headers={"Accept-Language": "fr"})
    message = "les requêtes fédérées (SERVICE) sont désactivées sur ce point d’accès\n"
    assert (refused.status_code, refused.text) == (400, message)
    assert "/queries/positions-held.csv" not in client.get("/openapi.json").json()["paths"]


def test_feed_of_a_saved_query_names_the_subjects_of_its_rows_and_takes_its_arguments(server, client):
    atom = "{http://www.w3.org/2005/Atom}"

    def feed(path):
        reply = client.get(path)
        assert (reply.status_code, reply.headers["content-language"]) == (200, "fr")
        document = ElementTree.fromstring(reply.text)
        return document, [entry.findtext(f"{atom}id") for entry in document.iter(f"{atom}entry")]

    whole, every = feed("/queries/demands-by.fr.atom")
    assert whole.findtext(f"{atom}title").startswith("Qui demande quoi, et en quels termes – ")
    assert every[0].startswith("https://w3id.org/whereas/doc/2026-11-24-follow-up-note#ex-")
    assert whole.findtext(f"{atom}updated") == "2024-10-10T00:00:00Z"
    selected, some = feed("/queries/demands-by.fr.atom?speaker=ent:parlement-europeen")
    assert {*some} < {*every}
    assert selected.findtext(f"{atom}id").endswith("demands-by.fr.atom?speaker=ent%3Aparlement-europeen")
    assert client.get("/queries/demands-by.fr.atom?nope=1").status_code == 400
    counted, [entry] = feed("/queries/demands-graph.fr.atom")
    assert re.fullmatch(r"https://w3id.org/whereas/queries/demands-graph#[0-9a-f]{16}", entry)
    assert "triplets" in counted.find(f"{atom}entry").findtext(f"{atom}summary")
    assert 'href="demands-by.fr.atom"' in client.get("/queries/demands-by.fr.html").text
    assert (server.folder / "public/queries/demands-by.fr.atom").is_file()


def test_saved_queries_of_a_large_project_run_under_the_limits(built, tmp_path, monkeypatch):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)

    def response(path):
        reply = asyncio.run(get(tmp_path, path))
        return reply.status_code, reply.text

    small = {path: response(path) for path in ("/queries/votes.en.html", "/queries/votes.csv")}
    for module in ("server.snapshot", "site.pages.query_pages"):
        monkeypatch.setattr(f"whereas.{module}.LARGE", 0)
    monkeypatch.setattr("whereas.server.run.Limits", lambda: Limits(rows=20))
    assert small == {path: response(path) for path in small}
    status, page = response("/queries/statements-in.en.html")
    assert status == 400
    assert "the answer has more than 20 rows: ask for fewer with LIMIT" in page
    assert 'id="_form"' in page
    assert response("/queries/statements-in.csv")[0] == 400
