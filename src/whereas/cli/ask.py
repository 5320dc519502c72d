"""`whereas ask`: every saved query of the project is a command, made from its header."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from whereas.cli.command import (
    Command,
    CommandContext,
    Group,
    Option,
    command,
    echo,
    echo_data,
    language_option,
    option,
    report_errors,
)
from whereas.errors import ArgumentError, RemoteError
from whereas.i18n import Message, gettext, reader_language

if TYPE_CHECKING:
    from whereas.project.project import Project
    from whereas.project.queries import Query
    from whereas.rdf.results import QueryResult
    from whereas.validation.checked_project import CheckedProject

FORMATS = ("table", "csv", "tsv", "json", "xml", "ttl", "md")


class QueryCommand(Command):
    """A saved query; its `short_help` is a `Localized` text."""

    short_help: Any

    def get_short_help_str(self, limit: int = 0) -> str:
        summary: str = self.short_help.in_language(reader_language())
        return summary


class QueryGroup(Group):
    """The saved queries of the project as commands."""

    def queries(self, click_context: click.Context) -> dict[str, Query]:
        if "queries" not in click_context.meta:
            from whereas.project.ontology import read_prefixes
            from whereas.project.queries import read_queries

            project = CommandContext(click_context.params.get("folder") or ".", False, False).project()
            click_context.meta["queries"] = read_queries(project, read_prefixes(project))
        queries: dict[str, Query] = click_context.meta["queries"]
        return queries

    def list_commands(self, click_context: click.Context) -> list[str]:
        with report_errors():
            return list(self.queries(click_context))

    def get_command(self, click_context: click.Context, name: str) -> click.Command | None:
        with report_errors():
            query = self.queries(click_context).get(name)
        return _make_command(query) if query else None

    def resolve_command(self, click_context: click.Context, args: list[str]) -> Any:
        name = args[0]
        with report_errors():
            queries = self.queries(click_context)
            if name not in queries:
                from whereas.iris import near

                hint = near(name, queries)
                if not hint.template:
                    hint = Message(": 'whereas ask' lists them")
                raise ArgumentError(Message("no saved query '{name}'{hint}", name=name, hint=hint))
        return super().resolve_command(click_context, args)


def result_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that runs a query."""
    for decorator in (
        option("--endpoint", metavar="URL", help="Query this SPARQL endpoint instead of the project."),
        option(
            "--format", "output_format", type=click.Choice(FORMATS), default=None,
            help="Output format (default: table on a terminal, csv in a pipe).",
        ),
    ):  # fmt: skip
        function = decorator(function)
    return function


@click.group(cls=QueryGroup, invoke_without_command=True, no_args_is_help=False, subcommand_metavar="[NAME [OPTIONS]]")
@option("--sparql", metavar="FILE", help="Run the query in this file; - reads standard input.")
@result_options
@command
def ask(context: CommandContext, sparql: str | None, endpoint: str | None, output_format: str | None) -> None:
    """Run a saved query, or list them.

    'whereas ask NAME --help' shows the options of a query.
    """
    click_context = click.get_current_context()
    click_context.obj = context
    click_context.meta["result_options"] = {"endpoint": endpoint, "output_format": output_format}
    if sparql:
        if click_context.invoked_subcommand:
            raise ArgumentError(Message("--sparql cannot be used with the name of a saved query"))
        _run(context, _read_query(sparql), [], endpoint, output_format)
    elif not click_context.invoked_subcommand:
        _print_list(click_context)


def _print_list(click_context: click.Context) -> None:
    """List the queries by theme, wrapped on a terminal; one line a query in a pipe."""
    assert isinstance(click_context.command, QueryGroup)
    queries = click_context.command.queries(click_context)
    indent = max(map(len, queries), default=0)
    width = shutil.get_terminal_size().columns - indent - 4 if sys.stdout.isatty() else sys.maxsize
    theme = None
    for query in queries.values():
        if query.theme != theme:
            theme = query.theme
            echo(gettext(theme), bold=True)
        first, *more = textwrap.wrap(query.summary.in_language(reader_language()), max(width, 20)) or [""]
        echo(f"  {query.name:<{indent}}  {first}")
        for line in more:
            echo(f"  {'':<{indent}}  {line}")


