"""Run every saved query on the real project: the embedded store against rdflib, both loaded and warm."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import rdflib

from benchmarks.measure import say
from benchmarks.page import Section, goal
from whereas.project.project import read_project
from whereas.rdf.serialization import to_rdflib
from whereas.rdf.store import Graph
from whereas.validation.check import check

ROOT = Path(__file__).parent.parent
TIMES = 7
LIMIT = 10  # seconds that rdflib has for a query
PATIENCE = 1.0  # a query that takes rdflib longer is run only once


class _TooLong(BaseException):
    """Not an Exception: rdflib catches those while it evaluates."""


def measure() -> Section:
    """Measure each query on both engines, and the median of the ratios."""
    checked = check(read_project(ROOT))
    store = checked.graph()
    dataset = to_rdflib(quad for summary in checked.summaries for quad in checked.quads(summary.name))
    rows, ratios, slow = [], [], 0
    for query in checked.queries.values():
        if query.federated:  # its time is another machine’s
            continue
        text = query.bind(query.example.arguments if query.example else {})
        ours = median(_timed(lambda text=text: store.query(text)) for _ in range(TIMES))
        count, theirs, within = _rdflib(dataset, text)
        slow += not within
        expected = _count(store, text)
        ratios.append(theirs / ours)
        more = "" if within else "more than "
        same = "" if not within or count == expected else f" ({count} in rdflib)"
        say(f"{query.name}: {ours * 1e3:.2f} ms, rdflib {more}{theirs * 1e3:.0f} ms")
        rows.append(
            (
                query.name,
                f"{expected}{same}",
                f"{ours * 1e3:.2f} ms",
                f"{more}{theirs * 1e3:,.0f} ms",
                f"{more}{theirs / ours:,.0f}",
            )
        )
    ratio = median(ratios)
    return Section(
        "Saved queries",
        f"On the real project, with the arguments of each query’s own example; the store as `whereas ask` opens it. "
        f"Medians of {TIMES} runs; rdflib’s of 3, or one where it took over {PATIENCE:.0f} s. rdflib has {LIMIT} s a query: "
        f"{slow} of {len(rows)} took longer, and count as {LIMIT} s.",
        ("query", "rows", "store", "rdflib", "times faster"),
        rows,
        [
            goal(
                "20 times faster in the median",
                ratio >= 20,
                f"{ratio:.0f} times; least {min(ratios):.0f}, most {max(ratios):,.0f}",
            )
        ],
    )


def _timed(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _rdflib(dataset: rdflib.Dataset, text: str) -> tuple[int, float, bool]:
    """Return the number of rows, the seconds, and whether it finished within the limit."""

    def stop(*_: object) -> None:
        raise _TooLong

    spans: list[float] = []
    count = 0
    before = signal.signal(signal.SIGALRM, stop)
    try:
        while not spans or (len(spans) < 3 and spans[0] < PATIENCE):
            signal.alarm(LIMIT)
            start = time.perf_counter()
            count = len(list(dataset.query(text)))
            spans.append(time.perf_counter() - start)
    except _TooLong:
        return 0, float(LIMIT), False
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return count, median(spans), True


def _count(store: Graph, text: str) -> int:
    answer = store.query(text)
    return len(json.loads(answer.json)["results"]["bindings"]) if answer.json else len(answer.triples)
