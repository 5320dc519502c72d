"""Links to Wikidata: proposals with reasons, decisions by people, and what linked items add."""

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

CONFIDENCE = "0.95"  # of a link that a person accepts and says nothing else of


@dataclass(frozen=True)
class Proposal:
    """The items an entity may be, the likeliest first, and the one that a threshold accepts."""

    record: EntityRecord
    matches: tuple[Match, ...]
    accepted: Match | None = None

    @property
    def best(self) -> tuple[Match, ...]:
        """The first, and those that come too near to it to be told apart."""
        return tuple(match for match in self.matches if match.score > self.matches[0].score - MARGIN)


def propose(
    checked: CheckedProject, source: ItemSource, names: Sequence[str] = (), threshold: int | None = None
) -> list[Proposal]:
    """A proposal for each entity without a decided link, or for those of `names`.

    What somebody has rejected is not proposed again. Without a threshold, nothing is accepted, nor is an item
    that the threshold would give to two of ours.
    Raises `ArgumentError` for a name that nothing of ours has.
    """
    links = read_all_links(checked)
    items, records = linked(links), read_records(checked, links)
    rejected = {(link.subject, link.object) for link in links if link.state == "rejected"}
    told = [_ours(records, name) for name in names] or [records[name] for name in entities(checked) if name in records]
    wanted = [record for record in told if record.iri not in items]
    found = source.candidates(wanted) if wanted else {}
    taken = {qid: name for name, qid in items.items()}
    proposals = []
    for record in wanted:
        candidates = [
            item
            for item in found[record.iri]
            if (record.iri, f"{ENTITY}{item.qid}") not in rejected and item.qid not in taken
        ]
        ranked = rank(record, candidates)
        sure = accepted(record, ranked, threshold) if threshold is not None else None
        proposals.append(Proposal(record, tuple(ranked), sure))
    claimed = Counter(proposal.accepted.item.qid for proposal in proposals if proposal.accepted)
    return [
        replace(proposal, accepted=None) if proposal.accepted and claimed[proposal.accepted.item.qid] > 1 else proposal
        for proposal in proposals
    ]


def _ours(records: Mapping[str, EntityRecord], name: str) -> EntityRecord:
    if name in records:
        return records[name]
    raise ArgumentError(Message("{name}: expected an entity or a term of ours", name=name))


def write_proposals(checked: CheckedProject, proposals: Sequence[Proposal], by: str = "") -> tuple[int, int]:
    """The best of each proposal as rows without a reviewer, the accepted ones as decided by `by`.

    A pair that has a row already keeps it, unless it is accepted now. Gives the numbers of both.
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
    """The decision that an entity is, or is not, an item: by whom, when and why; an earlier one gives way.

    Raises `ArgumentError` when nobody of ours has that name, when another item is decided already, or when the
    item is another entity's.
    """
    record = _ours(read_records(checked, read_all_links(checked)), name)
    reviewer = compact(expand_agent(checked, by), checked.rules.prefixes)
    reason = cell(because, "--because")

    def edit(rows: Rows) -> None:
        row = _row(checked, record, qid, "")
        key = row["subject_id"], row["predicate_id"], row["object_id"]
        if accepts:
            _refuse_second(rows, key, compact(SAME, checked.rules.prefixes))
        told = rows.get(key, {})
        rows[key] = {
            **row,
            "predicate_modifier": "" if accepts else "Not",
            "object_label": told.get("object_label", ""),
            "mapping_justification": "semapv:ManualMappingCuration",
            # That of a proposal is the machine's, and of the contrary where a person rejects it.
            "confidence": confidence or (CONFIDENCE if accepts else ""),
            "author_id": told.get("author_id") or reviewer,
            "reviewer_id": reviewer,
            "see_also": told.get("see_also", ""),
            "comment": reason,
        }

    _change(checked, edit)


def _refuse_second(rows: Rows, key: tuple[str, str, str], same: str) -> None:
    """Raises `ArgumentError` where the entity is another item by decision, or the item another entity."""
    subject, predicate, value = key
    for (other, relation, item), row in rows.items():
        if relation != predicate or not row.get("reviewer_id") or row.get("predicate_modifier") == "Not":
            continue
        if other == subject and item != value:
            raise ArgumentError(
                Message("{subject}: is decided to be {item} already: reject that first", subject=subject, item=item)
            )
        if predicate == same and item == value and other != subject:
            raise ArgumentError(
                Message("{value}: is decided to be {other} already: reject that first", value=value, other=other)
            )


def expand_agent(checked: CheckedProject, by: str) -> str:
    """The IRI of who decides. Raises `ArgumentError` when it is not an entity of ours."""
    try:
        name = expand(by, checked.rules.prefixes)
    except (ValueError, KeyError):
        name = ""
    if name not in entities(checked):
        raise ArgumentError(
            Message("--by: expected an entity of ours such as {checked}, got '{by}'", checked=_editor(checked), by=by)
        )
    return name


def _editor(checked: CheckedProject) -> str:
    return checked.project.publisher or "ent:somebody"


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
    day = date.today().isoformat()
    above = header("wikidata", project.base, project.licence, day, checked.rules.prefixes)
    change(links_file(checked), above, edit, checked.rules.prefixes)
