"""`whereas link check --live`: requests to the servers of other datasets, over TLS."""

import os
import shutil
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


class TargetServer(ThreadingHTTPServer):
    """The servers of other datasets as an HTTP proxy, with TLS; records method, path and user agent of requests."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        names = ",".join(f"DNS:{name}" for name in ("data.europarl.europa.eu", "www.europarl.europa.eu"))
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=whereas"]
        files = [
            "-keyout",
            folder / "key.pem",
            "-out",
            folder / "certificate.pem",
            "-addext",
            f"subjectAltName={names}",
        ]
        subprocess.run([*command, *files], check=True, capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
        self.requests: list[tuple[str, str, str]] = []
        self.open_requests = self.most_open_requests = 0
        address = f"http://127.0.0.1:{self.server_port}"
        self.environment = {**os.environ, "http_proxy": address, "https_proxy": address, "no_proxy": "127.0.0.1"}
        self.environment["SSL_CERT_FILE"] = str(folder / "certificate.pem")


class Handler(BaseHTTPRequestHandler):
    server: TargetServer

    def log_message(self, *arguments: object) -> None:
        pass

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        tls = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = tls.makefile("rb"), tls.makefile("wb", 0)
        self.close_connection = True
        self.handle_one_request()
        tls.close()

    def do_HEAD(self) -> None:
        self.server.open_requests += 1
        self.server.most_open_requests = max(self.server.open_requests, self.server.most_open_requests)
        is_retry = (self.command, self.path, self.headers["User-Agent"]) in self.server.requests
        self.server.requests.append((self.command, self.path, self.headers["User-Agent"]))
        status = 200
        if self.path.endswith("person/2341"):
            status = 404
        elif self.path.endswith("/3920") and not is_retry:
            status = 429
        elif self.path.endswith("person/96739") and self.command == "HEAD":
            status = 405
        self.send_response(status)
        for name, value in (("Retry-After", "0"), ("Content-Length", "0")):
            self.send_header(name, value)
        self.server.open_requests -= 1  # before the client can read the response and send the next request
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()


@pytest.mark.system
def test_live_check_requests_the_targets_of_links(project, proxy, tmp_path):
    """European Parliament over TLS, EuroVoc and ELI: one at a time, with a user agent, retried when they are busy."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is absent: make system installs it")
    path = project / "data/links/europarl.sssom.tsv"
    lines = path.read_text("utf-8").splitlines(True)
    start = next(n for n, line in enumerate(lines) if not line.startswith("#"))
    rows = [*lines[: start + 1], *(line for line in lines[start + 1 :] if "\tep:person/" in line)]
    act = "http://data.europa.eu/eli/reg/2024/3015/oj"
    rows.append(rows[-1].replace(rows[-1].split("\t")[4], act).replace("owl:sameAs", "rdfs:seeAlso"))
    path.write_text("".join(rows), "utf-8")
    line = next(n for n, text in enumerate(rows, 1) if "ep:person/2341\t" in text)
    with TargetServer(tmp_path) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [sys.executable, "-m", "whereas", "link", "check", "-C", str(project), "--live"]
        run = subprocess.run(
            [*command, "--endpoint", proxy.address], env=server.environment, capture_output=True, text=True, check=False
        )
        server.shutdown()
    assert (run.returncode, run.stdout) == (
        1,
        f"data/links/europarl.sssom.tsv:{line}: violation: ep:person/2341 does not exist\n1 violation, 0 warnings\n",
    ), run.stderr
    requests = [(method, path) for method, path, _ in server.requests]
    assert ("HEAD", act) in requests
    assert requests.count(("HEAD", "http://eurovoc.europa.eu/3920")) == 2
    assert [method for method, path in requests if path == "/person/96739"] == ["HEAD", "GET"]
    assert server.most_open_requests == 1
    assert all(agent.startswith("whereas/") for _, _, agent in server.requests)
