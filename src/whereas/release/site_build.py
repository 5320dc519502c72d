"""Render the website on all cores, and only the pages whose dependencies changed.

A unit is a document with its statements; an entity, a term or a shape, with all its pages and data; a saved
query with its results; a list. Each further page of a list is a unit too. While a unit is rendered, the index
records what is looked up; next time, if all of that is unchanged, the unit's files are reused. A saved query is
run every time, and rendered if its result changed. The home page, feeds and the like are always rendered.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from whereas.cache import engine_digest
from whereas.compiler.paths import same_name
from whereas.content.downloads import File
from whereas.errors import WhereasError, broken
from whereas.findings import Finding, Location
from whereas.i18n import Message
from whereas.parallel import Progress, WorkerDeath, parallel_map
from whereas.project.sources import digest_of
from whereas.release.site_digest import site_digest
from whereas.release.staging import Staging, Writer
from whereas.site.site import Site
from whereas.validation.checked_project import CheckedProject

_UNIT = re.compile(r"(doc/[^/.]+|(?:ent|ns|vocab|shapes|queries)/[^.]+)(?=[/.]|$)")
_TAG = r"\.[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*"  # a language (https://www.rfc-editor.org/rfc/rfc5646)
_PAGE = re.compile(rf"(?P<path>[^.]+)(?P<number>\.[0-9]+)?{_TAG}\.html")
_SUFFIXES = re.compile(rf"(\.[0-9]+)?({_TAG})?\.[a-z]+$")  # `.linkset` looks like a language too


class _WorkerContext(NamedTuple):
    """What a worker process renders with."""

    site: Site
    writer: Writer


class _Rendered(NamedTuple):
    """Written files, what was looked up for them, and the digest of a saved query's result."""

    files: list[File]
    reads: list[str]
    answer: str = ""


def write_website(checked: CheckedProject, staging: Staging, progress: Progress) -> Site:
    """Write every page, and each thing in every format, to the next release; return the site."""
    site = Site(checked, staging.files)
    units: dict[str, list[str]] = defaultdict(list)
    names: dict[str, str] = {}
    for path in site.paths():
        units[_unit_of(path, site)].append(path)
        if (other := names.setdefault(same_name(path), path)) != path:
            raise broken("same-files", Location(path), id=path, other=other, where=other)
    manifest = _PageManifest(checked, site, staging)
    tasks = [
        task
        for unit, paths in units.items()
        if unit in site.saved.queries or not manifest.reuse(unit, paths)
        for task in _tasks(unit, manifest.answer(unit, paths), paths)
    ]
    if any(task.startswith("queries/") for task in tasks):
        site.saved.load()
    context = _WorkerContext(site, staging.writer)
    rendered = _blaming_queries(
        site, parallel_map(_render, tasks, _WorkerContext, tuple(context), progress, "rendering", context)
    )
    for unit, group in groupby(rendered, lambda pair: pair[0].partition("\n")[0]):
        results = [result for _, result in group]
        if not any(result.files for result in results):
            if manifest.reuse(unit, units[unit]):
                continue
            results = [_render(context, "\n".join((unit, "", *units[unit])))]  # its files were changed or deleted
        files = [file for result in results for file in result.files]
        staging.add(files)
        if unit:
            reads = {read for result in results for read in result.reads}
            manifest.record(unit, units[unit], files, reads, results[0].answer)
    checked.cache.forget_all_but(units, ("page", "reads"))
    return site


def _blaming_queries(site: Site, rendered: Iterator[tuple[str, _Rendered]]) -> Iterator[tuple[str, _Rendered]]:
    """Iterate over what was rendered; name the file of the saved query whose answering ended a process."""
    try:
        yield from rendered
    except WorkerDeath as death:
        query = site.saved.queries.get(death.name.partition("\n")[0])
        if query is None:
            raise
        project, name = site.checked.project, f"{query.theme}/{query.name}.rq".removeprefix("/")
        raise WhereasError(
            Message(
                "{file}: the query engine stopped ({reason}) while it answered this query; nothing was changed; "
                "if the query sorts values of several kinds, write ORDER BY STR(?variable)",
                file=project.location(project.material("queries", ".rq")[name]).path,
                reason=death.reason,
            )
        ) from None


