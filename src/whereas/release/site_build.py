"""The website's files, rendered on the cores there are, and only where what a page rests on changed.

A unit is a document with its statements; a thing, a term, a rule, with all their pages and data; a
saved query with its answers; a list. A sheet after the first is a unit by itself. While a unit is
rendered the index notes what was looked up; the next time, where all of that is found the same, its
files are kept. A saved query is asked each time, and rendered where the answer is another. The home
page, feeds and the like are rendered every time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from whereas.cache import engine_digest
from whereas.content.downloads import File
from whereas.findings import Finding
from whereas.parallel import Progress, parallel_map
from whereas.project.sources import digest_of
from whereas.release.staging import Staging, Writer
from whereas.site.pages.templates import material_digest
from whereas.site.site import Site
from whereas.validation.checked_project import CheckedProject

_UNIT = re.compile(r"(doc/[^/.]+|(?:ent|ns|vocab|shapes|queries)/[^.]+)(?=[/.]|$)")
_SHEET = re.compile(r"(?P<path>[^.]+)(?P<number>\.[0-9]+)?\.[a-z]{2}\.html")
_SUFFIXES = re.compile(r"(\.[0-9]+)?(\.[a-z]{2}|\.linkset)?\.[a-z]+$")


class _WorkerContext(NamedTuple):
    """What a process renders with."""

    site: Site
    writer: Writer


class _Rendered(NamedTuple):
    """Files that were written, and what was looked up for them; of a saved query also what it was answered."""

    files: list[File]
    reads: list[str]
    answer: str = ""


def write_website(checked: CheckedProject, staging: Staging, progress: Progress) -> Site:
    """Every page, and each thing in every format, into the next release; the site they are of."""
    site = Site(checked, staging.files)
    units: dict[str, list[str]] = defaultdict(list)
    for path in site.paths():
        units[_unit_of(path, site)].append(path)
    book = _PageManifest(checked, site, staging)
    tasks = [
        task
        for unit, paths in units.items()
        if unit in site.saved.queries or not book.has(unit, paths)
        for task in _tasks(unit, book.answer(unit, paths), paths)
    ]
    if any(task.startswith("queries/") for task in tasks):
        site.saved.hold()
    bench = _WorkerContext(site, staging.writer)
    rendered = parallel_map(_render, tasks, _WorkerContext, tuple(bench), progress, "rendering", bench)
    for unit, group in groupby(rendered, lambda pair: pair[0].partition("\n")[0]):
        made = [parts for _, parts in group]
        if not any(parts.files for parts in made):
            if book.has(unit, units[unit]):
                continue
            made = [_render(bench, "\n".join((unit, "", *units[unit])))]  # its files are not as they were left
        files = [file for parts in made for file in parts.files]
        staging.add(files)
        if unit:
            book.note(unit, units[unit], files, {read for parts in made for read in parts.reads}, made[0].answer)
    checked.cache.forget_all_but(units, ("page", "reads"))
    return site


def _unit_of(path: str, site: Site) -> str:
    """The unit that a path is of; empty for what is rendered every time."""
    found, page = _UNIT.match(path), _SHEET.fullmatch(path)
    unit = found[1] if found else page["path"] if page and page["path"] in site.pages.overviews.listed else ""
    return f"{unit}{page['number'] or ''}" if unit and page else unit


def _tasks(unit: str, answer: str, paths: Sequence[str]) -> list[str]:
    """The unit, the answer it was rendered with, its paths; cut where another thing begins, for what is told of one
    thing is looked up once."""
    stems: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        stems[_SUFFIXES.sub("", path)].append(path)
    return ["\n".join((unit, answer, *told)) for told in stems.values()]


def _render(bench: _WorkerContext, task: str) -> _Rendered:
    site, (unit, known, *paths) = bench.site, task.split("\n")
    site.begin()
    query = site.saved.queries.get(unit)
    answer = site.saved.digest(query) if query else ""
    if known and known == answer:
        return _Rendered([], [])
    files = []
    with site.index.recording() as lookups:  # not before: the answer is compared by itself
        for path in paths:
            page = site.render(path)
            assert page is not None, path  # a site has what it lists
            files.append(bench.writer.write(path, page.content))
    return _Rendered(files, sorted(lookups), answer)


class _PageManifest:
    """Which units are as they were: what they rest on has the digest that it had when they were rendered."""

    def __init__(self, checked: CheckedProject, site: Site, staging: Staging) -> None:
        self.site, self.staging, self.cache = site, staging, checked.cache
        self.base = checked.project.base
        self.sources = {f"doc/{summary.name}": summary.digest for summary in checked.documents}
        self.findings: dict[str, list[Finding]] = defaultdict(list)
        for found in checked.report.findings:
            unit = _UNIT.match(found.focus.removeprefix(self.base).replace("#", "/"))
            self.findings[unit[1] if unit else ""].append(found)
        told = {name: path.read_bytes() for name, path in checked.project.material("shapes", ".ttl").items()}
        told["decisions"] = repr(sorted(site.pages.decisions.items())).encode()
        made_of = (engine_digest(), checked.rules.digest, checked.project.digest, material_digest(checked.project))
        self.salt = digest_of(told, *made_of)
        self.reads = checked.cache.all("reads")  # with the answer of a saved query
        self.keys = checked.cache.keys("page")

    def has(self, unit: str, paths: Sequence[str]) -> bool:
        """Whether the unit's files are here, and need not be rendered."""
        return unit in self.reads and self.staging.kept("page", unit, self._last(unit, paths))

    def answer(self, unit: str, paths: Sequence[str]) -> str:
        """What a saved query was answered; empty where that does not matter, for it is rendered whatever it is answered."""
        return self.reads[unit][0] if unit in self.reads and self.keys.get(unit) == self._last(unit, paths) else ""

    def _last(self, unit: str, paths: Sequence[str]) -> str:
        return self._key(unit, paths, self.reads[unit][1].decode().split("\n"))

    def note(self, unit: str, paths: Sequence[str], files: Sequence[File], reads: set[str], answer: str) -> None:
        """Remember what the unit's files rest on; its own source is one thing to rest on."""
        own = f"{self.base}{unit}" if unit in self.sources else "\n"
        rest = sorted(read for read in reads if not read.startswith(own))
        self.staging.keep("page", unit, self._key(unit, paths, rest), files)
        self.cache.put("reads", unit, answer, "\n".join(rest).encode())

    def _key(self, unit: str, paths: Sequence[str], reads: Sequence[str]) -> str:
        # The page of a rule tells what was found by it, wherever.
        thing = unit.partition(".")[0]
        findings = self.site.checked.report.findings if unit.startswith("shapes/") else self.findings.get(thing)
        told = [self.salt, self.sources.get(unit, ""), repr(findings), *paths]
        found = [self.site.index.digest_of(read) for read in reads]
        return digest_of({"": "\n".join((*told, *found)).encode()})
