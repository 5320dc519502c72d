"""Links to Wikidata: proposals with reasons, and decisions by people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from whereas.errors import ArgumentError
from whereas.i18n import Message
from whereas.iris import compact, expand
from whereas.linking.item_sources import ItemSource
from whereas.linking.matching import MARGIN, EntityRecord, Match, accepted, rank
from whereas.linking.records import EXACT, SAME, entities, linked, links_file, read_all_links, read_records
from whereas.project.sssom import Rows, cell, change, header
from whereas.rdf.wikibase import ENTITY
from whereas.validation.checked_project import CheckedProject

CONFIDENCE = "0.95"  # of a link that a person accepts without stating another


@dataclass(frozen=True)
class Proposal:
    """The items an entity may be, best match first, and the one that a threshold accepts."""

    record: EntityRecord
    matches: tuple[Match, ...]
    accepted: Match | None = None

    @property
    def best(self) -> tuple[Match, ...]:
        """The best match, and those within `MARGIN` points of it."""
        return tuple(match for match in self.matches if match.score > self.matches[0].score - MARGIN)


def propose(
    checked: CheckedProject, source: ItemSource, names: Sequence[str] = (), threshold: int | None = None
) -> list[Proposal]:
    """Make a proposal for each entity without a decided link, or for those of the IRIs `names`.

    A rejected item is not proposed again. Nothing is accepted without a threshold, nor an item that two entities
    would be linked to. Raise `ArgumentError` for an IRI that is no entity or concept of the project.
    """
    links = read_all_links(checked)
    qids, records = linked(links), read_records(checked, links)
    rejected = {(link.subject, link.object) for link in links if link.state == "rejected"}
    selected = [_record(records, name) for name in names or entities(checked) if names or name in records]
    unlinked = [record for record in selected if record.iri not in qids]
    candidates = source.candidates(unlinked) if unlinked else {}
    linked_items = set(qids.values())
    proposals = []
    for record in unlinked:
        matches = rank(
            record,
            [
                item
                for item in candidates[record.iri]
                if (record.iri, f"{ENTITY}{item.qid}") not in rejected and item.qid not in linked_items
            ],
        )
        match = accepted(record, matches, threshold) if threshold is not None else None
        proposals.append(Proposal(record, tuple(matches), match))
    counts = Counter(proposal.accepted.item.qid for proposal in proposals if proposal.accepted)
    return [
        replace(proposal, accepted=None) if proposal.accepted and counts[proposal.accepted.item.qid] > 1 else proposal
        for proposal in proposals
    ]


def _record(records: Mapping[str, EntityRecord], name: str) -> EntityRecord:
    if name in records:
        return records[name]
    raise ArgumentError(Message("{name}: expected an entity or a concept of the project", name=name))


def write_proposals(checked: CheckedProject, proposals: Sequence[Proposal], by: str = "") -> tuple[int, int]:
    """Write the best matches of each proposal as rows without a reviewer, accepted ones as decided by `by`.

    A pair that has a row already keeps it, unless it is accepted now. Return the numbers of rows proposed and
    decided.
    """
    counts = {"proposed": 0, "decided": 0}

    def edit(rows: Rows) -> None:
        pairs = {(subject, value) for subject, _, value in rows}
        for proposal in proposals:
            for match in (proposal.accepted,) if proposal.accepted else proposal.best:
                row = _row(checked, proposal.record, match.item.qid, match.item.name("en"))
                row["mapping_justification"] = "semapv:CompositeMatching"
                row["confidence"] = f"{match.confidence:g}"
                row["comment"] = " ".join(
                    "; ".join(f"{r.points:+} {r.message}" for r in match.reasons).replace('"', "'").split()
                )
                key = row["subject_id"], row["predicate_id"], row["object_id"]
                if proposal.accepted:
                    rows[key] = {**row, "author_id": by, "reviewer_id": by}
                    counts["decided"] += 1
                elif (key[0], key[2]) not in pairs:
                    rows[key] = row
                    counts["proposed"] += 1

    if any(proposal.matches for proposal in proposals):
        _change(checked, edit)
    return counts["proposed"], counts["decided"]


def decide(
    checked: CheckedProject, name: str, qid: str, by: str, because: str, accepts: bool, confidence: str = ""
) -> None:
    """Write the decision that an entity is, or is not, an item: by whom, when and why; it replaces an earlier one.

    Raise `ArgumentError` when `name` is no entity or concept of the project, when it is linked to another item
    by decision, or the item to another entity.
    """
    record = _record(read_records(checked, read_all_links(checked)), name)
    reviewer = compact(expand_agent(checked, by), checked.rules.prefixes)
    reason = cell(because, "--because")

    def edit(rows: Rows) -> None:
        row = _row(checked, record, qid, "")
        key = row["subject_id"], row["predicate_id"], row["object_id"]
        if accepts:
            _check_unlinked(rows, key, compact(SAME, checked.rules.prefixes))
        proposal = rows.get(key, {})
        rows[key] = {
            **row,
            "predicate_modifier": "" if accepts else "Not",
            "object_label": proposal.get("object_label", ""),
            "mapping_justification": "semapv:ManualMappingCuration",
            # The confidence of a proposal is the score of the match, and says nothing about a rejection.
            "confidence": confidence or (CONFIDENCE if accepts else ""),
            "author_id": proposal.get("author_id") or reviewer,
            "reviewer_id": reviewer,
            "see_also": proposal.get("see_also", ""),
            "comment": reason,
        }

    _change(checked, edit)


def _check_unlinked(rows: Rows, key: tuple[str, str, str], same: str) -> None:
    """Raise `ArgumentError` when the entity is linked to another item by decision, or the item to another entity."""
    subject, predicate, value = key
    for (other, relation, item), row in rows.items():
        if relation != predicate or not row.get("reviewer_id") or row.get("predicate_modifier") == "Not":
            continue
        if other == subject and item != value:
            raise ArgumentError(
                Message("{subject}: already linked to {item}; reject that link first", subject=subject, item=item)
            )
        if predicate == same and item == value and other != subject:
            raise ArgumentError(
                Message("{item}: already linked to {subject}; reject that link first", item=item, subject=other)
            )


def expand_agent(checked: CheckedProject, by: str) -> str:
    """Return the IRI of the reviewer. Raise `ArgumentError` when it is not an entity of the project."""
    try:
        name = expand(by, checked.rules.prefixes)
    except (ValueError, KeyError):
        name = ""
    if name not in entities(checked):
        example = checked.project.publisher or "ent:editors"
        raise ArgumentError(
            Message("--by: expected an entity of the project such as {example}, got '{by}'", example=example, by=by)
        )
    return name


def _row(checked: CheckedProject, record: EntityRecord, qid: str, label: str) -> dict[str, str]:
    prefixes = checked.rules.prefixes
    is_entity = record.iri.startswith(f"{checked.project.base}ent/")
    return {
        "subject_id": compact(record.iri, prefixes),
        "subject_label": record.labels.get("en") or next(iter(record.labels.values())),
        "predicate_id": compact(SAME if is_entity else EXACT, prefixes),
        "object_id": compact(f"{ENTITY}{qid}", prefixes),
        "object_label": label.replace('"', "'"),
        "mapping_date": date.today().isoformat(),
    }


def _change(checked: CheckedProject, edit: Callable[[Rows], None]) -> None:
    project = checked.project
    today = date.today().isoformat()
    metadata = header("wikidata", project.base, project.licence, today, checked.rules.prefixes)
    change(links_file(checked), metadata, edit, checked.rules.prefixes)
