"""Errors that are answered with an HTTP status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from whereas.errors import WhereasError
from whereas.i18n import Localized, Message


class HTTPError(WhereasError):
    """A request that is refused: the status is for programs, the message for people."""

    def __init__(self, status: int, message: Localized | str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})


def wrong_method(allowed: Sequence[str], method: str) -> HTTPError:
    """Return the error 405 for a method that is none of those allowed."""
    methods = ", ".join(allowed)
    message = Message("method: expected {methods}, got {method}", methods=methods, method=method)
    return HTTPError(405, message, {"Allow": methods})
