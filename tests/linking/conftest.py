"""A copy of the real project, and a SPARQL server with Wikidata items behind a proxy."""

import shutil
import threading
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

import whereas
from servers import oxigraph
from wikidata_links import ITEMS, ROOT, Proxy


@pytest.fixture(scope="module")
def store():
    """The URL of the endpoint of an Oxigraph server that holds the items."""
    with oxigraph() as server:
        headers = {"Content-Type": "text/turtle"}
        urlopen(Request(f"{server.address}/store?default", ITEMS.read_bytes(), headers, method="PUT")).close()
        yield server.query


@pytest.fixture
def proxy(store):
    with Proxy(store) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def checked_once(tmp_path_factory) -> Path:
    """A copy of the real project, with the cache of a first check."""
    folder = tmp_path_factory.mktemp("link")
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copy(ROOT / "pyproject.toml", folder)
    whereas.check(whereas.read_project(folder))
    return folder


@pytest.fixture
def project(checked_once, tmp_path) -> Path:
    return Path(shutil.copytree(checked_once, tmp_path / "project"))
