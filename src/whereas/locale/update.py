"""Collect the sentences of the interface into the catalogues, and compile them: `python src/whereas/locale/update.py`.

Sentences are string literals in calls of `Message`, `Message.within`, `gettext`, `ngettext` and `say`, stages of
progress, help texts of commands and options, and `_`, `ngettext` and `pgettext` in the templates of pages. New
ones get an empty translation; unused ones are removed. Of click's own sentences, a catalogue holds those that its
translators chose.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

PACKAGE = Path(__file__).parents[1]
TEMPLATES = PACKAGE / "site/templates"
Key = tuple[str | None, str | tuple[str, str]]  # context, and the sentence or its singular and plural


def _literal(node: ast.expr) -> Iterator[str]:
    """Iterate over the texts that an argument may be: a literal, or either branch of a condition."""
    if isinstance(node, ast.IfExp):
        yield from _literal(node.body)
        yield from _literal(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value


def _in_call(call: ast.Call) -> Iterator[Key]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    texts = [list(_literal(argument)) for argument in call.args]
    if name == "within" and len(texts) > 1 and texts[0] and texts[1]:
        yield texts[0][0], texts[1][0]
    elif name in ("Message", "ngettext") and len(texts) > 1 and texts[0] and texts[1]:
        yield None, (texts[0][0], texts[1][0])
    elif name in ("Message", "gettext", "say", "progress") and texts:
        yield from ((None, text) for text in texts[0])
    elif name == "parallel_map":
        yield from ((None, text) for argument in texts[5:] for text in argument)
    elif name == "option":
        for word in call.keywords:
            if word.arg == "help":
                yield from ((None, inspect.cleandoc(text)) for text in _literal(word.value))


def _in_code() -> Iterator[Key]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield from _in_call(node)


def _in_help(command: click.Command) -> Iterator[Key]:
    texts = [getattr(command, "_help", None), command.epilog, *(getattr(o, "_help", None) for o in command.params)]
    yield from ((None, text) for text in texts if isinstance(text, str) and text)
    if isinstance(command, click.Group) and command.name != "ask":  # its subcommands are the saved queries
        for inner in command.commands.values():
            yield from _in_help(inner)


def _in_parser() -> Iterator[Key]:
    """Iterate over click's own sentences: its calls of gettext."""
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "ngettext"):
                texts = [text for argument in node.args[:2] for text in _literal(argument)]
                if texts:
                    yield None, (texts[0], texts[1]) if node.func.id == "ngettext" else texts[0]  # type: ignore[attr-defined]


def _in_templates() -> Iterator[Key]:
    for path in sorted(TEMPLATES.glob("*")):
        if path.suffix in {".html", ".atom", ".xml"}:
            extracted = babel_extract(io.BytesIO(path.read_bytes()), ["_", "gettext", "ngettext", "pgettext"], [], {})
            for _, function, message, _ in extracted:
                texts = [
                    text for text in ([message] if isinstance(message, str) else message or ()) if text is not None
                ]
                if function == "pgettext":
                    yield texts[0], texts[1]
                elif texts:
                    yield None, (texts[0], texts[1]) if function == "ngettext" else texts[0]


def sentences() -> set[Key]:
    """Return every sentence of the interface."""
    from whereas.cli.main import main

    themes = {path.name for path in (PACKAGE.parents[1] / "queries").iterdir() if path.is_dir()} - {"checks"}
    return {*_in_code(), *_in_help(main), *_in_templates(), *((None, theme) for theme in themes)}


def updated(path: Path) -> Catalog:
    """Return the catalogue in `path` with the current sentences, and the translations it has of them."""
    with path.open("rb") as file:
        before = read_po(file, locale=path.parts[-3])
    after = Catalog(locale=before.locale, header_comment=before.header_comment, fuzzy=False)
    after.mime_headers = [header for header in before.mime_headers if header[0] != "Content-Type"]
    plurals = {key[1][0]: key for key in sentences() if isinstance(key[1], tuple)}
    parser = {key for key in _in_parser() if before.get(key[1] if isinstance(key[1], str) else key[1][0])}
    for context, text in sorted(sentences() | parser, key=repr):
        if context is None and text in plurals:
            continue  # the entry with the plural holds it
        known = before.get(text if isinstance(text, str) else text[0], context)
        after.add(text, known.string if known and _fits(known.string, text) else "", context=context)
    return after


def _fits(string: object, text: object) -> bool:
    return isinstance(string, str) == isinstance(text, str)


def main() -> None:
    """Update and compile every catalogue, and print what is left to translate."""
    for path in sorted(PACKAGE.glob("locale/*/LC_MESSAGES/whereas.po")):
        catalogue = updated(path)
        with path.open("wb") as file:
            write_po(file, catalogue, sort_output=True, width=100)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
        for message in catalogue:
            if message.id and not (message.string if isinstance(message.string, str) else all(message.string or ())):
                print(f"{path.parts[-3]}: not translated: {re.sub(chr(10), ' ', str(message.id))}")


if __name__ == "__main__":
    main()
