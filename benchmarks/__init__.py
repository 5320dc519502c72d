"""Benchmarks: speed and size, measured beside a peer in the same run, with the ratios."""

import sys
from pathlib import Path

sys.path.insert(
    0, str(Path(__file__).parent.parent / "tests")
)  # the benchmarks use the servers and the browser of the tests
