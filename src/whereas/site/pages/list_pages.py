"""Pages about no single thing: home, lists, matrix, timeline, data, method.

Long lists are cut into pages; their rows are sorted once per language.
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
from whereas.i18n import year_of
from whereas.project.corrections import read_corrections
from whereas.project.queries import Query
from whereas.site.pages.labels import LEADS
from whereas.site.pages.pagination import LINES, page_count, paginate
from whereas.site.pages.pagination import STATEMENTS as SIZE
from whereas.site.pages.query_pages import SavedQueries
from whereas.site.pages.view import PageContext
from whereas.validation.checked_project import CheckedProject

MOST_ON_HOME = 12  # of each kind
GROUPS = {
    "documents": DOCUMENTS,
    "actors": ("foaf:Person", "org:Organization", "foaf:Group", "org:Role"),
    "places": ("schema:Place",),
    "works": ("wa:Resolution", "eli:Work", "schema:Collection", "schema:Thing", "schema:WebPage"),
    "events": EVENTS,
}
_SIZES = {"matrix": SIZE}  # rows of a page
RELATIONS = {
    "addressee": "wa:addressee",
    "target": "wa:target",
    "beneficiary": "wa:beneficiary",
    "about": "schema:about",
}
_RELEASE = re.compile(
    r"(?:dataset|catalogue|report|graph/.+|ontology/.+|shapes/shapes|doc/[^/]+(?:/text\.\w+)?)\.\w+(?:\.gz)?"
)


@dataclass(frozen=True)
class MatrixEntry:
    """A demand in the matrix; `count` is that of the entries with the same thing, speaker and relation."""

    thing: str  # empty where the demand names no addressee
    speaker: str
    relation: str
    demand: str
    count: int


def list_paths(checked: CheckedProject) -> tuple[str, ...]:
    """Return the paths of all pages about no single thing; that of the home page is empty."""
    others = ("timeline", "matrix", "queries", "console", "search", "shapes", "data", "method", "about")
    return ("", *GROUPS, *others, *(f"queries/{name}" for name in checked.queries))


class ListPages:
    """Templates and variables of these pages, and of saved queries, by path."""

    def __init__(self, checked: CheckedProject, index: Index, addresses: Addresses, files: tuple[File, ...]) -> None:
        self.checked, self.index, self.addresses = checked, index, addresses
        self.files = tuple(file for file in files if _RELEASE.fullmatch(file.path))
        self.constraints = Constraints(checked, index)
        self._sorted: dict[tuple[str, str], list[tuple[str, Any]]] = {}
        self.saved = SavedQueries(checked, index, addresses)
        index.register("list", self._page)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """All paths; that of the home page is empty."""
        return list_paths(self.checked)

    def show(self, view: PageContext, path: str, number: int) -> tuple[str, dict[str, Any]]:
        """Return the template of a page, and its variables."""
        if query := self.saved.queries.get(path):
            return "query.html", self.saved.page(view, query, {}, self.saved.answer(query, view.language))
        template = f"{'list' if path in GROUPS else path or 'home'}.html"
        if path in self.paginated:
            variables: dict[str, Any] = self.index.derive("list", path, str(number), view.language)
            return template, dict(variables)
        return template, getattr(self, f"_{path or 'home'}")(view)

    def _page(self, path: str, number: str, language: str) -> dict[str, Any]:
        """Return the variables of one page of a list."""
        view = self._view(language)
        rows = paginate(self._rows(view, path), int(number), _SIZES.get(path, LINES))
        if path in GROUPS:
            counts = {self.index.iri(name): len(self.index.types[self.index.iri(name)]) for name in GROUPS[path]}
            return {"page": rows, "counts": counts}
        return {"page": rows, **getattr(self, f"_{path}")(view)}

    def _view(self, language: str) -> PageContext:
        """Return a view for labels, not for links."""
        return PageContext(self.index, self.addresses, "", language)

    def last(self, path: str) -> int:
        """Return how many pages there are at a path."""
        return page_count(self._count(path), _SIZES.get(path, LINES)) if path in self.paginated else 1

    @cached_property
    def paginated(self) -> dict[str, Callable[[PageContext], list[tuple[str, Any]]]]:
        """What makes the rows of each list that is cut into pages, each row with its heading."""
        groups = {path: partial(self._group, path) for path in GROUPS}
        return {
            **groups,
            "timeline": self._days,
            "matrix": self._cells,
            "method": self._coverage,
            "data": self._downloads,
        }

    def _rows(self, view: PageContext, path: str) -> list[tuple[str, Any]]:
        """Return the rows of a list, sorted as in a language."""
        if (path, view.language) not in self._sorted:
            self._sorted[path, view.language] = self.paginated[path](view)
        return self._sorted[path, view.language]

    def _count(self, path: str) -> int:
        with self.index.unrecorded():
            return len(self._rows(self._view(self.addresses.languages[0]), path))

    @cached_property
    def _demands(self) -> list[str]:
        """Demands for the home page, those with a known outcome first."""
        index = self.index

        def order(demand: str) -> tuple[bool, str, str]:
            return (not index.pointing(demand, "wa:followUpOf"), date_of(index, demand), demand)

        return nsmallest(MOST_ON_HOME, index.of("wa:Demand"), key=order)

    def _home(self, view: PageContext) -> dict[str, Any]:
        documents = self.index.of(*DOCUMENTS)
        counts = {
            "documents": len(documents),
            "statements": len(self.index.of(*STATEMENTS)),
            "demands": len(self.index.of("wa:Demand")),
            "passages": len(self.index.of("oa:SpecificResource")),
        }
        return {
            "description": self.checked.project.description.get(view.language, ""),
            "demands": [view.statement(name) for name in self._demands],
            "documents": nlargest(MOST_ON_HOME, documents, key=lambda name: (view.day(name), name)),
            "counts": counts,
            "featured": self.saved.featured,
        }

    def _group(self, path: str, view: PageContext) -> list[tuple[str, str]]:
        def order(thing: str) -> tuple[str, str]:
            return (view.day(thing) if path in ("events", "documents") else "", view.sort_key(thing))

        return [
            (self.index.iri(name), thing)
            for name in GROUPS[path]
            for thing in sorted((t for t in self.index.of(name) if self.addresses.path(t)), key=order)
        ]

    def _matrix(self, view: PageContext) -> dict[str, Any]:
        return {"relations": RELATIONS}

    def _cells(self, view: PageContext) -> list[tuple[str, MatrixEntry]]:
        """Demands by whom they concern and who makes them; last, those that name no addressee."""
        index = self.index
        entries = {
            (thing, speaker, relation, demand)
            for demand in index.of("wa:Demand")
            for speaker in index.all(demand, "wa:speaker")
            for relation in RELATIONS.values()
            for thing in index.all(demand, relation) or ([""] if relation == "wa:addressee" else [])
        }
        ranks = {name: (not name, view.sort_key(name)) for row in entries for name in row[:2]}
        counts = Counter(row[:3] for row in entries)
        ordered = sorted(entries, key=lambda row: (ranks[row[0]], ranks[row[1]], row))
        return [(f"{row[0]} {row[1]}", MatrixEntry(*row, counts[row[:3]])) for row in ordered]

    def _timeline(self, view: PageContext) -> dict[str, Any]:
        years: dict[str, int] = {}
        for position, (year, _) in enumerate(self._rows(view, "timeline")):
            years.setdefault(year, position // LINES + 1)
        return {"years": years}

    def _days(self, view: PageContext) -> list[tuple[str, tuple[str, str, str]]]:
        """Day, kind and thing, under the year."""
        dated = []
        for thing in self.index.of(*EVENTS, *DOCUMENTS):
            if day := self.index.first(thing, *DATES):
                dated.append((day, "document" if self.index.is_a(thing, *DOCUMENTS) else "event", thing))
        for thing in self.index.of(*STATEMENTS):
            kind = "follow-up" if self.index.first(thing, "wa:followUpOf") else kind_of(self.index, thing)
            day = self.index.first(thing, "dcterms:valid") or (date_of(self.index, thing) if kind == "demand" else "")
            if day:
                dated.append((day, kind, thing))
        by_year = ((int(year) if (year := year_of(row[0])).lstrip("-").isdecimal() else 0, row) for row in dated)
        return [(year_of(row[0]), row) for _, row in sorted(by_year)]

    def _queries(self, view: PageContext) -> dict[str, Any]:
        themes: dict[str, list[Query]] = defaultdict(list)
        for query in self.checked.queries.values():
            themes[query.theme].append(query)
        return {"themes": themes}

    def _console(self, view: PageContext) -> dict[str, Any]:
        themes = self._queries(view)["themes"]
        return {"description": view.gettext(LEADS["console"]), "themes": themes, "script": {}}

    def _search(self, view: PageContext) -> dict[str, Any]:
        return self.search(view, "", [])

    def search(self, view: PageContext, words: str, hits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the variables of the page of a search."""
        return {"words": words, "hits": hits, "script": {"q": words}}

    def _shapes(self, view: PageContext) -> dict[str, Any]:
        shapes = [name for name in self.index.of("sh:NodeShape") if self.addresses.path(name)]
        return {"shapes": [(name, self.constraints.constraint(name)) for name in sorted(shapes, key=view.sort_key)]}

    def _data(self, view: PageContext) -> dict[str, Any]:
        return {"triples": self.checked.report.triples}

    def _downloads(self, view: PageContext) -> list[tuple[str, Download]]:
        """Return the files of the release: the whole dataset, then by source."""
        packed = {file.path.removesuffix(".gz"): file for file in self.files if file.path.endswith(".gz")}
        counts = {summary.name: summary.triples for summary in self.checked.summaries}
        counts["dataset"] = self.checked.report.triples
        ontology = self.index.first(f"{self.checked.project.vocabulary}ns", "dcterms:license")
        rows = []
        for file in self.files:
            folder, _, name = file.path.rpartition("/")
            if file.path.endswith(".gz"):
                continue
            is_text = name.startswith("text.") and folder.startswith("doc/")
            licence = ontology if folder in ("ontology", "shapes") else "" if is_text else self.checked.project.licence
            owners = self.index.all(f"{self.checked.project.base}{folder}", "dcterms:publisher") if is_text else []
            triples = 0 if is_text or folder in ("ontology", "shapes") else counts.get(name.rpartition(".")[0], 0)
            part = "sources" if file.path.startswith(("doc/", "graph/")) else "whole"
            rows.append((part, Download(file, packed.get(file.path), triples, licence, tuple(owners))))
        return sorted(rows, key=lambda row: row[0] == "sources")

    def _method(self, view: PageContext) -> dict[str, Any]:
        return {
            "counts": self.checked.report.counts,
            "corrections": read_corrections(self.checked.project, self.index.prefixes),
        }

    def _coverage(self, view: PageContext) -> list[tuple[str, Any]]:
        """Return the coverage of each text, then the findings of the checks."""
        rows: list[tuple[str, Any]] = [
            ("coverage", (name, text))
            for name, inventory in read_inventories(self.checked.cache)
            for text in inventory.coverage
        ]
        return rows + [("report", finding) for finding in self.checked.report.findings]

    def _about(self, view: PageContext) -> dict[str, Any]:
        return {}
