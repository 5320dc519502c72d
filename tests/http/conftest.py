"""Stores that hold the project, a server that misbehaves, and `whereas ask`."""

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from faulty_server import faulty_server
from servers import oxigraph, put, put_with_digest, virtuoso
from whereas.rdf.store import Graph
from whereas.rdf.terms import nquads

ROOT = Path(__file__).parents[2]
WHEREAS = Path(sys.executable).with_name("whereas")


@pytest.fixture(scope="session")
def oxigraph_store(checked):
    with oxigraph() as server:
        quads = nquads(quad for summary in checked.summaries for quad in checked.quads(summary.name))
        put(f"{server.address}/store", quads.encode(), "application/n-quads")
        yield server


@pytest.fixture(scope="session")
def virtuoso_store(checked, tmp_path_factory):
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as server:
        graphs = defaultdict(list)
        for summary in checked.summaries:
            for *triple, graph in checked.quads(summary.name):
                graphs[graph].append((*triple, ""))
        for graph, triples in graphs.items():
            put_with_digest(server, graph[1:-1], nquads(triples).encode())
        yield server


@pytest.fixture(params=["oxigraph", pytest.param("virtuoso", marks=pytest.mark.system)])
def store(request):
    return request.getfixturevalue(f"{request.param}_store")


@pytest.fixture(scope="session")
def graph(checked) -> Graph:
    return checked.graph()


@pytest.fixture
def faulty():
    with faulty_server() as server:
        yield server


@pytest.fixture
def ask():
    """Run `whereas ask` on the real project."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(WHEREAS), "ask", "-C", str(ROOT), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run
