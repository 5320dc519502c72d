"""The languages of the interface: English in the code, one gettext catalogue for each other language in `locale/`.

A `Message` is a sentence in no language yet: it is stored, compared and sent between processes, and
translated where it is shown. Numbers, percentages, dates and plurals follow the language too (CLDR, by
Babel).

The command uses the language that gettext would choose: the first of `LANGUAGE LC_ALL LC_MESSAGES LANG`
that is set; `--lang` sets it for one run.
"""

from __future__ import annotations

import gettext as _gettext
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

DOMAIN = "whereas"
LOCALE = Path(__file__).parent / "locale"
SOURCE = "en"  # the language of the sentences in the code
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class Localized(Protocol):
    """A text that is translated when the reader's language is known."""

    def in_language(self, language: str) -> str:
        """Return the text for a reader of `language`."""


@dataclass(frozen=True, init=False)
class Message:
    """One sentence of the interface: its English template and the values that fill it.

    `Message("{count} rows", count=3)`; the template is the key of the catalogues, so write it as a literal.
    Values may be messages themselves. A message without values is not formatted: its braces stay.
    """

    template: str
    plural: str
    context: str
    values: tuple[tuple[str, Any], ...]

    def __init__(self, template: str, plural: str = "", /, **values: Any) -> None:
        self._set(template, plural, "", values)

    def _set(self, template: str, plural: str, context: str, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "plural", plural)  # if set, the value `count` chooses between the two
        object.__setattr__(self, "context", context)  # tells apart what is the same in English only
        object.__setattr__(self, "values", tuple(sorted(values.items())))

    @classmethod
    def within(cls, context: str, template: str, /, **values: Any) -> Message:
        """Return a sentence that means something else in another context (gettext's `pgettext`)."""
        message = cls.__new__(cls)
        message._set(template, "", context, values)
        return message

    def filled(self, **values: Any) -> Message:
        """Return the same sentence with these values added."""
        message = Message.__new__(Message)
        message._set(self.template, self.plural, self.context, {**dict(self.values), **values})
        return message

    def in_language(self, language: str) -> str:
        """Return the sentence in a language of the interface, in English where the catalogue lacks it."""
        if not self.template:
            return ""  # which gettext would translate by the header of the catalogue
        values = {name: text_of(value, language) for name, value in self.values}
        if self.plural:
            template = _catalogue(language).ngettext(self.template, self.plural, values["count"])
            values["count"] = format_number(values["count"], language)
        elif self.context:
            template = _catalogue(language).pgettext(self.context, self.template)
        else:
            template = _catalogue(language).gettext(self.template)
        return template.format(**values) if values else template

    def language_for(self, language: str) -> str:
        """Return the language in which a reader of `language` gets the sentence."""
        return interface_language(language)

    def __str__(self) -> str:
        return self.in_language(SOURCE)

    def __lt__(self, other: Message | Translations) -> bool:
        return str(self) < str(other)


@dataclass(frozen=True)
class Translations:
    """A text of the project (in a shape, a query, the settings) by language, in the order it was written."""

    texts: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Translations:
        """Return the translations of a mapping by language."""
        return cls(tuple((language.lower(), text) for language, text in texts.items()))

    def language_for(self, language: str) -> str:
        """Return the language in which a reader of `language` gets the text: that one, English, or the first there is."""
        known = [name for name, _ in self.texts]
        return next((name for name in (language.lower(), SOURCE, *known) if name in known), "")

    def in_language(self, language: str) -> str:
        """Return the text for a reader of `language`."""
        return dict(self.texts).get(self.language_for(language), "")

    def filled(self, **values: str) -> Translations:
        """Return the text with each `{name}` replaced by the value of that name; others, and other braces, stay."""

        def change(text: str) -> str:
            return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), text)

        return self.changed(change)

    def changed(self, change: Callable[[str], str]) -> Translations:
        """Return the text with a change made in every language."""
        return Translations(tuple((language, change(text)) for language, text in self.texts))

    def __str__(self) -> str:
        return self.in_language(SOURCE)

    def __lt__(self, other: Message | Translations) -> bool:
        return str(self) < str(other)


