"""Build the static site of invented projects: pages a second, memory, and the cost of one changed document."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import change, write_corpus
from benchmarks.measure import run, say
from benchmarks.page import Section, goal, seconds

SIZES = (100, 1_000, 10_000)

Written = dict[str, tuple[int, int]]  # each file, with its inode and modification time


def measure(sizes: tuple[int, ...] = SIZES) -> Section:
    """Build each site from nothing, then again with one document changed."""
    rows, verdicts, rates = [], [], []
    with TemporaryDirectory(prefix="bench-") as name:
        for size in sizes:
            folder = Path(name) / str(size)
            write_corpus(folder, size)
            first = run("whereas", "build", "-C", str(folder))
            before = written(folder / "public")
            pages = sum(path.endswith(".html") for path in before)
            rate = pages / first.seconds
            rates.append(rate)
            say(f"{size:,} documents, {pages:,} pages: {seconds(first.seconds)}, {first.peak / 1e6:.0f} MB")
            change(folder, size // 2)
            again = run("whereas", "build", "-C", str(folder))
            after = written(folder / "public")
            anew = len(rewritten(before, after))
            say(f"  one changed: {anew:,} files in {seconds(again.seconds)}, {seconds(again.work)} of work")
            rows.append(
                (f"{size:,}", f"{len(before):,}", f"{pages:,}", seconds(first.seconds), f"{rate:.0f}",
                 f"{first.peak / 1e6:.0f} MB", f"{anew:,}", f"{seconds(again.seconds)} ({seconds(again.work)} CPU)")
            )  # fmt: skip
            verdicts.append(
                goal(
                    f"{size:,} documents: one changed, under a tenth of the files rewritten",
                    anew < len(after) / 10,
                    f"{anew:,} of {len(after):,}",
                )
            )
    slowing = rates[-1] / rates[0]
    verdicts.append(
        goal("linear: the largest at no less than 0.8 of the smallest’s rate", slowing >= 0.8, f"{slowing:.2f}")
    )
    return Section(
        "The static site",
        "`whereas build` of invented documents, one run each, from nothing: every page in two languages, and every thing’s "
        "own files. Then one document is changed and the site built again: the files that are new or rewritten.",
        ("documents", "files", "pages", "build", "pages/s", "memory", "rewritten", "one changed"),
        rows,
        verdicts,
    )


def written(public: Path) -> Written:
    """Return every file below a folder, with values that differ once it is rewritten or replaced."""
    files: Written = {}
    folders = [str(public)]
    for folder in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append(entry.path)
                else:
                    status = entry.stat()
                    files[entry.path] = status.st_ino, status.st_mtime_ns
    return files


def rewritten(before: Written, after: Written) -> set[str]:
    """Return the files that are new or were rewritten."""
    return {path for path, status in after.items() if before.get(path) != status}
