"""The documentation is true: commands print what is shown, the reference is complete and current."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from whereas.cli.main import main
from whereas.project.settings import SETTINGS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shown(page: Path) -> list[tuple[str, list[str]]]:
    """Return each command of a page's console blocks, with the lines it is shown to print."""
    commands: list[tuple[str, list[str]]] = []
    for block in CONSOLE.findall(page.read_text("utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append((line[2:], []))
            elif line.strip():
                commands[-1][1].append(line)
    return commands


@pytest.mark.parametrize("page", [page for page in PAGES if shown(page)], ids=lambda page: page.name)
def test_commands_print_what_the_page_shows(page, tmp_path):
    for folder in ("data", "docs", "queries", "ontology", "shapes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    environment = {**os.environ, "LANG": "C.UTF-8", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command, lines in shown(page):
        words = shlex.split(command)
        run = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, f"{command}: {run.stdout}{run.stderr}"
        printed = run.stdout.splitlines()
        for line in lines:
            pattern = re.compile(".*".join(map(re.escape, line.split("…"))) if line != "…" else "")
            if line != "…":
                position = next((n for n, text in enumerate(printed) if pattern.fullmatch(text)), None)
                assert position is not None, f"{command}: does not print {line!r} but\n{run.stdout[:3000]}"
                printed = printed[position + 1 :]


def test_links_between_pages_resolve():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_contributing_draws_the_layers_of_the_import_contract():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0]
    layers = [re.split(r" : ", layer) for layer in contract["layers"]]
    drawing = re.search(r"^```text\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert [line.split() for line in drawing[1].splitlines()] == layers


def test_contributing_says_where_each_package_starts():
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| `(\w+\.py)` \|$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE
    )
    packages = {path.parent.name for path in (ROOT / "src/whereas").glob("*/__init__.py")}
    assert {package for package, _ in rows} == packages - {"locale"}
    for package, module in rows:
        assert (ROOT / "src/whereas" / package / module).exists(), f"{package}/{module}"


@pytest.fixture(scope="module")
def reference():
    spec = importlib.util.spec_from_file_location("make", ROOT / "docs/reference/make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


def test_reference_is_as_it_would_be_written_now(reference):
    for name, text in reference.items():
        assert (ROOT / "docs/reference" / name).read_text("utf-8") == text, f"python docs/reference/make.py: {name}"


def test_every_command_and_setting_is_in_the_reference(reference):
    for name in main.commands:
        assert f"## whereas {name}\n" in reference["commands.md"]
    for name in SETTINGS:
        assert f"| `{name}` |" in reference["settings.md"]


def test_every_query_shape_and_check_is_in_the_reference(reference):
    for path in (ROOT / "queries").rglob("*.rq"):
        if path.parent.name == "checks":
            assert f"| `{path.stem}` |" in reference["shapes.md"]
        else:
            assert f"### {path.stem}\n" in reference["queries.md"]
    for path in (ROOT / "shapes").glob("*.ttl"):
        for shape in re.findall(
            r"^(shp:[\w-]+) a sh:(?:PropertyShape|SPARQLConstraint)", path.read_text(), re.MULTILINE
        ):
            assert f"| `{shape}` |" in reference["shapes.md"]


def test_no_page_names_a_path_of_the_machine_it_was_written_on():
    for page in PAGES:
        assert not re.search(r"/(?:work|root|farm|tmp/pytest)/", page.read_text("utf-8")), page
