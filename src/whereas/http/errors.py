"""A request refused, with its status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from whereas.errors import WhereasError
from whereas.i18n import Localized, Message


class HTTPError(WhereasError):
    """A request that is not answered: the status says why to a machine, the message to a person."""

    def __init__(self, status: int, message: Localized | str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})


def wrong_method(allowed: Sequence[str], method: str) -> HTTPError:
    """The refusal that lists the methods there are."""
    told = ", ".join(allowed)
    problem = Message("method: expected {told}, got {method}", told=told, method=method)
    return HTTPError(405, problem, {"Allow": told})
