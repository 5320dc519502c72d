"""How fast, how large, against what: each part runs its peer in the same breath and prints ratios."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the tests' servers and browser are the benchmarks'
