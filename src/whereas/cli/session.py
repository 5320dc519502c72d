"""What every command shares: its options, its project, its errors in one sentence, its progress.

Exit codes: 0 all is well; 1 the material has violations; 2 the work could not be done (a file, a
setting, an argument, another machine); 130 interrupted.
"""

from __future__ import annotations

import functools
import inspect
import os
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from whereas.errors import CorruptCacheError, ProjectError, WhereasError
from whereas.i18n import Localized, choose_language, gettext, language_kept, ngettext, number, reader_language

if TYPE_CHECKING:
    from whereas.parallel import Progress
    from whereas.project.project import Project
    from whereas.validation.checked_project import CheckedProject

FINDINGS, FAILED, INTERRUPTED = 1, 2, 130
EVERY = 5  # seconds between two lines of progress


def print_text(text: str) -> None:
    """Print lines; on a terminal they are broken between words, and go on a little to the right."""
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        broken = textwrap.wrap(line, room, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        click.echo("\n".join(broken if len(line) > room else [line]))


class _Translated:
    """Something with a help text, told in the reader's language: a phrase of ours, or one in both languages."""

    _help: str | Localized | None = None

    @property
    def help(self) -> str | None:
        if isinstance(self._help, str):
            return gettext(self._help)
        return self._help.in_language(reader_language()) if self._help else None

    @help.setter
    def help(self, text: str | Localized | None) -> None:
        self._help = inspect.cleandoc(text) if isinstance(text, str) else text


class Option(_Translated, click.Option):
    pass


class Command(_Translated, click.Command):
    def get_short_help_str(self, limit: int = 0) -> str:
        """The first sentence of the help, whole: a list of commands wraps it."""
        return super().get_short_help_str(sys.maxsize)

    def get_help_option(self, context: click.Context) -> click.Option | None:
        found = super().get_help_option(context)
        if found:
            found.help = gettext("Show this message and exit.")  # it is made before --lang is read
            found.is_eager = False  # --lang is read first, wherever it stands
        return found


class Group(Command, click.Group):
    command_class = Command
    group_class = type

    def main(self, *words: Any, **told: Any) -> Any:
        """Run the command; a language chosen for it ends with it."""
        with language_kept():
            return super().main(*words, **told)


option = functools.partial(click.option, cls=Option)


class CommandContext:
    """What the options that every command takes say."""

    def __init__(self, folder: str, quiet: bool, verbose: bool) -> None:
        self.folder, self.quiet, self.verbose = folder, quiet, verbose

    def project(self) -> Project:
        from whereas.project.project import read_project

        return read_project(self.folder)

    def check(self, engine: str = "shifty") -> CheckedProject:
        from whereas.validation.check import check

        with self.timed(gettext("checked")), self.progress() as progress:
            return check(self.project(), engine, progress)

    @functools.cached_property
    def require_valid(self) -> CheckedProject:
        """The project, checked; an error when it does not conform."""
        checked = self.check()
        count = checked.report.counts["Violation"]
        if count:
            raise WhereasError(
                ngettext(
                    "the project has {count} violation: 'whereas check' lists it",
                    "the project has {count} violations: 'whereas check' lists them",
                    count,
                )
            )
        return checked

    @property
    def require_valid_sources(self) -> CheckedProject:
        """The project, checked; an error when it does not conform, unless only its links are wrong."""
        from whereas.project.sources import LINKS

        checked = self.check()
        links = checked.project.location(checked.project.data / LINKS).path
        wrong = [found for found in checked.report.findings if found.severity == "Violation"]
        is_mendable = all(found.location.path.startswith(f"{links}/") for found in wrong)
        return checked if is_mendable and all(one.is_sound for one in checked.summaries) else self.require_valid

    @contextmanager
    def progress(self, lines: bool = False) -> Iterator[Progress]:
        """A bar for each stage; where nobody sees a terminal nothing, or, for work that may take hours, `lines`."""
        from whereas.parallel import silent

        if self.quiet or not sys.stderr.isatty():
            yield _tell_now_and_then() if lines and not self.quiet else silent
        else:
            from whereas.cli.terminal import progress

            with progress() as told:
                yield lambda stage, done, of: told(gettext(stage), done, of)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        if self.verbose:
            seconds = number(time.perf_counter() - start, 2)
            click.echo(gettext("{what} in {seconds} s", what=what, seconds=seconds), err=True)

    def say(self, phrase: str, **told: object) -> None:
        """Tell a person what was done, in the reader's language."""
        if not self.quiet:
            print_text(gettext(phrase, **told))


def _tell_now_and_then() -> Progress:
    last = time.monotonic()

    def told(stage: str, done: int, of: int) -> None:
        nonlocal last
        if done < of and time.monotonic() - last >= EVERY:
            last = time.monotonic()
            phrase = gettext("{stage}: {done} of {all}", stage=gettext(stage), done=number(done), all=number(of))
            click.echo(phrase, err=True)

    return told


def _speak(_: click.Context, __: click.Parameter, language: str | None) -> None:
    if language:
        choose_language(language)


language_option = option(
    "--lang", type=click.Choice(["en", "fr"]), is_eager=True, expose_value=False, callback=_speak,
    help="Language of messages, labels and answers (default: that of the environment).",
)  # fmt: skip


def command(function: Callable[..., Any]) -> Callable[..., Any]:
    """A verb with the options that all verbs take; its errors are one sentence and an exit code."""

    @option("-C", "--project", "folder", default=".", metavar="DIR", help="The project's folder (default: here).")
    @option("-q", "--quiet", is_flag=True, help="Print results and errors only.")
    @option("-v", "--verbose", is_flag=True, help="Tell how long each step took.")
    @language_option
    @functools.wraps(function)
    def wrapped(folder: str, quiet: bool, verbose: bool, **options: Any) -> None:
        with report_errors():
            try:
                function(CommandContext(folder, quiet, verbose), **options)
            except CorruptCacheError as problem:
                for path in problem.file.parent.glob(f"{problem.file.name}*"):
                    path.unlink()
                function(CommandContext(folder, quiet, verbose), **options)

    return wrapped


@contextmanager
def report_errors() -> Iterator[None]:
    """Errors of ours as their sentence, in the reader's language, and exit code 2; never a traceback."""
    try:
        yield
    except ProjectError as problem:
        for found in problem.findings:
            click.echo(found.line(reader_language()), err=True)
        sys.exit(FAILED)
    except WhereasError as problem:
        click.echo(gettext("whereas: {problem}", problem=problem.message.in_language(reader_language())), err=True)
        sys.exit(FAILED)
    except (KeyboardInterrupt, click.Abort) as stop:
        if isinstance(stop, click.Abort):
            click.echo(err=True)  # the question that was not answered ends its line
        click.echo(gettext("whereas: {problem}", problem=gettext("interrupted")), err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Who reads has read enough. Nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
