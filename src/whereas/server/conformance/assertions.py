"""Assertions about a response; each function returns one."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from whereas.http.policy import SAFE

Assertion = Callable[["Response"], bool]


@dataclass(frozen=True)
class Response:
    """A response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def header(self, name: str) -> str:
        """Return the value of a header, empty where there is none."""
        return self.headers.get(name, "")

    def is_type(self, media_type: str) -> bool:
        """Whether the content is of a media type."""
        return self.header("content-type").partition(";")[0] == media_type

    def lists(self, header: str, *values: str) -> bool:
        """Whether a list header has each of the values, or `*`."""
        items = {part.strip().lower() for part in self.header(header).split(",")}
        return "*" in items or {value.lower() for value in values} <= items


def has_status(*statuses: int) -> Assertion:
    """Expect one of the statuses."""
    return lambda response: response.status in statuses


def is_type(media_type: str, location: str = "") -> Assertion:
    """Expect 200 with a media type, and a `Content-Location` with this ending."""
    return lambda response: (
        response.status == 200
        and response.is_type(media_type)
        and response.header("content-location").endswith(location)
    )


def is_page_in(language: str, location: str = "") -> Assertion:
    """Expect an HTML page in a language."""
    return lambda response: (
        is_type("text/html", location)(response)
        and response.header("content-language") == language
        and f'<html lang="{language}"'.encode() in response.content
    )


def redirects_to(location: str, status: int) -> Assertion:
    """Expect a redirect to a URL with this ending."""
    return lambda response: response.status == status and response.header("location").endswith(location)


def is_not_modified(tag: str) -> Assertion:
    """Expect 304 with the entity tag and no content."""
    return lambda response: response.status == 304 and not response.content and response.header("etag") == tag


def has_strong_tag(tag: str) -> Assertion:
    """Expect this entity tag, a strong one."""
    return lambda response: tag.startswith('"') and response.header("etag") == tag


def is_compressed(coding: str, identity_tag: str) -> Assertion:
    """Expect a content coding, with an entity tag of its own."""
    return lambda response: (
        response.header("content-encoding") == coding
        and response.header("etag") != identity_tag
        and response.lists("vary", "Accept-Encoding")
        and (coding != "gzip" or bool(gzip.decompress(response.content)))
    )


def has_signposting(name: str, *relations: str) -> Assertion:
    """Expect FAIR Signposting (https://signposting.org/FAIR/): level 1 for a name with this ending, and a link set."""
    expected = ("describedby", "license", "author", "type", "linkset", "alternate", *relations)
    return lambda response: (
        bool(re.search(rf'{re.escape(name)}>; *rel="cite-as"', response.header("link")))
        and all(f'rel="{relation}"' in response.header("link") for relation in expected)
    )


def links_to_page(path: str) -> Assertion:
    """Expect links from data to the page they describe, and to its link set."""
    return lambda response: (
        bool(re.search(rf'{re.escape(path)}>; *rel="describes"', response.header("link")))
        and 'rel="linkset"' in response.header("link")
    )


def is_linkset(name: str) -> Assertion:
    """Expect a link set (RFC 9264) for a name with this ending."""

    def check(response: Response) -> bool:
        if not is_type("application/linkset+json")(response):
            return False
        links = json.loads(response.content)["linkset"][0]
        cite_as: str = links["cite-as"][0]["href"]
        return (
            cite_as.endswith(name)
            and {"describedby", "license", "author", "type"} <= links.keys()
            and "anchor" in links
        )

    return check


def has_security_headers(status: int) -> Assertion:
    """Expect the headers of `SAFE`."""
    return lambda response: (
        response.status == status and all(response.header(name.lower()) == value for name, value in SAFE.items())
    )


def is_error(status: int, text: str) -> Assertion:
    """Expect an error message in plain text that contains this text."""
    return lambda response: (
        response.status == status and response.is_type("text/plain") and text.encode() in response.content
    )


def header_lists(header: str, *values: str) -> Assertion:
    """Expect a list header with each of the values."""
    return lambda response: response.lists(header, *values)


def header_contains(header: str, text: str) -> Assertion:
    """Expect a header that contains this text."""
    return lambda response: text in response.header(header).lower()


def is_wrong_method() -> Assertion:
    """Expect 405 with the methods allowed."""
    return lambda response: response.status == 405 and response.lists("allow", "GET", "HEAD")


def allows_cross_origin_reads() -> Assertion:
    """Expect the answer to a CORS preflight."""
    return lambda response: response.status in (200, 204) and response.lists("access-control-allow-methods", "GET")


def is_head_of(tag: str) -> Assertion:
    """Expect headers without content."""
    return lambda response: response.status == 200 and not response.content and response.header("etag") == tag


def is_range(size: int) -> Assertion:
    """Expect 206 with so many bytes."""
    return lambda response: response.status == 206 and len(response.content) == size


def does_not_echo(markup: bytes) -> Assertion:
    """Expect no HTML that contains markup of the request."""
    return lambda response: not response.is_type("text/html") or markup not in response.content


def is_gone(language: str) -> Assertion:
    """Expect 410 with a page in a language."""
    return lambda response: response.status == 410 and f'<html lang="{language}"'.encode() in response.content
