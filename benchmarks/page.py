"""Format measurements as Markdown: tables, goals met or not, and the machine."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("whereas", "pyoxigraph", "pyshifty", "PyYAML", "rdflib", "pyshacl")


@dataclass(frozen=True)
class Section:
    """The table of a part, a note on how it was measured, and its goals, met or not."""

    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    goals: Sequence[str]

    def markdown(self) -> str:
        """Return the section as published."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        table = "\n".join(f"| {' | '.join(row)} |" for row in lines)
        goals = "\n".join(f"- {goal}" for goal in self.goals)
        return f"## {self.title}\n\n{self.note}\n\n{goals}\n\n{table}\n"


def goal(what: str, met: bool, got: str) -> str:
    """Format a goal, whether it is met, and the figure."""
    return f"{'Met' if met else '**Not met**'}: {what}. Measured: {got}."


def seconds(span: float) -> str:
    """Format a duration with the precision it has."""
    return f"{span:.1f} s" if span >= 10 else f"{span:.2f} s"


def page(sections: Sequence[Section]) -> str:
    """Return the whole page."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        "# Benchmarks\n\n"
        "Written by `make bench` (`python -m benchmarks`): all figures, ours and the peer’s, come from one run unless a\n"
        "part says otherwise; `python -m benchmarks PART` measures that part again.\n"
        "The plain script is [benchmarks/plain.py](../benchmarks/plain.py): PyYAML, rdflib’s JSON-LD parser, pySHACL on the\n"
        "union of everything and rdflib’s serializers, with their defaults. Each command runs in a process of its own;\n"
        "memory is that of all its processes.\n\n"
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}; Python {platform.python_version()}, {versions}.\n\n"
        + "\n".join(section.markdown() for section in sections)
    )


def put(text: str, section: Section) -> str:
    """Replace the section of the same title by one measured later, or append it."""
    later = replace(section, note=f"Measured {datetime.now(UTC):%Y-%m-%d} in a run of its own. {section.note}")
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    others = [part.rstrip("\n") + "\n\n" for part in parts if not part.startswith(f"## {section.title}\n")]
    return "".join(others) + later.markdown()


def machine() -> str:
    """Describe processor, cores, memory and system."""
    information = Path("/proc/cpuinfo").read_text() + Path("/proc/meminfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", information, re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", information, re.MULTILINE)
    processor = model[1] if model else platform.machine()
    size = f"{int(memory[1]) / 1e6:.0f} GB of memory" if memory else ""
    return f"{processor}, {os.cpu_count()} cores, {size}, {platform.system()} {platform.release()}"
