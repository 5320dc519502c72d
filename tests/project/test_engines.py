"""Saved queries give the same rows on other engines, which read the published file or query our endpoint."""

from pathlib import Path

import pytest

import whereas
from benchmarks.peers import comparable
from browser import whereas_server
from servers import COMUNICA, comunica, install, rdflib_endpoint
from whereas.http.sparql_client import ask_endpoint
from whereas.project.ontology import read_prefixes
from whereas.project.queries import read_queries

PROJECT = whereas.read_project(Path(__file__).parents[2])
LOCAL = [query for query in read_queries(PROJECT, read_prefixes(PROJECT)).values() if not query.federated]


@pytest.fixture(scope="module")
def published(checked):
    """The N-Quads file of the release."""
    whereas.write_release(checked)
    return checked.project.public / "dataset.nq"


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """The folder where Comunica is installed."""
    folder = tmp_path_factory.mktemp("node")
    install(folder, *COMUNICA)
    return folder


@pytest.fixture(scope="module")
def rdflib_over_the_file(published):
    with rdflib_endpoint(published) as address:
        yield address


@pytest.fixture(scope="module")
def comunica_over_the_file(node, published):
    with comunica(node, "comunica-sparql-file-http", "--unionDefaultGraph", str(published)) as address:
        yield address


@pytest.fixture(scope="module")
def comunica_over_our_server(node, checked):
    with (
        whereas_server(checked.project.root) as ours,
        comunica(node, "comunica-sparql-http", f"sparql@{ours}/sparql") as address,
    ):
        yield address


@pytest.fixture(
    params=[
        "rdflib_over_the_file",
        pytest.param("comunica_over_the_file", marks=pytest.mark.system),
        pytest.param("comunica_over_our_server", marks=pytest.mark.system),
    ]
)
def engine(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_saved_query_gives_the_same_rows_on_every_engine(query, checked, engine):
    text = query.bind(query.example.arguments)
    assert comparable(ask_endpoint(engine, text)) == comparable(checked.graph().query(text))
