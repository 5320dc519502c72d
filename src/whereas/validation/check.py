"""The project held to its rules: SHACL and checks, source by source, then over everything.

A source is checked beside what it names: the entities, concepts and statements of other documents,
whole. A finding counts where it is about what the source itself describes. Checks of scope
`dataset` run last, in the store that holds everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from whereas.cache import Cache, project_lock
from whereas.compiler.compile import Inventory, Summary, compile_sources, read_summary, read_totals
from whereas.findings import RULES, Finding, finding
from whereas.iris import compact
from whereas.parallel import Progress, parallel_map, silent
from whereas.project.link_findings import read_last_check
from whereas.project.project import Project
from whereas.project.queries import Check
from whereas.project.sources import ENTITIES, SHARED, VOCABULARY
from whereas.rdf.namespaces import RDF
from whereas.rdf.store import Graph
from whereas.rdf.terms import read_nquads, value_of
from whereas.validation.checked_project import CheckedProject, Report, _digest
from whereas.validation.dataset import STORE, update_store
from whereas.validation.locations import Locations, read_locations
from whereas.validation.neighbours import Neighbourhood
from whereas.validation.rules import Rules, read_rules
from whereas.validation.shapes import ENGINES, Result, Shapes

_OF_SOURCES = (
    "seen",
    "quads",
    "places",
    "summary",
    "inventory",
    "checked",
    "parts",
    "released",
)  # kinds of what is remembered
_NEIGHBOURS = "urn:whereas:context"
_VOCABULARY = "urn:whereas:vocabulary"
_TYPE = f"<{RDF}type>"


def check(project: Project, engine: str = ENGINES[0], progress: Progress = silent) -> CheckedProject:
    """Compile and check the project; what did not change since the last time is not done again.

    Processes that check or build one project wait for each other.

    Raises `ProjectError` when context, shapes, checks or vocabulary cannot be used.
    """
    with project_lock(project.cache_dir, lambda: progress("waiting for another whereas", 0, 1)):
        rules = read_rules(project)
        with Cache(project.cache_dir) as cache:
            return _checked(rules, cache, engine, progress)


def _checked(rules: Rules, cache: Cache, engine: str, progress: Progress) -> CheckedProject:
    project = rules.project
    summaries = compile_sources(rules, cache, progress)
    cache.forget_all_but((summary.name for summary in summaries), _OF_SOURCES)
    findings = [found for summary in summaries for found in summary.findings]
    sound = {summary.name for summary in summaries if summary.is_sound}
    if set(SHARED) & {s.name for s in summaries} <= sound:
        whole = Neighbourhood(rules, cache, {summary.name: summary for summary in summaries})
        findings += _check(whole, [s for s in summaries if s.name in sound], progress)
        if engine != ENGINES[0]:
            checks = {rule.name for rule in rules.checks}
            findings = [found for found in findings if found.rule in RULES or found.rule in checks]
            findings += _judged(rules, cache, summaries, engine)
    if len(sound) == len(summaries):
        update_store(cache, summaries)
        findings += _check_dataset(rules, cache, summaries)
        findings += read_last_check(project, rules.prefixes)
    report = Report(tuple(sorted(set(findings))), len(summaries), sum(s.triples for s in summaries))
    return CheckedProject(rules, cache, tuple(summaries), report)


# -------------------------------------------------------------------- one source and its neighbours


def _check(whole: Neighbourhood, summaries: Iterable[Summary], progress: Progress) -> list[Finding]:
    known = whole.cache.all("checked")
    keys = {summary.name: whole.key(summary) for summary in summaries}
    changed = [name for name, key in keys.items() if known.get(name, ("",))[0] != key]
    told = (whole.rules.project, whole.cache.folder)
    findings = {name: value for name, (_, value) in known.items()}
    for name, value in parallel_map(_check_one, changed, _inspector, told, progress, "checked", whole):
        whole.cache.put("checked", name, keys[name], value)
        findings[name] = value
    whole.cache.commit()
    some = (findings[name] for name in keys if findings[name] != b"[]")
    return [Finding.from_data(item) for found in some for item in json.loads(found)]


def _inspector(project: Project, folder: Path) -> Neighbourhood:
    cache = Cache(folder)
    return Neighbourhood(read_rules(project), cache, _Summaries(cache))


class _Summaries(Mapping[str, Summary]):
    """Every source's summary, read when it is asked for: a changed document asks for few."""

    def __init__(self, cache: Cache) -> None:
        self._cache, self._names = cache, cache.keys("summary")
        self._read: dict[str, Summary] = {}

    def __getitem__(self, name: str) -> Summary:
        if name not in self._read:
            if name not in self._names:
                raise KeyError(name)
            self._read[name] = read_summary(self._cache.latest("summary", name))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


