"""What the engine says of a query that it cannot read, as a sentence for a person. `syntax.js` says the same in a browser."""

from __future__ import annotations

import re

from whereas.i18n import Message

_MOST = 6  # of what could stand there, told
_PLACE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_BEFORE = r"(?:\s|#[^\n]*\n|(?:PREFIX\s+[^\s<]*|BASE)\s*<[^>]*>)*"
_EMPTY = re.compile(rf"{_BEFORE}(?:#[^\n]*)?", re.IGNORECASE)
_UPDATE = re.compile(rf"{_BEFORE}(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE)
_REASONS = {  # what the engine says itself
    "IRI parsing failed": Message("an absolute IRI ends there, or should"),
    "variable that is unbound": Message("a variable that is selected is not bound"),
}
_NAME = re.compile(r"([\w.-]*):\S*$")


def complaint(query: str, told: str) -> Message:
    """What is wrong with a query, and where; `told` is the parser's list of what it wanted."""
    if _EMPTY.fullmatch(query):
        return Message("the query is empty")
    if _UPDATE.match(query):
        return Message("updates are refused: only queries are answered here")
    found = _PLACE.match(told)
    if not found:
        first = told.partition("\n")[0]
        return Message(first)
    line, column, wanted = int(found[1]), int(found[2]), found[3].replace("\n", " ")
    read = query.split("\n")[line - 1][: column - 1]
    if "Prefix not found" in wanted and (name := _NAME.search(read)):
        column = name.start() + 1
        reason = Message("the prefix {name}: is not declared", name=name[1])
    elif own := [reason for phrase, reason in _REASONS.items() if phrase in wanted]:
        reason = own[0]
    elif some := [each for each in wanted.split(", ") if re.fullmatch(r'[A-Za-z ]{2,}|"\S+"', each)]:
        named = ", ".join(some[:_MOST])
        reason = Message("expected {named}", named=named)
    else:
        reason = Message("no SPARQL from there on")
    return Message("line {line}, column {column}: {reason}", line=line, column=column, reason=reason)
