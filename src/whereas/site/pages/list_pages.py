"""Pages that are about no single thing: home, lists, matrix, timeline, data, method.

Long ones are cut into sheets; what they list is put in order once a language.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from heapq import nlargest, nsmallest
from typing import Any

from whereas.compiler.compile import read_inventories
from whereas.content.downloads import Download, File
from whereas.content.index import Index
from whereas.content.shape_docs import Constraints
from whereas.content.statements import DATES, DOCUMENTS, EVENTS, STATEMENTS, date_of, kind_of
from whereas.content.urls import Addresses
from whereas.project.corrections import read_corrections
from whereas.project.queries import Query
from whereas.site.pages.pagination import LINES, page_count, paginate
from whereas.site.pages.pagination import STATEMENTS as SIZE
from whereas.site.pages.query_pages import SavedQueries
from whereas.site.pages.view import PageContext
from whereas.validation.checked_project import CheckedProject

MOST_HERE = 12  # of each kind, on the home page
GROUPS = {
    "documents": DOCUMENTS,
    "actors": ("foaf:Person", "org:Organization", "foaf:Group", "org:Role"),
    "places": ("schema:Place",),
    "works": ("wa:Resolution", "eli:Work", "schema:Collection", "schema:Thing", "schema:WebPage"),
    "events": EVENTS,
}
_SIZES = {"matrix": SIZE}  # in rows a sheet
RELATIONS = ("wa:addressee", "wa:target", "wa:beneficiary", "schema:about")
_RELEASE = re.compile(
    r"(?:dataset|catalogue|report|graph/.+|ontology/.+|shapes/shapes|doc/[^/]+(?:/text\.\w+)?)\.\w+(?:\.gz)?"
)


@dataclass(frozen=True)
class Demanded:
    """A demand in the matrix, and how many stand in the same cell by the same relation."""

    thing: str  # empty where the demand names no addressee
    speaker: str
    relation: str
    demand: str
    count: int


def list_paths(checked: CheckedProject) -> tuple[str, ...]:
    """Return the paths of all overviews; the home page's is empty."""
    alone = ("timeline", "matrix", "queries", "console", "search", "shapes", "data", "method", "about")
    return ("", *GROUPS, *alone, *(f"queries/{name}" for name in checked.queries))


