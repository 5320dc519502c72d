"""`whereas build`: check the project and write its release."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from whereas.cli.check import print_findings, summary
from whereas.cli.command import FINDINGS, Command, CommandContext, command, option
from whereas.i18n import Message, gettext, number


@click.command(cls=Command)
@option("--pages/--no-pages", default=True, help="Write the website too, or only the data.")
@command
def build(context: CommandContext, pages: bool) -> None:
    """Check the project and write its release into public/."""
    from whereas.cache import project_lock

    def report_wait() -> None:
        context.print_message(Message("waiting for another whereas process in this project"))

    # Locked from here on, so that what is written is what was checked.
    click.get_current_context().with_resource(project_lock(context.project().cache_dir, report_wait))
    checked = context.check()
    print_findings(checked, "text", include_info=False)
    if not checked.report.conforms:
        context.print_message(Message("{summary}; public/ was not changed", summary=summary(checked)))
        sys.exit(FINDINGS)
    from whereas.release.build import write_release

    with context.timed(gettext("written")), context.progress() as progress:
        release = write_release(checked, progress, pages=pages)
    files = release.data + release.website
    context.print_message(summary(checked))
    context.print_message(
        Message(
            "{folder}: {files}, {size} MB",
            folder=_relative(checked.project.public),
            files=Message("{count} file", "{count} files", count=len(files)),
            size=number(sum(file.size for file in files) / 1e6, 1),
        )
    )
    if pages:
        context.print_message(Message("  index.html  the website: pages of documents, statements, entities, queries"))
    context.print_message(
        Message("  dataset.ttl .jsonld .nq .trig  the whole dataset, also as .gz; one file a document in doc/")
    )
    context.print_message("  catalogue.ttl  report.ttl  SHA256SUMS")
    if pages:
        context.print_message(
            Message("Next: 'python3 -m http.server -d public' shows the website, 'whereas ask' lists the saved queries")
        )
    else:
        context.print_message(Message("Next: 'whereas serve' shows the website, 'whereas ask' lists the saved queries"))


def _relative(path: Path) -> str:
    try:
        return f"{path.relative_to(Path.cwd())}/"
    except ValueError:
        return f"{path}/"
