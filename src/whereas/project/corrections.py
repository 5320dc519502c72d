"""Corrections of what was published: `data/corrections.tsv`, kept by hand.

Columns: `day`, `about` (the IRI or compact name of what was wrong; may be empty), and one for each language, named by
its BCP 47 tag: a sentence that says what was published and what it is replaced by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from whereas.errors import broken
from whereas.i18n import Translations
from whereas.iris import expand
from whereas.project.languages import is_language
from whereas.project.project import Project
from whereas.project.sources import CORRECTIONS
from whereas.project.tsv import read_table
from whereas.rdf.serialization import name_problem

_COLUMNS = ("day", "about")  # both could be language tags


@dataclass(frozen=True)
class Correction:
    """A correction; `about` is an IRI or empty."""

    day: str
    about: str
    text: Translations


def read_corrections(project: Project, prefixes: Mapping[str, str]) -> list[Correction]:
    """Return the corrections, the latest first. Raise `ProjectError` when a row names something unknown."""
    path = project.data / CORRECTIONS
    if not path.is_file():
        return []
    table = read_table(project.read_text(path))
    languages = [column for column in table.columns if column not in _COLUMNS and is_language(column)]
    corrections = []
    for row, values in table.records():
        record = dict(zip(table.columns, values, strict=False))
        name = record.get("about", "")
        try:
            reason = name_problem(name, prefixes)
            about = expand(name, prefixes) if name else ""
            if name and reason.template:
                raise ValueError(name)
        except (KeyError, ValueError):
            location = project.location(path, row.line)
            raise broken("not-an-iri", location, key="about", value=name, reason=reason) from None
        texts = {language: text for language in languages if (text := record.get(language, ""))}
        corrections.append(Correction(record.get("day", ""), about, Translations.of(texts)))
    return sorted(corrections, key=lambda correction: correction.day, reverse=True)
