"""A release in real stores: what changed is sent, others' graphs stay, what was stopped is mended."""

import contextlib
import dataclasses
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import keyring
import keyring.backend
import pytest
from click.testing import CliRunner

import whereas
from servers import oxigraph, virtuoso
from whereas.cli import command as cli_command
from whereas.cli.main import main
from whereas.errors import ArgumentError, ProjectError, RemoteError
from whereas.rdf.serialization import as_kept
from whereas.rdf.terms import nquads
from whereas.stores import connection as transport
from whereas.stores import loader as loading
from whereas.stores.config import read_target
from whereas.stores.connection import StoreConfig
from whereas.stores.loader import Load
from whereas.stores.store import STAGING, Store

ROOT = Path(__file__).parents[2]
WHEREAS = Path(sys.executable).with_name("whereas")
BASE = "https://w3id.org/whereas/"
OTHERS = "https://example.org/others"
PASSWORD = "dba"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> Path:
    """A copy of the real project, checked once, so that each test's copy starts warm."""
    folder = tmp_path_factory.mktemp("compiled") / "project"
    folder.mkdir()
    for name in ("data", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    whereas.check(whereas.read_project(folder))
    return folder


@pytest.fixture
def project(compiled, tmp_path) -> Path:
    """The real project, to be changed."""
    return Path(shutil.copytree(compiled, tmp_path / "project"))


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """Both servers, by kind."""
    with oxigraph() as ox, virtuoso(tmp_path_factory.mktemp("virtuoso")) as virt:
        yield {"oxigraph": ox, "virtuoso": virt}


@pytest.fixture(params=["oxigraph", "virtuoso"])
def server(request, kinds):
    """A server that holds nothing of ours, and a graph of others'."""
    server = kinds[request.param]
    with Store(target_of(server)) as store:
        for graph in [*graphs_of(store), OTHERS]:
            store.drop(graph)
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
    return server


def target_of(server, protocol_doors=True) -> StoreConfig:
    doors = {"oxigraph": ("/update", "/store"), "virtuoso": ("/sparql-auth", "/sparql-graph-crud-auth")}[server.kind]
    user = "dba" if server.kind == "virtuoso" else ""
    update, graphs = (server.address + door for door in doors)
    return StoreConfig("here", server.kind, server.query, update, graphs, user, PASSWORD if user else "")


def graphs_of(store) -> list[str]:
    answer = store.select(f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), '{BASE}')) }}")
    return [row[0].value for row in answer.rows]


def named(project: Path, server) -> None:
    """The server is the store called `here` in the project's settings."""
    user = 'user = "dba"\n' if server.kind == "virtuoso" else ""
    settings = project / "pyproject.toml"
    settings.write_text(f'{settings.read_text()}\n[tool.whereas.stores.here]\nurl = "{server.address}"\n{user}')


def command(project: Path, *words: str) -> list[str]:
    return [str(WHEREAS), "load", "here", "-C", str(project), *words]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "LANG": "C.UTF-8", "WHEREAS_HERE_PASSWORD": PASSWORD, **more}


