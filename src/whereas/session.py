"""What every command shares: its options, its project, its errors in one sentence, its progress.

Exit codes: 0 all is well; 1 the material has violations; 2 the work could not be done (a file, a
setting, an argument, another machine); 130 interrupted.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from whereas.errors import MaterialError, WhereasError

if TYPE_CHECKING:
    from whereas.checking import Checked
    from whereas.crew import Progress
    from whereas.project import Project

FINDINGS, FAILED, INTERRUPTED = 1, 2, 130


def reader_language() -> str:
    told = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "fr" if told.lower().startswith("fr") else "en"


class Session:
    """What the options that every command takes say."""

    def __init__(self, folder: str, quiet: bool, verbose: bool) -> None:
        self.folder, self.quiet, self.verbose = folder, quiet, verbose

    def project(self) -> Project:
        from whereas.project import read_project

        return read_project(self.folder)

    def check(self, engine: str = "shifty") -> Checked:
        from whereas.checking import check

        with self.timed("checked"), self.progress() as progress:
            return check(self.project(), engine, progress)

    @functools.cached_property
    def conforming(self) -> Checked:
        """The project, checked; an error when it does not conform."""
        checked = self.check()
        count = checked.report.counts["Violation"]
        if count:
            raise WhereasError(f"the project has {count} violation{'s' * (count > 1)}: 'whereas check' lists them")
        return checked

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        from whereas.crew import silent

        if self.quiet or not sys.stderr.isatty():
            yield silent
        else:
            from whereas.terminal import progress

            with progress() as told:
                yield told

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        if self.verbose:
            click.echo(f"{what} in {time.perf_counter() - start:.2f} s", err=True)

    def say(self, text: str) -> None:
        """Tell a person what was done."""
        if not self.quiet:
            click.echo(text)


def verb(function: Callable[..., Any]) -> Callable[..., Any]:
    """A verb with the options that all verbs take; its errors are one sentence and an exit code."""

    @click.option("-C", "--project", "folder", default=".", metavar="DIR", help="The project's folder (default: here).")
    @click.option("-q", "--quiet", is_flag=True, help="Print results and errors only.")
    @click.option("-v", "--verbose", is_flag=True, help="Tell how long each step took.")
    @functools.wraps(function)
    def wrapped(folder: str, quiet: bool, verbose: bool, **options: Any) -> None:
        with stated_errors(options.get("lang") or reader_language()):
            function(Session(folder, quiet, verbose), **options)

    return wrapped


@contextmanager
def stated_errors(language: str = "") -> Iterator[None]:
    """Errors of ours as their sentence, by default in the reader's language, and exit code 2; never a traceback."""
    language = language or reader_language()
    try:
        yield
    except MaterialError as problem:
        for found in problem.findings:
            click.echo(found.line(language), err=True)
        sys.exit(FAILED)
    except WhereasError as problem:
        click.echo(f"whereas: {problem.message.in_language(language)}", err=True)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        click.echo("whereas: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Who reads has read enough. Nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


language_option = click.option(
    "--lang", type=click.Choice(["en", "fr"]), default=reader_language, help="Language of messages and labels."
)
