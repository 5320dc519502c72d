"""What the console says of a query with characters of word processors: the same as the server."""

import json
import shutil
import subprocess

import pytest

from command_line import ROOT
from whereas.errors import ArgumentError
from whereas.rdf.store import Graph
from whereas.site.script_data import _MESSAGES

QUERIES = [
    "SELECT\xa0?s {}",
    "ASK {}\n\x0b LIMIT 3",
    "SELECT ?s { ?s ?p “x” }",
    "SELECT (1 − 2 AS ?x) {}",
    "ASK { ?s ?p '😀“\xa0' . # \xa0\n ?s ?p <urn:a\xa0b> }\u3000;",
    "ASK { 😀 \u200b }",
    "ASK { ?s ?p }",
]


@pytest.mark.system
def test_console_names_the_character_and_its_place(tmp_path):
    shutil.copy(ROOT / "src/whereas/site/static/syntax.js", tmp_path)
    words = {key: str(message) for key, message in _MESSAGES.items()}
    (tmp_path / "page.js").write_text(f"export const words = {json.dumps(words)};\n", "utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    expected = []
    for query in QUERIES:
        with pytest.raises(ArgumentError) as raised:
            Graph().query(query)
        expected.append(str(raised.value).removeprefix("the query cannot be answered: "))
    (tmp_path / "run.js").write_text(
        'import { complaint } from "./syntax.js";\n'
        f"const queries = {json.dumps(QUERIES)};\n"
        'console.log(JSON.stringify(queries.map((query) => complaint(query, "error at 1:1: expected FROM"))));\n'
    )
    result = subprocess.run(["node", "run.js"], cwd=tmp_path, capture_output=True, check=True)
    for ours, theirs in zip(expected[:-1], json.loads(result.stdout)[:-1], strict=True):
        code = theirs.partition("U+")[2].partition(" ")[0]
        assert theirs == ours.replace(ours[ours.index(f"U+{code}") : ours.index(" is not SPARQL")], f"U+{code}")
    assert json.loads(result.stdout)[-1] == "line 1, column 1: expected FROM"
