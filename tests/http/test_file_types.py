"""The table of file types says the same as the server's negotiation does."""

import re

import pytest

from whereas.http.file_types import OFFERED, language_range, media_type
from whereas.http.negotiation import best_language
from whereas.http.policy import offer

RANGES = (
    "fr",
    "fr-BE",
    "frr",
    "fr-",
    "pt",
    "pt-BR",
    "pt-br-x-rio",
    "pt-PT",
    "p",
    "zh",
    "zh-Hant",
    "zh-Hant-TW",
    "zh-TW",
)


@pytest.mark.parametrize("language", ["fr", "pt-BR", "zh-Hant-TW"])
@pytest.mark.parametrize("accepted", RANGES)
def test_language_range_fits_what_the_server_fits(language, accepted):
    fits = re.fullmatch(language_range(language), accepted, re.IGNORECASE) is not None
    assert fits == (best_language(accepted, ("xx", language)) == language)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("index.fr.html", "text/html"),
        ("doc/note/text.fr.txt", "text/plain"),
        ("doc/note.linkset.json", "application/linkset+json"),
        ("report.json", "application/json"),
        ("queries/votes.json", "application/sparql-results+json"),
        ("queries/votes.fr.xml", "application/sparql-results+xml"),
        ("queries/votes.rq", "application/sparql-query"),
        ("sitemap.xml", "application/xml"),
        ("dataset.nq.gz", "application/gzip"),
        ("static/vendor/VENDORED.toml", "text/plain"),
        ("SHA256SUMS", "text/plain"),
    ],
)
def test_media_type_is_that_of_the_longest_suffix(path, expected):
    assert media_type(path) == expected


def test_page_is_offered_first_and_every_offer_is_the_servers():
    assert OFFERED[0].suffix == "html"
    for row in OFFERED:
        assert offer(row.suffix).media_type == row.media_type
        assert offer(row.suffix).aliases == row.aliases
