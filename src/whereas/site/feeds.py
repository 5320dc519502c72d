"""Sitemaps, Atom feeds, and typed links (Signposting) of the site."""

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
from whereas.i18n import year_of
from whereas.project.project import Project
from whereas.rdf.namespaces import XSD
from whereas.rdf.results import QueryResult
from whereas.site.pages.query_pages import SavedQueries
from whereas.site.pages.view import PageContext

MOST_ENTRIES = 50
MOST_URLS = 50_000  # of a sitemap file (https://www.sitemaps.org/protocol.html)
_ABOUT = ("wa:speaker", "wa:addressee", "wa:target", "wa:beneficiary", "schema:about", "wa:identifies")
LINKSET, LINKSET_TYPE = "linkset.json", "application/linkset+json"

Formats = Sequence[tuple[str, str]]  # suffix and media type
Link = tuple[str, str, dict[str, str]]  # relation, target, attributes
_DATED = (STATEMENTS, EVENTS, DOCUMENTS)  # of a row of an answer, the first of these is its entry
_TEXT = re.compile(r"/text\.[^/#]+$")
_SAFE = ":/?#[]@!$&'()*+,;=%~"


def sitemaps(paths: Sequence[str], languages: int) -> dict[str, Sequence[str]]:
    """Return the sitemap files, and the pages each lists in a number of languages.

    Where there are too many for one file, `sitemap.xml` has none: it is an index of the other files.
    """
    most = max(1, MOST_URLS // languages)
    if len(paths) <= most:
        return {"sitemap.xml": paths}
    parts = {f"sitemap-{start // most + 1}.xml": paths[start : start + most] for start in range(0, len(paths), most)}
    return {"sitemap.xml": (), **parts}


class Feeds:
    """Feeds by path: `feed` of the site, the paths of actors, the paths of saved queries."""

    def __init__(self, index: Index, addresses: Addresses, project: Project, saved: SavedQueries) -> None:
        self.index, self.addresses, self.project, self.saved = index, addresses, project, saved

    def paths(self) -> list[str]:
        """Return the paths of the feeds, without language and suffix."""
        actors = (path for actor in self.index.of(*ACTORS) if (path := self.addresses.path(actor)))
        return ["feed", *actors, *(path for path, query in self.saved.queries.items() if not query.federated)]

    def title(self, path: str, language: str) -> str:
        """Return the title of a feed; empty for that of the site."""
        if query := self.saved.queries.get(path):
            return query.summary.in_language(language)
        thing = self.addresses.things.get(path)
        return str(self.index.label(thing, language)) if thing else ""

    def entries(self, path: str, language: str, answer: QueryResult | None = None) -> list[dict[str, Any]] | None:
        """Return the latest entries of a feed, or None when there is none; of a saved query, those of an answer to it."""
        if query := self.saved.queries.get(path):
            answer = answer or self.saved.answer(query, language)
            return self._of_answer(path, language, answer) if answer else None
        thing = self.addresses.things.get(path, "")
        if path == "feed":
            things = self.index.of(*DOCUMENTS, *EVENTS)
            things += [name for name in self.index.of(*STATEMENTS) if self.index.first(name, "wa:followUpOf")]
        elif thing and self.index.is_a(thing, *ACTORS):
            things = sorted(set(self.index.pointing(thing, *_ABOUT)))
            things = [name for name in things if self.index.is_a(name, *STATEMENTS)]
        else:
            return None
        return self._latest(things, PageContext(self.index, self.addresses, f"{path}.{language}.atom", language))

    def _of_answer(self, path: str, language: str, answer: QueryResult) -> list[dict[str, Any]]:
        """Return the statement, event or document of each row; where there are none, one entry for the answer as a whole."""
        view = PageContext(self.index, self.addresses, f"{path}.{language}.atom", language)
        rows = ([cell.value for cell in row if cell and cell.kind == "uri"] for row in answer.rows)
        dated = ((name for kind in _DATED for name in row if self.index.is_a(name, *kind)) for row in rows)
        things = dict.fromkeys(name for names in dated if (name := next(names, "")))
        if entries := self._latest(list(things), view):
            return entries
        cells = (cell.value for row in answer.rows for cell in row if cell and cell.datatype == f"{XSD}date")
        summary = (
            view.ngettext("{count} row", "{count} rows", answer.count)
            if answer.json
            else view.ngettext("{count} triple", "{count} triples", answer.count)
        )
        digest = hashlib.sha256(answer.json or answer.ntriples).hexdigest()[:16]
        return [
            {
                "id": f"{self.project.base}{path}#{digest}",
                "title": self.title(path, language),
                "updated": _instant(max(cells, default="1970")),
                "link": self.page_url(path, language),
                "summary": summary,
            }
        ]

    def _latest(self, things: Sequence[str], view: PageContext) -> list[dict[str, Any]]:
        """Entries of the things that have a date, the latest first."""
        language = view.language
        days = {name: self.index.first(name, "dcterms:valid") or view.day(name) for name in things}
        latest = sorted((name for name in things if days[name]), key=lambda name: (days[name], name), reverse=True)
        return [
            {
                "id": name,
                "title": view.label(name).text,
                "updated": _instant(days[name]),
                "link": self.page_url(self.addresses.path(name), language),
                "summary": passage.exact if (passage := view.passage(view.statement(name))) else "",
            }
            for name in latest[:MOST_ENTRIES]
        ]

    def page_url(self, path: str, language: str) -> str:
        """Return the absolute URL of a page."""
        return f"{self.project.base}{quote(path or 'index', safe='/')}.{language}.html"

    def links(self, path: str, iri: str, formats: Formats, languages: Sequence[str]) -> list[str]:
        """Return values of the header `Link` for the page about a thing (https://signposting.org/FAIR/, level 1)."""
        links = self._links(path, iri, formats, languages)
        return list(map(_header, [*links, self._linkset_link(path)] if iri else links))

    def links_of_data(self, path: str, languages: Sequence[str]) -> list[str]:
        """Return values of the header `Link` for data about a thing: its pages and its link set."""
        pages: list[Link] = [
            ("describes", self.page_url(path, name), {"type": PAGE, "hreflang": name}) for name in languages
        ]
        return list(map(_header, [*pages, self._linkset_link(path)]))

    def _linkset_link(self, path: str) -> Link:
        return "linkset", f"{self.project.base}{quote(path, safe='/')}.{LINKSET}", {"type": LINKSET_TYPE}

    def texts(self, iri: str) -> list[str]:
        """Return the URLs of the text files of a document, or of one of its texts."""
        texts = [iri, *self.index.pointing(iri, "dcterms:isFormatOf")]
        return [f"{_ascii(text)}.txt" for text in texts if _TEXT.search(text)]

    def linkset(self, path: str, iri: str, kind: str, formats: Formats, languages: Sequence[str]) -> bytes:
        """Return the links of the pages about a thing, whose schema.org type is `kind`, as JSON (level 2; RFC 9264)."""
        pages = [self.page_url(path, language) for language in languages]
        links: dict[str, list[dict[str, Any]]] = {}
        typed = [*self._links(path, iri, formats, languages), ("type", f"https://schema.org/{kind}", {})]
        for relation, target, attributes in typed:
            language = {"hreflang": [attributes["hreflang"]]} if "hreflang" in attributes else {}
            links.setdefault(relation, []).append({"href": target, **attributes, **language})
        contexts: list[dict[str, Any]] = [{"anchor": page, **links} for page in pages]
        for data in links.get("describedby", ()):
            contexts.append({"anchor": data["href"], "describes": [{"href": page, "type": PAGE} for page in pages]})
        return json.dumps({"linkset": contexts}, ensure_ascii=False, separators=(",", ":")).encode()

    def _links(self, path: str, iri: str, formats: Formats, languages: Sequence[str]) -> list[Link]:
        links: list[Link] = []
        if iri:
            links += [("cite-as", _ascii(iri), {}), ("type", "https://schema.org/AboutPage", {})]
            links += [("item", text, {"type": "text/plain"}) for text in self.texts(iri)]
        for suffix, media_type in formats:
            target = f"{self.project.base}{quote(path, safe='/')}.{suffix}"
            links.append(("describedby", target, {"type": media_type}))
        links += [("alternate", self.page_url(path, name), {"hreflang": name}) for name in languages]
        return links + self._common_links

    @property
    def _common_links(self) -> list[Link]:
        """The links of every page."""
        links: list[Link] = []
        if is_web(self.project.licence):
            links.append(("license", _ascii(self.project.licence), {}))
        if self.project.publisher:
            links.append(("author", _ascii(self.index.iri(self.project.publisher)), {}))
        return links


def _header(link: Link) -> str:
    """Return the link as a value of the header `Link` (RFC 8288)."""
    relation, target, attributes = link
    return "; ".join([f"<{target}>", f'rel="{relation}"', *(f'{name}="{value}"' for name, value in attributes.items())])


def _ascii(iri: str) -> str:
    return quote(iri, safe=_SAFE)


def _instant(day: str) -> str:
    """Return the start of a day in RFC 3339; that of the first day of a month or year.

    RFC 3339 writes the years 0 to 9999; a day of another year becomes the first day of the nearest.
    """
    year = year_of(day)
    if len(year) != 4 and year.lstrip("-").isdecimal():
        return f"{'0000' if year.startswith('-') else '9999'}-01-01T00:00:00Z"
    return f"{day}-01-01"[:10] + "T00:00:00Z"
