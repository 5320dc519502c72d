"""What other servers answered, remembered on disk, so that they are not asked again for a while."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from whereas.cache import Cache
from whereas.errors import RemoteError
from whereas.i18n import Message

KEPT = timedelta(days=7)  # that an answer is remembered


@dataclass(frozen=True)
class CachedResponse:
    """An answer, and the day it was given on, `YYYY-MM-DD` (UTC)."""

    content: bytes
    day: str


@dataclass(frozen=True)
class ResponseCache:
    """What other servers answered, by address and question; with `offline`, nobody is asked."""

    cache: Cache
    offline: bool = False
    kept: timedelta = KEPT  # that an answer is used for, and not asked for again

    def recall(self, address: str, question: str, ask: Callable[[], bytes]) -> CachedResponse:
        """The answer, remembered or new: what `ask` raises for is not remembered.

        Raises `RemoteError` when offline and it is not remembered.
        """
        name = hashlib.sha256(f"{address}\n{question}".encode()).hexdigest()
        told, _, content = self.cache.latest("answer", name).partition(b"\n")
        if told and (self.offline or datetime.now(UTC) - datetime.fromisoformat(told.decode()) < self.kept):
            return CachedResponse(content, told.decode()[:10])
        if self.offline:
            raise RemoteError(
                Message("{address}: not asked (--offline), and no earlier answer is remembered", address=address)
            )
        content = ask()
        now = datetime.now(UTC).isoformat()
        self.cache.put("answer", name, "", now.encode() + b"\n" + content)
        self.cache.commit()
        return CachedResponse(content, now[:10])
