"""The benchmarks measure what they say: a corpus that is valid and always the same, a peer that does the same job."""

import subprocess
import sys
from pathlib import Path

import pytest

import whereas
from benchmarks.corpus import change, write_corpus
from benchmarks.plain import read

ROOT = Path(__file__).parent.parent


@pytest.fixture
def corpus(tmp_path) -> Path:
    write_corpus(tmp_path / "corpus", 3)
    return tmp_path / "corpus"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_invented_corpus_builds_without_a_finding_and_again_when_one_document_changed(corpus):
    first = whereas.check(whereas.read_project(corpus))
    assert first.report.findings == ()
    assert len(first.documents) == 3
    change(corpus, 1)
    second = whereas.check(whereas.read_project(corpus))
    assert second.report.findings == ()
    assert {s.name for s in second.summaries if s not in first.summaries} == {"2024-00001-statement"}


def test_same_seed_gives_the_same_corpus_and_another_seed_another(corpus, tmp_path):
    write_corpus(tmp_path / "same", 3)
    write_corpus(tmp_path / "other", 3, seed=1)
    assert contents(tmp_path / "same") == contents(corpus) != contents(tmp_path / "other")


@pytest.mark.parametrize("world", ["real", "invented"])
def test_plain_script_makes_as_many_triples_as_we_do(world, corpus, checked):
    ours = checked if world == "real" else whereas.check(whereas.read_project(corpus))
    folder = ROOT if world == "real" else corpus
    assert len(read(folder, documents=3)) == ours.report.triples


def test_part_that_does_not_exist_is_refused_with_those_that_do():
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "speed"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stderr.endswith("error: no part speed: expected build, corpus, queries, loading, http, site, weight\n")


def test_help_names_the_parts():
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "build, corpus, queries, loading, http, site, weight; all of them when none is named" in run.stdout
