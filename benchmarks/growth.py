"""Measure documents a second and memory on invented corpora of growing size, against the plain script.

The plain script validates everything as one graph and would not finish the larger corpora: it is run
on `PEER_SIZES` documents of the same kind. Its rate is taken from the documents and seconds that the
larger run has more, so that its start-up time does not count, and given beside the figures.
"""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import change, write_corpus
from benchmarks.measure import run, say, typical
from benchmarks.page import Section, goal, seconds

SIZES = (100, 1_000, 10_000)
PEER_SIZES = (10, 40)
CHANGES = 5  # documents changed, one after the other


def measure(sizes: tuple[int, ...] = SIZES) -> Section:
    """Build each corpus from nothing, again, and again with one document changed."""
    rows, rates, peaks = [], {}, {}
    with TemporaryDirectory(prefix="bench-") as name:
        spans = []
        write_corpus(Path(name) / "peer", 100)
        for size in PEER_SIZES:
            plain = run("benchmarks.plain", "build", f"{name}/peer", f"{name}/plain", str(size))
            spans.append(plain.seconds)
            say(f"plain script, {size} documents: {seconds(plain.seconds)}")
            rows.append(
                (f"plain script, {size:,}", _triples(plain.printed), seconds(plain.seconds), f"{size / plain.seconds:.2f}",
                 f"{plain.peak / 1e6:.0f} MB", "", "")
            )  # fmt: skip
        best = (PEER_SIZES[1] - PEER_SIZES[0]) / (spans[1] - spans[0])
        for size in sizes:
            folder = Path(name) / str(size)
            write_corpus(folder, size)
            cold = run("whereas", "build", "--no-pages", "-C", str(folder))
            say(f"{size:,} documents: {seconds(cold.seconds)}, {cold.peak / 1e6:.0f} MB")
            again = run("whereas", "build", "--no-pages", "-C", str(folder))
            changed = []
            for number in range(CHANGES):
                change(folder, size // 2 + number)
                changed.append(run("whereas", "build", "--no-pages", "-C", str(folder)))
            one, first = typical(changed), changed[0]
            works = ", ".join(seconds(cost.work) for cost in changed)
            say(f"  again: {seconds(again.seconds)}; one changed: {seconds(one.seconds)}; work of each: {works}")
            rates[size], peaks[size] = size / cold.seconds, cold.peak
            rows.append(
                (f"Whereas, {size:,}", _triples(cold.printed), seconds(cold.seconds), f"{rates[size]:.1f}",
                 f"{cold.peak / 1e6:.0f} MB", seconds(again.seconds), f"{seconds(one.seconds)} ({seconds(one.work)} CPU)")
            )  # fmt: skip
    verdicts = []
    for size in sizes:
        if size >= 1_000:
            ratio = rates[size] / best
            verdicts.append(
                goal(
                    f"at least 60 times the plain script’s rate, at {size:,} documents",
                    ratio >= 60,
                    f"{ratio:.0f} times",
                )
            )
    small, large = min(sizes), max(sizes)
    slowing = rates[small] / rates[large]
    verdicts.append(
        goal(
            "linear: the largest corpus at no less than 0.8 of the smallest’s rate",
            slowing <= 1.25,
            f"{1 / slowing:.2f}",
        )
    )
    growth = (peaks[large] - peaks[small]) / (large - small) if large > small else 0
    verdicts.append(goal("memory: under 50 kB for each further document", growth < 50e3, f"{growth / 1e3:.0f} kB"))
    verdicts.append(
        goal(
            f"one document changed among {large:,}: under 5 seconds’ work",
            one.work < 5,
            f"{seconds(one.work)} of CPU; {seconds(first.work)} the first time after everything was built",
        )
    )
    peer_sizes = ", ".join(map(str, PEER_SIZES))
    return Section(
        "Invented corpora",
        f"One run each, `build` from nothing: all formats written. The plain script cannot finish 1,000 documents in the "
        f"time available: it is run on {peer_sizes} of the same kind, and its rate is that of the documents the larger run has "
        f"more, its start left out: {best:.2f} documents a second. It is not measured at 1,000. One changed: the medians of "
        f"{CHANGES} documents changed one after the other, each followed by a build.",
        ("documents", "triples", "build", "documents/s", "memory", "nothing changed", "one changed"),
        rows,
        verdicts,
    )


def _triples(printed: str) -> str:
    match = re.search(r"([\d,]+) triples", printed)
    return match[1] if match else ""
