"""Turn the engine's syntax errors into sentences for people; `syntax.js` does the same in a browser."""

from __future__ import annotations

import re
import unicodedata

from whereas.characters import code_point
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
    if stray := _stray_character(query):
        return stray
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


# Characters that word processors and web pages put where SPARQL has others, outside of texts, IRIs and comments.
_SKIPPED = re.compile(
    r'"""(?:(?!""")(?:[^\\]|\\.))*"""|' + r"'''(?:(?!''')(?:[^\\]|\\.))*'''|"
    r'"(?:[^"\\\n\r]|\\.)*"|' + r"'(?:[^'\\\n\r]|\\.)*'|" + r'<[^<>"{}|^`\\\x00-\x20]*>|#[^\n\r]*',
    re.DOTALL,
)
# What no name contains (PN_CHARS of SPARQL 1.1), control characters, and the byte order mark, which one may.
_STRAY = re.compile(
    "[^\t\n\r\x20-\x7e\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1fff\u200c\u200d\u203f\u2040\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff]"
)


def _stray_character(query: str) -> Message | None:
    """Return what is wrong where a query contains a character that SPARQL does not know, such as a no-break space."""
    code = _SKIPPED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), query)
    match = _STRAY.search(code)
    if not match:
        return None
    category = unicodedata.category(match[0])
    if category in ("Pi", "Pf") or match[0] in "‚„":
        advice = Message("write \" or ' instead")
    elif category == "Pd" or match[0] == "\u2212":
        advice = Message("write - instead")
    elif category in ("Zs", "Zl", "Zp", "Cc"):
        advice = Message("write a space instead")
    else:
        advice = Message("remove it")
    return Message(
        "line {line}, column {column}: the character {character} is not SPARQL; {advice}",
        line=query.count("\n", 0, match.start()) + 1,
        column=match.start() - query.rfind("\n", 0, match.start()),
        character=code_point(match[0]),
        advice=advice,
    )
