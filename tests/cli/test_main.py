"""The command as people meet it: what it prints, where, and how it ends."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
NO_QUERY = "whereas: no saved query 'demand-by', did you mean 'demands-by'?\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the real project, checked once."""
    folder = tmp_path_factory.mktemp("cli")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "data", folder / "data")
    assert run(folder, "check").returncode == 0
    return folder


def run(folder: Path, *words: str, stdin: str = "", **world: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(folder), "LANG": "C.UTF-8", **world}
    return subprocess.run(
        ["whereas", *words], cwd=folder, env=environment, input=stdin, capture_output=True, text=True, check=False
    )


def on_a_terminal(folder: Path, columns: int, *words: str, **world: str) -> str:
    """What a terminal of this many columns is sent."""
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "LANG": "C.UTF-8", "TERM": "xterm", **world}
    ours, theirs = pty.openpty()
    environment["COLUMNS"] = str(columns)
    child = subprocess.Popen(["whereas", *words], cwd=folder, env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    told = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        told += piece
    child.wait()
    os.close(ours)
    return told.decode("utf-8")


def planted(project: Path, folder: Path) -> Path:
    """The project with one wrong fact."""
    shutil.copytree(project / "data", folder / "data")
    shutil.copy(project / "pyproject.toml", folder)
    path = folder / "data/2022-06-09-gse-xinjiang/document.yaml"
    path.write_text(path.read_text("utf-8").replace("kind: k:release", "kind: q:genocide", 1), "utf-8")
    return folder


def test_findings_are_printed_for_people_and_machines_with_exit_code_1(project, tmp_path):
    folder = planted(project, tmp_path)
    told = run(folder, "check")
    (line,) = [line for line in told.stdout.splitlines() if ": violation: " in line]
    place, sentence = line.split(": violation: ")
    assert (told.returncode, told.stderr) == (1, "")
    assert sentence == "The kind of demand must come from the scheme of kinds (k:)."
    path, number = place.split(":")
    assert "kind: q:genocide" in (folder / path).read_text("utf-8").splitlines()[int(number) - 1]
    french = run(folder, "check", "--lang", "fr").stdout
    assert f"{place}: violation: " in french and "(k:)" in french
    (found,) = [f for f in json.loads(run(folder, "check", "--format", "json").stdout) if f["severity"] == "Violation"]
    assert (found["path"], found["line"], found["rule"]) == (path, int(number), "shp:Demand-kind-scheme")
    assert f"::error file={path},line={number}" in run(folder, "check", "--format", "github").stdout
    sarif = json.loads(run(folder, "check", "--format", "sarif").stdout)
    results = [result for result in sarif["runs"][0]["results"] if result["level"] == "error"]
    (result,) = results
    where = result["locations"][0]["physicalLocation"]
    assert where == {"artifactLocation": {"uri": path}, "region": {"startLine": int(number)}}
    assert result["ruleId"] in {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    built = run(folder, "build")
    assert built.returncode == 1
    assert built.stdout.endswith("public/ is left as it was\n")
    asked = run(folder, "ask", "demands-by")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr == "whereas: the project has 1 violation: 'whereas check' lists it\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("ask", "demand-by"), NO_QUERY),
        (("ask", "demands-by", "--speaker", "nope:x"), "whereas: speaker: expected foaf:Agent, got 'nope:x'\n"),
        (
            ("ask", "evidence-pack", "--format", "csv"),
            "whereas: the answer is triples: expected --format ttl, got csv\n",
        ),
        (
            ("ask", "--sparql", "none.rq"),
            "whereas: none.rq: cannot be read: No such file or directory\n",
        ),
        (
            ("show", "nobody at all"),
            "whereas: 'nobody at all' names nothing here: expected an IRI, a compact name such as ent:…, or a label\n",
        ),
        (("new", "/proc/none"), "whereas: /proc/none: cannot be written: No such file or directory\n"),
        (("new", "data"), "whereas: data: expected a new or empty folder, it holds something already\n"),
    ],
    ids=lambda told: " ".join(told) if isinstance(told, tuple) else "",
)
def test_what_cannot_be_answered_is_one_sentence_and_exit_code_2(project, words, sentence):
    told = run(project, *words)
    assert (told.returncode, told.stdout, told.stderr) == (2, "", sentence)


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xml", "md", "ttl"])
def test_rows_are_printed_as_the_site_gives_them(project, form):
    asked = run(project, "ask", "demands-by", "--lang", "en", "--format", form)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout == run(project, "get", f"/queries/demands-by.{form}").stdout


