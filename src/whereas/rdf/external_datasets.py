"""The datasets that links of a project lead to: one row a dataset.

The catalogue counts the links into each (`void:Linkset`), `whereas link check` checks the form of their IRIs,
and identifiers are compared with those that Wikidata holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from whereas.i18n import Message


@dataclass(frozen=True)
class Identifier:
    """The Wikidata property that holds identifiers of a dataset; `path` comes before them in its IRIs.

    `enriches`: whether `whereas link enrich` records the property.
    """

    property: str
    label: Message
    path: str = ""
    enriches: bool = False


@dataclass(frozen=True)
class ExternalDataset:
    """A dataset of others: where its IRIs start, and the regular expression of what follows.

    `expected` is that form in words; `iri` names the dataset itself, and is its namespace where it has no other.
    """

    name: str
    namespace: str
    pattern: str
    expected: Message
    iri: str = ""
    identifier: Identifier | None = None


EXTERNAL_DATASETS = (
    ExternalDataset(
        "wikidata", "http://www.wikidata.org/entity/", r"Q[1-9]\d*", Message("an item such as wd:Q42"),
        iri="http://www.wikidata.org/entity/Q2013",
    ),
    ExternalDataset(
        "eurovoc", "http://eurovoc.europa.eu/", r"[1-9]\d*|c_[0-9a-f]{8}", Message("a concept such as eurovoc:3920"),
    ),
    ExternalDataset(
        "europarl", "https://data.europarl.europa.eu/", r"person/[1-9]\d*|org/[\w-]+|eli/dl/(doc|event|proc)/[\w-]+",
        Message("person/…, org/… or eli/dl/… of the European Parliament"),
        identifier=Identifier("P1186", Message("MEP id"), "person/", enriches=True),
    ),
    ExternalDataset(
        "eli", "http://data.europa.eu/eli/",
        r"(reg|dir|dec|reg_impl|reg_del|dir_impl|dir_del|dec_impl|treaty|agree_internation)/\d{4}/\d+(\([\w-]+\))?/oj",
        Message("an act such as http://data.europa.eu/eli/reg/2024/3015/oj"),
    ),
    ExternalDataset(
        "isni", "https://isni.org/isni/", r"\d{15}[\dX]",
        Message("an ISNI such as https://isni.org/isni/0000000121032683"),
        identifier=Identifier("P213", Message("ISNI")),
    ),
    ExternalDataset(
        "viaf", "https://viaf.org/viaf/", r"[1-9]\d+", Message("a cluster such as https://viaf.org/viaf/102333412"),
        identifier=Identifier("P214", Message("VIAF id")),
    ),
    ExternalDataset(
        "gnd", "https://d-nb.info/gnd/", r"\d[\d-]*[\dX]", Message("a record such as https://d-nb.info/gnd/118529579"),
        identifier=Identifier("P227", Message("GND id")),
    ),
)  # fmt: skip


def dataset_of(iri: str) -> ExternalDataset | None:
    """Return the external dataset that an IRI belongs to; None where it is in none of them."""
    return next((dataset for dataset in EXTERNAL_DATASETS if iri.startswith(dataset.namespace)), None)
