"""One page seen by one reader: words in the reader's language, and the way from here to anything."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from whereas.content.index import Index, LangString
from whereas.content.statements import STATEMENTS, Passage, Statement, date_of, days_of, read_statement
from whereas.content.urls import Addresses, is_web
from whereas.iris import compact
from whereas.rdf.namespaces import XSD
from whereas.rdf.terms import is_iri, language_of, value_of
from whereas.site.pages.backlinks import Backlink
from whereas.site.pages.pagination import page_path

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
_LONGEST = 60  # characters of an address in a sentence


@cache
def words() -> dict[str, dict[str, str]]:
    """Every word of the pages, by language."""
    told = tomllib.loads(files("whereas").joinpath("site/templates/words.toml").read_text("utf-8"))
    return {language: {key: text[language] for key, text in told.items()} for language in ("en", "fr")}


def _as_address(iri: str) -> str:
    """Where an address leads: its host, and what can be told of its path."""
    host, _, path = iri.partition("//")[2].rstrip("/").partition("/")
    whole = f"{host.removeprefix('www.')}/{path}" if path else host
    return whole if len(whole) <= _LONGEST else f"{host.removeprefix('www.')}/…/{path.rpartition('/')[2][-_LONGEST:]}"


def typeset(text: str, language: str) -> str:
    """French spaces before high punctuation and within guillemets made unbreakable."""
    if language != "fr" or " " not in text:
        return text
    for mark in ":;!?»":
        text = text.replace(f" {mark}", f"\u00a0{mark}")
    return text.replace("« ", "«\u00a0")


class PageContext:
    """What templates ask. `here` is the page's own path, `language` the reader's."""

    def __init__(self, index: Index, addresses: Addresses, here: str, language: str) -> None:
        self.index, self.addresses, self.here, self.language = index, addresses, here, language

    def word(self, key: str, count: int | None = None) -> str:
        """A word of the page; of several where there are several."""
        told = words()[self.language]
        several = count is not None and (count > 1 or (count == 0 and self.language == "en"))
        return told[f"{key}s" if several and f"{key}s" in told else key]

    def has(self, key: str) -> bool:
        """Whether the pages have such a word."""
        return key in words()[self.language]

    def words(self, start: str) -> dict[str, str]:
        """The words whose keys have this start."""
        return {key: told for key, told in words()[self.language].items() if key.startswith(start)}

    def used(self, count: int) -> str:
        """How often a term is used, as a sentence."""
        return self.word("used", count).replace("{count}", self.number(count)) if count else self.word("never-used")

    def share(self, part: str) -> str:
        """A number from 0 to 1 as hundredths."""
        try:
            hundredths = round(100 * float(part))
        except ValueError:
            return part
        return f"{hundredths}\u202f%" if self.language == "fr" else f"{hundredths}%"

    def phrase(self, key: str) -> list[str]:
        """The parts of a sentence: words at even places, the names of its gaps at odd ones."""
        return self.word(key).replace("}", "{").split("{")

    def label(self, thing: str) -> LangString:
        """What a thing is called; terms of RDF, OWL and SHACL, which data do not label, are among our words."""
        if thing in self.index.things or thing.startswith((self.addresses.base, self.addresses.vocabulary)):
            return self._set(self.index.label(thing, self.language))
        if told := words()[self.language].get(self.short(thing)):
            return LangString(told)
        return (
            LangString(_as_address(thing))
            if self.short(thing) == thing and is_web(thing)
            else self.index.label(thing, "")
        )

    def labels(self, things: Iterable[str]) -> list[str]:
        """What things are called, as texts."""
        return [self.label(thing).text for thing in things]

    def _set(self, told: LangString) -> LangString:
        return LangString(typeset(told.text, told.language or self.language), told.language)

    def order(self, thing: str) -> str:
        """Where a thing stands in an alphabetical list: accents and case do not count."""
        told = unicodedata.normalize("NFKD", self.label(thing).text.casefold())
        return "".join(character for character in told if not unicodedata.combining(character))

    def ordered(self, things: Iterable[str]) -> list[str]:
        """Things in the order of their labels, each once."""
        return sorted(set(things), key=self.order)

    def text(self, thing: str, *names: str) -> LangString | None:
        """A text of the thing in the reader's language, or else in another."""
        told = self.index.text(thing, self.language, *names)
        return self._set(told) if told else None

    def values(self, terms: list[str]) -> list[tuple[str, LangString]]:
        """IRIs and texts of some terms; of texts in several languages, those in the reader's if there are any."""
        own = [term for term in terms if language_of(term) in (self.language, "")]
        shown = own if any(language_of(term) for term in own) else terms
        return [
            (value_of(term), self.label(value_of(term))) if is_iri(term) else ("", self._told(term)) for term in shown
        ]

    def _told(self, term: str) -> LangString:
        """A text, or a day as the reader writes it."""
        if term.endswith(f"^^<{XSD}date>"):
            return LangString(self.date(value_of(term)))
        return LangString(value_of(term), "" if language_of(term) == self.language else language_of(term))

    def href(self, thing: str) -> str:
        """The address of what an IRI names, empty when there is none to give."""
        return self.addresses.href(self.here, thing, self.language)

    def page(self, path: str, anchor: str = "") -> str:
        """The address of one of the site's pages in the reader's language."""
        return self.addresses.relative_url(self.here, f"{path or 'index'}.{self.language}.html", anchor)

    def sheet(self, path: str, number: int) -> str:
        """The address of one sheet of a page."""
        return self.page(page_path(path, number))

    def file(self, path: str) -> str:
        """The address of a file of the site."""
        return self.addresses.relative_url(self.here, path)

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

    def statements(self, entries: Iterable[Backlink]) -> list[Statement]:
        """The statements, or what stands in their place, of a ledger's entries."""
        return [self.statement(entry.iri) for entry in entries]

    def saying(self, statement: Statement) -> str:
        """The sentence that tells whose words a statement is, as a key of `words`."""
        alone = sorted(statement.speakers) == sorted(statement.reporters)
        if statement.kind in ("quotation", "event"):
            return f"says-{statement.kind}{'-own' if alone and statement.kind == 'quotation' else ''}"
        return "says-marked" if statement.voice == "quoted" and alone else f"says-{statement.voice}"

    def said(self, statement: Statement) -> str:
        """The sentence that tells whose words a statement is, as text."""
        gaps = {
            "speaker": statement.speakers or statement.reporters,
            "reporter": statement.reporters,
            "quoted": statement.quoted,
        }
        told = {name: ", ".join(self.labels(things)) for name, things in gaps.items()}
        told["kind"] = self.word("presupposed" if statement.presupposed else statement.kind).lower()
        return "".join(told.get(part, part) for part in self.phrase(self.saying(statement)))

    def chain(self, statement: Statement) -> list[tuple[str, tuple[str, ...]]]:
        """Through whom the words come, from who publishes to who speaks: the part each has, and who."""
        told = [("voice-publisher", statement.reporters), ("voice-quoted", statement.quoted)]
        told.append(("voice-speaker", statement.speakers or statement.reporters))
        return [(role, names) for role, names in told if names and (role == "voice-speaker" or names != told[-1][1])]

    def day(self, thing: str) -> str:
        """The date of an event, a document or a statement's document, as data give it."""
        return date_of(self.index, thing)

    def days(self, thing: str) -> tuple[str, str]:
        """When an event happened or began, and when it ended, as data give it."""
        return days_of(self.index, thing)

    def about(self, thing: str) -> list[str]:
        """The statements about a thing."""
        return [name for name in self.index.pointing(thing, "schema:about") if self.index.is_a(name, *STATEMENTS)]

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
