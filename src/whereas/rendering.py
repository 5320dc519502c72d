"""The website's files, rendered on the cores there are, and only where what a page rests on changed.

A unit is a document with its statements, or a thing, a term, a rule, with all their pages and data.
While it is rendered the index notes what was looked up; the next time, where all of that is found the
same, its files are kept. Overviews, answers, feeds and the like are rendered every time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from whereas.cache import Cache, engine_digest
from whereas.catalogue import File
from whereas.checking import Checked, Report
from whereas.compilation import Summary, read_rules
from whereas.crew import Progress, work
from whereas.errors import Finding
from whereas.project import Project
from whereas.site import Site
from whereas.sources import digest_of, material_digest
from whereas.staging import Staging

_UNIT = re.compile(r"(doc/[^/.]+|(?:ent|ns|vocab|shapes)/[^.]+)(?=[/.]|$)")
_SUFFIXES = re.compile(r"(\.[0-9]+)?(\.[a-z]{2}|\.linkset)?\.[a-z]+$")
Rendered = tuple[list[tuple[str, bytes]], list[str]]  # files with their contents, and what was looked up


def write_website(checked: Checked, staging: Staging, progress: Progress) -> Site:
    """Every page, and each thing in every format, into the next release; the site they are of."""
    site = Site(checked, staging.files)
    units: dict[str, list[str]] = defaultdict(list)
    for path in site.paths():
        found = _UNIT.match(path)
        units[found[1] if found else ""].append(path)
    book = _Book(checked, site, staging)
    changed = {unit: paths for unit, paths in units.items() if not book.has(unit, paths)}
    tasks = [task for unit, paths in changed.items() for task in _tasks(unit, paths)]
    told = (checked.project, checked.cache.folder, checked.summaries, checked.report, site.files)
    made: dict[str, list[File]] = defaultdict(list)
    reads: dict[str, set[str]] = defaultdict(set)
    for task, (contents, read) in work(_render, tasks, _open, told, progress, "pages", site):
        unit = task.partition("\n")[0]
        made[unit] += [staging.write(path, content) for path, content in contents]
        reads[unit].update(read)
    for unit, files in made.items():
        if unit:
            book.note(unit, units[unit], files, reads[unit])
    checked.cache.forget_all_but(units, ("page", "reads"))
    return site


def _tasks(unit: str, paths: Sequence[str]) -> list[str]:
    """The unit's paths, cut where another thing begins: what is told of one thing is looked up once."""
    stems: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        stems[_SUFFIXES.sub("", path)].append(path)
    return ["\n".join((unit, *told)) for told in stems.values()]


def _open(
    project: Project, folder: Path, summaries: tuple[Summary, ...], report: Report, files: Sequence[File]
) -> Site:
    """The site in a process of its own."""
    return Site(Checked(read_rules(project), Cache(folder), summaries, report), files)


def _render(site: Site, task: str) -> Rendered:
    site.begin()
    contents = []
    for path in task.split("\n")[1:]:
        page = site.render(path)
        assert page is not None, path  # a site has what it lists
        contents.append((path, page.content))
    return contents, sorted(site.index.reads)


class _Book:
    """Which units are as they were: what they rest on has the digest that it had when they were rendered."""

    def __init__(self, checked: Checked, site: Site, staging: Staging) -> None:
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
        self.reads = checked.cache.all("reads")

    def has(self, unit: str, paths: Sequence[str]) -> bool:
        """Whether the unit's files are here, and need not be rendered."""
        if not unit or unit not in self.reads:
            return False
        key = self._key(unit, paths, self.reads[unit][1].decode().split("\n"))
        return self.staging.kept("page", unit, key)

    def note(self, unit: str, paths: Sequence[str], files: Sequence[File], reads: set[str]) -> None:
        """Remember what the unit's files rest on; its own source is one thing to rest on."""
        own = f"{self.base}{unit}" if unit in self.sources else "\n"
        rest = sorted(read for read in reads if not read.startswith(own))
        self.staging.keep("page", unit, self._key(unit, paths, rest), files)
        self.cache.put("reads", unit, "", "\n".join(rest).encode())

    def _key(self, unit: str, paths: Sequence[str], reads: Sequence[str]) -> str:
        # The page of a rule tells what was found by it, wherever.
        findings = self.site.checked.report.findings if unit.startswith("shapes/") else self.findings.get(unit)
        told = [self.salt, self.sources.get(unit, ""), repr(findings), *paths]
        found = [self.site.index.digest_of(read) for read in reads]
        return digest_of({"": "\n".join((*told, *found)).encode()})
