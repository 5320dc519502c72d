"""What the server allows a request to cost: each limit with its default, told and set by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

from whereas.errors import ArgumentError
from whereas.findings import Message
from whereas.iris import near

_HOST = re.compile(r"([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:[0-9]{1,5})?")


def _limit(default: int, told: str) -> int:
    value: int = field(default=default, metadata={"told": told})
    return value


@dataclass(frozen=True)
class Limits:
    """Whole numbers, all above zero, and the hosts (`HOST` or `HOST:PORT`) that a query may ask with SERVICE."""

    time: int = _limit(10, "seconds a query may take before it is stopped")
    rows: int = _limit(100_000, "rows or triples an answer may have")
    result_bytes: int = _limit(32_000_000, "bytes an answer may have")
    query_length: int = _limit(50_000, "characters a query may have")
    concurrent: int = _limit(2, "queries answered at the same time, each by a process of its own")
    waiting: int = _limit(32, "queries that wait for their turn; the next is told to come again")
    memory: int = _limit(2_000_000_000, "bytes of memory a query may use")
    cache: int = _limit(64_000_000, "bytes of pages kept ready in memory")
    answers: int = _limit(32_000_000, "bytes of answers kept in memory for who asks the same again")
    services: Sequence[str] = ()


def told() -> Iterable[tuple[str, int, str]]:
    """Name, default and meaning of every limit."""
    for limit in filter(lambda limit: limit.metadata, fields(Limits)):
        yield limit.name, getattr(Limits, limit.name), limit.metadata["told"]


def limits(given: Iterable[tuple[str, str]], services: Iterable[str] = ()) -> Limits:
    """The defaults, with the limits given in their place, and hosts for SERVICE. Raises `ArgumentError`."""
    known = [name for name, _, _ in told()]
    chosen = {}
    for name, value in given:
        if name not in known:
            hint = near(name, known)
            raise ArgumentError(
                Message(f"setting: no limit is named '{name}'{hint.en}", f"setting : aucune limite « {name} »{hint.fr}")
            )
        if not value.isascii() or not value.isdigit() or not int(value):
            raise ArgumentError(
                Message(
                    f"{name}: expected a whole number above 0, got '{value}'",
                    f"{name} : un nombre entier au-dessus de 0 est attendu, et non « {value} »",
                )
            )
        chosen[name] = int(value)
    hosts = tuple(host.lower() for host in services)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ArgumentError(
                Message(
                    f"allow-service: expected HOST or HOST:PORT, such as query.wikidata.org, got '{host}'",
                    f"allow-service : HÔTE ou HÔTE:PORT est attendu, comme query.wikidata.org, et non « {host} »",
                )
            )
    return Limits(**chosen, services=hosts)
