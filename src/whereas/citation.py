"""How to cite a statement, a document or a thing: as text, as BibTeX, as CSL-JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

_TEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


@dataclass(frozen=True)
class Citation:
    """What is cited: its own words first, then where they are read, and who keeps the record."""

    title: str
    authors: Sequence[str]
    container: str
    publisher: str
    date: str  # of the document: year, month, day as far as known
    url: str
    language: str

    @property
    def plain(self) -> str:
        """One line of text."""
        who = ", ".join(self.authors)
        parts = [who, f"“{self.title}”" if self.language == "en" else f"«\u00a0{self.title}\u00a0»"]
        parts += [f"in {self.container}" if self.language == "en" else f"dans {self.container}"] * bool(self.container)
        return ", ".join(part for part in (*parts, self.publisher, self.date) if part) + f". {self.url}"

    @property
    def bibtex(self) -> str:
        """A BibTeX entry; names of bodies are kept whole."""
        key = re.sub(r"[^A-Za-z0-9]+", "-", self.url.partition("//")[2]).strip("-")
        fields = {
            "author": " and ".join(f"{{{_tex(name)}}}" for name in self.authors),
            "title": f"{{{_tex(self.title)}}}",
            "howpublished": _tex(self.container),
            "publisher": _tex(self.publisher),
            "year": self.date[:4],
            "url": self.url,
            "langid": {"en": "english", "fr": "french"}.get(self.language, self.language),
        }
        told = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
        return f"@misc{{{key},\n{told}\n}}\n"

    @property
    def csl(self) -> str:
        """A CSL-JSON item."""
        parts = [int(part) for part in self.date.split("-") if part.isdigit()]
        item = {
            "id": self.url,
            "type": "article",
            "title": self.title,
            "author": [{"literal": name} for name in self.authors],
            "container-title": self.container,
            "publisher": self.publisher,
            "issued": {"date-parts": [parts]} if parts else None,
            "URL": self.url,
            "language": self.language,
        }
        return json.dumps({key: value for key, value in item.items() if value}, ensure_ascii=False, indent=1)


def _tex(text: str) -> str:
    return text.translate(_TEX)
