"""Load a project into a triple store: the graphs that changed and no others, read back and compared.

A digest is removed from the manifest before its graph is sent, and added again when the store has returned the
graph as it was sent: the next run completes what an interrupted one left.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, wait
from dataclasses import dataclass, replace
from typing import TypeVar

from whereas.cache import Cache
from whereas.errors import RemoteError
from whereas.i18n import Message
from whereas.parallel import DaemonThreadPool, Progress, silent
from whereas.rdf.namespaces import XSD
from whereas.rdf.serialization import as_kept
from whereas.rdf.terms import Triples, iri
from whereas.stores.manifest import Manifest
from whereas.stores.store import Store, is_abandoned
from whereas.validation.checked_project import CheckedProject

BULK_REQUESTS = 2  # requests at a time that send many graphs each: the store's parser has one thread for each
BULK_BYTES = {"oxigraph": 20 * 2**20, "virtuoso": 8 * 2**20}  # in one of them: a Virtuoso 7.2 crashes at 16 MB
BATCH = 100  # graphs whose digests are written at a time
_WIDE = re.compile(rf'"(-?\d{{10,}})"\^\^<{XSD}integer>')
MOST_NAMED = 3  # triples in a message about a difference
MOST_SHOWN = 120  # characters of a value in it
REQUESTS = {"oxigraph": 4, "virtuoso": 4}  # at a time, by kind of store; for others nothing is known


@dataclass(frozen=True)
class Plan:
    """What a load would do: graphs by IRI, in order."""

    send: tuple[str, ...]
    compare: tuple[str, ...]  # as many triples as ours, and not yet known to be complete
    unchanged: tuple[str, ...]
    gone: tuple[str, ...]  # ours in the store, and no longer in the project
    absent: frozenset[str]  # of those to send, the ones of which the store holds nothing
    abandoned: tuple[str, ...]  # staged by a run that was interrupted


T = TypeVar("T")


class Loader:
    """A checked project and the store it is loaded into."""

    def __init__(self, checked: CheckedProject, store: Store) -> None:
        if not checked.report.conforms:
            raise ValueError("a project that does not conform is not loaded")
        self.checked, self.store = checked, store
        self.base = checked.project.base
        self.manifest = Manifest(store, self.base)
        self.names = {f"{self.base}graph/{summary.name}": summary.name for summary in checked.summaries}
        self.sizes = {f"{self.base}graph/{summary.name}": summary.triples for summary in checked.summaries}

    def plan(self, verify: bool = False) -> Plan:
        """Return what has to be sent, by the store's manifest and the number of triples in each of its graphs.

        With `verify`, what the manifest calls complete is to be compared as well.
        """
        counts = self.counts()
        ours, digests = self.manifest.read(counts.get(self.manifest.graph, 0))
        send, compare, unchanged = [], [], []
        for graph, size in self.sizes.items():
            is_same_size = self._is_size(graph, counts.get(graph, 0), size)
            if not is_same_size or digests.get(graph, self._digest(graph)) != self._digest(graph):
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
            tuple(sorted(filter(is_abandoned, counts))),
        )

    def compare(self, plan: Plan, progress: Progress = silent) -> Plan:
        """Return the plan with its comparisons made; nothing is written to the store."""
        differ = [
            graph
            for outcomes in self._differences(plan.compare, progress)
            for graph, difference in outcomes
            if difference
        ]
        same = set(plan.compare) - set(differ)
        return replace(plan, send=(*plan.send, *differ), compare=(), unchanged=tuple(sorted({*plan.unchanged, *same})))

    def run(self, plan: Plan, prune: bool = False, progress: Progress = silent) -> tuple[str, ...]:
        """Carry out the plan, with `prune` drop the graphs that are gone, and return the graphs sent.

        Raise `RemoteError` when the store does not hold the project afterwards; running again continues from there.
        """
        gone = plan.gone if prune else ()
        for graph in (*plan.abandoned, *gone):
            self.store.drop(graph)
        if not plan.send and not plan.compare and not gone:
            return ()
        self.manifest.write((*self.names, *(() if prune else plan.gone)), self._digests(plan.unchanged))
        sent = (*self._compare_and_mark(plan.compare, progress), *plan.send)
        self.send(sent, plan.absent, progress)
        for graph in self._compare_and_mark(sent, progress):
            raise RemoteError(self._difference(graph, self._triples(graph)) or _changed(graph))
        counts = self.counts()
        for graph, size in self.sizes.items():
            if not self._is_size(graph, counts.get(graph, 0), size):
                raise RemoteError(_changed(graph))
        return sent

    def send(self, graphs: Sequence[str], absent: Collection[str] = (), progress: Progress = silent) -> None:
        """Send these graphs to the store, which holds nothing yet of those `absent`; readers see none half replaced.

        New graphs are sent many at a time where the store allows it, which is fast; the others one by one. Oxigraph
        takes many in several steps: it is sent many only while it holds nothing of the project.
        """
        store, absent = self.store, frozenset(absent)

        def send_one(graph: str, triples: str) -> None:
            if graph in absent and store.config.kind == "virtuoso" and self.sizes[graph] <= store.max_triples:
                store.add(graph, triples)  # one request, where to replace it takes three
            else:
                store.replace(graph, triples)

        is_empty = store.config.kind == "oxigraph" and self.names.keys() == absent
        if store.protocol == "gsp" and (is_empty or store.config.kind == "virtuoso"):
            done = self._send_in_bulk([graph for graph in graphs if graph in absent], progress)
            graphs = [graph for graph in graphs if graph not in done]
        for _ in self._each(graphs, send_one, lambda done, total: progress("sending", done, total)):
            pass

    def _send_in_bulk(self, graphs: Sequence[str], progress: Progress) -> set[str]:
        """Send new graphs, many in a request; return those that the store took."""

        def send(batch: Sequence[str]) -> bool:
            cache = Cache(self.checked.cache.folder)  # a connection of its own: this is another thread
            self.store.add_quads(lambda: (cache.latest("quads", self.names[graph]) for graph in batch))
            return bool(self.store.select(f"ASK {{ GRAPH {iri(batch[-1])} {{ ?s ?p ?o }} }}").boolean)

        done: set[str] = set()
        with DaemonThreadPool(BULK_REQUESTS) as pool:
            for batch, outcome in [(batch, pool.submit(send, batch)) for batch in self._bulk_batches(graphs)]:
                try:
                    is_taken = outcome.result()
                except RemoteError:
                    pool.stop()
                    if self.store.config.kind == "oxigraph":
                        raise
                    break  # only Virtuoso's administrator may call its loader
                done.update(batch if is_taken else ())
                progress("sending", len(done), len(graphs))
        return done

    def _bulk_batches(self, graphs: Sequence[str]) -> Iterator[list[str]]:
        """Yield as many graphs as one request may send; a graph too large for Virtuoso is left out."""
        kind = self.store.config.kind
        batch: list[str] = []
        size, limit = 0, BULK_BYTES[kind]
        for graph in graphs:
            more = len(self._content(graph))
            if more > limit and kind == "virtuoso":
                continue
            if batch and size + more > limit:
                yield batch
                batch, size = [], 0
            batch.append(graph)
            size += more
        if batch:
            yield batch

    def _compare_and_mark(self, graphs: Sequence[str], progress: Progress) -> list[str]:
        """Mark as complete the graphs that the store returns as they are here; return the others."""
        differ = []
        for outcomes in self._differences(graphs, progress):
            self.manifest.mark_complete(self._digests(graph for graph, difference in outcomes if difference is None))
            differ += [graph for graph, difference in outcomes if difference is not None]
        return differ

    def _differences(self, graphs: Sequence[str], progress: Progress) -> Iterator[list[tuple[str, Message | None]]]:
        return self._each(graphs, self._difference, lambda done, total: progress("comparing", done, total))

    def _each(
        self, graphs: Sequence[str], task: Callable[[str, str], T], report: Callable[[int, int], None]
    ) -> Iterator[list[tuple[str, T]]]:
        """Yield what the task returns for each graph and its triples, `BATCH` by `BATCH`, several at a time.

        When one raises, the outcomes of those that were done are still yielded, before it is raised here.
        """
        with DaemonThreadPool(REQUESTS.get(self.store.config.kind, 1)) as pool:
            for start in range(0, len(graphs), BATCH):
                batch = graphs[start : start + BATCH]
                outcomes = [(graph, pool.submit(task, graph, self._triples(graph))) for graph in batch]
                wait([outcome for _, outcome in outcomes], return_when=FIRST_EXCEPTION)
                started = [(graph, outcome) for graph, outcome in outcomes if not outcome.cancel()]
                yield [(graph, outcome.result()) for graph, outcome in started if not outcome.exception()]
                for _, outcome in started:
                    outcome.result()
                report(start + len(batch), len(graphs))

    def counts(self) -> dict[str, int]:
        """Return the number of triples that the store holds in each graph below our base."""
        return self.store.counts(f"{self.base}graph/", self.names)

    def _difference(self, graph: str, triples: str) -> Message | None:
        """Return how the store's triples differ from these; None where they do not."""
        stored = self.store.triples(graph, self.sizes[graph]).decode("utf-8", "replace")
        ours, theirs = set(triples.split("\n")), set(stored.split("\n"))
        # A store may keep a value in another form than the one it was sent: integers of every kind as
        # xsd:integer, numbers in their shortest form, language tags in lower case. Both sides are put into
        # the same form, the engine's, and compared triple for triple.
        try:
            if as_kept("\n".join(ours - theirs)) == as_kept("\n".join(theirs - ours)):  # most lines are the same
                return None
            sent, received = (self._comparable(as_kept(each)) for each in (triples, stored))
        except SyntaxError as problem:
            raise self.store.invalid_ntriples(graph, problem) from None
        if sent == received:
            return None
        return _difference_of(graph, sent, received)

    def _comparable(self, triples: Triples) -> Triples:
        """Return the triples with the datatype that Virtuoso gives to integers of more than 32 bits."""
        if self.store.config.kind != "virtuoso":
            return triples
        return frozenset((*triple[:2], _WIDE.sub(rf'"\1"^^<{XSD}decimal>', triple[2])) for triple in triples)

    def _is_size(self, graph: str, count: int, size: int) -> bool:
        """Return whether a store with `count` triples can hold all of a graph: values written in two ways are one there."""
        return count == size or (0 < count < size and count == len(as_kept(self._triples(graph))))

    def _content(self, graph: str) -> bytes:
        return self.checked.cache.latest("quads", self.names[graph])

    def _digest(self, graph: str) -> str:
        return hashlib.sha256(self._content(graph)).hexdigest()

    def _triples(self, graph: str) -> str:
        return self._content(graph).decode().replace(f" {iri(graph)} .\n", " .\n")  # no literal holds a line end

    def _digests(self, graphs: Iterable[str]) -> dict[str, str]:
        return {graph: self._digest(graph) for graph in graphs}


