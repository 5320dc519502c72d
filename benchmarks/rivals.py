"""Install other linked data publishers into a folder, start them on loopback, and load-test a server.

Trifid and autocannon come from npm, SHMARQL from PyPI, in the versions that the figures are of.
What cannot be installed is left out, with the reason.
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
_AUTOCANNON = """
const options = JSON.parse(process.argv[1])
require('autocannon')(options).then(result => console.log(JSON.stringify({
  rate: result.requests.average, p99: result.latency.p99, errors: result.errors, statuses: result.statusCodeStats
})))
"""


@dataclass(frozen=True)
class Request:
    """A path of a server, and the headers to send."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Load:
    """Responses a second and the 99th percentile of latency in milliseconds."""

    rate: float
    p99: float


class UnexpectedResponse(Exception):
    """A server did not answer what is to be measured."""


def install(folder: Path) -> dict[str, str]:
    """Install npm packages and those of `PYPI` into `folder`; return the reason for each that failed."""
    missing = {}
    if not shutil.which("npm"):
        missing["npm"] = "npm is absent"
    elif problem := _run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *NPM):
        missing["npm"] = problem
    for name, packages in PYPI.items():
        home = folder / name
        problem = _run(sys.executable, "-m", "venv", str(home)) or _run(
            str(home / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages
        )
        if problem:
            missing[name] = problem
    return missing


def _run(*command: str) -> str:
    """Run a command; return the last line it printed if it failed, else an empty string."""
    say(f"running {' '.join(command[:3])} …")
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except subprocess.TimeoutExpired:
        return "not installed within ten minutes"
    return (run.stderr.strip() or "it failed").splitlines()[-1] if run.returncode else ""


def load_test(folder: Path, address: str, requests: Sequence[Request], status: int, seconds: int = SECONDS) -> Load:
    """Run autocannon against a server, each connection sending the requests in turn.

    Raise `UnexpectedResponse` when a response has another status, or more than one request in a thousand fails: a
    server that closes a connection after many requests may do so while one is in progress.
    """
    options = {
        "url": address,
        "connections": CONNECTIONS,
        "duration": seconds,
        "timeout": 60,
        "requests": [{"path": request.path, "headers": request.headers} for request in requests],
    }
    run = subprocess.run(
        ["node", "-e", _AUTOCANNON, json.dumps(options)], cwd=folder, capture_output=True, text=True, check=True
    )
    result = json.loads(run.stdout)
    if result["errors"] > result["rate"] * seconds / 1000 or set(result["statuses"]) != {str(status)}:
        raise UnexpectedResponse(
            f"{address}: expected {status}, got {result['statuses']} and {result['errors']} errors"
        )
    return Load(result["rate"], result["p99"])


@contextmanager
def trifid(folder: Path, endpoint: str, base: str, *, best: bool) -> Iterator[str]:
    """Start Trifid over an endpoint, with its defaults or without redirects and with a quiet log; yield its address."""
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
    """Start SHMARQL with a Turtle file in memory; yield its address."""
    port = free_port()
    command = ["env", f"SITE_URI={base}", f"DATA_LOAD_PATHS={turtle}", f"SITEDOCS_PATH={folder / 'no-site'}"]
    command += [str(folder / "SHMARQL/bin/uvicorn"), "shmarql.main:app", "--port", str(port), "--log-level", "error"]
    address = f"http://127.0.0.1:{port}"
    with running(command, f"{address}/sparql?query={quote('SELECT * { ?s a ?o } LIMIT 1')}"):  # it fails on ASK
        yield address
