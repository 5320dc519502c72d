"""A new external dataset is one row of a table: catalogue, link check and proposals know it."""

import json
import subprocess
import sys

from whereas.rdf.wikibase import Item, to_json

# The command, with one more row in the table.
PROGRAM = r"""
import sys
from whereas.i18n import Message
from whereas.rdf import external_datasets as table

table.EXTERNAL_DATASETS += (
    table.ExternalDataset(
        "orcid", "https://orcid.org/", r"(\d{4}-){3}\d{3}[\dX]", Message("an ORCID iD"),
        identifier=table.Identifier("P496", Message("ORCID iD")),
    ),
)
from whereas.cli.main import main
main(sys.argv[1:])
"""


def test_new_dataset_is_one_row(project, tmp_path):
    path = project / "data/links/europarl.sssom.tsv"
    row = next(line for line in path.read_text("utf-8").splitlines() if "\tep:person/" in line).split("\t")
    row[2] = "rdfs:seeAlso"
    with path.open("a", encoding="utf-8") as file:
        for name, identifier in (("ent:ilham-tohti", "0000-0002-1825-0097"), ("ent:xi-jinping", "carberry")):
            file.write("\t".join([name, *row[1:4], f"https://orcid.org/{identifier}", *row[5:]]) + "\n")
    item = to_json(Item("Q90000002", {"en": "Ilham Tohti"}))
    item["claims"]["P496"] = [{"mainsnak": {"snaktype": "value", "datavalue": {"value": "0000-0002-1825-0097"}}}]
    extract = tmp_path / "items.jsonl"
    extract.write_text(json.dumps(item))

    def run(*words: str) -> str:
        command = [sys.executable, "-c", PROGRAM, *words, "-C", str(project)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    proposals = run("link", "propose", "ent:ilham-tohti", "--extract", str(extract))
    assert "    +100  same ORCID iD 0000-0002-1825-0097\n" in proposals
    findings = run("link", "check", "--extract", str(extract))
    assert "object_id: expected an ORCID iD, got 'https://orcid.org/carberry'\n" in findings
    run("build", "--no-pages")
    assert "dataset#links-orcid-" in (project / "public/catalogue.ttl").read_text("utf-8")
