"""The configuration of one triple store: its endpoints, and who may use them."""

from __future__ import annotations

import html
import json
import re
import ssl
from base64 import b64encode
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import httpx

from whereas.errors import ArgumentError
from whereas.i18n import Message


@dataclass(frozen=True)
class StoreConfig:
    """`query`, `update` and `graphs` are URLs, the last of the Graph Store Protocol; `source` says where the secret is from."""

    name: str
    kind: str  # oxigraph, virtuoso or sparql
    query: str
    update: str = ""
    graphs: str = ""
    user: str = ""
    secret: str = field(default="", repr=False)
    is_token: bool = False
    source: str = ""
    certificates: Path | None = None
    prune: bool = False


def secret_variables(name: str) -> tuple[str, str]:
    """Return the environment variables for the password and for the token of the store of this name."""
    start = f"WHEREAS_{name.upper().replace('-', '_')}"
    return f"{start}_PASSWORD", f"{start}_TOKEN"


def secret_spellings(config: StoreConfig) -> list[str]:
    """Return the secret as a server may repeat it: as it is, in a URL, in a header, in JSON or HTML; the longest first."""
    secret = config.secret
    if not secret:
        return []
    header = b64encode(f"{config.user}:{secret}".encode()).decode()
    plain = {secret, header, b64encode(secret.encode()).decode(), header.rstrip("=")}
    percent = {quoted(text) for text in plain for quoted in (quote_plus, lambda text: quote(text, safe=""))}
    lower = {re.sub(r"%..", lambda code: code[0].lower(), text) for text in percent}
    escaped = {html.escape(secret), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return sorted(plain | percent | lower | escaped, key=len, reverse=True)


def authentication(config: StoreConfig) -> httpx.Auth | None:
    """Return how requests to the store are authenticated; None where the store needs nobody's name."""
    if config.is_token:
        return _BearerAuth(config.secret)
    if not config.user:
        return None
    scheme = httpx.DigestAuth if config.kind == "virtuoso" else httpx.BasicAuth
    return scheme(config.user, config.secret)


class _BearerAuth(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def trusted_certificates(config: StoreConfig) -> ssl.SSLContext | None:
    """Return the certificates to trust; None for the usual ones. Raise `ArgumentError` when the file cannot be read."""
    if config.certificates is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(config.certificates))
    except OSError as problem:
        no_certificate = Message("no certificate in it")
        reason = no_certificate if isinstance(problem, ssl.SSLError) else Message(str(problem.strerror))
        raise ArgumentError(
            Message("{path}: certificates cannot be read: {reason}", path=config.certificates.name, reason=reason)
        ) from None
