"""Do the same job with well-known libraries and their defaults, everything in one graph.

PyYAML reads the files, rdflib's JSON-LD parser makes the graph, pySHACL validates the union of
everything against the same shapes, rdflib's serializers write the four formats. Of the work
particular to this project it does the minimum the shapes require: quotes become passages. It has no
cache, runs no other check and writes no catalogue.

    python -m benchmarks.plain check|build FOLDER OUT [DOCUMENTS]
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyshacl
import rdflib
import yaml

ROOT = Path(__file__).parent.parent
FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "nq": "nquads", "trig": "trig"}
MARGIN = 32  # characters of prefix and suffix


def read(folder: Path, documents: int) -> rdflib.Dataset:
    """Read everything, one graph per source; of the documents, only the first ones."""
    dataset = rdflib.Dataset(default_union=True)
    base = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["tool"]["whereas"]["base"]
    terms = json.loads((ROOT / "ontology/context.jsonld").read_text("utf-8"))["@context"]
    sources = sorted(path for path in (folder / "data").iterdir() if path.is_dir())
    shared = [path for path in sources if path.name in ("entities", "links")]
    for source in [*[path for path in sources if path not in shared][:documents], *shared]:
        for path in sorted(source.glob("*.yaml")):
            document = yaml.safe_load(path.read_text("utf-8"))
            document["@context"] = [terms, *[item for item in document["@context"] if isinstance(item, dict)]]
            anchor(document, source)
            dataset.parse(data=json.dumps(document, default=str), format="json-ld")
        for path in source.glob("*.sssom.tsv"):
            document = {
                "@context": [terms, {"ent": f"{base}ent/"}],
                "id": f"{base}graph/links",
                "graph": list(links(path)),
            }
            dataset.parse(data=json.dumps(document), format="json-ld")
    vocabulary = dataset.graph(rdflib.URIRef(f"{base}graph/vocabulary"))
    for path in (ROOT / "ontology").glob("*.ttl"):
        if path.name != "prefixes.ttl":  # a list for queries and shapes, no data
            vocabulary.parse(path, format="turtle")
    return dataset


def anchor(document: dict[str, Any], folder: Path) -> None:
    """Turn the quotes of a document's nodes into passages, located in its texts."""
    home = f"doc:{folder.name}"
    texts = {path.name.split(".")[1]: path for path in folder.glob("text.*.txt")}
    contents = {language: path.read_text("utf-8") for language, path in texts.items()}
    main = next((node.get("lang") for node in document["graph"] if node["id"] == home), None)
    if texts:
        origins = [{"id": f"{home}/{path.stem}"} for path in texts.values()]
        document["graph"].append({"id": document["id"], "type": "void:Dataset", "prov:wasDerivedFrom": origins})
    for node in document["graph"]:
        if node["type"] == "SourceText":
            language = node.get("lang", main)
            node["text"] = {language: contents[language]}
        if "quote" not in node:
            continue
        spans = [
            (language, quote["exact"] if isinstance(quote, dict) else quote)
            for language, quote in by_language(node.pop("quote"), main)
        ]
        if node["type"] == "Quotation":
            node["text"] = dict(reversed(spans))
        node["statedIn"] = home
        node["evidence"] = [
            passage(home, texts[language].stem, contents[language], quote.strip("\n")) for language, quote in spans
        ]


def by_language(quote: Any, language: str) -> Iterator[tuple[str, Any]]:
    """Yield each quote with its language."""
    if isinstance(quote, list):
        for item in quote:
            yield from by_language(item, language)
    elif isinstance(quote, dict) and "exact" not in quote:
        for tag, item in quote.items():
            yield from by_language(item, tag)
    else:
        yield language, quote


def passage(home: str, name: str, content: str, exact: str) -> dict[str, Any]:
    """Return a passage with its two selectors."""
    start = content.index(exact)
    end = start + len(exact)
    own = f"{home}#p-{hashlib.sha256(f'{name} {exact}'.encode()).hexdigest()[:12]}"
    before, after = content[max(0, start - MARGIN) : start], content[end : end + MARGIN]
    return {
        "id": own,
        "type": "Passage",
        "hasSource": f"{home}/{name}",
        "selector": [
            {"id": f"{own}-quote", "type": "TextQuoteSelector", "exact": exact, "prefix": before, "suffix": after},
            {"id": f"{own}-position", "type": "TextPositionSelector", "start": start, "end": end},
        ],
    }


def links(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the decided rows of an SSSOM file as JSON-LD."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["reviewer_id"] and not row.get("predicate_modifier"):
            yield {"id": row["subject_id"], row["predicate_id"]: {"id": row["object_id"]}}


def main(verb: str, folder: Path, out: Path, documents: int) -> None:
    dataset = read(folder, documents)
    shapes = rdflib.Graph()
    for path in (ROOT / "shapes").glob("*.ttl"):
        shapes.parse(path, format="turtle")
    union = rdflib.Graph()
    for quad in dataset.quads():
        union.add(quad[:3])
    _, report, _ = pyshacl.validate(union, shacl_graph=shapes, inference="none")
    severities = report.subject_objects(rdflib.SH.resultSeverity)
    violations = sum(severity == rdflib.SH.Violation for _, severity in severities)
    if verb == "build":
        out.mkdir(parents=True, exist_ok=True)
        for suffix, name in FORMATS.items():
            (union if suffix == "ttl" else dataset).serialize(out / f"dataset.{suffix}", format=name)
    print(f"{len(dataset):,} triples, {violations} violations")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int((sys.argv[4:] or ["1000000"])[0]))
