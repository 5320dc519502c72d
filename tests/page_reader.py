"""Pages as a browser reads them, for the tests."""

from __future__ import annotations

import html
import re
from collections import Counter
from html.parser import HTMLParser

from whereas.http.representation import Content

VOID = {"meta", "link", "br", "rect", "path", "img", "input", "hr"}


class ParsedPage(HTMLParser):
    """A page as a browser would see it: elements well nested, links, ids, text."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.marked: dict[str, list[str]] = {}
        self.around: list[str] = []
        self.scripts: list[str] = []
        self.verbatim: list[str] = []
        self.feed(content.decode())
        self.close()
        assert self.open == [], "elements left open"

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags[tag] += 1
        self.attributes |= attributes.keys()
        if "id" in attributes:
            self.ids[attributes["id"]] += 1
        self.links += [attributes[name] for name in ("href", "src") if name in attributes]
        if tag not in VOID:
            self.open.append(tag)
            self.around.append(f"{attributes.get('class', '')} #{attributes.get('id', '')}")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag
            self.around.pop()

    def handle_data(self, text):
        if self.open and self.open[-1] == "script":
            self.scripts.append(text)
        if any(around.startswith("calls") for around in self.around):
            return
        if any(around.startswith("verbatim") for around in self.around):
            self.verbatim.append(text)
        for around in self.around:
            if around.startswith("mark ") and "#p-" in around:
                self.marked.setdefault(around.partition("#")[2], []).append(text)


def words_of(page: Content) -> str:
    """Return what a page says, without its markup, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())
