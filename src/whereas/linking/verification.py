"""Decided links, held to what they lead to: a finding at its line for each that does not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from whereas.findings import Finding, finding
from whereas.http.sparql_client import is_there
from whereas.i18n import Message
from whereas.iris import compact
from whereas.linking.item_sources import ItemSource
from whereas.linking.matching import objections
from whereas.linking.records import EXACT, SAME, read_all_links, read_records
from whereas.project.sssom import Link
from whereas.rdf.wikibase import ENTITY, Item
from whereas.validation.checked_project import CheckedProject

# Where IRIs of others start, and the form they have from there on.
FORMS = {
    ENTITY: (r"Q[1-9]\d*", "an item such as wd:Q42"),
    "https://data.europarl.europa.eu/": (
        r"person/[1-9]\d*|org/[\w-]+|eli/dl/(doc|event|proc)/[\w-]+",
        "person/…, org/… or eli/dl/… of the European Parliament",
    ),
    "http://eurovoc.europa.eu/": (r"[1-9]\d*|c_[0-9a-f]{8}", "a concept such as eurovoc:3920"),
    "http://data.europa.eu/eli/": (
        r"(reg|dir|dec|reg_impl|reg_del|dir_impl|dir_del|dec_impl|treaty|agree_internation)/\d{4}/\d+(\([\w-]+\))?/oj",
        "an act such as http://data.europa.eu/eli/reg/2024/3015/oj",
    ),
}


def today() -> str:
    """The day, as answers of servers are dated: `YYYY-MM-DD` (UTC)."""
    return datetime.now(UTC).date().isoformat()


def verify(checked: CheckedProject, source: ItemSource, live: bool) -> tuple[list[Finding], str]:
    """What is wrong with decided links, in the order of files and lines, and the day since which it is known.

    That day is the one on which the oldest of the items was read. With `live`, others' servers are asked too.
    Raises `RemoteError` when a server does not answer: nothing is known then.
    """
    links = [link for link in read_all_links(checked) if link.state == "decided"]
    found = [item for link in links for item in _form(link)]
    broken = {item.location for item in found}
    sound = [link for link in links if link.location not in broken]
    found += _twice(checked, sound)
    decided = [link for link in sound if link.object.startswith(ENTITY)]
    items = source.items(link.object.removeprefix(ENTITY) for link in decided)
    found += _items(checked, decided, items)
    if live:
        others = [link for link in sound if not link.object.startswith(ENTITY)]
        gone = {
            name for name in sorted({link.object for link in others}) if not is_there(name, checked.project.contact)
        }
        for link in others:
            if link.object in gone:
                found.append(finding("link-gone", link.location, focus=link.subject, object=link.row["object_id"]))
    return sorted(set(found)), min((item.retrieved for item in items.values() if item.retrieved), default=today())


def _form(link: Link) -> Iterator[Finding]:
    for start, (form, expected) in FORMS.items():
        if link.object.startswith(start) and not re.fullmatch(form, link.object[len(start) :]):
            got = link.row["object_id"]
            yield finding("link-form", link.location, focus=link.subject, expected=expected, got=got)


def _twice(checked: CheckedProject, links: list[Link]) -> Iterator[Finding]:
    first: dict[str, Link] = {}
    for link in links:
        if link.predicate != SAME:
            continue
        other = first.setdefault(link.object, link)
        if other.subject != link.subject:
            told = {"object": link.row["object_id"], "other": compact(other.subject, checked.rules.prefixes)}
            yield finding("link-shared", link.location, focus=link.subject, where=other.location, **told)


def _items(checked: CheckedProject, links: list[Link], items: Mapping[str, Item]) -> Iterator[Finding]:
    records = read_records(checked, read_all_links(checked))
    for link in links:
        item, name = items[link.object.removeprefix(ENTITY)], link.row["object_id"]
        if item.missing:
            yield finding("link-gone", link.location, focus=link.subject, object=name)
        elif item.target:
            target = f"wd:{item.target}"
            yield finding("link-redirect", link.location, focus=link.subject, object=name, target=target)
        elif link.predicate in (SAME, EXACT) and link.subject in records:
            for reason in objections(records[link.subject], item):
                message = Message("{name}: {reason}", name=name, reason=reason.message)
                yield Finding(
                    link.location, "Warning", "link-disagrees", message, link.subject, link.predicate, link.object
                )
