"""Loading a project into real stores: what changed is sent, and graphs of others stay."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

import whereas
from store_loading import (
    BASE,
    OTHERS,
    WHEREAS,
    add_store,
    assert_complete,
    edit,
    empty,
    faulty_proxy,
    oxigraph_config,
    project_graphs,
    run_load,
    store_config,
)
from whereas.cli import command as cli_command
from whereas.cli.main import main
from whereas.errors import RemoteError
from whereas.http import client
from whereas.stores import loader as loader_module
from whereas.stores.loader import Loader
from whereas.stores.store import Store

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("protocol", ["gsp", "update"])
def test_first_load_sends_everything_and_the_second_nothing(project, server, protocol):
    add_store(project, server)
    first = run_load(project, "--protocol", protocol)
    assert (first.returncode, first.stderr) == (0, ""), first.stderr
    assert first.stdout.splitlines()[-1].endswith(" triples sent, 0 unchanged")
    assert_complete(project, server)
    again = run_load(project, "--protocol", protocol)
    assert again.stdout == "0 graphs, 0 triples sent, 5 unchanged\n"


def test_changed_document_is_the_only_graph_sent(project, server):
    add_store(project, server)
    run_load(project)
    edit(project)
    plan = json.loads(run_load(project, "--dry-run", "--format", "json").stdout)
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
    run = run_load(project)
    assert run.stdout.splitlines()[0].startswith(f"sent {graph}: ")
    assert run.stdout.splitlines()[1].startswith("1 graph, ")
    assert_complete(project, server)


def test_dry_run_sends_nothing(project, server):
    add_store(project, server)
    run = run_load(project, "--dry-run")
    assert run.returncode == 0
    assert run.stdout.count("would send ") == 5
    with Store(store_config(server)) as store:
        assert project_graphs(store) == []


def test_graph_changed_in_the_store_is_sent_again(project, server):
    add_store(project, server)
    run_load(project)
    with Store(store_config(server)) as store:
        store.add(f"{BASE}graph/links", "<urn:a> <urn:b> <urn:c> .\n")
    assert f"sent {BASE}graph/links: " in run_load(project).stdout
    assert_complete(project, server)


def test_graph_changed_with_the_same_count_is_detected_by_verify(project, server):
    """The manifest calls it complete, and it has as many triples as ours: only reading it back shows the change."""
    add_store(project, server)
    run_load(project)
    graph = f"{BASE}graph/links"
    with Store(store_config(server)) as store:
        lines = store.triples(graph).decode().splitlines(keepends=True)
        store.replace(graph, "".join(["<urn:a> <urn:b> <urn:c> .\n", *lines[1:]]))
        assert run_load(project).stdout == "0 graphs, 0 triples sent, 5 unchanged\n"
        before = store.triples(f"{BASE}graph/manifest")
        output = run_load(project, "--verify", "--dry-run").stdout.splitlines()
        assert output[0].startswith(f"would send {graph}: ")
        assert output[1].endswith(" to send, 4 unchanged")
        assert "<urn:b>" in store.triples(graph).decode()
        assert store.triples(f"{BASE}graph/manifest") == before
    assert run_load(project, "--verify").stdout.splitlines()[-1].endswith(" sent, 4 verified, 0 unchanged")
    assert_complete(project, server)


def test_graph_that_disappears_while_others_are_sent_is_detected(project, oxigraph_server):
    server = oxigraph_server
    add_store(project, server)
    run_load(project)
    with Store(store_config(server)) as store:
        store.drop(f"{BASE}graph/entities")

        def fault(handler, number):
            if handler.command == "PUT" and "entities" in handler.path:
                store.drop(f"{BASE}graph/links")
            return False

        with faulty_proxy(server, fault) as address:
            config = oxigraph_config(address)
            with pytest.raises(RemoteError) as error, Store(config) as ours:
                loader = Loader(whereas.check(whereas.read_project(project)), ours)
                loader.run(loader.plan())
    assert str(error.value) == f"{BASE}graph/links: changed in the store while it was loaded; run it again"


def test_graph_of_another_project_is_not_dropped_even_if_the_manifest_lists_it(project, server):
    add_store(project, server)
    run_load(project)
    with Store(store_config(server)) as store:
        store.add(f"{BASE}graph/manifest", f"<{BASE}graph/manifest> <http://purl.org/dc/terms/hasPart> <{OTHERS}> .\n")
    assert "dropped" not in run_load(project, "--prune").stdout
    assert_complete(project, server)


def test_long_load_logs_its_progress(project, oxigraph_server, monkeypatch):
    """Off a terminal, lines on standard error, none with --quiet; one when the store is busy."""
    monkeypatch.setattr(cli_command, "PROGRESS_INTERVAL", 0)
    monkeypatch.setattr(loader_module, "BATCH", 2)
    monkeypatch.setattr(client.time, "sleep", lambda seconds: None)
    server = oxigraph_server

    def fault(handler, number):
        if number == 0:
            handler.answer(503, b"busy", Retry_After="30")
        return number == 0

    for words, busy, lines in (((), True, True), (("-q",), False, False), (("--lang", "fr"), False, True)):
        with Store(store_config(server)) as store:
            for graph in project_graphs(store):
                store.drop(graph)
            store.replace(f"{BASE}graph/links", "<urn:a> <urn:b> <urn:c> .\n")
        with faulty_proxy(server, fault if busy else lambda *_: False) as address:
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


def test_graph_that_is_gone_is_dropped_only_with_prune(project, server):
    add_store(project, server)
    run_load(project)
    old = f"{BASE}graph/old"
    with Store(store_config(server)) as store:
        store.replace(old, "<urn:a> <urn:b> <urn:c> .\n")
    assert old not in run_load(project, "--prune").stdout  # it is nothing that we sent
    with Store(store_config(server)) as store:
        assert old in project_graphs(store)
        store.add(f"{BASE}graph/manifest", f"<{BASE}graph/manifest> <http://purl.org/dc/terms/hasPart> <{old}> .\n")
    assert f"no longer in the project, kept without --prune: {old}\n" in run_load(project).stdout
    with Store(store_config(server)) as store:
        assert old in project_graphs(store)
    assert " 1 to drop\n" in run_load(project, "--prune", "--dry-run").stdout
    output = run_load(project, "--prune").stdout
    assert output == f"dropped {old}\n0 graphs, 0 triples sent, 5 unchanged, 1 dropped\n"
    with Store(store_config(server)) as store:
        assert old not in project_graphs(store)
    assert_complete(project, server)


def test_graphs_that_are_gone_are_dropped_where_the_settings_say_so(project, oxigraph_server):
    add_store(project, oxigraph_server)
    run_load(project)
    old = f"{BASE}graph/old"
    with Store(store_config(oxigraph_server)) as store:
        store.replace(old, "<urn:a> <urn:b> <urn:c> .\n")
        store.add(f"{BASE}graph/manifest", f"<{BASE}graph/manifest> <http://purl.org/dc/terms/hasPart> <{old}> .\n")
        settings = project / "pyproject.toml"
        settings.write_text(f'{settings.read_text()}gone = "drop"\n')
        assert f"dropped {old}\n" in run_load(project).stdout
        assert old not in project_graphs(store)


def test_store_is_loaded_by_its_url_alone(project, oxigraph_server):
    empty(oxigraph_server)
    run = subprocess.run(
        [str(WHEREAS), "load", oxigraph_server.address, "-C", str(project)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_project_that_does_not_conform_is_not_run_load(project, server):
    add_store(project, server)
    path = project / "data/2026-11-24-follow-up-note/document.yaml"
    path.write_text(path.read_text("utf-8").replace("speaker: ent:", "speaker: ent:nobody-", 1), "utf-8")
    run = run_load(project)
    assert run.returncode == 2
    assert "'whereas check' lists them" in run.stderr
    with Store(store_config(server)) as store:
        assert project_graphs(store) == []


def test_load_speaks_french_on_request(project, server):
    add_store(project, server)
    run = run_load(project, "--lang", "fr")
    assert run.stdout.splitlines()[-1].endswith(" triplets envoyés, 0 inchangé")
    assert run_load(project, LANG="fr_FR.UTF-8").stdout == "0 graphe, 0 triplet envoyé, 5 inchangés\n"
    assert run_load(project, "--help", "--lang", "fr").stdout == run_load(project, "--lang", "fr", "--help").stdout
    assert "Afficher ce message" in run_load(project, "--help", "--lang", "fr").stdout
    run = subprocess.run(
        [str(WHEREAS), "load", "ici", "-C", str(project), "--lang", "fr"], capture_output=True, text=True, check=False
    )
    assert run.stderr == ("whereas : pas de magasin « ici » dans [tool.whereas.stores], ni une URL http ou https\n")