def test_outside_a_project_is_said(tmp_path):
    told = run(tmp_path, "check")
    assert told.returncode == 2
    assert told.stderr == (
        ".: violation: no project here: expected a pyproject.toml with [tool.whereas] in this folder or above it\n"
    )


def test_an_answer_in_a_pipe_is_clean_csv(project):
    told = subprocess.run(
        [BIN / "whereas", "ask", "demands-by", "--speaker", "parlement-europeen"],
        cwd=project, capture_output=True, check=True,
    )  # fmt: skip
    head, *rows = told.stdout.decode("utf-8").split("\r\n")
    assert head == "who,what,kind,words,date,document,demand"
    assert len(rows) == 7 and rows[-1] == ""
    assert b"\x1b" not in told.stdout


def test_a_reader_that_leaves_early_is_no_error(project):
    shell = "whereas ask statements-in | head -1"
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    told = subprocess.run(["bash", "-c", shell], cwd=project, env=environment, capture_output=True, check=True)
    assert told.stderr == b""
    assert told.stdout.count(b"\n") == 1


@pytest.mark.parametrize("columns", [60, 100])
def test_a_table_fits_the_terminal(project, columns):
    told = on_a_terminal(project, columns, "ask", "scoreboard", NO_COLOR="1")
    lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told))
    assert any("European" in line for line in lines)
    assert max(map(len, lines)) <= columns
    assert not re.search(r"\x1b\[[0-9;]*[34][0-9]m", told)  # no colour where NO_COLOR asks for none


def test_quiet_says_nothing_and_verbose_says_how_long(project):
    assert run(project, "check", "-q").stdout.count("\n") == run(project, "check").stdout.count("\n") - 1
    assert run(project, "check", "-v").stderr.startswith("checked in ")


def test_own_queries_are_asked_from_a_file_or_standard_input(project, tmp_path):
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?d a <https://w3id.org/whereas/ns#Demand> }"
    (tmp_path / "own.rq").write_text(query)
    first = run(project, "ask", "--sparql", str(tmp_path / "own.rq"))
    second = run(project, "ask", "--sparql", "-", stdin=query)
    assert first.stdout == second.stdout
    assert int(first.stdout.split()[1]) >= 12
    assert run(project, "ask", "--sparql", "-", stdin="ASK { ?s ?p ?o }").stdout == "true\n"
    refused = run(project, "ask", "--sparql", "-", stdin="DROP ALL")
    assert refused.returncode == 2
    assert refused.stderr.startswith("whereas: the query cannot be answered: ")
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ent:ilham-tohti", "Immediate release of Ilham Tohti"),
        ("Ilham Tohti", "Immediate release of Ilham Tohti"),
        ("doc:2022-06-09-gse-xinjiang#ex-tohti", "[la libération immédiate d’Ilham Tohti]"),
        ("ex-tohti", "[la libération immédiate d’Ilham Tohti]"),
        ("doc:2022-06-09-gse-xinjiang", "publisher: Social and Ecological Left delegation"),
        ("k:release", "release of a detained person"),
        ("wa:Demand", "demand"),
    ],
)
def test_show_describes_each_kind_of_thing(project, name, words):
    told = run(project, "show", name)
    assert (told.returncode, told.stderr) == (0, "")
    assert words in told.stdout


