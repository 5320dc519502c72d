"""Errors that stop work, one class for each thing that can be done about it.

A finding about the data is a value in a report (`whereas.findings`); an error is an exception.

    WhereasError
      ├── ProjectError       fix a file of the project (the command exits with 2)
      ├── ArgumentError      ask again with another argument (2; HTTP 400)
      ├── RemoteError        try later, or another server (2; HTTP 502)
      └── CorruptCacheError  delete the cache and do the work again, as the command does by itself
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whereas.findings import Finding, Location, finding
from whereas.i18n import SOURCE, Localized, Message


class WhereasError(Exception):
    """Any of our errors; its message is one sentence, in the reader's language where there is a translation."""

    def __init__(self, message: Localized | str) -> None:
        self.message: Localized = Message(message) if isinstance(message, str) else message
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message.in_language(SOURCE)


class _Lines(tuple[Finding, ...]):
    """Findings as one text, one line each."""

    def in_language(self, language: str) -> str:
        return "\n".join(each.line(language) for each in self)


class ProjectError(WhereasError):
    """A file of the project cannot be used as it stands."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(_Lines(self.findings))

    def __reduce__(self) -> tuple[type[ProjectError], tuple[tuple[Finding, ...]]]:
        return ProjectError, (self.findings,)  # else pickle would call the class with the text


class ArgumentError(WhereasError):
    """An argument is invalid; `name` is its name, where it has one."""

    def __init__(self, message: Localized | str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class RemoteError(WhereasError):
    """Another server did not answer, or not as expected."""


class CorruptCacheError(WhereasError):
    """The cache in `file` cannot be read; without it, the work is done again."""

    def __init__(self, file: Path) -> None:
        super().__init__(Message("{file}: corrupt cache file; delete it, it will be rebuilt", file=file))
        self.file, self.args = file, (file,)  # what pickle calls the class with


def broken(rule: str, location: Location, **values: Any) -> ProjectError:
    """Return the error that stops work because of one finding."""
    return ProjectError([finding(rule, location, **values)])
