"""`whereas ask`: the saved queries of the project as commands, none written by hand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from whereas.errors import ArgumentError
from whereas.session import Session, language_option, reader_language, stated_errors, verb

if TYPE_CHECKING:
    from whereas.graph import Answer
    from whereas.project import Project
    from whereas.queries import Query

FORMATS = ("table", "csv", "tsv", "json", "xml", "ttl", "md")


class Questions(click.Group):
    """The saved queries of the project as commands: none is written by hand."""

    def _queries(self, context: click.Context) -> dict[str, Query]:
        if "queries" not in context.meta:
            from whereas.ontology import read_prefixes
            from whereas.queries import read_queries

            project = Session(context.params.get("folder") or ".", False, False).project()
            context.meta["queries"] = read_queries(project, read_prefixes(project))
        found: dict[str, Query] = context.meta["queries"]
        return found

    def list_commands(self, context: click.Context) -> list[str]:
        with stated_errors():
            return list(self._queries(context))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        with stated_errors():
            query = self._queries(context).get(name)
        return _question(query) if query else None

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        name = args[0]
        with stated_errors():
            known = self._queries(context)
            if name not in known:
                from whereas.iris import hint

                near = hint(name, known) or ": 'whereas ask' lists them"
                raise ArgumentError(f"no saved query '{name}'{near}")
        return super().resolve_command(context, args)


def answer_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of everything that asks."""
    for option in (
        click.option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint instead of the project."),
        click.option(
            "--format", "form", type=click.Choice(FORMATS), default=None,
            help="How the answer is printed (default: a table on a terminal, csv in a pipe).",
        ),
        language_option,
    ):  # fmt: skip
        function = option(function)
    return function


@click.group(cls=Questions, invoke_without_command=True, no_args_is_help=False, subcommand_metavar="[NAME [OPTIONS]]")
@click.option("--sparql", metavar="FILE", help="Ask a query of your own; - reads it from standard input.")
@answer_options
@verb
def ask(session: Session, sparql: str | None, endpoint: str | None, form: str | None, lang: str) -> None:
    """Ask a saved query, or list them.

    'whereas ask NAME --help' shows a query's own options.
    """
    context = click.get_current_context()
    context.obj = session
    context.meta["asked"] = {"endpoint": endpoint, "form": form, "lang": lang}
    if sparql:
        if context.invoked_subcommand:
            raise ArgumentError("--sparql asks a query of your own: leave the name out")
        _ask(session, _read_query(sparql), [], endpoint, form)
    elif not context.invoked_subcommand:
        _list(context, lang)


def _list(context: click.Context, lang: str) -> None:
    assert isinstance(context.command, Questions)
    queries = context.command._queries(context)
    width = max(map(len, queries), default=0)
    theme = None
    for query in queries.values():
        if query.theme != theme:
            theme = query.theme
            click.secho(f"{theme}", bold=True)
        click.echo(f"  {query.name:<{width}}  {query.summary.in_language(lang)}")


def _question(query: Query) -> click.Command:
    from whereas.iris import shorten

    language = reader_language()

    @answer_options
    @click.pass_context
    def asked(
        context: click.Context, /, endpoint: str | None, form: str | None, lang: str, **given: str | None
    ) -> None:
        session: Session = context.obj
        before = context.meta["asked"]
        chosen = before["lang"] if context.get_parameter_source("lang") == click.core.ParameterSource.DEFAULT else lang
        service = given.pop("service", None) or ""
        arguments = {name: value for name, value in given.items() if value is not None}
        if query.has("language"):
            arguments.setdefault("language", chosen)
        address = endpoint or before["endpoint"]
        with stated_errors():
            headings = [column.label.in_language(chosen) for column in query.columns]
            text = query.bind(arguments if address else _named(session, query, arguments), service)
            _ask(session, text, headings, address, form or before["form"])

    for parameter in reversed(query.parameters):
        told = parameter.label.in_language(language)
        kind = shorten(parameter.type, query.prefixes)
        asked = click.option(f"--{parameter.name}", parameter.name, metavar=kind, help=told)(asked)
    if query.federated:
        asked = click.option(
            "--service", metavar="URL", help="Ask this endpoint in the place of the one the query names."
        )(asked)
    summary, description = (told.in_language(language) for told in (query.summary, query.description))
    return click.command(query.name, help=description, short_help=summary)(asked)


def _named(session: Session, query: Query, arguments: dict[str, str]) -> dict[str, str]:
    """The arguments, with the IRI in the place of what a person calls a thing: a label, the end of its name."""
    from whereas.describe import find

    things = {parameter.name for parameter in query.parameters if not parameter.is_literal}
    found = dict(arguments)
    for name in things & arguments.keys():
        if ":" not in arguments[name]:
            checked = session.conforming
            found[name] = find(checked.graph(), arguments[name], query.prefixes, checked.project.base)
    return found


def _read_query(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ArgumentError(f"{name}: cannot be read: {problem}") from None


def _ask(session: Session, text: str, headings: list[str], endpoint: str | None, form: str | None) -> None:
    if endpoint:
        from whereas.remote import ask_endpoint

        with session.timed("asked"):
            answer = ask_endpoint(endpoint, text)
        project = session.project()
    else:
        checked = session.conforming
        project = checked.project
        with session.timed("asked"):
            answer = checked.graph().query(text)
    print_answer(project, answer, headings, form)


def print_answer(project: Project, answer: Answer, headings: list[str], form: str | None) -> None:
    """Print an answer: a table for a terminal, else a format of `FORMATS`."""
    from whereas.ontology import read_context, read_prefixes
    from whereas.tables import markdown, rows

    if not answer.json:
        if form not in (None, "ttl", "table"):
            raise ArgumentError(f"the answer is triples: expected --format ttl, got {form}")
        from whereas.exports import as_turtle

        click.echo(as_turtle(answer.triples, read_context(project), project.base), nl=False)
        return
    if form == "ttl":
        raise ArgumentError("the answer is rows: expected table, csv, tsv, json, xml or md, got ttl")
    form = form or ("table" if sys.stdout.isatty() else "csv")
    if form not in ("table", "md"):
        sys.stdout.buffer.write(answer.serialized(form))
        sys.stdout.buffer.flush()
        return
    told = rows(answer, read_prefixes(project))
    headings = headings if len(headings) == len(answer.columns) else list(answer.columns)
    if form == "md":
        click.echo(markdown(headings or ["answer"], told), nl=False)
    else:
        from whereas.terminal import print_table

        print_table(headings or ["answer"], told)
        if not told:
            click.echo("no rows")
