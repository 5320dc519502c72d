"""Settings: the table `[tool.whereas]` of `pyproject.toml`, and the line of each of its keys."""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from whereas import iris
from whereas.characters import code_point, forbidden_character_in, material_advice, not_utf8
from whereas.errors import broken
from whereas.findings import Location
from whereas.i18n import Message
from whereas.project.languages import is_language
from whereas.rdf.serialization import iri_problem

SETTINGS_FILE = "pyproject.toml"


def read_settings(path: Path) -> dict[str, Any] | None:
    """Read the settings; return None when the file has no [tool.whereas].

    Raise `ProjectError` with the line of an invalid setting.
    """
    try:
        text = path.read_text("utf-8-sig")
        content = tomllib.loads(text)
    except UnicodeDecodeError as problem:
        raise _wrong(
            Location(SETTINGS_FILE, problem.object.count(b"\n", 0, problem.start) + 1),
            not_utf8(problem),
        ) from None
    except OSError as problem:
        reason = problem.strerror
        raise _wrong(Location(SETTINGS_FILE), Message("cannot be read: {reason}", reason=reason)) from None
    except tomllib.TOMLDecodeError as problem:
        message, _, position = str(problem).partition(" (at line ")
        line = int(position.partition(",")[0]) if position else text.count("\n") + 1
        message = message.removesuffix(" (at end of document)")
        raise _wrong(Location(SETTINGS_FILE, line), Message("TOML: {problem}", problem=message)) from None
    tools = content.get("tool", {})
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
        if character := forbidden_character_in(value):
            code, advice = code_point(character), material_advice(character)
            raise _wrong(location, Message("{key}: {character}: {advice}", key=key, character=code, advice=advice))
        setting = SETTINGS[key]
        if not setting.is_valid(value):
            if key == "stores":  # the value may contain a password: never print it
                raise _wrong(location, kind_expected(key, setting.expected, value))
            if isinstance(value, str) and iris.is_absolute(value) and (wrong := iri_problem(value)):
                template = Message("{key}: '{value}' is not a valid IRI: {problem}")
                raise _wrong(location, template.filled(key=key, value=value, problem=wrong))
            raise _unexpected(location, key, setting.expected, value)
    if "languages" in settings:
        settings["languages"] = tuple(dict.fromkeys(map(_in_lower_case, settings["languages"])))
    for key in ("title", "description", "rights"):
        if key in settings:
            settings[key] = _by_language(settings[key])
    if "withdrawn" in settings:
        settings["withdrawn"] = {
            name.replace("#", "/"): {**table, "reason": _by_language(table["reason"])}
            for name, table in settings["withdrawn"].items()
        }
    return settings


def _in_lower_case(tag: str) -> str:
    """Return a language tag as RDF has it; what is none, as it is written, for the finding about it."""
    return tag.lower() if is_language(tag) else tag


def _by_language(texts: Mapping[str, str]) -> dict[str, str]:
    return {_in_lower_case(tag): text for tag, text in texts.items()}


def setting_location(text: str, name: str, *keys: str) -> Location:
    """Return the location of setting `name`, or of the last of the nested `keys`, in any TOML syntax.

    Fall back to the line of the innermost table or key that is found, and to line 0.
    """
    target, location = ["tool", "whereas", name, *keys], Location(SETTINGS_FILE)
    table: list[str] = []
    deepest = 2  # [tool.whereas] itself
    for number, line in enumerate(text.split("\n"), 1):
        header = re.match(r"\s*\[\[?([^\]]*)\]", line)
        if header:
            table = _names(header[1])
        assignment = re.match(r"\s*([\w.\-\"' ]+?)\s*=", line)
        path = table + (_names(assignment[1]) if assignment and not header else [])
        depth = _common_prefix(path, target)
        if assignment and depth == len(path):  # an inline table may hold the rest of the path
            while depth < len(target) and re.search(
                rf"[{{,]\s*[\"']?{re.escape(target[depth])}[\"']?\s*=", line, re.IGNORECASE
            ):
                depth += 1
        if depth > deepest:
            deepest, location = depth, Location(SETTINGS_FILE, number)
    return location