def test_a_file_in_the_place_of_a_folder_is_said_and_kept(project, tmp_path):
    shutil.copytree(project / "data", tmp_path / "data")
    shutil.copy(project / "pyproject.toml", tmp_path)
    (tmp_path / "public").write_text("mine")
    told = run(tmp_path, "build", "--no-pages")
    assert told.returncode == 2
    assert told.stderr == f"whereas: {tmp_path}/public: cannot be written: a file is in the place of the folder\n"
    assert (tmp_path / "public").read_text() == "mine"
    (tmp_path / "public").unlink()
    shutil.rmtree(tmp_path / ".whereas")
    (tmp_path / ".whereas").write_text("mine")
    assert run(tmp_path, "check").returncode == 0  # what it remembers is then elsewhere
    assert (tmp_path / ".whereas").read_text() == "mine"


@pytest.mark.parametrize("columns", [80, 120])
def test_no_word_of_a_wide_answer_is_cut(project, columns):
    asked = ("ask", "demands-by", "--speaker", "parlement-europeen", "--lang", "fr")
    told = on_a_terminal(project, columns, *asked, NO_COLOR="1")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told)
    assert max(map(len, re.split(r"[\r\n]+", plain))) <= columns
    for word in ("doc:2022-06-09-gse-xinjiang#ex-interferences", "investigations", "l’ingérence", "extradition"):
        assert word in plain or word not in run(project, *asked, "--format", "md").stdout, word
    assert re.search(r"Qui exige : +Parlement européen *\r\n", plain)


def test_questions_are_listed_by_theme_within_the_terminal(project):
    told = on_a_terminal(project, 80, "ask", "--lang", "fr", NO_COLOR="1")
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told).split("\r\n")
    assert lines[:2] == ["exigences", "  demands-by                     Qui exige quoi, et en quels mots"]
    assert max(map(len, lines)) <= 80
    assert "suites" in lines
    piped = run(project, "ask").stdout.splitlines()
    assert sum(line.startswith("  ") for line in piped) >= 40  # a line each


@pytest.mark.parametrize("how", [{"LANG": "fr_FR.UTF-8"}, {"LANGUAGE": "fr:en"}, {"LC_ALL": "fr_BE"}, {}])
def test_french_readers_are_told_in_french(project, how):
    asked = () if how else ("--lang", "fr")
    summary = run(project, *asked, "check", **how).stdout.splitlines()[-1]
    assert re.fullmatch(r"2 documents, \d\u202f\d{3} triplets : 0 violation, 0 avertissement, \d informations", summary)
    assert run(project, "check", *asked, **how).stdout.splitlines()[-1] == summary
    helped = run(project, *asked, "link", "propose", "--help", **how).stdout
    assert "Proposer des éléments" in helped and "Afficher ce message" in helped
    assert "Seulement ce que celui-ci exige" in run(project, *asked, "ask", "demands-by", "--help", **how).stdout
    refused = run(project, *asked, "check", "--form", **how)
    assert refused.returncode == 2 and "Erreur : Aucune option" in refused.stderr
    unknown = run(project, *asked, "ask", "demand-by", **how)
    assert unknown.stderr == "whereas : aucune requête « demand-by » ; vouliez-vous dire « demands-by » ?\n"


def test_an_answer_comes_in_a_language_the_project_speaks(tmp_path):
    run(tmp_path, "new", "mine")
    french = run(tmp_path / "mine", "ask", "demands-by", "--lang", "fr")
    assert french.stdout.count("\n") == 2
    assert french.stdout == run(tmp_path / "mine", "ask", "demands-by").stdout


def test_show_gives_the_words_that_prove_what_points_at_a_thing(project):
    told = run(project, "show", "ent:ilham-tohti").stdout
    pointing = told.partition("What points here (5)\n")[2]
    assert "  Immediate release of Ilham Tohti  doc:2022-06-09-gse-xinjiang#ex-tohti  (beneficiary)\n" in pointing
    assert "    “la libération immédiate d’Ilham Tohti” [fr]\n" in pointing
    french = run(project, "show", "ent:ilham-tohti", "--lang", "fr").stdout
    assert "    « la libération immédiate d’Ilham Tohti »\n" in french
    assert "Ilham Tohti  (personne)\n" in french
    wide = on_a_terminal(project, 80, "show", "ent:ilham-tohti", NO_COLOR="1")
    assert max(map(len, wide.split("\r\n"))) <= 80


