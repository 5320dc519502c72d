"""Every phrase the command may say: those in the code, and those it makes of other things."""

import ast
from collections.abc import Iterator
from pathlib import Path

import click

from whereas.cli import main
from whereas.limits import told

ROOT = Path(__file__).parent.parent


def in_the_code() -> Iterator[str]:
    """The phrases given to `said`, `say`, `counted` and as stages of progress."""
    for path in (ROOT / "src/whereas").glob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            given = {"said": 1, "say": 1, "progress": 1, "counted": 2}.get(name, 0)
            for argument in call.args[:given]:
                yield from (node.value for node in ast.walk(argument) if isinstance(node, ast.Constant))
            if name == "work":
                yield from (word.value.value for word in call.keywords if word.arg == "stage")


def of_help(command: click.Command) -> Iterator[str]:
    """Help texts of a command, its options and the commands in it."""
    yield from filter(None, (getattr(command, "_help", None), command.epilog))
    yield from filter(None, (getattr(option, "_help", None) for option in command.params))
    if isinstance(command, click.Group) and command.name != "ask":
        for inner in command.commands.values():
            yield from of_help(inner)


def phrases() -> set[str]:
    themes = {path.name for path in (ROOT / "queries").iterdir() if path.is_dir()} - {"checks"}
    return {*in_the_code(), *of_help(main), *themes, *(meaning for _, _, meaning in told()), "yes", "no"}
