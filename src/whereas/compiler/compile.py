"""Compile all sources; a source is compiled again only when its files, the settings or the JSON-LD context change."""

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
from whereas.compiler.paths import check_names
from whereas.compiler.unit import CompilationContext, Compiled, read_compilation_context
from whereas.findings import Finding
from whereas.iris import compact
from whereas.parallel import Progress, parallel_map
from whereas.project.ontology import vocabulary_graph, vocabulary_locations
from whereas.project.project import Project
from whereas.project.sources import VOCABULARY, Source, digest_of, list_sources, read_source
from whereas.rdf.namespaces import RDF
from whereas.rdf.terms import nquads, value_of

# Nanoseconds. A file that was just written may change again within one tick of the file system's clock, which leaves
# no trace in its times: only older files are recognized by them.
SETTLED = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Summary:
    """What is kept in memory of every compiled source, without its quads."""

    name: str
    graph: str
    digest: str
    triples: int
    references: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether it compiled without a violation."""
        return not any(finding.severity == "Violation" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Inventory:
    """Counts of what a source holds, and how much of its texts is cited."""

    subjects: int
    types: Mapping[str, int]
    predicates: Mapping[str, int]
    coverage: tuple[Coverage, ...]


def compile_sources(compilation: CompilationContext, cache: Cache, progress: Progress) -> list[Summary]:
    """Return the summary of every source, by name; the cache then holds its quads, locations and inventory too."""
    compiled = cache.keys("summary")
    seen = cache.all("seen")
    sources, keys = {}, {}
    for source in list_sources(compilation.project):
        sources[source.name] = source
        signature = digest_of({}, source.signature, compilation.compilation_digest)
        if seen.get(source.name, ("",))[0] == signature:
            keys[source.name] = seen[source.name][1].decode()
            continue
        keys[source.name] = _key(*read_source(source, compilation.project), compilation)
        if time.time_ns() - source.touched > SETTLED:
            cache.put("seen", source.name, signature, keys[source.name].encode())
    changed = [name for name, key in keys.items() if compiled.get(name) != key]
    worker = _WorkerContext(compilation, sources)
    results = parallel_map(
        _compile_one, changed, _worker_context, (compilation.project, sources), progress, "compiling", worker
    )
    for name, (key, entries) in results:
        _store(cache, name, key, entries)
    if compiled.get(VOCABULARY) != compilation.vocabulary_digest:
        _store(cache, VOCABULARY, compilation.vocabulary_digest, _entries(_vocabulary(compilation)))
    cache.commit()
    names = {*sources, VOCABULARY}
    return [read_summary(content) for name, content in cache.each("summary") if name in names]


@dataclass(frozen=True)
class _WorkerContext:
    """What a process needs to compile sources."""

    compilation: CompilationContext
    sources: Mapping[str, Source]


def _worker_context(project: Project, sources: Mapping[str, Source]) -> _WorkerContext:
    return _WorkerContext(read_compilation_context(project), sources)


def _compile_one(worker: _WorkerContext, name: str) -> tuple[str, dict[str, bytes]]:
    compilation, source = worker.compilation, worker.sources[name]
    contents, unread = read_source(source, compilation.project)
    compiled = compile_source(source, contents, unread, compilation.project, compilation.context)
    return _key(contents, unread, compilation), _entries(compiled)


def _key(contents: Mapping[str, bytes], unread: list[Finding], compilation: CompilationContext) -> str:
    """Return the digest of everything that the compilation of a source depends on."""
    return digest_of(contents, compilation.compilation_digest, repr(unread))


def _vocabulary(compilation: CompilationContext) -> Compiled:
    project = compilation.project
    locations = vocabulary_locations(project, compilation.prefixes)
    terms = {value_of(subject) for subject, predicate, _, _ in compilation.vocabulary if predicate == f"<{RDF}type>"}
    findings = check_names(
        {term: locations[term] for term in terms & locations.keys()},
        {term: compact(term, compilation.prefixes) for term in terms},
        (project.base, project.vocabulary),
        project.languages,
    )
    return Compiled(
        VOCABULARY, vocabulary_graph(project), compilation.vocabulary, tuple(sorted(findings)), locations=locations
    )


def _entries(compiled: Compiled) -> dict[str, bytes]:
    """Return the cache entries of a source, by kind."""
    text = nquads(compiled.quads).encode()
    summary = {
        "name": compiled.name,
        "graph": compiled.graph,
        "digest": hashlib.sha256(text).hexdigest(),
        "triples": len(compiled.quads),
        "references": compiled.references,
        "findings": [finding.to_data() for finding in compiled.findings],
    }
    inventory = Inventory(
        len(compiled.subjects()), dict(compiled.types()), dict(compiled.predicates()), compiled.coverage
    )
    locations = {key: [location.path, location.line] for key, location in compiled.locations.items()}
    values = {"summary": summary, "inventory": asdict(inventory), "places": locations}
    return {"quads": text} | {kind: json.dumps(value).encode() for kind, value in values.items()}


def _store(cache: Cache, name: str, key: str, entries: Mapping[str, bytes]) -> None:
    for kind, content in entries.items():
        cache.put(kind, name, key, content)


def read_summary(content: bytes) -> Summary:
    """Read a summary from its cache entry."""
    values = json.loads(content)
    values["findings"] = tuple(Finding.from_data(item) for item in values["findings"])
    values["references"] = tuple(map(sys.intern, values["references"]))  # many sources name the same
    return Summary(**values)


def read_inventories(cache: Cache) -> Iterator[tuple[str, Inventory]]:
    """Yield the inventory of each source with its name."""
    for name, content in cache.each("inventory"):
        values = json.loads(content)
        values["coverage"] = tuple(
            Coverage(**{**item, "uncited": tuple(item["uncited"]), "gaps": tuple(map(tuple, item["gaps"]))})
            for item in values["coverage"]
        )
        yield name, Inventory(**values)


def read_totals(cache: Cache, digest: str) -> Inventory:
    """Return the sum of all inventories; `digest` is that of the quads of all sources."""
    content = cache.get("totals", "", digest)
    if content is None:
        subjects, types, predicates = 0, Counter[str](), Counter[str]()
        for _, inventory in read_inventories(cache):
            subjects += inventory.subjects
            types.update(inventory.types)
            predicates.update(inventory.predicates)
        content = json.dumps([subjects, types, predicates, []]).encode()
        cache.put("totals", "", digest, content)
    return Inventory(*json.loads(content))
