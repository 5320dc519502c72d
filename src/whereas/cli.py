"""The command `whereas`: each verb is one library call. Parse, call, print."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whereas import __version__
from whereas.links import link
from whereas.questions import ask, print_answer
from whereas.session import FINDINGS, Session, language_option, reader_language, stated_errors, verb

if TYPE_CHECKING:
    from whereas.checking import Checked

REPORT_FORMATS = ("text", "json", "github", "sarif")


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all is well, 1 the material has violations, 2 the work could not be done.",
)
@click.version_option(__version__, prog_name="whereas")
def main() -> None:
    """Knowledge graphs of political texts: every claim is somebody's, tied to the passage that says it."""


@main.command()
@verb
def build(session: Session) -> None:
    """Check the project and write its release into public/."""
    checked = session.check()
    _print_findings(checked, "text", reader_language(), graver_than_info=True)
    if not checked.report.conforms:
        session.say(f"{_summary(checked)}; public/ is left as it was")
        sys.exit(FINDINGS)
    from whereas.release import write_release

    with session.timed("written"), session.progress() as progress:
        files = write_release(checked, progress)
    size = sum(file.size for file in files)
    session.say(f"{_summary(checked)}")
    session.say(f"{_relative(checked.project.public)}: {len(files)} files, {size / 1e6:.1f} MB")
    session.say("  dataset.ttl .jsonld .nq .trig  everything, and .gz twins; each document in doc/")
    session.say("  catalogue.ttl  report.ttl  SHA256SUMS")
    session.say("Next: 'whereas ask' lists the questions it answers, 'whereas coverage' what the texts still hold")


@main.command()
@click.option("--engine", type=click.Choice(["shifty", "pyshacl"]), default="shifty", help="Which SHACL engine judges.")
@click.option("--format", "form", type=click.Choice(REPORT_FORMATS), default="text", help="How findings are printed.")
@language_option
@verb
def check(session: Session, engine: str, form: str, lang: str) -> None:
    """Report what is wrong with the project, each finding at its file and line."""
    checked = session.check(engine)
    _print_findings(checked, form, lang)
    if form == "text":
        session.say(_summary(checked))
    sys.exit(0 if checked.report.conforms else FINDINGS)


@main.command()
@language_option
@verb
def coverage(session: Session, lang: str) -> None:
    """Show how much of each text is cited, and the letters no passage covers."""
    checked = session.check()
    for summary in checked.documents:
        for text in summary.coverage:
            cited = text.sentences - len(text.uncited)
            click.echo(
                f"{summary.name}/{text.text}: {cited} of {text.sentences} sentences"
                f" ({cited / max(text.sentences, 1):.0%}), {text.cited_letters} of {text.letters} letters"
                f" ({text.cited_letters / max(text.letters, 1):.1%})"
            )
            for sentence in text.uncited:
                click.echo(f"  sentence: {sentence}")
            for offset, words in text.gaps:
                click.echo(f"  at {offset}: {words}")


@main.command()
@click.argument("name")
@click.option("--format", "form", type=click.Choice(["text", "ttl"]), default="text", help="For people, or Turtle.")
@language_option
@verb
def show(session: Session, name: str, form: str, lang: str) -> None:
    """Describe a thing: its properties, what points at it, the passages that prove it.

    NAME is an IRI, a compact name such as ent:ilham-tohti, the last part of one, or a label.
    """
    from whereas.describe import around, as_text, describe, find

    checked = session.conforming
    graph, rules = checked.graph(), checked.rules
    thing = find(graph, name, rules.prefixes, checked.project.base)
    if form == "ttl":
        print_answer(checked.project, around(graph, thing), [], "ttl")
        return
    click.echo(as_text(describe(graph, thing, lang, checked.project.vocabulary), rules.prefixes))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--base", default="", help="IRI that the project's names start with (default: under example.org).")
def new(folder: Path, base: str) -> None:
    """Start a small project of your own in FOLDER."""
    from whereas.starter import write_project

    with stated_errors():
        made = write_project(folder, base)
        for path in made:
            click.echo(f"  {path}")
        click.echo(f"Next: cd {folder} && whereas build && whereas ask")


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell, for its startup file."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # the choices are click's own
    click.echo(kind(main, {}, "whereas", "_WHEREAS_COMPLETE").source())


main.add_command(ask)
main.add_command(link)


# -------------------------------------------------------------------- what is printed


def _print_findings(checked: Checked, form: str, lang: str, *, graver_than_info: bool = False) -> None:
    from whereas.reporting import FORMATS

    findings = checked.report.findings
    if graver_than_info:
        findings = tuple(found for found in findings if found.severity != "Info")
    click.echo(FORMATS[form](findings, lang), nl=False)


def _summary(checked: Checked) -> str:
    from whereas.reporting import summary

    return summary(checked.report.findings, len(checked.documents), checked.report.triples)


def _relative(path: Path) -> str:
    try:
        return f"{path.relative_to(Path.cwd())}/"
    except ValueError:
        return f"{path}/"
