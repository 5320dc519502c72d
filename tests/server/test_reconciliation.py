"""The reconciliation service, as OpenRefine and other clients use it: a real server, on loopback."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import numpy
import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from reconciler import reconcile
from referencing import Registry, Resource

from servers import free_port, running

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT.parent / "shared/schemas/reconciliation-0.2"
LANGUAGES = ("en", "fr")
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a server of the real project, with one entity whose name is markup and two who share theirs."""
    folder = tmp_path_factory.mktemp("reconciliation")
    for name in ("data", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    persons = folder / "data/entities/persons.yaml"
    persons.write_text(
        persons.read_text("utf-8")
        + f"- id: ent:hostile\n  type: Person\n  label: {{fr: '{HOSTILE}', en: '{HOSTILE}'}}\n"
        + "- id: ent:other-xi-jinping\n  type: Person\n  label: {fr: Xi Jinping, en: Xi Jinping}\n",
        "utf-8",
    )
    port = free_port()
    command = [sys.executable, "-m", "whereas", "serve", "-C", str(folder), "-p", str(port)]
    with running(command, f"http://127.0.0.1:{port}/-/health"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def client(site):
    with httpx.Client(base_url=f"{site}/reconcile/", timeout=30) as client:
        yield client


def results(client, language="en", **queries):
    """Return the candidates of queries, by their keys."""
    reply = client.post(language, data={"queries": json.dumps(queries)})
    assert reply.status_code == 200, reply.text
    return {key: batch["result"] for key, batch in reply.json().items()}


def first(client, language="en", **query):
    return results(client, language, q0=query)["q0"][0]


# -------------------------------------------------------------------- who is meant


@pytest.mark.parametrize(
    ("name", "entity", "is_match"),
    [
        ("European Parliament", "parlement-europeen", True),
        ("Parlement européen", "parlement-europeen", True),
        ("Chen Quanguo", "chen-quanguo", False),  # a person, on a name alone
        ("Quanguo CHEN", "chen-quanguo", False),
        ("陈全国", "chen-quanguo", False),
        ("Raphael Gluksman", "raphael-glucksmann", False),  # misspelt
        ("Tohti", "ilham-tohti", False),
        ("raphael-glucksmann", "raphael-glucksmann", True),
        ("https://w3id.org/whereas/ent/raphael-glucksmann", "raphael-glucksmann", True),
        ("Q556149", "raphael-glucksmann", True),
    ],
)
def test_name_finds_the_entity_meant(client, name, entity, is_match):
    candidate = first(client, query=name)
    assert (candidate["id"], candidate["match"]) == (entity, is_match)


def test_every_entity_is_found_by_each_of_its_names(client):
    every = client.get("en/suggest/entity", params={"prefix": ""}).json()["result"]
    assert len(every) == 20
    for entity in every:
        assert entity["id"] in [other["id"] for other in results(client, q0={"query": entity["name"]})["q0"]]


def test_score_is_the_sum_of_features_in_the_language_of_the_service(client):
    candidate = first(client, "fr", query="Chen Quanguo", type="foaf:Person")
    assert candidate["score"] == sum(feature["value"] for feature in candidate["features"]) == 50
    assert [feature["name"] for feature in candidate["features"]] == [
        "son libellé est Chen Quanguo",
        "c’est une instance de foaf:Person",
    ]
    assert candidate["type"] == [{"id": "foaf:Person", "name": "personne"}]


def test_person_is_matched_by_an_identifier_and_never_by_another_s(client):
    mep = [{"pid": "owl:sameAs", "v": "197694"}]
    candidate = first(client, query="R. Glucksmann", properties=mep)
    assert (candidate["id"], candidate["match"]) == ("raphael-glucksmann", True)
    other = [{"pid": "owl:sameAs", "v": "http://www.wikidata.org/entity/Q1"}]
    others = results(client, q0={"query": "Raphaël Glucksmann", "properties": other})["q0"]
    assert "raphael-glucksmann" not in [candidate["id"] for candidate in others]


def test_identifier_under_another_name_is_no_match(client):
    (candidate,) = results(client, q0={"query": "Somebody Else", "properties": [{"pid": "owl:sameAs", "v": "197694"}]})[
        "q0"
    ]
    assert (candidate["id"], candidate["score"], candidate["match"]) == ("raphael-glucksmann", 50, False)
    assert candidate["features"][0]["name"] == "no name agrees: it is called Raphaël Glucksmann"


def test_homonyms_are_both_candidates_and_neither_is_a_match(client):
    candidates = results(client, q0={"query": "Xi Jinping"})["q0"]
    assert [candidate["id"] for candidate in candidates[:2]] == ["other-xi-jinping", "xi-jinping"]
    assert not any(candidate["match"] for candidate in candidates)


def test_type_leaves_others_out_unless_it_only_should(client):
    candidates = results(
        client,
        any={"query": "China", "type": ["schema:Place", "foaf:Person"]},
        all={"query": "China", "type": ["schema:Place", "foaf:Person"], "type_strict": "all"},
        should={"query": "Chen Quanguo", "type": "schema:Place", "type_strict": "should"},
    )
    assert candidates["any"][0]["id"] == "chine"
    assert candidates["all"] == []
    assert candidates["should"][0]["id"] == "chen-quanguo"


def test_limit_is_kept_and_properties_alone_find(client):
    assert len(results(client, q0={"query": "European Parliament", "limit": 2})["q0"]) == 2
    candidate = first(client, properties=[{"pid": "owl:sameAs", "v": {"id": "wd:Q8889"}}])
    assert (candidate["id"], candidate["match"]) == ("parlement-europeen", True)


def test_blank_cell_does_not_fail_the_batch(client):
    blank = [{"pid": "owl:sameAs", "v": None}, {"pid": "owl:sameAs", "v": ""}]
    queries = {"q0": {"query": "China"}, "q1": {"query": ""}, "q2": {"query": " "}, "q3": {"query": None}, "q4": {}}
    answers = results(
        client, **queries, q5={"query": "China", "properties": blank}, q6={"query": "", "properties": blank}
    )
    assert {key: [candidate["id"] for candidate in candidates][:1] for key, candidates in answers.items()} == {
        "q0": ["chine"], "q1": [], "q2": [], "q3": [], "q4": [], "q5": ["chine"], "q6": [],
    }  # fmt: skip
    conditions = [{"matchType": "name", "propertyValue": ""}, {"matchType": "property", "propertyId": "owl:sameAs"}]
    draft = client.post("en/1.0-draft/match", json={"queries": [{"conditions": conditions}]})
    assert draft.json() == {"results": [{"candidates": []}]}


# -------------------------------------------------------------------- the other services


def test_suggestions_start_with_the_prefix_and_continue_at_the_cursor(client):
    def suggestions(kind, **params):
        return [item["id"] for item in client.get(f"en/suggest/{kind}", params=params).json()["result"]]

    assert suggestions("entity", prefix="glu") == ["raphael-glucksmann"]
    assert suggestions("entity", prefix="Q556149") == ["raphael-glucksmann"]
    assert "xi-jinping" in suggestions("entity", prefix="习近平")
    assert suggestions("type", prefix="pers") == ["foaf:Person"]
    assert suggestions("property", prefix="other n") == ["skos:altLabel"]
    every = suggestions("entity", prefix="")
    assert suggestions("entity", prefix="", cursor="1")[:5] == every[1:6]


def test_values_are_typed(client):
    query = {
        "ids": ["resolution-tohti-2024", "no-such"],
        "properties": [{"id": "dcterms:creator"}, {"id": "owl:sameAs"}],
    }
    rows = client.post("en", data={"extend": json.dumps(query)}).json()["rows"]
    assert rows["resolution-tohti-2024"]["dcterms:creator"] == [
        {"id": "parlement-europeen", "name": "European Parliament"}
    ]
    assert rows["no-such"] == {"dcterms:creator": [], "owl:sameAs": []}
    proposed = client.get("fr/extend/propose", params={"type": "foaf:Person"}).json()
    assert [item["id"] for item in proposed["properties"]] == ["owl:sameAs"]


def test_preview_may_be_framed_and_escapes_names(client):
    for path in (f"{tag}{draft}/preview?id=hostile" for tag in LANGUAGES for draft in ("", "/1.0-draft")):
        reply = client.get(path)
        assert "<script" not in reply.text and "&lt;script&gt;" in reply.text
        assert "frame-ancestors *" in reply.headers["content-security-policy"]
        assert "script-src" not in reply.headers["content-security-policy"]
        assert reply.headers["content-language"] == path[:2]
    assert "<script" not in client.get("en/flyout/entity?id=hostile").json()["html"]
    assert client.get("en/preview?id=no-such").status_code == 404


def test_pages_may_not_be_framed(site):
    assert "frame-ancestors 'none'" in httpx.get(f"{site}/ent/hostile.en.html").headers["content-security-policy"]


# -------------------------------------------------------------------- the schemas, and the draft


@pytest.fixture(scope="module")
def schemas():
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas of the specification are absent: ../shared/schemas is not in a clone")
    documents = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
    registry = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema | {"$schema": "http://json-schema.org/draft-07/schema#"}))
        for schema in documents.values()
        if "$id" in schema
    )
    return {
        name.removesuffix(".json"): Draft7Validator(
            schema | {"$schema": "http://json-schema.org/draft-07/schema#"}, registry=registry
        )
        for name, schema in documents.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_response_validates_against_the_schemas(client, schemas, language):
    names = ["Xi Jinping", "European Parliament", "zzz", "陈全国", HOSTILE]
    queries = {f"q{n}": {"query": name, "type": "foaf:Person", "limit": 3} for n, name in enumerate(names)}
    queries["alone"] = {"properties": [{"pid": "owl:sameAs", "v": ["Q556149", {"id": "x", "name": "y"}]}]}
    schemas["reconciliation-query-batch"].validate(queries)
    schemas["manifest"].validate(client.get(language).json())
    text = json.dumps(queries)
    posted, got = client.post(language, data={"queries": text}), client.get(language, params={"queries": text})
    assert posted.json() == got.json()
    schemas["reconciliation-result-batch"].validate(posted.json())
    ids = [item["id"] for item in client.get(f"{language}/suggest/entity?prefix=").json()["result"]]
    properties = client.get(f"{language}/extend/propose", params={"type": "org:Organization", "limit": 9}).json()
    schemas["data-extension-property-proposal"].validate(properties)
    wanted = {"ids": ids, "properties": [{"id": item["id"]} for item in properties["properties"]]}
    schemas["data-extension-query"].validate(wanted)
    schemas["data-extension-response"].validate(client.post(language, data={"extend": json.dumps(wanted)}).json())
    for kind, plural in (("entity", "entities"), ("property", "properties"), ("type", "types")):
        for prefix in ("", "e", HOSTILE):
            suggestions = client.get(f"{language}/suggest/{kind}", params={"prefix": prefix}).json()
            schemas[f"suggest-{plural}-response"].validate(suggestions)


def test_urls_of_the_manifest_resolve(client):
    manifest = client.get("fr").json()
    assert httpx.get(manifest["view"]["url"].replace("{{id}}", "chine"), follow_redirects=True).status_code == 200
    assert httpx.get(manifest["preview"]["url"].replace("{{id}}", "chine")).status_code == 200
    assert httpx.get(manifest["documentation"]).status_code == 200
    for kind, sample in (("entity", "chine"), ("property", "owl:sameAs"), ("type", "foaf:Person")):
        service = manifest["suggest"][kind]
        assert httpx.get(service["service_url"] + service["service_path"], params={"prefix": "a"}).status_code == 200
        flyout = service["flyout_service_url"] + service["flyout_service_path"].replace("${id}", sample)
        assert httpx.get(flyout).json()["id"] == sample


def test_draft_has_the_same_content_in_its_own_form(client):
    manifest = client.get("en/1.0-draft").json()
    assert manifest["versions"] == ["1.0-draft"]
    assert manifest["suggest"] == {"entity": True, "property": True, "type": True}
    condition = {"matchType": "name", "propertyValue": "Parlement européen"}
    mep = {"matchType": "property", "propertyId": "owl:sameAs", "propertyValue": "197694", "required": True}
    queries = [{"conditions": [condition], "type": "org:Organization", "limit": 1}, {"conditions": [mep]}]
    results = client.post("en/1.0-draft/match", json={"queries": queries}).json()["results"]
    assert [[item["id"] for item in result["candidates"]] for result in results] == [
        ["parlement-europeen"],
        ["raphael-glucksmann"],
    ]
    old = first(client, query="Parlement européen", type="org:Organization")
    assert results[0]["candidates"][0] == old
    query = {"ids": ["chine"], "properties": [{"id": "owl:sameAs"}]}
    row = client.post("en/1.0-draft/extend", json=query).json()["rows"][0]
    assert row["id"] == "chine"
    assert row["properties"][0]["values"] == [{"str": "http://www.wikidata.org/entity/Q148"}]


def test_required_and_quantified_conditions_exclude_candidates(client):
    def candidates(**more):
        name = {"matchType": "name", "propertyValue": "Raphaël Glucksmann"}
        other = {"matchType": "property", "propertyId": "owl:sameAs", **more}
        reply = client.post("en/1.0-draft/match", json={"queries": [{"conditions": [name, other]}]}).json()
        return [one["id"] for one in reply["results"][0]["candidates"]]

    both = ["197694", "Q556149"]
    assert candidates(propertyValue=both, matchQuantifier="all", required=True) == ["raphael-glucksmann"]
    assert candidates(propertyValue=["197694", "5"], matchQuantifier="all", required=True) == []
    assert candidates(propertyValue=["197694", "5"], required=True) == ["raphael-glucksmann"]
    assert candidates(propertyValue=both, matchQuantifier="none", required=True) == []


# -------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("path", "data", "status", "message"),
    [
        ("de", None, 404, "not found: expected one of /reconcile/fr, /reconcile/en"),
        ("en?callback=f", None, 400, "callback: JSONP (API 0.1) is not supported; any origin may read the JSON (CORS)"),
        ("en", {"query": "China"}, 400, "query: single queries (API 0.1) are not supported: expected 'queries'"),
        ("en", {"x": "y"}, 400, "expected 'queries' or 'extend'"),
        ("en", {"queries": "[]"}, 400, "queries: expected an object"),
        ("en", {"queries": "{"}, 400, None),
        ("en", {"queries": "[" * 100_000}, 400, None),
        ("en", {"queries": '{"q": {"query": 1}}'}, 400, "queries: q: query: expected a string"),
        (
            "en",
            {"queries": json.dumps({"q": {"query": "a" * 1001}})},
            400,
            "queries: q: query: expected at most 1000 characters, got 1001",
        ),
        (
            "en",
            {"queries": json.dumps({f"q{n}": {"query": "a"} for n in range(51)})},
            413,
            "queries: expected at most 50, got 51",
        ),
        ("en", {"queries": "x" * 1_000_001}, 413, "request body: expected at most 1,000,000 bytes"),
        ("en", {"extend": '{"ids": []}'}, 400, "properties: expected an array"),
        ("en/suggest/entity?prefix=a&cursor=-1", None, 400, "cursor: expected a whole number from 0, got '-1'"),
        ("en/suggest/entity", {"prefix": "a"}, 405, "method: expected GET, HEAD, OPTIONS, got POST"),
        ("en/1.0-draft/match", None, 405, "method: expected POST, OPTIONS, got GET"),
        (
            "en/1.0-draft/match",
            {"queries": "[]"},
            415,
            "content type: expected application/json, got 'application/x-www-form-urlencoded'",
        ),
        ("en/nowhere", None, 404, None),
    ],
)
def test_error_is_one_line(client, path, data, status, message):
    reply = client.get(path) if data is None else client.post(path, data=data)
    assert reply.status_code == status, reply.text
    assert reply.text.count("\n") == 1
    assert message is None or reply.text == f"{message}\n"


