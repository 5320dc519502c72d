"""A build whose query ends the process that answers it: the query's file is named, and nothing is changed."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from command_line import copy_project

ROOT = Path(__file__).parents[2]
SLOW = """#+ summary: {en: Everything beside everything}
#+ description: {en: It takes hours.}
#+ columns:
#+   ?n: {datatype: xsd:integer}
SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }
"""
MIXED = SLOW.replace(
    "(COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", "?n { VALUES ?n { %s } } ORDER BY ?n"
)


def build(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "whereas", "build", "-C", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def busy_child(process_id: int) -> int:
    """Return the child process that is still at work when the others wait."""
    deadline = time.monotonic() + 400
    while time.monotonic() < deadline:
        states = dict.fromkeys(map(int, Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()), 0)
        for _ in range(40):
            time.sleep(0.05)
            for child in states:
                states[child] += re.search(r"\) (.)", Path(f"/proc/{child}/stat").read_text())[1] == "R"
        if len(states) > 1 and sorted(states.values())[-2:] == [0, 40]:
            return max(states, key=states.__getitem__)
    raise AssertionError("no process is busy")


def test_abort_of_a_query_is_blamed_on_its_file(tmp_path):
    folder = copy_project(tmp_path)
    shutil.copytree(ROOT / "queries", folder / "queries")
    path = folder / "queries/voices/everything.rq"
    path.write_text(SLOW, "utf-8")
    with build(folder) as running:
        os.kill(busy_child(running.pid), signal.SIGABRT)
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert errors.splitlines()[-1] == (
        "whereas: queries/voices/everything.rq: the query engine stopped (SIGABRT) while it answered this query; nothing "
        "was changed; if the query sorts values of several kinds, write ORDER BY STR(?variable)"
    )
    assert "Traceback" not in errors
    assert not (folder / "public").exists()
    values = " ".join(f"{n} '{n}a'" for n in range(400, 0, -1))
    path.write_text(MIXED % values, "utf-8")
    with build(folder) as running:
        _, errors = running.communicate(timeout=400)
    assert running.returncode == 0, errors
    assert (folder / "public/queries/everything.csv").read_text().split()[:4] == ["n", "1", "2", "3"]
