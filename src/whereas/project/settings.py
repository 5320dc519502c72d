"""Settings: the table `[tool.whereas]` of `pyproject.toml`, what each key holds, and on which line it stands."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from whereas import iris
from whereas.errors import broken
from whereas.findings import Location
from whereas.i18n import Message

SETTINGS_FILE = "pyproject.toml"

# Keys of [tool.whereas], with what each holds.
SETTINGS = {
    "base": "IRI that the names of documents, entities and graphs start with, ends in /",
    "vocabulary": "IRI that the names of the ontology and its schemes start with, ends in /",
    "title": "name of the dataset, by language",
    "description": "what the dataset holds, by language",
    "publisher": "the entity that publishes the dataset, such as ent:somebody",
    "licence": "IRI of the data's licence",
    "rights": "what the licence does not cover, by language",
    "homepage": "address of the dataset's page",
    "contact": "address or page that those who run other servers can write to: it is told to Wikidata",
    "languages": "languages in which every label is given; the first is the default",
    "coverage": "places (spatial) and first and last day (from, to) the data speak of",
    "minimum": "least number of nodes of a type, by type: a build below it fails",
    "withdrawn": "paths below the base that no longer name anything, such as ent/somebody, each with its date and its reason by language",
    "stores": "triple stores that `whereas load` knows, by name",
    "site": "what the website features: `featured`, a list of saved queries that the home page links to, each a table of "
    "`query` (its name), `label` (text of the link by language; else the query's summary), and, for links from the pages of "
    "things, `parameter` (the parameter that takes the thing) and `linked_from` (which things: a list of tables of "
    "`property`, and `having`, values by property; the link stands on the page of each object of that property whose "
    "subject has these values)",
}


def read_settings(path: Path) -> dict[str, Any] | None:
    """The settings that stand in the file; None when it has none of ours.

    Raises `ProjectError` at the line of what is not as it should be.
    """
    try:
        text = path.read_text("utf-8")
        told = tomllib.loads(text)
    except UnicodeDecodeError as problem:
        raise _wrong(
            Location(SETTINGS_FILE, problem.object.count(b"\n", 0, problem.start) + 1),
            Message("not UTF-8"),
        ) from None
    except OSError as problem:
        reason = problem.strerror
        raise _wrong(Location(SETTINGS_FILE), Message("cannot be read: {reason}", reason=reason)) from None
    except tomllib.TOMLDecodeError as problem:
        sentence, _, where = str(problem).partition(" (at line ")
        line = int(where.partition(",")[0]) if where else text.count("\n") + 1
        sentence = sentence.removesuffix(" (at end of document)")
        raise _wrong(Location(SETTINGS_FILE, line), Message("TOML: {sentence}", sentence=sentence)) from None
    tools = told.get("tool", {})
    settings = tools.get("whereas") if isinstance(tools, dict) else None
    if settings is None:
        return None
    if not isinstance(settings, dict):
        raise _unexpected(Location(SETTINGS_FILE), "tool.whereas", Message("a table"), settings)
    for key, value in settings.items():
        location = setting_location(text, key)
        if key not in SETTINGS:
            near = iris.near(key, SETTINGS)
            raise _wrong(
                location,
                Message("unknown setting '{key}' in [tool.whereas]{near}", key=key, near=near),
            )
        expected, holds = _EXPECTED.get(key, _TEXT)
        if not holds(value) and key == "stores":  # whoever wrote a password there finds it told nowhere
            raise _wrong(location, kind_expected(key, expected, value))
        if not holds(value):
            raise _unexpected(location, key, expected, value)
    if "languages" in settings:
        settings["languages"] = tuple(settings["languages"])
    if "withdrawn" in settings:
        settings["withdrawn"] = {name.replace("#", "/"): table for name, table in settings["withdrawn"].items()}
    return settings


def setting_location(text: str, name: str, *keys: str) -> Location:
    """The line of the settings file that sets `name`, or the last of the nested `keys`, in any of TOML's forms.

    The nearest line above, where the very key is not found; 0 where nothing is.
    """
    wanted, at = ["tool", "whereas", name, *keys], Location(SETTINGS_FILE)
    table: list[str] = []
    found = 0
    for number, line in enumerate(text.split("\n"), 1):
        header = re.match(r"\s*\[\[?([^\]]*)\]", line)
        if header:
            table = _names(header[1])
        setting = re.match(r"\s*([\w.\-\"' ]+?)\s*=", line)
        path = table + (_names(setting[1]) if setting and not header else [])
        depth = _shared(path, wanted)
        if setting and depth == len(path):  # what is nested may stand on the same line
            while depth < len(wanted) and re.search(rf"[{{,]\s*[\"']?{re.escape(wanted[depth])}[\"']?\s*=", line):
                depth += 1
        if depth > max(found, 2):
            found, at = depth, Location(SETTINGS_FILE, number)
    return at


def _names(dotted: str) -> list[str]:
    return [name.strip().strip("\"'") for name in dotted.split(".")]


def _shared(path: list[str], wanted: list[str]) -> int:
    """How many names at the start of both are the same."""
    return next(
        (count for count, pair in enumerate(zip(path, wanted, strict=False)) if pair[0] != pair[1]),
        min(len(path), len(wanted)),
    )


def _wrong(location: Location, problem: Message) -> Exception:
    return broken("settings", location, problem=problem)


_KINDS = {
    str: Message("a text"),
    bool: Message("true or false"),
    int: Message("a number"),
    float: Message("a number"),
    list: Message("a list"),
    dict: Message("a table"),
}


def kind_expected(key: str, expected: Message, value: object) -> Message:
    """`key: expected …, got a list`: of the value no more than what TOML calls it, since it may be a secret."""
    got = _KINDS.get(type(value), Message("a date or a time"))
    return Message("{key}: expected {expected}, got {got}", key=key, expected=expected, got=got)


def _unexpected(location: Location, key: str, expected: Message, value: object) -> Exception:
    got = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return _wrong(
        location,
        Message("{key}: expected {expected}, got '{got}'", key=key, expected=expected, got=got)
        if isinstance(value, str)
        else Message("{key}: expected {expected}, got {got}", key=key, expected=expected, got=got),
    )


# ------------------------------------------------------------------ what each setting holds


def _is_base(value: object) -> bool:
    return isinstance(value, str) and value.endswith("/") and "//" in value and iris.is_absolute(value)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and (not value or iris.is_absolute(value))


def _is_by_language(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(text, str) and text for text in value.values())


def _are_languages(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(tag, str) and tag for tag in value)


def _are_counts(value: object) -> bool:
    return isinstance(value, dict) and all(type(count) is int and count >= 0 for count in value.values())


def _are_tables(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(table, dict) for table in value.values())


def _is_coverage(value: object) -> bool:
    if not isinstance(value, dict) or not value.keys() <= {"spatial", "from", "to"}:
        return False
    locations = value.get("spatial", [])
    days = [value[key] for key in ("from", "to") if key in value]
    fits = isinstance(locations, list) and all(map(_is_name, locations)) and all(type(day) is date for day in days)
    return fits and days == sorted(days)


def _is_withdrawn(value: object) -> bool:
    return isinstance(value, dict) and all(
        re.fullmatch(r"[\w-][\w.-]*(?:[/#][\w-][\w.-]*)+", path, re.ASCII)
        and isinstance(table, dict)
        and table.keys() == {"date", "reason"}
        and type(table["date"]) is date
        and _is_by_language(table["reason"])
        for path, table in value.items()
    )


def _is_site(value: object) -> bool:
    return isinstance(value, dict) and value.keys() <= {"featured"} and _are_featured(value.get("featured", []))


def _are_featured(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(table, dict)
        and {"query"} <= table.keys() <= {"query", "label", "parameter", "linked_from"}
        and isinstance(table["query"], str)
        and ("label" not in table or _is_by_language(table["label"]))
        and isinstance(table.get("parameter", ""), str)
        and ("linked_from" not in table or ("parameter" in table and _are_link_conditions(table["linked_from"])))
        for table in value
    )


def _are_link_conditions(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(table, dict)
        and {"property"} <= table.keys() <= {"property", "having"}
        and _is_name(table["property"])
        and isinstance(table.get("having", {}), dict)
        and all(_is_name(name) and _is_name(item) for name, item in table.get("having", {}).items())
        for table in value
    )


_TEXT: tuple[Message, Callable[[object], bool]] = (Message("a text"), lambda value: isinstance(value, str))
_BY_LANGUAGE = (
    Message('a text by language, such as { en = "…" }'),
    _is_by_language,
)
_IRI = (Message("an IRI"), _is_name)
_BASE = (Message("an IRI that ends in '/'"), _is_base)
_EXPECTED: dict[str, tuple[Message, Callable[[object], bool]]] = {
    "title": _BY_LANGUAGE,
    "description": _BY_LANGUAGE,
    "rights": _BY_LANGUAGE,
    "languages": (
        Message('a list of languages, such as ["en", "fr"]'),
        _are_languages,
    ),
    "coverage": (
        Message('spatial = ["ent:…"], from and to as days, the first before the last'),
        _is_coverage,
    ),
    "publisher": (Message("a name such as ent:somebody"), _is_name),
    "licence": _IRI,
    "homepage": _IRI,
    "minimum": (
        Message("a count by type, such as { Demand = 12 }"),
        _are_counts,
    ),
    "withdrawn": (
        Message('a date and a reason by language for each path below the base, such as "ent/somebody"'),
        _is_withdrawn,
    ),
    "stores": (Message("a table by name"), _are_tables),
    "site": (
        Message(
            'featured: a list of saved queries, such as { query = "…", parameter = "…", linked_from = [{ property = "…" }] }'
        ),
        _is_site,
    ),
    "base": _BASE,
    "vocabulary": _BASE,
}
