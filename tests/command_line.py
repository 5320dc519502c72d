"""The command in a copy of the real project, as a subprocess or on a pseudo-terminal."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PATHS = {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}


def copy_project(folder: Path) -> Path:
    """Copy the real project into a folder."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "data", folder / "data")
    return folder


def run_whereas(folder: Path, *words: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, with no environment but these variables."""
    environment = {**PATHS, "HOME": str(folder), "LANG": "C.UTF-8", **variables}
    return subprocess.run(
        ["whereas", *words], cwd=folder, env=environment, input=stdin, capture_output=True, text=True, check=False
    )


def run_on_terminal(folder: Path, columns: int, *words: str, **variables: str) -> str:
    """Run the command on a terminal of so many columns; return what it prints there."""
    environment = {**PATHS, "LANG": "C.UTF-8", "TERM": "xterm", "COLUMNS": str(columns), **variables}
    ours, theirs = pty.openpty()
    child = subprocess.Popen(["whereas", *words], cwd=folder, env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    output = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        output += chunk
    child.wait()
    os.close(ours)
    return output.decode("utf-8")
