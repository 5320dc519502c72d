"""What the server allows a request to cost: each limit with its default, told and set by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

from whereas.errors import ArgumentError
from whereas.i18n import Message
from whereas.iris import near

_HOST = re.compile(r"([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:[0-9]{1,5})?")


def _limit(default: int, meaning: Message) -> int:
    value: int = field(default=default, metadata={"meaning": meaning})
    return value


@dataclass(frozen=True)
class Limits:
    """Whole numbers, all above zero, and the hosts (`HOST` or `HOST:PORT`) that a query may ask with SERVICE."""

    time: int = _limit(10, Message("seconds a query may take before it is stopped"))
    rows: int = _limit(100_000, Message("rows or triples an answer may have"))
    result_bytes: int = _limit(32_000_000, Message("bytes an answer may have"))
    query_length: int = _limit(50_000, Message("characters a query may have"))
    concurrent: int = _limit(2, Message("queries answered at the same time, each by a process of its own"))
    waiting: int = _limit(32, Message("queries that wait for their turn; the next is told to come again"))
    memory: int = _limit(2_000_000_000, Message("bytes of memory a query may use"))
    cache: int = _limit(64_000_000, Message("bytes of pages kept ready in memory"))
    answers: int = _limit(32_000_000, Message("bytes of answers kept in memory for who asks the same again"))
    services: Sequence[str] = ()


def described() -> Iterable[tuple[str, int, Message]]:
    """Name, default and meaning of every limit."""
    for limit in filter(lambda limit: limit.metadata, fields(Limits)):
        yield limit.name, getattr(Limits, limit.name), limit.metadata["meaning"]


def limits(given: Iterable[tuple[str, str]], services: Iterable[str] = ()) -> Limits:
    """The defaults, with the limits given in their place, and hosts for SERVICE. Raises `ArgumentError`."""
    known = [name for name, _, _ in described()]
    chosen = {}
    for name, value in given:
        if name not in known:
            hint = near(name, known)
            raise ArgumentError(Message("setting: no limit is named '{name}'{hint}", name=name, hint=hint))
        if not value.isascii() or not value.isdigit() or not int(value):
            raise ArgumentError(
                Message("{name}: expected a whole number above 0, got '{value}'", name=name, value=value)
            )
        chosen[name] = int(value)
    hosts = tuple(host.lower() for host in services)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ArgumentError(
                Message(
                    "allow-service: expected HOST or HOST:PORT, such as query.wikidata.org, got '{host}'", host=host
                )
            )
    return Limits(**chosen, services=hosts)
