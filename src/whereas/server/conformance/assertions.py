"""What must be true of a host's reply: each function here makes a question to ask of one."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from whereas.http.policy import SAFE

Holds = Callable[["Reply"], bool]


@dataclass(frozen=True)
class Reply:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def is_a(self, media_type: str) -> bool:
        return self.header("content-type").partition(";")[0] == media_type

    def names(self, header: str, *values: str) -> bool:
        """Whether a list header holds each of the values."""
        told = {part.strip().lower() for part in self.header(header).split(",")}
        return "*" in told or {value.lower() for value in values} <= told


def status(*wanted: int) -> Holds:
    return lambda reply: reply.status in wanted


def of_type(media_type: str, location: str = "") -> Holds:
    return lambda reply: (
        reply.status == 200 and reply.is_a(media_type) and reply.header("content-location").endswith(location)
    )


def in_language(language: str, location: str = "") -> Holds:
    return lambda reply: (
        of_type("text/html", location)(reply)
        and reply.header("content-language") == language
        and f'<html lang="{language}"'.encode() in reply.content
    )


def sends_to(location: str, status: int) -> Holds:
    return lambda reply: reply.status == status and reply.header("location").endswith(location)


def not_modified(tag: str) -> Holds:
    return lambda reply: reply.status == 304 and not reply.content and reply.header("etag") == tag


def strong(tag: str) -> Holds:
    return lambda reply: tag.startswith('"') and reply.header("etag") == tag


def coded(coding: str, tag: str) -> Holds:
    return lambda reply: (
        reply.header("content-encoding") == coding
        and reply.header("etag") != tag
        and reply.names("vary", "Accept-Encoding")
        and (coding != "gzip" or bool(gzip.decompress(reply.content)))
    )


def signposted(name: str, *more: str) -> Holds:
    """The page of what has this name, or one that ends so, has the links of level 1, and leads to those of level 2."""
    told = ("describedby", "license", "author", "type", "linkset", "alternate", *more)
    return lambda reply: (
        bool(re.search(rf'{re.escape(name)}>; *rel="cite-as"', reply.header("link")))
        and all(f'rel="{relation}"' in reply.header("link") for relation in told)
    )


def describes(path: str) -> Holds:
    """Data lead to the page at this path and to all its links."""
    return lambda reply: (
        bool(re.search(rf'{re.escape(path)}>; *rel="describes"', reply.header("link")))
        and 'rel="linkset"' in reply.header("link")
    )


def is_linkset(name: str) -> Holds:
    def holds(reply: Reply) -> bool:
        if not of_type("application/linkset+json")(reply):
            return False
        first = json.loads(reply.content)["linkset"][0]
        cited: str = first["cite-as"][0]["href"]
        return (
            cited.endswith(name) and {"describedby", "license", "author", "type"} <= first.keys() and "anchor" in first
        )

    return holds


def safe(*statuses: int) -> Holds:
    return lambda reply: (
        reply.status in statuses and all(reply.header(name.lower()) == told for name, told in SAFE.items())
    )


def says(status: int, words: str) -> Holds:
    return lambda reply: reply.status == status and reply.is_a("text/plain") and words.encode() in reply.content


def has(header: str, *values: str) -> Holds:
    """A list header holds each of the values."""
    return lambda reply: reply.names(header, *values)


def tells(header: str, words: str) -> Holds:
    return lambda reply: words in reply.header(header).lower()


def refuses_method() -> Holds:
    return lambda reply: reply.status == 405 and reply.names("allow", "GET", "HEAD")


def may_be_read_from_elsewhere() -> Holds:
    return lambda reply: reply.status in (200, 204) and reply.names("access-control-allow-methods", "GET")


def head_of(tag: str) -> Holds:
    return lambda reply: reply.status == 200 and not reply.content and reply.header("etag") == tag


def part_of(size: int) -> Holds:
    return lambda reply: reply.status == 206 and len(reply.content) == size


def gives_no_markup(markup: bytes) -> Holds:
    return lambda reply: not reply.is_a("text/html") or markup not in reply.content


def gone(language: str) -> Holds:
    return lambda reply: reply.status == 410 and f'<html lang="{language}"'.encode() in reply.content
