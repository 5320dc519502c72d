"""Parameters of a request: in its address or its body."""

from __future__ import annotations

from urllib.parse import parse_qsl

from whereas.findings import Message
from whereas.http.errors import Refused

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
_UNREADABLE = Message(
    "the parameters cannot be read: expected UTF-8, percent-encoded",
    "les paramètres sont illisibles : de l’UTF-8 encodé par « % » est attendu",
)


def parameters_in(text: str, most: int = 1000, *, blank: bool = True) -> list[tuple[str, str]]:
    """Names and values in a query string or form, `blank` ones too. Raises `Refused`."""
    if text.count("&") >= most:
        raise Refused(400, Message(f"at most {most} parameters are read", f"{most} paramètres au plus sont lus"))
    try:
        return parse_qsl(text, keep_blank_values=blank, errors="strict")
    except ValueError:
        raise Refused(400, _UNREADABLE) from None
