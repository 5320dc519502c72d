"""A release: the same bytes from the same project, the same quads in every format, all files or none."""

import gzip
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from pyld import jsonld

import whereas
from benchmarks.corpus import change, write_corpus

ROOT = Path(__file__).parents[2]
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
}


@pytest.fixture(scope="module")
def public(project_copy) -> Path:
    whereas.write_release(whereas.check(whereas.read_project(project_copy)))
    return project_copy / "public"


@pytest.fixture(scope="module")
def project_copy(tmp_path_factory) -> Path:
    return copied(tmp_path_factory.mktemp("release") / "project")


def copied(folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "data", folder / "data")
    return folder


def quads(content: bytes, suffix: str) -> set[tuple[str, ...]]:
    return {
        (str(quad.subject), str(quad.predicate), str(quad.object), str(quad.graph_name))
        for quad in ox.parse(content, format=FORMATS[suffix])
    }


def inodes(folder: Path) -> dict[str, int]:
    """The inode of every published file: another one for a file that was written again."""
    public = folder / "public"
    return {path.relative_to(public).as_posix(): path.stat().st_ino for path in public.rglob("*") if path.is_file()}


def stems(public: Path) -> list[str]:
    return sorted(str(path).removesuffix(".nq") for path in public.rglob("*.nq"))


def test_every_format_of_everything_holds_the_very_same_quads(public):
    for stem in stems(public):
        expected = quads(Path(f"{stem}.nq").read_bytes(), "nq")
        assert quads(Path(f"{stem}.trig").read_bytes(), "trig") == expected, stem
        assert quads(Path(f"{stem}.jsonld").read_bytes(), "jsonld") == expected, stem
        triples = {quad[:3] for quad in quads(Path(f"{stem}.ttl").read_bytes(), "ttl")}
        assert triples == {quad[:3] for quad in expected}, stem


@pytest.mark.parametrize("stem", ["dataset", "doc/2022-06-09-gse-xinjiang", "catalogue", "report"])
def test_rdflib_and_pyld_read_the_very_same_quads(public, stem):
    expected = quads((public / f"{stem}.nq").read_bytes(), "nq")
    document = json.loads((public / f"{stem}.jsonld").read_text("utf-8"))

    def refuse(url, options=None):
        raise AssertionError(f"a JSON-LD export loads {url}: expected an inline context")

    assert (
        quads(jsonld.to_rdf(document, {"format": "application/n-quads", "documentLoader": refuse}).encode(), "nq")
        == expected
    )
    for suffix, name in (("jsonld", "json-ld"), ("trig", "trig"), ("nq", "nquads")):
        dataset = rdflib.Dataset()
        dataset.parse(public / f"{stem}.{suffix}", format=name)
        assert quads(dataset.serialize(format="nquads").encode(), "nq") == expected, suffix
    graph = rdflib.Graph().parse(public / f"{stem}.ttl")
    assert quads(graph.serialize(format="nt").encode(), "ttl") == {(*quad[:3], "DEFAULT") for quad in expected}


def test_no_blank_node_is_published(public):
    for stem in stems(public):
        assert not any(
            term.startswith("_:") for quad in quads(Path(f"{stem}.nq").read_bytes(), "nq") for term in quad
        ), stem


def test_nquads_are_sorted_by_code_point_each_line_once(public):
    for path in public.rglob("*.nq"):
        lines = path.read_bytes().splitlines()
        assert lines == sorted(set(lines)), path