def test_other_origins_may_send_requests(client):
    reply = client.options("en", headers={"Origin": "http://127.0.0.1:3333", "Access-Control-Request-Method": "POST"})
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert client.get("en").headers["access-control-allow-origin"] == "*"
    assert client.delete("en").status_code == 405


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["query", "type", "limit", "properties", "pid", "v", "ids", "id", "conditions", "matchType", "propertyValue", "queries", "q0"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=json_values, service=st.sampled_from(["queries", "extend", "match", "draft-extend"]))
def test_no_request_makes_the_server_fail(client, document, service):
    text = json.dumps(document)
    if service in ("queries", "extend"):
        reply = client.post("en", data={service: text})
    else:
        address = f"en/1.0-draft/{service.removeprefix('draft-')}"
        reply = client.post(address, content=text, headers={"Content-Type": "application/json"})
    assert reply.status_code in (200, 400, 413), reply.text


# -------------------------------------------------------------------- clients of others, and our own


def test_third_party_client_reconciles_a_table(site, monkeypatch):
    monkeypatch.setattr(numpy, "NaN", numpy.nan, raising=False)  # reconciler 0.2.2 asks for it; NumPy 2 has it no more
    table = pandas.DataFrame(
        {
            "who": ["Chen Quanguo", "European Parliament", "Raphael Glucksmann", "Nobody Whatsoever"],
            "wikidata": ["", "Q8889", "Q556149", ""],
        }
    )
    service = f"{site}/reconcile/en"
    by_name = reconcile(table["who"], reconciliation_endpoint=service)
    assert dict(zip(by_name["input_value"], by_name["id"].fillna(""), strict=True)) == {
        "Chen Quanguo": "chen-quanguo",
        "European Parliament": "parlement-europeen",
        "Raphael Glucksmann": "raphael-glucksmann",
        "Nobody Whatsoever": "",
    }
    assert list(by_name["match"]) == [False, True, False, False]
    known = table[table["wikidata"] != ""].reset_index(drop=True)
    by_item = reconcile(
        known["who"], property_mapping={"owl:sameAs": known["wikidata"]}, reconciliation_endpoint=service
    )
    assert list(by_item["match"]) == [True, True]


def test_link_propose_uses_the_service(site, tmp_path):
    """Another project of ours has decided already: its links are evidence, and the decision stays with a person."""
    for name in ("data", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "data/links/wikidata.sssom.tsv"
    path.write_text("".join(line for line in path.open(encoding="utf-8") if "Q556149" not in line), "utf-8")
    command = [sys.executable, "-m", "whereas", "link", "propose", "-C", str(tmp_path), "ent:raphael-glucksmann"]
    run = subprocess.run([*command, "--reconcile", f"{site}/reconcile/en"], capture_output=True, text=True, check=False)
    assert run.stdout.splitlines()[:3] == [
        "ent:raphael-glucksmann  Raphaël Glucksmann",
        "  Q556149  Raphaël Glucksmann  150",
        "    +100  same MEP id 197694",
    ], run.stderr


# -------------------------------------------------------------------- the how-to

PAGE = (ROOT / "docs/how-to/reconcile-a-spreadsheet.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if "localhost" in line
]


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_the_page_works(command, site):
    words = shlex.split(command.replace("http://localhost:8001", site))
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    run = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout


def test_script_of_the_page_prints_what_it_shows(site):
    (script,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    command = [sys.executable, "-c", script.replace("http://localhost:8001", site)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, shown), run.stderr
