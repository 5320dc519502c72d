"""Loads that are interrupted, or run two at a time: the next one completes them."""

import random
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

import whereas
from servers import oxigraph
from store_loading import (
    BASE,
    OTHERS,
    add_store,
    assert_complete,
    edit,
    environment,
    faulty_proxy,
    load_command,
    oxigraph_config,
    project_graphs,
    run_load,
    store_config,
)
from whereas.errors import RemoteError
from whereas.stores.loader import Loader
from whereas.stores.store import STAGING, Store

ROOT = Path(__file__).parents[2]


@pytest.mark.system
def test_abandoned_staged_graph_is_dropped(project, virtuoso_server):
    add_store(project, virtuoso_server)
    run_load(project)
    old, new = (f"{BASE}graph/links{STAGING}{int(time.time()) - age}-0123abcd" for age in (1000, 10))
    with Store(store_config(virtuoso_server)) as store:
        for graph in (old, new):
            store.add(graph, "<urn:a> <urn:b> <urn:c> .\n")
        assert run_load(project).returncode == 0
        assert old not in project_graphs(store)
        assert new in project_graphs(store)  # of another run, which may be going on
        store.drop(new)


def test_two_loads_at_a_time_mark_no_graph_wrongly_as_complete(project, oxigraph_server, tmp_path):
    """Each has sent and compared a graph, of as many triples as the other's; the next plan compares what the store holds."""
    other = Path(shutil.copytree(project, tmp_path / "other"))
    edit(other)
    graph = f"{BASE}graph/2026-11-24-follow-up-note"
    with Store(store_config(oxigraph_server)) as store:
        for name in project_graphs(store):
            store.drop(name)
        mine, theirs = (Loader(whereas.check(whereas.read_project(folder)), store) for folder in (project, other))
        assert mine.sizes[graph] == theirs.sizes[graph]
        mine.run(mine.plan())
        store.drop(graph)
        plans = [loader.plan() for loader in (mine, theirs)]
        for loader, plan in zip((mine, theirs), plans, strict=True):
            loader.manifest.write(loader.names, loader._digests(plan.unchanged))
        for loader in (mine, theirs):  # each during of the other's run
            loader.send((graph,), {graph})
            assert loader._compare_and_mark((graph,), lambda *_: None) == []
        assert mine.plan().compare == theirs.plan().compare == (graph,)
        mine.run(mine.plan())
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
    assert_complete(project, oxigraph_server)


@pytest.mark.parametrize(("kind", "times"), [("oxigraph", 50), pytest.param("virtuoso", 8, marks=pytest.mark.system)])
def test_run_killed_at_any_request_is_completed_by_the_next(project, request, kind, times):
    """The run is killed, without warning, at a random one of its requests: before the store has it, or after."""
    server, moments, running, half_way = request.getfixturevalue(f"{kind}_server"), random.Random(20220609), [], 0
    checked = whereas.check(whereas.read_project(project))
    with Store(store_config(server)) as store:
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
        for number in range(times):
            for graph in project_graphs(store)[: 1 + number % 6]:
                store.drop(graph)
            moment, store_has_it, known = moments.randrange(12), moments.random() < 0.5, threading.Event()

            def fault(handler, request, moment=moment, store_has_it=store_has_it, known=known):
                if request != moment:
                    return False
                known.wait()  # the run may be quicker than we are to know it
                if store_has_it:
                    handler.forward()
                running[-1].send_signal(signal.SIGKILL)
                return True

            with faulty_proxy(server, fault) as address:
                settings = f'[tool.whereas.stores.here]\nkind = "{kind}"\nurl = "{address}"\nuser = "dba"\n'
                text = (ROOT / "pyproject.toml").read_text()
                (project / "pyproject.toml").write_text(f"{text}\n{settings}")
                running.append(subprocess.Popen(load_command(project), env=environment(), stderr=subprocess.PIPE))
                known.set()
                _, stderr = running[-1].communicate()
            assert running[-1].returncode in (0, -signal.SIGKILL), stderr
            loader = Loader(checked, store)
            plan = loader.plan()
            half_way += 0 < len(plan.compare) + len(plan.unchanged) < len(loader.sizes)
            loader.run(plan)
            assert_complete(project, server)
    assert sum(run.returncode == -signal.SIGKILL for run in running) > times / 2
    assert half_way


