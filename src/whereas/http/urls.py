"""URLs that are safe to request and to print."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from whereas.errors import ArgumentError
from whereas.i18n import Message
from whereas.iris import _FORBIDDEN


def web_address(text: str, name: str) -> str:
    """Return `text`, an http or https URL without user or password.

    Raise `ArgumentError` otherwise; its message starts with `name` and never repeats a password.
    """
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna")  # refuses what cannot be a host name
        is_valid = parts.scheme in ("http", "https") and host and parts.port != 0 and not _FORBIDDEN.search(text)
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ArgumentError(
            Message("{name}: expected an http or https URL, got '{text}'", name=name, text=without_credentials(text))
        )
    if "@" in parts.netloc or ("@" in parts.path and parts.port is not None):  # 'http://me:1/secret@host'
        raise ArgumentError(Message("{name}: a URL must not contain a user or password", name=name))
    return text


def without_credentials(text: str) -> str:
    """Return `text` for a message, or '…' where it may hold a password: what stands before an '@' is unknown."""
    return "…" if "@" in text else text


def without_query(url: str) -> str:
    """Return `url` for a message: what follows `?` may be a secret."""
    return url.partition("?")[0]


def redirect_target(url: str, location: str) -> str:
    """Return the absolute URL that `url` redirects to. Raise `ArgumentError` when it is no http or https URL."""
    try:
        target = urljoin(url, location)
    except ValueError:
        target = location
    return web_address(target, "Location")
