"""The release in a triple store: graph by graph, what changed and nothing else, read back and compared.

A digest goes out of the manifest before its graph is sent, and comes back when the store has given the
graph back as it was sent: a run that was stopped anywhere is mended by the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, wait
from dataclasses import dataclass, replace
from typing import TypeVar

from whereas.cache import Cache
from whereas.errors import RemoteError
from whereas.i18n import Message
from whereas.parallel import DaemonThreadPool, Progress, silent
from whereas.rdf.serialization import as_kept
from whereas.rdf.terms import iri
from whereas.stores.manifest import Manifest
from whereas.stores.store import Store, is_left
from whereas.validation.checked_project import CheckedProject

FILLS = 2  # requests side by side that bring many graphs: the store's parser has one thread for each
FILLED = {"oxigraph": 20 * 2**20, "virtuoso": 8 * 2**20}  # bytes in one of them: a Virtuoso 7.2 dies of 16 MB
BATCH = 100  # graphs whose digests are written at a time
SIDE_BY_SIDE = {"oxigraph": 4, "virtuoso": 4}  # requests, by kind of store; of the others we do not know


@dataclass(frozen=True)
class Plan:
    """What a load would do: graphs by IRI, in order."""

    send: tuple[str, ...]
    compare: tuple[str, ...]  # as many triples as ours, and nobody has vouched for them yet
    unchanged: tuple[str, ...]
    gone: tuple[str, ...]  # ours in the store, and no longer in the project
    absent: frozenset[str]  # of those to send, the ones of which the store holds nothing
    left: tuple[str, ...]  # what a run that was stopped had not yet moved to its place


T = TypeVar("T")


class Load:
    """A checked project and the store it goes into."""

    def __init__(self, checked: CheckedProject, store: Store) -> None:
        if not checked.report.conforms:
            raise ValueError("what does not conform is not loaded")
        self.checked, self.store = checked, store
        self.base = checked.project.base
        self.manifest = Manifest(store, self.base)
        self.names = {f"{self.base}graph/{summary.name}": summary.name for summary in checked.summaries}
        self.sizes = {f"{self.base}graph/{summary.name}": summary.triples for summary in checked.summaries}

    def plan(self, verify: bool = False) -> Plan:
        """What has to be sent, by the store's manifest and by how many triples it has in each graph.

        To `verify`, what the manifest calls whole is to be compared as well.
        """
        counts = self.counts()
        ours, digests = self.manifest.read(counts.get(self.manifest.graph, 0))
        send, compare, unchanged = [], [], []
        for graph, size in self.sizes.items():
            if counts.get(graph, 0) != size or digests.get(graph, self._digest(graph)) != self._digest(graph):
                send.append(graph)
            elif verify or graph not in digests:
                compare.append(graph)
            else:
                unchanged.append(graph)
        return Plan(
            tuple(send),
            tuple(compare),
            tuple(sorted(unchanged)),
            tuple(sorted(ours - self.names.keys())),
            frozenset(send) - counts.keys(),
            tuple(sorted(filter(is_left, counts))),
        )

    def compared(self, plan: Plan, progress: Progress = silent) -> Plan:
        """The plan once what it has to compare was: nothing is written, not even what was found whole."""
        differ = [graph for outcomes in self._differences(plan.compare, progress) for graph, told in outcomes if told]
        same = set(plan.compare) - set(differ)
        return replace(plan, send=(*plan.send, *differ), compare=(), unchanged=tuple(sorted({*plan.unchanged, *same})))

    def run(self, plan: Plan, prune: bool = False, progress: Progress = silent) -> tuple[str, ...]:
        """The store holds the release, graph for graph; the graphs that were sent.

        Raises `RemoteError` when it does not; then running again goes on from there.
        """
        gone = plan.gone if prune else ()
        for graph in (*plan.left, *gone):
            self.store.drop(graph)
        if not plan.send and not plan.compare and not gone:
            return ()
        self.manifest.write((*self.names, *(() if prune else plan.gone)), self._digests(plan.unchanged))
        sent = (*self._compare(plan.compare, progress), *plan.send)
        self.send(sent, plan.absent, progress)
        for graph in self._compare(sent, progress):
            raise RemoteError(self._difference(graph, self._triples(graph)) or _changed(graph))
        counts = self.counts()
        for graph, size in self.sizes.items():
            if counts.get(graph, 0) != size:
                raise RemoteError(_changed(graph))
        return sent

    def send(self, graphs: Sequence[str], absent: Collection[str] = (), progress: Progress = silent) -> None:
        """The store was sent these graphs; of those `absent` it holds nothing yet, and nobody can see one half replaced.

        New graphs go many at a time where the store takes them so, which is fast; what it did not take so is sent
        graph by graph. An Oxigraph takes them so while it holds nothing of ours, since it takes them in many steps.
        """

        def place(graph: str, triples: str) -> None:
            if graph in absent and self.store.target.kind == "virtuoso" and self.sizes[graph] <= self.store.most:
                self.store.add(graph, triples)  # one request, where to replace it takes three
            else:
                self.store.replace(graph, triples)

        absent, told = frozenset(absent), self.store
        empty = told.target.kind == "oxigraph" and self.names.keys() == absent
        if told.protocol == "gsp" and (empty or told.target.kind == "virtuoso"):
            done = self._fill([graph for graph in graphs if graph in absent], progress)
            graphs = [graph for graph in graphs if graph not in done]
        for _ in self._each(graphs, place, lambda done, of: progress("sending", done, of)):
            pass

    def _fill(self, graphs: Sequence[str], progress: Progress) -> set[str]:
        """Those of the new graphs that the store took many at a time, in requests side by side."""

        def fill(part: Sequence[str]) -> bool:
            cache = Cache(self.checked.cache.folder)  # a connection of its own: this is another thread
            self.store.fill(lambda: (cache.latest("quads", self.names[graph]) for graph in part))
            return bool(self.store.select(f"ASK {{ GRAPH {iri(part[-1])} {{ ?s ?p ?o }} }}").boolean)

        done: set[str] = set()
        with DaemonThreadPool(FILLS) as crew:
            for part, outcome in [(part, crew.submit(fill, part)) for part in self._parts(graphs)]:
                try:
                    taken = outcome.result()
                except RemoteError:
                    crew.stop()
                    if self.store.target.kind == "oxigraph":
                        raise
                    break  # Virtuoso's loader is its administrator's
                done.update(part if taken else ())
                progress("sending", len(done), len(graphs))
        return done

    def _parts(self, graphs: Sequence[str]) -> Iterator[list[str]]:
        """As many as one request brings; Virtuoso is sent alone what is too large for any."""
        kind = self.store.target.kind
        part: list[str] = []
        size, most = 0, FILLED[kind]
        for graph in graphs:
            more = len(self._content(graph))
            if more > most and kind == "virtuoso":
                continue
            if part and size + more > most:
                yield part
                part, size = [], 0
            part.append(graph)
            size += more
        if part:
            yield part

    def _compare(self, graphs: Sequence[str], progress: Progress) -> list[str]:
        """The graphs that the store gives back otherwise than we have them; the others are vouched for."""
        differ = []
        for outcomes in self._differences(graphs, progress):
            self.manifest.vouch(self._digests(graph for graph, told in outcomes if told is None))
            differ += [graph for graph, told in outcomes if told is not None]
        return differ

    def _differences(self, graphs: Sequence[str], progress: Progress) -> Iterator[list[tuple[str, Message | None]]]:
        return self._each(graphs, self._difference, lambda done, of: progress("comparing", done, of))

    def _each(
        self, graphs: Sequence[str], task: Callable[[str, str], T], tell: Callable[[int, int], None]
    ) -> Iterator[list[tuple[str, T]]]:
        """What the task makes of each graph and its triples, `BATCH` by `BATCH`, several side by side.

        When one raises, those that were done beside it are still given, before it is raised here.
        """
        with DaemonThreadPool(SIDE_BY_SIDE.get(self.store.target.kind, 1)) as crew:
            for start in range(0, len(graphs), BATCH):
                batch = graphs[start : start + BATCH]
                outcomes = [(graph, crew.submit(task, graph, self._triples(graph))) for graph in batch]
                wait([outcome for _, outcome in outcomes], return_when=FIRST_EXCEPTION)
                begun = [(graph, outcome) for graph, outcome in outcomes if not outcome.cancel()]
                yield [(graph, outcome.result()) for graph, outcome in begun if not outcome.exception()]
                for _, outcome in begun:
                    outcome.result()
                tell(start + len(batch), len(graphs))

    def counts(self) -> dict[str, int]:
        """How many triples the store has in each of the graphs below our base."""
        return self.store.counts(f"{self.base}graph/", self.names)

    def _difference(self, graph: str, triples: str) -> Message | None:
        """What the store gives back other than these triples."""
        told = self.store.triples(graph, self.sizes[graph]).decode("utf-8", "replace")
        ours, theirs = set(triples.split("\n")), set(told.split("\n"))
        # A store may keep a value in another form than the one it was sent: integers of every kind as
        # xsd:integer, numbers in their shortest form, language tags in lower case. Both sides are put into
        # the same form, the engine's, and compared triple for triple.
        try:
            if as_kept("\n".join(ours - theirs)) == as_kept("\n".join(theirs - ours)):  # most lines are the same
                return None
            sent, got = as_kept(triples), as_kept(told)
        except SyntaxError as problem:
            raise self.store.unreadable(graph, problem) from None
        if sent == got:
            return None
        missing, other = len(sent - got), len(got - sent)
        return Message(
            "{graph}: the store gives back other triples than it was sent: {missing} missing, {other} not ours",
            graph=graph,
            missing=missing,
            other=other,
        )

    def _content(self, graph: str) -> bytes:
        return self.checked.cache.latest("quads", self.names[graph])

    def _digest(self, graph: str) -> str:
        return hashlib.sha256(self._content(graph)).hexdigest()

    def _triples(self, graph: str) -> str:
        return self._content(graph).decode().replace(f" {iri(graph)} .\n", " .\n")  # no literal holds a line end

    def _digests(self, graphs: Iterable[str]) -> dict[str, str]:
        return {graph: self._digest(graph) for graph in graphs}


def _changed(graph: str) -> Message:
    return Message("{graph}: changed in the store while it was loaded; run it again", graph=graph)
