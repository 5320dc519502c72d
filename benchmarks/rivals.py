"""Other publishers of linked data, installed into a folder and started on loopback; and what asks a server often.

Trifid and autocannon come from npm, SHMARQL from PyPI, each in its newest version of which
the figures are known to be of. What cannot be installed is left out, with a sentence.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from benchmarks.measure import say
from servers import free_port, running

NPM = ("autocannon@9.0.0", "trifid@5.3.0")
PYPI = {"SHMARQL": ("shmarql==0.70",)}
CONNECTIONS, SECONDS = 8, 5
_ASK = """
const told = JSON.parse(process.argv[1])
require('autocannon')(told).then(found => console.log(JSON.stringify({
  rate: found.requests.average, p99: found.latency.p99, errors: found.errors, statuses: found.statusCodeStats
})))
"""


@dataclass(frozen=True)
class Asked:
    """A path of a server, and the headers it is asked with."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Load:
    """Answers a second and the milliseconds within which 99 of 100 came, of requests that ask one after the other."""

    rate: float
    p99: float


class Unlike(Exception):
    """A server answered something else than what is measured."""


def install(folder: Path) -> dict[str, str]:
    """The reason for each of `npm` and the names of `PYPI` that is not in `folder` afterwards."""
    missing = {}
    if not shutil.which("npm"):
        missing["npm"] = "npm is absent"
    elif problem := _ran("npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *NPM):
        missing["npm"] = problem
    for name, packages in PYPI.items():
        home = folder / name
        problem = _ran(sys.executable, "-m", "venv", str(home)) or _ran(
            str(home / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages
        )
        if problem:
            missing[name] = problem
    return missing


def _ran(*command: str) -> str:
    """Empty when the command succeeded, else the last line it said."""
    say(f"running {' '.join(command[:3])} …")
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except subprocess.TimeoutExpired:
        return "not installed within ten minutes"
    return (run.stderr.strip() or "it failed").splitlines()[-1] if run.returncode else ""


def ask_often(folder: Path, address: str, requests: Sequence[Asked], status: int, seconds: int = SECONDS) -> Load:
    """What autocannon measures at a server, each connection asking the requests in turn.

    Raises `Unlike` when an answer has another status than the one expected, or one of a thousand is none: a server
    that ends a connection after many requests may do so while one is under way.
    """
    told = {
        "url": address,
        "connections": CONNECTIONS,
        "duration": seconds,
        "timeout": 60,
        "requests": [{"path": request.path, "headers": request.headers} for request in requests],
    }
    run = subprocess.run(["node", "-e", _ASK, json.dumps(told)], cwd=folder, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)
    if found["errors"] > found["rate"] * seconds / 1000 or set(found["statuses"]) != {str(status)}:
        raise Unlike(f"{address}: expected {status}, got {found['statuses']} and {found['errors']} errors")
    return Load(found["rate"], found["p99"])


@contextmanager
def trifid(folder: Path, endpoint: str, base: str, *, best: bool) -> Iterator[str]:
    """The address of Trifid over an endpoint: as its command starts it, or without redirects and with a quiet log."""
    home = folder / "node_modules/trifid"
    settings = home / "instances/docker-sparql/config.yaml"
    if best:
        text = settings.read_text()
        for default, better in (
            ("logLevel: debug", "logLevel: error"),
            ("followRedirects: true", "followRedirects: false"),
        ):
            assert default in text, default
            text = text.replace(default, better)
        settings = settings.with_name("best.yaml")
        settings.write_text(text)
    port = free_port()
    command = ["env", *(["NODE_ENV=production"] if best else []), "node", str(home / "server.js"), "-c", str(settings)]
    command += ["-p", str(port), "--sparql-endpoint-url", endpoint, "--dataset-base-url", base]
    address = f"http://127.0.0.1:{port}"
    with running(command, f"{address}/"):
        yield address


@contextmanager
def shmarql(folder: Path, turtle: Path, base: str) -> Iterator[str]:
    """The address of SHMARQL that holds a Turtle file in memory."""
    port = free_port()
    command = ["env", f"SITE_URI={base}", f"DATA_LOAD_PATHS={turtle}", f"SITEDOCS_PATH={folder / 'no-site'}"]
    command += [str(folder / "SHMARQL/bin/uvicorn"), "shmarql.main:app", "--port", str(port), "--log-level", "error"]
    address = f"http://127.0.0.1:{port}"
    with running(command, f"{address}/sparql?query={quote('SELECT * { ?s a ?o } LIMIT 1')}"):  # it fails on ASK
        yield address