@pytest.mark.parametrize("damage", ["zeros", "noise", "truncated"])
def test_a_cache_damaged_within_is_made_again(project, tmp_path, damage):
    shutil.copytree(project / "data", tmp_path / "data")
    shutil.copy(project / "pyproject.toml", tmp_path)
    sound = run(tmp_path, "check")
    path = tmp_path / ".whereas/cache.sqlite"
    content = path.read_bytes()
    middle = len(content) // 8192 * 4096
    hurt = {"zeros": bytes(middle), "noise": b"noise!  " * (middle // 8), "truncated": b""}[damage]
    path.write_bytes(
        (content[: len(content) - middle] + hurt)
        if damage != "noise"
        else content[:4096] + hurt + content[4096 + middle :]
    )
    again = run(tmp_path, "check")
    assert (again.returncode, again.stdout, again.stderr) == (0, sound.stdout, "")


def test_a_damaged_cache_is_made_again_and_a_damaged_store_is_said(project, tmp_path):
    shutil.copytree(project / "data", tmp_path / "data")
    shutil.copy(project / "pyproject.toml", tmp_path)
    sound = run(tmp_path, "check")
    (tmp_path / ".whereas/cache.sqlite").write_bytes(b"damaged" * 1000)
    again = run(tmp_path, "check")
    assert (again.returncode, again.stdout, again.stderr) == (0, sound.stdout, "")
    (tmp_path / ".whereas/store/CURRENT").write_bytes(b"damaged")
    told = run(tmp_path, "ask", "documents")
    assert told.returncode == 2
    assert told.stderr.startswith(f"whereas: {tmp_path}/.whereas/store: corrupt store; delete it, it will be rebuilt (")
    shutil.rmtree(tmp_path / ".whereas/store")
    assert run(tmp_path, "ask", "documents").returncode == 0


def test_several_at_work_on_one_project_wait_for_each_other(project, tmp_path):
    shutil.copytree(project / "data", tmp_path / "data")
    shutil.copy(project / "pyproject.toml", tmp_path)
    asked = ["check"], ["build", "--no-pages"], ["ask", "demands-by"], ["check"], ["build", "--no-pages"]
    at_work = [
        subprocess.Popen([BIN / "whereas", *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for words in asked
    ]
    told = [process.communicate()[0].decode() for process in at_work]
    assert [process.returncode for process in at_work] == [0] * 5, told
    said = "waiting for another whereas that is at work in this project\n"
    assert sum(text.startswith(said) for text in told) >= 1
    run_again = run(tmp_path, "build", "-q", "--no-pages")
    assert (run_again.returncode, run_again.stdout, run_again.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_of_a_shell_knows_verbs_and_questions(project, shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is absent: make system installs it")
    script = run(project, "completion", shell).stdout
    assert "_WHEREAS_COMPLETE" in script
    assert subprocess.run([shell, "-n", "/dev/stdin"], input=script, text=True, check=False).returncode == 0
    mode = {"bash": "bash_complete", "zsh": "zsh_complete", "fish": "fish_complete"}[shell]
    words = {"COMP_WORDS": "whereas ask demands-", "COMP_CWORD": "demands-" if shell == "fish" else "2"}
    told = run(project, _WHEREAS_COMPLETE=mode, **words)
    assert "demands-by" in told.stdout


def test_the_python_interface_is_as_its_docstring_shows(project):
    import whereas

    checked = whereas.check(whereas.read_project(project))
    assert {found.severity for found in checked.report.findings} == {"Info"}
    graph = checked.graph()
    assert len(checked.queries["demands-by"].ask(graph).rows) >= 12
    assert graph.query("SELECT (1 AS ?n) {}").serialized("csv") == b"n\r\n1\r\n"