def _make_command(query: Query) -> click.Command:
    from whereas.iris import shorten
    from whereas.project.queries import LANGUAGE

    @result_options
    @language_option
    @click.pass_context
    def run(
        click_context: click.Context, /, endpoint: str | None, output_format: str | None, **options: str | None
    ) -> None:
        context: CommandContext = click_context.obj
        of_group = click_context.meta["result_options"]
        service = options.pop("service", None) or ""
        arguments = {name: value for name, value in options.items() if value is not None}
        url = endpoint or of_group["endpoint"]
        with report_errors():
            if query.has(LANGUAGE):
                arguments[LANGUAGE] = _result_language(context)
            headings = [column.label.in_language(reader_language()) for column in query.columns]
            text = query.bind(arguments if url else _resolve_names(context, query, arguments), service)
            _run(context, text, headings, url, output_format or of_group["output_format"])

    for parameter in reversed([parameter for parameter in query.parameters if parameter.name != LANGUAGE]):
        run = option(f"--{parameter.name}", parameter.name, metavar=shorten(parameter.type, query.prefixes))(run)
    if query.federated:
        run = option("--service", metavar="URL", help="Query this endpoint instead of the one that the query names.")(
            run
        )
    query_command = click.command(query.name, cls=QueryCommand)(run)
    labels = {parameter.name: parameter.label for parameter in query.parameters}
    for parameter_option in query_command.params:
        if isinstance(parameter_option, Option) and parameter_option.name in labels:
            parameter_option.help = labels[parameter_option.name]
    query_command.help, query_command.short_help = query.description, query.summary
    return query_command


def _result_language(context: CommandContext) -> str:
    """Return the reader's language where the project has it, else the project's first."""
    languages = context.project().languages
    return reader_language() if reader_language() in languages else languages[0]


def _resolve_names(context: CommandContext, query: Query, arguments: dict[str, str]) -> dict[str, str]:
    """Return the arguments with labels and last parts of IRIs replaced by the IRIs they name."""
    from whereas.validation.description import find

    resolved = dict(arguments)
    for parameter in query.parameters:
        name = parameter.name
        if not parameter.is_literal and name in arguments and ":" not in arguments[name]:
            checked = context.require_valid
            resolved[name] = find(checked.graph(), arguments[name], query.prefixes, checked.project.base)
    return resolved


def _read_query(path: str) -> str:
    from whereas.characters import not_utf8

    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ArgumentError(Message("{name}: cannot be read: {reason}", name=path, reason=error.strerror)) from None
    except UnicodeDecodeError as error:
        name = Message("standard input") if path == "-" else path
        raise ArgumentError(Message("{name}: {problem}", name=name, problem=not_utf8(error))) from None


def _run(
    context: CommandContext, text: str, headings: list[str], endpoint: str | None, output_format: str | None
) -> None:
    if endpoint:
        from whereas.http.sparql_client import ask_endpoint

        project = context.project()
        with context.timed(gettext("answered")):
            result = ask_endpoint(endpoint, text, contact=project.contact or project.homepage)
    else:
        checked = context.require_valid
        project = checked.project
        with context.timed(gettext("answered")):
            result = _query(checked, text)
    print_result(project, result, headings, output_format)


def _query(checked: CheckedProject, text: str) -> QueryResult:
    """Query the project's graph. Endpoints in SERVICE are requested with the project's contact, and retried."""
    from whereas.rdf.store import uses

    if not uses(text, "SERVICE"):
        return checked.graph().query(text)
    from whereas.http.sparql_client import ask_endpoint
    from whereas.server.sparql.federation import ServiceProxy

    contact = checked.project.contact or checked.project.homepage

    def request(endpoint: str, body: bytes, _: Mapping[str, str]) -> tuple[str, bytes]:
        return "application/sparql-results+json", ask_endpoint(endpoint, body.decode(), contact=contact).json

    proxy = ServiceProxy((), sys.maxsize, request)
    try:
        return checked.graph().query(proxy.rewrite(text))
    except RemoteError:
        if proxy.problem:
            raise RemoteError(proxy.problem) from None
        raise


def print_result(project: Project, result: QueryResult, headings: list[str], output_format: str | None) -> None:
    """Print a result in a format of `FORMATS`; by default a table on a terminal, CSV in a pipe, Turtle for triples."""
    from whereas.project.ontology import read_context, read_prefixes
    from whereas.rdf.results import markdown, result_set, rows

    if not result.json:
        if output_format not in (None, "ttl", "table"):
            raise ArgumentError(
                Message("the result is a graph: expected --format ttl, got {format}", format=output_format)
            )
        from whereas.rdf.writers import as_turtle

        echo_data(as_turtle(result.triples, read_context(project), project.base), "ttl")
        return
    if output_format == "ttl":
        echo_data(result_set(result), "ttl")
        return
    output_format = output_format or ("table" if sys.stdout.isatty() else "csv")
    if output_format not in ("table", "md"):
        echo_data(result.serialized(output_format), output_format)
        return
    cells = [
        [gettext(cell) for cell in row] if result.boolean is not None else row
        for row in rows(result, read_prefixes(project))
    ]
    headings = headings if len(headings) == len(result.columns) else list(result.columns)
    if output_format == "md":
        echo(markdown(headings or [gettext("answer")], cells), nl=False)
    else:
        from whereas.cli.terminal import print_table

        print_table(headings or [gettext("answer")], cells)
        if not cells:
            echo(gettext("no rows"))
