"""Run the benchmarks, print the results, and write docs/benchmarks.md, whole or the parts that were measured."""

from __future__ import annotations

import argparse
from functools import reduce
from importlib import import_module
from pathlib import Path

from benchmarks.page import page, put

PARTS = {
    "build": "build",
    "corpus": "growth",
    "queries": "queries",
    "loading": "loading",
    "http": "http",
    "site": "website",
    "weight": "weight",
}  # and the module that measures it
PAGE = Path(__file__).parent.parent / "docs/benchmarks.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all of them when none is named")
    parts = parser.parse_args().parts
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}: expected {', '.join(PARTS)}")
    measured = (import_module(f"benchmarks.{PARTS[part]}").measure() for part in parts or PARTS)
    sections = [section for section in measured if section]  # a part that could not be measured logs why
    print(page(sections))
    text = page(sections) if not parts else reduce(put, sections, PAGE.read_text("utf-8"))
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
