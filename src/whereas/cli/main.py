"""The command `whereas`: one module a command, or small group of commands. Parse, call one function, print."""

from __future__ import annotations

import click

from whereas._version import __version__
from whereas.cli.ask import ask
from whereas.cli.build import build
from whereas.cli.check import check, coverage
from whereas.cli.command import Group, Option, echo, language_option
from whereas.cli.link import link
from whereas.cli.load import load
from whereas.cli.new import new
from whereas.cli.serve import conformance, get, serve
from whereas.cli.show import show
from whereas.i18n import open_catalogue

open_catalogue()


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="whereas", cls=Option)
@language_option
def main() -> None:
    """Publish knowledge graphs of political texts: every claim is attributed and tied to the exact passage.

    Exit codes: 0 success, 1 the project has violations, 2 error, 130 interrupted.
    """


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@language_option
def completion(shell: str) -> None:
    """Print the completion script of a shell, for its startup file."""
    from click.shell_completion import get_completion_class

    completion_class = get_completion_class(shell)
    assert completion_class is not None  # click has one for each of the choices
    echo(completion_class(main, {}, "whereas", "_WHEREAS_COMPLETE").source())


for subcommand in (ask, build, check, conformance, coverage, get, link, load, new, serve, show):
    main.add_command(subcommand)
