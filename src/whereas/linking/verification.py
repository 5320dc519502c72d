"""Check decided links against their targets: each must exist, not redirect, and agree with the entity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from whereas.findings import Finding, finding
from whereas.http.client import url_exists
from whereas.i18n import Message
from whereas.iris import compact
from whereas.linking.item_sources import ItemSource
from whereas.linking.matching import EntityRecord, compare, objections
from whereas.linking.records import EXACT, SAME, read_all_links, read_records
from whereas.project.sssom import Link
from whereas.rdf.external_datasets import dataset_of
from whereas.rdf.wikibase import ENTITY, Item
from whereas.validation.checked_project import CheckedProject


def today() -> str:
    """Return the current date (UTC), `YYYY-MM-DD`, as cached responses are dated."""
    return datetime.now(UTC).date().isoformat()


def verify(checked: CheckedProject, source: ItemSource, live: bool) -> tuple[list[Finding], str]:
    """Check the decided links; return the findings, sorted by file and line, and the date of the data used.

    That date is the day on which the oldest of the items was retrieved. With `live`, the servers of other datasets
    are requested too. Raise `RemoteError` when a server does not answer.
    """
    links = [link for link in read_all_links(checked) if link.state == "decided"]
    findings = [item for link in links for item in _check_form(link)]
    malformed = {item.location for item in findings}
    links = [link for link in links if link.location not in malformed]
    findings += _check_shared(checked, links)
    to_wikidata = [link for link in links if link.object.startswith(ENTITY)]
    items = source.items(link.object.removeprefix(ENTITY) for link in to_wikidata)
    findings += _check_items(checked, to_wikidata, items, source)
    if live:
        others = [link for link in links if not link.object.startswith(ENTITY)]
        gone = {
            name for name in sorted({link.object for link in others}) if not url_exists(name, checked.project.contact)
        }
        for link in others:
            if link.object in gone:
                findings.append(finding("link-gone", link.location, focus=link.subject, object=link.row["object_id"]))
    return sorted(set(findings)), min((item.retrieved for item in items.values() if item.retrieved), default=today())


def _check_form(link: Link) -> Iterator[Finding]:
    dataset = dataset_of(link.object)
    if dataset and not re.fullmatch(dataset.pattern, link.object.removeprefix(dataset.namespace)):
        got = link.row["object_id"]
        yield finding("link-form", link.location, focus=link.subject, expected=dataset.expected, got=got)


def _check_shared(checked: CheckedProject, links: list[Link]) -> Iterator[Finding]:
    """Report an item that two entities are said to be."""
    first: dict[str, Link] = {}
    for link in links:
        if link.predicate != SAME:
            continue
        other = first.setdefault(link.object, link)
        if other.subject != link.subject:
            values = {"object": link.row["object_id"], "other": compact(other.subject, checked.rules.prefixes)}
            yield finding("link-shared", link.location, focus=link.subject, where=other.location, **values)


def _check_items(
    checked: CheckedProject, links: list[Link], items: Mapping[str, Item], source: ItemSource
) -> Iterator[Finding]:
    records = read_records(checked, read_all_links(checked))
    for link in links:
        item, name = items.get(link.object.removeprefix(ENTITY)), link.row["object_id"]
        if item is None:
            yield _absent(link, records.get(link.subject), items, source)
        elif item.missing:
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


def _absent(link: Link, record: EntityRecord | None, items: Mapping[str, Item], source: ItemSource) -> Finding:
    """Report an item that the source does not hold: no reason to say that it does not exist.

    It was merged where the source holds the answer of Special:EntityData for one item that is no other link's, and that
    agrees with the entity.
    """
    values = {"focus": link.subject, "object": link.row["object_id"]}
    candidates = source.candidates([record])[record.iri] if record and link.predicate in (SAME, EXACT) else ()
    targets = [
        item.qid
        for item in candidates
        if record and item.is_alone and item.qid not in items and compare(record, item) and not objections(record, item)
    ]
    if len(targets) == 1:
        return finding("link-moved", link.location, target=f"wd:{targets[0]}", **values)
    return finding("link-absent", link.location, severity="Warning", **values)
