"""Check a project: SHACL and SPARQL checks source by source, then checks over the whole dataset.

A source is checked beside what it names: entities, concepts, and statements of other documents,
with their whole descriptions. A finding counts where it is about what the source itself describes.
Checks of scope `dataset` run last, in the store that holds everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from whereas.cache import Cache, project_lock
from whereas.compiler.compile import Inventory, Summary, compile_sources, read_summary, read_totals
from whereas.compiler.paths import clashes
from whereas.findings import RULES, Finding, finding
from whereas.i18n import Message
from whereas.iris import compact
from whereas.parallel import Progress, parallel_map, silent
from whereas.project.link_findings import read_last_check
from whereas.project.project import Project
from whereas.project.queries import Check
from whereas.project.sources import ENTITIES, SHARED, VOCABULARY
from whereas.rdf.namespaces import RDF
from whereas.rdf.store import Graph
from whereas.rdf.terms import read_nquads, value_of
from whereas.validation.checked_project import CheckedProject, Report, dataset_digest
from whereas.validation.dataset import STORE, update_store
from whereas.validation.locations import Locations, read_locations
from whereas.validation.neighbours import Neighbourhood
from whereas.validation.rules import Rules, read_rules
from whereas.validation.shapes import ENGINES, Result, Shapes

# Kinds of cache entries that go by the name of a source.
_BY_SOURCE = ("seen", "quads", "places", "summary", "inventory", "checked", "parts", "released")
_NEIGHBOURS = "urn:whereas:context"
_VOCABULARY = "urn:whereas:vocabulary"
_TYPE = f"<{RDF}type>"


def check(project: Project, engine: str = ENGINES[0], progress: Progress = silent) -> CheckedProject:
    """Compile and check the project, reusing what the cache holds for sources that did not change.

    Processes that check or build the same project wait for each other. Raise `ProjectError` when the
    context, the shapes, the checks or the vocabulary are unusable.
    """
    with project_lock(project.cache_dir, lambda: progress("waiting for another whereas process", 0, 1)):
        rules = read_rules(project)
        with Cache(project.cache_dir) as cache:
            summaries = compile_sources(rules, cache, progress)
            cache.forget_all_but((summary.name for summary in summaries), _BY_SOURCE)
            findings = _all_findings(rules, cache, summaries, engine, progress)
            report = Report(tuple(sorted(findings)), len(summaries), sum(s.triples for s in summaries))
            return CheckedProject(rules, cache, tuple(summaries), report)


def _all_findings(
    rules: Rules, cache: Cache, summaries: list[Summary], engine: str, progress: Progress
) -> set[Finding]:
    """Return the findings of compiler, shapes and checks: sources that do not compile are not checked further."""
    findings = {finding for summary in summaries for finding in summary.findings}
    findings.update(_name_findings(rules.project, [summary.name for summary in summaries]))
    sound = [summary for summary in summaries if summary.is_sound]
    if all(summary.is_sound for summary in summaries if summary.name in SHARED):
        neighbourhood = Neighbourhood(rules, cache, {summary.name: summary for summary in summaries})
        findings.update(_source_findings(neighbourhood, sound, progress))
        if engine != ENGINES[0]:
            checks = {rule.name for rule in rules.checks}
            findings = {finding for finding in findings if finding.rule in RULES or finding.rule in checks}
            findings.update(_findings_by_engine(rules, cache, summaries, engine))
    if len(sound) == len(summaries):
        update_store(cache, summaries)
        findings.update(_dataset_findings(rules, cache, summaries))
        findings.update(read_last_check(rules.project, rules.prefixes))
    return findings


def _name_findings(project: Project, names: list[str]) -> Iterator[Finding]:
    """Yield a finding for each folder of `data/` whose document would lose its files to another's, or lose its own."""
    paths = {f"doc/{name}": name for name in names if name not in SHARED}
    for path, name in paths.items():
        if "%" in name:
            reason = Message("the character '{character}' is not allowed in file names", character="%")
            yield finding("no-file-name", project.location(project.data / name), id=path, reason=reason)
    for path, other in clashes(paths, project.languages):
        location, other_location = (project.location(project.data / paths[each]) for each in (path, other))
        yield finding("same-files", location, id=path, other=other, where=other_location)


# -------------------------------------------------------------------- one source and its neighbours


def _source_findings(neighbourhood: Neighbourhood, summaries: Iterable[Summary], progress: Progress) -> list[Finding]:
    """Return the findings about these sources, each checked again only when it, a neighbour or a rule changed."""
    cached = neighbourhood.cache.all("checked")
    keys = {summary.name: neighbourhood.key(summary) for summary in summaries}
    changed = [name for name, key in keys.items() if cached.get(name, ("",))[0] != key]
    arguments = (neighbourhood.rules.project, neighbourhood.cache.folder)
    findings = {name: content for name, (_, content) in cached.items()}
    for name, content in parallel_map(
        _check_source, changed, _read_neighbourhood, arguments, progress, "checking", neighbourhood
    ):
        neighbourhood.cache.put("checked", name, keys[name], content)
        findings[name] = content
    neighbourhood.cache.commit()
    nonempty = (findings[name] for name in keys if findings[name] != b"[]")
    return [Finding.from_data(item) for content in nonempty for item in json.loads(content)]


def _read_neighbourhood(project: Project, folder: Path) -> Neighbourhood:
    """Read in a worker process what `_check_source` needs."""
    cache = Cache(folder)
    return Neighbourhood(read_rules(project), cache, _Summaries(cache))


