"""The rules by which other servers give out the static files as our server would.

Apache, nginx and Caddy choose by what the client accepts; the services that read `_headers` and `_redirects`
cannot, and send to one file. What to say is told once, in `answers`, `media` and `site`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from whereas.content.urls import DESCRIBED_AT, DOCUMENTED_BY
from whereas.http.negotiation import PAGE
from whereas.http.policy import FRESH, NEGOTIATED, NO_FORMAT, NOTHING, PREFLIGHT, READING, SAFE, offer
from whereas.i18n import Message
from whereas.project.sources import SHARED
from whereas.rdf.formats import FORMATS
from whereas.site.feeds import LINKSET_TYPE
from whereas.site.pages.templates import files_templates
from whereas.site.site import RDF, Site

# Where each host looks for its rules, or a person for those to include.
FILES = {
    ".htaccess": "htaccess",
    "_headers": "headers",
    "_redirects": "redirects",
    "hosting/Caddyfile": "caddy",
    "hosting/nginx.conf": "nginx.conf",
    "hosting/nginx.js": "nginx.js",
    "hosting/w3id.htaccess": "w3id",
}
_PATH = "~path~"  # in a link, what stands for the path of the page
_TEXT = re.compile(r"/text\.[^/]+$")
_METHOD = Message("method: expected {methods}")
_SUFFIXES = ("html", "txt", *RDF, *(suffix for suffix in FORMATS if suffix not in (*RDF, "txt")))
_TYPES = {
    "html": PAGE,
    **{suffix: FORMATS[suffix].media_type for suffix in RDF},
    "atom": "application/atom+xml",
    "xml": "application/xml",
    "json": "application/json",
    "linkset.json": LINKSET_TYPE,
    "css": "text/css",
    "rq": "application/sparql-query",
    "js": "text/javascript",
    "wasm": "application/wasm",
    "svg": "image/svg+xml",
    "gz": "application/gzip",
    "txt": "text/plain",
}
_ANSWERS = {suffix: row.media_type for suffix, row in FORMATS.items() if row.holds == "table"}
_PACKED = ("text/plain", *(kind for kind in _TYPES.values() if kind != "application/gzip"), *_ANSWERS.values())


def rules(site: Site) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file of rules, for a site."""
    environment = files_templates("release/hosting_templates")
    told = _told(site)
    for path, name in FILES.items():
        yield path, environment.get_template(f"{name}.jinja").render(told).encode()


def _told(site: Site) -> dict[str, Any]:
    project = site.checked.project
    feed, twins = site.pages.feed, site.pages.twins
    of_things, of_pages = (feed.links(_PATH, iri, data, site.languages) for iri, data in ((_PATH, twins), ("", ())))
    types = {suffix: _sent_as(kind) for suffix, kind in _TYPES.items()}
    return {
        "base": project.base,
        "vocabulary": project.vocabulary,
        "languages": site.languages,
        "methods": ", ".join(READING),
        "safe": SAFE,
        "fresh": FRESH,
        "preflight": PREFLIGHT,
        "negotiated": NEGOTIATED,
        "types": types,
        "answers": {suffix: _sent_as(kind) for suffix, kind in _ANSWERS.items()},
        "packed": sorted(set(_PACKED)),
        "offers": [_offered(suffix, site.languages[0]) for suffix in _SUFFIXES],
        "method": str(_METHOD.filled(methods=", ".join(READING))),
        "nothing": {name: NOTHING.in_language(name) for name in site.languages},
        "no_format": {name: NO_FORMAT.in_language(name) for name in site.languages},
        "path": _PATH,
        "of_things": [link for link in of_things if link not in of_pages and 'rel="cite-as"' not in link],
        "of_pages": of_pages,
        "of_data": feed.links_of_data(_PATH, site.languages),
        "data": RDF,
        "item": f'<{project.base}{_PATH}.txt>; rel="item"; type="text/plain"',
        "texts": ["", *sorted({found[0] for path in site.addresses.things if (found := _TEXT.search(path))})],
        "elsewhere": DESCRIBED_AT,
        "told_by": DOCUMENTED_BY,
        "shared": SHARED,
        "unsure": [re.escape(path) for path in _unsure(site)],
        "withdrawn": [re.escape(path) for path in project.withdrawn],
        "json": json.dumps,
    }


def _sent_as(kind: str) -> str:
    return f"{kind};charset=utf-8" if kind.startswith("text/") else kind


def _offered(suffix: str, language: str) -> dict[str, Any]:
    """A format: the suffix of its files, its type, and the ranges that name it, with how exactly they do."""
    offered = offer(suffix)
    names = (offered.media_type, *offered.aliases)
    group = offered.media_type.partition("/")[0]
    return {
        "suffix": suffix,
        "file": f"{language}.html" if suffix == "html" else suffix,
        "type": offered.media_type,
        "names": names,
        "ranges": (
            (r"\*/\*", "-1"),
            (rf"{group}/\*", "-2"),
            (f"(?:{'|'.join(map(re.escape, names))})", f"-3{int(suffix != 'html')}"),
        ),
    }


def _unsure(site: Site) -> list[str]:
    """Paths of things whose name is not what the rules make of their path: what is inside a thing, but a text, has a hash."""
    project, things = site.checked.project, site.addresses.things
    found = []
    for path, thing in things.items():
        above, _, last = path.rpartition("/")
        name = f"{above}#{last}" if above in things and not last.startswith("text.") else path
        space = project.vocabulary if re.match(r"(?:ns|vocab)(?:/|$)", path) else project.base
        if thing != space + name:
            found.append(path)
    return found
