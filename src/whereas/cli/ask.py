"""`whereas ask`: the saved queries of the project as commands, none written by hand."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from whereas.cli.session import Command, CommandContext, Group, Option, command, language_option, option, report_errors
from whereas.errors import ArgumentError, RemoteError
from whereas.i18n import Message, gettext, reader_language

if TYPE_CHECKING:
    from whereas.project.project import Project
    from whereas.project.queries import Query
    from whereas.rdf.results import QueryResult
    from whereas.validation.checked_project import CheckedProject

FORMATS = ("table", "csv", "tsv", "json", "xml", "ttl", "md")


class Question(Command):
    """A saved query; its `short_help` is a sentence in both languages."""

    short_help: Any

    def get_short_help_str(self, limit: int = 0) -> str:
        summary: str = self.short_help.in_language(reader_language())
        return summary


class Questions(Group):
    """The saved queries of the project as commands: none is written by hand."""

    def _queries(self, context: click.Context) -> dict[str, Query]:
        if "queries" not in context.meta:
            from whereas.project.ontology import read_prefixes
            from whereas.project.queries import read_queries

            project = CommandContext(context.params.get("folder") or ".", False, False).project()
            context.meta["queries"] = read_queries(project, read_prefixes(project))
        found: dict[str, Query] = context.meta["queries"]
        return found

    def list_commands(self, context: click.Context) -> list[str]:
        with report_errors():
            return list(self._queries(context))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        with report_errors():
            query = self._queries(context).get(name)
        return _question(query) if query else None

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        name = args[0]
        with report_errors():
            known = self._queries(context)
            if name not in known:
                from whereas.iris import near

                hint = near(name, known)
                if not hint.template:
                    hint = Message(": 'whereas ask' lists them")
                raise ArgumentError(Message("no saved query '{name}'{hint}", name=name, hint=hint))
        return super().resolve_command(context, args)


def answer_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of everything that asks."""
    for added in (
        option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint instead of the project."),
        option(
            "--format", "form", type=click.Choice(FORMATS), default=None,
            help="How the answer is printed (default: a table on a terminal, csv in a pipe).",
        ),
    ):  # fmt: skip
        function = added(function)
    return function


@click.group(cls=Questions, invoke_without_command=True, no_args_is_help=False, subcommand_metavar="[NAME [OPTIONS]]")
@option("--sparql", metavar="FILE", help="Ask a query of your own; - reads it from standard input.")
@answer_options
@command
def ask(session: CommandContext, sparql: str | None, endpoint: str | None, form: str | None) -> None:
    """Ask a saved query, or list them.

    'whereas ask NAME --help' shows a query's own options.
    """
    context = click.get_current_context()
    context.obj = session
    context.meta["asked"] = {"endpoint": endpoint, "form": form}
    if sparql:
        if context.invoked_subcommand:
            raise ArgumentError(Message("--sparql asks a query of your own: leave the name out"))
        _ask(session, _read_query(sparql), [], endpoint, form)
    elif not context.invoked_subcommand:
        _list(context)


def _list(context: click.Context) -> None:
    """Each question by its theme, as wide as the terminal; a line each in a pipe."""
    assert isinstance(context.command, Questions)
    queries = context.command._queries(context)
    names = max(map(len, queries), default=0)
    room = shutil.get_terminal_size().columns - names - 4 if sys.stdout.isatty() else sys.maxsize
    theme = None
    for query in queries.values():
        if query.theme != theme:
            theme = query.theme
            click.secho(gettext(theme), bold=True)
        first, *more = textwrap.wrap(query.summary.in_language(reader_language()), max(room, 20)) or [""]
        click.echo(f"  {query.name:<{names}}  {first}")
        for line in more:
            click.echo(f"  {'':<{names}}  {line}")


