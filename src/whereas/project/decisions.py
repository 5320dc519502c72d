"""The links that lead out of the project, each with who decided it, when and why (SSSOM)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass

from whereas.iris import expand
from whereas.project.project import Project


@dataclass(frozen=True)
class Decision:
    """One row of a mapping set."""

    subject: str
    property: str
    object: str
    name: str
    who: str
    day: str
    confidence: str
    why: str
    source: str  # who first told of it, or by what tool


def read_decisions(project: Project, prefixes: Mapping[str, str]) -> dict[tuple[str, str, str], Decision]:
    """The decided links by subject, property and object; a row nobody reviewed is only proposed."""
    found = {}
    for path in sorted((project.data / "links").glob("*.sssom.tsv")):
        lines = [line for line in project.read_text(path).split("\n") if line and not line.startswith("#")]
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row.get("reviewer_id") and row.get("predicate_modifier") != "Not":
                names = (row["subject_id"], row["predicate_id"], row["object_id"], row["reviewer_id"])
                subject, property_, object_, who = (expand(name, prefixes) for name in names)
                told = [row.get(key) or "" for key in ("object_label", "mapping_date", "confidence", "comment")]
                source = row.get("mapping_tool") or row.get("see_also") or ""
                found[subject, property_, object_] = Decision(
                    subject, property_, object_, told[0], who, told[1], told[2], told[3], source
                )
    return found
