"""Pages, data and files, with content negotiation, as clients of the server see them."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving import DOCUMENT, PERSON
from whereas.server.conformance.cases import BROWSER


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
def test_every_response_has_the_security_headers(client, path):
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
def test_rules_of_static_hosts_are_not_served_and_the_home_page_is(client, path, status):
    assert client.get(f"/{path}").status_code == status


def test_404_is_in_the_readers_language(client):
    french = client.get("/ent/personne", headers={"Accept-Language": "fr"})
    assert (french.status_code, french.text) == (404, "rien n’est publié à cette adresse : /ent/personne\n")
    for path in ("ent/personne", "personne", "-/nothing"):
        page = client.get(f"/{path}", headers={"Accept-Language": "fr", "Accept": BROWSER})
        assert (page.status_code, page.headers["content-language"]) == (404, "fr")
        assert f"rien n’est publié à cette adresse : /{path}" in page.text
        links = [page.url.join(link) for link in re.findall(r'href="([^"]+)', page.text)]
        assert {client.get(link).status_code for link in links} == {200}
        assert {"/index.fr.html", "/search.fr.html"} <= {link.path for link in links}
    english = client.get("/ent/personne", headers={"Accept-Language": "en"})
    assert english.text == "nothing is published at this address: /ent/personne\n"


def test_compressed_content_is_the_same_content(client):
    plain = client.get(f"/{DOCUMENT}.ttl", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = client.get(f"/{DOCUMENT}.ttl", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content == (client.get(f"/{DOCUMENT}", headers={"Accept": "text/turtle"}).content)


def test_unsatisfiable_range_is_refused_without_the_headers_of_the_content(client):
    headers = {"Range": "bytes=999999999-", "Accept-Language": "fr"}
    reply = client.get(f"/{DOCUMENT}.en.html", headers=headers)
    assert (reply.status_code, reply.headers["content-language"]) == (416, "fr")
    assert re.fullmatch(r"bytes \*/\d+", reply.headers["content-range"])
    assert reply.text.startswith("plage : une plage dans les ")
    assert not {"content-encoding", "etag", "cache-control"} & reply.headers.keys()


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