def loaded(project: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(command(project, *words), env=environment(**more), capture_output=True, text=True, check=False)
    assert "Traceback" not in run.stderr, run.stderr
    return run


def holds_the_release(project: Path, server) -> None:
    """Every graph of the project is in the store, value for value, and others' are as they were."""
    checked = whereas.check(whereas.read_project(project))
    with Store(target_of(server)) as store:
        for summary in checked.summaries:
            ours = as_kept(nquads((s, p, o, "") for s, p, o, _ in checked.quads(summary.name)))
            theirs = as_kept(store.triples(f"{BASE}graph/{summary.name}", len(ours)))
            assert theirs == ours, summary.name
        assert store.triples(OTHERS).decode().split() == ["<urn:a>", "<urn:b>", "<urn:c>", "."]
        assert not Load(checked, store).plan().send


def edit(project: Path) -> None:
    """Two labels change, in one document."""
    path = project / "data/2026-11-24-follow-up-note/document.yaml"
    text = path.read_text("utf-8")
    assert "Members voted by show of hands." in text
    path.write_text(text.replace("Members voted by show of hands.", "Members raised their hands."), "utf-8")


# -------------------------------------------------------------------- what is sent


@pytest.mark.parametrize("protocol", ["gsp", "update"])
def test_first_load_sends_everything_and_the_second_nothing(project, server, protocol):
    named(project, server)
    first = loaded(project, "--protocol", protocol)
    assert (first.returncode, first.stderr) == (0, ""), first.stderr
    assert first.stdout.splitlines()[-1].endswith(" triples sent, 0 unchanged")
    holds_the_release(project, server)
    again = loaded(project, "--protocol", protocol)
    assert again.stdout == "0 graphs, 0 triples sent, 5 unchanged\n"


def test_changed_document_is_the_only_graph_sent(project, server):
    named(project, server)
    loaded(project)
    edit(project)
    plan = json.loads(loaded(project, "--dry-run", "--format", "json").stdout)
    graph = f"{BASE}graph/2026-11-24-follow-up-note"
    assert plan == {
        "dryRun": True,
        "prune": False,
        "send": [graph],
        "compare": [],
        "unchanged": 4,
        "gone": [],
        "dropped": [],
    }
    run = loaded(project)
    assert run.stdout.splitlines()[0].startswith(f"sent {graph}: ")
    assert run.stdout.splitlines()[1].startswith("1 graph, ")
    holds_the_release(project, server)


def test_dry_run_sends_nothing(project, server):
    named(project, server)
    run = loaded(project, "--dry-run")
    assert run.returncode == 0
    assert run.stdout.count("would send ") == 5
    with Store(target_of(server)) as store:
        assert graphs_of(store) == []


def test_graph_that_someone_changed_in_the_store_is_sent_again(project, server):
    named(project, server)
    loaded(project)
    with Store(target_of(server)) as store:
        store.add(f"{BASE}graph/links", "<urn:a> <urn:b> <urn:c> .\n")
    assert f"sent {BASE}graph/links: " in loaded(project).stdout
    holds_the_release(project, server)


def test_graph_changed_under_the_same_count_is_found_when_told_to_verify(project, server):
    """The manifest calls it whole, and it has as many triples as ours: only reading it back tells."""
    named(project, server)
    loaded(project)
    graph = f"{BASE}graph/links"
    with Store(target_of(server)) as store:
        lines = store.triples(graph).decode().splitlines(keepends=True)
        store.replace(graph, "".join(["<urn:a> <urn:b> <urn:c> .\n", *lines[1:]]))
        assert loaded(project).stdout == "0 graphs, 0 triples sent, 5 unchanged\n"
        before = store.triples(f"{BASE}graph/manifest")
        told = loaded(project, "--verify", "--dry-run").stdout.splitlines()
        assert told[0].startswith(f"would send {graph}: ")
        assert told[1].endswith(" to send, 4 unchanged")
        assert "<urn:b>" in store.triples(graph).decode()
        assert store.triples(f"{BASE}graph/manifest") == before
    assert loaded(project, "--verify").stdout.splitlines()[-1].endswith(" sent, 4 verified, 0 unchanged")
    holds_the_release(project, server)


def test_graph_that_vanishes_while_others_are_sent_is_found_out(project, kinds):
    server = kinds["oxigraph"]
    named(project, server)
    loaded(project)
    with Store(target_of(server)) as store:
        store.drop(f"{BASE}graph/entities")

        def told(handler, number):
            if handler.command == "PUT" and "entities" in handler.path:
                store.drop(f"{BASE}graph/links")
            return False

        with between(server, told) as address:
            target = StoreConfig("here", "oxigraph", f"{address}/query", f"{address}/update", f"{address}/store")
            with pytest.raises(RemoteError) as error, Store(target) as ours:
                load = Load(whereas.check(whereas.read_project(project)), ours)
                load.run(load.plan())
    assert str(error.value) == f"{BASE}graph/links: changed in the store while it was loaded; run it again"


def test_graph_of_others_is_not_dropped_though_the_manifest_names_it(project, server):
    named(project, server)
    loaded(project)
    with Store(target_of(server)) as store:
        store.add(f"{BASE}graph/manifest", f"<{BASE}graph/manifest> <http://purl.org/dc/terms/hasPart> <{OTHERS}> .\n")
    assert "dropped" not in loaded(project, "--prune").stdout
    holds_the_release(project, server)


def test_long_load_tells_a_log_how_far_it_is(project, kinds, monkeypatch):
    """Off a terminal, a line now and then on standard error, and none with --quiet; one when the store is busy."""
    monkeypatch.setattr(cli_command, "PROGRESS_INTERVAL", 0)
    monkeypatch.setattr(loading, "BATCH", 2)
    monkeypatch.setattr(transport.time, "sleep", lambda seconds: None)
    server = kinds["oxigraph"]

    def told(handler, number):
        if number == 0:
            handler.answer(503, b"busy", Retry_After="30")
        return number == 0

    for words, busy, lines in (((), True, True), (("-q",), False, False), (("--lang", "fr"), False, True)):
        with Store(target_of(server)) as store:
            for graph in graphs_of(store):
                store.drop(graph)
            store.replace(f"{BASE}graph/links", "<urn:a> <urn:b> <urn:c> .\n")
        with between(server, told if busy else lambda *_: False) as address:
            (project / "pyproject.toml").write_text(
                f"{(ROOT / 'pyproject.toml').read_text()}\n"
                f'[tool.whereas.stores.here]\nkind = "oxigraph"\nurl = "{address}"\n'
            )
            run = CliRunner().invoke(main, ["load", "here", "-C", str(project), *words])
        assert run.exit_code == 0, run.stderr
        wait = [f"{address}/query: busy, waiting 30 s"] if busy else []
        stages = (
            ["envoi : {} sur 5", "comparaison : {} sur 5"]
            if "fr" in words
            else ["sending: {} of 5", "comparing: {} of 5"]
        )
        progress = [stage.format(done) for stage in stages for done in (2, 4)] if lines else []
        assert run.stderr.splitlines() == wait + progress


def test_graph_that_is_gone_is_dropped_only_when_told(project, server):
    named(project, server)
    loaded(project)
    old = f"{BASE}graph/old"
    with Store(target_of(server)) as store:
        store.replace(old, "<urn:a> <urn:b> <urn:c> .\n")
    assert old not in loaded(project, "--prune").stdout  # it is nothing that we sent
    with Store(target_of(server)) as store:
        assert old in graphs_of(store)
        store.add(f"{BASE}graph/manifest", f"<{BASE}graph/manifest> <http://purl.org/dc/terms/hasPart> <{old}> .\n")
    assert f"no longer in the project, kept without --prune: {old}\n" in loaded(project).stdout
    with Store(target_of(server)) as store:
        assert old in graphs_of(store)
    assert " 1 to drop\n" in loaded(project, "--prune", "--dry-run").stdout
    told = loaded(project, "--prune").stdout
    assert told == f"dropped {old}\n0 graphs, 0 triples sent, 5 unchanged, 1 dropped\n"
    with Store(target_of(server)) as store:
        assert old not in graphs_of(store)
    holds_the_release(project, server)


def test_store_is_known_by_its_address_alone(project, kinds):
    with Store(target_of(kinds["oxigraph"])) as store:
        for graph in graphs_of(store):
            store.drop(graph)
    run = subprocess.run(
        [str(WHEREAS), "load", kinds["oxigraph"].address, "-C", str(project)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_project_that_does_not_conform_is_not_loaded(project, server):
    named(project, server)
    path = project / "data/2026-11-24-follow-up-note/document.yaml"
    path.write_text(path.read_text("utf-8").replace("speaker: ent:", "speaker: ent:nobody-", 1), "utf-8")
    run = loaded(project)
    assert run.returncode == 2
    assert "'whereas check' lists them" in run.stderr
    with Store(target_of(server)) as store:
        assert graphs_of(store) == []


# -------------------------------------------------------------------- what a store gives back

LITERALS = {
    '"1"^^<xsd:nonNegativeInteger>': '"1"^^<xsd:integer>',
    '"007"^^<xsd:integer>': '"7"^^<xsd:integer>',
    '"1.50"^^<xsd:decimal>': '"1.5"^^<xsd:decimal>',
    '"1.0E3"^^<xsd:double>': '"1000"^^<xsd:double>',
    '"2022-06-09"^^<xsd:date>': '"2022-06-09"^^<xsd:date>',
    '"2022-06"^^<xsd:gYearMonth>': '"2022-06"^^<xsd:gYearMonth>',
    '"2022-06-09T10:00:00+02:00"^^<xsd:dateTime>': '"2022-06-09T10:00:00+02:00"^^<xsd:dateTime>',
    '"https://example.org/"^^<xsd:anyURI>': '"https://example.org/"^^<xsd:anyURI>',
    '"x"@zh-Hans': '"x"@zh-hans',
    '"ياۋروپا"@ug': '"ياۋروپا"@ug',
    r'"a\nb \"c\" \\ \t 😀"': r'"a\nb \"c\" \\ \t 😀"',
    '""': '""',
    '"true"^^<xsd:boolean>': '"true"^^<xsd:boolean>',
}


@pytest.mark.parametrize("told", LITERALS)
def test_literal_comes_back_as_the_table_says(told, server):
    def full(term: str) -> str:
        return term.replace("<xsd:", "<http://www.w3.org/2001/XMLSchema#")

    with Store(target_of(server)) as store:
        store.replace(f"{BASE}graph/literals", f"<urn:a> <urn:b> {full(told)} .\n")
        ((_, _, value),) = as_kept(store.triples(f"{BASE}graph/literals"))
    assert value == full(LITERALS[told])


@pytest.mark.parametrize(("kind", "protocol"), [("oxigraph", "gsp"), ("virtuoso", "gsp"), ("virtuoso", "update")])
def test_readers_never_see_half_a_graph(kinds, kind, protocol):
    """While a graph is replaced over and over, every count of it is a whole one.

    Of Virtuoso's, one and then one in a hundred may be wrong: a count that was going on when the new graph came.
    """
    server = kinds[kind]
    graph, sizes = f"{BASE}graph/half", {3000, 6000}
    texts = ["".join(f"<urn:{n}> <urn:p> <urn:o> .\n" for n in range(size)) for size in sizes]
    seen, done = [], threading.Event()

    def read() -> None:
        with Store(target_of(server)) as store:
            while not done.is_set():
                answer = store.select(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
                seen.append(int(answer.rows[0][0].value))

    with Store(target_of(server), protocol) as store:
        store.replace(graph, texts[0])
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        for _ in range(2 if kind == "virtuoso" else 20):
            for text in texts:
                store.replace(graph, text)
        done.set()
        reader.join()
        assert len(as_kept(store.triples(graph))) == len(texts[-1].splitlines())
        assert [name for name in graphs_of(store) if STAGING in name] == []
        store.drop(graph)
    assert sizes & set(seen)
    wrong = [count for count in seen if count not in sizes]
    assert len(wrong) <= (1 + len(seen) // 100 if kind == "virtuoso" else 0), wrong


def test_graph_not_yet_moved_to_its_place_is_cleared_away(project, kinds):
    named(project, kinds["virtuoso"])
    loaded(project)
    old, new = (f"{BASE}graph/links{STAGING}{int(time.time()) - age}-0123abcd" for age in (1000, 10))
    with Store(target_of(kinds["virtuoso"])) as store:
        for graph in (old, new):
            store.add(graph, "<urn:a> <urn:b> <urn:c> .\n")
        assert loaded(project).returncode == 0
        assert old not in graphs_of(store)
        assert new in graphs_of(store)  # of another run, which may be going on
        store.drop(new)


@pytest.mark.parametrize("protocol", ["gsp", "update"])
def test_what_virtuoso_cuts_without_a_word_is_read_whole(project, tmp_path, protocol):
    """It gives no more rows or triples than its settings allow, here 100, and answers 200 all the same."""
    names = [f"{BASE}graph/{number:03}" for number in range(250)]
    with virtuoso(tmp_path / "virtuoso", rows=100) as server, Store(target_of(server), protocol) as store:
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
        store.fill(lambda: [f"<urn:a> <urn:b> <urn:c> <{name}> .\n".encode() for name in names])
        load = Load(whereas.check(whereas.read_project(project)), store)
        assert max(load.sizes.values()) > 1000
        load.names |= dict.fromkeys(names, "")
        assert load.counts().keys() == set(names)
        load = Load(load.checked, store)
        load.manifest.write(names, {})
        assert load.plan().gone == tuple(names)
        load.run(load.plan())
        holds_the_release(project, server)
        assert (len(load.plan().unchanged), len(load.plan().gone)) == (5, 250)


# -------------------------------------------------------------------- two at a time


def test_graph_stays_as_it_was_when_another_clears_away_what_was_staged(kinds):
    """Between two requests, what the store was sent is dropped: Virtuoso would move nothing, and empty the graph."""
    server, graph = kinds["virtuoso"], f"{BASE}graph/two"
    before, after = ("".join(f"<urn:{n}> <urn:p> <urn:o> .\n" for n in range(size)) for size in (100, 200))

    def told(handler, number):
        if handler.command == "POST" and STAGING in unquote(handler.path) and "Authorization" in handler.headers:
            handler.hand_on(silently=True)
            with Store(target_of(server)) as other:
                other.drop(parse_qs(urlsplit(handler.path).query)["graph"][0])
            handler.answer(201)
            return True
        return False

    with Store(target_of(server)) as store:
        store.replace(graph, before)
        with between(server, told) as address:
            target = dataclasses.replace(
                target_of(server),
                query=f"{address}/sparql",
                update=f"{address}/sparql-auth",
                graphs=f"{address}/sparql-graph-crud-auth",
            )
            with pytest.raises(RemoteError) as error, Store(target) as cut:
                cut.replace(graph, after)
        assert str(error.value) == (
            f"{graph}: the store took 0 of the 200 triples it was sent; it has the graph as it was"
        )
        assert as_kept(store.triples(graph)) == as_kept(before)
        store.drop(graph)


def test_two_loads_of_two_versions_leave_no_graph_wrongly_vouched_for(project, kinds, tmp_path):
    """Each has sent and compared a graph, of as many triples as the other's; which one the store holds is found out."""
    other = Path(shutil.copytree(project, tmp_path / "other"))
    edit(other)
    graph = f"{BASE}graph/2026-11-24-follow-up-note"
    with Store(target_of(kinds["oxigraph"])) as store:
        for name in graphs_of(store):
            store.drop(name)
        mine, theirs = (Load(whereas.check(whereas.read_project(folder)), store) for folder in (project, other))
        assert mine.sizes[graph] == theirs.sizes[graph]
        mine.run(mine.plan())
        store.drop(graph)
        plans = [load.plan() for load in (mine, theirs)]
        for load, plan in zip((mine, theirs), plans, strict=True):
            load.manifest.write(load.names, load._digests(plan.unchanged))
        for load in (mine, theirs):  # each in the midst of the other's run
            load.send((graph,), {graph})
            assert load._compare((graph,), lambda *_: None) == []
        assert mine.plan().compare == theirs.plan().compare == (graph,)
        mine.run(mine.plan())
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
    holds_the_release(project, kinds["oxigraph"])


# -------------------------------------------------------------------- stopped half-way


@pytest.mark.parametrize(("kind", "times"), [("oxigraph", 50), ("virtuoso", 8)])
def test_run_killed_at_any_request_is_mended_by_the_next(project, kinds, kind, times):
    """The run is killed, without warning, at a random one of its requests: before the store has it, or after."""
    server, moments, running, half_way = kinds[kind], random.Random(20220609), [], 0
    checked = whereas.check(whereas.read_project(project))
    with Store(target_of(server)) as store:
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
        for number in range(times):
            for graph in graphs_of(store)[: 1 + number % 6]:
                store.drop(graph)
            moment, store_has_it, known = moments.randrange(12), moments.random() < 0.5, threading.Event()

            def fault(handler, request, moment=moment, store_has_it=store_has_it, known=known):
                if request != moment:
                    return False
                known.wait()  # the run may be quicker than we are to know it
                if store_has_it:
                    handler.hand_on()
                running[-1].send_signal(signal.SIGKILL)
                return True

            with between(server, fault) as address:
                settings = f'[tool.whereas.stores.here]\nkind = "{kind}"\nurl = "{address}"\nuser = "dba"\n'
                text = (ROOT / "pyproject.toml").read_text()
                (project / "pyproject.toml").write_text(f"{text}\n{settings}")
                running.append(subprocess.Popen(command(project), env=environment(), stderr=subprocess.PIPE))
                known.set()
                _, told = running[-1].communicate()
            assert running[-1].returncode in (0, -signal.SIGKILL), told
            load = Load(checked, store)
            plan = load.plan()
            half_way += 0 < len(plan.compare) + len(plan.unchanged) < len(load.sizes)
            load.run(plan)
            holds_the_release(project, server)
    assert sum(run.returncode == -signal.SIGKILL for run in running) > times / 2
    assert half_way


def test_server_killed_half_way_is_one_sentence_and_then_mended(project, tmp_path):
    with oxigraph("--location", str(tmp_path / "store")) as first:
        named(project, first)
        assert loaded(project).returncode == 0
    edit(project)
    run = loaded(project)
    assert run.returncode == 2
    assert run.stderr.startswith(f"whereas: {first.address}")
    assert run.stderr.endswith("cannot be reached: Connection refused\n")
    settings = project / "pyproject.toml"
    with oxigraph("--location", str(tmp_path / "store")) as second:
        settings.write_text(settings.read_text().replace(first.address, second.address))
        assert loaded(project).stdout.splitlines()[-1].endswith(" sent, 4 unchanged")


def test_store_restarted_half_way_is_one_sentence_and_then_mended(project, tmp_path):
    place = str(tmp_path / "store")
    with oxigraph("--location", place) as first:

        def stop(handler, number):
            if number == 5:  # everything was sent, nothing is compared yet
                first.process.kill()
                first.process.wait()
            if number >= 5:
                handler.cut()
            return number >= 5

        with between(first, stop) as address:
            target = StoreConfig("here", "oxigraph", f"{address}/query", f"{address}/update", f"{address}/store")
            load = Load(whereas.check(whereas.read_project(project)), Store(target))
            with pytest.raises(RemoteError) as error:
                load.run(load.plan())
            assert str(error.value).startswith(address)
    with oxigraph("--location", place) as second:
        named(project, second)
        run = loaded(project)
        assert run.stdout.splitlines()[-1] == "0 graphs, 0 triples sent, 5 verified, 0 unchanged"
        assert loaded(project).stdout == "0 graphs, 0 triples sent, 5 unchanged\n"


def test_full_disk_is_one_sentence_and_then_mended(project, tmp_path):
    """The server may write no file of more than 100 kB: what a full disk is to it."""
    place = str(tmp_path / "store")
    with oxigraph("--location", place, largest_file=100_000) as first:
        named(project, first)
        run = loaded(project)
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr.startswith(f"whereas: {first.address}/store: ")
        assert run.stderr.count("\n") == 1
    settings = project / "pyproject.toml"
    with oxigraph("--location", place) as second:
        settings.write_text(settings.read_text().replace(first.address, second.address))
        assert loaded(project).returncode == 0
        assert loaded(project).stdout == "0 graphs, 0 triples sent, 5 unchanged\n"


# -------------------------------------------------------------------- a server between, which misbehaves


@contextmanager
def between(server, fault):
    """The address of a server that hands every request on to `server`, but for what `fault` does to it.

    `fault(handler, number)` says whether it has answered the request of this number itself.
    """
    numbers = iter(range(10_000))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            length = int(self.headers.get("Content-Length") or 0)
            self.content = self.rfile.read(length)
            if self.headers.get("Transfer-Encoding") == "chunked":
                while size := int(self.rfile.readline(), 16):
                    self.content += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            if not fault(self, next(numbers)):
                self.hand_on()

        do_GET = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815 (named by the standard library)

        def hand_on(self, silently=False):
            kept = {k: v for k, v in self.headers.items() if k.lower() in ("content-type", "accept", "authorization")}
            told = httpx.request(
                self.command, server.address + self.path, content=self.content, headers=kept, timeout=60
            )
            if silently:
                return
            passed = {name: told.headers[name] for name in ("content-type", "www-authenticate") if name in told.headers}
            self.answer(told.status_code, told.content, **passed)

        def answer(self, status, content=b"", **headers):
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        def cut(self):
            self.close_connection = True
            self.connection.shutdown(2)

        def log_message(self, *told):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_port}"
        proxy.shutdown()


FAULTS = {
    "reset": (
        lambda told: told.cut(),
        "connection lost: Server disconnected without sending a response.; run it again",
    ),
    "busy": (lambda told: told.answer(503, b"full", Retry_After="0"), "answered 503 Service Unavailable: full"),
    "disk full": (
        lambda told: told.answer(500, b"No space left\nat x"),
        "answered 500 Internal Server Error: No space left",
    ),
    "moved": (lambda told: told.answer(301, Location="/new"), "redirects to /new; give that address"),
    "expired": (
        lambda told: told.answer(401),
        "refused who did not say who they are: set user and WHEREAS_HERE_PASSWORD, or WHEREAS_HERE_TOKEN",
    ),
}


@pytest.mark.parametrize("first", [0, 1, 2, 3, 5, 8])
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_half_way_is_one_sentence_and_mended_by_the_next_run(project, kinds, fault, first):
    server = kinds["oxigraph"]
    with Store(target_of(server)) as store:
        for graph in graphs_of(store)[1:]:
            store.drop(graph)
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
    misbehave, sentence = FAULTS[fault]

    def told(handler, number):
        if number >= first:
            misbehave(handler)
        return number >= first

    checked = whereas.check(whereas.read_project(project))
    with between(server, told) as address:
        target = StoreConfig("here", "oxigraph", f"{address}/query", f"{address}/update", f"{address}/store")
        with pytest.raises(RemoteError) as error, Store(target) as store:
            load = Load(checked, store)
            load.run(load.plan())
    assert str(error.value).startswith(address)
    assert str(error.value).endswith(f": {sentence}")
    with Store(target_of(server)) as store:
        load = Load(checked, store)
        load.run(load.plan())
    holds_the_release(project, server)


@pytest.mark.parametrize("moment", ["0", "Sun, 06 Nov 1994 08:49:37 GMT"])
def test_store_that_says_when_to_come_again_is_asked_again(project, kinds, moment):
    def told(handler, number):
        if number % 2:
            handler.answer(503, b"busy", Retry_After=moment)
        return number % 2

    checked = whereas.check(whereas.read_project(project))
    with between(kinds["oxigraph"], told) as address:
        target = StoreConfig("here", "oxigraph", f"{address}/query", f"{address}/update", f"{address}/store")
        with Store(target) as store:
            for graph in (f"{BASE}graph/links", f"{BASE}graph/entities"):
                store.drop(graph)
            load = Load(checked, store)
            load.run(load.plan())
            assert not load.plan().send


def test_first_load_that_is_put_off_is_sent_again_and_one_cut_short_is_mended(project, kinds, monkeypatch):
    """Of the requests with many graphs, the first is put off, and the third cut when the store has a part of it."""
    monkeypatch.setattr(loading, "FILLED", {"oxigraph": 400_000})
    server = kinds["oxigraph"]
    checked = whereas.check(whereas.read_project(project))
    with Store(target_of(server)) as store:
        for graph in graphs_of(store):
            store.drop(graph)
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
    whole, lock = [], threading.Lock()

    def told(handler, number):
        if "no_transaction" not in handler.path:
            return False
        with lock:
            whole.append(handler.content)
            turn = len(whole)
        if turn == 1:
            handler.answer(503, b"busy", Retry_After="0")
        elif turn == 3:
            handler.content = handler.content[: handler.content.rindex(b"\n", 0, -100) + 1]
            handler.hand_on(silently=True)
            handler.cut()
        return turn in (1, 3)

    with between(server, told) as address:
        target = StoreConfig("here", "oxigraph", f"{address}/query", f"{address}/update", f"{address}/store")
        with Store(target) as store, pytest.raises(RemoteError) as error:
            load = Load(checked, store)
            load.run(load.plan())
        assert str(error.value).endswith("run it again")
        before = len(whole)
        with Store(target) as store:
            load = Load(checked, store)
            plan = load.plan()
            assert len(plan.send) + len(plan.compare) == 5 and plan.compare
            assert set(load.run(plan)) == set(plan.send)
    assert len(whole) == before  # the rest was sent graph by graph
    holds_the_release(project, server)


@pytest.mark.parametrize("taken", ["refused", "unread"])
def test_graphs_that_virtuoso_does_not_take_together_are_sent_one_by_one(project, kinds, taken):
    """Its loader of many graphs may be forbidden, or be handed an empty body by a proxy that answers 200 all the same."""
    server = kinds["virtuoso"]
    with Store(target_of(server)) as store:
        for graph in graphs_of(store):
            store.drop(graph)
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
    together = []

    def told(handler, number):
        if "TTLP" not in handler.path or "authorization" not in {name.lower() for name in handler.headers}:
            return False
        together.append(handler.content)
        if taken == "refused":
            handler.answer(500, b"Virtuoso 42001 Error SR186: No permission to execute procedure DB.DBA.TTLP")
        else:
            handler.answer(200)
        return True

    with between(server, told) as address:
        target = StoreConfig(
            "here", "virtuoso", f"{address}/sparql", f"{address}/sparql-auth", f"{address}/sparql-graph-crud-auth", "dba", PASSWORD
        )  # fmt: skip
        with Store(target) as store:
            load = Load(whereas.check(whereas.read_project(project)), store)
            load.run(load.plan())
    assert together
    holds_the_release(project, server)


def test_user_of_virtuoso_who_may_only_update_loads_graph_by_graph(project, kinds):
    """Its loader of many graphs is its administrator's."""
    server = kinds["virtuoso"]
    with Store(target_of(server)) as store:
        for graph in graphs_of(store):
            store.drop(graph)
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
    statements = ["DB.DBA.USER_CREATE('writer', 'secret')", 'GRANT SPARQL_UPDATE TO "writer"']
    words = [f"exec={statement};" for statement in statements]
    subprocess.run(["isql-vt", str(server.sql), "dba", "dba", *words], check=True, capture_output=True)
    with Store(dataclasses.replace(target_of(server), user="writer", secret="secret")) as store:
        load = Load(whereas.check(whereas.read_project(project)), store)
        load.run(load.plan())
    holds_the_release(project, server)


def test_graph_larger_than_virtuoso_takes_in_one_request_is_whole(kinds):
    graph = f"{BASE}graph/large"
    text = "".join(f'<urn:{n}> <urn:p> "{n} ; }} {{ . \u2028 é{"long" * 20}" .\n' for n in range(45_000))
    with Store(target_of(kinds["virtuoso"])) as store:
        store.replace(graph, text)
        assert as_kept(store.triples(graph, len(text.split("\n")) - 1)) == as_kept(text)
        store.drop(graph)


@pytest.mark.parametrize("part", ["headers", "body"])
def test_answer_that_never_ends_is_one_sentence(project, kinds, monkeypatch, part):
    """One byte now and then: each comes in time, the whole never does."""
    monkeypatch.setattr(transport, "TIMEOUT", 1)

    def drip(handler, number):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if part == "body" else b"X: "))
        with contextlib.suppress(OSError):
            for _ in range(100):
                handler.wfile.write(b" ")
                threading.Event().wait(0.1)
        return True

    with between(kinds["oxigraph"], drip) as address:
        target = StoreConfig("", "sparql", address, "", address)
        with pytest.raises(RemoteError) as error, Store(target) as store:
            store.triples("urn:a")
    assert str(error.value) == f"{address}: no whole answer within 1 s"
    assert error.value.message.in_language("fr") == f"{address} : pas de réponse entière en 1 s"


@pytest.mark.parametrize("kept", [False, True])
def test_load_that_is_interrupted_ends_at_once_though_the_store_is_silent(project, kinds, kept):
    """While a store is filled, and while graphs are replaced one by one."""
    server, silent, over = kinds["oxigraph"], threading.Event(), threading.Event()
    with Store(target_of(server)) as store:
        for graph in graphs_of(store):
            store.drop(graph)
        if kept:
            store.replace(f"{BASE}graph/entities", "<urn:a> <urn:b> <urn:c> .\n")

    def told(handler, number):
        if "no_transaction" in handler.path or (handler.command == "PUT" and "manifest" not in handler.path):
            silent.set()
            over.wait(60)
            handler.cut()
            return True
        return False

    with between(server, told) as address:
        settings = project / "pyproject.toml"
        settings.write_text(
            f'{settings.read_text()}\n[tool.whereas.stores.here]\nkind = "oxigraph"\nurl = "{address}"\n'
        )
        run = subprocess.Popen(
            command(project),
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background ignore it
        )
        assert silent.wait(60)
        run.send_signal(signal.SIGINT)
        try:
            _, err = run.communicate(timeout=30)
        finally:
            over.set()
            run.kill()
    assert (run.returncode, err) == (130, "whereas: interrupted\n")


@pytest.mark.parametrize(
    ("media_type", "content", "sentence"),
    [
        ("text/html", b"<!doctype html>\n<title>Log in</title>", "/store: expected N-Triples, got 'text/html'"),
        ("application/n-triples", b"<!doctype html>", f"/store: {BASE}graph/"),
        ("application/n-triples", b"<!doctype html>", ": expected N-Triples: "),
        ("application/n-triples", b"", ": the store gives back other triples than it was sent: "),
    ],
)
def test_store_that_gives_back_something_else_is_found_out(project, kinds, media_type, content, sentence):
    def told(handler, number):
        is_late = handler.command == "GET" and number > 2  # the manifest was read
        if is_late:
            handler.answer(200, content, Content_Type=media_type)
        return is_late

    with Store(target_of(kinds["oxigraph"])) as store:
        for graph in graphs_of(store):
            store.drop(graph)
    checked = whereas.check(whereas.read_project(project))
    with between(kinds["oxigraph"], told) as address:
        target = StoreConfig("here", "oxigraph", f"{address}/query", f"{address}/update", f"{address}/store")
        with pytest.raises(RemoteError) as error, Store(target) as store:
            load = Load(checked, store)
            load.run(load.plan())
    assert sentence in str(error.value)


# -------------------------------------------------------------------- who asks


def test_wrong_password_is_one_sentence_that_does_not_tell_it(project, kinds):
    server = kinds["virtuoso"]
    named(project, server)
    run = loaded(project, WHEREAS_HERE_PASSWORD="hunter2")
    assert run.returncode == 2
    assert run.stderr == (
        f"whereas: {server.address}/sparql-graph-crud-auth: refused the user 'dba': is WHEREAS_HERE_PASSWORD right?\n"
    )


def test_load_speaks_french_to_who_asks_for_it(project, server):
    named(project, server)
    run = loaded(project, "--lang", "fr")
    assert run.stdout.splitlines()[-1].endswith(" triplets envoyés, 0 inchangé")
    assert loaded(project, LANG="fr_FR.UTF-8").stdout == "0 graphe, 0 triplet envoyé, 5 inchangés\n"
    assert loaded(project, "--help", "--lang", "fr").stdout == loaded(project, "--lang", "fr", "--help").stdout
    assert "Afficher ce message" in loaded(project, "--help", "--lang", "fr").stdout
    run = subprocess.run(
        [str(WHEREAS), "load", "ici", "-C", str(project), "--lang", "fr"], capture_output=True, text=True, check=False
    )
    assert run.stderr == ("whereas : pas de magasin « ici » dans [tool.whereas.stores], ni une adresse http ou https\n")


class _Keyring(keyring.backend.KeyringBackend):
    """A keyring that holds one password."""

    priority = 1

    def get_password(self, service, username):
        return "s3cr3t" if (service, username) == ("archive", "me") else None

    def set_password(self, service, username, password): ...
    def delete_password(self, service, username): ...


def test_password_in_the_keyring_is_used_where_the_settings_name_it(project, monkeypatch):
    doors = '[tool.whereas.stores.here]\nquery = "http://a/"\nupdate = "http://a/"\nkeyring = "archive"\n'
    settings = project / "pyproject.toml"
    before = settings.read_text()
    settings.write_text(f'{before}\n{doors}user = "me"\n')
    monkeypatch.delenv("WHEREAS_HERE_PASSWORD", raising=False)
    kept = keyring.get_keyring()
    keyring.set_keyring(_Keyring())
    try:
        assert read_target(whereas.read_project(project), "here").secret == "s3cr3t"
        monkeypatch.setenv("WHEREAS_HERE_PASSWORD", "of the environment")
        assert read_target(whereas.read_project(project), "here").secret == "of the environment"
        monkeypatch.delenv("WHEREAS_HERE_PASSWORD")
        settings.write_text(f'{before}\n{doors}user = "you"\n')
        with pytest.raises(ArgumentError) as error:
            read_target(whereas.read_project(project), "here")
    finally:
        keyring.set_keyring(kept)
    assert str(error.value) == "no password of 'you' in the keyring: 'keyring set archive you' keeps one"
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ArgumentError) as error:
        read_target(whereas.read_project(project), "here")
    assert str(error.value) == "keyring is not installed: pip install 'whereas[keyring]'"


def test_keyring_is_not_imported_by_who_names_none(project):
    code = f"import sys, whereas; from whereas.stores.config import read_target; read_target(whereas.read_project({str(project)!r}), 'here'); print('keyring' in sys.modules)"
    settings = project / "pyproject.toml"
    doors = '[tool.whereas.stores.here]\nquery = "http://a/"\nupdate = "http://a/"\n'
    settings.write_text(f"{settings.read_text()}\n{doors}")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_store_is_asked_for_its_protocol_and_told_ones_are_not(kinds):
    server = kinds["oxigraph"]
    asked = []

    def told(handler, number):
        asked.append(handler.path)
        if handler.path.startswith("/none"):
            handler.answer(404, b"no such page")
        return handler.path.startswith("/none")

    with between(server, told) as address:
        query, update = f"{address}/query", f"{address}/update"
        for graphs, protocol in (("/store", "gsp"), ("/none", "update")):
            with Store(StoreConfig("here", "sparql", query, update, address + graphs)) as store:
                store.replace(f"{BASE}graph/asked", "<urn:a> <urn:b> <urn:c> .\n")
                assert store.protocol == protocol
                assert store.triples(f"{BASE}graph/asked") == b"<urn:a> <urn:b> <urn:c> .\n"
                store.drop(f"{BASE}graph/asked")
        assert [path for path in asked if "default" in path] == ["/store?default=", "/none?default="]
        asked.clear()
        with Store(StoreConfig("here", "sparql", query, update, f"{address}/none"), "update") as store:
            assert store.triples(f"{BASE}graph/asked") == b""
        assert asked == ["/query"]


def test_graphs_no_longer_ours_are_dropped_where_the_settings_say_so(project, kinds):
    named(project, kinds["oxigraph"])
    loaded(project)
    old = f"{BASE}graph/old"
    with Store(target_of(kinds["oxigraph"])) as store:
        store.replace(old, "<urn:a> <urn:b> <urn:c> .\n")
        store.add(f"{BASE}graph/manifest", f"<{BASE}graph/manifest> <http://purl.org/dc/terms/hasPart> <{old}> .\n")
        settings = project / "pyproject.toml"
        settings.write_text(f'{settings.read_text()}gone = "drop"\n')
        assert f"dropped {old}\n" in loaded(project).stdout
        assert old not in graphs_of(store)


def test_graph_that_virtuoso_takes_in_several_updates_is_whole(kinds):
    graph = f"{BASE}graph/large"
    text = "".join(f'<urn:{n}> <urn:p> "{n} ; }} {{ . é" .\n' for n in range(12_000))
    with Store(target_of(kinds["virtuoso"]), "update") as store:
        store.replace(graph, text)
        assert as_kept(store.triples(graph, len(text.split("\n")) - 1)) == as_kept(text)
        store.drop(graph)


REPEATED = {
    "as it is": lambda told, secret, header: told.answer(500, f"who is {secret}, {header}".encode()),
    "at the cut": lambda told, secret, header: told.answer(500, f"{'x' * 95}{secret}".encode()),
    "in an address": lambda told, secret, header: told.answer(302, Location=f"/{quote(secret, safe='')}?auth={header}"),
    "as a media type": lambda told, secret, header: told.answer(200, Content_Type=header),
    "in JSON": lambda told, secret, header: told.answer(500, json.dumps({"you sent": secret}).encode()),
}


@pytest.mark.parametrize("spelling", REPEATED)
@pytest.mark.parametrize(
    ("user", "variable", "secret", "header"),
    [
        ("me", "WHEREAS_HERE_PASSWORD", 's3/"crét', "Basic bWU6czMvImNyw6l0"),
        ("", "WHEREAS_HERE_TOKEN", 's3/"cr+t', 'Bearer s3/"cr+t'),
    ],
)
def test_secret_of_the_environment_is_sent_and_never_told(
    project, kinds, user, variable, secret, header, spelling, monkeypatch
):
    seen = []

    def told(handler, number):
        seen.append(handler.headers.get("Authorization"))
        REPEATED[spelling](handler, secret, header)
        return True

    monkeypatch.setenv(variable, f"{secret}\n")  # as $(cat file) does not leave it, and an editor does
    with between(kinds["oxigraph"], told) as address:
        settings = project / "pyproject.toml"
        line = f'user = "{user}"\n' if user else ""
        doors = f'kind = "oxigraph"\nurl = "{address}"\n'
        settings.write_text(f"{settings.read_text()}\n[tool.whereas.stores.here]\n{doors}{line}")
        target = read_target(whereas.read_project(project), "here")
        with pytest.raises(RemoteError) as error, Store(target) as store:
            store.triples("urn:a")
    assert seen == [header]
    for part in ("s3", "cr", "bWU6"):
        assert part not in f"{error.value}{error.value.message.in_language('fr')}{target!r}".replace("describe", "")


@pytest.mark.parametrize("secret", ["s3\x01cr", "s3\udcffcr", "s3\ncr"])
@pytest.mark.parametrize("variable", ["WHEREAS_HERE_PASSWORD", "WHEREAS_HERE_TOKEN"])
def test_secret_that_no_header_can_hold_is_refused_and_not_told(project, variable, secret, monkeypatch):
    settings = project / "pyproject.toml"
    settings.write_text(f'{settings.read_text()}\n[tool.whereas.stores.here]\nurl = "http://a/"\nkind = "virtuoso"\n')
    monkeypatch.setenv(variable, secret)
    with pytest.raises(ArgumentError) as error:
        read_target(whereas.read_project(project), "here")
    what = variable.rpartition("_")[2].lower()
    assert str(error.value) == f"{variable}: a character in it that no {what} can hold"


def test_address_is_told_without_what_follows_its_question_mark(kinds):
    def told(handler, number):
        handler.answer(500, b"no")
        return True

    with between(kinds["oxigraph"], told) as address:
        target = StoreConfig("", "sparql", f"{address}/query?access_token=s3cr3t", f"{address}/update")
        with pytest.raises(RemoteError) as error, Store(target) as store:
            store.triples("urn:a")
    assert str(error.value) == f"{address}/query: answered 500 Internal Server Error: no"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ('here = { url = "http://bob:s3/cret@h" }', "stores.here: url: expected an http or https address, got '…'"),
        ('here = { url = "bob:s3cret@h" }', "stores.here: url: expected an http or https address, got '…'"),
        ('here = { url = "http://bob:3/s3cret@h" }', "stores.here: url: an address holds no user nor password"),
        ('here = { url = ["http://bob:s3cret@h"] }', "stores.here: url: expected a text, got a list"),
        ('here = { user = { password = "s3cret" } }', "stores.here: user: expected a text, got a table"),
        ('here = "http://bob:s3cret@h"', "stores: expected a table by name, got a table"),
        ("here = { gone = true }", "stores.here: gone: expected a text, got true or false"),
        (
            'here = { url = "http://a/" }\n"été" = { url = "http://a/" }',
            "stores.été: its name goes into that of a variable: ASCII letters, digits, '-' and '_' only",
        ),
    ],
)
def test_setting_that_may_hold_a_password_is_never_repeated(project, written, sentence):
    settings = project / "pyproject.toml"
    settings.write_text(f"{settings.read_text()}\n[tool.whereas.stores]\n{written}\n")
    with pytest.raises(ProjectError) as error:
        read_target(whereas.read_project(project), "été" if "été" in written else "here")
    assert [found.message.in_language("en") for found in error.value.findings] == [sentence]
    assert "s3" not in str(error.value)


