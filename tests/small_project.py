"""A small project: a note of the council, in texts of any languages, and bodies with any labels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import whereas
from whereas.site.site import Site

BASE = "https://example.org/t/"
NOTE = "2026-01-15-note"
SOURCE = "https://news.example/a"
_SETTINGS = """\
[tool.whereas]
base = "{base}"
title = {title}
publisher = "ent:council"
licence = "https://creativecommons.org/licenses/by/4.0/"
languages = {languages}
"""
_CONTEXT = f"""\
"@context":
- https://w3id.org/whereas/context.jsonld
- doc: "{BASE}doc/"
  ent: "{BASE}ent/"
  graphs: "{BASE}graph/"
  d: "{BASE}doc/{NOTE}#"
"""


def write_small_project(
    folder: Path,
    *,
    languages: Sequence[str] = ("en",),
    texts: Mapping[str, str] = {"en": "The council met.\n"},
    quotes: Mapping[str, Sequence[object]] = {},
    entities: Mapping[str, Mapping[str, str]] = {},
    nodes: Sequence[Mapping[str, object]] = (),
) -> Path:
    """Write a project whose texts are in `texts` by language and cited by `quotes`, or else as a whole.

    `entities` are labels by language of bodies, by their local name or IRI; `nodes` are further ones of the document.
    """

    def labelled(text: str) -> dict[str, str]:
        return {language: f"{text} ({language})" for language in languages}

    first = next(iter(texts))
    document: list[Mapping[str, object]] = [
        {"id": f"doc:{NOTE}", "type": "PressRelease", "title": labelled("A note"), "publisher": "ent:council",
         "issued": "2026-01-15", "lang": first, "source": SOURCE},
    ]  # fmt: skip
    for language, text in texts.items():
        digest = hashlib.sha256(text.encode()).hexdigest()
        document.append(
            {"id": f"doc:{NOTE}/text.{language}", "type": "SourceText", "label": labelled("text of the note"),
             "formatOf": f"doc:{NOTE}", "lang": language, "mediaType": "text/plain;charset=UTF-8", "sha256": digest}
        )  # fmt: skip
    for language, text in texts.items():
        for number, quote in enumerate(quotes.get(language, [line for line in text.splitlines() if line])):
            document.append(
                {"id": f"d:{language.lower()}-{number}", "type": "Claim", "label": labelled("A claim"),
                 "speaker": "ent:council", "attribution": "mode:reported-speech", "quote": {language: quote}}
            )  # fmt: skip
    document += nodes
    bodies = [
        {"id": name if ":" in name else f"ent:{name}", "type": "Organization", "label": labels}
        for name, labels in {"council": labelled("Exampleton council"), **entities}.items()
    ]
    title = ", ".join(f"{json.dumps(language)} = {json.dumps(text)}" for language, text in labelled("T").items())
    settings = _SETTINGS.format(base=BASE, title=f"{{ {title} }}", languages=json.dumps(list(languages)))
    (folder / "pyproject.toml").write_text(settings, "utf-8")
    for name, graph in ((NOTE, document), ("entities", bodies)):
        path = folder / "data" / name
        path.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"- {json.dumps(node, ensure_ascii=False)}\n" for node in graph)
        file = "entities.yaml" if name == "entities" else "document.yaml"
        (path / file).write_text(f"{_CONTEXT}id: graphs:{name}\ngraph:\n{lines}", "utf-8")
    for language, text in texts.items():
        (folder / "data" / NOTE / f"text.{language}.txt").write_text(text, "utf-8", newline="")
    return folder


def small_site(folder: Path, **options: object) -> Site:
    """Return the site of a small project, checked."""
    checked = whereas.check(whereas.read_project(write_small_project(folder, **options)))  # type: ignore[arg-type]
    findings = checked.report.findings
    assert not [f.line() for f in findings if f.severity == "Violation"]
    return Site(checked)
