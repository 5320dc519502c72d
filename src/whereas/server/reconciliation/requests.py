"""What a client of the Reconciliation Service API asks, read and held to its limits, in 0.2 and the draft of 1.0."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sized
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from whereas.errors import ArgumentError
from whereas.http.errors import HTTPError
from whereas.server.reconciliation.candidates import Condition, Question

BATCH = 50  # queries, entities or properties in one request
LONGEST = 1000  # characters of a name or a value
MOST_BYTES = 1_000_000  # of a request

Some = TypeVar("Some", bound=Sized)
Named = Callable[[str], str]  # the IRI of a type or property by its compact name


def question(told: Any, named: Named, place: str) -> Question:
    """A query of API 0.2."""
    query = fields(told, place)
    types = query.get("type") or []
    strict = query.get("type_strict", "any")
    if strict not in ("any", "all", "should"):
        raise ArgumentError(f"{place}: type_strict: expected any, all or should, got '{strict}'")
    conditions = [
        condition
        for one in array(query.get("properties", []), place)
        for condition in _conditions(fields(one, place), "pid", "v", named, place)
    ]
    name = text_of(query.get("query") or "", f"{place}: query")
    return _whole(name, [types] if isinstance(types, str) else types, strict, conditions, query, named, place)


def draft_question(told: Any, named: Named, place: str) -> Question:
    """A query of the draft of 1.0."""
    query = fields(told, place)
    names, conditions = [], []
    for one in array(query.get("conditions"), f"{place}: conditions"):
        condition = fields(one, place)
        if condition.get("matchType") == "name":
            names.append(text_of(condition.get("propertyValue") or "", f"{place}: propertyValue"))
        elif condition.get("matchType") == "property":
            conditions += _conditions(condition, "propertyId", "propertyValue", named, place)
        else:
            raise ArgumentError(f"{place}: matchType: expected name or property")
    if len(names) > 1:
        raise ArgumentError(f"{place}: conditions: expected one name, got {len(names)}")
    types = [query["type"]] if query.get("type") else []
    return _whole("".join(names), types, "any", conditions, query, named, place)


def _whole(
    name: str, types: Any, strict: str, conditions: list[Condition], query: Mapping[str, Any], named: Named, place: str
) -> Question:
    kinds = tuple(named(text_of(kind, f"{place}: type")) for kind in array(types, f"{place}: type"))
    most = min(whole(query.get("limit", 10), f"{place}: limit", 1), BATCH)
    return Question(name.strip(), kinds, strict, tuple(conditions), most)


def _conditions(told: Mapping[str, Any], key: str, held: str, named: Named, place: str) -> list[Condition]:
    """The condition; none where the cell that it is of is blank."""
    property_ = named(text_of(told.get(key), f"{place}: {key}"))
    value = told.get(held)
    values = array(value if isinstance(value, list) else [value], f"{place}: {held}")
    texts = tuple(_value(one, f"{place}: {held}") for one in values if one is not None and one != "")
    quantifier = told.get("matchQuantifier", "any")
    if quantifier not in ("any", "all", "none"):
        raise ArgumentError(f"{place}: matchQuantifier: expected any, all or none, got '{quantifier}'")
    return [Condition(property_, texts, told.get("required") is True, quantifier)] if texts else []


# -------------------------------------------------------------------- values


def parameters(text: str) -> dict[str, str]:
    """Names and values of a form; the last value of a name counts."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise ArgumentError("the parameters cannot be read: expected at most 100") from None


def read_json(text: str, place: str) -> Any:
    """What a text of JSON holds."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ArgumentError(f"{place}: expected JSON: {problem}") from None


def fields(told: Any, place: str) -> dict[str, Any]:
    """An object of JSON."""
    if not isinstance(told, dict):
        raise ArgumentError(f"{place}: expected an object")
    return told


def array(told: Any, place: str) -> list[Any]:
    """An array of JSON, of at most `BATCH` items."""
    if not isinstance(told, list):
        raise ArgumentError(f"{place}: expected an array")
    return limited(told, place)


def limited(told: Some, place: str) -> Some:
    """What was given, where it is not more than one request may hold."""
    if len(told) > BATCH:
        raise HTTPError(413, f"{place}: expected at most {BATCH}, got {len(told)}")
    return told


def text_of(told: Any, place: str) -> str:
    """A text of JSON, of at most `LONGEST` characters."""
    if not isinstance(told, str):
        raise ArgumentError(f"{place}: expected a text")
    if len(told) > LONGEST:
        raise ArgumentError(f"{place}: expected at most {LONGEST} characters, got {len(told)}")
    return told


def _value(told: Any, place: str) -> str:
    """A value of a property as a text; of an entity that was reconciled before, its identifier."""
    if isinstance(told, dict):
        return text_of(told.get("id"), f"{place}: id")
    if isinstance(told, bool | int | float):
        return json.dumps(told)
    return text_of(told, place)


def whole(told: Any, place: str, least: int) -> int:
    """A whole number, of JSON or of a parameter."""
    text = str(int(told)) if isinstance(told, float) and told.is_integer() else str(told)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise ArgumentError(f"{place}: expected a whole number from {least}, got '{text[:20]}'")
    return int(text)
