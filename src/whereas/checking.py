"""Every source compiled and checked once, and not again until something it rests on changes.

A source is checked beside what it names: the entities, concepts and statements of other documents,
whole. A finding counts where it is about what the source itself describes. Checks of scope
`dataset` run last, in the store that holds everything.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from whereas.cache import Cache, engine_digest
from whereas.crew import Progress, silent, work
from whereas.data import (
    ENTITIES, LINKS, SHARED, VOCABULARY, Compiled, Source, compile_source, digest_of, list_sources, read_source,
)  # fmt: skip
from whereas.errors import Finding, Message, Place, WhereasError, finding
from whereas.graph import Graph, Quad, nquads, read_nquads, value_of
from whereas.iris import RDF, RDFS, shorten
from whereas.ontology import read_context, read_prefixes, read_vocabulary, vocabulary_graph, vocabulary_places
from whereas.passages import Coverage
from whereas.project import SETTINGS_FILE, Project
from whereas.queries import Check, read_checks
from whereas.shapes import ENGINES, Shapes, read_shapes
from whereas.yamlld import Context

STORE = "store"
_NEIGHBOURS = "urn:whereas:context"
_VOCABULARY = "urn:whereas:vocabulary"
_TYPE = f"<{RDF}type>"
_SUBCLASS = f"<{RDFS}subClassOf>"
_STATED_IN = "ns#statedIn>"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
# What a reader, not a rule, needs to know of a term.
_PROSE = {f"<{_SKOS}{name}>" for name in ("definition", "example", "scopeNote", "note", "altLabel")}


@dataclass(frozen=True)
class Rules:
    """What sources are compiled with and held to: read once a process, from the project's material."""

    project: Project
    context: Context
    prefixes: Mapping[str, str]
    shapes: Shapes
    checks: tuple[Check, ...]
    vocabulary: tuple[Quad, ...]

    @cached_property
    def compiling(self) -> str:
        """Digest of everything but the source that its compilation rests on."""
        told = json.dumps(dict(self.context.terms), sort_keys=True)
        return digest_of({"context": told.encode()}, engine_digest(), self.project.digest)

    @cached_property
    def digest(self) -> str:
        """Digest of everything but the source and its neighbours that its check rests on."""
        told = {
            "shapes": self.shapes.digest.encode(),
            "checks": "".join(check.text for check in self.checks).encode(),
            "vocabulary": nquads(self.vocabulary).encode(),
        }
        return digest_of(told, self.compiling)


def read_rules(project: Project) -> Rules:
    """The project's context, prefixes, shapes, checks and vocabulary. Raises `MaterialError`."""
    prefixes = read_prefixes(project)
    return Rules(
        project,
        read_context(project),
        prefixes,
        read_shapes(project, prefixes),
        tuple(read_checks(project)),
        tuple(read_vocabulary(project)),
    )


@dataclass(frozen=True)
class Summary:
    """What is known of a compiled source without its quads."""

    name: str
    graph: str
    digest: str
    triples: int
    subjects: int
    types: Mapping[str, int]
    predicates: Mapping[str, int]
    references: tuple[str, ...]
    findings: tuple[Finding, ...]
    coverage: tuple[Coverage, ...]

    @property
    def is_sound(self) -> bool:
        """Whether it compiled without a violation."""
        return not any(found.severity == "Violation" for found in self.findings)


@dataclass(frozen=True)
class Report:
    """All findings, in the order of files and lines, and how much was looked at."""

    findings: tuple[Finding, ...]
    sources: int
    triples: int

    @property
    def counts(self) -> Counter[str]:
        """How many findings of each severity."""
        return Counter(found.severity for found in self.findings)

    @property
    def conforms(self) -> bool:
        """Whether no finding is a violation."""
        return not self.counts["Violation"]


@dataclass(frozen=True)
class Checked:
    """A project that was checked: what it holds and what was found."""

    rules: Rules
    cache: Cache
    summaries: tuple[Summary, ...]
    report: Report

    @property
    def project(self) -> Project:
        return self.rules.project

    @property
    def documents(self) -> tuple[Summary, ...]:
        """The sources that are documents."""
        return tuple(s for s in self.summaries if s.name not in SHARED)

    def quads(self, name: str) -> list[Quad]:
        """The quads of one source, sorted."""
        return list(read_nquads(self.cache.latest("quads", name).decode()))

    def graph(self) -> Graph:
        """Everything, ready to be asked; opened for reading."""
        return Graph(self.cache.folder / STORE, read_only=True)

    @cached_property
    def digest(self) -> str:
        """Changes with any quad of the dataset."""
        return digest_of({summary.name: summary.digest.encode() for summary in self.summaries})


