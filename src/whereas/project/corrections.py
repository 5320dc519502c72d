"""What was published wrong and mended: `data/corrections.tsv`, kept by hand, the latest first.

Columns: `day`, `about` (the IRI or compact name of what was wrong; may be empty), `en` and `fr`, one
sentence that says what stood there and what stands there now.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass

from whereas.errors import broken
from whereas.i18n import Translations
from whereas.iris import expand
from whereas.project.project import Project
from whereas.project.sources import CORRECTIONS


@dataclass(frozen=True)
class Correction:
    day: str
    about: str
    told: Translations


def read_corrections(project: Project, prefixes: Mapping[str, str]) -> list[Correction]:
    """The corrections; none where there is no such file. Raises `ProjectError` at a row that cannot be used."""
    path = project.data / CORRECTIONS
    if not path.is_file():
        return []
    rows = csv.DictReader(project.read_text(path).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    found = []
    for number, row in enumerate(rows, 2):
        told = {key: row.get(key) or "" for key in ("day", "about", "en", "fr")}
        try:
            about = expand(told["about"], prefixes) if told["about"] else ""
        except (KeyError, ValueError):
            raise broken("not-an-iri", project.location(path, number), key="about", value=told["about"]) from None
        texts = {language: told[language] for language in ("en", "fr") if told[language]}
        found.append(Correction(told["day"], about, Translations.of(texts)))
    return sorted(found, key=lambda correction: correction.day, reverse=True)