def text_of(value: Any, language: str) -> Any:
    """Return a value as it is put into a sentence: a message translated, anything else unchanged."""
    return value.in_language(language) if hasattr(value, "in_language") else value


def to_data(message: Localized) -> list[Any]:
    """Return a message as JSON data, for `from_data`; values that JSON does not have become strings."""
    if isinstance(message, Translations):
        return ["translations", [list(pair) for pair in message.texts]]
    if not isinstance(message, Message):
        return to_data(Message(message.in_language(SOURCE)))
    values = [[name, _value_to_data(value)] for name, value in message.values]
    return ["message", message.template, message.plural, message.context, values]


def _value_to_data(value: Any) -> Any:
    if isinstance(value, Message | Translations):
        return to_data(value)
    return value if isinstance(value, str | int | float) else str(value)


def from_data(data: list[Any]) -> Message | Translations:
    """Return the message that `to_data` made the data of."""
    kind, *rest = data
    if kind == "translations":
        return Translations(tuple((language, text) for language, text in rest[0]))
    template, plural, context, values = rest
    message = Message.within(context, template) if context else Message(template, plural)
    return message.filled(**{name: from_data(v) if isinstance(v, list) else v for name, v in values})


# ------------------------------------------------------------------ catalogues


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    """Return the catalogue of a language, or of its primary language (`fr` for `fr-BE`), or an empty one."""
    name = interface_language(language)
    names = [name.replace("-", "_"), name.partition("-")[0]]
    return _gettext.translation(DOMAIN, str(LOCALE), languages=names, fallback=True)


def interface_languages() -> tuple[str, ...]:
    """Return the languages of the interface: English and those that have a catalogue."""
    others = (path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (SOURCE, *sorted(name.replace("_", "-") for name in others))


def interface_language(language: str) -> str:
    """Return the interface language for a reader of `language`: that one, its primary language, or English."""
    known = {name.lower(): name for name in interface_languages()}
    tag = language.lower()
    return known.get(tag) or known.get(tag.partition("-")[0], SOURCE)


# ------------------------------------------------------------------ the language of the command line


def reader_language() -> str:
    """Return the language chosen for this run, or that of the environment, among those of the interface."""
    environment = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), "")
    tag = re.split(r"[:.@]", environment)[0].replace("_", "-")
    return interface_language(tag)


def open_catalogue() -> None:
    """Make gettext find click's own sentences in our catalogues."""
    _gettext.bindtextdomain(DOMAIN, str(LOCALE))
    _gettext.textdomain(DOMAIN)


def choose_language(language: str) -> None:
    """Use this language from here on; within `language_kept`, until its end."""
    os.environ[_VARIABLES[0]] = language  # click asks gettext, and gettext the environment


@contextmanager
def language_kept() -> Iterator[None]:
    """Restore the reader's language afterwards."""
    before = os.environ.get(_VARIABLES[0])
    try:
        yield
    finally:
        os.environ.pop(_VARIABLES[0], None)
        if before is not None:
            os.environ[_VARIABLES[0]] = before


def gettext(template: str, **values: Any) -> str:
    """Return the sentence in the reader's language, formatted with the values."""
    return Message(template, **values).in_language(reader_language())


def ngettext(one: str, many: str, count: int, **values: Any) -> str:
    """Return the singular or plural sentence for `count` in the reader's language; `{count}` is filled with it."""
    return Message(one, many, count=count, **values).in_language(reader_language())


# ------------------------------------------------------------------ numbers and dates


