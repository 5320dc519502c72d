"""`whereas show`: one entity, statement or concept."""

from __future__ import annotations

import click

from whereas.cli.ask import print_result
from whereas.cli.command import Command, CommandContext, command, option, print_text
from whereas.i18n import reader_language


@click.command(cls=Command)
@click.argument("name")
@option("--format", "output_format", type=click.Choice(["text", "ttl"]), default="text", help="Output format.")
@command
def show(context: CommandContext, name: str, output_format: str) -> None:
    """Describe an entity, statement or concept, with the passages it is read in.

    NAME is an IRI, a compact IRI such as ent:ilham-tohti, the last part of one, or a label.
    """
    from whereas.validation.description import around, as_text, find

    checked = context.require_valid
    prefixes, project = checked.rules.prefixes, checked.project
    if output_format == "ttl":
        graph = checked.graph()
        print_result(project, around(graph, find(graph, name, prefixes, project.base)), [], "ttl")
        return
    description = checked.describe(name, reader_language())
    print_text(as_text(description, prefixes, reader_language(), project.languages))
