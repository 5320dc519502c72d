"""Requests to one store."""

from __future__ import annotations

from collections.abc import Callable

from whereas.http.client import HTTPClient, Response
from whereas.i18n import Message
from whereas.stores.config import (
    StoreConfig,
    authentication,
    secret_spellings,
    secret_variables,
    trusted_certificates,
)

TIMEOUT = 300.0  # seconds: a store that is loaded may take that long
MAX_BYTES = 2 * 2**30  # the counts of a store's graphs grow with the project


class StoreConnection(HTTPClient):
    """The HTTP client with the credentials of a store, which no message repeats."""

    def __init__(self, config: StoreConfig, on_wait: Callable[[str, float], None] | None = None) -> None:
        """Raise `ArgumentError` when the certificates cannot be read."""
        super().__init__(
            timeout=TIMEOUT,
            max_bytes=MAX_BYTES,
            auth=authentication(config),
            trusted=trusted_certificates(config),
            # On a connection that is kept, each of Virtuoso's answers comes 40 ms late.
            headers={"Connection": "close"} if config.kind == "virtuoso" else None,
            on_wait=on_wait,
        )
        self._config, self._spellings = config, secret_spellings(config)

    def redact(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, "…")
        return text

    def is_conflict(self, response: Response) -> bool:
        """Tell whether Virtuoso ended a transaction because of another one."""
        return response.status == 500 and b"Error 40001" in response.content[:1000]

    def detail(self, response: Response) -> str:
        return self.excerpt(response.content)

    def unauthorized(self, url: str) -> Message:
        config = self._config
        password, token = secret_variables(config.name)
        if not config.name:
            return Message(
                "{url}: authentication required (401): add the store to [tool.whereas.stores], with a user", url=url
            )
        if config.is_token:
            return Message(
                "{url}: authentication failed (401): check the token in {source}", url=url, source=config.source
            )
        if config.user and config.secret:
            return Message(
                "{url}: authentication failed (401) for user '{user}': check the password in {source}",
                url=url,
                user=config.user,
                source=config.source,
            )
        if config.user:
            return Message(
                "{url}: authentication required (401): set the password of user '{user}' in {password}",
                url=url,
                user=config.user,
                password=password,
            )
        if config.secret:
            return Message(
                "{url}: authentication required (401): {password} is set, add user to the store's settings",
                url=url,
                password=password,
            )
        return Message(
            "{url}: authentication required (401): set user and {password}, or {token}",
            url=url,
            password=password,
            token=token,
        )
