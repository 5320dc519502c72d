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
    from whereas.validation.description import around, as_text, describe, find

    checked = context.require_valid
    graph, prefixes = checked.graph(), checked.rules.prefixes
    iri = find(graph, name, prefixes, checked.project.base)
    if output_format == "ttl":
        print_result(checked.project, around(graph, iri), [], "ttl")
        return
    description = describe(graph, iri, reader_language(), checked.project.vocabulary)
    print_text(as_text(description, prefixes, reader_language()))
