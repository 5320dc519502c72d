"""Reports of findings: text, JSON, GitHub annotations, SARIF and SHACL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from whereas.findings import SEVERITIES, Finding
from whereas.i18n import SOURCE, gettext, ngettext
from whereas.iris import expand
from whereas.rdf.namespaces import RDF, SHACL, XSD
from whereas.rdf.terms import Quad, iri, literal

_GITHUB = {"Violation": "error", "Warning": "warning", "Info": "notice"}
_SARIF = {"Violation": "error", "Warning": "warning", "Info": "note"}


def as_text(findings: Sequence[Finding], language: str) -> str:
    """Return a line for each finding: location, severity, message."""
    return "".join(f"{finding.line(language)}\n" for finding in findings)


def as_json(findings: Sequence[Finding], language: str) -> str:
    """Return an array of objects with `path line severity rule message focus property value`."""
    items = [
        {
            "path": finding.location.path,
            "line": finding.location.line,
            "severity": finding.severity,
            "rule": finding.rule,
            "message": finding.message.in_language(language),
            "focus": finding.focus,
            "property": finding.path,
            "value": finding.value,
        }
        for finding in findings
    ]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def as_github(findings: Sequence[Finding], language: str) -> str:
    """Return GitHub workflow commands, which annotate the line of each finding."""
    return "".join(
        f"::{_GITHUB[finding.severity]} file={_property(finding.location.path)},line={max(finding.location.line, 1)},"
        f"title={_property(finding.rule)}::{_data(finding.message.in_language(language))}\n"
        for finding in findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(findings: Sequence[Finding], language: str) -> str:
    """Return SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for editors and code scanning."""
    results = [
        {
            "ruleId": finding.rule,
            "level": _SARIF[finding.severity],
            "message": {"text": finding.message.in_language(language)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(finding.location.path)},
                        "region": {"startLine": max(finding.location.line, 1)},
                    }
                }
            ],
        }
        for finding in findings
    ]
    rules = [{"id": rule} for rule in sorted({finding.rule for finding in findings})]
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
    """Return a line such as `2 documents, 961 triples: 0 violations, 1 warning, 5 infos`, in the reader's language."""
    counts = {name: sum(finding.severity == name for finding in findings) for name in SEVERITIES}
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
    """Yield a SHACL validation report named `report`; the names of shapes are expanded by `prefixes`.

    Messages are in English and in those of the `languages` that they exist in.
    """
    conforms = not any(finding.severity == "Violation" for finding in findings)

    def quad(subject: str, predicate: str, term: str) -> Quad:
        return iri(subject), iri(predicate), term, iri(report)

    yield quad(report, f"{RDF}type", iri(f"{SHACL}ValidationReport"))
    yield quad(report, f"{SHACL}conforms", literal(str(conforms).lower(), datatype=f"{XSD}boolean"))
    for number, finding in enumerate(findings, 1):
        result = f"{report}#result-{number}"
        yield quad(report, f"{SHACL}result", iri(result))
        yield quad(result, f"{RDF}type", iri(f"{SHACL}ValidationResult"))
        yield quad(result, f"{SHACL}resultSeverity", iri(SHACL + finding.severity))
        for language in sorted({finding.message.language_for(language) for language in (SOURCE, *languages)}):
            text = finding.message.in_language(language)
            yield quad(result, f"{SHACL}resultMessage", literal(text, language=language))
        yield quad(result, "http://purl.org/dc/terms/source", literal(str(finding.location)))
        if finding.focus:
            yield quad(result, f"{SHACL}focusNode", iri(finding.focus))
        if finding.path:
            yield quad(result, f"{SHACL}resultPath", iri(finding.path))
        if ":" in finding.rule:  # a shape; an authoring rule or a check has a plain name
            yield quad(result, f"{SHACL}sourceShape", iri(expand(finding.rule, prefixes)))
