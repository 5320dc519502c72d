"""Static files on real web servers, by the rules that the build writes: they pass the conformance cases of our server."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from servers import apache, caddy, cloudflare, nginx
from whereas import i18n
from whereas.errors import ProjectError
from whereas.http.file_types import media_type
from whereas.project.project import read_project
from whereas.release import hosting
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


HOSTS = [pytest.param(name, marks=pytest.mark.system) for name in ("on_apache", "on_nginx", "on_caddy")]


@pytest.fixture(params=["on_ours", *HOSTS])
def address(request):
    return request.getfixturevalue(request.param)


def test_every_host_passes_the_conformance_cases(address, request):
    outcomes = list(check_deployment(address, DOCUMENT, PERSON, ("fr", "en"), GONE, endpoint=False))
    failed = {str(outcome.name): outcome for outcome in outcomes if not outcome.passed}
    if "on_caddy" in request.fixturenames:
        # Caddy does not compress with brotli; it sends compressed copies where there are some
        del failed["compressed: br"]
    assert failed == {}
    assert len(outcomes) > 120


def test_every_host_serves_every_file_with_its_type_language_and_links(address, built):
    checked = check(read_project(built))
    site = Site(checked)
    hidden = "hosting/Caddyfile"  # Caddy does not serve files of this name
    with httpx.Client(base_url=address, headers={"Accept-Encoding": "identity"}) as client:
        paths = [line[66:] for line in (built / "public/SHA256SUMS").read_text().splitlines()]
        for path in [path for path in paths if path[0] not in "._" and path not in ("index.html", hidden)][::23]:
            if not path.startswith(GONE):
                reply = client.get(f"/{path}")
                assert reply.content == (built / "public" / path).read_bytes(), path
                page = site.render(path)
                if page:
                    assert media_type(path) == page.media_type, path
                    assert reply.headers["content-type"].partition(";")[0] == page.media_type, path
                    assert reply.headers.get("content-language", "") == page.language, path
                if page and page.links:
                    links = [
                        link for link in re.split(", (?=<)", reply.headers["link"]) if "sparqlEndpoint" not in link
                    ]
                    assert sorted(links) == sorted(page.links), path


def test_every_iri_of_the_dataset_answers_people_and_programs(address, built, request):
    is_ours = "on_ours" in request.fixturenames
    with httpx.Client(base_url=address, follow_redirects=True, headers={"Accept-Language": "en"}) as client:
        texts = [(built / "public" / f"{name}.nq").read_text() for name in ("catalogue", "report", "dataset")]
        texts += [client.get("/sparql", headers={"Accept": "application/n-quads"}).text] if is_ours else []
        iris = {f"{base}{name}".partition("#")[0] for text in texts for base, name in OURS.findall(text)}
        assert {f"{BASE}graph/2022-06-09-gse-xinjiang", f"{BASE}software/0.1.0", f"{BASE}ns/0.1.0"} <= iris
        paths = sorted(iri.removeprefix(BASE) for iri in iris)
        inside = [path for path in paths if re.match("doc/.*/|ent/|vocab/", path)]
        failed = {}
        for path in [*sorted({*paths} - {*inside} | {*inside[:: 2 if is_ours else 9]}), "prefixes", "context"]:
            if not (built / "public" / path).is_file() and not path.startswith(GONE):
                for kind in ("text/html", "text/turtle"):
                    reply = client.get(f"/{path}", headers={"Accept": kind})
                    if not (reply.status_code == 200 and reply.headers["content-type"].startswith(kind)):
                        failed[path, kind] = reply.status_code
        not_turtle = {"", "context", *(f"queries/{name}" for name in FEDERATED)}  # a page, JSON-LD, pages
        assert failed.keys() <= {(path, "text/turtle") for path in not_turtle}


@pytest.mark.parametrize(("language", "words"), [("fr", "Deux homonymes"), ("en", "Two people")])
def test_withdrawn_page_says_why(address, language, words):
    for path in ("ent/somebody", "ent/somebody.ttl", "ent/somebody.en.html"):
        reply = httpx.get(f"{address}/{path}", headers={"Accept-Language": language})
        assert (reply.status_code, words in reply.text) == (410, True), path
        assert "2026-11-20" in reply.text


def test_entity_that_is_still_described_cannot_be_withdrawn(tmp_path):
    folder = project_in(tmp_path, WITHDRAWN.replace("ent/somebody", PERSON))
    with pytest.raises(
        ProjectError, match=rf"pyproject.toml(:\d+)?: .*withdrawn: {PERSON} is still described in the data"
    ):
        Site(check(read_project(folder)))


@pytest.mark.parametrize(
    "table",
    ["{ date = 2026-11-20 }", '{ date = "soon", reason = { en = "because" } }', '{ date = 2026-11-20, reason = "x" }'],
)
def test_withdrawal_needs_a_date_and_a_reason(tmp_path, table):
    (tmp_path / "pyproject.toml").write_text(f'[tool.whereas]\nwithdrawn = {{ "ent/x" = {table} }}\n')
    with pytest.raises(ProjectError, match="withdrawn: expected a date and a reason by language"):
        read_project(tmp_path)


# -------------------------------------------------------------------- other languages

GERMAN = r"""
msgid ""
msgstr ""
"Language: de\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"Content-Type: text/plain; charset=utf-8\n"

msgid "nothing is published at this address: {path}"
msgstr "unter der Adresse, die Sie nennen, ist \"nichts\" (zu 100 %, für $1): {path}"

