"""Parameters of a request, in its query string or in a form."""

from __future__ import annotations

from urllib.parse import parse_qsl

from whereas.http.errors import HTTPError
from whereas.i18n import Message

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
_UNREADABLE = Message("the parameters cannot be read: expected UTF-8, percent-encoded")


def parameters_in(text: str, limit: int = 1000, *, blank: bool = True) -> list[tuple[str, str]]:
    """Return names and values in their order, with `blank` those without a value too.

    Raise `HTTPError` when there are more than `limit`, or when they cannot be decoded.
    """
    if text.count("&") >= limit:
        raise HTTPError(400, Message("at most {most} parameters are read", most=limit))
    try:
        return parse_qsl(text, keep_blank_values=blank, errors="strict")
    except ValueError:
        raise HTTPError(400, _UNREADABLE) from None
