"""Backlinks of a thing, under headings: demands made and received, statements by and about, all others."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass

from whereas.content.index import Index
from whereas.content.statements import DOCUMENTS, EVENTS, STATEMENTS, date_of
from whereas.content.urls import Addresses
from whereas.i18n import Message
from whereas.site.pages.pagination import STATEMENTS as SIZE
from whereas.site.pages.pagination import Page, page_count, paginate

OTHERS = "others"
_CACHED = 8  # lists of backlinks; the pages and languages of one are rendered in a row
_CLAIMS = ("wa:Finding", "wa:Claim", "wa:Identification")
HEADINGS = {
    "demands-made": Message("Demands made"),
    "demands-received": Message("Demands received"),
    "demands-against": Message("Target of these demands"),
    "demands-for": Message("Beneficiary of these demands"),
    "demands-about": Message("Demands on this subject"),
    "demands-of-kind": Message("Demands of this kind"),
    "statements-by": Message("Other statements made"),
    "statements-about": Message("Statements on this subject"),
    "statements-in": Message("Statements made in this text"),
    "statements-with": Message("Statements with this term"),
    "events": Message("Events and offices"),
    "based-on": Message("Based on this source"),
    OTHERS: Message("Other references"),
}
_SECTIONS = (
    ("demands-made", ("wa:Demand",), ("wa:speaker",)),
    ("demands-received", ("wa:Demand",), ("wa:addressee",)),
    ("demands-against", ("wa:Demand",), ("wa:target",)),
    ("demands-for", ("wa:Demand",), ("wa:beneficiary",)),
    ("demands-about", ("wa:Demand",), ("schema:about",)),
    ("demands-of-kind", ("wa:Demand",), ("wa:demandKind",)),
    ("statements-by", (*_CLAIMS, "wa:Quotation"), ("wa:speaker",)),
    ("statements-about", _CLAIMS, ("schema:about", "wa:identifies", "wa:identifiedIn")),
    ("statements-in", STATEMENTS, ("wa:conveyedBy",)),
    (
        "statements-with",
        STATEMENTS,
        ("wa:qualification", "wa:degree", "wa:followUpStatus", "wa:attributionMode", "wa:corroboration"),
    ),
    (
        "events",
        (*EVENTS, "org:Membership"),
        ("schema:attendee", "schema:organizer", "schema:about", "schema:location", "schema:publishedBy",
         "schema:workFeatured", "eli-dl:had_responsible_organization", "eli-dl:decided_on_a_realization_of",
         "org:member", "org:organization", "org:role"),
    ),
    ("based-on", (*STATEMENTS, *EVENTS, "org:Membership"), ("dcterms:source",)),
)  # fmt: skip
# Properties that the pages of documents, statements and vocabularies show elsewhere.
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
    """What links to each thing, in the order of headings, then of days, then of names."""

    def __init__(self, index: Index, addresses: Addresses) -> None:
        self.index, self.addresses = index, addresses
        index.register("backlinks", self._page)
        self._last_numbers: dict[str, int] = {}
        self._lists: OrderedDict[str, tuple[list[tuple[str, Backlink]], Counter[str]]] = OrderedDict()

    def paginate(self, thing: str, number: int) -> tuple[Page[Backlink], Counter[str]]:
        """Return one page, and how many entries each heading has on all of them."""
        if self._is_short(thing):
            entries, counts = self._counted(thing)
            return paginate(entries, number, SIZE), counts
        page: tuple[Page[Backlink], Counter[str]] = self.index.derive("backlinks", thing, str(number))
        return page

    def _page(self, thing: str, number: str) -> tuple[Page[Backlink], Counter[str]]:
        entries, counts = self._long(thing)
        return paginate(entries, int(number), SIZE), counts

    def _long(self, thing: str) -> tuple[list[tuple[str, Backlink]], Counter[str]]:
        """Return the entries of a list of several pages; the last few lists are cached."""
        if thing not in self._lists:
            self._lists[thing] = self._counted(thing)
            if len(self._lists) > _CACHED:
                self._lists.popitem(last=False)
        return self._lists[thing]

    def _counted(self, thing: str) -> tuple[list[tuple[str, Backlink]], Counter[str]]:
        entries = self._entries(thing)
        return entries, Counter(heading for heading, _ in entries)

    def last(self, thing: str) -> int:
        """Return how many pages there are, without reading the entries where all fit on one."""
        if self._is_short(thing):
            return 1
        if thing not in self._last_numbers:
            with self.index.unrecorded():
                self._last_numbers[thing] = page_count(len(self._long(thing)[0]), SIZE)
        return self._last_numbers[thing]

    def _is_short(self, thing: str) -> bool:
        return self.index.count_pointing(thing) <= SIZE

    def _entries(self, thing: str) -> list[tuple[str, Backlink]]:
        """Everything that names the thing and has a page, with its heading: the first that fits."""
        index = self.index
        shown = {index.iri(p) for kinds, ps in _SHOWN.items() if index.is_a(thing, *kinds) for p in ps}
        pairs = [pair for pair in dict.fromkeys(index.all_pointing(thing)) if pair[0] not in shown]
        entries: list[tuple[str, Backlink]] = []
        listed: set[str] = set()
        for heading, classes, names in _SECTIONS:
            properties = {index.iri(name) for name in names}
            fitting = [Backlink(iri, p) for p, iri in pairs if p in properties and index.is_a(iri, *classes)]
            fresh = {entry.iri: entry for entry in fitting if entry.iri not in listed}
            listed |= fresh.keys()
            entries += [(heading, fresh[iri]) for iri in sorted(fresh, key=lambda iri: (date_of(index, iri), iri))]
        rest = [Backlink(iri, p) for p, iri in pairs if iri not in listed and self.addresses.path(iri)]
        return entries + [(OTHERS, entry) for entry in sorted(rest, key=lambda entry: (entry.property, entry.iri))]
