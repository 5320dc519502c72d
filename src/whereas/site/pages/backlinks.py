"""What points at a thing, under headings: demands made and received, statements by and about, all the rest."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass

from whereas.content.index import Index
from whereas.content.statements import DOCUMENTS, EVENTS, STATEMENTS, date_of
from whereas.content.urls import Addresses
from whereas.site.pages.pagination import STATEMENTS as SIZE
from whereas.site.pages.pagination import Page, page_count, paginate

OTHERS = "others-pointing"
_KEPT = 8  # ledgers; the sheets and languages of one are asked for in a row
_CLAIMS = ("wa:Finding", "wa:Claim", "wa:Identification")
_HEADINGS = (
    ("demands-made", ("wa:Demand",), ("wa:speaker",)),
    ("demands-received", ("wa:Demand",), ("wa:addressee",)),
    ("demands-against", ("wa:Demand",), ("wa:target",)),
    ("demands-for", ("wa:Demand",), ("wa:beneficiary",)),
    ("demands-about", ("wa:Demand",), ("schema:about",)),
    ("demands-of-kind", ("wa:Demand",), ("wa:demandKind",)),
    ("statements-by", (*_CLAIMS, "wa:Quotation"), ("wa:speaker",)),
    ("statements-about", _CLAIMS, ("schema:about", "wa:identifies", "wa:identifiedIn")),
    ("statements-conveyed", STATEMENTS, ("wa:conveyedBy",)),
    (
        "statements-using",
        STATEMENTS,
        ("wa:qualification", "wa:degree", "wa:followUpStatus", "wa:attributionMode", "wa:corroboration"),
    ),
    (
        "happened",
        (*EVENTS, "org:Membership"),
        ("schema:attendee", "schema:organizer", "schema:about", "schema:location", "schema:publishedBy",
         "schema:workFeatured", "eli-dl:had_responsible_organization", "eli-dl:decided_on_a_realization_of",
         "org:member", "org:organization", "org:role"),
    ),
    ("resting-on", (*STATEMENTS, *EVENTS, "org:Membership"), ("dcterms:source",)),
)  # fmt: skip
# What the pages of documents and statements show in places of their own.
_SHOWN = {
    DOCUMENTS: ("wa:statedIn", "dcterms:isFormatOf"),
    (*STATEMENTS, "wa:Quotation"): ("wa:groundedOn", "wa:expressedIn", "prov:alternateOf", "wa:followUpOf"),
    ("owl:Ontology", "skos:ConceptScheme"): ("rdfs:isDefinedBy", "skos:inScheme", "skos:topConceptOf"),
}


@dataclass(frozen=True)
class Backlink:
    """A thing that names another, by a property."""

    iri: str
    property: str


class Backlinks:
    """What points at each thing; the order is that of days, then of names."""

    def __init__(self, index: Index, addresses: Addresses) -> None:
        self.index, self.addresses = index, addresses
        index.register("backlinks", self._sheet)
        self._lasts: dict[str, int] = {}
        self._kept: OrderedDict[str, tuple[list[tuple[str, Backlink]], Counter[str]]] = OrderedDict()

    def paginate(self, thing: str, number: int) -> tuple[Page[Backlink], Counter[str]]:
        """One sheet, and how many entries stand under each heading on all of them."""
        if self._is_short(thing):
            entries, counts = self._told(thing)
            return paginate(entries, number, SIZE), counts
        told: tuple[Page[Backlink], Counter[str]] = self.index.derive("backlinks", thing, str(number))
        return told

    def _sheet(self, thing: str, number: str) -> tuple[Page[Backlink], Counter[str]]:
        entries, counts = self._long(thing)
        return paginate(entries, int(number), SIZE), counts

    def _long(self, thing: str) -> tuple[list[tuple[str, Backlink]], Counter[str]]:
        """A ledger of several sheets; the last few are kept, what was looked up for them is noted by nobody."""
        if thing not in self._kept:
            self._kept[thing] = self._told(thing)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[thing]

    def _told(self, thing: str) -> tuple[list[tuple[str, Backlink]], Counter[str]]:
        """Everything that has a page and names the thing, with its heading; and how many stand under each."""
        entries = self._entries(thing)
        return entries, Counter(title for title, _ in entries)

    def last(self, thing: str) -> int:
        """How many sheets there are. Few things are named often: the others are not looked into."""
        if self._is_short(thing):
            return 1
        if thing not in self._lasts:
            with self.index.unrecorded():
                self._lasts[thing] = page_count(len(self._long(thing)[0]), SIZE)
        return self._lasts[thing]

    def _is_short(self, thing: str) -> bool:
        return self.index.count_pointing(thing) <= SIZE

    def _entries(self, thing: str) -> list[tuple[str, Backlink]]:
        index = self.index
        shown = {index.iri(p) for kinds, ps in _SHOWN.items() if index.is_a(thing, *kinds) for p in ps}
        pointing = [pair for pair in dict.fromkeys(index.all_pointing(thing)) if pair[0] not in shown]
        found: list[tuple[str, Backlink]] = []
        told: set[str] = set()
        for title, classes, properties in _HEADINGS:
            wanted = {index.iri(name) for name in properties}
            here = [Backlink(name, p) for p, name in pointing if p in wanted and index.is_a(name, *classes)]
            fresh = {entry.iri: entry for entry in here if entry.iri not in told}
            told |= fresh.keys()
            found += [(title, fresh[name]) for name in sorted(fresh, key=lambda name: (date_of(index, name), name))]
        rest = [Backlink(name, p) for p, name in pointing if name not in told and self.addresses.path(name)]
        return found + [(OTHERS, entry) for entry in sorted(rest, key=lambda entry: (entry.property, entry.iri))]