class _Summaries(Mapping[str, Summary]):
    """The summary of every source, read when it is looked up: few are needed to check one source."""

    def __init__(self, cache: Cache) -> None:
        self._cache, self._names = cache, cache.keys("summary")
        self._summaries: dict[str, Summary] = {}

    def __getitem__(self, name: str) -> Summary:
        if name not in self._summaries:
            if name not in self._names:
                raise KeyError(name)
            self._summaries[name] = read_summary(self._cache.latest("summary", name))
        return self._summaries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


def _check_source(neighbourhood: Neighbourhood, name: str) -> bytes:
    """Return the findings about one source, as JSON."""
    summary, rules = neighbourhood.summaries[name], neighbourhood.rules
    nquads = neighbourhood.cache.latest("quads", name).decode()
    triples = [quad[:3] for quad in read_nquads(nquads)]
    neighbours = neighbourhood.lines(summary)
    locations = read_locations(neighbourhood.cache, name)
    described = {subject[1:-1] for subject, _, _ in triples}
    # A node whose class another source gives is that source's to report on: links only add to its description.
    reported = described - {line[1 : line.index(">")] for line in neighbours if f" {_TYPE} " in line}
    lines = {" ".join(triple) for triple in triples}
    lines.update(neighbours, neighbourhood.classes)
    findings = [
        shacl_finding(rules.shapes, result, locations)
        for result in rules.shapes.check("".join(f"{line} .\n" for line in sorted(lines)))
        if result.focus in reported
    ]
    if name != VOCABULARY:
        graph = Graph()
        graph.load(nquads)
        terms = {predicate[1:-1] for _, predicate, _ in triples}
        terms |= {value[1:-1] for _, predicate, value in triples if predicate == _TYPE}
        vocabulary = [line for term in terms for line in neighbourhood.shared.get(term, ())]
        graph.load(
            "".join(f"{line} <{_NEIGHBOURS}> .\n" for line in neighbours)
            + "".join(f"{line} <{_VOCABULARY}> .\n" for line in vocabulary)
        )
        for rule in rules.checks:
            if rule.scope == "document":
                findings += _check_findings(rule, graph, locations, rules, described)
    return json.dumps([finding.to_data() for finding in findings]).encode()


def shacl_finding(shapes: Shapes, result: Result, locations: Locations) -> Finding:
    """Return a SHACL result as a finding at its line."""
    value = value_of(result.value)
    return Finding(
        locations.find(result.focus, result.path, value, *shapes.targets(result.shape)),
        result.severity,
        shapes.name(result),
        shapes.message(result),
        result.focus,
        result.path,
        value,
    )


def _check_findings(
    rule: Check, graph: Graph, locations: Locations, rules: Rules, described: set[str] | None = None
) -> Iterator[Finding]:
    """Yield the rows of a SPARQL check as findings; where `described` is given, those about these nodes."""
    for focus, cell in graph.query(rule.text).rows:
        if focus is None or (described is not None and focus.value not in described and focus.kind != "bnode"):
            continue
        value = cell.value if cell else ""
        yield Finding(
            locations.find(focus.value, value, value),
            rule.severity,
            rule.name,
            rule.message.filled(value=compact(value, rules.prefixes) if cell else ""),
            focus.value,
            "",
            value,
        )


# -------------------------------------------------------------------- the whole dataset


def _dataset_findings(rules: Rules, cache: Cache, summaries: Iterable[Summary]) -> list[Finding]:
    """Return the findings of the checks over the whole dataset, run again only when a quad or a rule changed."""
    digest = dataset_digest(summaries)
    key = f"{rules.digest} {digest}"
    content = cache.get("dataset", "", key)
    if content is None:
        graph = Graph(cache.folder / STORE, read_only=True)
        locations = read_locations(cache, ENTITIES)
        checks = [rule for rule in rules.checks if rule.scope == "dataset"]
        findings = [finding for rule in checks for finding in _check_findings(rule, graph, locations, rules)]
        findings += _minimum_findings(rules, read_totals(cache, digest))
        content = json.dumps([finding.to_data() for finding in findings]).encode()
        cache.put("dataset", "", key, content)
    return [Finding.from_data(item) for item in json.loads(content)]


def _minimum_findings(rules: Rules, totals: Inventory) -> Iterator[Finding]:
    """Yield a finding for each type with fewer instances than the setting `minimum` asserts."""
    project = rules.project
    for name, least in project.minimum.items():
        count = totals.types.get(rules.context.types.get(name, name), 0)
        if count < least:
            yield finding("minimum", project.setting("minimum", name), type=name, count=count, least=least)


def _findings_by_engine(rules: Rules, cache: Cache, summaries: Iterable[Summary], engine: str) -> Iterator[Finding]:
    """Yield the SHACL findings of another engine over the whole dataset: the same findings, more slowly.

    Where two sources describe one node, which the check `subject-outside-its-document` reports, this engine
    sees both descriptions together.
    """
    owner: dict[str, Summary] = {}
    lines: set[str] = set()
    for summary in summaries:
        for subject, predicate, value, _ in read_nquads(cache.latest("quads", summary.name).decode()):
            lines.add(f"{subject} {predicate} {value} .\n")
            if predicate == _TYPE or subject[1:-1] not in owner:
                owner[subject[1:-1]] = summary
    for result in rules.shapes.check("".join(sorted(lines)), engine):
        if result.focus in owner and owner[result.focus].is_sound:
            yield shacl_finding(rules.shapes, result, read_locations(cache, owner[result.focus].name))
