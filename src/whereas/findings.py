"""Findings: what is wrong in which line of a file, by which rule."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from whereas.characters import code_point, material_advice
from whereas.i18n import Message, Translations, from_data, to_data

SEVERITIES = ("Violation", "Warning", "Info")
_SEVERITY = {"Violation": Message("violation"), "Warning": Message("warning"), "Info": Message("info")}


@dataclass(frozen=True, order=True)
class Location:
    """A line of a file; `path` is relative to the project, `line` counts from 1, and 0 is the whole file."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, order=True)
class Finding:
    """One result of a check; `focus`, `path` and `value` are those of a SHACL result, where there are any."""

    location: Location
    severity: str
    rule: str
    message: Message | Translations
    focus: str = ""
    path: str = ""
    value: str = ""

    def to_data(self) -> dict[str, Any]:
        """Return the finding as JSON data, for `from_data`."""
        return {
            "location": [self.location.path, self.location.line],
            "severity": self.severity,
            "rule": self.rule,
            "message": to_data(self.message),
            "focus": self.focus,
            "path": self.path,
            "value": self.value,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Finding:
        """Return the finding that `to_data` made the data of."""
        return cls(**{**data, "location": Location(*data["location"]), "message": from_data(data["message"])})

    def line(self, language: str = "en") -> str:
        """Return `location: severity: message`, the form that editors and terminals turn into a link."""
        severity = _SEVERITY[self.severity].in_language(language)
        return f"{self.location}: {severity}: {self.message.in_language(language)}"


def finding(rule: str, location: Location, *, severity: str = "Violation", focus: str = "", **values: Any) -> Finding:
    """Return the finding of a rule of `RULES`, its message filled with the values."""
    return Finding(location, severity, rule, RULES[rule].filled(**values), focus)


def described(character: str) -> str:
    """Return a character for a message: itself where it can be seen, and its code point and name."""
    name = code_point(character)
    is_visible = character.isprintable() and not character.isspace() and not unicodedata.combining(character)
    return f"'{character}' ({name})" if is_visible else name


def forbidden_character(location: Location, character: str, column: int) -> Finding:
    """Return the finding of a character that material must not contain."""
    advice = material_advice(character)
    return finding("control-character", location, character=code_point(character), column=column, advice=advice)


# Every rule for authors and its message: what, expected, got.
RULES = {
    "file-too-large": Message("file too large: expected at most {most} bytes, got {size}"),
    "file-outside": Message("symbolic link leads out of the project, to {target}"),
    "file-unreadable": Message("cannot be read: {reason}"),
    "file-name": Message("the name is not UTF-8; rename it"),
    "file-missing": Message("no such file"),
    "not-utf8": Message("not UTF-8: byte {byte} at offset {offset}; save the file as UTF-8"),
    "control-character": Message("{character} at column {column}: {advice}"),
    "yaml-syntax": Message("YAML: {problem}"),
    "yaml-key": Message("expected a string as key, got {got}"),
    "yaml-tag": Message("tag {tag} is not allowed in YAML-LD; quote the value if it starts with '!'"),
    "yaml-number": Message("the number {number} is too large to stay exact; quote it if it is a name"),
    "yaml-cycle": Message("an alias contains itself"),
    "yaml-aliases": Message("aliases expand to more than {most} values"),
    "yaml-depth": Message("nested deeper than {most} levels"),
    "duplicate-key": Message("duplicate key '{key}'"),
    "empty-value": Message("empty value for '{key}' (a bare '#' starts a comment)"),
    "null-value": Message("{key}: '{word}' is no value in YAML; quote it if it is a text, or delete the line"),
    "bare-quote": Message("quote: expected quoted or block text, got bare words (a bare '#', '!' or ': ' is lost)"),
    "not-yamlld": Message("expected a mapping with @context, id and graph, got {got}"),
    "unknown-key": Message("unknown key '{key}'{hint}"),
    "unknown-type": Message("unknown type '{type}'{hint}"),
    "unknown-prefix": Message("unknown prefix '{prefix}' in '{value}'{hint}"),
    "not-an-iri": Message("{key}: expected prefix:name or an IRI, got '{value}'{reason}"),
    "not-a-value": Message("{key}: expected {expected}, got {got}"),
    "value-lost": Message("{key}: a value is not published as written; please report it to the developers of Whereas"),
    "unknown-language": Message("unknown language '{language}'"),
    "language-twice": Message("{key}: '{language}' and '{other}' are one language; write all its texts under one tag"),
    "no-id": Message("a node without id"),
    "no-type": Message("'{id}' has no type"),
    "described-twice": Message("'{id}' is already described at {other}"),
    "no-file-name": Message("'{id}' cannot be the name of a page's file: {reason}; choose another id"),
    "same-files": Message(
        "'{id}' would have the same files as '{other}', described at {where}, where upper and lower case, accents "
        "or endings are not told apart; choose another id"
    ),
    "wrong-graph": Message("id: expected '{expected}' (the folder's graph), got '{got}'"),
    "json-ld": Message("JSON-LD: {problem}"),
    "text-changed": Message("sha256: the text {text} has changed, its digest is now {digest}"),
    "text-resaved": Message(
        "sha256: only {what} of the text {text} changed, as some editors and git for Windows do; restore the file, and write "
        "'*.txt -text' into .gitattributes, or else the digest {digest}"
    ),
    "text-missing": Message("the text {text} is not in the folder"),
    "text-unclaimed": Message("no node of type SourceText describes this text"),
    "text-twice": Message("expected one text per language, got a second in '{language}'"),
    "text-language": Message("expected a lang on this text or its document, got none"),
    "quote-form": Message(
        "quote: expected text, a list, a mapping by language or {{exact, prefix, suffix}}, got {got}"
    ),
    "quote-without-text": Message("quote: the document has no text in '{language}'"),
    "quote-not-found": Message("quote: not found in {text}, closest at {offset}: '{nearest}'{difference}"),
    "quote-ambiguous": Message("quote: found {count} times in {text}, at {offsets}; add prefix or suffix"),
    "quotation-without-marks": Message("quote: expected quotation marks around a Quotation, got none in {text}"),
    "verb-absent": Message("verb: '{verb}' not found in the cited paragraph"),
    "sentence-without-statement": Message("no node cites this sentence: '{sentence}'"),
    "link-columns": Message("expected the columns {expected}, got {got}"),
    "link-quotes": Message("expected a closing quote before the next tab, quotes within doubled, got '{got}'"),
    "link-value": Message("{column}: expected {expected}, got '{got}'{reason}"),
    "extract": Message("expected Wikidata's entity JSON, one item a line: {problem}"),
    "link-form": Message("object_id: expected {expected}, got '{got}'"),
    "link-absent": Message("{object} is not in the extract: not checked"),
    "link-gone": Message("{object} does not exist"),
    "link-moved": Message(
        "{object} is now {target}, judging by the name: Special:EntityData gives the item that another was merged into"
    ),
    "link-redirect": Message("{object} is now {target}"),
    "link-shared": Message("{object} is linked to {other} too, at {where}"),
    "last-check": Message("expected a line written by 'whereas link check --record'"),
    "minimum": Message("expected at least {least} of type {type}, got {count}"),
    "settings": Message("{problem}"),
    "turtle": Message("Turtle: {problem}"),
    "query": Message("{problem}"),
    "shapes": Message("{engine} rejected the shapes: {problem}"),
}
