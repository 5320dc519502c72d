"""What all commands share: common options, the project, errors as one line, progress.

Exit codes: 0 success; 1 the project has violations, or a request was not answered as expected; 2 an error (a file,
a setting, an argument, another server); 130 interrupted.
"""

from __future__ import annotations

import functools
import inspect
import logging
import os
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from whereas.characters import escaped, for_terminal
from whereas.errors import CorruptCacheError, ProjectError, WhereasError
from whereas.i18n import (
    Localized,
    Message,
    choose_language,
    gettext,
    interface_languages,
    language_kept,
    ngettext,
    number,
    reader_language,
)

if TYPE_CHECKING:
    from whereas.parallel import Progress
    from whereas.project.project import Project
    from whereas.validation.checked_project import CheckedProject

FINDINGS, FAILED, INTERRUPTED = 1, 2, 130
PROGRESS_INTERVAL = 5  # seconds between two lines of progress

# -------------------------------------------------------------------- printing
#
# Names, labels and quotes, file names, and the responses of other servers are foreign text: a control character in them
# would move the cursor, set the title, or hide what follows. Commands print by these functions only.

_ESCAPED_FORMATS = ("json", "ttl", "tsv")  # those with \\uXXXX; control characters stay as they are in CSV


def echo(text: str = "", *, err: bool = False, nl: bool = True, **style: Any) -> None:
    """Print text for people, on standard error with `err`, in the `style` of `click.style`."""
    text = for_terminal(text)
    click.echo(click.style(text, **style) if style else text, err=err, nl=nl)