def _check_one(inspector: Neighbourhood, name: str) -> bytes:
    summary = inspector.summaries[name]
    rules, text = inspector.rules, inspector.cache.latest("quads", name).decode()
    own = [(subject, predicate, value) for subject, predicate, value, _ in read_nquads(text)]
    described = {subject[1:-1] for subject, _, _ in own}
    locations = read_locations(inspector.cache, name)
    neighbours = inspector.lines(summary)
    # What another source says the class of is that source's to answer for: a link only adds to it.
    answered = described - {line[1 : line.index(">")] for line in neighbours if f" {_TYPE} " in line}
    lines = {f"{subject} {predicate} {value}" for subject, predicate, value in own}
    lines.update(neighbours, inspector.classes)
    ntriples = "".join(f"{line} .\n" for line in sorted(lines))
    found = [
        shacl_finding(rules.shapes, result, locations)
        for result in rules.shapes.check(ntriples)
        if result.focus in answered
    ]
    graph = Graph()
    graph.load(text)
    terms = {predicate[1:-1] for _, predicate, _ in own} | {value[1:-1] for _, p, value in own if p == _TYPE}
    vocabulary = [line for term in terms for line in inspector.shared.get(term, ())]
    graph.load(
        "".join(f"{line} <{_NEIGHBOURS}> .\n" for line in neighbours)
        + "".join(f"{line} <{_VOCABULARY}> .\n" for line in vocabulary)
    )
    for rule in rules.checks:
        if rule.scope == "document" and name != VOCABULARY:
            found += _answers(rule, graph, locations, rules, described)
    return json.dumps([item.to_data() for item in found]).encode()


def shacl_finding(shapes: Shapes, result: Result, locations: Locations) -> Finding:
    """The finding of a SHACL result, at its line."""
    value = value_of(result.value)
    return Finding(
        locations.of(result.focus, result.path, value, *shapes.targets(result.shape)),
        result.severity,
        shapes.name(result),
        shapes.message(result),
        result.focus,
        result.path,
        value,
    )


def _answers(
    rule: Check, graph: Graph, locations: Locations, rules: Rules, described: set[str] | None = None
) -> Iterator[Finding]:
    for focus, value in graph.query(rule.text).rows:
        if focus is None or (described is not None and focus.value not in described and focus.kind != "bnode"):
            continue
        shown = compact(value.value, rules.prefixes) if value else ""
        yield Finding(
            locations.of(focus.value, value.value if value else "", value.value if value else ""),
            rule.severity,
            rule.name,
            rule.message.filled(value=shown),
            focus.value,
            "",
            value.value if value else "",
        )


def _check_dataset(rules: Rules, cache: Cache, summaries: Iterable[Summary]) -> list[Finding]:
    digest = _digest(summaries)
    known = cache.get("dataset", "", f"{rules.digest} {digest}")
    if known is None:
        graph = Graph(cache.folder / STORE, read_only=True)
        shared = read_locations(cache, ENTITIES)
        found = [
            item for rule in rules.checks if rule.scope == "dataset" for item in _answers(rule, graph, shared, rules)
        ]
        found += _minimum(rules, read_totals(cache, digest))
        known = json.dumps([item.to_data() for item in found]).encode()
        cache.put("dataset", "", f"{rules.digest} {digest}", known)
    return [Finding.from_data(item) for item in json.loads(known)]


def _minimum(rules: Rules, totals: Inventory) -> Iterator[Finding]:
    project = rules.project
    for name, least in project.minimum.items():
        count = totals.types.get(rules.context.types.get(name, name), 0)
        if count < least:
            yield finding("minimum", project.setting("minimum", name), type=name, count=count, least=least)


def _judged(rules: Rules, cache: Cache, summaries: Iterable[Summary], engine: str) -> Iterator[Finding]:
    """What another engine says of everything at once: the same findings, more slowly.

    Where two sources describe one node, which `subject-outside-its-document` refuses, it sees both
    descriptions together.
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
