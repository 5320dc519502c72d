"""Read queries of the Reconciliation Service API, 0.2 and the draft of 1.0, and hold them to its limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sized
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from whereas.errors import ArgumentError
from whereas.http.errors import HTTPError
from whereas.i18n import Message
from whereas.server.reconciliation.candidates import Condition, ReconciliationQuery

BATCH_SIZE = 50  # queries, entities or properties in one request
MAX_LENGTH = 1000  # characters of a name or a value
MAX_PARAMETERS = 100
MAX_BODY = 1_000_000  # bytes

Collection = TypeVar("Collection", bound=Sized)
Expand = Callable[[str], str]  # from the compact name of a type or property to its IRI


def read_query(document: Any, expand: Expand, location: str) -> ReconciliationQuery:
    """Read a query of API 0.2."""
    query = read_object(document, location)
    types = query.get("type") or []
    strict = query.get("type_strict", "any")
    if strict not in ("any", "all", "should"):
        raise _invalid(
            Message("{location}: expected any, all or should, got '{value}'", value=strict), f"{location}: type_strict"
        )
    conditions = [
        condition
        for item in read_array(query.get("properties", []), location)
        for condition in _conditions(read_object(item, location), "pid", "v", expand, location)
    ]
    name = read_string(query.get("query") or "", f"{location}: query")
    return _query(name, [types] if isinstance(types, str) else types, strict, conditions, query, expand, location)


def read_draft_query(document: Any, expand: Expand, location: str) -> ReconciliationQuery:
    """Read a query of the draft of 1.0."""
    query = read_object(document, location)
    names, conditions = [], []
    for item in read_array(query.get("conditions"), f"{location}: conditions"):
        condition = read_object(item, location)
        if condition.get("matchType") == "name":
            names.append(read_string(condition.get("propertyValue") or "", f"{location}: propertyValue"))
        elif condition.get("matchType") == "property":
            conditions += _conditions(condition, "propertyId", "propertyValue", expand, location)
        else:
            raise _invalid(Message("{location}: expected name or property"), f"{location}: matchType")
    if len(names) > 1:
        message = Message("{location}: expected one name, got {count}", count=len(names))
        raise _invalid(message, f"{location}: conditions")
    types = [query["type"]] if query.get("type") else []
    return _query("".join(names), types, "any", conditions, query, expand, location)


def _query(
    name: str,
    types: Any,
    strict: str,
    conditions: list[Condition],
    query: Mapping[str, Any],
    expand: Expand,
    location: str,
) -> ReconciliationQuery:
    where = f"{location}: type"
    iris = tuple(expand(read_string(kind, where)) for kind in read_array(types, where))
    limit = min(read_integer(query.get("limit", 10), f"{location}: limit", 1), BATCH_SIZE)
    return ReconciliationQuery(name.strip(), iris, strict, tuple(conditions), limit)


def _conditions(
    document: Mapping[str, Any], id_key: str, value_key: str, expand: Expand, location: str
) -> list[Condition]:
    """Return the condition; none where it is of a blank cell."""
    property_ = expand(read_string(document.get(id_key), f"{location}: {id_key}"))
    value = document.get(value_key)
    values = read_array(value if isinstance(value, list) else [value], f"{location}: {value_key}")
    texts = tuple(_read_value(item, f"{location}: {value_key}") for item in values if item is not None and item != "")
    quantifier = document.get("matchQuantifier", "any")
    if quantifier not in ("any", "all", "none"):
        message = Message("{location}: expected any, all or none, got '{value}'", value=quantifier)
        raise _invalid(message, f"{location}: matchQuantifier")
    return [Condition(property_, texts, document.get("required") is True, quantifier)] if texts else []


# -------------------------------------------------------------------- values


def _invalid(message: Message, location: str) -> ArgumentError:
    return ArgumentError(message.filled(location=location))


def read_form(text: str) -> dict[str, str]:
    """Return names and values of a form or query string; of a repeated name, the last value."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS))
    except ValueError:
        raise ArgumentError(Message("too many parameters: expected at most {count}", count=MAX_PARAMETERS)) from None


def read_json(text: str, location: str) -> Any:
    """Parse JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid(Message("{location}: expected JSON: {error}", error=error), location) from None


def read_object(document: Any, location: str) -> dict[str, Any]:
    """Return the document, which is to be a JSON object."""
    if not isinstance(document, dict):
        raise _invalid(Message("{location}: expected an object"), location)
    return document


def read_array(document: Any, location: str) -> list[Any]:
    """Return the document, which is to be a JSON array of at most `BATCH_SIZE` items."""
    if not isinstance(document, list):
        raise _invalid(Message("{location}: expected an array"), location)
    return within_batch_size(document, location)


def within_batch_size(items: Collection, location: str) -> Collection:
    """Return the items. Raise `HTTPError` when there are more than one request may hold."""
    if len(items) > BATCH_SIZE:
        message = Message("{location}: expected at most {maximum}, got {count}", maximum=BATCH_SIZE, count=len(items))
        raise HTTPError(413, message.filled(location=location))
    return items


def read_string(document: Any, location: str) -> str:
    """Return the document, which is to be a JSON string of at most `MAX_LENGTH` characters."""
    if not isinstance(document, str):
        raise _invalid(Message("{location}: expected a string"), location)
    if len(document) > MAX_LENGTH:
        message = Message(
            "{location}: expected at most {maximum} characters, got {count}", maximum=MAX_LENGTH, count=len(document)
        )
        raise _invalid(message, location)
    return document


def _read_value(document: Any, location: str) -> str:
    """Return the value of a property as a string; of an entity that was reconciled before, its id."""
    if isinstance(document, dict):
        return read_string(document.get("id"), f"{location}: id")
    if isinstance(document, bool | int | float):
        return json.dumps(document)
    return read_string(document, location)


def read_integer(document: Any, location: str, minimum: int) -> int:
    """Return a whole number, of JSON or of a parameter."""
    text = str(int(document)) if isinstance(document, float) and document.is_integer() else str(document)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= minimum):
        message = Message(
            "{location}: expected a whole number from {minimum}, got '{text}'", minimum=minimum, text=text[:20]
        )
        raise _invalid(message, location)
    return int(text)
