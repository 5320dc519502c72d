"""Content negotiation by RFC 9110, over headers that clients send and headers that none should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whereas.http.negotiation import Offer, best_coding, best_language, best_type, byte_range, entity_tags, preferences

HTML, TURTLE, JSONLD = Offer("text/html"), Offer("text/turtle"), Offer("application/ld+json", ("application/json",))
OFFERS = (HTML, TURTLE, JSONLD)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("", HTML),
        ("*/*", HTML),
        (BROWSER, HTML),
        ("text/turtle", TURTLE),
        ("TEXT/Turtle", TURTLE),
        ("text/*", HTML),
        ("text/turtle;q=0.5, application/ld+json", JSONLD),
        ("text/turtle, text/html;q=0.9", TURTLE),
        ("text/html;q=0, text/*", TURTLE),
        ("*/*, text/html;q=0, text/turtle;q=0", JSONLD),
        ("application/json", JSONLD),
        ("text/turtle;q=0", None),
        ("image/png", None),
        ("image/png, */*;q=0", None),
        ("text/turtle;q=nonsense, application/ld+json;q=0.1", JSONLD),
        ('application/ld+json;profile="a, b;q=0";q=0.7, text/turtle;q=0.6', JSONLD),
        ("text/turtle;q=1.5", None),
        (", ,text/turtle", TURTLE),
    ],
)
def test_best_media_type_is_chosen(accept, best):
    assert best_type(accept, OFFERS) == best


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de,en;q=0.3", "en"),
        ("de", "fr"),
        ("*", "fr"),
        ("fr;q=0, *", "en"),
        ("EN", "en"),
        ("eng", "fr"),
    ],
)
def test_best_language_is_chosen(accept, best):
    assert best_language(accept, ("fr", "en")) == best


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0, gzip;q=0", ""),
        ("", ""),
        ("*", "br"),
        ("identity, br;q=0.5", ""),
    ],
)
def test_best_content_coding_is_chosen(accept, best):
    assert best_coding(accept, ("br", "gzip")) == best


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ('"a"', ('"a"',)),
        ('W/"a", "b,c"', ('"a"', '"b,c"')),
        ("*", ("*",)),
        ("a", ()),
        ("", ()),
    ],
)
def test_entity_tags_are_read_with_their_commas(header, tags):
    assert entity_tags(header) == tags


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-4", (0, 4)),
        ("bytes=5-", (5, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=0-100", (0, 9)),
        ("bytes=4-1", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
    ],
)
def test_range_is_read(header, span):
    assert byte_range(header, 10) == span


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=-0"])
def test_unsatisfiable_range_is_an_error(header):
    with pytest.raises(ValueError, match="bytes"):
        byte_range(header, 10)


_PART = st.sampled_from(
    ["text/html", "*/*", ";q=", "0.5", "0", ",", ";", '"', "\\", " ", "=", "é", "\x00", "q", "1.001"]
)
HEADERS = st.one_of(st.text(), st.lists(_PART).map("".join))


@given(HEADERS)
def test_any_header_can_be_read(header):
    assert best_type(header, OFFERS) in (*OFFERS, None)
    assert best_language(header, ("fr", "en")) in ("fr", "en")
    assert best_coding(header, ("br", "gzip")) in ("br", "gzip", "")
    assert all(0 <= preference.quality <= 1000 for preference in preferences(header))
    assert all(tag == "*" or tag[0] == tag[-1] == '"' for tag in entity_tags(header))


@given(HEADERS, st.integers(0, 10_000))
def test_range_lies_within_the_content(header, size):
    try:
        span = byte_range(header, size)
    except ValueError:
        return
    assert span is None or 0 <= span[0] <= span[1] < size


@given(st.permutations(["text/html;q=0.3", "text/turtle;q=0.7", "application/ld+json;q=0.5"]))
def test_order_of_a_header_decides_nothing_that_quality_decides(elements):
    assert best_type(",".join(elements), OFFERS) == TURTLE