def test_server_that_was_killed_is_one_sentence_and_the_next_run_completes_the_load(project, tmp_path):
    with oxigraph("--location", str(tmp_path / "store")) as first:
        add_store(project, first)
        assert run_load(project).returncode == 0
    edit(project)
    run = run_load(project)
    assert run.returncode == 2
    assert run.stderr.startswith(f"whereas: {first.address}")
    assert run.stderr.endswith("cannot be reached: Connection refused\n")
    settings = project / "pyproject.toml"
    with oxigraph("--location", str(tmp_path / "store")) as second:
        settings.write_text(settings.read_text().replace(first.address, second.address))
        assert run_load(project).stdout.splitlines()[-1].endswith(" sent, 4 unchanged")


def test_server_restarted_during_a_load_is_one_sentence_and_the_next_run_completes_it(project, tmp_path):
    place = str(tmp_path / "store")
    with oxigraph("--location", place) as first:

        def stop(handler, number):
            if number == 5:  # everything was sent, nothing is compared yet
                first.process.kill()
                first.process.wait()
            if number >= 5:
                handler.cut()
            return number >= 5

        with faulty_proxy(first, stop) as address:
            config = oxigraph_config(address)
            loader = Loader(whereas.check(whereas.read_project(project)), Store(config))
            with pytest.raises(RemoteError) as error:
                loader.run(loader.plan())
            assert str(error.value).startswith(address)
    with oxigraph("--location", place) as second:
        add_store(project, second)
        run = run_load(project)
        assert run.stdout.splitlines()[-1] == "0 graphs, 0 triples sent, 5 verified, 0 unchanged"
        assert run_load(project).stdout == "0 graphs, 0 triples sent, 5 unchanged\n"


def test_full_disk_is_one_sentence_and_the_next_run_completes_the_load(project, tmp_path):
    """The server may write no file of more than 100 kB: what a full disk is to it."""
    place = str(tmp_path / "store")
    with oxigraph("--location", place, largest_file=100_000) as first:
        add_store(project, first)
        run = run_load(project)
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr.startswith(f"whereas: {first.address}/store: ")
        assert run.stderr.count("\n") == 1
    settings = project / "pyproject.toml"
    with oxigraph("--location", place) as second:
        settings.write_text(settings.read_text().replace(first.address, second.address))
        assert run_load(project).returncode == 0
        assert run_load(project).stdout == "0 graphs, 0 triples sent, 5 unchanged\n"


@pytest.mark.parametrize("is_empty", [True, False])
def test_interrupted_load_ends_at_once_while_the_store_does_not_answer(project, oxigraph_server, is_empty):
    """While a store is filled, and while graphs are replaced one by one."""
    server, silent, over = oxigraph_server, threading.Event(), threading.Event()
    with Store(store_config(server)) as store:
        for graph in project_graphs(store):
            store.drop(graph)
        if not is_empty:
            store.replace(f"{BASE}graph/entities", "<urn:a> <urn:b> <urn:c> .\n")

    def fault(handler, number):
        if "no_transaction" in handler.path or (handler.command == "PUT" and "manifest" not in handler.path):
            silent.set()
            over.wait(60)
            handler.cut()
            return True
        return False

    with faulty_proxy(server, fault) as address:
        settings = project / "pyproject.toml"
        settings.write_text(
            f'{settings.read_text()}\n[tool.whereas.stores.here]\nkind = "oxigraph"\nurl = "{address}"\n'
        )
        run = subprocess.Popen(
            load_command(project),
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
