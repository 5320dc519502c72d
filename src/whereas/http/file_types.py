"""The files of a site, in one table: suffix, media type, and how a server chooses among them.

The server, the website and the rules for static hosts read it. A new kind of file is a row here; a new format
of data is a row of `rdf.formats`, which is part of the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from whereas.http.negotiation import PAGE
from whereas.rdf.formats import FORMATS, RDF_FORMATS, TABLE_FORMATS


@dataclass(frozen=True)
class FileType:
    """Files with a suffix; `aliases` are other media types by which clients ask for them."""

    suffix: str
    media_type: str
    aliases: tuple[str, ...] = ()
    is_offered: bool = False  # at the address without suffix, by the header Accept
    has_languages: bool = False  # there is a file for each language, `name.fr.html`
    is_static: bool = False  # hosts that have no table of ours know its media type


def _of_format(suffix: str) -> FileType:
    row = FORMATS[suffix]
    return FileType(suffix, row.media_type, row.aliases, is_offered=True, has_languages=row.holds == "table")


# By suffix, in the order in which they are offered. Query results are in their own table: `json` and `xml` are
# other things elsewhere.
FILE_TYPES = {
    row.suffix: row
    for row in (
        FileType("html", PAGE, ("application/xhtml+xml",), is_offered=True, has_languages=True, is_static=True),
        FileType("txt", FORMATS["txt"].media_type, is_offered=True, is_static=True),
        *map(_of_format, RDF_FORMATS),
        FileType("atom", "application/atom+xml", has_languages=True),
        FileType("xml", "application/xml", is_static=True),
        FileType("json", "application/json", has_languages=True, is_static=True),
        FileType("linkset.json", "application/linkset+json"),
        FileType("css", "text/css", is_static=True),
        FileType("rq", "application/sparql-query"),
        FileType("js", "text/javascript", is_static=True),
        FileType("wasm", "application/wasm"),
        FileType("svg", "image/svg+xml"),
        FileType("gz", "application/gzip", is_static=True),
    )
}
RESULT_TYPES = {suffix: _of_format(suffix) for suffix in TABLE_FORMATS}
RESULTS = "queries"  # the folder in which files have the types of `RESULT_TYPES`
OTHER = FileType("", "text/plain")  # whatever has another suffix or none

OFFERED = tuple(row for table in (FILE_TYPES, RESULT_TYPES) for row in table.values() if row.is_offered)
LANGUAGE_SUFFIXES = tuple(
    dict.fromkeys(row.suffix for table in (FILE_TYPES, RESULT_TYPES) for row in table.values() if row.has_languages)
)


def media_type(path: str) -> str:
    """Return the media type of the file at a path."""
    folder, _, name = path.rpartition("/")
    suffixes = name.split(".")[1:]
    if folder == RESULTS and suffixes and suffixes[-1] in RESULT_TYPES:
        return RESULT_TYPES[suffixes[-1]].media_type
    known = (".".join(suffixes[start:]) for start in range(len(suffixes)))
    return next((FILE_TYPES[suffix].media_type for suffix in known if suffix in FILE_TYPES), OTHER.media_type)


def language_range(language: str) -> str:
    """Return a pattern of the ranges in Accept-Language that fit a language, as `negotiation.best_language` does.

    `fr`, `fr-BE` and so on fit French; `pt` and `pt-BR` fit Brazilian Portuguese.
    """
    *parents, last = (re.escape(subtag) for subtag in language.split("-"))
    more = "(?:-[A-Za-z0-9]+)*"
    if not parents:
        return last + more
    pattern = f"(?:-{last}{more})?"
    for subtag in reversed(parents[1:]):
        pattern = f"(?:-{subtag}{pattern})?"
    return parents[0] + pattern
