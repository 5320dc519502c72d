"""Whatever the command may say is in its French catalogue, and the catalogue holds nothing else."""

import ast
import inspect
import io
import re
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from whereas.cli.main import main
from whereas.i18n import LOCALE
from whereas.server.sparql.limits import told

ROOT = Path(__file__).parent.parent
FRENCH = LOCALE / "fr/LC_MESSAGES/whereas.po"


def in_the_code() -> Iterator[str]:
    """The phrases given to `said`, `say`, `counted` and as stages of progress."""
    for path in (ROOT / "src/whereas").rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            given = {"said": 1, "say": 1, "progress": 1, "counted": 2}.get(name, 0)
            for argument in call.args[:given]:
                yield from (node.value for node in ast.walk(argument) if isinstance(node, ast.Constant))
            if name == "option":
                yield from (
                    inspect.cleandoc(word.value.value)
                    for word in call.keywords
                    if word.arg == "help" and isinstance(word.value, ast.Constant)
                )
            if name == "work":
                yield from (argument.value for argument in call.args[5:] if isinstance(argument, ast.Constant))


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


def catalogue():
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def spelt(phrase: str | tuple[str, ...]) -> set[str]:
    return {phrase} if isinstance(phrase, str) else set(phrase)


def test_every_phrase_is_in_the_catalogue():
    known = {text for message in catalogue() for text in spelt(message.id)}
    assert phrases() - known == set()


def test_every_phrase_of_the_catalogue_is_said_by_us_or_by_the_parser():
    ours = phrases()
    parser = "".join(path.read_text("utf-8") for path in Path(click.__file__).parent.glob("*.py"))
    parser = re.sub(r"\"\s+\"", "", parser)
    for message in catalogue():
        for text in spelt(message.id) - ours - {""}:
            assert text.replace("\n", "\\n").replace("\t", "\\t") in parser, text


def test_french_fills_the_same_places():
    for message in catalogue():
        english, french = "".join(spelt(message.id)), "".join(spelt(message.string))
        assert french
        assert set(re.findall(r"\{[^}]*\}", english)) >= set(re.findall(r"\{[^}]*\}", french)), english


def test_catalogue_is_compiled_as_it_stands():
    made = io.BytesIO()
    write_mo(made, catalogue())
    made.seek(0)
    with FRENCH.with_suffix(".mo").open("rb") as file:
        kept = read_mo(file)
    as_read = read_mo(made)
    assert {str(m.id): m.string for m in kept} == {str(m.id): m.string for m in as_read}, "make french compiles it"
