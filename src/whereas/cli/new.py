"""`whereas new`: an example project with one invented document, which builds as it is."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path

import click

from whereas.cli.command import Command, echo, language_option, option, report_errors
from whereas.errors import ArgumentError
from whereas.i18n import Message, gettext
from whereas.iris import is_absolute

TEMPLATES = "cli/starter"
TEXT = "data/2026-01-15-harbour-statement/text.en.txt"


@click.command(cls=Command)
@click.argument("folder", type=click.Path(path_type=Path))
@option("--base", default="", metavar="IRI", help="Base IRI of the project's names (default: under example.org).")
@language_option
def new(folder: Path, base: str) -> None:
    """Create a small example project in FOLDER."""
    with report_errors():
        for path in write_project(folder, base):
            echo(f"  {path}")
        echo(gettext("Next: cd {folder} && whereas build && whereas ask", folder=folder))


def write_project(folder: Path, base: str = "") -> list[Path]:
    """Write the files of a new project in `folder`; return their paths.

    Raise `ArgumentError` when the folder is not empty, cannot be written, or `base` is no IRI that ends in `/`.
    """
    from whereas.site.pages.templates import files_templates

    base = base or f"https://example.org/{folder.resolve().name}/"
    if not is_absolute(base) or not base.endswith("/"):
        raise ArgumentError(Message("--base: expected an IRI that ends in '/', got '{base}'", base=base))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArgumentError(Message("{folder}: expected a new or empty folder", folder=folder))
    environment = files_templates(TEMPLATES)
    text = files("whereas").joinpath(f"{TEMPLATES}/{TEXT}").read_bytes()
    values = {
        "base": base,
        "title": folder.resolve().name.replace("-", " ").capitalize(),
        "sha256": hashlib.sha256(text).hexdigest(),
    }
    paths = []
    try:
        for name in sorted(environment.list_templates()):
            path = folder / name.removesuffix(".jinja")
            path.parent.mkdir(parents=True, exist_ok=True)
            # The text is copied as it is: its digest is in the document.
            path.write_bytes(environment.get_template(name).render(values).encode() if name != TEXT else text)
            paths.append(path)
    except OSError as error:
        raise ArgumentError(
            Message("{folder}: cannot be written: {reason}", folder=folder, reason=error.strerror)
        ) from None
    return paths
