"""Links to Wikidata, against a real SPARQL server with items in its shape, behind a proxy that fails on demand."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner
from sssom.parsers import parse_sssom_table
from sssom.validators import validate

import whereas
from servers import free_port, oxigraph
from whereas.cache import Cache
from whereas.cli.main import main
from whereas.errors import ArgumentError, RemoteError
from whereas.http.response_cache import ResponseCache
from whereas.http.sparql_client import agent, ask_endpoint
from whereas.linking.item_sources import Endpoint, Extract
from whereas.project.sssom import change
from whereas.rdf.wikibase import Claim, Item, quads, read_items, to_json

ROOT = Path(__file__).parents[2]
ITEMS = ROOT / "tests/linking/wikidata/items.ttl"
EDITOR = "ent:redaction-whereas"


class Proxy(ThreadingHTTPServer):
    """Passes requests on to the store, one fault first for each that is planned; keeps who asked and how."""

    daemon_threads = True

    def __init__(self, store: str) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.store = store
        self.faults: list[str] = []
        self.agents: list[str] = []
        self.under_way = self.most_under_way = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/query"


class Passing(BaseHTTPRequestHandler):
    server: Proxy

    def log_message(self, *told: object) -> None:
        pass

    def do_POST(self) -> None:
        self.server.under_way += 1
        self.server.most_under_way = max(self.server.under_way, self.server.most_under_way)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.agents.append(self.headers["User-Agent"])
        self.answer(self.server.faults.pop(0) if self.server.faults else "", body)

    def answer(self, fault: str, body: bytes) -> None:
        if fault in ("drop", "hang"):
            self.server.under_way -= 1
        if fault == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "hang":
            time.sleep(3)
        elif fault[:3] in ("429", "502", "503", "504"):
            status, _, wait = fault.partition(" ")
            self.send(int(status), b"busy", {"Retry-After": wait} if wait else {})
        elif fault == "other":
            self.send(200, b'{"head": {"vars": ["x"]}, "results": {"bindings": []}}', {})
        elif fault == "html":
            self.send(200, b"<!DOCTYPE html>\n<html>maintenance</html>", {"Content-Type": "text/html"})
        else:
            headers = {k: v for k, v in self.headers.items() if k in ("Accept", "Content-Type")}
            try:
                with urlopen(Request(self.server.store, body, headers)) as response:
                    content, kind = response.read(), response.headers["Content-Type"]
            except HTTPError as problem:
                self.send(problem.code, problem.read(), {})
                return
            if fault == "truncated":
                content = content[: len(content) // 2]
            self.send(200, content, {"Content-Type": kind})

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.server.under_way -= 1  # before who asks can have read it, and ask again
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def store():
    """The address of an Oxigraph server that holds the items."""
    with oxigraph() as server:
        told = {"Content-Type": "text/turtle"}
        urlopen(Request(f"{server.address}/store?default", ITEMS.read_bytes(), told, method="PUT")).close()
        yield server.query


@pytest.fixture
def proxy(store):
    with Proxy(store) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def checked_once(tmp_path_factory) -> Path:
    """A copy of the real project, with what a first check remembers."""
    folder = tmp_path_factory.mktemp("link")
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copy(ROOT / "pyproject.toml", folder)
    whereas.check(whereas.read_project(folder))
    return folder


@pytest.fixture
def project(checked_once, tmp_path) -> Path:
    return Path(shutil.copytree(checked_once, tmp_path / "project"))


def run(project: Path, *words: str, code: int = 0, told: str = "") -> str:
    """What the command prints."""
    verb, *rest = words
    result = CliRunner().invoke(main, ["link", verb, "-C", str(project), *rest], input=told, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def links(project: Path) -> str:
    return (project / "data/links/wikidata.sssom.tsv").read_text("utf-8")


def rows(project: Path, name: str) -> list[dict[str, str]]:
    heading, *told = (line.split("\t") for line in links(project).splitlines() if not line.startswith("#"))
    return [row for cells in told if (row := dict(zip(heading, cells, strict=True)))["subject_id"] == name]


def is_sssom(path: Path) -> bool:
    return not any(report.results for report in validate(parse_sssom_table(path)).values())


# -------------------------------------------------------------------- proposals


def test_proposal_tells_every_reason_and_its_points(project, proxy):
    assert run(project, "propose", "ent:xi-jinping", "--endpoint", proxy.address) == (
        "ent:xi-jinping  Xi Jinping\n"
        "  Q15031  Xi Jinping  60\n"
        "     +40  its label is Xi Jinping\n"
        "     +10  it is an instance of Q5\n"
        "     +10  tied to what the same documents name: China, Chinese Communist Party\n"
        "Next: --write keeps them\n"
    )


def test_proposal_speaks_french(project, proxy):
    told = run(project, "propose", "ent:xi-jinping", "--endpoint", proxy.address, "--lang", "fr")
    assert "     +40  son libellé est Xi Jinping\n" in told


def test_of_two_persons_named_alike_the_living_one_comes_first(project, proxy):
    told = run(project, "propose", "ent:chen-quanguo", "--endpoint", proxy.address)
    assert re.findall(r"^  (Q\d+)", told, re.MULTILINE) == ["Q551462", "Q90000001"]
    assert "     -20  died 1970, before our documents\n" in told


def test_name_in_another_script_is_found(project, proxy):
    told = run(project, "propose", "ent:wang-junzheng", "--endpoint", proxy.address)
    assert "  Q90000004  王君正" in told


def test_page_that_lists_homonyms_is_no_candidate(project, proxy):
    told = run(project, "propose", "ent:ilham-tohti", "--endpoint", proxy.address)
    assert re.findall(r"^  (Q\d+)", told, re.MULTILINE) == ["Q90000002"]


def test_person_is_never_accepted_on_a_name_alone(project, proxy):
    before = links(project)
    told = run(project, "propose", "--endpoint", proxy.address, "--accept", "80", "--by", EDITOR)
    assert re.findall(r"^  (Q\d+)  Xi Jinping", told, re.MULTILINE) == ["Q15031"]
    assert " accepted" not in told
    assert links(project) == before


def test_threshold_below_the_floor_is_refused(project, proxy):
    told = run(project, "propose", "--endpoint", proxy.address, "--accept", "50", "--by", EDITOR, code=2)
    assert "50 is not in the range x>=80" in told


def test_identifier_decides_and_somebody_answers_for_it(project, proxy):
    without(project, "ent:raphael-glucksmann")
    run(project, "propose", "ent:raphael-glucksmann", "--endpoint", proxy.address, "--accept", "95", "--by", EDITOR)
    (row,) = rows(project, "ent:raphael-glucksmann")
    assert (row["object_id"], row["reviewer_id"], row["predicate_modifier"]) == ("wd:Q556149", EDITOR, "")
    assert row["comment"].startswith("+100 same MEP id 197694; +40 its label is Raphaël Glucksmann")


@pytest.mark.parametrize(
    ("name", "page", "theirs", "told"),
    [
        ("P213", "https://isni.org/isni/0000000121032683", "0000 0001 2103 2683", "same ISNI 0000000121032683"),
        ("P214", "https://viaf.org/viaf/102333412", "102333412", "same VIAF id 102333412"),
        ("P227", "https://d-nb.info/gnd/118529579", "118529579", "same GND id 118529579"),
    ],
)
def test_identifier_of_a_library_decides_too(project, tmp_path, name, page, theirs, told):
    path = project / "data/links/europarl.sssom.tsv"
    row = next(line for line in path.read_text("utf-8").splitlines() if "\tep:person/" in line).split("\t")
    row[0], row[2], row[4] = "ent:ilham-tohti", "rdfs:seeAlso", page
    path.write_text(path.read_text("utf-8") + "\t".join(row) + "\n", "utf-8")
    items = Item("Q1", {"en": "Ilham Tohti"}, claims={name: (Claim(theirs),)}), Item("Q2", {"en": "Ilham Tohti"})
    extract = tmp_path / "items.jsonl"
    extract.write_text("".join(json.dumps(to_json(item)) + "\n" for item in items), "utf-8")
    shown = run(project, "propose", "ent:ilham-tohti", "--extract", str(extract), "--accept", "80", "--by", EDITOR)
    assert "  Q1  Ilham Tohti  140 accepted\n" in shown
    assert f"    +100  {told}\n" in shown


@pytest.mark.parametrize("kind", ["Q11424", "Q515"])  # film, city
def test_thing_of_another_kind_than_a_body_comes_after_and_says_so(project, tmp_path, kind):
    without(project, "ent:le-monde")
    items = (
        Item("Q1", {"en": "Le Monde", "fr": "Le Monde"}, claims={"P31": (Claim(kind),)}),
        Item("Q2", {"en": "Le Monde", "fr": "Le Monde"}, claims={"P31": (Claim("Q90000099"),)}),
    )
    extract = tmp_path / "items.jsonl"
    extract.write_text("".join(json.dumps(to_json(item)) + "\n" for item in items), "utf-8")
    told = run(project, "propose", "ent:le-monde", "--extract", str(extract))
    assert re.findall(r"^  (Q\d+)", told, re.MULTILINE) == ["Q2", "Q1"]
    assert f"     -20  it is an instance of {kind}, hardly what ours is\n" in told


def test_name_in_capitals_and_in_another_language_is_found(project, proxy):
    persons = project / "data/entities/persons.yaml"
    with persons.open("a", encoding="utf-8") as file:
        file.write("- id: ent:mccall\n  type: Person\n  label: {fr: Ana DE LA McCALL, en: Ana DE LA McCALL}\n")
    told = run(project, "propose", "ent:mccall", "--endpoint", proxy.address)
    assert "  Q90000021  Ana de la McCall" in told


def test_conflicting_identifier_excludes(project, store, tmp_path):
    without(project, "ent:raphael-glucksmann")
    other = tmp_path / "other.jsonl"
    (item,) = endpoint(store, tmp_path).items(["Q556149"]).values()
    other.write_text(json.dumps(to_json(item)).replace('"197694"', '"1"'))
    told = run(project, "propose", "ent:raphael-glucksmann", "--extract", str(other))
    assert told.startswith("ent:raphael-glucksmann  Raphaël Glucksmann: nothing found\n")


@pytest.mark.parametrize(
    ("name", "language", "told"),
    [
        ("ent:nobody", "en", "whereas: https://w3id.org/whereas/ent/nobody: expected an entity or a term of ours\n"),
        (
            "ent:nobody",
            "fr",
            "whereas : https://w3id.org/whereas/ent/nobody : une entité ou un terme à nous est attendu\n",
        ),
        ("ent:parlement-europeen", "en", "ent:parlement-europeen: linked already\n"),
        ("ent:parlement-europeen", "fr", "ent:parlement-europeen : déjà lié\n"),
    ],
)
def test_name_for_which_nothing_can_be_proposed_is_told(project, tmp_path, name, language, told):
    extract = tmp_path / "items.jsonl"
    extract.write_text("")
    words = ["link", "propose", name, "--extract", str(extract), "-C", str(project), "--lang", language]
    assert CliRunner().invoke(main, words).output == told


def test_extract_that_is_not_there_is_one_sentence_in_both_languages(tmp_path):
    path = tmp_path / "none.jsonl"
    with pytest.raises(ArgumentError) as error:
        Extract(path)
    assert error.value.message.in_language("en") == f"{path}: cannot be read: No such file or directory"
    assert error.value.message.in_language("fr") == f"{path} : illisible : No such file or directory"


def test_written_proposals_say_nothing_in_the_graph(project, proxy):
    run(project, "propose", "ent:ilham-tohti", "--endpoint", proxy.address, "--write")
    (row,) = rows(project, "ent:ilham-tohti")
    assert (row["object_id"], row["reviewer_id"]) == ("wd:Q90000002", "")
    graph = whereas.check(whereas.read_project(project)).graph()
    assert not graph.query("ASK { ?entity ?link <http://www.wikidata.org/entity/Q90000002> }").boolean
    assert is_sssom(project / "data/links/wikidata.sssom.tsv")
    again = links(project)
    run(project, "propose", "ent:ilham-tohti", "--endpoint", proxy.address, "--write")
    assert links(project) == again


def without(project: Path, name: str) -> None:
    """Take the links of one entity to Wikidata away."""
    path = project / "data/links/wikidata.sssom.tsv"
    path.write_text("".join(line for line in links(project).splitlines(True) if not line.startswith(f"{name}\t")))


def endpoint(address: str, folder: Path, offline: bool = False) -> Endpoint:
    return Endpoint(
        address, ("en", "fr", "zh", "ug"), ResponseCache(Cache(folder / "answers"), offline), "mail@example.org"
    )


def test_extract_and_endpoint_give_the_same_items(store, tmp_path):
    qids = ["Q556149", "Q148", "Q551462", "Q90000004", "Q15031"]
    items = endpoint(store, tmp_path).items(qids)
    extract = tmp_path / "items.jsonl"
    extract.write_text("".join(json.dumps(to_json(item)) + "\n" for item in items.values()), "utf-8")
    assert Extract(extract).items(qids) == items
    assert list(read_items("[\n" + ",\n".join(extract.read_text().splitlines()) + "\n]")) == [
        items[qid] for qid in sorted(qids)
    ]


def test_item_keeps_how_precise_a_day_is_and_drops_what_is_deprecated(store, tmp_path):
    items = endpoint(store, tmp_path).items(["Q551462", "Q556149", "Q90000001", "Q90000004", "Q90000010", "Q90000099"])
    assert items["Q551462"].values("P569") == ("1955-11",)
    assert items["Q556149"].values("P569") == ("1979-10-15",)
    assert items["Q90000001"].values("P570") == ("1970",)
    assert items["Q90000004"].values("P39") == ()
    assert items["Q90000010"].target == "Q15031"
    assert items["Q90000099"].missing
    assert items["Q556149"].claims["P39"][0].qualifiers == (("P580", "2019-07-02"),)


def snak(value: object, kind: str = "value") -> dict[str, object]:
    return {"mainsnak": {"snaktype": kind, **({"datavalue": {"value": value}} if kind == "value" else {})}}


UNKNOWN = {
    "id": "Q90000020",
    "claims": {
        "P31": [snak({"id": "Q5"}), snak(None, "somevalue"), snak(None, "novalue")],
        "P569": [
            {**snak({"time": "+1979-10-15T00:00:00Z", "precision": 11}), "rank": "preferred"},
            snak({"time": "+1978-00-00T00:00:00Z", "precision": 9}),
            snak({"time": "+12026-01-01T00:00:00Z", "precision": 9}),
            snak({"time": "+1979-00-00T00:00:00Z", "precision": 11}),
        ],
        "P1186": [snak(None, "somevalue")],
        "P625": [
            snak({"latitude": 41, "longitude": -85.5, "globe": "http://www.wikidata.org/entity/Q2"}),
            snak({"latitude": 41, "longitude": 85, "globe": "http://www.wikidata.org/entity/Q111"}),
        ],
    },
}


@pytest.mark.parametrize("source", ["endpoint", "extract"])
def test_what_nobody_knows_and_what_is_not_on_earth_is_no_value(store, tmp_path, source):
    extract = tmp_path / "items.jsonl"
    extract.write_text(json.dumps(UNKNOWN))
    found = endpoint(store, tmp_path) if source == "endpoint" else Extract(extract)
    item = found.items(["Q90000020"])["Q90000020"]
    told = {name: item.values(name) for name in ("P31", "P569", "P18", "P1186", "P625")}
    expected = {"P31": ("Q5",), "P569": ("1978", "1979-10-15"), "P18": (), "P1186": (), "P625": ("41.0,-85.5",)}
    assert told == expected
    assert item.best("P569") == ("1979-10-15",)


def test_graph_keeps_ranks_the_precision_of_days_and_wikidatas_own_names(store, tmp_path):
    items = endpoint(store, tmp_path).items(["Q90000020"]).values()
    told = {quad[:3] for quad in quads(items, "urn:graph")}
    entity = "<http://www.wikidata.org/entity/"
    assert {value for _, name, value in told if name.endswith("prop/direct/P569>")} == {
        '"1979-10-15"^^<http://www.w3.org/2001/XMLSchema#date>'
    }
    other = f"{entity}statement/Q90000020-P569-2>"
    assert (other, "<http://wikiba.se/ontology#rank>", "<http://wikiba.se/ontology#NormalRank>") in told
    held = f"{entity}statement/Q90000020-P39-0>"
    assert {value for subject, name, value in told if subject == held and "/qualifier/" in name} == {
        '"2017-03"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>',
        '"2019-01-01"^^<http://www.w3.org/2001/XMLSchema#date>',
    }
    assert {subject for subject, _, _ in told if "/statement/" in subject} == {other, held}


# -------------------------------------------------------------------- decisions


def test_decision_says_who_when_why_and_how_sure(project):
    reason = "born the same day, of the same party"
    printed = run(
        project, "review", "--accept", "ent:xi-jinping", "Q15031", "--by", EDITOR, "--because", reason,
        "--confidence", "0.9",
    )  # fmt: skip
    assert printed == "ent:xi-jinping is wd:Q15031: written to data/links/wikidata.sssom.tsv\n"
    (row,) = rows(project, "ent:xi-jinping")
    assert row["reviewer_id"] == EDITOR
    assert row["comment"] == reason
    assert row["confidence"] == "0.9"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["mapping_date"])
    assert is_sssom(project / "data/links/wikidata.sssom.tsv")
    graph = whereas.check(whereas.read_project(project)).graph()
    assert graph.query("ASK { ?entity ?same <http://www.wikidata.org/entity/Q15031> }").boolean


def test_rejected_item_is_remembered_and_not_proposed_again(project, proxy):
    run(project, "review", "--reject", "ent:ilham-tohti", "Q90000002", "--by", EDITOR, "--because", "another man")
    (row,) = rows(project, "ent:ilham-tohti")
    assert row["predicate_modifier"] == "Not"
    assert is_sssom(project / "data/links/wikidata.sssom.tsv")
    told = run(project, "propose", "ent:ilham-tohti", "--endpoint", proxy.address)
    assert told.startswith("ent:ilham-tohti  Ilham Tohti: nothing found\n")


def test_review_at_the_terminal_shows_the_words_and_takes_decisions(project):
    told = run(project, "review", "--by", EDITOR, told="s\na\nseen on the item\nr\nanother person\nq\n")
    assert "theirs wd:Q551462  Chen Quanguo  confidence 0.6\n" in told
    assert re.search(r"ours   ent:chen-quanguo  Chen Quanguo\n         “.+”\n", told)
    told = {
        name: rows(project, f"ent:{name}")[0] for name in ("chen-quanguo", "guo-shengkun", "xi-jinping", "zhao-kezhi")
    }
    assert {name: (row["predicate_modifier"], row["reviewer_id"]) for name, row in told.items()} == {
        "chen-quanguo": ("", ""),
        "guo-shengkun": ("", EDITOR),
        "xi-jinping": ("Not", EDITOR),
        "zhao-kezhi": ("", ""),
    }


def test_review_asks_again_for_a_reason_that_is_none_and_once_for_an_entity(project):
    path = project / "data/links/wikidata.sssom.tsv"
    second = next(line for line in links(project).splitlines(True) if line.startswith("ent:chen-quanguo\t"))
    path.write_text(links(project).replace(second, second + second.replace("Q551462", "Q90000001")), "utf-8")
    told = run(project, "review", "--by", EDITOR, told='A\na "quoted" reason\nsaid by the item\nq\n')
    assert "because: expected words without straight quotation marks" in told
    assert re.findall(r"^theirs (\S+)", told, re.MULTILINE) == ["wd:Q551462", "wd:Q4276774"]
    assert told.endswith("2 proposals seen\n")
    first, other = rows(project, "ent:chen-quanguo")
    assert (first["comment"], first["confidence"], other["reviewer_id"]) == ("said by the item", "0.95", "")


def test_review_goes_on_after_a_proposal_that_cannot_be_accepted(project):
    replaced(project, "wd:Q551462\t", "wd:Q556149\t")
    told = run(project, "review", "--by", EDITOR, told="a\nthe same\nr\nanother man\nq\n")
    assert "wd:Q556149: is decided to be ent:raphael-glucksmann already: reject that first\n" in told
    (row,) = rows(project, "ent:guo-shengkun")
    assert (row["predicate_modifier"], row["confidence"]) == ("Not", "")  # not the matcher's, of the contrary


def test_review_that_is_interrupted_says_so(project):
    told = run(project, "review", "--by", EDITOR, code=130)
    assert "\nwhereas: interrupted\n" in told


def test_wrong_decision_is_taken_back_where_nothing_else_works(project):
    path = project / "data/links/wikidata.sssom.tsv"
    row = next(line for line in links(project).splitlines(True) if line.startswith("ent:raphael-glucksmann\t"))
    path.write_text(links(project).replace(row, row + row.replace("ent:raphael-glucksmann", "ent:xi-jinping")), "utf-8")
    run(project, "quickstatements", "--offline", code=2)
    run(project, "review", "--reject", "ent:xi-jinping", "Q556149", "--by", EDITOR, "--because", "another man")
    assert whereas.check(whereas.read_project(project)).report.conforms


def test_item_that_two_of_ours_claim_is_accepted_for_neither(project, tmp_path):
    path = project / "data/links/europarl.sssom.tsv"
    row = next(line for line in path.read_text("utf-8").splitlines() if "\tep:person/" in line).split("\t")
    row[2], row[4] = "rdfs:seeAlso", "https://viaf.org/viaf/102333412"
    told = ["\t".join([name, *row[1:]]) + "\n" for name in ("ent:ilham-tohti", "ent:xi-jinping")]
    path.write_text(path.read_text("utf-8") + "".join(told), "utf-8")
    item = Item("Q1", {"en": "Ilham Tohti", "fr": "Xi Jinping"}, claims={"P214": (Claim("102333412"),)})
    extract = tmp_path / "items.jsonl"
    extract.write_text(json.dumps(to_json(item)))
    before = links(project)
    shown = run(project, "propose", "--extract", str(extract), "--accept", "80", "--by", EDITOR)
    assert shown.count("  Q1  Ilham Tohti  140\n") == 2
    assert links(project) == before


def test_prefix_that_a_decision_brings_is_told_above_the_rows(project):
    assert "#  k: " not in links(project)
    run(project, "review", "--accept", "k:sanctions", "Q1", "--by", EDITOR, "--because", "the same notion")
    assert "#  k: https://w3id.org/whereas/vocab/kind#\n" in links(project)
    assert is_sssom(project / "data/links/wikidata.sssom.tsv")


def test_rows_stay_in_order(project):
    for name in ("ent:xi-jinping", "ent:chen-quanguo"):
        run(project, "review", "--reject", name, "Q1", "--by", EDITOR, "--because", "a test")
    told = [line.split("\t") for line in links(project).splitlines() if not line.startswith("#")][1:]
    keys = [(cells[0], cells[2], cells[4]) for cells in told]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--accept", "ent:xi-jinping", "Q15031", "--by", "ent:nobody", "--because", "x"),
            "whereas: --by: expected an entity of ours such as ent:redaction-whereas, got 'ent:nobody'\n",
        ),
        (
            ("--accept", "ent:xi-jinping", "Q15031", "--by", EDITOR),
            "whereas: --because: expected a reason, such as 'born on the same day'\n",
        ),
        (
            ("--accept", "ent:xi-jinping", "15031", "--by", EDITOR, "--because", "x"),
            "whereas: expected an item such as Q42, got '15031'\n",
        ),
        (
            ("--accept", "ent:raphael-glucksmann", "Q1", "--by", EDITOR, "--because", "x"),
            "whereas: ent:raphael-glucksmann: is decided to be wd:Q556149 already: reject that first\n",
        ),
        (
            ("--accept", "ent:xi-jinping", "Q556149", "--by", EDITOR, "--because", "x"),
            "whereas: wd:Q556149: is decided to be ent:raphael-glucksmann already: reject that first\n",
        ),
        (
            ("--by", EDITOR, "--because", "x"),
            "whereas: --because and --confidence go with --accept or --reject\n",
        ),
        (
            ("--accept", "ent:xi-jinping", "Q15031", "--by", EDITOR, "--because", 'a "quoted" reason'),
            "whereas: --because: expected words without straight quotation marks, got 'a \"quoted\" reason'\n",
        ),
    ],
)
def test_decision_that_cannot_be_is_one_sentence_and_changes_nothing(project, words, message):
    before = links(project)
    assert run(project, "review", *words, code=2) == message
    assert links(project) == before
    assert [path.name for path in (project / "data/links").iterdir() if path.name.startswith(".")] == []


def test_decisions_made_at_once_are_all_kept(tmp_path):
    path = tmp_path / "x.sssom.tsv"
    heading = "#mapping_set_id: https://example.org/x\nsubject_id\tpredicate_id\tobject_id\n"

    def add(number: int) -> None:
        key = (f"ent:{number:03}", "owl:sameAs", "wd:Q1")
        change(
            path,
            heading,
            lambda told: told.update({key: dict(zip(("subject_id", "predicate_id", "object_id"), key, strict=True))}),
            {},
        )

    with ThreadPoolExecutor(8) as crew:
        list(crew.map(add, range(40)))
    assert path.read_text() == heading + "".join(f"ent:{n:03}\towl:sameAs\twd:Q1\n" for n in range(40))


def test_edit_by_somebody_else_in_the_meantime_is_not_lost(tmp_path):
    path = tmp_path / "x.sssom.tsv"
    heading = "subject_id\tpredicate_id\tobject_id\n"
    path.write_text(heading)
    seen = []

    def edit(told):
        if not seen:  # an editor saves while we work
            path.write_text(heading + "ent:theirs\towl:sameAs\twd:Q2\n")
        seen.append(len(told))
        told["ent:ours", "owl:sameAs", "wd:Q1"] = {
            "subject_id": "ent:ours", "predicate_id": "owl:sameAs", "object_id": "wd:Q1",
        }  # fmt: skip

    change(path, heading, edit, {})
    assert path.read_text() == heading + "ent:ours\towl:sameAs\twd:Q1\nent:theirs\towl:sameAs\twd:Q2\n"
    assert seen == [0, 1]


@pytest.mark.parametrize("path", sorted((ROOT / "data/links").glob("*.tsv")), ids=lambda path: path.name)
def test_committed_links_are_sssom(path):
    assert is_sssom(path)


# -------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("fault", ["429 0", "503 0", "429", "503", "502", "504"])
def test_busy_server_is_asked_again(proxy, fault):
    proxy.faults = [fault]
    assert ask_endpoint(proxy.address, "ASK { ?s ?p ?o }").boolean is True
    assert len(proxy.agents) == 2


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        (["503 0"] * 3, "answered 503 Service Unavailable"),
        (["429 0"] * 3, "answered 429 Too Many Requests"),
        (["429 3600"], "is busy and asks to wait 3600 seconds"),
        (["html"], "expected SPARQL results, got '<!DOCTYPE html>'"),
        (["drop"], "the answer is cut short"),
    ],
)
def test_failing_server_is_one_sentence_and_leaves_everything_as_it_was(project, proxy, faults, message):
    before = links(project)
    proxy.faults = list(faults)
    for words in (("propose", "--write"), ("check",), ("enrich",)):
        proxy.faults = list(faults)
        told = run(project, *words, "--endpoint", proxy.address, code=2)
        assert told == f"whereas: {proxy.address}: {message}\n"
    assert links(project) == before
    assert not (project / "data/wikidata").exists()


def test_truncated_answer_is_not_believed(project, proxy):
    proxy.faults = ["truncated"]
    told = run(project, "check", "--endpoint", proxy.address, code=2)
    sentence = rf"whereas: {re.escape(proxy.address)}: the answer is broken JSON, at character \d+\n"
    assert re.fullmatch(sentence, told)


def test_silent_server_is_not_waited_for_for_ever(proxy):
    proxy.faults = ["hang"]
    with pytest.raises(RemoteError) as error:
        ask_endpoint(proxy.address, "ASK { ?s ?p ?o }", seconds=1)
    assert str(error.value) == f"{proxy.address}: no whole answer within 1 s"


def test_unreachable_server_is_one_sentence(project):
    address = f"http://127.0.0.1:{free_port()}/sparql"
    told = run(project, "propose", "--endpoint", address, "--write", code=2)
    assert told == f"whereas: {address}: cannot be reached: Connection refused\n"


def test_requests_come_one_at_a_time_and_say_who_asks(project, proxy):
    settings = project / "pyproject.toml"
    settings.write_text(
        settings.read_text().replace("[tool.whereas]\n", '[tool.whereas]\ncontact = "mail@example.org"\n')
    )
    run(project, "propose", "--endpoint", proxy.address)
    assert set(proxy.agents) == {agent("mail@example.org")}
    assert "mail@example.org" in proxy.agents[0]
    assert proxy.most_under_way == 1


def test_nothing_is_asked_twice(project, proxy):
    first = run(project, "propose", "--endpoint", proxy.address)
    asked = len(proxy.agents)
    assert run(project, "propose", "--endpoint", proxy.address) == first
    assert len(proxy.agents) == asked


def test_offline_uses_what_is_remembered_and_says_what_is_not(project, proxy):
    first = run(project, "propose", "--endpoint", proxy.address)
    proxy.shutdown()
    assert run(project, "propose", "--endpoint", proxy.address, "--offline") == first
    told = run(project, "check", "--endpoint", proxy.address, "--offline", code=2)
    assert told == f"whereas: {proxy.address}: not asked (--offline), and no earlier answer is remembered\n"


def test_items_come_in_batches(store, tmp_path):
    with Proxy(store) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        found = endpoint(proxy.address, tmp_path).items(f"Q{number}" for number in range(1, 121))
        proxy.shutdown()
    assert len(found) == 120
    assert len(proxy.agents) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "items.jsonl:1: expected Wikidata's entity JSON, one item a line: Expecting property"),
        (
            '\n{"id": "P31"}',
            "items.jsonl:2: expected Wikidata's entity JSON, one item a line: id: expected",
        ),
        ("[1]", "items.jsonl:1: expected Wikidata's entity JSON, one item a line: "),
    ],
)
def test_extract_that_is_none_is_one_sentence(tmp_path, content, message):
    path = tmp_path / "items.jsonl"
    path.write_text(content)
    with pytest.raises(ArgumentError) as error:
        Extract(path)
    assert str(error.value).startswith(str(tmp_path / message))


# -------------------------------------------------------------------- a reconciliation service


class Reconciling(BaseHTTPRequestHandler):
    """A service of two items, as the specification has it."""

    space = "http://www.wikidata.org/entity/"

    def log_message(self, *told: object) -> None:
        pass

    def do_GET(self) -> None:
        schema = "http://www.wikidata.org/prop/direct/"
        extend = {"property_settings": []}
        self.send({"name": "Items", "identifierSpace": self.space, "schemaSpace": schema, "extend": extend})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if "queries" in form:
            person = {"name": "Ilham Tohti", "score": 100, "match": True, "type": [{"id": "Q5", "name": "human"}]}
            found = [{"id": "Q90000002", **person}, {"id": "Q90000003", **person, "match": False}]
            asked = json.loads(form["queries"][0])
            self.send({n: {"result": found if q["query"] == "Ilham Tohti" else []} for n, q in asked.items()})
        else:
            cells = {"Q90000002": [{"id": "Q5", "name": "human"}], "Q90000003": [{"id": "Q4167410", "name": "page"}]}
            properties = [told["id"] for told in json.loads(form["extend"][0])["properties"]]
            told = {qid: {p: kinds if p == "P31" else [] for p in properties} for qid, kinds in cells.items()}
            self.send({"meta": [{"id": p, "name": p} for p in properties], "rows": told})

    def send(self, told: object) -> None:
        content = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def service():
    with ThreadingHTTPServer(("127.0.0.1", 0), Reconciling) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_reconciliation_service_is_enough_alone(project, service):
    told = run(project, "propose", "ent:ilham-tohti", "--reconcile", service)
    assert re.findall(r"^  (Q\d+)", told, re.MULTILINE) == ["Q90000002"]
    assert "     +10  it is an instance of Q5\n" in told


def test_service_of_other_things_is_refused(project, service, monkeypatch):
    monkeypatch.setattr(Reconciling, "space", "https://viaf.org/viaf/")
    told = run(project, "propose", "ent:ilham-tohti", "--reconcile", service, code=2)
    expected = (
        "expected identifierSpace http://www.wikidata.org/entity/ or a property owl:sameAs, "
        "got identifierSpace 'https://viaf.org/viaf/'"
    )
    assert told == f"whereas: {service}: {expected}\n"


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        ({"status": "error", "message": "overloaded"}, '{"status": "error", "message": "overloaded"}'),
        ([1], "[1]"),
        ({"q0": {"result": "none"}}, '{"q0": {"result": "none"}}'),
        ({"q0": {"result": [{"name": "x"}]}}, '{"q0": {"result": [{"name": "x"}]}}'),
        ({"rows": [1]}, '{"rows": [1]}'),
        ({"rows": {"Q90000002": {"P31": ["x"]}}}, '{"rows": {"Q90000002": {"P31": ["x"]}}}'),
    ],
)
def test_answer_of_a_service_that_is_none_is_one_sentence_and_not_remembered(
    project, service, monkeypatch, fault, start
):
    sound, wrong = Reconciling.send, "rows" if "rows" in fault else "q0"

    def send(self, told):
        sound(self, fault if wrong in told else told)

    with monkeypatch.context() as broken:
        broken.setattr(Reconciling, "send", send)
        told = run(project, "propose", "ent:ilham-tohti", "--reconcile", service, code=2)
        expected = f"expected an answer of the Reconciliation Service API, got '{start}'"
        assert told == f"whereas: {service}: {expected}\n"
    assert "  Q90000002  " in run(project, "propose", "ent:ilham-tohti", "--reconcile", service)


def test_service_is_asked_no_more_at_once_than_it_takes(project, service, monkeypatch):
    sound, asked = Reconciling.send, []

    def send(self, told):
        asked.append(len(told))
        sound(self, {**told, "batchSize": 1} if "identifierSpace" in told else told)

    monkeypatch.setattr(Reconciling, "send", send)
    run(project, "propose", "ent:ilham-tohti", "--reconcile", service)
    assert len(asked) > 3
    assert all(count <= 2 for count in asked[1:])


def test_answer_with_other_columns_is_not_believed_nor_remembered(project, proxy):
    proxy.faults = ["other"]
    told = run(project, "check", "--endpoint", proxy.address, code=2)
    expected = "expected the columns item, statement, property, value, got 'x'"
    assert told == f"whereas: {proxy.address}: {expected}\n"
    told = run(project, "check", "--endpoint", proxy.address, "--offline", code=2)
    assert told == f"whereas: {proxy.address}: not asked (--offline), and no earlier answer is remembered\n"


# -------------------------------------------------------------------- check


def replaced(project: Path, old: str, new: str) -> int:
    """Change the first row that holds `old`; its line."""
    path = project / "data/links/wikidata.sssom.tsv"
    lines = links(project).splitlines(True)
    at = next(n for n, line in enumerate(lines) if old in line)
    lines[at] = lines[at].replace(old, new)
    path.write_text("".join(lines), "utf-8")
    return at + 1


def test_links_that_hold_are_told_so(project, proxy):
    assert run(project, "check", "--endpoint", proxy.address) == "0 violations, 0 warnings\n"


def test_link_to_an_item_that_was_deleted_merged_or_misspelt_is_found_at_its_line(project, proxy):
    gone = replaced(project, "wd:Q12461\t", "wd:Q90000099\t")
    moved = replaced(project, "wd:Q85537\t", "wd:Q90000010\t")
    path = "data/links/wikidata.sssom.tsv"
    told = run(project, "check", "--endpoint", proxy.address, code=1)
    assert told == "".join(
        f"{path}:{line}: violation: {message}\n"
        for line, message in sorted([(gone, "wd:Q90000099 does not exist"), (moved, "wd:Q90000010 is now wd:Q15031")])
    ) + ("2 violations, 0 warnings\n")


def test_link_to_another_person_is_found_by_what_does_not_agree(project, proxy):
    line = replaced(project, "wd:Q64452485\t", "wd:Q556149\t")
    told = run(project, "check", "--endpoint", proxy.address, "--format", "json", code=1)
    other = next(n for n, text in enumerate(links(project).splitlines(), 1) if text.startswith("ent:raphael-"))
    assert {(found["line"], found["severity"], found["message"]) for found in json.loads(told)} == {
        (line, "Warning", "wd:Q556149: its MEP id is 197694, not 204336"),
        (line, "Warning", "wd:Q556149: no name agrees: it is called Raphaël Glucksmann"),
        (
            other,
            "Violation",
            f"wd:Q556149 is linked to ent:miriam-lexmann too, at data/links/wikidata.sssom.tsv:{line}",
        ),
    }


def test_what_an_entity_says_of_itself_is_held_to_the_item(project, proxy):
    persons = project / "data/entities/persons.yaml"
    told = persons.read_text("utf-8")
    key = "- id: ent:raphael-glucksmann\n  type: Person\n"
    persons.write_text(told.replace(key, f"{key}  birthDate: 1980-10-15\n  nationality: ent:chine\n"), "utf-8")
    line = next(n for n, text in enumerate(links(project).splitlines(), 1) if text.startswith("ent:raphael-"))
    assert run(project, "check", "--endpoint", proxy.address) == "".join(
        f"data/links/wikidata.sssom.tsv:{line}: warning: wd:Q556149: {message}\n"
        for message in ("born 1979-10-15, not as ours", "of Q142, another country")
    ) + ("0 violations, 2 warnings\n")


@pytest.mark.parametrize("form", ["github", "sarif"])
def test_findings_come_in_the_forms_of_forges(project, proxy, form):
    line = replaced(project, "wd:Q12461\t", "wd:Q90000099\t")
    told = run(project, "check", "--endpoint", proxy.address, "--format", form, code=1)
    if form == "github":
        assert told == (
            f"::error file=data/links/wikidata.sssom.tsv,line={line},title=link-gone::wd:Q90000099 does not exist\n"
        )
    else:
        (result,) = json.loads(told)["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == line


def test_link_of_a_form_that_the_publisher_does_not_use_is_found(project, proxy):
    path = project / "data/links/eurovoc.sssom.tsv"
    path.write_text(path.read_text("utf-8").replace("eurovoc:3920\t", "eurovoc:concept-3920\t", 1), "utf-8")
    told = run(project, "check", "--endpoint", proxy.address, code=1)
    assert "object_id: expected a concept such as eurovoc:3920, got 'eurovoc:concept-3920'\n" in told


class World(ThreadingHTTPServer):
    """The servers that links lead to, as a proxy has them, TLS and all; keeps who asked for what, and how."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        names = ",".join(f"DNS:{name}" for name in ("data.europarl.europa.eu", "www.europarl.europa.eu"))
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=world"]
        files = ["-keyout", folder / "key.pem", "-out", folder / "world.pem", "-addext", f"subjectAltName={names}"]
        subprocess.run([*made, *files], check=True, capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(folder / "world.pem", folder / "key.pem")
        self.asked: list[tuple[str, str, str]] = []
        self.under_way = self.most_under_way = 0
        address = f"http://127.0.0.1:{self.server_port}"
        self.environment = {**os.environ, "http_proxy": address, "https_proxy": address, "no_proxy": "127.0.0.1"}
        self.environment["SSL_CERT_FILE"] = str(folder / "world.pem")


class Answering(BaseHTTPRequestHandler):
    server: World

    def log_message(self, *told: object) -> None:
        pass

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        within = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = within.makefile("rb"), within.makefile("wb", 0)
        self.close_connection = True
        self.handle_one_request()
        within.close()

    def do_HEAD(self) -> None:
        self.server.under_way += 1
        self.server.most_under_way = max(self.server.under_way, self.server.most_under_way)
        before = (self.command, self.path, self.headers["User-Agent"]) in self.server.asked
        self.server.asked.append((self.command, self.path, self.headers["User-Agent"]))
        status = 200
        if self.path.endswith("person/2341"):
            status = 404
        elif self.path.endswith("/3920") and not before:
            status = 429
        elif self.path.endswith("person/96739") and self.command == "HEAD":
            status = 405
        self.send_response(status)
        for name, value in (("Retry-After", "0"), ("Content-Length", "0")):
            self.send_header(name, value)
        self.server.under_way -= 1  # before who asks can have read it, and ask again
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()


def test_live_check_asks_the_servers_that_links_lead_to(project, proxy, tmp_path):
    """The Parliament's over TLS, EuroVoc's and ELI's: one at a time, saying who asks, again when they are busy."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is absent: make system installs it")
    path = project / "data/links/europarl.sssom.tsv"
    told = path.read_text("utf-8").splitlines(True)
    start = next(n for n, line in enumerate(told) if not line.startswith("#"))
    kept = [*told[: start + 1], *(line for line in told[start + 1 :] if "\tep:person/" in line)]
    act = "http://data.europa.eu/eli/reg/2024/3015/oj"
    kept.append(kept[-1].replace(kept[-1].split("\t")[4], act).replace("owl:sameAs", "rdfs:seeAlso"))
    path.write_text("".join(kept), "utf-8")
    line = next(n for n, text in enumerate(kept, 1) if "ep:person/2341\t" in text)
    with World(tmp_path) as world:
        threading.Thread(target=world.serve_forever, daemon=True).start()
        command = [sys.executable, "-m", "whereas", "link", "check", "-C", str(project), "--live"]
        run = subprocess.run(
            [*command, "--endpoint", proxy.address], env=world.environment, capture_output=True, text=True, check=False
        )
        world.shutdown()
    assert (run.returncode, run.stdout) == (
        1,
        f"data/links/europarl.sssom.tsv:{line}: violation: ep:person/2341 does not exist\n1 violation, 0 warnings\n",
    ), run.stderr
    asked = [(method, path) for method, path, _ in world.asked]
    assert ("HEAD", act) in asked
    assert asked.count(("HEAD", "http://eurovoc.europa.eu/3920")) == 2
    assert [method for method, path in asked if path == "/person/96739"] == ["HEAD", "GET"]
    assert world.most_under_way == 1
    assert all(who.startswith("whereas/") for _, _, who in world.asked)


def test_what_a_check_found_is_told_by_the_report_and_the_pages_until_it_is_mended(project, proxy):
    gone = replaced(project, "wd:Q12461\t", "wd:Q90000099\t")
    run(project, "check", "--endpoint", proxy.address, "--record", code=1)
    proxy.shutdown()
    built = CliRunner().invoke(main, ["build", "-C", str(project)])
    assert built.exit_code == 0, built.output
    line = f"data/links/wikidata.sssom.tsv:{gone}: warning: on {date.today()}: wd:Q90000099 does not exist\n"
    assert line in CliRunner().invoke(main, ["check", "-C", str(project)]).output
    name = links(project).splitlines()[gone - 1].partition("\t")[0].replace("ent:", "ent/")
    told = f"le {date.today()} : wd:Q90000099 n’existe pas"
    assert told in (project / f"public/{name}.fr.html").read_text("utf-8")
    assert told in (project / "public/method.fr.html").read_text("utf-8")
    replaced(project, "wd:Q90000099\t", "wd:Q12461\t")
    assert "wd:Q90000099" not in CliRunner().invoke(main, ["check", "-C", str(project)]).output


def test_check_asks_anew_and_offline_tells_of_which_day_it_speaks(project, proxy):
    run(project, "check", "--endpoint", proxy.address)
    run(project, "check", "--endpoint", proxy.address)
    assert len(proxy.agents) == 2
    day = age(project, 40)
    replaced(project, "wd:Q12461\t", "wd:Q556149\t")
    run(project, "check", "--endpoint", proxy.address, "--offline", code=2)
    replaced(project, "wd:Q556149\t", "wd:Q12461\t")
    told = run(project, "check", "--endpoint", proxy.address, "--offline")
    assert told == f"0 violations, 0 warnings\nWikidata as it was on {day}\n"
    assert len(proxy.agents) == 2


def test_check_that_asks_nobody_cannot_ask_servers(project):
    told = run(project, "check", "--offline", "--live", code=2)
    assert told == "whereas: --live asks servers, --offline asks none: give one of them\n"


def test_check_that_finds_nothing_takes_back_what_was_recorded(project, proxy):
    path = project / "data/links/checked.jsonl"
    path.write_text("{}\n")
    told = CliRunner().invoke(main, ["check", "-C", str(project)])
    assert (told.exit_code, told.output.partition("\n")[0]) == (
        2, "data/links/checked.jsonl:1: violation: expected a line written by 'whereas link check --record'",
    )  # fmt: skip
    path.unlink()
    run(project, "check", "--endpoint", proxy.address, "--record")
    assert not path.exists()


# -------------------------------------------------------------------- enrich


def test_what_linked_items_say_stands_in_a_graph_of_its_own(project, proxy):
    run(project, "enrich", "--endpoint", proxy.address)
    proxy.shutdown()
    checked = whereas.check(whereas.read_project(project))
    assert checked.report.conforms
    graph = checked.graph()
    held = {
        str(cell.value)
        for (cell,) in graph.query(
            "SELECT ?value { GRAPH <https://w3id.org/whereas/graph/wikidata> "
            "{ <http://www.wikidata.org/entity/Q556149> ?p ?value } }"
        ).rows
    }
    assert {"1979-10-15", "拉斐尔·格鲁克斯曼", "http://www.wikidata.org/entity/Q27169", "197694"} <= held
    assert "http://commons.wikimedia.org/wiki/Special:FilePath/Rapha%C3%ABl%20Glucksmann.jpg" in held
    assert graph.query(
        "PREFIX wdt: <http://www.wikidata.org/prop/direct/> ASK { GRAPH <https://w3id.org/whereas/graph/wikidata> "
        '{ <http://www.wikidata.org/entity/Q34800> wdt:P625 "Point(85.0 41.0)"^^'
        "<http://www.opengis.net/ont/geosparql#wktLiteral> } }"
    ).boolean
    assert graph.query(
        "PREFIX pq: <http://www.wikidata.org/prop/qualifier/> ASK { GRAPH ?g { ?s pq:P580 "
        '"2019-07-02"^^<http://www.w3.org/2001/XMLSchema#date> } }'
    ).boolean
    assert graph.query(
        "ASK { GRAPH <https://w3id.org/whereas/graph/wikidata> { ?record <http://schema.org/about> "
        "<http://www.wikidata.org/entity/Q556149> ; <http://purl.org/pav/retrievedOn> ?day } }"
    ).boolean
    ours = whereas.check(whereas.read_project(project)).quads("entities")
    assert not any("wikidata" in term for quad in ours for term in quad)
    whereas.write_release(checked)
    assert (project / "public/graph/wikidata.ttl").is_file()


def test_only_what_is_declared_is_recorded(project, proxy):
    run(project, "enrich", "--endpoint", proxy.address)
    items = {item.qid: item for item in read_items((project / "data/wikidata/items.jsonl").read_text("utf-8"))}
    assert set(items["Q556149"].claims) == {"P31", "P569", "P39", "P18", "P1186"}
    assert items["Q27169"].claims == {}  # named by another item: its labels only
    assert items["Q27169"].labels == {"en": "member of the European Parliament", "fr": "député européen"}


def test_extract_recorded_again_is_the_same_bytes(project, proxy):
    run(project, "enrich", "--endpoint", proxy.address)
    path = project / "data/wikidata/items.jsonl"
    before = path.read_bytes()
    run(project, "enrich", "--extract", str(path))
    assert path.read_bytes() == before


def age(project: Path, days: int) -> str:
    """Make what is remembered of servers so many days older; its day."""
    day = datetime.now(UTC) - timedelta(days=days)
    memory = Cache(project / ".whereas/answers")
    for name, (key, value) in memory.all("answer").items():
        memory.put("answer", name, key, day.isoformat().encode() + b"\n" + value.partition(b"\n")[2])
    memory.commit()
    return day.date().isoformat()


def test_day_on_which_an_item_was_read_is_that_of_the_answer(project, proxy):
    run(project, "enrich", "--endpoint", proxy.address)
    path = project / "data/wikidata/items.jsonl"
    path.unlink()
    day = age(project, 5)
    run(project, "enrich", "--endpoint", proxy.address)
    assert {item.retrieved for item in read_items(path.read_text("utf-8"))} == {day}


def test_item_of_an_extract_that_tells_no_day_was_read_when_the_file_was_written(project, tmp_path):
    extract = tmp_path / "items.jsonl"
    extract.write_text(json.dumps({"id": "Q556149", "labels": {"en": {"value": "Raphaël Glucksmann"}}}))
    os.utime(extract, (1_700_000_000, 1_700_000_000))
    run(project, "enrich", "--extract", str(extract))
    (item,) = read_items((project / "data/wikidata/items.jsonl").read_text("utf-8"))
    assert item.retrieved == "2023-11-14"


def test_what_another_extract_does_not_know_stays_as_it_was_recorded(project, proxy, tmp_path):
    run(project, "enrich", "--endpoint", proxy.address)
    path = project / "data/wikidata/items.jsonl"
    before = path.read_bytes()
    (tmp_path / "none.jsonl").write_text("")
    told = run(project, "enrich", "--extract", str(tmp_path / "none.jsonl"))
    assert "18 linked items not found here: left as recorded before\n" in told
    assert path.read_bytes() == before


def test_labels_come_in_every_language_of_ours(project, proxy):
    persons = project / "data/entities/persons.yaml"
    told = persons.read_text("utf-8")
    persons.write_text(re.sub(r"(id: ent:raphael-glucksmann\n.*\n  label: \{)", r"\1bo: རཱ་ཕེལ།, ", told), "utf-8")
    run(project, "enrich", "--endpoint", proxy.address)
    items = {item.qid: item for item in read_items((project / "data/wikidata/items.jsonl").read_text("utf-8"))}
    assert items["Q556149"].labels["bo"] == "རཱ་ཕེལ།"
    assert "de" not in items["Q556149"].labels


def test_questions_answer_the_same_beside_what_wikidata_says(project, proxy):
    ask = ["ask", "-C", str(project), "unlinked", "--format", "csv"]
    before = CliRunner().invoke(main, ask).output
    run(project, "enrich", "--endpoint", proxy.address)
    assert CliRunner().invoke(main, ask).output == before
    shown = CliRunner().invoke(main, ["show", "-C", str(project), "Xi Jinping"])
    assert shown.exit_code == 0


def test_extract_that_is_broken_is_a_finding_at_its_line(project):
    folder = project / "data/wikidata"
    folder.mkdir()
    (folder / "items.jsonl").write_text('{"id": "Q1"}\n{"id"\n')
    told = CliRunner().invoke(main, ["check", "-C", str(project)]).output
    assert told.startswith(
        "data/wikidata/items.jsonl:2: violation: expected Wikidata's entity JSON, one item a line: Expecting"
    )


# -------------------------------------------------------------------- giving back


def test_quickstatements_give_what_wikidata_lacks_with_its_source(project, proxy):
    assert run(project, "quickstatements", "--endpoint", proxy.address) == (
        'Q17266806\tP1186\t"124866"\tS854\t"https://data.europarl.europa.eu/person/124866"\n'
        'Q556149\tLfr\t"Raphaël Glucksmann"\n'
    )


def test_quickstatements_as_csv(project, proxy):
    assert run(project, "quickstatements", "--endpoint", proxy.address, "--format", "csv") == (
        "qid,Lfr,P1186,S854\n"
        'Q17266806,,"""124866""","""https://data.europarl.europa.eu/person/124866"""\n'
        "Q556149,Raphaël Glucksmann,,\n"
    )


def test_quickstatements_leave_names_as_they_are_and_what_wikidata_deprecated_alone(project, tmp_path):
    persons = project / "data/entities/persons.yaml"
    told = persons.read_text("utf-8")
    persons.write_text(
        told.replace('label: {fr: "Raphaël Glucksmann"', "label: {fr: 'Raphaël \"Raph\" Glucksmann'"), "utf-8"
    )
    extract = tmp_path / "items.jsonl"
    claims = {"P1186": (Claim("197694", rank="deprecated"),)}
    extract.write_text(json.dumps(to_json(Item("Q556149", {"en": "Raphaël Glucksmann"}, claims=claims))))
    told = run(project, "quickstatements", "--extract", str(extract))
    assert told == 'Q556149\tLfr\t"Raphaël "Raph" Glucksmann"\n'