@pytest.mark.parametrize(
    "address", ["http://exa..mple/", "http://xn--a/", "http://é..x/", "http://bob:s3cret@h/", "bob@h"]
)
def test_address_of_no_machine_is_one_sentence(project, address):
    run = subprocess.run(
        [str(WHEREAS), "load", address, "-C", str(project)], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1), run.stderr
    assert "s3cret" not in run.stderr


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ('password = "x"', "a password is not kept in a file: set WHEREAS_HERE_PASSWORD"),
        ('token = "x"', "a token is not kept in a file: set WHEREAS_HERE_TOKEN"),
        ('addres = "x"', "unknown key 'addres'"),
        ('kind = "oxygraph"\nurl = "http://a/"', "kind: expected oxigraph, virtuoso, sparql, got 'oxygraph'"),
        ('url = "ftp://a/"', "url: expected an http or https address, got 'ftp://a/'"),
        ('query = "http://a/"', "expected url, or query and one of graphs and update"),
        ("url = 3", "url: expected a text, got a number"),
        ('url = "http://me:x@a/"', "url: an address holds no user nor password"),
    ],
)
def test_setting_that_is_wrong_is_one_sentence(project, lines, sentence):
    settings = project / "pyproject.toml"
    settings.write_text(f"{settings.read_text()}\n[tool.whereas.stores.here]\n{lines}\n")
    with pytest.raises(ProjectError) as error:
        read_target(whereas.read_project(project), "here")
    (found,) = error.value.findings
    assert found.message.in_language("en") == f"stores.here: {sentence}"


