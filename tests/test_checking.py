"""Faults planted in the real project, each caught with its whole sentence at its line."""

import shutil
from pathlib import Path

import pytest
import yaml

import whereas

ROOT = Path(__file__).parent.parent
FILE = "data/2022-06-09-gse-xinjiang/document.yaml"
FAULTS = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "data", folder / "data")
    return folder


def test_sound_data_raise_nothing_above_info(project):
    report = whereas.check(whereas.read_project(project)).report
    assert [found.line() for found in report.findings if found.severity != "Info"] == []


@pytest.mark.parametrize("planted", FAULTS, ids=lambda planted: planted["fault"])
def test_a_planted_fault_is_caught_at_its_line(project, planted):
    path, (words, instead) = project / FILE, planted["replace"]
    sound = path.read_text("utf-8")
    assert words in sound
    bad = sound.replace(words, instead, 1)
    changed = [n for n, (a, b) in enumerate(zip(sound.split("\n"), bad.split("\n"), strict=False), 1) if a != b]
    path.write_text(bad, "utf-8")
    try:
        report = whereas.check(whereas.read_project(project)).report
    finally:
        path.write_text(sound, "utf-8")
    assert f"{FILE}:{changed[0]}: {planted['finds']}" in [found.line() for found in report.findings]


def test_another_engine_over_everything_at_once_finds_the_same(project):
    path = project / FILE
    sound = bad = path.read_text("utf-8")
    for planted in FAULTS:
        if planted.get("compiles", True):
            bad = bad.replace(*planted["replace"], 1)
    path.write_text(bad, "utf-8")
    try:
        first, second = (
            whereas.check(whereas.read_project(project), engine).report.findings for engine in ("shifty", "pyshacl")
        )
    finally:
        path.write_text(sound, "utf-8")
    assert len([found for found in first if found.severity != "Info"]) >= 6
    assert first == second
