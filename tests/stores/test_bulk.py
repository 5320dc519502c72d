"""Files for bulk loaders: with the commands written, real stores hold the project."""

import gzip
import json
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import whereas
from servers import oxigraph, virtuoso
from whereas.errors import WhereasError
from whereas.rdf.serialization import parse
from whereas.stores import bulk
from whereas.stores.bulk import write_bulk

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
JARS = Path("/usr/share/java")
# What TDB2 needs of Debian's libapache-jena-java and of what that depends on.
JENA = (
    "jena-arq jena-base jena-cmds jena-core jena-dboe-base jena-dboe-index jena-dboe-storage jena-dboe-trans-data"
    " jena-dboe-transaction jena-iri jena-tdb2 commons-cli commons-codec commons-compress commons-csv commons-io"
    " commons-lang3 dexx.collection gson guava httpclient httpcore jackson-core jackson-databind jackson-annotations"
    " jsonld-java thrift protobuf slf4j-api jcl-over-slf4j titanium-json-ld jakarta.json-api"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bulk") / "project"
    folder.mkdir()
    for name in ("data", "ontology", "shapes", "queries"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LANG": "C.UTF-8", "PATH": f"{BIN}:{os.environ['PATH']}", **more}
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


def bulk_commands(project: Path, folder: Path) -> dict[str, str]:
    """Run `whereas load --bulk`; return the commands it prints, by store."""
    export = run("whereas", "load", f"--bulk={folder}", "-C", str(project))
    assert (export.returncode, export.stderr) == (0, "")
    return {line[:12].strip(): line[12:].strip() for line in export.stdout.splitlines()[1:]}


def assert_complete(project: Path, address: str, user: str = "", **more: str) -> None:
    """Check that a load sends nothing: the first compares everything, the next nothing."""
    settings = project / "pyproject.toml"
    user_line = f'user = "{user}"\n' if user else ""
    settings.write_text(
        f'{(ROOT / "pyproject.toml").read_text()}\n[tool.whereas.stores.here]\nurl = "{address}"\n{user_line}'
    )
    first, second = (run("whereas", "load", "here", "-C", str(project), **more) for _ in range(2))
    assert (first.stdout, first.stderr) == ("0 graphs, 0 triples sent, 5 verified, 0 unchanged\n", "")
    assert second.stdout == "0 graphs, 0 triples sent, 5 unchanged\n"


def test_commands_written_for_oxigraph_load_the_release(project, tmp_path):
    command = bulk_commands(project, tmp_path / "my files")["Oxigraph"]
    location = tmp_path / "store"
    load = run(*shlex.split(command.replace("LOCATION", str(location))))
    assert load.returncode == 0, load.stderr
    with oxigraph("--location", str(location)) as server:
        assert_complete(project, server.address)


@pytest.mark.system
def test_commands_written_for_virtuoso_load_the_release(project, tmp_path):
    with virtuoso(tmp_path) as server:
        command = bulk_commands(project, tmp_path / "my files_1")["Virtuoso"]
        words = shlex.split(command.replace("1111", str(server.sql)).replace("PASSWORD", "dba"))
        others = f"{tmp_path}/my files-1/0001.nq.gz"  # to SQL's LIKE, _ is any character
        isql = ["isql-vt", str(server.sql), "dba", "dba"]
        run(*isql, f"exec=INSERT INTO DB.DBA.LOAD_LIST (ll_file, ll_graph) VALUES ('{others}', '');")
        assert words[0] == "isql"
        for _ in range(2):  # again does no harm
            load = run("isql-vt", *words[1:])
            assert "Error" not in load.stdout + load.stderr, load.stdout + load.stderr
            assert "0 Rows." in load.stdout  # of files that could not be loaded
        assert others in run(*isql, "exec=SELECT ll_file FROM DB.DBA.LOAD_LIST;").stdout
        assert_complete(project, server.address, "dba", WHEREAS_HERE_PASSWORD="dba")


@pytest.mark.system
def test_commands_written_for_jena_load_the_release(project, tmp_path):
    if not (JARS / "jena-tdb2.jar").exists():
        pytest.skip("Jena is absent: make system installs it")
    # Debian moves the Xerces within Jena to another package, and leaves its texts where it was: without
    # them on the class path it stops with "internal error".
    with zipfile.ZipFile(JARS / "jena-core.jar") as jar:
        for name in jar.namelist():
            if name.endswith(".properties") and "ext/xerces" in name:
                path = tmp_path / "texts" / name.removeprefix("org/apache/jena/ext/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(jar.read(name))
    classes = ":".join([str(tmp_path / "texts"), *(f"{JARS}/{name}.jar" for name in JENA.split())])
    for name in ("tdbloader", "tdbquery"):
        script = tmp_path / "bin" / f"tdb2.{name}"
        script.parent.mkdir(exist_ok=True)
        script.write_text(f'#!/bin/sh\nexec java -cp {classes} tdb2.{name} "$@"\n')
        script.chmod(0o755)
    search_path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    command = bulk_commands(project, tmp_path / "files")["Jena TDB2"]
    load = run(*shlex.split(command.replace("LOCATION", str(tmp_path / "store"))), PATH=search_path)
    assert load.returncode == 0, load.stderr
    query = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    count = run("tdb2.tdbquery", "--loc", str(tmp_path / "store"), "--results=csv", query, PATH=search_path)
    assert count.stdout.split() == ["n", str(whereas.check(whereas.read_project(project)).report.triples)], count.stderr


def test_files_hold_each_quad_once_whatever_their_size(project, tmp_path, monkeypatch):
    checked = whereas.check(whereas.read_project(project))
    monkeypatch.setattr(bulk, "FILE_BYTES", 100_000)
    export = write_bulk(checked, tmp_path / "files")
    assert len(export.files) > 2
    quads = [quad for path in export.files for quad in parse(gzip.decompress(path.read_bytes()), "nq")]
    assert sorted(quads) == sorted(quad for summary in checked.summaries for quad in checked.quads(summary.name))
    monkeypatch.undo()
    assert len(write_bulk(checked, tmp_path / "files").files) == 1  # and the older files are gone
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == [
        "0001.nq.gz", "Qleverfile", "oxigraph.sh", "tdb2.sh", "virtuoso.sql",
    ]  # fmt: skip


def test_folder_that_holds_something_else_is_left_as_it_is(project, tmp_path):
    mine = tmp_path / "mine.nq.gz"
    mine.write_bytes(b"")
    with pytest.raises(WhereasError) as error:
        write_bulk(whereas.check(whereas.read_project(project)), tmp_path)
    assert str(error.value) == f"{mine}: not a file of a bulk export; choose an empty folder"
    assert list(tmp_path.iterdir()) == [mine]


def test_index_that_qlever_made_in_the_folder_stays(project, tmp_path):
    checked = whereas.check(whereas.read_project(project))
    write_bulk(checked, tmp_path / "files")
    index = tmp_path / "files/whereas.content.index.spo"
    index.write_bytes(b"index")
    write_bulk(checked, tmp_path / "files")
    assert index.read_bytes() == b"index"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--bulk", "--dry-run"), "Error: --dry-run cannot be used with --bulk\n"),
        (("--bulk", "--prune"), "Error: --prune cannot be used with --bulk\n"),
        (("--bulk", "--protocol", "gsp"), "Error: --protocol cannot be used with --bulk\n"),
        (("--bulk", "here"), "whereas: --bulk takes a folder, and 'here' is a store\n"),
        (("--bulk", "http://localhost:1"), "whereas: --bulk takes a folder, and 'http:/localhost:1' is a store\n"),
    ],
)  # fmt: skip
def test_bulk_writes_nothing_with_wrong_arguments(project, tmp_path, words, sentence):
    settings = (ROOT / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(f'{settings}\n[tool.whereas.stores.here]\nurl = "http://a/"\n')
    before = sorted(tmp_path.iterdir())
    load = subprocess.run(
        [BIN / "whereas", "load", *words, "-C", str(project)],
        cwd=tmp_path, env={**os.environ, "LANG": "C.UTF-8"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (load.returncode, load.stdout) == (2, "")
    assert load.stderr.endswith(sentence)
    assert sorted(tmp_path.iterdir()) == before


def test_problem_is_in_the_json_too(project):
    load = run("whereas", "load", "nowhere-at-all", "--format", "json", "-C", str(project))
    problem = "no store 'nowhere-at-all' in [tool.whereas.stores], and no http or https URL"
    assert (load.returncode, json.loads(load.stdout)) == (2, {"problem": problem})
    assert load.stderr == f"whereas: {problem}\n"


def test_load_without_target_is_one_sentence(project):
    load = run("whereas", "load", "-C", str(project))
    assert load.returncode == 2
    assert load.stderr.endswith("Error: expected TARGET, or --bulk FOLDER\n")
