"""A server of the real project, on loopback, for the tests of this folder."""

import shutil
import subprocess
from pathlib import Path

import pytest

from serving import WHEREAS, RunningServer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The real project, built once."""
    folder = tmp_path_factory.mktemp("built")
    for name in ("data", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    subprocess.run([*WHEREAS, "build", "-q", "-C", str(folder)], check=True)
    return folder


@pytest.fixture(scope="session")
def server(built, tmp_path_factory):
    running = RunningServer(built, tmp_path_factory.mktemp("served"), "--setting", "time", "3")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def client(server):
    return server.client
