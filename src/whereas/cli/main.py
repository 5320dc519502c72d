"""The command `whereas`: each verb is one library call. Parse, call, print."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whereas._version import __version__
from whereas.cli.ask import ask, print_answer
from whereas.cli.link import link
from whereas.cli.load import load
from whereas.cli.session import (
    FINDINGS,
    CommandContext,
    Group,
    Option,
    command,
    language_option,
    option,
    print_text,
    report_errors,
)
from whereas.i18n import gettext, ngettext, number, open_catalogue, percent, reader_language

if TYPE_CHECKING:
    from whereas.validation.checked_project import CheckedProject

REPORT_FORMATS = ("text", "json", "github", "sarif")


open_catalogue()


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="whereas", cls=Option)
@language_option
def main() -> None:
    """Knowledge graphs of political texts: every claim is somebody's, tied to the passage that says it.

    Exit codes: 0 all is well, 1 the material has violations, 2 the work could not be done, 130 interrupted.
    """


@main.command()
@option("--pages/--no-pages", default=True, help="With the website, or the data alone.")
@command
def build(session: CommandContext, pages: bool) -> None:
    """Check the project and write its release into public/."""
    from whereas.cache import project_lock

    def wait() -> None:
        session.say("waiting for another whereas that is at work in this project")

    # What is written is what was checked, whoever else builds.
    click.get_current_context().with_resource(project_lock(session.project().cache_dir, wait))
    checked = session.check()
    _print_findings(checked, "text", graver_than_info=True)
    if not checked.report.conforms:
        session.say("{summary}; public/ is left as it was", summary=_summary(checked))
        sys.exit(FINDINGS)
    from whereas.release.build import write_release

    with session.timed(gettext("written")), session.progress() as progress:
        release = write_release(checked, progress, pages=pages)
    files = release.own + release.website
    size = number(sum(file.size for file in files) / 1e6, 1)
    count = ngettext("{count} file", "{count} files", len(files))
    session.say("{summary}", summary=_summary(checked))
    session.say("{folder}: {files}, {size} MB", folder=_relative(checked.project.public), files=count, size=size)
    if pages:
        session.say("  index.html  the website: each document with its passages, each statement, person, question")
    session.say("  dataset.ttl .jsonld .nq .trig  everything, and .gz twins; each document in doc/")
    session.say("  catalogue.ttl  report.ttl  SHA256SUMS")
    if pages:
        session.say(
            "Next: 'python3 -m http.server -d public' shows the website, 'whereas ask' lists the questions it answers"
        )
    else:
        session.say("Next: 'whereas serve' shows it, 'whereas ask' lists the questions it answers")


@main.command()
@option("--engine", type=click.Choice(["shifty", "pyshacl"]), default="shifty", help="Which SHACL engine judges.")
@option("--format", "form", type=click.Choice(REPORT_FORMATS), default="text", help="How findings are printed.")
@command
def check(session: CommandContext, engine: str, form: str) -> None:
    """Report what is wrong, each finding at its file and line."""
    checked = session.check(engine)
    _print_findings(checked, form)
    if form == "text":
        session.say("{summary}", summary=_summary(checked))
    sys.exit(0 if checked.report.conforms else FINDINGS)


@main.command()
@command
def coverage(session: CommandContext) -> None:
    """Show how much of each text is cited, and what is not."""
    from whereas.compiler.compile import read_inventories

    checked = session.check()
    for name, inventory in read_inventories(checked.cache):
        for text in inventory.coverage:
            cited = text.sentences - len(text.uncited)
            print_text(
                gettext(
                    "{text}: {cited} of {sentences} sentences ({share}), {letters} of {all_letters} letters ({part})",
                    text=f"{name}/{text.text}",
                    cited=number(cited),
                    sentences=number(text.sentences),
                    share=percent(cited / max(text.sentences, 1)),
                    letters=number(text.cited_letters),
                    all_letters=number(text.letters),
                    part=percent(text.cited_letters / max(text.letters, 1), 1),
                )
            )
            for sentence in text.uncited:
                print_text(gettext("  sentence: {sentence}", sentence=sentence))
            for offset, words in text.gaps:
                print_text(gettext("  at {offset}: {words}", offset=number(offset), words=words))


@main.command()
@click.argument("name")
@option("--format", "form", type=click.Choice(["text", "ttl"]), default="text", help="For people, or Turtle.")
@command
def show(session: CommandContext, name: str, form: str) -> None:
    """Describe a thing, and the passages that prove it.

    NAME is an IRI, a compact name such as ent:ilham-tohti, the last part of one, or a label.
    """
    from whereas.validation.description import around, as_text, describe, find

    checked = session.require_valid
    graph, rules = checked.graph(), checked.rules
    thing = find(graph, name, rules.prefixes, checked.project.base)
    if form == "ttl":
        print_answer(checked.project, around(graph, thing), [], "ttl")
        return
    told = describe(graph, thing, reader_language(), checked.project.vocabulary)
    print_text(as_text(told, rules.prefixes, reader_language()))


@main.command()
@click.argument("address")
@option("--document", default="", metavar="PATH", help="A document to ask for (default: the project's first).")
@option("--thing", default="", metavar="PATH", help="A thing of the world (default: the project's publisher).")
@option("--no-endpoint", is_flag=True, help="The deployment answers no SPARQL.")
@command
def conformance(session: CommandContext, address: str, document: str, thing: str, no_endpoint: bool) -> None:
    """Hold a deployment to one table of requests: negotiation, caching, refusals, SPARQL."""
    from whereas.server.conformance.deployment import Outcome, check_deployment

    project = session.project()
    if not document:
        document = f"doc/{next(name for name in session.require_valid.documents).name}"
    thing = thing or f"ent/{project.publisher.removeprefix('ent:')}"
    outcomes: list[Outcome] = []
    language, withdrawn = reader_language(), list(project.withdrawn)
    for outcome in check_deployment(address, document, thing, project.languages, withdrawn, endpoint=not no_endpoint):
        if not outcomes or outcomes[-1].section != outcome.section:
            click.echo(outcome.section.in_language(language))
        outcomes.append(outcome)
        click.echo(f"{gettext('pass') if outcome.passed else gettext('FAIL')}  {outcome.name.in_language(language)}")
        if not outcome.passed:
            click.echo(gettext("      asked: {asked}\n      got: {got}", asked=outcome.request, got=outcome.response))
    failed = sum(not outcome.passed for outcome in outcomes)
    session.say("{count} requests, {failed} not answered as they should be", count=len(outcomes), failed=failed)
    sys.exit(FINDINGS if failed else 0)


def _help_settings(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from whereas.server.sparql.limits import limit_descriptions

        for name, default, described_as in limit_descriptions():
            click.echo(f"{name:<13} {number(default):>13}  {described_as.in_language(reader_language())}")
        meaning = gettext("hosts that a query may ask with SERVICE: --allow-service HOST, once for each")
        click.echo(f"{'services':<13} {gettext('none'):>13}  {meaning}")
        context.exit()


@main.command()
@option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@option("-p", "--port", default=8001, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 picks one.")
@option("-o", "--open", "browse", is_flag=True, help="Open a browser.")
@option("--reload", is_flag=True, help="Build anew when the material changes; show findings in the pages.")
@option("--setting", "settings", nargs=2, multiple=True, metavar="NAME VALUE", help="Set a limit.")
@option("--allow-service", "services", multiple=True, metavar="HOST",
        help="Let queries ask the endpoints on this host with SERVICE (default: none).")  # fmt: skip
@option("--help-settings", is_flag=True, is_eager=True, expose_value=False, callback=_help_settings,
              help="List the limits, with their defaults.")  # fmt: skip
@command
def serve(
    session: CommandContext,
    host: str,
    port: int,
    browse: bool,
    reload: bool,
    settings: tuple[tuple[str, str], ...],
    services: tuple[str, ...],
) -> None:
    """Bring the release up to date and serve it: pages, made when they are asked for, data, SPARQL, search."""
    from whereas.server.run import serve
    from whereas.server.sparql.limits import read_limits

    serve(session.project(), host, port, read_limits(settings, services), reload=reload, browse=browse, say=session.say)


@main.command()
@click.argument("path")
@option("--accept", default="", metavar="TYPE", help="What the client accepts, as the header says it.")
@command
def get(session: CommandContext, path: str, accept: str) -> None:
    """Print what the server answers at a path, without a server; exit 1 unless it is a success."""
    import asyncio

    from whereas.server.run import get

    response = asyncio.run(get(session.project().root, path, accept))
    sys.stdout.buffer.write(response.content)
    sys.stdout.buffer.flush()
    if not response.is_success:
        click.echo(f"{response.status_code} {response.headers.get('location', '')}".rstrip(), err=True)
        sys.exit(FINDINGS)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@option("--base", default="", help="IRI that the project's names start with (default: under example.org).")
@language_option
def new(folder: Path, base: str) -> None:
    """Start a small project of your own in FOLDER."""
    from whereas.cli.new_project import write_project

    with report_errors():
        made = write_project(folder, base)
        for path in made:
            click.echo(f"  {path}")
        click.echo(gettext("Next: cd {folder} && whereas build && whereas ask", folder=folder))


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@language_option
def completion(shell: str) -> None:
    """Print the completion script of a shell, for its startup file."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # the choices are click's own
    click.echo(kind(main, {}, "whereas", "_WHEREAS_COMPLETE").source())


main.add_command(ask)
main.add_command(link)
main.add_command(load)


# -------------------------------------------------------------------- what is printed


def _print_findings(checked: CheckedProject, form: str, *, graver_than_info: bool = False) -> None:
    from whereas.validation.reports import FORMATS

    findings = checked.report.findings
    if graver_than_info:
        findings = tuple(found for found in findings if found.severity != "Info")
    click.echo(FORMATS[form](findings, reader_language()), nl=False)


def _summary(checked: CheckedProject) -> str:
    from whereas.validation.reports import summary

    return summary(checked.report.findings, len(checked.documents), checked.report.triples)


def _relative(path: Path) -> str:
    try:
        return f"{path.relative_to(Path.cwd())}/"
    except ValueError:
        return f"{path}/"
