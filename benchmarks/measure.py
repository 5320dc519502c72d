"""Measure a command: elapsed time, CPU time and peak memory of its processes."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event, Thread

ROOT = Path(__file__).parent.parent
EVERY = 0.05  # seconds between two readings of the memory


@dataclass(frozen=True)
class Cost:
    """Elapsed `seconds`, `work` in CPU seconds and `peak` memory in bytes of a command and its children."""

    seconds: float
    work: float
    peak: int
    printed: str


def run(*arguments: str) -> Cost:
    """Run `python -m` with these arguments in a process of its own, and return its cost.

    The peak adds up the memory of all processes, counting shared memory once. Raise `SystemExit` when the command fails.
    """
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    ended, peaks = Event(), [0]
    watch = Thread(target=_watch, args=(process.pid, ended, peaks))
    watch.start()
    printed, _ = process.communicate()
    seconds = time.perf_counter() - start
    ended.set()
    watch.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)}: ended with {process.returncode}\n{printed[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, work, max(peaks), printed)


def typical(costs: list[Cost]) -> Cost:
    """Return the medians of several runs of one command."""
    return Cost(
        median(cost.seconds for cost in costs),
        median(cost.work for cost in costs),
        int(median(cost.peak for cost in costs)),
        costs[-1].printed,
    )


def link_project(folder: Path) -> None:
    """Link the files of the real project into `folder`, so that it can be built there from nothing."""
    for material in ("data", "ontology", "shapes", "queries", "pyproject.toml"):
        (folder / material).symlink_to(ROOT / material)


def say(text: str) -> None:
    """Print progress to standard error, unbuffered."""
    print(text, file=sys.stderr, flush=True)


def _watch(pid: int, ended: Event, peaks: list[int]) -> None:
    took = 0.0
    while not ended.wait(
        max(EVERY, 20 * took)
    ):  # reading the maps of gigabytes takes time and slows the process measured
        start = time.perf_counter()
        peaks.append(sum(map(_resident, _family(pid))))
        took = time.perf_counter() - start


def _family(pid: int) -> list[int]:
    family = [pid]
    for member in family:
        try:
            children = Path(f"/proc/{member}/task/{member}/children").read_text()
        except OSError:  # ended between two readings
            continue
        family.extend(map(int, children.split()))
    return family


def _resident(pid: int) -> int:
    """Return the proportional memory of a process in bytes: its own, and its part of what is shared."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    share = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(share[1]) * 1024 if share else 0
