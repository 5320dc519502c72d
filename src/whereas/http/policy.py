"""Headers and offers that our server and the hosts of the static files have in common."""

from __future__ import annotations

from whereas.http.file_types import FILE_TYPES, RESULT_TYPES
from whereas.http.negotiation import Offer
from whereas.i18n import Message

# Content Security Policy: only files of its own host, no script or style within markup.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; form-action 'self'; base-uri 'none'"
)

READING = ("GET", "HEAD", "OPTIONS")
SAFE = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Location, ETag, Link, Location, Retry-After",
}
FRESH = {"Cache-Control": "public, max-age=300"}
PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match, If-Range, Range",
    "Access-Control-Max-Age": "86400",
}
NEGOTIATED = "Accept, Accept-Language"  # in Vary

NOTHING = Message("nothing is published at this address: {path}")
NO_FORMAT = Message("not acceptable: the available types are {types}")


def offer(suffix: str) -> Offer:
    """Return what is offered at a suffix: `html`, `txt` or a format of data."""
    row = RESULT_TYPES.get(suffix) or FILE_TYPES[suffix]
    return Offer(row.media_type, row.aliases)
