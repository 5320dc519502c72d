"""Faults planted in the real project, each caught with its whole sentence at its line."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import yaml

import whereas
from whereas.errors import Finding

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


def rounds() -> list[list[dict[str, Any]]]:
    """The faults as they are planted: those of different nodes together, one that does not compile alone."""
    told: list[tuple[set[str], list[dict[str, Any]]]] = []
    for fault in WRITTEN:
        node = fault.get("node", fault.get("file", FILE))
        free = [some for some in told if some[0] and node not in some[0]] if fault.get("compiles", True) else []
        nodes, faults = free[0] if free else (set(), [])
        if not free:
            told.append((nodes, faults))
        if fault.get("compiles", True):
            nodes.add(node)
        faults.append(fault)
    return [faults for _, faults in told]


ROUNDS = rounds()


def start_of(text: str, fault: dict[str, Any]) -> int:
    return text.index(f"- id: {fault['node']}\n") if "node" in fault else 0


def with_fault(text: str, fault: dict[str, Any]) -> str:
    words, instead = fault["replace"]
    found = text.index(words, start_of(text, fault))
    return text[:found] + instead + text[found + len(words) :]


def place_of(project: Path, fault: dict[str, Any]) -> str:
    """`file:line` of the finding, once the fault is planted."""
    path = fault.get("in", fault.get("file", FILE))
    text = (project / path).read_text("utf-8")
    words, instead = fault["replace"]
    start = start_of(text, fault) if path == fault.get("file", FILE) else 0
    if "at" in fault:
        start = text.index(fault["at"], start)
    elif instead:
        same = takewhile(lambda pair: pair[0] == pair[1], zip(words, instead, strict=False))
        start = text.index(instead, start) + len(list(same))
    line = text.count("\n", 0, start) + 1
    return path if fault.get("at") == "" else f"{path}:{line}"


@contextmanager
def planted(project: Path, faults: list[dict[str, Any]]) -> Iterator[None]:
    """The faults are in the project, which is sound again afterwards."""
    sound = {path: path.read_text("utf-8") for path in {project / fault.get("file", FILE) for fault in faults}}
    try:
        for fault in faults:
            path = project / fault.get("file", FILE)
            path.write_text(with_fault(path.read_text("utf-8"), fault), "utf-8")
        yield
    finally:
        for path, text in sound.items():
            path.write_text(text, "utf-8")


@pytest.fixture(scope="module")
def caught(project) -> Callable[[int], tuple[dict[str, str], tuple[Finding, ...]]]:
    """What the check says of a round of faults: the place expected of each, and all findings."""

    @cache
    def of(number: int) -> tuple[dict[str, str], tuple[Finding, ...]]:
        with planted(project, ROUNDS[number]):
            places = {fault["fault"]: place_of(project, fault) for fault in ROUNDS[number]}
            return places, whereas.check(whereas.read_project(project)).report.findings

    return of


def test_sound_data_raise_nothing_above_info(project):
    report = whereas.check(whereas.read_project(project)).report
    assert [found.line() for found in report.findings if found.severity != "Info"] == []


@pytest.mark.parametrize(
    ("number", "fault"),
    [pytest.param(number, fault, id=fault["fault"]) for number, faults in enumerate(ROUNDS) for fault in faults],
)
def test_a_planted_fault_is_caught_at_its_line(caught, number, fault):
    places, findings = caught(number)
    place = places[fault["fault"]]
    assert f"{place}: {fault['finds']}" in [found.line() for found in findings]
    if "trouve" in fault:
        assert f"{place}: {fault['trouve']}" in [found.line("fr") for found in findings]


def test_another_engine_over_everything_at_once_finds_the_same(project):
    with planted(project, ROUNDS[0]):
        first, second = (
            whereas.check(whereas.read_project(project), engine).report.findings for engine in ("shifty", "pyshacl")
        )
    assert len(ROUNDS[0]) >= 12
    assert len([found for found in first if found.severity != "Info"]) >= len(ROUNDS[0])
    assert first == second
