"""Faults planted in the real project, each caught with its whole sentence at its line."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

import whereas

ROOT = Path(__file__).parent.parent
FILE = "data/2022-06-09-gse-xinjiang/document.yaml"
FAULTS = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text("utf-8"))
WRITTEN = FAULTS["written"]


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "data", folder / "data")
    return folder


def planted_in(text: str, fault: dict[str, Any]) -> str:
    """The text with the fault in it; the text itself where there is no place for it."""
    words, instead = fault["replace"]
    start = text.find(f"- id: {fault['node']}\n") if "node" in fault else 0
    found = text.find(words, start)
    return text if min(start, found) < 0 else text[:found] + instead + text[found + len(words) :]


def line_of(text: str, words: str, start: int = 0) -> int:
    return text.count("\n", 0, text.index(words, start)) + 1 if words else 0


def expected_place(project: Path, fault: dict[str, Any], sound: str, bad: str) -> str:
    """`file:line` of the finding."""
    path = fault.get("in", fault.get("file", FILE))
    node = f"- id: {fault.get('node')}\n"
    if "at" in fault:
        text = (project / path).read_text("utf-8")
        line = line_of(text, fault["at"], max(text.find(node), 0))
    elif fault["replace"][1]:
        line = next(n for n, (a, b) in enumerate(zip(sound.split("\n"), bad.split("\n"), strict=False), 1) if a != b)
    else:
        line = line_of(bad, node)
    return f"{path}:{line}" if line else path


@contextmanager
def planted(project: Path, *faults: dict[str, Any]) -> Iterator[int]:
    """How many of the faults could be planted together; the project is sound again afterwards."""
    paths = {project / fault.get("file", FILE) for fault in faults}
    sound = {path: path.read_text("utf-8") for path in paths}
    bad, count = dict(sound), 0
    for fault in faults:
        path = project / fault.get("file", FILE)
        before, bad[path] = bad[path], planted_in(bad[path], fault)
        count += before != bad[path]
    try:
        for path in paths:
            path.write_text(bad[path], "utf-8")
        yield count
    finally:
        for path in paths:
            path.write_text(sound[path], "utf-8")


def test_sound_data_raise_nothing_above_info(project):
    report = whereas.check(whereas.read_project(project)).report
    assert [found.line() for found in report.findings if found.severity != "Info"] == []


@pytest.mark.parametrize("fault", WRITTEN, ids=lambda fault: fault["fault"])
def test_a_planted_fault_is_caught_at_its_line(project, fault):
    path = project / fault.get("file", FILE)
    sound = path.read_text("utf-8")
    with planted(project, fault) as count:
        place = expected_place(project, fault, sound, path.read_text("utf-8"))
        findings = whereas.check(whereas.read_project(project)).report.findings
    assert count == 1
    assert f"{place}: {fault['finds']}" in [found.line() for found in findings]
    if "trouve" in fault:
        assert f"{place}: {fault['trouve']}" in [found.line("fr") for found in findings]


def test_another_engine_over_everything_at_once_finds_the_same(project):
    faults = [fault for fault in WRITTEN if fault.get("compiles", True)]
    with planted(project, *faults) as count:
        first, second = (
            whereas.check(whereas.read_project(project), engine).report.findings for engine in ("shifty", "pyshacl")
        )
    assert count >= 40
    assert len([found for found in first if found.severity != "Info"]) >= count
    assert first == second
