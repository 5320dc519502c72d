"""`whereas new`: the example project, and the commands that its README shows."""

import re
import subprocess

import pytest

import whereas
from command_line import run_whereas


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The folder of a new project, with what the command printed."""
    folder = tmp_path_factory.mktemp("new")
    result = run_whereas(folder, "new", "my-dossier")
    assert result.returncode == 0, result.stderr
    return folder / "my-dossier", result.stdout


def test_new_prints_its_files_and_the_next_commands(example):
    folder, output = example
    *files, following = output.splitlines()
    assert sorted(files) == sorted(f"  my-dossier/{path.relative_to(folder)}" for path in folder.rglob("*.*"))
    assert following == "Next: cd my-dossier && whereas build && whereas ask"


def test_commands_of_the_readme_work(example):
    folder, _ = example
    commands = re.findall(r"^    whereas (.+?)(?:   +.*)?$", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        if command != "serve":
            result = run_whereas(folder, *command.split())
            assert (result.returncode, result.stderr) == (0, ""), command
    page = run_whereas(folder, "get", "/doc/2026-01-15-harbour-statement", "--accept", "text/html")
    assert "The council demands that the harbour authority close the old pier" in page.stdout


def test_texts_of_the_example_keep_their_line_ends_in_git(example):
    folder, _ = example
    git = ["git", "-c", "core.autocrlf=true", "-c", "safe.directory=*"]
    subprocess.run([*git, "init", "-q", "."], cwd=folder, check=True)
    attributes = subprocess.run(
        [*git, "check-attr", "text", "--", "data/note/text.en.txt"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    assert attributes.stdout == "data/note/text.en.txt: text: unset\n"


def test_example_project_has_no_findings(example):
    folder, _ = example
    assert whereas.check(whereas.read_project(folder)).report.findings == ()


def test_base_must_be_an_iri_that_ends_in_a_slash(tmp_path):
    result = run_whereas(tmp_path, "new", "mine", "--base", "https://example.org")
    assert (result.returncode, result.stderr) == (
        2, "whereas: --base: expected an IRI that ends in '/', got 'https://example.org'\n",
    )  # fmt: skip
