"""Responses of other servers, kept on disk so that they need not be requested again for a while."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from whereas.cache import Cache
from whereas.errors import RemoteError
from whereas.i18n import Message

MAX_AGE = timedelta(days=7)


@dataclass(frozen=True)
class CachedResponse:
    """A response, and the day it was received, `YYYY-MM-DD` (UTC)."""

    content: bytes
    day: str


@dataclass(frozen=True)
class ResponseCache:
    """Responses by URL and request body; with `offline`, nothing is requested and no response is too old."""

    cache: Cache
    offline: bool = False
    max_age: timedelta = MAX_AGE

    def get(self, url: str, body: str, fetch: Callable[[], bytes]) -> CachedResponse:
        """Return the cached response, or what `fetch` returns, which is cached then.

        Raise `RemoteError` when offline and nothing is cached.
        """
        key = hashlib.sha256(f"{url}\n{body}".encode()).hexdigest()
        received, _, content = self.cache.latest("answer", key).partition(b"\n")
        if received and (self.offline or datetime.now(UTC) - datetime.fromisoformat(received.decode()) < self.max_age):
            return CachedResponse(content, received.decode()[:10])
        if self.offline:
            raise RemoteError(Message("{url}: not requested (--offline), and no response is cached", url=url))
        content = fetch()
        now = datetime.now(UTC).isoformat()
        self.cache.put("answer", key, "", now.encode() + b"\n" + content)
        self.cache.commit()
        return CachedResponse(content, now[:10])
