"""A small document, and helpers that compile it after a change."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import whereas
from whereas.compiler.documents import compile_source
from whereas.findings import Finding
from whereas.project.ontology import read_context
from whereas.project.sources import list_sources, read_source
from whereas.rdf.context import Context
from whereas.rdf.terms import Quad

TEXT = "The harvest failed.\nAnna warns: “Act now.” She waits.\n"
DOCUMENT = f"""\
"@context": https://w3id.org/whereas/context.jsonld
id: graphs:note
graph:
- id: doc:note
  type: Report
  lang: en
- id: doc:note/text.en
  type: SourceText
  sha256: "{hashlib.sha256(TEXT.encode()).hexdigest()}"
- id: doc:note#failed
  type: Claim
  quote: "The harvest failed."
- id: doc:note#act
  type: Quotation
  speaker: ent:anna
  verb: {{en: warns}}
  quote: ["Act now.", "Anna warns", "She waits."]
"""
PAGE = {"note/document.yaml": DOCUMENT, "note/text.en.txt": TEXT}
ROOT = Path(__file__).parent.parent


@functools.cache
def context() -> Context:
    return read_context(whereas.read_project(ROOT))


def write_project(folder: Path, files: dict[str, str | bytes]) -> whereas.Project:
    """Write a project with `files` in its `data/`."""
    (folder / "pyproject.toml").write_text("[tool.whereas]\n", "utf-8")
    for name, content in files.items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return whereas.read_project(folder)


def compiled(project: whereas.Project) -> tuple[list[Finding], list[Quad]]:
    """Compile all sources; return their findings and quads."""
    findings: list[Finding] = []
    quads: list[Quad] = []
    for source in list_sources(project):
        contents, unread = read_source(source, project)
        result = compile_source(source, contents, unread, project, context())
        findings += result.findings
        quads += result.quads
    return findings, quads


def lines(project: whereas.Project) -> list[str]:
    """Return the findings as they are printed."""
    return [finding.line() for finding in compiled(project)[0]]
