"""Template context for one page in one language: sentences, labels and links."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from markupsafe import Markup, escape

from whereas.compiler.passages import Passage
from whereas.content.index import Index, LangString
from whereas.content.statements import STATEMENTS, Statement, date_of, days_of, read_statement
from whereas.content.urls import Addresses, is_web
from whereas.i18n import (
    Localized,
    Message,
    format_date,
    format_language,
    format_number,
    format_percent,
    interface_language,
)
from whereas.iris import compact
from whereas.rdf.namespaces import XSD
from whereas.rdf.terms import is_iri, language_of, value_of
from whereas.site.pages.backlinks import Backlink
from whereas.site.pages.labels import ACTS, ATTRIBUTIONS, OWN_ACTS, TERMS
from whereas.site.pages.pagination import page_path
from whereas.text.scripts import text_direction

_LONGEST = 60  # characters of a web address in a sentence
_START, _END = "\ue000", "\ue001"  # around the name of a value that is markup


def _shortened(address: str) -> str:
    """Return a web address as its host and path, cut in the middle where it is long."""
    host, _, path = address.partition("//")[2].rstrip("/").partition("/")
    whole = f"{host.removeprefix('www.')}/{path}" if path else host
    return whole if len(whole) <= _LONGEST else f"{host.removeprefix('www.')}/…/{path.rpartition('/')[2][-_LONGEST:]}"


def typeset(text: str, language: str) -> str:
    """Return the text with French spaces before high punctuation and within guillemets made unbreakable."""
    if language != "fr" or " " not in text:
        return text
    for mark in ":;!?»":
        text = text.replace(f" {mark}", f"\u00a0{mark}")
    return text.replace("« ", "«\u00a0")


class PageContext:
    """The `view` of templates. `path` is that of the page's file, from which links are relative."""

    def __init__(self, index: Index, addresses: Addresses, path: str, language: str) -> None:
        self.index, self.addresses, self.path, self.language = index, addresses, path, language

    # ---------------------------------------------------------------- sentences

    @cached_property
    def interface(self) -> str:
        """The language of the sentences: the page's, or English where there is no catalogue for it."""
        return interface_language(self.language)

    def gettext(self, sentence: str | Localized, /, **values: Any) -> str:
        """Return a sentence, or a message of a table, in the language of the page, filled; `_` in templates.

        Markup among the values makes the sentence markup, with all else escaped.
        """
        message = Message(sentence) if isinstance(sentence, str) else sentence
        if not values:
            return typeset(message.in_language(self.language), self.interface)
        assert isinstance(message, Message), message
        markup = {name: value for name, value in values.items() if hasattr(value, "__html__")}
        gaps = {name: f"{_START}{name}{_END}" for name in markup}
        text = typeset(message.filled(**{**values, **gaps}).in_language(self.language), self.interface)
        if not markup:
            return text
        escaped = escape(text)
        for name, value in markup.items():
            escaped = escaped.replace(gaps[name], value)
        return escaped

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        """Return the sentence that fits the count, its `{count}` filled."""
        return typeset(Message(one, many, count=count).in_language(self.language), self.interface)

    def pgettext(self, context: str, sentence: str, /, **values: Any) -> str:
        """Return the sentence as it is meant in a context."""
        return self.gettext(Message.within(context, sentence), **values)

    def number(self, value: int) -> str:
        return format_number(value, self.interface)

    def percent(self, share: str) -> str:
        """Return a number from 0 to 1 as a percentage; what is no number is left as it is."""
        try:
            return format_percent(float(share), self.interface)
        except ValueError:
            return share

    def date(self, day: str) -> str:
        """Return an ISO day, month or year in words."""
        return format_date(day, self.interface)

    def language_name(self, tag: str, language: str = "") -> str:
        """Return the name of a language, in the language of the interface or in another."""
        return format_language(tag, language or self.interface)

    def lang(self, language: str) -> Markup:
        """Return the attributes of an element with text in a language; `dir` only where it may differ from the page's."""
        direction = text_direction(language)
        tag = Markup('lang="{}"').format(language) if language else Markup()
        if direction == text_direction(self.interface) and direction != "auto":
            return tag
        return Markup('{} dir="{}"').format(tag, direction) if tag else Markup('dir="{}"').format(direction)

    # ---------------------------------------------------------------- labels and texts

    def label(self, thing: str) -> LangString:
        """Return the label of a thing: from the data, of a term of RDF, OWL or SHACL, or its shortened address."""
        if thing in self.index.things or thing.startswith((self.addresses.base, self.addresses.vocabulary)):
            return self._typeset(self.index.label(thing, self.language))
        name = self.compact(thing)
        if term := TERMS.get(name):
            return LangString(self.gettext(term))
        return LangString(_shortened(thing)) if name == thing and is_web(thing) else self.index.label(thing, "")

    def labels(self, things: Iterable[str]) -> list[str]:
        return [self.label(thing).text for thing in things]

    def _typeset(self, text: LangString) -> LangString:
        """Return the text, typeset, its language named where it is not that of the interface around it."""
        language = text.language or self.language
        is_own = language.lower() == self.interface.lower()
        return LangString(typeset(text.text, language), "" if is_own else language)

    def sort_key(self, thing: str) -> str:
        """Return the label without accents and case, to sort by."""
        decomposed = unicodedata.normalize("NFKD", self.label(thing).text.casefold())
        return "".join(character for character in decomposed if not unicodedata.combining(character))

    def ordered(self, things: Iterable[str]) -> list[str]:
        """Return things in the order of their labels, each once."""
        return sorted(set(things), key=self.sort_key)

    def text(self, thing: str, *names: str) -> LangString | None:
        """Return a text of the thing in the language of the page, or else in another."""
        text = self.index.text(thing, self.language, *names)
        return self._typeset(text) if text else None

    def values(self, terms: list[str]) -> list[tuple[str, LangString]]:
        """Return IRI and label of each term, no IRI for a literal; of tagged texts, those in the page's language if any."""
        own = [term for term in terms if language_of(term) in (self.language.lower(), "")]
        shown = own if any(language_of(term) for term in own) else terms
        return [
            (value_of(term), self.label(value_of(term))) if is_iri(term) else ("", self._literal(term))
            for term in shown
        ]

    def _literal(self, term: str) -> LangString:
        if term.endswith(f"^^<{XSD}date>"):
            return LangString(self.date(value_of(term)))
        return LangString(value_of(term), "" if language_of(term) == self.language.lower() else language_of(term))

    def compact(self, iri: str) -> str:
        """Return the compact name of an IRI."""
        return compact(iri, self.index.prefixes)

    def expand(self, name: str) -> str:
        """Return the IRI of a compact name of the settings; empty for an empty name."""
        return self.index.iri(name) if name else ""

    # ---------------------------------------------------------------- links

    def href(self, thing: str) -> str:
        """Return the relative URL of what an IRI names; empty when there is none."""
        return self.addresses.href(self.path, thing, self.language)

    def page_url(self, path: str, number: int = 1, anchor: str = "") -> str:
        """Return the relative URL of a page in the same language."""
        return self.addresses.relative_url(
            self.path, f"{page_path(path, number) or 'index'}.{self.language}.html", anchor
        )

    def file_url(self, path: str) -> str:
        """Return the relative URL of a file of the site."""
        return self.addresses.relative_url(self.path, path)

    def local_name(self, thing: str) -> str:
        """Return the last step of an IRI, which is its anchor on the page of its document."""
        return thing.replace("#", "/").rpartition("/")[2]

    def anchor(self, thing: str) -> str:
        """Return an anchor for a page that shows things of several documents."""
        return self.addresses.path(thing) or self.local_name(thing)

    # ---------------------------------------------------------------- statements

    def statement(self, thing: str) -> Statement:
        return read_statement(self.index, thing)

    def statements(self, entries: Iterable[Backlink]) -> list[Statement]:
        """Return the statements or events that are the entries of backlinks."""
        return [self.statement(entry.iri) for entry in entries]

    def attribution(self, statement: Statement) -> Message:
        """Return the sentence that says who makes a statement in whose words.

        It is to be filled with `speaker`, `reporter` and `quoted`.
        """
        is_own = sorted(statement.speakers) == sorted(statement.reporters)
        if statement.kind == "event":
            return ATTRIBUTIONS["event"]
        if statement.kind == "quotation":
            return ATTRIBUTIONS["quotation by itself" if is_own else "quotation"]
        act = "presupposition" if statement.presupposed else statement.kind
        if statement.voice == "own":
            return OWN_ACTS[act].filled(count=len(statement.speakers or statement.reporters))
        form = "quoted by itself" if statement.voice == "quoted" and is_own else statement.voice
        return ATTRIBUTIONS[form].filled(act=ACTS[act])

    def attribution_text(self, statement: Statement) -> str:
        """Return the same sentence, filled with labels."""
        roles = {
            "speaker": statement.speakers or statement.reporters,
            "reporter": statement.reporters,
            "quoted": statement.quoted,
        }
        names = {role: ", ".join(self.labels(things)) for role, things in roles.items()}
        return self.gettext(self.attribution(statement), **names)

    def chain(self, statement: Statement) -> list[tuple[Message, tuple[str, ...]]]:
        """Return who passes the words on, from the publisher to the speaker: label of the role, and who."""
        speakers = statement.speakers or statement.reporters
        chain = [(Message("Published by"), statement.reporters), (Message("Person quoted"), statement.quoted)]
        chain = [(role, things) for role, things in chain if things and things != speakers]
        return [*chain, (Message("Speaker"), speakers)] if speakers else chain

    def day(self, thing: str) -> str:
        """Return the ISO date of an event, a document or a statement's document."""
        return date_of(self.index, thing)

    def days(self, thing: str) -> tuple[str, str]:
        """Return the ISO dates on which an event happened or began, and ended."""
        return days_of(self.index, thing)

    def statements_about(self, thing: str) -> list[str]:
        return [name for name in self.index.pointing(thing, "schema:about") if self.index.is_a(name, *STATEMENTS)]

    def passage(self, statement: Statement) -> Passage | None:
        """Return the longest passage of a statement, in the language of the page where there is one."""
        languages = {text: self.index.first(text, "schema:inLanguage") for text in {p.text for p in statement.passages}}
        return max(
            statement.passages,
            key=lambda p: (languages[p.text] == self.language, p.end - p.start),
            default=None,
        )

    def passage_language(self, passage: Passage) -> str:
        return self.index.first(passage.text, "schema:inLanguage")

    def follow_ups(self, thing: str) -> list[str]:
        """Return the statements that report what became of a demand, the latest first."""
        follow_ups = self.index.pointing(thing, "wa:followUpOf")
        return sorted(follow_ups, key=lambda name: (self.index.first(name, "dcterms:valid"), name), reverse=True)
