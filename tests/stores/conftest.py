"""A project to change and real stores to load it into."""

import shutil
from pathlib import Path

import pytest

import whereas
from servers import oxigraph, virtuoso
from store_loading import empty

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory) -> Path:
    """A copy of the real project, checked once, so that each test's copy has a full cache."""
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


@pytest.fixture(scope="session")
def oxigraph_server():
    with oxigraph() as server:
        yield server


@pytest.fixture(scope="session")
def virtuoso_server(tmp_path_factory):
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as server:
        yield server


@pytest.fixture(params=["oxigraph", pytest.param("virtuoso", marks=pytest.mark.system)])
def server(request):
    """A server that holds no graph of the project, and one of another project."""
    server = request.getfixturevalue(f"{request.param}_server")
    empty(server)
    return server
