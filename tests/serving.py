"""Servers of `whereas serve` for the tests, each on a free port of loopback, with a project of its own."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx

WHEREAS = (sys.executable, "-m", "whereas")
DOCUMENT, PERSON = "doc/2022-06-09-gse-xinjiang", "ent/chen-quanguo"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


class RunningServer:
    """A server of a copy of a built project; where `folder` is `built`, of the project itself."""

    def __init__(self, built: Path, folder: Path, *options: str) -> None:
        if folder != built:
            shutil.copytree(built, folder, dirs_exist_ok=True)
        self.folder = folder
        self.log = (folder / "log").open("w+")
        command = [*WHEREAS, "serve", "-C", str(folder), "-p", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        assert "http://" in line, (folder / "log").read_text()
        self.address = re.search(r"http://\S+(?=/ )", line)[0]
        self.port = int(self.address.rpartition(":")[2])
        self.client = httpx.Client(base_url=self.address, timeout=30)

    def stop(self) -> int:
        """Interrupt the server and return its exit code."""
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.process.stdout.close()
        self.log.close()
        return code
