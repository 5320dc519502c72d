"""The table of requests, against our own server."""

import subprocess

from serving import DOCUMENT, PERSON, WHEREAS
from whereas.server.conformance.deployment import check_deployment


def test_server_conforms(server):
    outcomes = list(check_deployment(server.address, DOCUMENT, PERSON, ("fr", "en")))
    assert [outcome for outcome in outcomes if not outcome.passed] == []
    assert len(outcomes) > 60


def test_conformance_command_lists_what_fails(server):
    command = [*WHEREAS, "conformance", "-C", str(server.folder), f"{server.address}/nowhere"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "FAIL  text/turtle by negotiation\n" in run.stdout