def check(project: Project, engine: str = ENGINES[0], progress: Progress = silent) -> Checked:
    """Compile and check the project; what did not change since the last time is not done again.

    Raises `MaterialError` when context, shapes, checks or vocabulary cannot be used.
    """
    rules = read_rules(project)
    cache = Cache(project.workshop)
    summaries = _compile(rules, cache, progress)
    findings = [found for summary in summaries for found in summary.findings]
    sound = {summary.name for summary in summaries if summary.is_sound}
    if set(SHARED) & {s.name for s in summaries} <= sound:
        whole = Neighbourhood(rules, cache, {summary.name: summary for summary in summaries})
        findings += _check(whole, [s for s in summaries if s.name in sound], progress)
    if len(sound) == len(summaries):
        _store(cache, summaries)
        findings += _check_dataset(rules, cache, summaries)
        findings += _minimum(project, rules.context, summaries)
    if engine != ENGINES[0]:
        findings = [found for found in findings if not found.rule.startswith("shp:")]
        findings += _judged(rules, cache, [s for s in summaries if s.name in sound], engine)
    cache.forget_all_but([*(summary.name for summary in summaries), ""])
    cache.commit()
    report = Report(tuple(sorted(set(findings))), len(summaries), sum(s.triples for s in summaries))
    return Checked(rules, cache, tuple(summaries), report)


# -------------------------------------------------------------------- compiling


def _compile(rules: Rules, cache: Cache, progress: Progress) -> list[Summary]:
    known = cache.all("summary")
    sources, keys = {}, {}
    for source in list_sources(rules.project):
        contents, unread = read_source(source, rules.project)
        sources[source.name] = source
        keys[source.name] = digest_of(contents, rules.compiling, repr(unread))
    changed = [name for name, key in keys.items() if known.get(name, ("",))[0] != key]
    for name, (key, text, summary, places) in work(
        _compile_one, changed, _Bench, (rules.project, sources), progress, "compiled"
    ):
        cache.put("quads", name, key, text)
        cache.put("places", name, key, places)
        cache.put("summary", name, key, summary)
        known[name] = (key, summary)
    _compile_vocabulary(rules, cache, known)
    cache.commit()
    return [_summary_from(known[name][1]) for name in sorted({*sources, VOCABULARY})]


class _Bench:
    """What a process needs to compile sources."""

    def __init__(self, project: Project, sources: Mapping[str, Source]) -> None:
        self.rules, self.sources = read_rules(project), sources


def _compile_one(bench: _Bench, name: str) -> tuple[str, bytes, bytes, bytes]:
    rules, source = bench.rules, bench.sources[name]
    contents, unread = read_source(source, rules.project)
    compiled = compile_source(source, contents, unread, rules.project, rules.context)
    return (digest_of(contents, rules.compiling, repr(unread)), *_told(compiled))


def _compile_vocabulary(rules: Rules, cache: Cache, known: dict[str, tuple[str, bytes]]) -> None:
    if known.get(VOCABULARY, ("",))[0] != rules.digest:
        graph = vocabulary_graph(rules.project)
        places = vocabulary_places(rules.project, rules.prefixes)
        compiled = Compiled(VOCABULARY, graph, rules.vocabulary, places=places)
        text, summary, lines = _told(compiled)
        cache.put("quads", VOCABULARY, rules.digest, text)
        cache.put("places", VOCABULARY, rules.digest, lines)
        cache.put("summary", VOCABULARY, rules.digest, summary)
        known[VOCABULARY] = (rules.digest, summary)


def _told(compiled: Compiled) -> tuple[bytes, bytes, bytes]:
    """Quads, summary and places, as they are remembered."""
    text = nquads(compiled.quads).encode()
    summary = Summary(
        compiled.name,
        compiled.graph,
        hashlib.sha256(text).hexdigest(),
        len(compiled.quads),
        len(compiled.subjects()),
        dict(compiled.types()),
        dict(compiled.predicates()),
        compiled.references,
        compiled.findings,
        compiled.coverage,
    )
    places = {key: [place.path, place.line] for key, place in compiled.places.items()}
    return text, json.dumps(asdict(summary)).encode(), json.dumps(places).encode()


def _summary_from(told: bytes) -> Summary:
    read = json.loads(told)
    read["findings"] = tuple(_finding_from(item) for item in read["findings"])
    read["references"] = tuple(read["references"])
    read["coverage"] = tuple(
        Coverage(**{**item, "uncited": tuple(item["uncited"]), "gaps": tuple(map(tuple, item["gaps"]))})
        for item in read["coverage"]
    )
    return Summary(**read)


