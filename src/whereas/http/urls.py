"""Addresses of the web: which are safe to follow and to print."""

from __future__ import annotations

from urllib.parse import urlsplit

from whereas.errors import ArgumentError
from whereas.i18n import Message
from whereas.iris import _FORBIDDEN


def web_address(text: str, what: str) -> str:
    """`text`, an http or https address that names no user.

    Raises `ArgumentError` that says `what` it is the address of; it never repeats a password.
    """
    try:
        told = urlsplit(text)
        host = (told.hostname or "").encode("idna")  # refuses what no name of a machine may be
        sound = told.scheme in ("http", "https") and host and told.port != 0 and not _FORBIDDEN.search(text)
    except ValueError:
        sound = False
    if not sound:
        raise ArgumentError(
            Message("{what}: expected an http or https address, got '{text}'", what=what, text=unsaid(text))
        )
    if "@" in told.netloc or ("@" in told.path and told.port is not None):  # 'http://me:1/secret@host'
        raise ArgumentError(Message("{what}: an address holds no user nor password", what=what))
    return text


def unsaid(text: str) -> str:
    """`text` for a message, and nothing of it where it may hold a password: what was meant by an '@' is not known."""
    return "…" if "@" in text else text