def _unit_of(path: str, site: Site) -> str:
    """Return the unit of a path; empty for what is always rendered."""
    match, page = _UNIT.match(path), _PAGE.fullmatch(path)
    unit = match[1] if match else page["path"] if page and page["path"] in site.pages.lists.paginated else ""
    return f"{unit}{page['number'] or ''}" if unit and page else unit


def _tasks(unit: str, answer: str, paths: Sequence[str]) -> list[str]:
    """Return tasks: lines with the unit, the digest of its last result, and the paths of one thing of the unit.

    One thing is one task, for what all its pages show is looked up once.
    """
    stems: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        stems[_SUFFIXES.sub("", path)].append(path)
    return ["\n".join((unit, answer, *paths)) for paths in stems.values()]


def _render(context: _WorkerContext, task: str) -> _Rendered:
    site, (unit, last_answer, *paths) = context.site, task.split("\n")
    site.begin()
    query = site.saved.queries.get(unit)
    answer = site.saved.digest(query) if query else ""
    if last_answer and last_answer == answer:
        return _Rendered([], [])
    files = []
    with site.index.recording() as lookups:  # not before: the result itself is compared
        for path in paths:
            page = site.render(path)
            assert page is not None, path  # `site.paths` lists it
            files.append(context.writer.write(path, page.content))
    return _Rendered(files, sorted(lookups), answer)


class _PageManifest:
    """Which units are up to date: those whose dependencies have the digest recorded when they were rendered."""

    def __init__(self, checked: CheckedProject, site: Site, staging: Staging) -> None:
        self.site, self.staging, self.cache = site, staging, checked.cache
        self.base = checked.project.base
        self.sources = {f"doc/{summary.name}": summary.digest for summary in checked.documents}
        self.findings: dict[str, list[Finding]] = defaultdict(list)
        for finding in checked.report.findings:
            unit = _UNIT.match(finding.focus.removeprefix(self.base).replace("#", "/"))
            self.findings[unit[1] if unit else ""].append(finding)
        contents = {name: path.read_bytes() for name, path in checked.project.material("shapes", ".ttl").items()}
        contents["decisions"] = repr(sorted(site.pages.decisions.items())).encode()
        digests = (engine_digest(), checked.rules.digest, checked.project.digest, site_digest(checked.project))
        self.salt = digest_of(contents, *digests)
        self.reads = checked.cache.all("reads")  # by unit, with the digest of a saved query's result
        self.keys = checked.cache.keys("page")

    def reuse(self, unit: str, paths: Sequence[str]) -> bool:
        """Stage the unit's files if they are up to date; return whether they are."""
        return unit in self.reads and self.staging.reuse("page", unit, self._last(unit, paths))

    def answer(self, unit: str, paths: Sequence[str]) -> str:
        """Return the digest of a saved query's last result; empty where the query must be rendered anyway."""
        return self.reads[unit][0] if unit in self.reads and self.keys.get(unit) == self._last(unit, paths) else ""

    def _last(self, unit: str, paths: Sequence[str]) -> str:
        return self._key(unit, paths, self.reads[unit][1].decode().split("\n"))

    def record(self, unit: str, paths: Sequence[str], files: Sequence[File], reads: set[str], answer: str) -> None:
        """Record the dependencies of the unit's files; its own source is one dependency."""
        source = f"{self.base}{unit}" if unit in self.sources else "\n"
        others = sorted(read for read in reads if not read.startswith(source))
        self.staging.record("page", unit, self._key(unit, paths, others), files)
        self.cache.put("reads", unit, answer, "\n".join(others).encode())

    def _key(self, unit: str, paths: Sequence[str], reads: Sequence[str]) -> str:
        # The page of a shape lists its findings, wherever they are.
        thing = unit.partition(".")[0]
        findings = self.site.checked.report.findings if unit.startswith("shapes/") else self.findings.get(thing)
        digests = (self.site.index.digest_of(read) for read in reads)
        lines = (self.salt, self.sources.get(unit, ""), repr(findings), *paths, *digests)
        return digest_of({"": "\n".join(lines).encode()})
