"""Where each name leads on the site: the path of its page, and the way there from another page."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property
from urllib.parse import quote, urlsplit

from whereas.content.index import Index
from whereas.project.project import Project

# Names with nothing of their own, and where what is said of them is; `{}` stands for the last part of the name.
ELSEWHERE = (
    (r"graph/([^/]+)", "doc/{}"),
    (r"ns/([0-9][^/]*)", "ns"),
    (r"(?:ns/)?(prefixes|alignments)", "ontology/{}"),
    (r"software/([^/]+)", "catalogue"),
)
# Data without a page of their own, and the page that tells of them.
TOLD_BY = ((r"dataset|catalogue|graph/.+", "data"), (r"report", "method"), (r"context|ontology/.+", "ns"))


def elsewhere(path: str) -> str:
    """The path of what is said of the thing that a path names; empty where it is said at the path, or nowhere."""
    found = ((re.fullmatch(pattern, path), place) for pattern, place in ELSEWHERE)
    return next((place.format(match[1]) for match, place in found if match), "")


def told_by(path: str) -> str:
    """The path of the page that tells of data at a path; empty where there is none."""
    return next((page for pattern, page in TOLD_BY if re.fullmatch(pattern, path)), "")


ANYWHERE = "/"  # where a page is that is given at any address: its ways start at the root of the host
_INSIDE = ("oa:SpecificResource", "oa:TextQuoteSelector", "oa:TextPositionSelector", "void:Dataset")


class Addresses:
    """Paths of the pages: of things by IRI, of lists, and of what else the site is told to have."""

    def __init__(self, index: Index, project: Project) -> None:
        self.index, self.base, self.vocabulary = index, project.base, project.vocabulary
        self.lists: Collection[str] = ()  # paths of pages about no single thing, told by who makes them
        self.languages = project.languages

    @cached_property
    def things(self) -> dict[str, str]:
        """IRI by path, of everything with a page of its own."""
        inside = {thing for name in _INSIDE for thing in self.index.of(name)}
        found: dict[str, str] = {}
        for thing in sorted(thing for things in self.index.types.values() for thing in things):
            path = self._path(thing)
            if path and thing not in inside:
                found.setdefault(path, thing)
        return found

    def path(self, iri: str) -> str:
        """The path of the page about a thing; empty when it has none."""
        path = self._path(iri)
        self.index.reads.add(iri)
        return path if path and self.things.get(path) == iri else ""

    def _path(self, iri: str) -> str:
        for space in (self.base, self.vocabulary):
            if iri.startswith(space):
                path = iri[len(space) :].replace("#", "/")
                return path if is_clean(path) else ""
        return ""

    def way(self, here: str, path: str, anchor: str = "") -> str:
        """The relative address of the file `path` for a page at `here`."""
        if here == ANYWHERE:
            here, path = "", f"/{path}"
        above, steps = here.split("/")[:-1], path.split("/")
        shared = 0
        while shared < min(len(above), len(steps) - 1) and above[shared] == steps[shared]:
            shared += 1
        way = quote("../" * (len(above) - shared) + "/".join(steps[shared:]), safe="/")
        return way + (f"#{quote(anchor, safe='')}" if anchor else "")

    def href(self, here: str, iri: str, language: str) -> str:
        """The address that leads a reader from a page to what the IRI names; empty when nothing safe does."""
        if (path := self.path(iri)) or ((path := self._path(iri)) and path in self.lists):
            return self.way(here, f"{path}.{language}.html")
        if self.index.is_a(iri, "oa:SpecificResource"):
            document, _, anchor = iri.partition("#")
            if path := self.path(document):
                return self.way(here, f"{path}.{self._read_in(iri, document, language)}.html", anchor)
        return iri if is_web(iri) else ""

    def _read_in(self, passage: str, document: str, language: str) -> str:
        """The language of the reading page that shows a passage: the reader's, unless another text stands there."""
        texts = self.index.pointing(document, "dcterms:isFormatOf")
        shown = {self.index.first(text, "schema:inLanguage") for text in texts}
        tongue = self.index.first(self.index.first(passage, "oa:hasSource"), "schema:inLanguage")
        return tongue if language in shown and tongue in self.languages else language


def is_web(iri: str) -> bool:
    """Whether a browser may be sent there: http and https only."""
    try:
        return urlsplit(iri).scheme in ("http", "https") and bool(urlsplit(iri).netloc)
    except ValueError:
        return False


def is_clean(path: str) -> bool:
    """Whether the path stays below the place it is joined to, on any file system."""
    return all(re.fullmatch(r"[^\\\x00-\x1f:*?\"<>|]{1,200}", step) and step.strip(".") for step in path.split("/"))
