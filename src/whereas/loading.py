"""The release in a triple store: graph by graph, what changed and nothing else, read back and compared.

A graph of its own in the store, the manifest, lists the graphs that are ours, with the digest of each
that is known to be whole. A digest goes before its graph is sent and comes back when the store has
given the graph back as it was sent: a run that was stopped anywhere is mended by the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

from whereas.cache import Cache
from whereas.checking import Checked
from whereas.crew import Progress, silent
from whereas.errors import Message, RemoteError
from whereas.graph import Triples, as_kept, iri, literal, nquads, value_of
from whereas.stores import STAGING, Store

FILLS = 2  # requests that fill an empty store: its parser has one thread for each
MANIFEST = "graph/manifest"
BATCH = 32  # graphs whose digests are written at a time
SIDE_BY_SIDE = {"virtuoso": 4}  # requests, by kind of store: Oxigraph writes one at a time, of others we do not know
_PART = "<http://purl.org/dc/terms/hasPart>"
_DIGEST = "<https://schema.org/sha256>"


@dataclass(frozen=True)
class Plan:
    """What a load would do: graphs by IRI, in order."""

    send: tuple[str, ...]
    compare: tuple[str, ...]  # as many triples as ours, and nobody has vouched for them yet
    unchanged: tuple[str, ...]
    gone: tuple[str, ...]  # ours in the store, and no longer in the project
    absent: frozenset[str]  # of those to send, the ones of which the store holds nothing
    left: tuple[str, ...]  # what a run that was stopped had not yet moved to its place


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
        send, compare, unchanged = [], [], []
        for graph, size in self.sizes.items():
            if counts.get(graph, 0) != size or digests.get(graph, self._digest(graph)) != self._digest(graph):
                send.append(graph)
            elif graph not in digests:
                compare.append(graph)
            else:
                unchanged.append(graph)
        return Plan(
            tuple(send),
            tuple(compare),
            tuple(sorted(unchanged)),
            tuple(sorted(ours - self.names.keys())),
            frozenset(send) - counts.keys(),
            tuple(sorted(graph for graph in counts if graph.endswith(STAGING))),
        )

    def run(self, plan: Plan, prune: bool = False, progress: Progress = silent) -> tuple[str, ...]:
        """The store holds the release, graph for graph; the graphs that were sent.

        Raises `RemoteError` when it does not; then running again goes on from there.
        """
        gone = plan.gone if prune else ()
        for graph in (*plan.left, *gone):
            self.store.drop(graph)
        if not plan.send and not plan.compare and not gone:
            return ()
        self._write_manifest(plan.unchanged, () if prune else plan.gone)
        filled = self._is_first(plan)
        if filled:
            self._fill(plan.send)
        wrong = self._each(plan.compare, self._differs, progress, "compared")
        sent = (*wrong, *plan.send)

        def place(graph: str, triples: str) -> bool:
            if graph in plan.absent and not filled:
                self.store.add(graph, triples)
            elif not filled:
                self.store.replace(graph, triples)
            if told := self._difference(graph, triples):
                raise RemoteError(told)
            return False

        self._each(sent, place, progress, "sent")
        self._compare_counts()
        return sent

    def _fill(self, graphs: Sequence[str]) -> None:
        """Everything, in a few requests side by side: each reads what it sends anew when it has to send it again."""

        def contents(part: Sequence[str]) -> Iterator[bytes]:
            cache = Cache(self.checked.cache.folder)  # a connection of its own: this is another thread
            return (cache.latest("quads", self.names[graph]) for graph in part)

        size = -(-len(graphs) // FILLS)
        parts = [graphs[start : start + size] for start in range(0, len(graphs), size)]
        with ThreadPoolExecutor(FILLS) as crew:
            for outcome in [crew.submit(self.store.fill, partial(contents, part)) for part in parts]:
                outcome.result()

    def _each(
        self, graphs: Sequence[str], task: Callable[[str, str], bool], progress: Progress, word: str
    ) -> list[str]:
        """Does the task with each graph, several side by side where the store gains by it; the others are vouched for.

        Gives those for which the task is true. What was done before an error is vouched for too.
        """
        found = []
        with ThreadPoolExecutor(SIDE_BY_SIDE.get(self.store.target.kind, 1)) as crew:
            for start in range(0, len(graphs), BATCH):
                batch = graphs[start : start + BATCH]
                outcomes = [(graph, crew.submit(task, graph, self._triples(graph))) for graph in batch]
                wait([outcome for _, outcome in outcomes], return_when=FIRST_EXCEPTION)
                for _, outcome in outcomes:
                    outcome.cancel()  # what has not begun when another one fails
                done = {
                    graph: outcome.result()
                    for graph, outcome in outcomes
                    if not outcome.cancelled() and not outcome.exception()
                }
                self._vouch(graph for graph, is_found in done.items() if not is_found)
                for _, outcome in outcomes:
                    if not outcome.cancelled():
                        outcome.result()
                found += [graph for graph, is_found in done.items() if is_found]
                progress(word, start + len(batch), len(graphs))
        return found

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
        if told.target.kind != "oxigraph" or told.protocol != "gsp":
            return False
        return len(plan.absent) == len(self.names)

    def _differs(self, graph: str, triples: str) -> bool:
        return self._difference(graph, triples) is not None

    def _difference(self, graph: str, triples: str) -> Message | None:
        """What the store gives back other than these triples."""
        ours, theirs = self._kept(triples), self._kept(self.store.triples(graph))
        if ours == theirs:
            return None
        missing, other = len(ours - theirs), len(theirs - ours)
        return Message(
            f"{graph}: the store gives back other triples than it was sent: {missing} missing, {other} not ours",
            f"{graph} : le magasin rend d’autres triplets que ceux reçus : {missing} manquent, {other} ne sont pas de nous",
        )

    def _compare_counts(self) -> None:
        counts = self.counts()
        for graph, size in self.sizes.items():
            if (got := counts.get(graph, 0)) != size:
                raise RemoteError(
                    Message(
                        f"{graph}: expected {size} triples in the store, got {got}",
                        f"{graph} : {size} triplets attendus dans le magasin, et non {got}",
                    )
                )

    def _kept(self, content: bytes | str) -> Triples:
        # A store may keep a value in another form than the one it was sent: integers of every kind as
        # xsd:integer, numbers in their shortest form, language tags in lower case. Both sides are put into
        # the same form, the engine's, and compared triple for triple.
        try:
            return as_kept(content)
        except SyntaxError as problem:
            address = self.store.target.query
            raise RemoteError(
                Message(f"{address}: expected N-Triples: {problem}", f"{address} : N-Triples attendus : {problem}")
            ) from None

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
        if told := self._vouched(graphs):
            self.store.add(self.manifest, nquads(told))

    def _vouched(self, graphs: Iterable[str]) -> list[tuple[str, str, str, str]]:
        return [(iri(graph), _DIGEST, literal(self._digest(graph)), "") for graph in graphs]