msgid "not acceptable: the available types are {types}"
msgstr "hier ist nichts, was Sie annehmen; es gibt {types}"
"""


@pytest.fixture(scope="module")
def german(built, tmp_path_factory):
    """The release with rules for German and Brazilian Portuguese, in a copy; its pages stay as they are."""
    folder = tmp_path_factory.mktemp("german")
    catalogue = folder / "locale/de/LC_MESSAGES/whereas.mo"
    catalogue.parent.mkdir(parents=True)
    (folder / "whereas.po").write_text(GERMAN, "utf-8")
    with catalogue.open("wb") as target, (folder / "whereas.po").open("rb") as source:
        write_mo(target, read_po(source, locale="de"))
    shutil.copytree(built / "public", folder / "public", copy_function=os.link)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(i18n, "LOCALE", folder / "locale")
        i18n._catalogue.cache_clear()
        site = Site(check(read_project(built)))
        patch.setattr(site.pages, "languages", ("en", "de", "pt-BR"))
        for path, content in hosting.rules(site):
            (folder / "public" / path).unlink()
            (folder / "public" / path).write_bytes(content)
    i18n._catalogue.cache_clear()
    return folder


@pytest.mark.system
@pytest.mark.parametrize("host", [apache, nginx, caddy])
def test_every_host_speaks_any_language_of_the_interface(german, host):
    with host(german / host.__name__, german / "public") as address:
        reply = httpx.get(f"{address}/none", headers={"Accept-Language": "de-AT, en;q=0.5"})
        text = 'unter der Adresse, die Sie nennen, ist "nichts" (zu 100 %, für $1): /none'
        assert (reply.status_code, reply.content.decode().strip()) == (404, text)
        headers = {"Accept-Language": "de", "Accept": "image/png"}
        reply = httpx.get(f"{address}/{DOCUMENT}", headers=headers)
        assert reply.status_code == 406
        assert reply.content.decode().startswith("hier ist nichts, was Sie annehmen; es gibt text/html, ")
        for accepted in ("pt", "pt-BR", "pt-br-x-Rio"):
            reply = httpx.get(f"{address}/{DOCUMENT}", headers={"Accept": "text/html", "Accept-Language": accepted})
            assert reply.status_code == 404, accepted  # the page in Portuguese was chosen, and there is none
        reply = httpx.get(f"{address}/{DOCUMENT}", headers={"Accept": "text/html", "Accept-Language": "pt-PT"})
        assert reply.headers["content-language"] == "en"


# -------------------------------------------------------------------- redirects of IRIs at w3id.org


@pytest.fixture(scope="module")
def w3id(built):
    """An Apache with the rules for w3id.org, and none of the site's files."""
    folder = built / "w3id"
    (folder / "whereas").mkdir(parents=True)
    shutil.copy(built / "public/hosting/w3id.htaccess", folder / "whereas/.htaccess")
    (folder / "index.html").write_text("w3id")
    with apache(built / "apache-w3id", folder) as address:
        yield f"{address}/whereas/"


TURTLE, JSON_LD = "text/turtle", "application/ld+json"


@pytest.mark.system
@pytest.mark.parametrize(
    ("path", "accept", "status", "location"),
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
def test_iri_redirects_to_an_existing_file(w3id, built, path, accept, status, location):
    reply = httpx.get(f"{w3id}{path}", headers={"Accept": accept, "Accept-Language": "en"})
    assert (reply.status_code, reply.headers.get("location", "")) == (
        status,
        f"https://whereas.example{location}" if location else "",
    )
    assert not location or (built / "public" / location[1:]).exists()


@pytest.mark.system
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
def test_iri_of_a_service_redirects_with_its_method_and_query(w3id, method, path, status):
    reply = httpx.request(method, f"{w3id}{path}", headers={"Accept": "application/sparql-results+json"})
    assert (reply.status_code, reply.headers["location"]) == (status, f"https://whereas.example/{path}")


def test_text_of_a_document_is_served_as_plain_text(address, built):
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


def test_headers_file_is_within_limits_and_gives_each_file_one_type(built):
    rules = (built / "public/_headers").read_text()
    assert rules.count("\n/") < 100  # Cloudflare's limit
    assert "unsafe-inline" not in rules
    typed = {  # media type by pattern
        re.escape(pattern).replace(r"\*", ".*"): kind
        for pattern, kind in re.findall(r"^(/\S+)\n  Content-Type: (\S+)", rules, re.MULTILINE)
    }
    paths = [line[66:] for line in (built / "public/SHA256SUMS").read_text().splitlines()]
    matched = {path: [kind for pattern, kind in typed.items() if re.fullmatch(pattern, f"/{path}")] for path in paths}
    assert {path: kinds for path, kinds in matched.items() if len(kinds) > 1} == {}
    assert matched["queries/demands-by.json"] == ["application/sparql-results+json"]
    assert matched[f"{DOCUMENT}.linkset.json"] == ["application/linkset+json"]


@pytest.fixture(scope="module")
def on_cloudflare(built):
    with cloudflare(built / "cloudflare", built / "public") as address:
        yield address


@pytest.mark.system
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
def test_cloudflare_serves_each_file_with_its_type_and_language(on_cloudflare, path, kind, language):
    reply = httpx.get(f"{on_cloudflare}/{path}", follow_redirects=True)
    assert reply.status_code == 200
    assert reply.headers["content-type"].partition(";")[0] == kind
    assert language in (None, reply.headers.get("content-language"))
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.system
def test_cloudflare_serves_the_not_found_page_with_working_links(on_cloudflare):
    reply = httpx.get(f"{on_cloudflare}/doc/none/of/this")
    assert reply.status_code == 404
    links = re.findall(r'href="([^"]+)"', reply.text)
    assert "/search.fr.html" in links and "/search.en.html" in links
    for link in links:
        assert httpx.get(f"{on_cloudflare}{link}", follow_redirects=True).status_code == 200, link