def _difference_of(graph: str, sent: Triples, received: Triples) -> Message:
    """Return the sentence that names the first triples that differ, and what the store has in their place."""
    missing, extra = sorted(sent - received), sorted(received - sent)
    others: dict[tuple[str, str], list[str]] = defaultdict(list)
    for subject, property_, value in extra:
        others[subject, property_].append(_shortened(value))
    nothing = Message("nothing")
    first: list[Message] = []
    for subject, property_, value in missing[:MOST_NAMED]:
        got = others[subject, property_].pop(0) if others[subject, property_] else nothing
        first.append(
            Message(
                "{subject} {property}: expected {value}, got {got}",
                subject=subject,
                property=property_,
                value=_shortened(value),
                got=got,
            )
        )
    if not missing:
        subject, property_, value = extra[0]
        first.append(
            Message(
                "{subject} {property}: expected {value}, got {got}",
                subject=subject,
                property=property_,
                value=nothing,
                got=_shortened(value),
            )
        )
    named = first[0]
    for each in first[1:]:
        named = Message("{triple}; {others}", triple=named, others=each)
    return Message(
        "{graph}: the store's triples differ from those sent: {missing} missing, {extra} extra: {named}; "
        "if this store cannot hold a value, write it in another way, such as a text, or load into another store",
        graph=graph,
        missing=len(missing),
        extra=len(extra),
        named=named,
    )


def _shortened(term: str) -> str:
    return term if len(term) <= MOST_SHOWN else f"{term[: MOST_SHOWN - 1]}…"


def _changed(graph: str) -> Message:
    return Message("{graph}: changed in the store while it was loaded; run it again", graph=graph)
