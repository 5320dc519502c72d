"""Findings of the last `whereas link check --record`, kept in `data/links/` with their date.

A build makes no network requests, so that the same material gives the same bytes: what servers answered is recorded
as material. The report and the pages repeat it until the links are checked again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from whereas.errors import broken
from whereas.findings import Finding
from whereas.i18n import Message, Translations, interface_languages
from whereas.project.project import Project
from whereas.project.sources import LINKS
from whereas.project.sssom import Link, read_links

FILE = "checked.jsonl"
UNCHECKED = "link-absent"  # the rule of a link whose target the source does not hold


def write_last_check(project: Project, links: Sequence[Link], findings: Sequence[Finding], day: str) -> Path:
    """Write the findings, each with the link it is about; without findings, delete the file.

    The earlier findings about a link that could not be checked are kept.
    """
    link_at = {link.location: link for link in links}
    lines = [
        json.dumps(
            {
                "day": day,
                "link": [link.subject, link.predicate, link.object],
                "rule": finding.rule,
                "message": {language: finding.message.in_language(language) for language in interface_languages()},
            },
            ensure_ascii=False,
        )
        for finding in findings
        if (link := link_at.get(finding.location)) and finding.rule != UNCHECKED
    ]
    path = project.data / LINKS / FILE
    if path.exists():
        unchecked = [link_at.get(finding.location) for finding in findings if finding.rule == UNCHECKED]
        keys = {(link.subject, link.predicate, link.object) for link in unchecked if link}
        lines += _lines_about(project.read_text(path), keys)
    if lines:
        new = path.with_name(f".{FILE}.new")
        new.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        new.replace(path)
    else:
        path.unlink(missing_ok=True)
    return path


def _lines_about(text: str, links: set[tuple[str, str, str]]) -> Iterator[str]:
    """Iterate over the lines about these links."""
    for line in text.splitlines():
        try:
            if tuple(json.loads(line)["link"]) in links:
                yield line
        except (ValueError, KeyError, TypeError):
            continue


def read_last_check(project: Project, prefixes: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the findings about links that are still decided, as warnings: the target may have changed since.

    Raise `ProjectError` at a line that `write_last_check` would not write.
    """
    path = project.data / LINKS / FILE
    if not path.exists():
        return
    links = {
        (link.subject, link.predicate, link.object): link
        for link in read_links(project, prefixes)
        if link.state == "decided"
    }
    for number, line in enumerate(project.read_text(path).split("\n"), 1):
        if not line:
            continue
        try:
            record = json.loads(line)
            link = links.get(tuple(record["link"]))
            message = Message("on {day}: {finding}", day=record["day"], finding=Translations.of(record["message"]))
            rule = str(record["rule"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise broken("last-check", project.location(path, number)) from None
        if link:
            yield Finding(link.location, "Warning", rule, message, link.subject, link.predicate, link.object)
