"""What machines that follow a site ask for: the map of its pages, its feeds, its links by type."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from whereas.content.index import Index
from whereas.content.statements import ACTORS, DOCUMENTS, EVENTS, STATEMENTS
from whereas.content.urls import Addresses, is_web
from whereas.http.negotiation import PAGE
from whereas.project.project import Project
from whereas.rdf.namespaces import XSD
from whereas.rdf.results import QueryResult
from whereas.site.pages.query_pages import SavedQueries
from whereas.site.pages.view import PageContext

MOST_ENTRIES = 50
MOST_ADDRESSES = 50_000  # of a file of the site's map (https://www.sitemaps.org/protocol.html)
_ABOUT = ("wa:speaker", "wa:addressee", "wa:target", "wa:beneficiary", "schema:about", "wa:identifies")
LINKSET, LINKSET_TYPE = "linkset.json", "application/linkset+json"

Suffixes = Sequence[tuple[str, str]]  # with their media types
Link = tuple[str, str, dict[str, str]]  # relation, target, attributes
_DATED = (STATEMENTS, EVENTS, DOCUMENTS)  # what a row of an answer is about, first of all
_TEXT = re.compile(r"/text\.[^/#]+$")
_SAFE = ":/?#[]@!$&'()*+,;=%~"


def sitemaps(paths: Sequence[str], languages: int) -> dict[str, Sequence[str]]:
    """The files of a site's map, and the pages each names in so many languages.

    Where one would name too many, `sitemap.xml` names none: it lists the others.
    """
    most = max(1, MOST_ADDRESSES // languages)
    if len(paths) <= most:
        return {"sitemap.xml": paths}
    parts = {f"sitemap-{start // most + 1}.xml": paths[start : start + most] for start in range(0, len(paths), most)}
    return {"sitemap.xml": (), **parts}


class Feeds:
    """Feeds by path: `feed` is the site's, an actor's has the actor's path, a saved query's that of its page."""

    def __init__(self, index: Index, addresses: Addresses, project: Project, saved: SavedQueries) -> None:
        self.index, self.addresses, self.project, self.saved = index, addresses, project, saved

    def paths(self) -> list[str]:
        """Paths of the feeds, without language and suffix."""
        actors = (path for actor in self.index.of(*ACTORS) if (path := self.addresses.path(actor)))
        return ["feed", *actors, *(path for path, query in self.saved.queries.items() if not query.federated)]

    def title(self, path: str, language: str) -> str:
        """What a feed is about; empty for the site's."""
        if query := self.saved.queries.get(path):
            return query.summary.in_language(language)
        thing = self.addresses.things.get(path)
        return str(self.index.label(thing, language)) if thing else ""

    def entries(self, path: str, language: str, answer: QueryResult | None = None) -> list[dict[str, Any]] | None:
        """The latest entries of a feed, or None when there is no such feed; of a saved query, those of an answer to it."""
        if query := self.saved.queries.get(path):
            answer = answer or self.saved.answer(query, language)
            return self._answered(path, language, answer) if answer else None
        thing = self.addresses.things.get(path, "")
        if path == "feed":
            things = self.index.of(*DOCUMENTS, *EVENTS)
            things += [name for name in self.index.of(*STATEMENTS) if self.index.first(name, "wa:followUpOf")]
        elif thing and self.index.is_a(thing, *ACTORS):
            named = sorted(set(self.index.pointing(thing, *_ABOUT)))
            things = [name for name in named if self.index.is_a(name, *STATEMENTS)]
        else:
            return None
        return self._latest(things, PageContext(self.index, self.addresses, f"{path}.{language}.atom", language))

    def _answered(self, path: str, language: str, answer: QueryResult) -> list[dict[str, Any]]:
        """The statements, events and documents in an answer, one a row; without any, that there is such an answer."""
        view = PageContext(self.index, self.addresses, f"{path}.{language}.atom", language)
        rows = ([cell.value for cell in row if cell and cell.kind == "uri"] for row in answer.rows)
        found = ((name for kind in _DATED for name in row if self.index.is_a(name, *kind)) for row in rows)
        things = dict.fromkeys(name for names in found if (name := next(names, "")))
        if entries := self._latest(list(things), view):
            return entries
        cells = (cell.value for row in answer.rows for cell in row if cell and cell.datatype == f"{XSD}date")
        digest = hashlib.sha256(answer.json or answer.ntriples).hexdigest()[:16]
        return [
            {
                "id": f"{self.project.base}{path}#{digest}",
                "title": self.title(path, language),
                "updated": _instant(max(cells, default="1970")),
                "link": self.page(path, language),
                "summary": f"{view.number(answer.count)} {view.word('row', answer.count) if answer.json else view.word('triples')}",
            }
        ]

    def _latest(self, things: Sequence[str], view: PageContext) -> list[dict[str, Any]]:
        """Entries about the things that have a day, the latest first."""
        language = view.language
        days = {name: self.index.first(name, "dcterms:valid") or view.day(name) for name in things}
        latest = sorted((name for name in things if days[name]), key=lambda name: (days[name], name), reverse=True)
        return [
            {
                "id": name,
                "title": view.label(name).text,
                "updated": _instant(days[name]),
                "link": self.page(self.addresses.path(name), language),
                "summary": passage.exact if (passage := view.passage(view.statement(name))) else "",
            }
            for name in latest[:MOST_ENTRIES]
        ]

    def page(self, path: str, language: str) -> str:
        """The full address of a page."""
        return f"{self.project.base}{quote(path or 'index', safe='/')}.{language}.html"

    def links(self, path: str, iri: str, suffixes: Suffixes, languages: Sequence[str]) -> list[str]:
        """Values of the header `Link` for the page about a thing (https://signposting.org/FAIR/, level 1)."""
        told = self._links(path, iri, suffixes, languages)
        return list(map(_header, [*told, self._set(path)] if iri else told))

    def links_of_data(self, path: str, languages: Sequence[str]) -> list[str]:
        """Values of the header `Link` for data about a thing: its pages, and where all its links are."""
        pages: list[Link] = [
            ("describes", self.page(path, name), {"type": PAGE, "hreflang": name}) for name in languages
        ]
        return list(map(_header, [*pages, self._set(path)]))

    def _set(self, path: str) -> Link:
        return "linkset", f"{self.project.base}{quote(path, safe='/')}.{LINKSET}", {"type": LINKSET_TYPE}

    def texts(self, iri: str) -> list[str]:
        """Addresses of the files that hold the words of a document, or of one of its texts."""
        texts = [iri, *self.index.pointing(iri, "dcterms:isFormatOf")]
        return [f"{_ascii(text)}.txt" for text in texts if _TEXT.search(text)]

    def linkset(self, path: str, iri: str, kind: str, suffixes: Suffixes, languages: Sequence[str]) -> bytes:
        """The links of the pages about a thing of a `kind` and of its data, as one JSON document (level 2; RFC 9264)."""
        pages = [self.page(path, language) for language in languages]
        links: dict[str, list[dict[str, Any]]] = {}
        told = [*self._links(path, iri, suffixes, languages), ("type", f"https://schema.org/{kind}", {})]
        for relation, target, more in told:
            language = {"hreflang": [more["hreflang"]]} if "hreflang" in more else {}
            links.setdefault(relation, []).append({"href": target, **more, **language})
        contexts: list[dict[str, Any]] = [{"anchor": page, **links} for page in pages]
        for data in links.get("describedby", ()):
            contexts.append({"anchor": data["href"], "describes": [{"href": page, "type": PAGE} for page in pages]})
        return json.dumps({"linkset": contexts}, ensure_ascii=False, separators=(",", ":")).encode()

    def _links(self, path: str, iri: str, suffixes: Suffixes, languages: Sequence[str]) -> list[Link]:
        told: list[Link] = []
        if iri:
            told += [("cite-as", _ascii(iri), {}), ("type", "https://schema.org/AboutPage", {})]
            told += [("item", text, {"type": "text/plain"}) for text in self.texts(iri)]
        for suffix, media_type in suffixes:
            target = f"{self.project.base}{quote(path, safe='/')}.{suffix}"
            told.append(("describedby", target, {"type": media_type}))
        told += [("alternate", self.page(path, name), {"hreflang": name}) for name in languages]
        return told + self.always

    @property
    def always(self) -> list[Link]:
        """The links that every page has."""
        told: list[Link] = []
        if is_web(self.project.licence):
            told.append(("license", _ascii(self.project.licence), {}))
        if self.project.publisher:
            told.append(("author", _ascii(self.index.iri(self.project.publisher)), {}))
        return told


def _header(link: Link) -> str:
    """A link as a value of the header `Link` (RFC 8288)."""
    relation, target, more = link
    return "; ".join([f"<{target}>", f'rel="{relation}"', *(f'{name}="{value}"' for name, value in more.items())])


def _ascii(iri: str) -> str:
    return quote(iri, safe=_SAFE)


def _instant(day: str) -> str:
    """A day as RFC 3339 writes an instant; the first of the month or year where no more is known."""
    return f"{day}-01-01"[:10] + "T00:00:00Z"