def test_store_nobody_named_is_one_sentence(project):
    with pytest.raises(ArgumentError) as error:
        read_target(whereas.read_project(project), "there")
    assert str(error.value) == "no store 'there' in [tool.whereas.stores], and no http or https address"


@pytest.mark.parametrize(
    ("told", "moment"),
    [("2", 2), ("100000", transport.LONGEST_WAIT), ("soon", 1), ("Sun, 06 Nov 1994 08:49:37 GMT", 0), (None, 1)],
)
def test_wait_is_as_long_as_the_store_says_and_told(kinds, told, moment, monkeypatch):
    waits = []
    monkeypatch.setattr(transport.time, "sleep", waits.append)

    def busy(handler, number):
        if number == 0:
            handler.answer(503, b"busy", **({"Retry_After": told} if told else {}))
        return number == 0

    said = []
    with between(kinds["oxigraph"], busy) as address:
        target = StoreConfig("", "sparql", f"{address}/query", f"{address}/update", f"{address}/store")
        with Store(target, waiting=lambda *each: said.append(each)) as store:
            assert store.protocol == "gsp"  # the probe is asked again too
    assert waits == [moment]
    assert said == [(f"{address}/store", moment)]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda told: told.answer(503, b"starting", Retry_After="0"), "answered 503 Service Unavailable: starting"),
        (lambda told: told.answer(301, Location="https://h/"), "redirects to https://h/; give that address"),
        (
            lambda told: told.answer(401),
            "refused who did not say who they are: name it in [tool.whereas.stores] to give a user",
        ),
        (lambda told: told.answer(403, b"read only"), "answered 403 Forbidden: read only"),
        (
            lambda told: told.answer(200, b"no", Content_Encoding="gzip"),
            "neither Oxigraph nor Virtuoso: name its query, and graphs or update, in [tool.whereas.stores]",
        ),
    ],
)
def test_server_that_cannot_say_what_it_is_is_told_truly(kinds, project, answer, sentence):
    def told(handler, number):
        answer(handler)
        return True

    with between(kinds["oxigraph"], told) as address, pytest.raises(RemoteError) as error:
        read_target(whereas.read_project(project), address)
    assert str(error.value) == f"{address}: {sentence}"


