"""Dates as XML Schema writes them (https://www.w3.org/TR/xmlschema11-2/#date), and what to write instead of others."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping

from whereas.i18n import Message
from whereas.rdf.namespaces import XSD

_YEAR, _ZONE = r"(-?(?:[1-9][0-9]{3,}|0[0-9]{3}))", r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_MONTH, _DAY = r"-(0[1-9]|1[0-2])", r"-([0-9]{2})"
# The year 0000 is that before the year 0001.
DATES = {
    f"{XSD}date": re.compile(_YEAR + _MONTH + _DAY + _ZONE),
    f"{XSD}gYearMonth": re.compile(_YEAR + _MONTH + _ZONE),
    f"{XSD}gYear": re.compile(_YEAR + _ZONE),
}
_EXPECTED = {
    f"{XSD}date": Message("a day of the calendar such as 2026-01-31"),
    f"{XSD}gYearMonth": Message("a month such as 2026-01"),
    f"{XSD}gYear": Message("a year such as 2026"),
}
_PARTIAL = Message(
    '{expected} (for a year or a month alone, {{"@value": "{value}", "@type": "xsd:{type}"}}, where the shapes allow it)'
)


def date_expected(value: object, datatype: str, prefixes: Mapping[str, str]) -> Message | None:
    """Return what is expected in place of `value` under a key of this datatype; None when it is a valid date or no date.

    A value with a datatype of its own, `{"@value": …, "@type": …}`, is checked by that.
    """
    if datatype not in DATES:
        return None
    if isinstance(value, Mapping) and value.keys() == {"@value", "@type"}:
        prefix, _, name = str(value["@type"]).partition(":")
        own = prefixes.get(prefix, "") + name
        if own not in DATES:
            return Message("a value of type xsd:date, xsd:gYearMonth or xsd:gYear")
        return None if _is_date(str(value["@value"]), own) else _EXPECTED[own]
    text, expected = str(value), _EXPECTED[datatype]
    if not isinstance(value, dict | list) and _is_date(text, datatype):
        return None
    for name in ("gYear", "gYearMonth"):
        if datatype == f"{XSD}date" and _is_date(text, XSD + name):
            return _PARTIAL.filled(expected=expected, value=text, type=name)
    return expected


def _is_date(text: str, datatype: str) -> bool:
    match = DATES[datatype].fullmatch(text)
    if not match or match[1] == "-0000":
        return False
    if datatype != f"{XSD}date":
        return True
    year, month, day = map(int, match.groups())
    return 1 <= day <= monthrange(2000 + year % 400, month)[1]  # the calendar repeats after 400 years