def echo_data(data: str | bytes, suffix: str) -> None:
    """Print data in the format of a suffix: the same values, what a terminal obeys escaped where the format can."""
    if suffix in _ESCAPED_FORMATS:
        data = escaped(data if isinstance(data, str) else data.decode("utf-8", "replace"))
    sys.stdout.flush()
    sys.stdout.buffer.write(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    sys.stdout.buffer.flush()


class LogFormatter(logging.Formatter):
    """Log records as text for people: a server's log shows what its clients sent."""

    def format(self, record: logging.LogRecord) -> str:
        return for_terminal(super().format(record))


@contextmanager
def printable_errors() -> Iterator[None]:
    """Clean the messages of click's own errors, which repeat arguments."""
    try:
        yield
    except click.ClickException as error:
        error.message = for_terminal(error.message)  # type: ignore[misc]  # click offers no other way
        raise


# -------------------------------------------------------------------- help in the reader's language


class _LocalizedHelp:
    """A help text that is translated when it is shown: a sentence of the interface, or a text of the project."""

    _help: str | Localized | None = None

    @property
    def help(self) -> str | None:
        if isinstance(self._help, str):
            return gettext(self._help)
        return self._help.in_language(reader_language()) if self._help else None

    @help.setter
    def help(self, text: str | Localized | None) -> None:
        self._help = inspect.cleandoc(text) if isinstance(text, str) else text


class Option(_LocalizedHelp, click.Option):
    pass


class Command(_LocalizedHelp, click.Command):
    def get_short_help_str(self, limit: int = 0) -> str:
        """Return the first sentence of the help without a limit: lists of commands wrap it."""
        return super().get_short_help_str(sys.maxsize)

    def get_help_option(self, context: click.Context) -> click.Option | None:
        help_option = super().get_help_option(context)
        if help_option:
            help_option.help = gettext("Show this message and exit.")  # click translates it before --lang is read
            help_option.is_eager = False  # --lang takes effect wherever it stands
        return help_option


class Group(Command, click.Group):
    command_class = Command
    group_class = type

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command, and restore the language of the environment afterwards."""
        with language_kept():
            return super().main(*args, **options)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        with printable_errors():
            return super().make_context(*args, **options)

    def invoke(self, context: click.Context) -> Any:
        with printable_errors():
            return super().invoke(context)


option = functools.partial(click.option, cls=Option)


# -------------------------------------------------------------------- the context of a command


class CommandContext:
    """The values of the common options, and what commands do with them."""

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
        """The checked project. Raise `WhereasError` when it has violations."""
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
        """The checked project. Raise `WhereasError` when it has violations other than those of its links."""
        from whereas.project.sources import LINKS

        checked = self.check()
        links = checked.project.location(checked.project.data / LINKS).path
        violations = [finding for finding in checked.report.findings if finding.severity == "Violation"]
        only_links = all(finding.location.path.startswith(f"{links}/") for finding in violations)
        return checked if only_links and all(one.is_sound for one in checked.summaries) else self.require_valid

    @contextmanager
    def progress(self, lines: bool = False) -> Iterator[Progress]:
        """Show a progress bar a stage; where stderr is no terminal nothing, or a line now and then with `lines`."""
        from whereas.parallel import silent

        if self.quiet or not sys.stderr.isatty():
            yield _progress_lines() if lines and not self.quiet else silent
        else:
            from whereas.cli.terminal import progress_bars

            with progress_bars() as update:
                yield lambda stage, done, of: update(gettext(stage), done, of)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Print how long the stage took, with `--verbose`."""
        start = time.perf_counter()
        yield
        if self.verbose:
            seconds = number(time.perf_counter() - start, 2)
            echo(gettext("{stage} in {seconds} s", stage=stage, seconds=seconds), err=True)

    def print_message(self, message: Message | str) -> None:
        """Print a message for people, in the reader's language, unless `--quiet`."""
        if not self.quiet:
            print_text(message if isinstance(message, str) else message.in_language(reader_language()))


def print_text(text: str) -> None:
    """Print lines; on a terminal, wrapped between words with a hanging indent."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        wrapped = textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        echo("\n".join(wrapped if len(line) > width else [line]))


def _progress_lines() -> Progress:
    last = time.monotonic()

    def update(stage: str, done: int, of: int) -> None:
        nonlocal last
        if done < of and time.monotonic() - last >= PROGRESS_INTERVAL:
            last = time.monotonic()
            line = gettext("{stage}: {done} of {all}", stage=gettext(stage), done=number(done), all=number(of))
            echo(line, err=True)

    return update


# -------------------------------------------------------------------- commands and their errors


def _choose_language(_: click.Context, __: click.Parameter, language: str | None) -> None:
    if language:
        choose_language(language)


language_option = option(
    "--lang", type=click.Choice(interface_languages()), is_eager=True, expose_value=False, callback=_choose_language,
    help="Language of messages, labels and results (default: from the environment).",
)  # fmt: skip


def command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the common options to a command; its errors become one line and an exit code."""

    @option("-C", "--project", "folder", default=".", metavar="DIR", help="Project folder (default: the current one).")
    @option("-q", "--quiet", is_flag=True, help="Print results and errors only.")
    @option("-v", "--verbose", is_flag=True, help="Print how long each stage takes.")
    @language_option
    @functools.wraps(function)
    def wrapped(folder: str, quiet: bool, verbose: bool, **options: Any) -> None:
        with report_errors():
            try:
                function(CommandContext(folder, quiet, verbose), **options)
            except CorruptCacheError as error:
                for path in error.file.parent.glob(f"{error.file.name}*"):
                    path.unlink()
                function(CommandContext(folder, quiet, verbose), **options)

    return wrapped


@contextmanager
def report_errors() -> Iterator[None]:
    """Print errors of ours as one line in the reader's language and exit with code 2; never a traceback."""
    try:
        yield
    except ProjectError as error:
        for finding in error.findings:
            echo(finding.line(reader_language()), err=True)
        sys.exit(FAILED)
    except WhereasError as error:
        echo(gettext("whereas: {problem}", problem=error.message.in_language(reader_language())), err=True)
        sys.exit(FAILED)
    except (KeyboardInterrupt, click.Abort) as interruption:
        if isinstance(interruption, click.Abort):
            echo(err=True)  # ends the line of the prompt
        echo(gettext("whereas: {problem}", problem=gettext("interrupted")), err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of the pipe has closed it (`| head`). The flush at exit must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
