"""What the command says, in its reader's language: English in the code, French in `locale/`.

The language is gettext's: the first of `LANGUAGE LC_ALL LC_MESSAGES LANG` that is set; `--lang` sets
the first for one run. The words of the library that parses the command are in the same catalogue.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOMAIN = "whereas"
LOCALE = Path(__file__).parent / "locale"
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def open_catalogue() -> None:
    """From here on `gettext` finds the phrases of the command."""
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)


def reader_language() -> str:
    """`fr` or `en`."""
    told = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), "")
    return "fr" if told.lower().startswith("fr") else "en"


def speak(language: str) -> None:
    """From here on, and in the processes started, the reader's language is this one."""
    os.environ[_VARIABLES[0]] = language


@contextmanager
def kept_language() -> Iterator[None]:
    """Afterwards, the reader's language is what it was."""
    before = os.environ.get(_VARIABLES[0])
    try:
        yield
    finally:
        os.environ.pop(_VARIABLES[0], None)
        if before is not None:
            os.environ[_VARIABLES[0]] = before


def said(phrase: str, **told: object) -> str:
    """The phrase in the reader's language, filled with what is told."""
    return gettext.gettext(phrase).format(**told)


def counted(one: str, many: str, count: int, **told: object) -> str:
    """The phrase that fits the count, its `{count}` filled with it."""
    return gettext.ngettext(one, many, count).format(count=number(count), **told)


def number(value: float, digits: int = 0) -> str:
    """`3,242.5` for an English reader, `3 242,5` with a narrow no-break space for a French one."""
    text = f"{value:,.{digits}f}"
    return text.translate({ord(","): "\u202f", ord("."): ","}) if reader_language() == "fr" else text


def percent(share: float, digits: int = 0) -> str:
    """A share of 1 as `98%`, or `98 %` with a narrow no-break space."""
    return number(100 * share, digits) + ("\u202f%" if reader_language() == "fr" else "%")