def test_answer_packed_otherwise_than_it_says_is_one_sentence(kinds):
    def told(handler, number):
        handler.answer(200, b"not gzip", Content_Encoding="gzip", Content_Type="application/n-triples")
        return True

    with between(kinds["oxigraph"], told) as address:
        target = StoreConfig("", "sparql", address, "", address)
        with pytest.raises(RemoteError) as error, Store(target) as store:
            store.triples("urn:a")
    assert str(error.value).startswith(f"{address}: an answer not packed as it says: ")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"user": "me"}, "refused the user 'me', who gave no password: WHEREAS_HERE_PASSWORD is not set"),
        ({"user": "me", "secret": "x", "source": "keyring get a me"}, "refused the user 'me': is keyring get a me right?"),
        ({"secret": "x", "is_token": True, "source": "WHEREAS_HERE_TOKEN"}, "refused the token: is WHEREAS_HERE_TOKEN right?"),
        (
            {"secret": "x", "source": "WHEREAS_HERE_PASSWORD"},
            "refused who did not say who they are: WHEREAS_HERE_PASSWORD is set, and the settings name no user",
        ),
    ],
)  # fmt: skip
def test_who_is_refused_is_told_what_to_look_at(kinds, told, sentence):
    def refuse(handler, number):
        handler.answer(401, WWW_Authenticate='Basic realm="x"')
        return True

    with between(kinds["oxigraph"], refuse) as address:
        target = StoreConfig("here", "sparql", address, "", address, **told)
        with pytest.raises(RemoteError) as error, Store(target) as store:
            store.triples("urn:a")
    assert str(error.value) == f"{address}: {sentence}"


