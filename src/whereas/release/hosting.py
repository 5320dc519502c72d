"""Write the rules by which other web servers serve the static files as our server would.

Apache, nginx and Caddy negotiate; hosts that read `_headers` and `_redirects` cannot, and serve one file per address.
Everything the rules say comes from the tables that the server reads too: `http.file_types`, `http.policy`,
`content.urls`, and the links of `site.feeds`. The templates hold only each host's syntax.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from whereas.content.urls import DESCRIBED_AT, DOCUMENTED_BY
from whereas.http.file_types import FILE_TYPES, LANGUAGE_SUFFIXES, OFFERED, RESULT_TYPES, FileType, language_range
from whereas.http.negotiation import ANY, EXACT, GROUP, MAX_LENGTH, PAGE
from whereas.http.policy import FRESH, NEGOTIATED, NO_FORMAT, NOTHING, PREFLIGHT, READING, SAFE
from whereas.i18n import Message
from whereas.project.sources import SHARED
from whereas.rdf.formats import RDF_FORMATS
from whereas.rdf.writers import DUMP_FORMATS
from whereas.site.pages.templates import files_templates
from whereas.site.site import Site

# The files of rules, where hosts look for them or administrators include them from, and their templates.
FILES = {
    ".htaccess": "htaccess",
    "_headers": "headers",
    "_redirects": "redirects",
    "hosting/Caddyfile": "caddy",
    "hosting/nginx.conf": "nginx.conf",
    "hosting/nginx.js": "nginx.js",
    "hosting/w3id.htaccess": "w3id",
}
_PATH = "~path~"  # placeholder in links for the path of the page
_VOCABULARY = "ns|vocab|shapes"  # first segments of the paths of the vocabulary's terms
_TEXT = re.compile(r"/text\.[^/]+$")
_METHOD = Message("method: expected {methods}")


def rules(site: Site) -> Iterator[tuple[str, bytes]]:
    """Iterate over path and content of each file of rules for a site."""
    environment = files_templates("release/hosting_templates")
    environment.filters |= {"apache": _in_apache, "caddy": _in_caddy}
    variables = {**_policy(), **_types(site), **_addresses(site), **_links(site), "json": json.dumps}
    for path, name in FILES.items():
        yield path, environment.get_template(f"{name}.jinja").render(variables).encode()


def _policy() -> dict[str, Any]:
    methods = ", ".join(READING)
    return {
        "methods": methods,
        "method_error": str(_METHOD.filled(methods=methods)),
        "safe": SAFE,
        "fresh": FRESH,
        "preflight": PREFLIGHT,
        "negotiated": NEGOTIATED,
        "max_length": MAX_LENGTH,
        "weights": {"any": ANY, "group": GROUP, "exact": EXACT},
    }


def _types(site: Site) -> dict[str, Any]:
    types = {row.suffix: _content_type(row) for row in FILE_TYPES.values()}
    results = {row.suffix: _content_type(row) for row in RESULT_TYPES.values()}
    unknown = {row.suffix: types[row.suffix] for row in FILE_TYPES.values() if not row.is_static}
    packed = {row.media_type for table in (FILE_TYPES, RESULT_TYPES) for row in table.values()} - {"application/gzip"}
    return {
        "types": types,
        "results": results,
        # For hosts that send every type of the rules that match: each file must match one.
        "unknown_types": unknown,
        "unknown_results": {suffix: kind for suffix, kind in results.items() if suffix not in unknown},
        "packed": sorted(packed),
        "offers": [_offer(row, site.languages[0]) for row in OFFERED],
        "data": RDF_FORMATS,
        "dumps": DUMP_FORMATS,
        "languages": site.languages,
        "ranges": {name: language_range(name) for name in site.languages},
        "language_suffixes": "|".join(LANGUAGE_SUFFIXES),
        "nothing": {name: NOTHING.in_language(name) for name in site.languages},
        "no_format": {name: NO_FORMAT.in_language(name) for name in site.languages},
    }


def _addresses(site: Site) -> dict[str, Any]:
    project = site.checked.project
    return {
        "base": project.base,
        "vocabulary": project.vocabulary,
        "vocabulary_paths": _VOCABULARY,
        "described_at": DESCRIBED_AT,  # IRIs without files of their own, and the path that describes them
        "documented_by": DOCUMENTED_BY,  # data without a page of their own, and the page about them
        "shared": SHARED,
        "irregular": [re.escape(path) for path in _irregular(site)],
        "withdrawn": [re.escape(path) for path in project.withdrawn],
    }


def _links(site: Site) -> dict[str, Any]:
    feed, data, languages = site.pages.feeds, site.pages.data_formats, site.languages
    of_entities, of_pages = feed.links(_PATH, _PATH, data, languages), feed.links(_PATH, "", (), languages)
    cites = [link for link in of_entities if 'rel="cite-as"' in link]
    return {
        "path": _PATH,
        "cite": cites[0],  # of the IRI in the place of the path
        "of_entities": [link for link in of_entities if link not in (*of_pages, *cites)],
        "of_pages": of_pages,
        "of_data": feed.links_of_data(_PATH, languages),
        "item": f'<{site.checked.project.base}{_PATH}.txt>; rel="item"; type="text/plain"',
        "texts": ["", *sorted({match[0] for path in site.addresses.things if (match := _TEXT.search(path))})],
    }


def _content_type(row: FileType) -> str:
    return f"{row.media_type};charset=utf-8" if row.media_type.startswith("text/") else row.media_type


def _offer(row: FileType, language: str) -> dict[str, Any]:
    """Return a file type for templates: its files, and patterns of the ranges that fit it with their rank.

    A rank is a quality, a dash, then how exactly the range names the type; among equals, data before pages. Hosts
    compare them as text.
    """
    names = (row.media_type, *row.aliases)
    group = row.media_type.partition("/")[0]
    return {
        "suffix": row.suffix,
        "file": f"{language}.html" if row.suffix == "html" else row.suffix,
        "type": row.media_type,
        "names": names,
        "ranges": (
            (r"\*/\*", f"-{ANY}"),
            (rf"{group}/\*", f"-{GROUP}"),
            (f"(?:{'|'.join(map(re.escape, names))})", f"-{EXACT}{int(row.media_type != PAGE)}"),
        ),
    }


def _irregular(site: Site) -> list[str]:
    """Return the paths of things whose IRI the rules cannot derive from the path.

    They join base and path, with a hash before the last segment where files of the path above it exist.
    """
    project, things = site.checked.project, site.addresses.things
    paths = []
    for path, thing in things.items():
        above, _, last = path.rpartition("/")
        name = f"{above}#{last}" if (above in things or above == "shapes") and not last.startswith("text.") else path
        space = project.vocabulary if re.match(rf"(?:{_VOCABULARY})(?:/|$)", path) else project.base
        if thing != space + name:
            paths.append(path)
    return paths


def _in_apache(text: str) -> str:
    """Escape a text for a double-quoted test string of mod_rewrite, which cannot hold a double quote."""
    return re.sub(r"[\\$%]", r"\\\g<0>", text).replace('"', "%{ENV:QUOTE}")


def _in_caddy(text: str) -> str:
    """Escape a text for a double-quoted token of a Caddyfile."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
