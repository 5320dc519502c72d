"""Turn the engine's syntax errors into sentences for people; `syntax.js` does the same in a browser."""

from __future__ import annotations

import re

from whereas.i18n import Message

_MOST = 6  # expected tokens that are listed
_POSITION = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_PROLOGUE = r"(?:\s|#[^\n]*\n|(?:PREFIX\s+[^\s<]*|BASE)\s*<[^>]*>)*"
_EMPTY = re.compile(rf"{_PROLOGUE}(?:#[^\n]*)?", re.IGNORECASE)
_UPDATE = re.compile(rf"{_PROLOGUE}(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE)
_REASONS = {  # by what the engine's message contains
    "IRI parsing failed": Message("expected an absolute IRI before this position"),
    "variable that is unbound": Message("a selected variable is not bound"),
}
_NAME = re.compile(r"([\w.-]*):\S*$")


def explain_syntax_error(query: str, error: str) -> Message:
    """Return what is wrong with a query, and where; `error` is the engine's message."""
    if _EMPTY.fullmatch(query):
        return Message("the query is empty")
    if _UPDATE.match(query):
        return Message("SPARQL updates are not allowed, only queries")
    match = _POSITION.match(error)
    if not match:
        return Message(error.partition("\n")[0])
    line, column, expected = int(match[1]), int(match[2]), match[3].replace("\n", " ")
    before = query.split("\n")[line - 1][: column - 1]
    if "Prefix not found" in expected and (name := _NAME.search(before)):
        column = name.start() + 1
        reason = Message("the prefix {name}: is not declared", name=name[1])
    elif known := [reason for phrase, reason in _REASONS.items() if phrase in expected]:
        reason = known[0]
    elif tokens := [token for token in expected.split(", ") if re.fullmatch(r'[A-Za-z ]{2,}|"\S+"', token)]:
        named = ", ".join(tokens[:_MOST])
        reason = Message("expected {named}", named=named)
    else:
        reason = Message("not SPARQL from this position on")
    return Message("line {line}, column {column}: {reason}", line=line, column=column, reason=reason)
