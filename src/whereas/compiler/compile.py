"""Every source compiled, each once, and not again until its files, or the words it is written in, change."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from whereas.cache import Cache
from whereas.compiler.documents import compile_source
from whereas.compiler.passages import Coverage
from whereas.compiler.unit import Compiled
from whereas.findings import Finding, Message, Place
from whereas.parallel import Progress, work
from whereas.project.ontology import vocabulary_graph, vocabulary_places
from whereas.project.project import Project
from whereas.project.sources import VOCABULARY, Source, digest_of, list_sources, read_source
from whereas.rdf.terms import nquads
from whereas.validation.rules import Rules, read_rules

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


def compile_sources(rules: Rules, cache: Cache, progress: Progress) -> list[Summary]:
    """The summary of every source, by name; their quads, places and inventories are in the cache."""
    known = cache.keys("summary")
    seen = cache.all("seen")
    sources, keys = {}, {}
    for source in list_sources(rules.project):
        sources[source.name] = source
        signature = digest_of({}, source.signature, rules.compiling)
        if seen.get(source.name, ("",))[0] == signature:
            keys[source.name] = seen[source.name][1].decode()
            continue
        keys[source.name] = _key(source, rules)
        if time.time_ns() - source.touched > SETTLED:
            cache.put("seen", source.name, signature, keys[source.name].encode())
    changed = [name for name, key in keys.items() if known.get(name) != key]
    bench = _Bench(rules, sources)
    for name, (key, told) in work(_compile_one, changed, _open, (rules.project, sources), progress, "compiled", bench):
        _remember(cache, name, key, told)
    if known.get(VOCABULARY) != rules.digest:
        _remember(cache, VOCABULARY, rules.digest, _told(_vocabulary(rules)))
    cache.commit()
    wanted = {*sources, VOCABULARY}
    return [summary_from(told) for name, told in cache.each("summary") if name in wanted]


@dataclass(frozen=True)
class _Bench:
    """What a process needs to compile sources."""

    rules: Rules
    sources: Mapping[str, Source]


def _open(project: Project, sources: Mapping[str, Source]) -> _Bench:
    return _Bench(read_rules(project), sources)


def _compile_one(bench: _Bench, name: str) -> tuple[str, dict[str, bytes]]:
    rules, source = bench.rules, bench.sources[name]
    contents, unread = read_source(source, rules.project)
    compiled = compile_source(source, contents, unread, rules.project, rules.context)
    return _key_of(contents, unread, rules), _told(compiled)


def _key(source: Source, rules: Rules) -> str:
    """Digest of everything its compilation rests on."""
    return _key_of(*read_source(source, rules.project), rules)


def _key_of(contents: Mapping[str, bytes], unread: list[Finding], rules: Rules) -> str:
    return digest_of(contents, rules.compiling, repr(unread))


def _vocabulary(rules: Rules) -> Compiled:
    places = vocabulary_places(rules.project, rules.prefixes)
    return Compiled(VOCABULARY, vocabulary_graph(rules.project), rules.vocabulary, places=places)


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
    places = {key: [place.path, place.line] for key, place in compiled.places.items()}
    told = {"summary": asdict(summary), "inventory": asdict(inventory), "places": places}
    return {"quads": text} | {kind: json.dumps(value).encode() for kind, value in told.items()}


def _remember(cache: Cache, name: str, key: str, told: Mapping[str, bytes]) -> None:
    for kind, value in told.items():
        cache.put(kind, name, key, value)


def summary_from(told: bytes) -> Summary:
    """A summary as it was remembered."""
    read = json.loads(told)
    read["findings"] = tuple(finding_from(item) for item in read["findings"])
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


def finding_from(told: dict[str, Any]) -> Finding:
    """A finding as it was remembered."""
    return Finding(**{**told, "place": Place(**told["place"]), "message": Message(**told["message"])})
