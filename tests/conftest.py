"""Fixtures for all tests: the real project, checked once."""

from pathlib import Path

import pytest

import whereas
from whereas.validation.checked_project import CheckedProject

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def checked(tmp_path_factory) -> CheckedProject:
    """The real project, checked with a cache directory of its own."""
    folder = tmp_path_factory.mktemp("real")
    for name in ("data", "ontology", "shapes", "queries", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    return whereas.check(whereas.read_project(folder))
