"""A copy of the real project, checked once a module."""

from pathlib import Path

import pytest

from command_line import copy_project, run_whereas


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("cli"))
    assert run_whereas(folder, "check").returncode == 0
    return folder
