"""What a request may cost: each limit with its default, listed and set by name."""

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
    rows: int = _limit(100_000, Message("rows or triples a result may have"))
    result_bytes: int = _limit(32_000_000, Message("bytes a result may have"))
    query_length: int = _limit(50_000, Message("characters a query may have"))
    concurrent: int = _limit(2, Message("queries that run at the same time, each in a process of its own"))
    waiting: int = _limit(32, Message("queries that wait to run; more are refused (503)"))
    memory: int = _limit(2_000_000_000, Message("bytes of memory a query may use"))
    cache: int = _limit(64_000_000, Message("bytes of rendered pages kept in memory"))
    answers: int = _limit(32_000_000, Message("bytes of query results kept in memory"))
    services: Sequence[str] = ()


def limit_descriptions() -> Iterable[tuple[str, int, Message]]:
    """Yield name, default and meaning of every limit."""
    for limit in filter(lambda limit: limit.metadata, fields(Limits)):
        yield limit.name, getattr(Limits, limit.name), limit.metadata["meaning"]


def read_limits(settings: Iterable[tuple[str, str]], services: Iterable[str] = ()) -> Limits:
    """Return the defaults with these settings in their place, and hosts for SERVICE. Raise `ArgumentError`."""
    known = [name for name, _, _ in limit_descriptions()]
    values = {}
    for name, value in settings:
        if name not in known:
            hint = near(name, known)
            raise ArgumentError(Message("setting: no limit is named '{name}'{hint}", name=name, hint=hint))
        if not value.isascii() or not value.isdigit() or not int(value):
            raise ArgumentError(
                Message("{name}: expected a whole number above 0, got '{value}'", name=name, value=value)
            )
        values[name] = int(value)
    hosts = tuple(host.lower() for host in services)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ArgumentError(
                Message(
                    "allow-service: expected HOST or HOST:PORT, such as query.wikidata.org, got '{host}'", host=host
                )
            )
    return Limits(**values, services=hosts)
