"""The commands `serve` and `get`."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from serving import DOCUMENT, ENDLESS, PERSON, WHEREAS, RunningServer


def test_get_prints_a_response_and_fails_unless_its_status_is_2xx(server):
    def get(*words):
        return subprocess.run([*WHEREAS, "get", "-C", str(server.folder), *words], capture_output=True, check=False)

    page = get(f"/{DOCUMENT}.ttl")
    assert (page.returncode, page.stdout) == (0, server.client.get(f"/{DOCUMENT}.ttl").content)
    missing = get("/no-such")
    assert (missing.returncode, missing.stderr.decode()) == (1, "404\n")
    elsewhere = get(f"/{PERSON}", "--accept", "text/turtle")
    assert (elsewhere.returncode, elsewhere.stderr.decode()) == (1, f"303 /{PERSON}.ttl\n")
    for words in ("/search.json?q=liberté", "/search.json?q=libert%C3%A9", "/search%2ejson?q=liberté#found"):
        results = json.loads(get(words).stdout)
        assert (results["q"], bool(results["found"])) == ("liberté", True)


def test_port_in_use_is_reported(server):
    port = server.address.rpartition(":")[2]
    command = [*WHEREAS, "serve", "-C", str(server.folder), "-p", port]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"whereas: 127.0.0.1:{port}: cannot listen: Address already in use\n"


def test_help_lists_the_limits():
    run = subprocess.run([*WHEREAS, "serve", "--help-settings"], capture_output=True, text=True, check=True)
    assert re.search(r"^time +10  seconds a query may take before it is stopped$", run.stdout, re.MULTILINE)


def test_check_imports_no_web_framework():
    code = "import sys, whereas.cli.main, whereas.validation.check; print({'starlette', 'uvicorn', 'asyncio'} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="no file system in memory at /dev/shm")
def test_project_whose_cache_is_on_another_disk_is_served(built, tmp_path):
    shutil.copytree(built, tmp_path / "project", ignore=shutil.ignore_patterns(".whereas"))
    cache = Path("/dev/shm") / f"whereas-served-{os.getpid()}"
    shutil.copytree(built / ".whereas", cache)
    try:
        (tmp_path / "project/.whereas").symlink_to(cache)
        running = RunningServer(tmp_path / "project", tmp_path / "project")
        try:
            assert running.client.get("/dataset.nq").content == (built / "public/dataset.nq").read_bytes()
        finally:
            assert running.stop() == 0
    finally:
        shutil.rmtree(cache)


def test_death_of_a_worker_is_one_sentence_and_others_are_answered(built, tmp_path):
    running = RunningServer(built, tmp_path / "killed", "--setting", "time", "60")
    responses = []

    def query():
        responses.append(running.client.get("/sparql", params={"query": ENDLESS}))

    asking = threading.Thread(target=query)
    asking.start()
    try:
        time.sleep(1)
        children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
        os.kill(max(map(int, children), key=processor_time), signal.SIGABRT)
        asking.join(30)
        assert (responses[0].status_code, responses[0].text.count("\n")) == (500, 1)
        assert responses[0].text.startswith("the query engine stopped (SIGABRT); if the query sorts")
        assert running.client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
    finally:
        running.stop()


def processor_time(process_id):
    return int(Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[11])