def _finding_from(told: dict[str, Any]) -> Finding:
    return Finding(**{**told, "place": Place(**told["place"]), "message": Message(**told["message"])})


# -------------------------------------------------------------------- one source and its neighbours


class Neighbourhood:
    """What the names in a source stand for: shared descriptions, and nodes of other documents."""

    def __init__(self, rules: Rules, cache: Cache, summaries: Mapping[str, Summary]) -> None:
        self.rules, self.cache, self.summaries = rules, cache, summaries
        self.documents = f"{rules.project.base}doc/"

    @cached_property
    def shared(self) -> dict[str, list[str]]:
        """Lines (`subject predicate object`) about each entity, link and term, by IRI."""
        found = defaultdict(list)
        for name in SHARED:
            for subject, predicate, value, _ in read_nquads(self.cache.latest("quads", name).decode()):
                if predicate not in _PROSE:
                    found[subject[1:-1]].append(f"{subject} {predicate} {value}")
        return found

    @cached_property
    def classes(self) -> list[str]:
        """Lines that say which class is a part of which."""
        return [line for lines in self.shared.values() for line in lines if f" {_SUBCLASS} " in line]

    @cached_property
    def _shared_digests(self) -> dict[str, str]:
        return {
            name: hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] for name, lines in self.shared.items()
        }

    def owner(self, name: str) -> str:
        """The document that an IRI of ours belongs to; empty for everything shared."""
        if not name.startswith(self.documents):
            return ""
        slug = name[len(self.documents) :].partition("#")[0].partition("/")[0]
        return slug if slug in self.summaries else ""

    def key(self, summary: Summary) -> str:
        """Changes with the source, its neighbours and the rules."""
        told = [self.rules.digest, summary.digest]
        for name in summary.references:
            owner = self.owner(name)
            told.append(self.summaries[owner].digest if owner else self._shared_digests.get(name, "absent"))
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def lines(self, summary: Summary) -> list[str]:
        """Lines about everything the source names and does not describe."""
        found, owned = [], defaultdict(set)
        for name in summary.references:
            if owner := self.owner(name):
                owned[owner].add(f"<{name}>")
            else:
                found += self.shared.get(name, [])
        for owner, names in owned.items():
            found += self._lines_of(owner, names)
        return found

    def _lines_of(self, owner: str, names: set[str]) -> Iterator[str]:
        quads = list(read_nquads(self.cache.latest("quads", owner).decode()))
        names = names | {
            value for subject, predicate, value, _ in quads if subject in names and predicate.endswith(_STATED_IN)
        }
        for subject, predicate, value, _ in quads:
            if subject in names:
                yield f"{subject} {predicate} {value}"


def _check(whole: Neighbourhood, summaries: Iterable[Summary], progress: Progress) -> list[Finding]:
    known = whole.cache.all("checked")
    keys = {summary.name: whole.key(summary) for summary in summaries}
    changed = [name for name, key in keys.items() if known.get(name, ("",))[0] != key]
    told = (whole.rules.project, whole.cache.folder, changed)
    findings = {name: value for name, (_, value) in known.items()}
    for name, value in work(_check_one, changed, _Inspector, told, progress, "checked"):
        whole.cache.put("checked", name, keys[name], value)
        findings[name] = value
    whole.cache.commit()
    return [_finding_from(item) for name in keys for item in json.loads(findings[name])]


class _Inspector(Neighbourhood):
    """What a process needs to check sources."""

    def __init__(self, project: Project, folder: Path, names: Iterable[str]) -> None:
        cache = Cache(folder)
        summaries = {name: _summary_from(value) for name, (_, value) in cache.all("summary").items()}
        super().__init__(read_rules(project), cache, summaries)


