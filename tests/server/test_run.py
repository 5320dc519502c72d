"""The commands `serve` and `get`."""

import json
import re
import subprocess
import sys

from serving import DOCUMENT, PERSON, WHEREAS


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