def _question(query: Query) -> click.Command:
    from whereas.iris import shorten
    from whereas.project.queries import LANGUAGE

    @answer_options
    @language_option
    @click.pass_context
    def asked(context: click.Context, /, endpoint: str | None, form: str | None, **given: str | None) -> None:
        session: CommandContext = context.obj
        before = context.meta["asked"]
        service = given.pop("service", None) or ""
        arguments = {name: value for name, value in given.items() if value is not None}
        address = endpoint or before["endpoint"]
        with report_errors():
            if query.has(LANGUAGE):
                arguments[LANGUAGE] = _answer_language(session)
            headings = [column.label.in_language(reader_language()) for column in query.columns]
            text = query.bind(arguments if address else _named(session, query, arguments), service)
            _ask(session, text, headings, address, form or before["form"])

    for parameter in reversed([parameter for parameter in query.parameters if parameter.name != LANGUAGE]):
        kind = shorten(parameter.type, query.prefixes)
        asked = option(f"--{parameter.name}", parameter.name, metavar=kind)(asked)
    if query.federated:
        asked = option("--service", metavar="URL", help="Ask this endpoint in the place of the one the query names.")(
            asked
        )
    command = click.command(query.name, cls=Question)(asked)
    labels = {parameter.name: parameter.label for parameter in query.parameters}
    for shown in command.params:
        if isinstance(shown, Option) and shown.name in labels:
            shown.help = labels[shown.name]
    command.help, command.short_help = query.description, query.summary
    return command


def _answer_language(session: CommandContext) -> str:
    """The reader's language where the project speaks it, else the project's first."""
    spoken = session.project().languages
    return reader_language() if reader_language() in spoken else spoken[0]


def _named(session: CommandContext, query: Query, arguments: dict[str, str]) -> dict[str, str]:
    """The arguments, with the IRI in the place of what a person calls a thing: a label, the end of its name."""
    from whereas.validation.description import find

    things = {parameter.name for parameter in query.parameters if not parameter.is_literal}
    found = dict(arguments)
    for name in things & arguments.keys():
        if ":" not in arguments[name]:
            checked = session.require_valid
            found[name] = find(checked.graph(), arguments[name], query.prefixes, checked.project.base)
    return found


def _read_query(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "not UTF-8"
        raise ArgumentError(Message("{name}: cannot be read: {reason}", name=name, reason=reason)) from None


def _ask(session: CommandContext, text: str, headings: list[str], endpoint: str | None, form: str | None) -> None:
    if endpoint:
        from whereas.http.sparql_client import ask_endpoint

        project = session.project()
        with session.timed(gettext("asked")):
            answer = ask_endpoint(endpoint, text, contact=project.contact or project.homepage)
    else:
        checked = session.require_valid
        project = checked.project
        with session.timed(gettext("asked")):
            answer = _answer(checked, text)
    print_answer(project, answer, headings, form)


def _answer(checked: CheckedProject, text: str) -> QueryResult:
    """The graph's answer. Endpoints that it asks are told who asks, and asked again when they are busy."""
    from whereas.http.sparql_client import ask_endpoint
    from whereas.rdf.store import uses
    from whereas.server.sparql.federation import ServiceProxy

    if not uses(text, "SERVICE"):
        return checked.graph().query(text)
    contact = checked.project.contact or checked.project.homepage

    def ask(endpoint: str, body: bytes, _: Mapping[str, str]) -> tuple[str, bytes]:
        return "application/sparql-results+json", ask_endpoint(endpoint, body.decode(), contact=contact).json

    relay = ServiceProxy((), sys.maxsize, ask)
    try:
        return checked.graph().query(relay.rewrite(text))
    except RemoteError:
        if relay.problem:
            raise RemoteError(relay.problem) from None
        raise


def print_answer(project: Project, answer: QueryResult, headings: list[str], form: str | None) -> None:
    """Print an answer: a table for a terminal, else a format of `FORMATS`."""
    from whereas.project.ontology import read_context, read_prefixes
    from whereas.rdf.results import markdown, result_set, rows

    if not answer.json:
        if form not in (None, "ttl", "table"):
            raise ArgumentError(Message("the answer is triples: expected --format ttl, got {form}", form=form))
        from whereas.rdf.writers import as_turtle

        click.echo(as_turtle(answer.triples, read_context(project), project.base), nl=False)
        return
    if form == "ttl":
        click.echo(result_set(answer), nl=False)
        return
    form = form or ("table" if sys.stdout.isatty() else "csv")
    if form not in ("table", "md"):
        sys.stdout.buffer.write(answer.serialized(form))
        sys.stdout.buffer.flush()
        return
    told = [
        [gettext(cell) for cell in row] if answer.boolean is not None else row
        for row in rows(answer, read_prefixes(project))
    ]
    headings = headings if len(headings) == len(answer.columns) else list(answer.columns)
    if form == "md":
        click.echo(markdown(headings or [gettext("answer")], told), nl=False)
    else:
        from whereas.cli.terminal import print_table

        print_table(headings or [gettext("answer")], told)
        if not told:
            click.echo(gettext("no rows"))
