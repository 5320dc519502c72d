"""One page seen by one reader: words in the reader's language, and the way from here to anything."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from whereas.addresses import Addresses
from whereas.index import Index, Words
from whereas.iris import compact
from whereas.statements import Passage, Statement, date_of, read_statement

MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}


@cache
def words() -> dict[str, dict[str, str]]:
    """Every word of the pages, by language."""
    told = tomllib.loads(files("whereas").joinpath("templates/site/words.toml").read_text("utf-8"))
    return {language: {key: text[language] for key, text in told.items()} for language in ("en", "fr")}


class View:
    """What templates ask. `here` is the page's own path, `language` the reader's."""

    def __init__(self, index: Index, addresses: Addresses, here: str, language: str) -> None:
        self.index, self.addresses, self.here, self.language = index, addresses, here, language

    def word(self, key: str, count: int | None = None) -> str:
        """A word of the page; of several where there are several."""
        told = words()[self.language]
        several = count is not None and (count > 1 or (count == 0 and self.language == "en"))
        return told[f"{key}s" if several and f"{key}s" in told else key]

    def words(self, start: str) -> dict[str, str]:
        """The words whose keys have this start."""
        return {key: told for key, told in words()[self.language].items() if key.startswith(start)}

    def phrase(self, key: str) -> list[str]:
        """The parts of a sentence: words at even places, the names of its gaps at odd ones."""
        return self.word(key).replace("}", "{").split("{")

    def label(self, thing: str) -> Words:
        return self.index.label(thing, self.language)

    def order(self, thing: str) -> str:
        """Where a thing stands in an alphabetical list: accents and case do not count."""
        told = unicodedata.normalize("NFKD", self.label(thing).text.casefold())
        return "".join(character for character in told if not unicodedata.combining(character))

    def text(self, thing: str, *names: str) -> Words | None:
        """A text of the thing in the reader's language, or else in another."""
        return self.index.words(thing, self.language, *names)

    def href(self, thing: str) -> str:
        """The address of what an IRI names, empty when there is none to give."""
        return self.addresses.href(self.here, thing, self.language)

    def page(self, path: str, anchor: str = "") -> str:
        """The address of one of the site's pages in the reader's language."""
        return self.addresses.way(self.here, f"{path or 'index'}.{self.language}.html", anchor)

    def file(self, path: str) -> str:
        """The address of a file of the site."""
        return self.addresses.way(self.here, path)

    def date(self, day: str) -> str:
        """A day as the reader writes it; a year or a month where no more is known."""
        parts = day.split("-")
        if not all(part.isdigit() for part in parts) or len(parts) > 3:
            return day
        month = MONTHS[self.language][int(parts[1]) - 1] if len(parts) > 1 and 1 <= int(parts[1]) <= 12 else ""
        first = str(int(parts[2])) if len(parts) > 2 else ""
        if first == "1" and self.language == "fr":
            first = "1ᵉʳ"
        return " ".join(part for part in (first, month, parts[0]) if part)

    def number(self, value: int) -> str:
        """A count with its thousands apart."""
        return f"{value:,}".replace(",", "\u202f" if self.language == "fr" else ",")

    def name(self, thing: str) -> str:
        """The last step of a name: what an anchor is called."""
        return thing.replace("#", "/").rpartition("/")[2]

    def anchor(self, thing: str) -> str:
        """A name for a place on a page that shows things of several documents."""
        return self.addresses.path(thing) or self.name(thing)

    def short(self, iri: str) -> str:
        """The compact name of an IRI."""
        return compact(iri, self.index.prefixes)

    def expand(self, name: str) -> str:
        """The IRI of a compact name of the settings; empty when there is none."""
        return self.index.iri(name) if name else ""

    def statement(self, thing: str) -> Statement:
        return read_statement(self.index, thing)

    def day(self, thing: str) -> str:
        """The date of an event, a document or a statement's document, as data give it."""
        return date_of(self.index, thing)

    def passage(self, statement: Statement) -> Passage | None:
        """The longest passage of a statement, in the reader's language where there is one."""
        tongue = {text: self.index.first(text, "schema:inLanguage") for text in {p.text for p in statement.passages}}
        return max(
            statement.passages,
            key=lambda p: (tongue[p.text] == self.language, p.end - p.start),
            default=None,
        )

    def tongue(self, passage: Passage) -> str:
        """The language of a passage's text."""
        return self.index.first(passage.text, "schema:inLanguage")

    def follow_ups(self, thing: str) -> list[str]:
        """The statements that tell what became of a demand, the latest first."""
        told = self.index.pointing(thing, "wa:followUpOf")
        return sorted(told, key=lambda name: (self.index.first(name, "dcterms:valid"), name), reverse=True)
