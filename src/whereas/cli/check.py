"""`whereas check` and `whereas coverage`: what is wrong with the project, and how much of its texts is cited."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from whereas.cli.command import FINDINGS, Command, CommandContext, command, echo, echo_data, option, print_text
from whereas.i18n import gettext, number, percent, reader_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whereas.findings import Finding
    from whereas.validation.checked_project import CheckedProject

REPORT_FORMATS = ("text", "json", "github", "sarif")

format_option = option(
    "--format", "report_format", type=click.Choice(REPORT_FORMATS), default="text", help="Output format."
)


@click.command(cls=Command)
@option("--engine", type=click.Choice(["shifty", "pyshacl"]), default="shifty", help="SHACL engine to use.")
@format_option
@command
def check(context: CommandContext, engine: str, report_format: str) -> None:
    """Check the project and print the findings, each with its file and line."""
    checked = context.check(engine)
    print_findings(checked, report_format)
    if report_format == "text":
        context.print_message(summary(checked))
    sys.exit(0 if checked.report.conforms else FINDINGS)


@click.command(cls=Command)
@command
def coverage(context: CommandContext) -> None:
    """Show how much of each text is cited, and the parts that are not."""
    from whereas.compiler.compile import read_inventories

    checked = context.check()
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


def print_findings(checked: CheckedProject, report_format: str, *, include_info: bool = True) -> None:
    findings = tuple(finding for finding in checked.report.findings if include_info or finding.severity != "Info")
    print_report(findings, report_format)


def print_report(findings: Sequence[Finding], report_format: str) -> None:
    """Print findings in one of `REPORT_FORMATS`."""
    from whereas.validation.reports import FORMATS

    report = FORMATS[report_format](findings, reader_language())
    if report_format in ("json", "sarif"):
        echo_data(report, "json")
    else:
        echo(report, nl=False)


def summary(checked: CheckedProject) -> str:
    """Return the numbers of documents, triples and findings, in one line."""
    from whereas.validation.reports import summary

    return summary(checked.report.findings, len(checked.documents), checked.report.triples)
