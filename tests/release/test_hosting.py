"""The static files on real servers, by the rules that the build writes, held to the table that our server is held to."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from servers import apache, caddy, cloudflare, nginx
from whereas.errors import ProjectError
from whereas.project.project import read_project
from whereas.server.conformance.deployment import check_deployment
from whereas.site.site import Site
from whereas.validation.check import check

ROOT = Path(__file__).parents[2]
WHEREAS = (sys.executable, "-m", "whereas")
DOCUMENT, PERSON = "doc/2022-06-09-gse-xinjiang", "ent/chen-quanguo"
BASE = "https://w3id.org/whereas/"
OURS = re.compile(rf"<({BASE})([^>]*)>")
FEDERATED = ("positions-held", "eurovoc-terms", "parliament-ids")
GONE = ("ent/somebody", f"{DOCUMENT}/ex-old")
WITHDRAWN = f"""
[tool.whereas.withdrawn."ent/somebody"]
date = 2026-11-20
reason = {{ en = "Two people of one name were taken for one.", fr = "Deux homonymes avaient été confondus." }}

[tool.whereas.withdrawn."{DOCUMENT}#ex-old"]
date = 2026-11-21
reason = {{ en = "This was no demand.", fr = "Ce n’était pas une exigence." }}
"""


def project_in(folder, more=WITHDRAWN):
    for name in ("data", "ontology", "shapes", "queries"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + more)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The real project, with two names withdrawn, built."""
    folder = project_in(tmp_path_factory.mktemp("hosted"))
    subprocess.run([*WHEREAS, "build", "-q", "-C", str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def on_apache(built):
    with apache(built / "apache", built / "public") as address:
        yield address


@pytest.fixture(scope="module")
def on_nginx(built):
    with nginx(built / "nginx", built / "public") as address:
        yield address


@pytest.fixture(scope="module")
def on_caddy(built):
    with caddy(built / "caddy", built / "public") as address:
        yield address


@pytest.fixture(scope="module")
def on_ours(built):
    command = [*WHEREAS, "serve", "-C", str(built), "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        yield re.search(r"http://\S+(?=/ )", process.stdout.readline())[0]
        process.terminate()


@pytest.fixture(params=["on_ours", "on_apache", "on_nginx", "on_caddy"])
def address(request):
    return request.getfixturevalue(request.param)


def test_every_host_answers_alike(address, request):
    outcomes = list(check_deployment(address, DOCUMENT, PERSON, ("fr", "en"), GONE, endpoint=False))
    failed = {str(outcome.name): outcome for outcome in outcomes if not outcome.passed}
    if "on_caddy" in request.fixturenames:
        del failed["compressed: br"]  # Caddy makes no brotli: it sends twins where there are some
    assert failed == {}
    assert len(outcomes) > 120


def test_every_host_gives_out_every_file_and_its_own_links(address, built):
    checked = check(read_project(built))
    site = Site(checked)
    hidden = "hosting/Caddyfile"  # Caddy keeps files of this name to itself
    with httpx.Client(base_url=address, headers={"Accept-Encoding": "identity"}) as client:
        paths = [line[66:] for line in (built / "public/SHA256SUMS").read_text().splitlines()]
        for path in [path for path in paths if path[0] not in "._" and path not in ("index.html", hidden)][::23]:
            if not path.startswith(GONE):
                reply = client.get(f"/{path}")
                assert reply.content == (built / "public" / path).read_bytes(), path
                page = site.render(path)
                if page:
                    assert reply.headers["content-type"].partition(";")[0] == page.media_type, path
                    assert reply.headers.get("content-language", "") == page.language, path
                if page and page.links:
                    links = [
                        link for link in re.split(", (?=<)", reply.headers["link"]) if "sparqlEndpoint" not in link
                    ]
                    assert sorted(links) == sorted(page.links), path


def test_every_iri_of_ours_answers_people_and_programs(address, built, request):
    is_ours = "on_ours" in request.fixturenames
    with httpx.Client(base_url=address, follow_redirects=True, headers={"Accept-Language": "en"}) as client:
        texts = [(built / "public" / f"{name}.nq").read_text() for name in ("catalogue", "report", "dataset")]
        texts += [client.get("/sparql", headers={"Accept": "application/n-quads"}).text] if is_ours else []
        iris = {f"{base}{name}".partition("#")[0] for text in texts for base, name in OURS.findall(text)}
        assert {f"{BASE}graph/2022-06-09-gse-xinjiang", f"{BASE}software/0.1.0", f"{BASE}ns/0.1.0"} <= iris
        paths = sorted(iri.removeprefix(BASE) for iri in iris)
        inside = [path for path in paths if re.match("doc/.*/|ent/|vocab/", path)]
        told = {}
        for path in [*sorted({*paths} - {*inside} | {*inside[:: 2 if is_ours else 9]}), "prefixes", "context"]:
            if not (built / "public" / path).is_file() and not path.startswith(GONE):
                for kind in ("text/html", "text/turtle"):
                    reply = client.get(f"/{path}", headers={"Accept": kind})
                    if not (reply.status_code == 200 and reply.headers["content-type"].startswith(kind)):
                        told[path, kind] = reply.status_code
        alone = {"", "context", *(f"queries/{name}" for name in FEDERATED)}  # a page, JSON-LD, a page
        assert told.keys() <= {(path, "text/turtle") for path in alone}


@pytest.mark.parametrize(("language", "words"), [("fr", "Deux homonymes"), ("en", "Two people")])
def test_what_was_withdrawn_says_why(address, language, words):
    for path in ("ent/somebody", "ent/somebody.ttl", "ent/somebody.en.html"):
        reply = httpx.get(f"{address}/{path}", headers={"Accept-Language": language})
        assert (reply.status_code, words in reply.text) == (410, True), path
        assert "2026-11-20" in reply.text


def test_only_what_is_described_no_more_can_be_withdrawn(tmp_path):
    folder = project_in(tmp_path, WITHDRAWN.replace("ent/somebody", PERSON))
    with pytest.raises(
        ProjectError, match=rf"pyproject.toml(:\d+)?: .*withdrawn: {PERSON} is still described in the data"
    ):
        Site(check(read_project(folder)))


@pytest.mark.parametrize(
    "table",
    ["{ date = 2026-11-20 }", '{ date = "soon", reason = { en = "because" } }', '{ date = 2026-11-20, reason = "x" }'],
)
def test_withdrawal_needs_a_day_and_a_reason(tmp_path, table):
    (tmp_path / "pyproject.toml").write_text(f'[tool.whereas]\nwithdrawn = {{ "ent/x" = {table} }}\n')
    with pytest.raises(ProjectError, match="withdrawn: expected a date and a reason by language"):
        read_project(tmp_path)


# -------------------------------------------------------------------- the name's own redirects


@pytest.fixture(scope="module")
def w3id(built):
    """What w3id.org would answer: an Apache with the rules for the name, which know of no file."""
    folder = built / "name"
    (folder / "whereas").mkdir(parents=True)
    shutil.copy(built / "public/hosting/w3id.htaccess", folder / "whereas/.htaccess")
    (folder / "index.html").write_text("w3id")
    with apache(built / "apache-w3id", folder) as address:
        yield f"{address}/whereas/"


TURTLE, JSON_LD = "text/turtle", "application/ld+json"


@pytest.mark.parametrize(
    ("path", "accept", "status", "place"),
    [
        ("", "text/html", 302, "/"),
        ("ns", TURTLE, 302, "/ns.ttl"),
        ("ns/0.1.0", "text/html", 302, "/ns.en.html"),
        ("ns", "*/*", 302, "/ns.en.html"),
        ("vocab/kind", JSON_LD, 302, "/vocab/kind.jsonld"),
        ("ns/alignments", "*/*", 302, "/ontology/alignments.ttl"),
        ("prefixes", JSON_LD, 302, "/ontology/prefixes.jsonld"),
        ("context.jsonld", "*/*", 302, "/context.jsonld"),
        ("shapes", "text/html", 302, "/shapes.en.html"),
        (DOCUMENT, "text/turtle;q=0.8, application/ld+json;q=0.85", 302, f"/{DOCUMENT}.jsonld"),
        (f"{DOCUMENT}/text.fr", TURTLE, 302, f"/{DOCUMENT}/text.fr.ttl"),
        (f"{DOCUMENT}.nq", "text/html", 302, f"/{DOCUMENT}.nq"),
        (PERSON, "text/html, text/turtle;q=0.5", 303, f"/{PERSON}.en.html"),
        (PERSON, "application/rdf+xml", 303, f"/{PERSON}.rdf"),
        (PERSON, "image/png", 406, ""),
        ("graph/entities", "text/html, */*;q=0.1", 302, "/data.en.html"),
        ("graph/entities", "*/*", 302, "/graph/entities.ttl"),
        ("graph/2022-06-09-gse-xinjiang", "text/html", 302, f"/{DOCUMENT}.en.html"),
        ("graph/2022-06-09-gse-xinjiang", TURTLE, 302, f"/{DOCUMENT}.ttl"),
        ("software/0.1.0", TURTLE, 302, "/catalogue.ttl"),
        ("report", "text/html", 302, "/method.en.html"),
        (f"{DOCUMENT}/text.fr", "text/plain", 302, f"/{DOCUMENT}/text.fr.txt"),
        (DOCUMENT, "text/plain", 302, f"/{DOCUMENT}.nt"),
        ("SHA256SUMS", "*/*", 302, "/SHA256SUMS"),
        ("robots.txt", "*/*", 302, "/robots.txt"),
        ("queries/grounds", "text/html", 302, "/queries/grounds.en.html"),
        ("queries/grounds.csv", "text/html", 302, "/queries/grounds.csv"),
    ],
)
def test_name_leads_to_a_file_that_is_there(w3id, built, path, accept, status, place):
    reply = httpx.get(f"{w3id}{path}", headers={"Accept": accept, "Accept-Language": "en"})
    assert (reply.status_code, reply.headers.get("location", "")) == (
        status,
        f"https://whereas.example{place}" if place else "",
    )
    assert not place or (built / "public" / place[1:]).exists()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "sparql?query=ASK%7B%7D", 307),
        ("POST", "sparql", 307),
        ("GET", "sparql", 307),
        ("POST", "reconcile/en", 307),
        ("GET", ".well-known/void", 302),
    ],
)
def test_name_sends_on_what_only_a_server_answers_as_it_is(w3id, method, path, status):
    reply = httpx.request(method, f"{w3id}{path}", headers={"Accept": "application/sparql-results+json"})
    assert (reply.status_code, reply.headers["location"]) == (status, f"https://whereas.example/{path}")