class ListPages:
    """What each overview is told, by its path."""

    def __init__(self, checked: CheckedProject, index: Index, addresses: Addresses, files: tuple[File, ...]) -> None:
        self.checked, self.index, self.addresses = checked, index, addresses
        self.files = tuple(file for file in files if _RELEASE.fullmatch(file.path))
        self.constraints = Constraints(checked, index)
        self._listings: dict[tuple[str, str], list[tuple[str, Any]]] = {}
        self.saved = SavedQueries(checked, index, addresses)
        index.register("overview", self._overview)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Paths of all overviews; the home page's is empty."""
        return list_paths(self.checked)

    def show(self, view: PageContext, path: str, number: int) -> tuple[str, dict[str, Any]]:
        """The template of an overview, and what it is told on one of its sheets."""
        if query := self.saved.queries.get(path):
            return "query.html", self.saved.page(view, query, {}, self.saved.answer(query, view.language))
        template = f"{'list' if path in GROUPS else path or 'home'}.html"
        if path in self.listed:
            told: dict[str, Any] = self.index.derive("overview", path, str(number), view.language)
            return template, dict(told)
        return template, getattr(self, f"_{path or 'home'}")(view)

    def _overview(self, path: str, number: str, language: str) -> dict[str, Any]:
        """What the template of an overview is told on one of its sheets."""
        view = self._view(language)
        rows = paginate(self._rows(view, path), int(number), _SIZES.get(path, LINES))
        if path in GROUPS:
            counts = {self.index.iri(name): len(self.index.types[self.index.iri(name)]) for name in GROUPS[path]}
            return {"sheet": rows, "counts": counts}
        return {"sheet": rows, **getattr(self, f"_{path}")(view)}

    def _view(self, language: str) -> PageContext:
        """A view from no page in particular."""
        return PageContext(self.index, self.addresses, "", language)

    def last(self, path: str) -> int:
        """How many sheets an overview has."""
        return page_count(self._count(path), _SIZES.get(path, LINES)) if path in self.listed else 1

    @cached_property
    def listed(self) -> dict[str, Callable[[PageContext], list[tuple[str, Any]]]]:
        """What the overviews that are cut into sheets list: rows, each with its heading."""
        groups = {path: partial(self._group, path) for path in GROUPS}
        return {
            **groups,
            "timeline": self._days,
            "matrix": self._cells,
            "method": self._coverage,
            "data": self._downloads,
        }

    def _rows(self, view: PageContext, path: str) -> list[tuple[str, Any]]:
        """The rows of an overview in the order of a language; made once."""
        if (path, view.language) not in self._listings:
            self._listings[path, view.language] = self.listed[path](view)
        return self._listings[path, view.language]

    def _count(self, path: str) -> int:
        with self.index.unrecorded():
            return len(self._rows(self._view(self.addresses.languages[0]), path))

    @cached_property
    def sanctions(self) -> str:
        """The page of the question that sets sanctions demanded beside sanctions listed, where the project asks it."""
        path = "queries/sanctions-demanded-and-listed"
        return path if path in self.saved.queries else ""

    @cached_property
    def _demands(self) -> list[str]:
        """Demands, those with a known outcome first."""
        index = self.index

        def order(demand: str) -> tuple[bool, str, str]:
            return (not index.pointing(demand, "wa:followUpOf"), date_of(index, demand), demand)

        return nsmallest(MOST_HERE, index.of("wa:Demand"), key=order)

    def _home(self, view: PageContext) -> dict[str, Any]:
        documents = self.index.of(*DOCUMENTS)
        counts = (
            ("documents", len(documents), "documents"),
            ("statements-count", len(self.index.of(*STATEMENTS)), ""),
            ("demands-count", len(self.index.of("wa:Demand")), "matrix"),
            ("passages-count", len(self.index.of("oa:SpecificResource")), ""),
        )
        return {
            "description": self.checked.project.description.get(view.language, ""),
            "demands": [view.statement(name) for name in self._demands],
            "documents": nlargest(MOST_HERE, documents, key=lambda name: (view.day(name), name)),
            "counts": counts,
            "sanctions": self.sanctions,
        }

    def _group(self, path: str, view: PageContext) -> list[tuple[str, str]]:
        def order(thing: str) -> tuple[str, str]:
            return (view.day(thing) if path in ("events", "documents") else "", view.order(thing))

        return [
            (self.index.iri(name), thing)
            for name in GROUPS[path]
            for thing in sorted((t for t in self.index.of(name) if self.addresses.path(t)), key=order)
        ]

    def _matrix(self, view: PageContext) -> dict[str, Any]:
        return {"relations": RELATIONS}

    def _cells(self, view: PageContext) -> list[tuple[str, Demanded]]:
        """Every demand of somebody that concerns somebody, those that share both together; last, those to nobody named."""
        index = self.index
        found = {
            (thing, speaker, relation, demand)
            for demand in index.of("wa:Demand")
            for speaker in index.all(demand, "wa:speaker")
            for relation in RELATIONS
            for thing in index.all(demand, relation) or ([""] if relation == "wa:addressee" else [])
        }
        ranks = {name: (not name, view.order(name)) for row in found for name in row[:2]}
        counts = Counter(row[:3] for row in found)
        ordered = sorted(found, key=lambda row: (ranks[row[0]], ranks[row[1]], row))
        return [(f"{row[0]} {row[1]}", Demanded(*row, counts[row[:3]])) for row in ordered]

    def _timeline(self, view: PageContext) -> dict[str, Any]:
        years: dict[str, int] = {}
        for place, (year, _) in enumerate(self._rows(view, "timeline")):
            years.setdefault(year, place // LINES + 1)
        return {"years": years}

    def _days(self, view: PageContext) -> list[tuple[str, tuple[str, str, str]]]:
        """Day, sort and thing, under the year."""
        dated = []
        for thing in self.index.of(*EVENTS, *DOCUMENTS):
            if day := self.index.first(thing, *DATES):
                dated.append((day, "document" if self.index.is_a(thing, *DOCUMENTS) else "event", thing))
        for thing in self.index.of(*STATEMENTS):
            kind = "follow-up" if self.index.first(thing, "wa:followUpOf") else kind_of(self.index, thing)
            day = self.index.first(thing, "dcterms:valid") or (date_of(self.index, thing) if kind == "demand" else "")
            if day:
                dated.append((day, kind, thing))
        return [(row[0][:4], row) for row in sorted(dated)]

    def _queries(self, view: PageContext) -> dict[str, Any]:
        themes: dict[str, list[Query]] = defaultdict(list)
        for query in self.checked.queries.values():
            themes[query.theme].append(query)
        return {"themes": themes}

    def _console(self, view: PageContext) -> dict[str, Any]:
        themes = self._queries(view)["themes"]
        return {"description": view.word("console-lead"), "themes": themes, "script": {}}

    def _search(self, view: PageContext) -> dict[str, Any]:
        return self.found(view, "", [])

    def found(self, view: PageContext, words: str, hits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The page of a search: what was looked for, what was found."""
        return {"title": view.word("search"), "words": words, "hits": hits, "script": {"q": words}}

    def _shapes(self, view: PageContext) -> dict[str, Any]:
        shapes = [name for name in self.index.of("sh:NodeShape") if self.addresses.path(name)]
        return {"shapes": [(name, self.constraints.constraint(name)) for name in sorted(shapes, key=view.order)]}

    def _data(self, view: PageContext) -> dict[str, Any]:
        return {"triples": self.checked.report.triples}

    def _downloads(self, view: PageContext) -> list[tuple[str, Download]]:
        """The release's files: what holds everything, then source by source."""
        twins = {file.path.removesuffix(".gz"): file for file in self.files if file.path.endswith(".gz")}
        counts = {summary.name: summary.triples for summary in self.checked.summaries}
        counts["dataset"] = self.checked.report.triples
        ontology = self.index.first(f"{self.checked.project.vocabulary}ns", "dcterms:license")
        found = []
        for file in self.files:
            folder, _, name = file.path.rpartition("/")
            if file.path.endswith(".gz"):
                continue
            is_text = name.startswith("text.") and folder.startswith("doc/")
            licence = ontology if folder in ("ontology", "shapes") else "" if is_text else self.checked.project.licence
            of = self.index.all(f"{self.checked.project.base}{folder}", "dcterms:publisher") if is_text else []
            triples = 0 if is_text or folder in ("ontology", "shapes") else counts.get(name.rpartition(".")[0], 0)
            group = "files-parts" if file.path.startswith(("doc/", "graph/")) else "files-whole"
            found.append((group, Download(file, twins.get(file.path), triples, licence, tuple(of))))
        return sorted(found, key=lambda row: row[0] == "files-parts")

    def _method(self, view: PageContext) -> dict[str, Any]:
        return {
            "counts": self.checked.report.counts,
            "corrections": read_corrections(self.checked.project, self.index.prefixes),
        }

    def _coverage(self, view: PageContext) -> list[tuple[str, Any]]:
        """How much of each text is cited, then what the checks found."""
        told: list[tuple[str, Any]] = [
            ("coverage", (name, text))
            for name, inventory in read_inventories(self.checked.cache)
            for text in inventory.coverage
        ]
        return told + [("report", found) for found in self.checked.report.findings]

    def _about(self, view: PageContext) -> dict[str, Any]:
        return {}
