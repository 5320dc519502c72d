"""docs/how-to/ask-an-endpoint.md: its commands, its scripts and its notebook work, on a store and on our server."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from servers import free_port, running

ROOT = Path(__file__).parents[2]
WHEREAS = Path(sys.executable).with_name("whereas")
PAGE = (ROOT / "docs/how-to/ask-an-endpoint.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S) for line in block.splitlines()]
ASKING = [line for line in COMMANDS if line.startswith(("whereas", "curl"))]
SCRIPTS = re.findall(r"^```(python|js|r)\n(.*?)^```", PAGE, re.M | re.S)
RUN_BY = {"python": (sys.executable, "-c"), "js": ("node", "--input-type=module", "-e"), "r": ("Rscript", "-e")}
NOTEBOOK = json.loads((ROOT / "docs/how-to/ask-an-endpoint.ipynb").read_text("utf-8"))


@pytest.fixture(scope="module")
def served(checked):
    """The URL of our own server."""
    address = f"http://127.0.0.1:{free_port()}"
    command = [str(WHEREAS), "serve", "-C", str(checked.project.root), "-p", address.rpartition(":")[2]]
    with running(command, f"{address}/-/health"):
        yield address


@pytest.fixture(params=["oxigraph", "whereas"])
def with_address(request, served):
    """Replace the URLs of the page by those of a real endpoint: a store's, then our own."""
    store = request.getfixturevalue("oxigraph_store").query if request.param == "oxigraph" else f"{served}/sparql"
    return lambda text: text.replace("http://localhost:7878/query", store).replace("http://localhost:8001", served)


@pytest.mark.parametrize("command", ASKING)
def test_command_of_the_guide_works(command, with_address):
    words = shlex.split(with_address(command))
    environment = {**os.environ, "PATH": f"{WHEREAS.parent}:{os.environ['PATH']}"}
    run = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout


@pytest.mark.parametrize(
    ("language", "script"),
    [
        pytest.param(*script, marks=() if script[0] == "python" else pytest.mark.system)  # Node and R
        for script in SCRIPTS
    ],
)
def test_script_of_the_guide_prints_who_demands_what(language, script, with_address):
    command = RUN_BY[language]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is absent: make system installs it")
    run = subprocess.run([*command, with_address(script)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert " · " in run.stdout


def test_notebook_prints_what_it_shows(with_address):
    cells = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    script = "\n".join("".join(cell["source"]) for cell in cells)
    shown = "".join("".join(output["text"]) for cell in cells for output in cell["outputs"])
    run = subprocess.run([sys.executable, "-c", with_address(script)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, shown), run.stderr
