"""Check and build the real project, from nothing and again, against the plain script."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Cost, link_project, run, say, typical
from benchmarks.page import Section, goal, seconds

ROOT = Path(__file__).parent.parent
TIMES, PEER_TIMES = 5, 2

OURS = {"check": ["check"], "build": ["build", "--no-pages"]}  # the plain script makes no website


def measure() -> Section:
    """Measure check and build, each in a fresh process: with an empty cache, then with nothing changed."""
    rows, verdicts = [], []
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        link_project(folder)
        peers = {}
        for verb in ("check", "build"):
            ours = typical([_cold(folder, verb) for _ in range(TIMES)])
            say(f"cold {verb}: {seconds(ours.seconds)}")
            plain = [run("benchmarks.plain", verb, name, f"{name}/plain") for _ in range(PEER_TIMES)]
            peers[verb] = typical(plain)
            say(f"plain script, {verb}: {seconds(peers[verb].seconds)}")
            ratio = peers[verb].seconds / ours.seconds
            rows.append(_row(f"`whereas {verb}`, from nothing", ours, peers[verb]))
            verdicts.append(
                goal(f"cold {verb}, at most an eighth of the plain script’s time", ratio >= 8, f"1/{ratio:.0f}")
            )
        for verb in ("check", "build"):
            again = typical([run("whereas", *OURS[verb], "-C", name) for _ in range(TIMES)])
            say(f"{verb} again: {seconds(again.seconds)}")
            ratio = peers[verb].seconds / again.seconds
            rows.append(_row(f"`whereas {verb}`, nothing changed", again, peers[verb]))
            verdicts.append(goal(f"{verb} with nothing changed, at most a twentieth", ratio >= 20, f"1/{ratio:.0f}"))
        output = (ours.printed.splitlines()[0], peers["build"].printed.strip())
    return Section(
        "The real project",
        f"Medians of {TIMES} runs, of {PEER_TIMES} for the plain script. Ours prints: {output[0]}. The plain script prints: {output[1]}.",
        ("", "Whereas", "CPU", "memory", "plain script", "its memory", "times faster"),
        rows,
        verdicts,
    )


def _cold(folder: Path, verb: str) -> Cost:
    for output in ("public", ".whereas"):
        shutil.rmtree(folder / output, ignore_errors=True)
    return run("whereas", *OURS[verb], "-C", str(folder))


def _row(what: str, ours: Cost, plain: Cost) -> tuple[str, ...]:
    return (
        what, seconds(ours.seconds), seconds(ours.work), f"{ours.peak / 1e6:.0f} MB",
        seconds(plain.seconds), f"{plain.peak / 1e6:.0f} MB", f"{plain.seconds / ours.seconds:.0f}",
    )  # fmt: skip
