"""Where something stands, what is wrong with it, and which errors stop work.

A *finding* is a value in a report: it says something about the material. An *error* is an
exception: one class for each thing its reader can do about it.

    WhereasError
      ├── MaterialError   mend a file of the project (command exits 2)
      ├── ArgumentError   ask again, differently (2)
      ├── RemoteError     try later, or another address (2)
      └── DamagedError    what is remembered is of no use: the command forgets it and does the work again
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whereas.findings import Finding, Location, finding
from whereas.i18n import SOURCE, Localized, Message


class WhereasError(Exception):
    """Work stopped; the message is one sentence for the person who asked for it, in both languages if it can."""

    def __init__(self, message: Localized | str) -> None:
        self.message: Localized = Message(message) if isinstance(message, str) else message
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message.in_language(SOURCE)


class _Lines(tuple[Finding, ...]):
    """Findings as one text, a line each."""

    def in_language(self, language: str) -> str:
        return "\n".join(found.line(language) for found in self)


class ProjectError(WhereasError):
    """A file of the project cannot be used as it stands."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(_Lines(self.findings))

    def __reduce__(self) -> tuple[type[ProjectError], tuple[tuple[Finding, ...]]]:
        return ProjectError, (self.findings,)  # so that it crosses from one process to another


class ArgumentError(WhereasError):
    """What was asked for cannot be: another argument may be. `name` is that of the wrong one, where it has one."""

    def __init__(self, message: Localized | str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class RemoteError(WhereasError):
    """Another machine did not answer, or not with what was asked."""


class CorruptCacheError(WhereasError):
    """What is remembered in this file cannot be read: without the file, the work is done again."""

    def __init__(self, file: Path) -> None:
        super().__init__(Message("{file}: damaged; delete it, it is made again", file=file))
        self.file, self.args = file, (file,)  # so that it crosses from one process to another


def broken(rule: str, location: Location, **told: Any) -> ProjectError:
    """The error that stops on one finding."""
    return ProjectError([finding(rule, location, **told)])