def test_server_of_another_kind_is_one_sentence(kinds, project):
    def hello(handler, number):
        handler.answer(200, b"hello")
        return True

    with between(kinds["oxigraph"], hello) as address, pytest.raises(RemoteError) as error:
        read_target(whereas.read_project(project), address)
    assert str(error.value) == (
        f"{address}: neither Oxigraph nor Virtuoso: name its query, and graphs or update, in [tool.whereas.stores]"
    )


def test_certificates_that_cannot_be_read_are_one_sentence(tmp_path):
    path = tmp_path / "none.pem"
    with pytest.raises(ArgumentError) as error:
        Store(StoreConfig("here", "sparql", "https://127.0.0.1/", certificates=path))
    assert str(error.value) == "none.pem: certificates cannot be read: No such file or directory"
    path.write_text("no certificate", "utf-8")
    with pytest.raises(ArgumentError) as error:
        Store(StoreConfig("here", "sparql", "https://127.0.0.1/", certificates=path))
    assert str(error.value) == "none.pem: certificates cannot be read: no certificate in it"


def test_server_whose_certificate_is_not_trusted_is_refused_and_with_its_own_is_not(tmp_path):
    import ssl

    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(404)
            self.end_headers()

        def log_message(self, *told):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"https://127.0.0.1:{server.server_port}/"
        with Store(StoreConfig("here", "sparql", address, "", address, certificates=certificate)) as store:
            assert store.triples("urn:a") == b""
        with pytest.raises(RemoteError) as error, Store(StoreConfig("here", "sparql", address, "", address)) as store:
            store.triples("urn:a")
        assert str(error.value).startswith(f"{address}: cannot be reached: ")
        assert str(error.value).endswith(": certificate verify failed: self-signed certificate")
        server.shutdown()