def test_text_of_a_document_is_plain_text_to_who_asks_for_it(address, built):
    path = f"{DOCUMENT}/text.fr"
    reply = httpx.get(f"{address}/{path}", headers={"Accept": "text/plain"})
    assert reply.headers["content-location"].endswith(f"/{path}.txt")
    assert reply.content == (built / "public" / f"{path}.txt").read_bytes()
    page = httpx.get(f"{address}/{DOCUMENT}.fr.html")
    item = f"{BASE}{path}.txt"
    assert f'<{item}>; rel="item"; type="text/plain"' in page.headers["link"]
    assert f'<link rel="item" type="text/plain" href="{item}">' in page.text
    assert (
        httpx.get(f"{address}/{DOCUMENT}", headers={"Accept": "text/plain"}).headers["content-location"].endswith(".nt")
    )


def test_hosts_that_cannot_choose_get_headers_within_their_limits(built):
    told = (built / "public/_headers").read_text()
    assert told.count("\n/") < 100  # Cloudflare's limit
    assert "unsafe-inline" not in told
    typed = {  # patterns, with the type that each gives
        re.escape(pattern).replace(r"\*", ".*"): kind
        for pattern, kind in re.findall(r"^(/\S+)\n  Content-Type: (\S+)", told, re.MULTILINE)
    }
    paths = [line[66:] for line in (built / "public/SHA256SUMS").read_text().splitlines()]
    given = {path: [kind for pattern, kind in typed.items() if re.fullmatch(pattern, f"/{path}")] for path in paths}
    assert {path: kinds for path, kinds in given.items() if len(kinds) > 1} == {}
    assert given["queries/demands-by.json"] == ["application/sparql-results+json"]
    assert given[f"{DOCUMENT}.linkset.json"] == ["application/linkset+json"]


