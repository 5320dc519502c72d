"""Foreign text on a terminal: no control character of a label, a file name, an argument or another server reaches it."""

import ast
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from command_line import ROOT, run_on_terminal, run_whereas

OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
HOSTILE = "a\x1b]0;owned\x07\x1b[31mred\x9b1m\u202ez"
SHOWN = "a]0;owned[31mred1mz"
QUERY = 'SELECT ("a\\u001b]0;owned\\u0007\\u001b[31mred\\u009b1m\\u202ez" AS ?x) (":smile: [bold]b[/]" AS ?y) {}'


@pytest.fixture
def query(project, tmp_path) -> str:
    file = tmp_path / "hostile.rq"
    file.write_text(QUERY)
    return str(file)


def plain(output: str) -> str:
    """Take away what rich itself sends: styles, and the clearing of its progress bars."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", output)


@pytest.mark.parametrize("columns", [20, 120])  # as records, as a table
def test_table_on_a_terminal(project, query, columns):
    output = plain(run_on_terminal(project, columns, "ask", "--sparql", query, "--format", "table"))
    assert not OBEYED.search(output)
    assert SHOWN in re.sub(r"\s", "", output)
    assert ":smile:[bold]b[/]" in re.sub(r"\s", "", output)  # read as no markup and no emoji


def test_markdown(project, query):
    result = run_whereas(project, "ask", "--sparql", query, "--format", "md")
    assert not OBEYED.search(result.stdout)
    assert result.stdout.splitlines()[2] == "| a\\]0;owned\\[31mred1mz | :smile: \\[bold\\]b\\[/\\] |"


@pytest.mark.parametrize("form", ["json", "ttl", "tsv"])
def test_data_have_the_same_values_in_escapes(project, query, form):
    result = run_whereas(project, "ask", "--sparql", query, "--format", form)
    assert not OBEYED.search(result.stdout)
    assert "u009B1m\\u202Ez" in result.stdout
    if form == "json":
        assert json.loads(result.stdout)["results"]["bindings"][0]["x"]["value"] == HOSTILE


def test_csv_has_the_value_as_it_is(project, query):
    result = run_whereas(project, "ask", "--sparql", query, "--format", "csv")
    assert result.stdout == f"x,y\n{HOSTILE},:smile: [bold]b[/]\n"


def test_xml_is_refused_in_one_sentence(project, query):
    result = run_whereas(project, "ask", "--sparql", query, "--format", "xml")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "whereas: SPARQL XML cannot hold the character U+001B in the result: choose another format\n"
    )


def test_carriage_returns_of_a_cell_move_no_cursor(project, tmp_path):
    (tmp_path / "q.rq").write_text('SELECT ("first\\r\\nsecond\\rthird" AS ?x) {}')
    result = run_whereas(project, "ask", "--sparql", str(tmp_path / "q.rq"), "--format", "table")
    assert [line.strip() for line in result.stdout.split("\n")] == ["x", "first", "second", "third", ""]


@pytest.mark.parametrize(
    "words",
    [
        ("ask", HOSTILE), ("ask", "--sparql", HOSTILE), ("ask", f"--{HOSTILE}"), (HOSTILE,), ("show", HOSTILE),
        ("check", "--engine", HOSTILE), ("check", HOSTILE), ("check", "-C", f"/{HOSTILE}"), ("get", f"/{HOSTILE}"),
        ("new", f"/dev/null/{HOSTILE}"), ("load", HOSTILE), ("load", f"http://localhost:1/{HOSTILE}"),
        ("conformance", f"http://localhost:1/{HOSTILE}"), ("link", "propose", HOSTILE),
        ("ask", "demands-by", "--speaker", HOSTILE), ("link", "check", "--extract", HOSTILE),
    ],
)  # fmt: skip
def test_arguments(project, words):
    result = run_whereas(project, *words)
    assert result.returncode != 0
    assert not OBEYED.search(result.stdout + result.stderr), result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("word", ["\udcff", "\udcffa\udcfe"])  # bytes of an argument that are not UTF-8
@pytest.mark.parametrize("words", [("show",), ("ask",), ("ask", "--sparql"), ("new",), ("link", "propose"), ("get",)])
def test_arguments_that_are_not_utf8(project, tmp_path, words, word):
    name = f"/dev/null/{word}" if words == ("new",) else word
    result = run_whereas(project, *words, name)
    assert result.returncode != 0
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_file_names(project, tmp_path, form):
    folder = tmp_path / "data" / f"note{HOSTILE}"
    folder.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_bytes((project / "pyproject.toml").read_bytes())
    (folder / f"{HOSTILE}.yaml").write_text("- a\n")
    result = run_whereas(tmp_path, "check", "--format", form)
    assert result.returncode == 1
    assert not OBEYED.search(result.stdout + result.stderr)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["note/\udcff.yaml", "\udcff/note.yaml"])
def test_file_names_that_are_not_utf8(project, tmp_path, name):
    (tmp_path / "pyproject.toml").write_bytes((project / "pyproject.toml").read_bytes())
    (tmp_path / "data" / name).parent.mkdir(parents=True)
    (tmp_path / "data" / name).write_text("- a\n")
    result = run_whereas(tmp_path, "check")
    place = name.rpartition("/note.yaml")[0] or name
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"data/{place}: violation: the name is not UTF-8; rename it\n".replace("\udcff", "\ufffd")


@contextmanager
def endpoint(status: int, content: bytes, media_type: str = "application/sparql-results+json") -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (200, f"<h1>{HOSTILE}</h1>".encode(), f"expected SPARQL results, got '<h1>{SHOWN}</h1>'"),
        (400, HOSTILE.encode(), f"refused the query: {SHOWN}"),
        (200, b"", "expected SPARQL results, got an empty response"),
        (200, b"\x1b[31m", "expected SPARQL results, got '[31m'"),
        (200, '{"head":{"vars":["été"]}}'.encode("latin-1"), "the results are not UTF-8, at byte 18"),
        (200, b'{"head":{"vars":["s"]},"results":{"bind', "invalid JSON at character 34"),
        (200, b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"\\ud800"}}]}}',
         "invalid JSON at character 78"),
        (200, b'{"error":"quota"}', "expected SPARQL results, got '{\"error\":\"quota\"}'"),
    ],
)  # fmt: skip
def test_responses_of_endpoints(project, query, status, content, expected):
    with endpoint(status, content) as url:
        result = run_whereas(project, "ask", "--sparql", query, "--endpoint", url)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"whereas: {url}: {expected}\n"


def test_iri_of_an_endpoint_that_is_none(project, query):
    row = {"x": {"type": "uri", "value": "http://example.org/a b\x1b"}}
    content = json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [row]}}).encode()
    with endpoint(200, content) as url:
        table = run_whereas(project, "ask", "--sparql", query, "--endpoint", url, "--format", "table")
        csv = run_whereas(project, "ask", "--sparql", query, "--endpoint", url, "--format", "csv")
    assert (table.returncode, table.stdout.split()) == (0, ["x", "http://example.org/a", "b"])
    assert (csv.returncode, csv.stdout) == (2, "")
    assert re.fullmatch(r"whereas: CSV cannot hold the result: [^\x1b]+\n", csv.stderr)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfSELECT (1 AS ?n) {}\r\n", "n\n1\n"),
        (b"SELECT\xc2\xa0(1 AS ?n) {}", "line 1, column 7: the character U+00A0 NO-BREAK SPACE is not SPARQL; write a space instead"),
        (b"ASK { <urn:\xe9> ?p ?o }", "not UTF-8: byte 0xE9 at offset 11; save the file as UTF-8"),
        (b"\xff\xfeS\x00", "not UTF-8: byte 0xFF at offset 0; save the file as UTF-8"),
    ],
)  # fmt: skip
def test_queries_of_other_editors(project, tmp_path, content, expected):
    (tmp_path / "q.rq").write_bytes(content)
    result = run_whereas(project, "ask", "--sparql", str(tmp_path / "q.rq"))
    if result.returncode == 0:
        assert result.stdout == expected
    else:
        assert result.returncode == 2
        assert result.stderr.endswith(f": {expected}\n")


def test_commands_print_by_the_functions_that_strip():
    calls = []
    for path in Path(ROOT / "src/whereas/cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "click.echo", "click.secho"):
                calls.append(path.name)
    assert calls == ["command.py"]
