"""What every answer holds to, whoever sends it: our server, or another that gives out the static files."""

from __future__ import annotations

import re

from whereas.findings import Message
from whereas.http.negotiation import PAGE, Offer
from whereas.rdf.formats import FORMATS
from whereas.site.pages.templates import POLICY

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
# Names with nothing of their own, and where what is said of them is; `{}` stands for the last part of the name.
ELSEWHERE = (
    (r"graph/([^/]+)", "doc/{}"),
    (r"ns/([0-9][^/]*)", "ns"),
    (r"(?:ns/)?(prefixes|alignments)", "ontology/{}"),
    (r"software/([^/]+)", "catalogue"),
)
# Data without a page of their own, and the page that tells of them.
TOLD_BY = ((r"dataset|catalogue|graph/.+", "data"), (r"report", "method"), (r"context|ontology/.+", "ns"))
NEGOTIATED = "Accept, Accept-Language"  # in Vary

NOTHING = Message("nothing is published at this address: {path}", "rien n’est publié à cette adresse : {path}")
NO_FORMAT = Message(
    "nothing here is of a type you accept; there is {types}", "rien ici n’est d’un type accepté ; il y a {types}"
)

_ALSO = {
    "html": ("application/xhtml+xml",),
    "ttl": ("application/x-turtle",),
    "jsonld": ("application/json",),
    "nt": ("text/plain",),
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
}


def offer(suffix: str) -> Offer:
    """What is offered at a suffix: `html`, or one of `FORMATS`."""
    return Offer(PAGE if suffix == "html" else FORMATS[suffix].media_type, _ALSO.get(suffix, ()))


def elsewhere(path: str) -> str:
    """The path of what is said of the thing that a path names; empty where it is said at the path, or nowhere."""
    found = ((re.fullmatch(pattern, path), place) for pattern, place in ELSEWHERE)
    return next((place.format(match[1]) for match, place in found if match), "")


def told_by(path: str) -> str:
    """The path of the page that tells of data at a path; empty where there is none."""
    return next((page for pattern, page in TOLD_BY if re.fullmatch(pattern, path)), "")