@lru_cache(maxsize=4096)
def format_number(value: float, language: str, digits: int = 0) -> str:
    """Format a number with grouped thousands: `3,242.5`, in French `3 242,5` (narrow no-break space)."""
    if language == SOURCE:
        return f"{value:,.{digits}f}"  # as CLDR has it; loading Babel takes a tenth of a command's time
    from babel.numbers import format_decimal

    return format_decimal(value, _pattern("#,##0", digits), locale=_locale(language))


@lru_cache(maxsize=4096)
def format_percent(share: float, language: str, digits: int = 0) -> str:
    """Format a share of 1 as a percentage: `98%`, in French `98 %`."""
    if language == SOURCE:
        return f"{share:.{digits}%}"
    from babel.numbers import format_percent as babel_percent

    locale = _locale(language)
    pattern = str(locale.percent_formats[None].pattern)
    return babel_percent(share, _pattern(pattern, digits) if digits else pattern, locale=locale)


@lru_cache(maxsize=4096)
def format_date(day: str, language: str) -> str:
    """Format an XML Schema day, month or year in words; return anything else unchanged.

    Years before our era have no year 0 in words, and XML Schema 1.1 has one: -0551 is 552 before our era. The time zone
    of a day follows in parentheses.
    """
    from babel.dates import format_date as babel_date

    match = _ISO.fullmatch(day)
    if not match:
        return day
    number = int(match["year"])
    try:
        # The calendar repeats after 400 years; Babel knows four-digit years of our era only.
        first = date(2000 + number % 400, *[int(match[part] or 1) for part in ("month", "day")])
    except ValueError:
        return day
    year = str(number if number > 0 else 1 - number)
    pattern = _MONTH if not match["day"] else _FIRST_DAY if first.day == 1 else _DAY
    words = year
    if match["month"]:
        quoted = re.sub(r"('[^']*')|y+", lambda part: part[1] or f"'{_YEAR}'", pattern.in_language(language))
        words = babel_date(first, quoted, locale=_locale(language))
        words = words.replace(_YEAR, year)
    if number < 1:
        words = Message("{day} before our era", day=words).in_language(language)
    if zone := match["zone"]:
        words = f"{words} (UTC{zone.removeprefix('Z')})"
    return words


def year_of(day: str) -> str:
    """Return the year of an XML Schema day, month or year: four digits or more, after a sign before our era."""
    match = _ISO.fullmatch(day)
    return match["year"] if match else day[:4]


_ISO = re.compile(r"(?P<year>-?\d{4,})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?(?P<zone>Z|[+-]\d\d:\d\d)?", re.ASCII)
_YEAR = "\ue000"  # stands for the year in a pattern: a private character, which no pattern contains


def format_language(tag: str, language: str) -> str:
    """The name of a language as a reader of `language` writes it; the tag where CLDR names none."""
    primary, *subtags = tag.lower().split("-")
    cases = {
        2: str.upper,
        4: str.title,
    }  # of regions and scripts (https://www.rfc-editor.org/rfc/rfc5646#section-2.1.1)
    usual = [cases.get(len(subtag), str)(subtag) for subtag in subtags if len(primary) > 1]
    name = "-".join([primary, *(usual or subtags)])
    return str(_locale(language).languages.get(name.replace("-", "_"), name))


# CLDR patterns (https://unicode.org/reports/tr35/tr35-dates.html): a catalogue may write the first of a month differently.
_DAY, _MONTH = Message("d MMMM y"), Message("MMMM y")
_FIRST_DAY = Message.within("the first of a month", "d MMMM y")


def _pattern(pattern: str, digits: int) -> str:
    return pattern.replace("0", f"0.{'0' * digits}", 1) if digits else pattern


@cache
def _locale(language: str) -> Any:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(SOURCE)


def number(value: float, digits: int = 0) -> str:
    """Format a number for the reader of the command."""
    return format_number(value, reader_language(), digits)


def percent(share: float, digits: int = 0) -> str:
    """Format a share of 1 as a percentage for the reader of the command."""
    return format_percent(share, reader_language(), digits)