def test_compressed_copy_holds_the_same_bytes_in_one_member(public):
    copies = list(public.rglob("*.gz"))
    assert len(copies) > 20
    for path in copies:
        content = path.read_bytes()
        assert gzip.decompress(content) == path.with_suffix("").read_bytes()
        assert content.count(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff") == 1


def test_checksums_are_those_of_every_file(public):
    sums = dict(reversed(line.split("  ")) for line in (public / "SHA256SUMS").read_text().splitlines())
    files = {path.relative_to(public).as_posix() for path in public.rglob("*") if path.is_file()}
    assert sums.keys() == files - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((public / name).read_bytes()).hexdigest() == digest


def test_each_text_is_published_word_for_word(public, project_copy):
    texts = sorted(project_copy.glob("data/*/text.*.txt"))
    assert len(texts) == 3
    for text in texts:
        copy = public / "doc" / text.parent.name / text.name
        assert copy.read_bytes() == text.read_bytes()
    page = (public / "data.en.html").read_text("utf-8")
    assert 'href="doc/2022-06-09-gse-xinjiang/text.fr.txt"' in page and 'href="dataset.nq.gz"' in page
    assert 'href="SHA256SUMS"' in page


def test_catalogue_has_the_sizes_and_checksums_of_the_files(public):
    catalogue = rdflib.Graph().parse(public / "catalogue.ttl")
    rows = list(
        catalogue.query(
            """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX spdx: <http://spdx.org/rdf/terms#>
            SELECT ?url ?size ?sum { ?d a dcat:Distribution ; dcat:downloadURL ?url ; dcat:byteSize ?size ;
              dcat:mediaType ?type ; spdx:checksum/spdx:checksumValue ?sum }"""
        )
    )
    assert len(rows) == 8
    for url, size, checksum in rows:
        content = (public / str(url).removeprefix("https://w3id.org/whereas/")).read_bytes()
        assert len(content) == int(size)
        assert hashlib.sha256(content).hexdigest() == str(checksum)


def test_catalogue_has_the_counts_of_the_dataset(public):
    catalogue = rdflib.Graph().parse(public / "catalogue.ttl")
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(public / "dataset.nq", format="nquads")
    void = rdflib.Namespace("http://rdfs.org/ns/void#")
    whole = rdflib.URIRef("https://w3id.org/whereas/dataset")
    assert int(catalogue.value(whole, void.triples)) == len(list(dataset.quads()))
    for partition in catalogue.objects(whole, void.classPartition):
        kind = catalogue.value(partition, void["class"])
        count = int(catalogue.value(partition, void.entities))
        assert count == len({(s, g) for s, _, _, g in dataset.quads((None, rdflib.RDF.type, kind, None))}), kind
    for partition in catalogue.objects(whole, void.propertyPartition):
        name = catalogue.value(partition, void.property)
        assert int(catalogue.value(partition, void.triples)) == len(list(dataset.quads((None, name, None, None)))), name
    linksets = list(catalogue.subjects(rdflib.RDF.type, void.Linkset))
    targets = {str(catalogue.value(linkset, void.objectsTarget)) for linkset in linksets}
    assert any("wikidata" in target for target in targets)
    assert any("eurovoc" in target for target in targets)
    assert any("europarl" in target for target in targets)


def test_turtle_is_in_the_order_of_the_text(public):
    turtle = (public / "doc/2022-06-09-gse-xinjiang.ttl").read_text("utf-8")
    order = [turtle.index(f"\n{name} a ") for name in ("d:ev-publication", "d:ev-adoption", "d:ex-sanctions", "d:ci-3")]
    assert order == sorted(order)


def digests(folder: Path) -> dict[str, str]:
    return dict(reversed(line.split("  ")) for line in (folder / "public/SHA256SUMS").read_text().splitlines())


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4711", "TZ": "America/Lima", "LC_ALL": "C.UTF-8"},
    ],
    ids=["hash seed 1, Tokyo", "hash seed 4711, Lima"],
)
def test_same_project_gives_the_same_bytes_in_any_environment(public, tmp_path, environment):
    folder = copied(tmp_path / "elsewhere")
    names = sorted((folder / "data/entities").iterdir(), reverse=True)
    for number, path in enumerate(names):  # another order in the folder, other clocks on the files
        path.rename(path.with_name("moved"))
        path.with_name("moved").rename(path)
        os.utime(path, (number * 1000, number * 1000))
    run = [sys.executable, "-m", "whereas", "build", "-C", str(folder), "-q"]
    subprocess.run(run, check=True, env={**os.environ, **environment})
    assert digests(folder) == digests(public.parent)


def test_same_project_gives_the_same_bytes_with_one_process_or_several(public, tmp_path, monkeypatch):
    monkeypatch.setattr("whereas.parallel.FEW", 0)
    folder = copied(tmp_path / "several")
    whereas.write_release(whereas.check(whereas.read_project(folder)))
    assert digests(folder) == digests(public.parent)


def test_rebuild_has_the_bytes_of_a_fresh_build_and_keeps_unchanged_files(tmp_path):
    folder = copied(tmp_path / "changing")
    public = folder / "public"
    whereas.write_release(whereas.check(whereas.read_project(folder)))
    before = digests(folder)
    nodes = {name: (public / name).stat().st_ino for name in before}
    for name, old, new in (
        ("entities/persons.yaml", 'en: "Ilham Tohti"', 'en: "Ilham Tohti, economist"'),
        ("2022-06-09-gse-xinjiang/document.yaml", "target: ent:regime-chinois", "target: ent:chine"),
    ):
        text = (folder / "data" / name).read_text("utf-8")
        assert old in text
        (folder / "data" / name).write_text(text.replace(old, new, 1), "utf-8")
    whereas.write_release(whereas.check(whereas.read_project(folder)))
    after = digests(folder)
    unchanged = {
        name for name, node in nodes.items() if (public / name).exists() and (public / name).stat().st_ino == node
    }
    assert {"ent/xi-jinping.en.html", "doc/2026-11-24-follow-up-note.ttl"} <= unchanged
    assert all(after[name] == before[name] for name in unchanged)
    for name in ("ent/ilham-tohti.en.html", "ent/chine.fr.html", "ent/regime-chinois.ttl", "dataset.nq.gz"):
        assert after[name] != before[name], name
    shutil.rmtree(folder / ".whereas")
    shutil.rmtree(public)
    whereas.write_release(whereas.check(whereas.read_project(folder)))
    assert digests(folder) == after


