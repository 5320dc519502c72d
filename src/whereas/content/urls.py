"""URLs of the site: the path of the page about each IRI, and the relative URL from one page to another."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property
from urllib.parse import quote, urlsplit

from whereas.compiler.paths import path_of
from whereas.content.index import Index
from whereas.i18n import SOURCE
from whereas.project.project import Project

# Paths with no resource of their own, and the path that describes what they name; `{}` is the group of the pattern.
DESCRIBED_AT = (
    (r"graph/([^/]+)", "doc/{}"),
    (r"ns/([0-9][^/]*)", "ns"),
    (r"(?:ns/)?(prefixes|alignments)", "ontology/{}"),
    (r"software/([^/]+)", "catalogue"),
)
# Data files without a page of their own, and the page that documents them.
DOCUMENTED_BY = ((r"dataset|catalogue|graph/.+", "data"), (r"report", "method"), (r"context|ontology/.+", "ns"))

ANYWHERE = "/"  # the location of a page served at any path, such as 404: its URLs start at the root of the host
_INSIDE = ("oa:SpecificResource", "oa:TextQuoteSelector", "oa:TextPositionSelector", "void:Dataset")


def described_at(path: str) -> str:
    """Return the path that describes what `path` names; empty where that is `path` itself, or none."""
    matches = ((re.fullmatch(pattern, path), target) for pattern, target in DESCRIBED_AT)
    return next((target.format(match[1]) for match, target in matches if match), "")


def documented_by(path: str) -> str:
    """Return the path of the page that documents a data file; empty where there is none."""
    return next((page for pattern, page in DOCUMENTED_BY if re.fullmatch(pattern, path)), "")


class Addresses:
    """Paths of the pages: one for each thing with a page of its own, and the `lists`, which are about no single thing."""

    def __init__(self, index: Index, project: Project, lists: Collection[str] = ()) -> None:
        self.index, self.base, self.vocabulary = index, project.base, project.vocabulary
        self.lists = frozenset(lists)
        self.languages = project.languages or (SOURCE,)

    @cached_property
    def things(self) -> dict[str, str]:
        """IRI by path, of everything with a page of its own."""
        with self.index.unrecorded():  # a path depends on the thing alone, whichever page asks first
            inside = set(self.index.of(*_INSIDE))
        things: dict[str, str] = {}
        for thing in sorted(thing for instances in self.index.types.values() for thing in instances):
            path = self._path(thing)
            if path and thing not in inside:
                things.setdefault(path, thing)
        return things

    def path(self, iri: str) -> str:
        """Return the path of the page about a thing; empty when it has none."""
        path = self._path(iri)
        self.index.record(iri)
        return path if path and self.things.get(path) == iri else ""

    def _path(self, iri: str) -> str:
        return path_of(iri, self.base, self.vocabulary)

    def relative_url(self, page: str, path: str, anchor: str = "") -> str:
        """Return the relative URL that leads from the page at the path `page` to the file `path`."""
        if page == ANYWHERE:
            page, path = "", f"/{path}"
        folders, segments = page.split("/")[:-1], path.split("/")
        shared = 0
        while shared < min(len(folders), len(segments) - 1) and folders[shared] == segments[shared]:
            shared += 1
        url = quote("../" * (len(folders) - shared) + "/".join(segments[shared:]), safe="/")
        return url + (f"#{quote(anchor, safe='')}" if anchor else "")

    def href(self, page: str, iri: str, language: str) -> str:
        """Return the URL that leads from a page to what an IRI names; empty when there is no safe one."""
        if (path := self.path(iri)) or ((path := self._path(iri)) and path in self.lists):
            return self.relative_url(page, f"{path}.{language}.html")
        if self.index.is_a(iri, "oa:SpecificResource"):
            document, _, anchor = iri.partition("#")
            if path := self.path(document):
                return self.relative_url(page, f"{path}.{self._reading_language(iri, document, language)}.html", anchor)
        return iri if is_web(iri) else ""

    def _reading_language(self, passage: str, document: str, language: str) -> str:
        """Return the language of the reading page that shows a passage: `language`, unless that page shows another text."""
        texts = self.index.pointing(document, "dcterms:isFormatOf")
        text_languages = {self.index.first(text, "schema:inLanguage") for text in texts}
        passage_language = self.index.first(self.index.first(passage, "oa:hasSource"), "schema:inLanguage")
        is_other = language in text_languages and passage_language in self.languages
        return passage_language if is_other else language


def is_web(iri: str) -> bool:
    """Whether a browser may be sent there: http and https only."""
    try:
        return urlsplit(iri).scheme in ("http", "https") and bool(urlsplit(iri).netloc)
    except ValueError:
        return False
