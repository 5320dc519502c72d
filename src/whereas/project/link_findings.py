"""What the last check of links found, recorded beside them: the report and the pages tell it until it is checked again.

A build asks no server, so that the same material gives the same bytes; what a server said is material, with its day.
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
from whereas.project.sssom import Link, parse_links

FILE = "checked.jsonl"
UNCHECKED = "link-absent"  # the rule of a link whose target the source does not hold


def write_last_check(project: Project, links: Sequence[Link], findings: Sequence[Finding], day: str) -> Path:
    """The findings in `data/links/`, each with the link it is about; no file where there are none.

    Of a link that could not be checked, what was found before stays.
    """
    at = {link.location: link for link in links}
    lines = [
        json.dumps(
            {
                "day": day,
                "link": [link.subject, link.predicate, link.object],
                "rule": found.rule,
                "message": {language: found.message.in_language(language) for language in interface_languages()},
            },
            ensure_ascii=False,
        )
        for found in findings
        if (link := at.get(found.location)) and found.rule != UNCHECKED
    ]
    path = project.data / LINKS / FILE
    if path.exists():
        unchecked = {at[found.location] for found in findings if found.rule == UNCHECKED and found.location in at}
        lines += _about(project.read_text(path), {(link.subject, link.predicate, link.object) for link in unchecked})
    if lines:
        written = path.with_name(f".{FILE}.new")
        written.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        written.replace(path)
    else:
        path.unlink(missing_ok=True)
    return path


def _about(text: str, links: set[tuple[str, str, str]]) -> Iterator[str]:
    """Yield the lines about these links."""
    for line in text.splitlines():
        try:
            if tuple(json.loads(line)["link"]) in links:
                yield line
        except (ValueError, KeyError, TypeError):
            continue


def read_last_check(project: Project, prefixes: Mapping[str, str]) -> Iterator[Finding]:
    """The findings about links that are decided still, as warnings: the world may have changed since.

    Raises `ProjectError` when the file is none of ours.
    """
    path = project.data / LINKS / FILE
    if not path.exists():
        return
    decided = {
        (link.subject, link.predicate, link.object): link
        for table in sorted((project.data / LINKS).glob("*.sssom.tsv"))
        for link in parse_links(project.read_text(table), project.location(table).path, prefixes)[0]
        if link.state == "decided"
    }
    for number, line in enumerate(project.read_text(path).splitlines(), 1):
        try:
            told = json.loads(line)
            link = decided.get(tuple(told["link"]))
            message = Message("on {day}: {finding}", day=told["day"], finding=Translations.of(told["message"]))
            rule = str(told["rule"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise broken("last-check", project.location(path, number)) from None
        if link:
            yield Finding(link.location, "Warning", rule, message, link.subject, link.predicate, link.object)
