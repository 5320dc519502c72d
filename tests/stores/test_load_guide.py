"""docs/how-to/load-into-a-store.md: its settings are valid, and its commands work."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

import whereas
from store_loading import PASSWORD, WHEREAS, assert_complete, environment
from whereas.stores.settings import read_store_config

ROOT = Path(__file__).parents[2]


PAGE = (ROOT / "docs/how-to/load-into-a-store.md").read_text("utf-8")


COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S) for line in block.splitlines()]


SETTINGS, OTHER_STORES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)


@pytest.mark.parametrize("name", re.findall(r"stores\.(\w+)\]", OTHER_STORES))
def test_settings_of_the_guide_are_valid(project, name):
    settings = project / "pyproject.toml"
    settings.write_text(f"{settings.read_text()}\n{OTHER_STORES}")
    config = read_store_config(whereas.read_project(project), name)
    assert config.query and (config.graphs or config.update)


@pytest.mark.parametrize("server", ["oxigraph", "virtuoso"], indirect=True)
def test_commands_of_the_guide_work_in_their_order(project, server):
    port, word = {"oxigraph": ("7878", "7878"), "virtuoso": ("8890", "archive")}[server.kind]

    def with_address(text: str) -> str:
        return text.replace(f"http://localhost:{port}", server.address)

    settings = project / "pyproject.toml"
    settings.write_text(f"{settings.read_text()}\n{with_address(SETTINGS)}")
    variables = {"PATH": f"{WHEREAS.parent}:{os.environ['PATH']}", "WHEREAS_ARCHIVE_PASSWORD": PASSWORD}
    mine = [line for line in COMMANDS if line.startswith("whereas") and (word in line or port in line)]
    assert len(mine) == 3
    for line in mine:
        run = subprocess.run(
            shlex.split(with_address(line)),
            cwd=project,
            env=environment(**variables),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (run.returncode, run.stderr) == (0, ""), line
        assert run.stdout
    assert_complete(project, server)