def _check_one(inspector: _Inspector, name: str) -> bytes:
    summary = inspector.summaries[name]
    rules, text = inspector.rules, inspector.cache.latest("quads", name).decode()
    own = [(subject, predicate, value) for subject, predicate, value, _ in read_nquads(text)]
    described = {subject[1:-1] for subject, _, _ in own}
    places = read_places(inspector.cache, name)
    neighbours = inspector.lines(summary)
    lines = {f"{subject} {predicate} {value}" for subject, predicate, value in own}
    lines.update(neighbours, inspector.classes)
    ntriples = "".join(f"{line} .\n" for line in sorted(lines))
    found = [
        shacl_finding(rules.shapes, result, places)
        for result in rules.shapes.check(ntriples)
        if result.focus in described
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
            found += _answers(rule, graph, places, rules, described)
    return json.dumps([asdict(item) for item in found]).encode()


@dataclass(frozen=True)
class Places:
    """Where the nodes of a source were written; read only when something was found."""

    contents: tuple[bytes, ...]
    folder: Place

    @cached_property
    def _lines(self) -> dict[str, list[Any]]:
        return {key: place for content in self.contents for key, place in json.loads(content or "{}").items()}

    def of(self, focus: str, path: str = "", value: str = "") -> Place:
        """The line of the property that names `value`, of the property `path`, or of the node."""
        for key in (f"{focus} {value}", f"{focus} {path}", focus):
            if key in self._lines:
                return Place(*self._lines[key])
        return self.folder


def read_places(cache: Cache, *names: str) -> Places:
    """The places of some sources together; the folder of the first where a node has none."""
    return Places(tuple(cache.latest("places", name) for name in names), Place(f"data/{names[0]}"))


def shacl_finding(shapes: Shapes, result: Any, places: Places) -> Finding:
    """The finding of a SHACL result, at its line."""
    value = value_of(result.value)
    return Finding(
        places.of(result.focus, result.path, value),
        result.severity,
        shapes.name(result),
        shapes.message(result),
        result.focus,
        result.path,
        value,
    )


def _answers(
    rule: Check, graph: Graph, places: Places, rules: Rules, described: set[str] | None = None
) -> Iterator[Finding]:
    for focus, value in graph.query(rule.text).rows:
        if focus is None or (described is not None and focus.value not in described and focus.kind != "bnode"):
            continue
        shown = shorten(value.value, rules.prefixes) if value else ""
        yield Finding(
            places.of(focus.value, value.value if value else "", value.value if value else ""),
            rule.severity,
            rule.name,
            Message(rule.message.en.replace("{value}", shown), rule.message.fr.replace("{value}", shown)),
            focus.value,
            "",
            value.value if value else "",
        )


# -------------------------------------------------------------------- the whole


def _store(cache: Cache, summaries: Iterable[Summary]) -> None:
    """Bring the store up to date: only graphs that changed are touched."""
    folder = cache.folder / STORE
    stored = cache.keys("stored") if folder.is_dir() else {}
    wanted = {summary.graph: summary for summary in summaries}
    changed = [s for s in wanted.values() if stored.get(s.name) != s.digest]
    if not changed and set(stored) == {summary.name for summary in wanted.values()}:
        return
    try:
        graph = Graph(folder)
    except OSError as problem:
        raise WhereasError(f"{folder}: another whereas is at work in this project ({problem})") from None
    for summary in changed:  # should this be cut short, the next run does them again
        cache.put("stored", summary.name, "", b"")
    cache.commit()
    if len(graph):
        for name in graph.names() - wanted.keys():
            graph.drop(name)
        for summary in changed:
            graph.replace(summary.graph, cache.latest("quads", summary.name))
    else:
        for start in range(0, len(changed), 500):
            graph.load(b"".join(cache.latest("quads", s.name) for s in changed[start : start + 500]))
    for summary in changed:
        cache.put("stored", summary.name, summary.digest, b"")


def _check_dataset(rules: Rules, cache: Cache, summaries: Iterable[Summary]) -> list[Finding]:
    key = digest_of({s.name: s.digest.encode() for s in summaries}, rules.digest)
    known = cache.get("dataset", "", key)
    if known is None:
        graph = Graph(cache.folder / STORE, read_only=True)
        shared = read_places(cache, ENTITIES, LINKS)
        found = [
            item for rule in rules.checks if rule.scope == "dataset" for item in _answers(rule, graph, shared, rules)
        ]
        known = json.dumps([asdict(item) for item in found]).encode()
        cache.put("dataset", "", key, known)
    return [_finding_from(item) for item in json.loads(known)]


def _minimum(project: Project, context: Context, summaries: Iterable[Summary]) -> Iterator[Finding]:
    counts: Counter[str] = Counter()
    for summary in summaries:
        counts.update(summary.types)
    for name, least in project.minimum.items():
        count = counts[context.types.get(name, name)]
        if count < least:
            yield finding("minimum", Place(SETTINGS_FILE), type=name, count=count, least=least)


def _judged(rules: Rules, cache: Cache, summaries: Iterable[Summary], engine: str) -> Iterator[Finding]:
    """What another engine says of everything at once; the same findings, more slowly."""
    owner: dict[str, str] = {}
    lines: set[str] = set()
    for summary in summaries:
        for subject, predicate, value, _ in read_nquads(cache.latest("quads", summary.name).decode()):
            lines.add(f"{subject} {predicate} {value} .\n")
            owner.setdefault(subject[1:-1], summary.name)
    for result in rules.shapes.check("".join(sorted(lines)), engine):
        if result.focus in owner:
            name = owner[result.focus]
            yield shacl_finding(rules.shapes, result, read_places(cache, name))
