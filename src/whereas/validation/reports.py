"""Findings, for people, editors, forges and machines: text, JSON, GitHub annotations, SARIF, SHACL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from whereas.findings import SEVERITIES, Finding
from whereas.i18n import gettext, ngettext
from whereas.iris import expand
from whereas.rdf.namespaces import RDF, SHACL, XSD
from whereas.rdf.terms import Quad, iri, literal

_GITHUB = {"Violation": "error", "Warning": "warning", "Info": "notice"}
_SARIF = {"Violation": "error", "Warning": "warning", "Info": "note"}


def as_text(findings: Sequence[Finding], language: str) -> str:
    """One line a finding: place, severity, sentence."""
    return "".join(f"{found.line(language)}\n" for found in findings)


def as_json(findings: Sequence[Finding], language: str) -> str:
    """An array of objects with `path line severity rule message focus property value`."""
    told = [
        {
            "path": found.location.path,
            "line": found.location.line,
            "severity": found.severity,
            "rule": found.rule,
            "message": found.message.in_language(language),
            "focus": found.focus,
            "property": found.path,
            "value": found.value,
        }
        for found in findings
    ]
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def as_github(findings: Sequence[Finding], language: str) -> str:
    """Workflow commands that GitHub shows on the line they are about."""
    return "".join(
        f"::{_GITHUB[found.severity]} file={_property(found.location.path)},line={max(found.location.line, 1)},"
        f"title={_property(found.rule)}::{_data(found.message.in_language(language))}\n"
        for found in findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(findings: Sequence[Finding], language: str) -> str:
    """SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for editors and code scanning."""
    results = [
        {
            "ruleId": found.rule,
            "level": _SARIF[found.severity],
            "message": {"text": found.message.in_language(language)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(found.location.path)},
                        "region": {"startLine": max(found.location.line, 1)},
                    }
                }
            ],
        }
        for found in findings
    ]
    rules = [{"id": rule} for rule in sorted({found.rule for found in findings})]
    run = {"tool": {"driver": {"name": "whereas", "rules": rules}}, "results": results}
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json.dumps({"version": "2.1.0", "$schema": schema, "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


FORMATS: dict[str, Callable[[Sequence[Finding], str], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}


def summary(findings: Sequence[Finding], documents: int, triples: int) -> str:
    """`2 documents, 961 triples: 0 violations, 1 warning, 5 infos`, in the reader's language."""
    counts = {name: sum(found.severity == name for found in findings) for name in SEVERITIES}
    return gettext(
        "{documents}, {triples}: {violations}, {warnings}, {infos}",
        documents=ngettext("{count} document", "{count} documents", documents),
        triples=ngettext("{count} triple", "{count} triples", triples),
        violations=ngettext("{count} violation", "{count} violations", counts["Violation"]),
        warnings=ngettext("{count} warning", "{count} warnings", counts["Warning"]),
        infos=ngettext("{count} info", "{count} infos", counts["Info"]),
    )


def as_quads(
    findings: Sequence[Finding], report: str, prefixes: Mapping[str, str], languages: Sequence[str]
) -> Iterator[Quad]:
    """A SHACL validation report named `report`; the names of shapes are expanded by `prefixes`.

    Messages are in English and in those of the `languages` they exist in.
    """
    conforms = not any(found.severity == "Violation" for found in findings)

    def told(subject: str, predicate: str, term: str) -> Quad:
        return iri(subject), iri(predicate), term, iri(report)

    yield told(report, f"{RDF}type", iri(f"{SHACL}ValidationReport"))
    yield told(report, f"{SHACL}conforms", literal(str(conforms).lower(), datatype=f"{XSD}boolean"))
    for number, found in enumerate(findings, 1):
        result = f"{report}#result-{number}"
        yield told(report, f"{SHACL}result", iri(result))
        yield told(result, f"{RDF}type", iri(f"{SHACL}ValidationResult"))
        yield told(result, f"{SHACL}resultSeverity", iri(SHACL + found.severity))
        for language in sorted({found.message.language_for(language) for language in ("en", *languages)}):
            text = found.message.in_language(language)
            yield told(result, f"{SHACL}resultMessage", literal(text, language=language))
        yield told(result, "http://purl.org/dc/terms/source", literal(str(found.location)))
        if found.focus:
            yield told(result, f"{SHACL}focusNode", iri(found.focus))
        if found.path:
            yield told(result, f"{SHACL}resultPath", iri(found.path))
        if ":" in found.rule:  # a shape; an authoring rule or a check has a plain name
            yield told(result, f"{SHACL}sourceShape", iri(expand(found.rule, prefixes)))
