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

from whereas.findings import Finding, Message, Place, finding


class WhereasError(Exception):
    """Work stopped; the message is one sentence for the person who asked for it, in both languages if it can."""

    def __init__(self, message: Message | str) -> None:
        self.message = message if isinstance(message, Message) else Message(message, message)
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message.en


class MaterialError(WhereasError):
    """A file of the project cannot be used as it stands."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        en, fr = ("\n".join(finding.line(language) for finding in self.findings) for language in ("en", "fr"))
        super().__init__(Message(en, fr))

    def __reduce__(self) -> tuple[type[MaterialError], tuple[tuple[Finding, ...]]]:
        return MaterialError, (self.findings,)  # so that it crosses from one process to another


class ArgumentError(WhereasError):
    """What was asked for cannot be: another argument may be. `name` is that of the wrong one, where it has one."""

    def __init__(self, message: Message | str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class RemoteError(WhereasError):
    """Another machine did not answer, or not with what was asked."""


class DamagedError(WhereasError):
    """What is remembered in this file cannot be read: without the file, the work is done again."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            Message(f"{file}: damaged; delete it, it is made again", f"{file} : abîmé ; le supprimer, il est refait")
        )
        self.file, self.args = file, (file,)  # so that it crosses from one process to another


def broken(rule: str, place: Place, **told: Any) -> MaterialError:
    """The error that stops on one finding."""
    return MaterialError([finding(rule, place, **told)])