def _names(dotted: str) -> list[str]:
    return [name.strip().strip("\"'") for name in dotted.split(".")]


def _common_prefix(path: list[str], target: list[str]) -> int:
    """Count the equal names at the start of both."""
    return sum(
        1 for _ in itertools.takewhile(lambda pair: pair[0].lower() == pair[1].lower(), zip(path, target, strict=False))
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
    """Return `key: expected …, got a list`: only the type of the value, because it may be a secret."""
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


# ------------------------------------------------------------------ validity of the values


def _is_base(value: object) -> bool:
    return isinstance(value, str) and value.endswith("/") and "//" in value and _is_name(value)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and (not value or (iris.is_absolute(value) and not iri_problem(value)))


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
    places = value.get("spatial", [])
    days = [value[key] for key in ("from", "to") if key in value]
    fits = isinstance(places, list) and all(map(_is_name, places)) and all(type(day) is date for day in days)
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


# ------------------------------------------------------------------ the table


@dataclass(frozen=True)
class Setting:
    """A key of [tool.whereas]: its description for the reference, what its value is expected to be, and whether it is."""

    description: str
    expected: Message
    is_valid: Callable[[object], bool]


_BASE = (Message("an IRI that ends in '/'"), _is_base)
_IRI = (Message("an IRI"), _is_name)
_BY_LANGUAGE = (Message('a text by language, such as { en = "…" }'), _is_by_language)

SETTINGS = {
    "base": Setting("base IRI of documents, entities and graphs; ends in /", *_BASE),
    "vocabulary": Setting("base IRI of the ontology and its concept schemes; ends in /", *_BASE),
    "title": Setting("title of the dataset, by language", *_BY_LANGUAGE),
    "description": Setting("description of the dataset, by language", *_BY_LANGUAGE),
    "publisher": Setting(
        "entity that publishes the dataset, such as ent:somebody", Message("a name such as ent:somebody"), _is_name
    ),
    "licence": Setting("IRI of the licence of the data", *_IRI),
    "rights": Setting("what the licence does not cover, by language", *_BY_LANGUAGE),
    "homepage": Setting("URL of the dataset's home page", *_IRI),
    "contact": Setting(
        "e-mail address or URL for corrections and for operators of other servers, which get it in the User-Agent header; "
        "by default the homepage",
        Message("a text"),
        lambda value: isinstance(value, str),
    ),
    "languages": Setting(
        "languages of the labels, as BCP 47 tags; the first is the default",
        Message('a list of languages, such as ["en", "fr"]'),
        _are_languages,
    ),
    "coverage": Setting(
        "places (`spatial`) and first and last day (`from`, `to`) that the data are about",
        Message('spatial = ["ent:…"], from and to as days, the first before the last'),
        _is_coverage,
    ),
    "minimum": Setting(
        "minimum number of nodes, by type; a build with fewer fails",
        Message("a count by type, such as { Demand = 12 }"),
        _are_counts,
    ),
    "withdrawn": Setting(
        "withdrawn IRIs, as paths below the base such as ent/somebody, each with its `date` and its `reason` by language",
        Message('a date and a reason by language for each path below the base, such as "ent/somebody"'),
        _is_withdrawn,
    ),
    "stores": Setting("triple stores for `whereas load`, by name", Message("a table by name"), _are_tables),
    "site": Setting(
        "what the website features: `featured`, a list of saved queries that the home page links to, each a table of "
        "`query` (its name), `label` (text of the link by language; else the query's summary), and, for links from the "
        "pages of entities, `parameter` (the parameter that takes the entity) and `linked_from` (which entities: a list of "
        "tables of `property`, and `having`, values by property; the link stands on the page of each object of that "
        "property whose subject has these values)",
        Message(
            'featured: a list of saved queries, such as { query = "…", parameter = "…", linked_from = [{ property = "…" }] }'
        ),
        _is_site,
    ),
}