@pytest.fixture(scope="module")
def on_cloudflare(built):
    with cloudflare(built / "cloudflare", built / "public") as address:
        yield address


@pytest.mark.parametrize(
    ("path", "kind", "language"),
    [
        ("", "text/html", "fr"),
        (f"{DOCUMENT}.en.html", "text/html", "en"),
        (f"{DOCUMENT}.ttl", "text/turtle", None),
        (f"{DOCUMENT}.jsonld", "application/ld+json", None),
        (f"{DOCUMENT}.linkset.json", "application/linkset+json", None),
        ("queries/demands-by.json", "application/sparql-results+json", None),
        ("queries/demands-by.fr.csv", "text/csv", None),
        (".well-known/void", "text/turtle", None),
        ("static/vendor/oxigraph/web_bg.wasm", "application/wasm", None),
    ],
)
def test_cloudflare_gives_each_file_as_it_is(on_cloudflare, path, kind, language):
    reply = httpx.get(f"{on_cloudflare}/{path}", follow_redirects=True)
    assert reply.status_code == 200
    assert reply.headers["content-type"].partition(";")[0] == kind
    assert language in (None, reply.headers.get("content-language"))
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["access-control-allow-origin"] == "*"


def test_cloudflare_says_that_nothing_is_there_with_ways_on(on_cloudflare):
    reply = httpx.get(f"{on_cloudflare}/doc/none/of/this")
    assert reply.status_code == 404
    ways = re.findall(r'href="([^"]+)"', reply.text)
    assert "/search.fr.html" in ways and "/search.en.html" in ways
    for way in ways:
        assert httpx.get(f"{on_cloudflare}{way}", follow_redirects=True).status_code == 200, way
