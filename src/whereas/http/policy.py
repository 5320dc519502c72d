"""Headers and offers that our server and the hosts of the static files have in common."""

from __future__ import annotations

from whereas.http.negotiation import PAGE, Offer
from whereas.i18n import Message
from whereas.rdf.formats import FORMATS

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

_ALIASES = {
    "html": ("application/xhtml+xml",),
    "ttl": ("application/x-turtle",),
    "jsonld": ("application/json",),
    "nt": ("text/plain",),
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
}


def offer(suffix: str) -> Offer:
    """Return the offer at a suffix: `html`, or one of `FORMATS`."""
    return Offer(PAGE if suffix == "html" else FORMATS[suffix].media_type, _ALIASES.get(suffix, ()))
