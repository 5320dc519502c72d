"""A reconciliation service as a source of items."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from wikidata_links import run_link


class Handler(BaseHTTPRequestHandler):
    """A service of two items, as the specification has it."""

    space = "http://www.wikidata.org/entity/"

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        schema = "http://www.wikidata.org/prop/direct/"
        extend = {"property_settings": []}
        self.send({"name": "Items", "identifierSpace": self.space, "schemaSpace": schema, "extend": extend})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if "queries" in form:
            person = {"name": "Ilham Tohti", "score": 100, "match": True, "type": [{"id": "Q5", "name": "human"}]}
            results = [{"id": "Q90000002", **person}, {"id": "Q90000003", **person, "match": False}]
            queries = json.loads(form["queries"][0])
            self.send({n: {"result": results if q["query"] == "Ilham Tohti" else []} for n, q in queries.items()})
        else:
            cells = {"Q90000002": [{"id": "Q5", "name": "human"}], "Q90000003": [{"id": "Q4167410", "name": "page"}]}
            properties = [parameter["id"] for parameter in json.loads(form["extend"][0])["properties"]]
            rows = {qid: {p: kinds if p == "P31" else [] for p in properties} for qid, kinds in cells.items()}
            self.send({"meta": [{"id": p, "name": p} for p in properties], "rows": rows})

    def send(self, data: object) -> None:
        content = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def service():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_reconciliation_service_is_enough_for_proposals(project, service):
    output = run_link(project, "propose", "ent:ilham-tohti", "--reconcile", service)
    assert re.findall(r"^  (Q\d+)", output, re.MULTILINE) == ["Q90000002"]
    assert "     +10  it is an instance of Q5\n" in output


def test_service_of_other_identifiers_is_an_error(project, service, monkeypatch):
    monkeypatch.setattr(Handler, "space", "https://viaf.org/viaf/")
    output = run_link(project, "propose", "ent:ilham-tohti", "--reconcile", service, code=2)
    expected = (
        "expected identifierSpace http://www.wikidata.org/entity/ or a property owl:sameAs, "
        "got identifierSpace 'https://viaf.org/viaf/'"
    )
    assert output == f"whereas: {service}: {expected}\n"


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        ({"status": "error", "message": "overloaded"}, '{"status": "error", "message": "overloaded"}'),
        ([1], "[1]"),
        ({"q0": {"result": "none"}}, '{"q0": {"result": "none"}}'),
        ({"q0": {"result": [{"name": "x"}]}}, '{"q0": {"result": [{"name": "x"}]}}'),
        ({"rows": [1]}, '{"rows": [1]}'),
        ({"rows": {"Q90000002": {"P31": ["x"]}}}, '{"rows": {"Q90000002": {"P31": ["x"]}}}'),
    ],
)
def test_malformed_response_of_a_service_is_one_line_and_not_cached(project, service, monkeypatch, fault, start):
    send_response, key = Handler.send, "rows" if "rows" in fault else "q0"

    def send(self, data):
        send_response(self, fault if key in data else data)

    with monkeypatch.context() as broken:
        broken.setattr(Handler, "send", send)
        output = run_link(project, "propose", "ent:ilham-tohti", "--reconcile", service, code=2)
        expected = f"expected a response of the Reconciliation Service API, got '{start}'"
        assert output == f"whereas: {service}: {expected}\n"
    assert "  Q90000002  " in run_link(project, "propose", "ent:ilham-tohti", "--reconcile", service)


def test_batch_size_of_a_service_is_respected(project, service, monkeypatch):
    send_response, sizes = Handler.send, []

    def send(self, data):
        sizes.append(len(data))
        send_response(self, {**data, "batchSize": 1} if "identifierSpace" in data else data)

    monkeypatch.setattr(Handler, "send", send)
    run_link(project, "propose", "ent:ilham-tohti", "--reconcile", service)
    assert len(sizes) > 3
    assert all(count <= 2 for count in sizes[1:])
