"""Measure, print, and write docs/benchmarks.md when every part was measured."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from benchmarks.page import page

PARTS = {
    "build": "build",
    "corpus": "growth",
    "queries": "queries",
    "loading": "loading",
}  # and the module that measures it
PAGE = Path(__file__).parent.parent / "docs/benchmarks.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all of them when none is named")
    asked = parser.parse_args().parts
    if unknown := set(asked) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}: expected {', '.join(PARTS)}")
    sections = [import_module(f"benchmarks.{PARTS[part]}").measure() for part in asked or PARTS]
    print(page(sections))
    if not asked:
        PAGE.write_text(page(sections), "utf-8")


if __name__ == "__main__":
    main()
