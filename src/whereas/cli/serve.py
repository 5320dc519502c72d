"""`whereas serve`, `get` and `conformance`: the server, one of its responses, and tests of a deployment."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

import click

from whereas.cli.command import FINDINGS, Command, CommandContext, LogFormatter, command, echo, option
from whereas.i18n import Message, gettext, number, reader_language

if TYPE_CHECKING:
    from whereas.server.conformance.deployment import Outcome


def _print_settings(click_context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from whereas.server.sparql.limits import limit_descriptions

        for name, default, meaning in limit_descriptions():
            echo(f"{name:<13} {number(default):>13}  {meaning.in_language(reader_language())}")
        services = gettext("hosts that SERVICE may query: --allow-service HOST, once for each")
        echo(f"{'services':<13} {gettext('none'):>13}  {services}")
        click_context.exit()


@click.command(cls=Command)
@option("--host", default="127.0.0.1", show_default=True, help="Address to bind to.")
@option("-p", "--port", default=8001, show_default=True, type=click.IntRange(0, 65535),
        help="Port; 0 chooses a free one.")  # fmt: skip
@option("-o", "--open", "browse", is_flag=True, help="Open a browser.")
@option("--reload", is_flag=True, help="Rebuild when files change; show findings in the pages.")
@option("--setting", "settings", nargs=2, multiple=True, metavar="NAME VALUE", help="Set a limit.")
@option("--allow-service", "services", multiple=True, metavar="HOST",
        help="Allow federated queries (SERVICE) to endpoints on this host (default: none).")  # fmt: skip
@option("--help-settings", is_flag=True, expose_value=False, callback=_print_settings,
        help="List the limits with their defaults, and exit.")  # fmt: skip
@command
def serve(
    context: CommandContext,
    host: str,
    port: int,
    browse: bool,
    reload: bool,
    settings: tuple[tuple[str, str], ...],
    services: tuple[str, ...],
) -> None:
    """Update the release and serve it: pages, data, SPARQL, search."""
    from whereas.server.run import serve
    from whereas.server.sparql.limits import read_limits

    log = logging.StreamHandler()
    log.setFormatter(LogFormatter("%(message)s"))
    logging.basicConfig(handlers=[log], level=logging.INFO)

    def say(template: str, **values: object) -> None:
        context.print_message(Message(template, **values))

    serve(context.project(), host, port, read_limits(settings, services), reload=reload, browse=browse, say=say)


@click.command(cls=Command)
@click.argument("path")
@option("--accept", default="", metavar="TYPE", help="Value of the Accept header.")
@command
def get(context: CommandContext, path: str, accept: str) -> None:
    """Print the server's response to a path, without starting the server; exit 1 unless the status is 2xx."""
    import asyncio

    from whereas.server.run import get

    path = re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", path)  # bytes that are not UTF-8
    response = asyncio.run(get(context.project().root, path, accept))
    if response.is_success:
        sys.stdout.buffer.write(response.content)
        sys.stdout.buffer.flush()
    else:
        echo(response.text, nl=False)  # a sentence, which repeats the path
        echo(f"{response.status_code} {response.headers.get('location', '')}".rstrip(), err=True)
        sys.exit(FINDINGS)


@click.command(cls=Command)
@click.argument("url")
@option("--document", default="", metavar="PATH", help="Path of a document (default: the project's first).")
@option("--entity", default="", metavar="PATH", help="Path of an entity (default: the project's publisher).")
@option("--no-endpoint", is_flag=True, help="The deployment has no SPARQL endpoint.")
@command
def conformance(context: CommandContext, url: str, document: str, entity: str, no_endpoint: bool) -> None:
    """Test a deployment: content negotiation, caching, error responses, SPARQL."""
    from whereas.server.conformance.deployment import check_deployment

    project = context.project()
    if not document:
        document = f"doc/{next(name for name in context.require_valid.documents).name}"
    entity = entity or f"ent/{project.publisher.removeprefix('ent:')}"
    outcomes: list[Outcome] = []
    language, withdrawn = reader_language(), list(project.withdrawn)
    for outcome in check_deployment(url, document, entity, project.languages, withdrawn, endpoint=not no_endpoint):
        if not outcomes or outcomes[-1].section != outcome.section:
            echo(outcome.section.in_language(language))
        outcomes.append(outcome)
        echo(f"{gettext('pass') if outcome.passed else gettext('FAIL')}  {outcome.name.in_language(language)}")
        if not outcome.passed:
            echo(
                gettext(
                    "      request: {request}\n      response: {response}",
                    request=outcome.request,
                    response=outcome.response,
                )
            )
    failed = sum(not outcome.passed for outcome in outcomes)
    context.print_message(Message("{count} requests, {failed} failed", count=len(outcomes), failed=failed))
    sys.exit(FINDINGS if failed else 0)
