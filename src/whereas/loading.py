"""The release in a triple store: graph by graph, what changed and nothing else, read back and compared.

A graph of its own in the store, the manifest, lists the graphs that are ours, with the digest of each
that is known to be whole. A digest goes before its graph is sent and comes back when the store has
given the graph back as it was sent: a run that was stopped anywhere is mended by the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from whereas.checking import Checked
from whereas.crew import Progress, silent
from whereas.errors import RemoteError
from whereas.graph import as_kept
from whereas.stores import Store
from whereas.terms import Triples, iri, literal, nquads, value_of

MANIFEST = "graph/manifest"
BATCH = 32  # graphs whose digests are written at a time
_PART = "<http://purl.org/dc/terms/hasPart>"
_DIGEST = "<https://schema.org/sha256>"


@dataclass(frozen=True)
class Plan:
    """What a load would do: graphs by IRI, in order."""

    send: tuple[str, ...]
    unchanged: tuple[str, ...]
    gone: tuple[str, ...]  # ours in the store, and no longer in the project


class Load:
    """A checked project and the store it goes into."""

    def __init__(self, checked: Checked, store: Store) -> None:
        if not checked.report.conforms:
            raise ValueError("what does not conform is not loaded")
        self.checked, self.store = checked, store
        self.base = checked.project.base
        self.manifest = f"{self.base}{MANIFEST}"
        self.names = {f"{self.base}graph/{summary.name}": summary.name for summary in checked.summaries}
        self.sizes = {f"{self.base}graph/{summary.name}": summary.triples for summary in checked.summaries}

    def plan(self) -> Plan:
        """What has to be sent, by the store's manifest and by how many triples it has in each graph."""
        ours, digests = self._read_manifest()
        counts = self.counts()
        send = [
            graph
            for graph in self.names
            if digests.get(graph) != self._digest(graph) or counts.get(graph, 0) != self.sizes[graph]
        ]
        gone = sorted(ours - self.names.keys())
        return Plan(tuple(send), tuple(sorted(self.names.keys() - set(send))), tuple(gone))

    def run(self, plan: Plan, prune: bool = False, progress: Progress = silent) -> None:
        """The store holds the release, graph for graph.

        Raises `RemoteError` when it does not; then running again goes on from there.
        """
        if not plan.send and not (prune and plan.gone):
            return
        if prune:
            for graph in plan.gone:
                self.store.drop(graph)
        self._write_manifest(plan.unchanged, () if prune else plan.gone)
        whole = self._is_first(plan)
        if whole:
            self.store.fill(self._content(graph) for graph in plan.send)
        sound: list[str] = []
        try:
            for count, graph in enumerate(plan.send, 1):
                if not whole:
                    self.store.replace(graph, self._triples(graph))
                self._compare(graph)
                sound.append(graph)
                if len(sound) == BATCH:
                    self._vouch(sound)
                    sound = []
                progress("sent", count, len(plan.send))
        finally:
            if sound:
                self._vouch(sound)
        self._compare_counts()

    def counts(self) -> dict[str, int]:
        """How many triples the store has in each of the graphs below our base."""
        start = literal(f"{self.base}graph/")
        answer = self.store.select(
            "SELECT ?graph (COUNT(*) AS ?triples) WHERE { GRAPH ?graph { ?s ?p ?o } "
            f"FILTER(STRSTARTS(STR(?graph), {start})) }} GROUP BY ?graph"
        )
        return {row[0].value: int(row[1].value) for row in answer.rows if row[0] and row[1]}

    def _is_first(self, plan: Plan) -> bool:
        """Whether the store takes a whole file at once, and holds nothing of ours that could be seen half."""
        told = self.store
        if told.target.kind != "oxigraph" or told.protocol != "gsp" or plan.unchanged:
            return False
        return not (self.counts().keys() & self.names.keys())

    def _compare(self, graph: str) -> None:
        ours, theirs = self._kept(self._triples(graph)), self._kept(self.store.triples(graph))
        if ours != theirs:
            raise RemoteError(
                f"{graph}: the store gives back other triples than it was sent:"
                f" {len(ours - theirs)} missing, {len(theirs - ours)} not ours"
            )

    def _compare_counts(self) -> None:
        counts = self.counts()
        for graph, size in self.sizes.items():
            if counts.get(graph, 0) != size:
                raise RemoteError(f"{graph}: expected {size} triples in the store, got {counts.get(graph, 0)}")

    def _kept(self, content: bytes | str) -> Triples:
        # A store may keep a value in another form than the one it was sent: integers of every kind as
        # xsd:integer, numbers in their shortest form, language tags in lower case. Both sides are put into
        # the same form, the engine's, and compared triple for triple.
        try:
            return as_kept(content)
        except SyntaxError as problem:
            raise RemoteError(f"{self.store.target.query}: expected N-Triples: {problem}") from None

    # ---------------------------------------------------------------- what is ours

    def _content(self, graph: str) -> bytes:
        return self.checked.cache.latest("quads", self.names[graph])

    def _digest(self, graph: str) -> str:
        return hashlib.sha256(self._content(graph)).hexdigest()

    def _triples(self, graph: str) -> str:
        return nquads((s, p, o, "") for s, p, o, _ in self.checked.quads(self.names[graph]))

    # ---------------------------------------------------------------- the manifest

    def _read_manifest(self) -> tuple[set[str], dict[str, str]]:
        ours, digests = set(), {}
        for subject, predicate, value in self._kept(self.store.triples(self.manifest)):
            if predicate == _PART:
                ours.add(value_of(value))
            elif predicate == _DIGEST:
                digests[value_of(subject)] = value_of(value)
        return ours, digests

    def _write_manifest(self, sound: Iterable[str], gone: Iterable[str]) -> None:
        parts = [(iri(self.manifest), _PART, iri(graph), "") for graph in (*self.names, *gone)]
        self.store.replace(self.manifest, nquads([*parts, *self._vouched(sound)]))

    def _vouch(self, graphs: Iterable[str]) -> None:
        self.store.add(self.manifest, nquads(self._vouched(graphs)))

    def _vouched(self, graphs: Iterable[str]) -> list[tuple[str, str, str, str]]:
        return [(iri(graph), _DIGEST, literal(self._digest(graph)), "") for graph in graphs]
