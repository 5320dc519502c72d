"""Benchmarks measure what they claim: the corpus is valid and reproducible, the peer does the same job."""

import subprocess
import sys
from pathlib import Path

import pytest

import whereas
from benchmarks import website
from benchmarks.corpus import change, write_corpus
from benchmarks.http import BuiltProject, Figures, Server, Spans, section, time_query
from benchmarks.plain import read
from benchmarks.rivals import Load, UnexpectedResponse
from servers import oxigraph, put

ROOT = Path(__file__).parent.parent


@pytest.fixture
def corpus(tmp_path) -> Path:
    write_corpus(tmp_path / "corpus", 3)
    return tmp_path / "corpus"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_invented_corpus_builds_without_findings_also_after_a_change(corpus):
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
def test_plain_script_produces_as_many_triples(world, corpus, checked):
    ours = checked if world == "real" else whereas.check(whereas.read_project(corpus))
    folder = ROOT if world == "real" else corpus
    assert len(read(folder, documents=3)) == ours.report.triples


def test_unknown_part_is_refused_with_the_list_of_parts():
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "speed"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stderr.endswith("error: no part speed: expected build, corpus, queries, loading, http, site, weight\n")


def test_help_names_the_parts():
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "build, corpus, queries, loading, http, site, weight; all of them when none is named" in " ".join(
        run.stdout.split()
    )


def test_query_is_timed_only_when_all_endpoints_give_the_same_result():
    kind, speaker = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "https://w3id.org/whereas/ns#speaker"
    quads = f"<x:s> <{kind}> <x:Kind> <x:g> .\n<x:s> <{speaker}> <x:someone> <x:g> .\n".encode()
    with oxigraph() as one, oxigraph() as other, oxigraph() as empty:
        for store in (one, other):
            put(f"{store.address}/store", quads, "application/n-quads")
        same = [Server(name, s.address, {}, s.query) for name, s in (("one", one), ("other", other))]
        spans = time_query(same)
        assert spans.keys() == {"one", "other"}
        assert all(0 < span < 60 for query in spans.values() for span in (query.first, query.again))
        with pytest.raises(UnexpectedResponse, match="empty: different result of the query"):
            time_query([*same, Server("empty", empty.address, {}, empty.query)])


@pytest.mark.parametrize(("is_held", "ratio"), [(True, "**Not met**"), (False, "Met")])
def test_section_lists_peers_and_goals_and_what_was_left_out(is_held, ratio):
    fast, slow = Load(2000, 4), Load(50, 200)
    both = {"HTML": fast, "Turtle": fast}
    world = BuiltProject("real", ROOT, "https://x.example/", 0, is_held)
    results = {
        (world, "Oxigraph server, in memory"): Figures({}, None, Spans(0.010, 0.010)),
        (world, "Oxigraph server, on disk"): Figures({}, None, Spans(0.014, 0.014)),
        (world, "`whereas serve`"): Figures(both, fast, Spans(0.014, 0.005)),
        (world, "Trifid, best"): Figures({"HTML": slow, "Turtle": slow}, None, Spans(0.012, 0.012)),
        (world, "nginx"): Figures(both, fast, None),
    }
    text = section(results, {"SHMARQL": "no such package"}).markdown()
    assert "- Met: real: at least 20 times Trifid’s best. Measured: 40 times." in text
    judged = "1.40 of the one in memory" if is_held else "1.00 of the one on disk"
    before = "the query, not sent before, in at most 1.3 times the bare Oxigraph server’s time"
    assert f"- {ratio}: real: {before}. Measured: {judged}, as ours is;" in text
    assert "- Met: real: the query sent again, likewise. Measured: 0." in text
    assert "| real, Trifid, best | 50 | 200 ms | 50 | 200 ms | – |  | 12.0 ms | 12.0 ms |" in text
    assert "| real, nginx | 2,000 | 4 ms | 2,000 | 4 ms | 2,000 | 4 ms | – |  |" in text
    assert "SHMARQL is left out: no such package." in text


def test_new_and_replaced_files_count_as_rewritten(tmp_path):
    for name in ("kept", "changed"):
        (tmp_path / name).write_text(name)
    before = website.written(tmp_path)
    (tmp_path / "new").write_text("new")
    (tmp_path / "again").write_text("changed")
    (tmp_path / "again").rename(tmp_path / "changed")
    assert website.rewritten(before, website.written(tmp_path)) == {str(tmp_path / "new"), str(tmp_path / "changed")}
