"""Every source compiled, each once, and not again until its files, or the words it is written in, change."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from whereas.cache import Cache
from whereas.compiler.documents import compile_source
from whereas.compiler.passages import Coverage
from whereas.compiler.unit import CompilationContext, Compiled, read_compilation_context
from whereas.findings import Finding
from whereas.parallel import Progress, parallel_map
from whereas.project.ontology import vocabulary_graph, vocabulary_locations
from whereas.project.project import Project
from whereas.project.sources import VOCABULARY, Source, digest_of, list_sources, read_source
from whereas.rdf.terms import nquads

# Nanoseconds after which a file's clocks tell whether it changed: a second change within one tick of
# the clock leaves no other trace.
SETTLED = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of a compiled source without its quads: held for every source there is."""

    name: str
    graph: str
    digest: str
    triples: int
    references: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether it compiled without a violation."""
        return not any(found.severity == "Violation" for found in self.findings)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a source holds, counted, and how much of its texts is cited: read where somebody asks."""

    subjects: int
    types: Mapping[str, int]
    predicates: Mapping[str, int]
    coverage: tuple[Coverage, ...]


def compile_sources(context: CompilationContext, cache: Cache, progress: Progress) -> list[Summary]:
    """The summary of every source, by name; their quads, places and inventories are in the cache."""
    known = cache.keys("summary")
    seen = cache.all("seen")
    sources, keys = {}, {}
    for source in list_sources(context.project):
        sources[source.name] = source
        signature = digest_of({}, source.signature, context.compilation_digest)
        if seen.get(source.name, ("",))[0] == signature:
            keys[source.name] = seen[source.name][1].decode()
            continue
        keys[source.name] = _key(source, context)
        if time.time_ns() - source.touched > SETTLED:
            cache.put("seen", source.name, signature, keys[source.name].encode())
    changed = [name for name, key in keys.items() if known.get(name) != key]
    bench = _WorkerContext(context, sources)
    for name, (key, told) in parallel_map(
        _compile_one, changed, _open, (context.project, sources), progress, "compiling", bench
    ):
        _remember(cache, name, key, told)
    if known.get(VOCABULARY) != context.vocabulary_digest:
        _remember(cache, VOCABULARY, context.vocabulary_digest, _told(_vocabulary(context)))
    cache.commit()
    wanted = {*sources, VOCABULARY}
    return [summary_from(told) for name, told in cache.each("summary") if name in wanted]


@dataclass(frozen=True)
class _WorkerContext:
    """What a process needs to compile sources."""

    context: CompilationContext
    sources: Mapping[str, Source]


def _open(project: Project, sources: Mapping[str, Source]) -> _WorkerContext:
    return _WorkerContext(read_compilation_context(project), sources)


def _compile_one(bench: _WorkerContext, name: str) -> tuple[str, dict[str, bytes]]:
    context, source = bench.context, bench.sources[name]
    contents, unread = read_source(source, context.project)
    compiled = compile_source(source, contents, unread, context.project, context.context)
    return _key_of(contents, unread, context), _told(compiled)


def _key(source: Source, context: CompilationContext) -> str:
    """Digest of everything its compilation rests on."""
    return _key_of(*read_source(source, context.project), context)


def _key_of(contents: Mapping[str, bytes], unread: list[Finding], context: CompilationContext) -> str:
    return digest_of(contents, context.compilation_digest, repr(unread))


def _vocabulary(context: CompilationContext) -> Compiled:
    locations = vocabulary_locations(context.project, context.prefixes)
    return Compiled(VOCABULARY, vocabulary_graph(context.project), context.vocabulary, locations=locations)


def _told(compiled: Compiled) -> dict[str, bytes]:
    """What is remembered of a source, by kind."""
    text = nquads(compiled.quads).encode()
    summary = Summary(
        compiled.name,
        compiled.graph,
        hashlib.sha256(text).hexdigest(),
        len(compiled.quads),
        compiled.references,
        compiled.findings,
    )
    inventory = Inventory(
        len(compiled.subjects()), dict(compiled.types()), dict(compiled.predicates()), compiled.coverage
    )
    locations = {key: [location.path, location.line] for key, location in compiled.locations.items()}
    told = {
        "summary": {**asdict(summary), "findings": [found.to_data() for found in summary.findings]},
        "inventory": asdict(inventory),
        "places": locations,
    }
    return {"quads": text} | {kind: json.dumps(value).encode() for kind, value in told.items()}


def _remember(cache: Cache, name: str, key: str, told: Mapping[str, bytes]) -> None:
    for kind, value in told.items():
        cache.put(kind, name, key, value)


def summary_from(told: bytes) -> Summary:
    """A summary as it was remembered."""
    read = json.loads(told)
    read["findings"] = tuple(Finding.from_data(item) for item in read["findings"])
    read["references"] = tuple(map(sys.intern, read["references"]))  # many sources name the same
    return Summary(**read)


def read_inventories(cache: Cache) -> Iterator[tuple[str, Inventory]]:
    """What each source holds, by its name."""
    for name, told in cache.each("inventory"):
        read = json.loads(told)
        read["coverage"] = tuple(
            Coverage(**{**item, "uncited": tuple(item["uncited"]), "gaps": tuple(map(tuple, item["gaps"]))})
            for item in read["coverage"]
        )
        yield name, Inventory(**read)


def read_totals(cache: Cache, digest: str) -> Inventory:
    """What all sources hold together; `digest` is of their quads."""
    told = cache.get("totals", "", digest)
    if told is None:
        subjects, types, predicates = 0, Counter[str](), Counter[str]()
        for _, inventory in read_inventories(cache):
            subjects += inventory.subjects
            types.update(inventory.types)
            predicates.update(inventory.predicates)
        told = json.dumps([subjects, types, predicates, []]).encode()
        cache.put("totals", "", digest, told)
    return Inventory(*json.loads(told))
