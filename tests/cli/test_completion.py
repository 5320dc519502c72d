"""Completion scripts of shells."""

import shutil
import subprocess

import pytest

from command_line import run_whereas


@pytest.mark.parametrize(
    "shell", ["bash", *(pytest.param(shell, marks=pytest.mark.system) for shell in ("zsh", "fish"))]
)
def test_completion_of_a_shell_knows_commands_and_saved_queries(project, shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is absent: make system installs it")
    script = run_whereas(project, "completion", shell).stdout
    assert "_WHEREAS_COMPLETE" in script
    assert subprocess.run([shell, "-n", "/dev/stdin"], input=script, text=True, check=False).returncode == 0
    mode = {"bash": "bash_complete", "zsh": "zsh_complete", "fish": "fish_complete"}[shell]
    words = {"COMP_WORDS": "whereas ask demands-", "COMP_CWORD": "demands-" if shell == "fish" else "2"}
    result = run_whereas(project, _WHEREAS_COMPLETE=mode, **words)
    assert "demands-by" in result.stdout
