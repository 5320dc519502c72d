"""How to cite what somebody says: as text, as BibTeX, as CSL-JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

_TEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


_LONGEST = 300  # characters of the words in a line of text
_INNER = {"en": str.maketrans("“”", "‘’"), "fr": str.maketrans("«»", "“”")}  # marks within marks


@dataclass(frozen=True)
class Citation:
    """Words, the document they are read in, who published it, whose words they are, and who keeps the record."""

    words: str
    authors: Sequence[str]
    container: str  # the document's title, in its own language
    voice: str  # who says it, in whose words
    archive: str
    date: str  # of the document: year, month, day as far as known
    url: str
    tongue: str  # language of the words
    language: str  # of the reader

    @property
    def plain(self) -> str:
        """One line of text."""
        words = self.words if len(self.words) <= _LONGEST else self.words[:_LONGEST].rpartition(" ")[0] + " (…)"
        words = re.sub(r"([“«])\s+|\s+([”»])", r"\1\2", words.translate(_INNER.get(self.language, {})))
        quoted = f"«\u00a0{words}\u00a0»" if self.language == "fr" else f"“{words}”"
        told = [
            ", ".join(self.authors),
            quoted,
            f"{'dans' if self.language == 'fr' else 'in'} {self.container}",
            self.date,
        ]
        return f"{', '.join(part for part in told if part)}. {self.voice}. {self.archive}, {self.url}"

    @property
    def bibtex(self) -> str:
        """A BibTeX entry; names of bodies are kept whole."""
        key = re.sub(r"[^A-Za-z0-9]+", "-", self.url.partition("//")[2]).strip("-")
        fields = {
            "author": " and ".join(f"{{{_tex(name)}}}" for name in self.authors),
            "title": _tex(self.words),
            "howpublished": _tex(self.container),
            "note": _tex(f"{self.voice}. {self.archive}"),
            "year": self.date[:4],
            "url": self.url,
            "langid": {"en": "english", "fr": "french"}.get(self.tongue, self.tongue),
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
            "title": self.words,
            "author": [{"literal": name} for name in self.authors],
            "container-title": self.container,
            "issued": {"date-parts": [parts]} if parts else None,
            "note": self.voice,
            "archive": self.archive,
            "URL": self.url,
            "language": self.tongue,
        }
        return json.dumps({key: value for key, value in item.items() if value}, ensure_ascii=False, indent=1)


def _tex(text: str) -> str:
    return text.translate(_TEX)