def test_rebuild_writes_only_the_changed_pages_of_lists_and_query_results(tmp_path):
    folder = tmp_path / "corpus"
    write_corpus(folder, 12)
    whereas.write_release(whereas.check(whereas.read_project(folder)))
    before, nodes = digests(folder), inodes(folder)
    change(folder, 7)
    whereas.write_release(whereas.check(whereas.read_project(folder)))
    after = digests(folder)
    changed = {name for name in after if after[name] != before.get(name)}
    assert {name for name, node in inodes(folder).items() if nodes.get(name) != node} == changed | {"SHA256SUMS"}
    pages = {name for name in after if re.fullmatch(r"(ent/e0|matrix)\.\d+\.en\.html", name)}
    assert len(pages) > 3 and len(pages & changed) < len(pages) / 2
    assert "queries/said-by.csv" in changed and "queries/votes.en.html" not in changed
    shutil.rmtree(folder / ".whereas")
    shutil.rmtree(folder / "public")
    whereas.write_release(whereas.check(whereas.read_project(folder)))
    assert digests(folder) == after


def test_open_file_of_a_release_does_not_change_when_others_are_published(tmp_path):
    folder = copied(tmp_path / "read")
    path, dataset = folder / "data/entities/persons.yaml", folder / "public/dataset.nq"
    text = path.read_text("utf-8")
    open_files, links, expected = [], [], []
    nodes = []
    for number in range(8):
        path.write_text(text.replace('en: "Ilham Tohti"', f'en: "Ilham Tohti, {"x" * number * 100}"', 1), "utf-8")
        whereas.write_release(whereas.check(whereas.read_project(folder)), pages=False)
        content = dataset.read_bytes()
        assert hashlib.sha256(content).hexdigest() == digests(folder)["dataset.nq"]
        assert gzip.decompress((folder / "public/dataset.nq.gz").read_bytes()) == content
        nodes.append(dataset.stat().st_ino)
        if number in (1, 4):
            open_files.append(dataset.open("rb"))
            expected.append(content)
        elif number == 2:
            links.append(tmp_path / "linked.nq")
            os.link(dataset, links[0])
            expected.append(content)
    assert sorted(file.read() for file in open_files) == sorted((expected[0], expected[2]))
    assert links[0].read_bytes() == expected[1]
    assert len(set(nodes)) < len(nodes)  # a file that nobody has open is written over


def test_published_file_that_was_changed_is_written_again(tmp_path):
    folder = copied(tmp_path / "touched")
    whereas.write_release(whereas.check(whereas.read_project(folder)))
    before = digests(folder)
    names = ("doc/2022-06-09-gse-xinjiang.ttl", "queries/demands-by.csv", "actors.fr.html")
    for name in names:
        (folder / "public" / name).write_text("nothing")
    (folder / "data/entities/persons.yaml").open("a").write("\n# a comment\n")
    whereas.write_release(whereas.check(whereas.read_project(folder)))
    for name in names:
        assert hashlib.sha256((folder / "public" / name).read_bytes()).hexdigest() == before[name]


def test_build_that_fails_leaves_the_last_release(tmp_path):
    folder = copied(tmp_path / "failing")
    run = [sys.executable, "-m", "whereas", "build", "-C", str(folder), "-q"]
    subprocess.run(run, check=True)
    before = digests(folder)
    path = folder / "data/2022-06-09-gse-xinjiang/document.yaml"
    path.write_text(
        path.read_text("utf-8").replace("speaker: ent:raphael-glucksmann", "speaker: ent:xinjiang", 1), "utf-8"
    )
    failed = subprocess.run(run, check=False, capture_output=True, text=True)
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert digests(folder) == before
    assert all((folder / "public" / name).is_file() for name in before)


def test_build_that_is_killed_leaves_a_whole_release(tmp_path):
    folder = tmp_path / "killed"
    subprocess.run([sys.executable, "-m", "whereas", "new", str(folder)], check=True, stdout=subprocess.DEVNULL)
    run = [sys.executable, "-m", "whereas", "build", "-C", str(folder), "-q"]
    start = time.perf_counter()
    subprocess.run(run, check=True)
    span = time.perf_counter() - start
    expected = digests(folder)
    chance = random.Random(7)
    for number in range(8):
        path = folder / "data/entities/entities.yaml"
        path.open("a").write(f"# {number}\n")  # the same data, to be compiled again
        shutil.rmtree(folder / ".whereas", ignore_errors=number % 2 == 0)
        build = subprocess.Popen(run, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 1.1) * span)
        build.send_signal(signal.SIGKILL)
        build.wait()
        assert digests(folder) == expected
        assert all(
            hashlib.sha256((folder / "public" / name).read_bytes()).hexdigest() == digest
            for name, digest in expected.items()
        )
    subprocess.run(run, check=True, timeout=60)  # a killed process leaves no lock
    assert digests(folder) == expected
    assert not list((folder / ".whereas").glob("staging-*"))
