"""A request refused, with its status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from whereas.errors import WhereasError
from whereas.findings import Message


class Refused(WhereasError):
    """A request that is not answered: the status says why to a machine, the message to a person."""

    def __init__(self, status: int, message: Message | str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})


def wrong_method(allowed: Sequence[str], method: str) -> Refused:
    """The refusal that lists the methods there are."""
    told = ", ".join(allowed)
    problem = Message(f"method: expected {told}, got {method}", f"méthode : {told} est attendu, et non {method}")
    return Refused(405, problem, {"Allow": told})