# -------------------------------------------------------------------- the how-to

PAGE = (ROOT / "docs/how-to/load-into-a-store.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S) for line in block.splitlines()]
SETTINGS, OTHER_STORES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)


@pytest.mark.parametrize("name", re.findall(r"stores\.(\w+)\]", OTHER_STORES))
def test_settings_of_the_page_are_those_of_a_store(project, name):
    settings = project / "pyproject.toml"
    settings.write_text(f"{settings.read_text()}\n{OTHER_STORES}")
    target = read_target(whereas.read_project(project), name)
    assert target.query and (target.graphs or target.update)


@pytest.mark.parametrize("server", ["oxigraph", "virtuoso"], indirect=True)
def test_commands_of_the_page_work_in_their_order(project, server):
    port, word = {"oxigraph": ("7878", "7878"), "virtuoso": ("8890", "archive")}[server.kind]

    def here(text: str) -> str:
        return text.replace(f"http://localhost:{port}", server.address)

    settings = project / "pyproject.toml"
    settings.write_text(f"{settings.read_text()}\n{here(SETTINGS)}")
    told = {"PATH": f"{WHEREAS.parent}:{os.environ['PATH']}", "WHEREAS_ARCHIVE_PASSWORD": PASSWORD}
    mine = [line for line in COMMANDS if line.startswith("whereas") and (word in line or port in line)]
    assert len(mine) == 3
    for line in mine:
        run = subprocess.run(
            shlex.split(here(line)), cwd=project, env=environment(**told), capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, ""), line
        assert run.stdout
    holds_the_release(project, server)
