"""The docs tell the truth: commands run and print what is shown, the reference is complete and current."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from whereas.cli.main import main
from whereas.project.settings import SETTINGS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shown(page: Path) -> list[tuple[str, list[str]]]:
    """Each command of a page's console blocks, with the lines it is shown to print."""
    found: list[tuple[str, list[str]]] = []
    for block in CONSOLE.findall(page.read_text("utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.strip():
                found[-1][1].append(line)
    return found


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
                place = next((n for n, told in enumerate(printed) if pattern.fullmatch(told)), None)
                assert place is not None, f"{command}: does not print {line!r} but\n{run.stdout[:3000]}"
                printed = printed[place + 1 :]


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


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
