"""Parameters of a request: in its address or its body."""

from __future__ import annotations

from urllib.parse import parse_qsl

from whereas.http.errors import HTTPError
from whereas.i18n import Message

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
_UNREADABLE = Message("the parameters cannot be read: expected UTF-8, percent-encoded")


def parameters_in(text: str, most: int = 1000, *, blank: bool = True) -> list[tuple[str, str]]:
    """Names and values in a query string or form, `blank` ones too. Raises `HTTPError`."""
    if text.count("&") >= most:
        raise HTTPError(400, Message("at most {most} parameters are read", most=most))
    try:
        return parse_qsl(text, keep_blank_values=blank, errors="strict")
    except ValueError:
        raise HTTPError(400, _UNREADABLE) from None
