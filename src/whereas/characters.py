"""Characters that material, XML and terminals cannot hold.

- Material: no control characters but tab and line ends, no noncharacters, no lone surrogates. What passes can be
  published in each format.
- XML 1.0 (https://www.w3.org/TR/xml/#charsets): no C0 controls but tab and line ends, no U+FFFE and U+FFFF. A carriage
  return has to be a reference, for a parser reads it as a line feed.
- A terminal obeys control characters (C0, C1) and the marks that override the direction of text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import IO

from whereas.i18n import Message

_C0 = r"\x00-\x08\x0b\x0c\x0e-\x1f"  # without tab, line feed and carriage return
_C1 = r"\x7f-\x9f"
_SURROGATES = r"\ud800-\udfff"
_NONCHARACTERS = r"\ufdd0-\ufdef" + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(17))
_BIDI = r"\u202a-\u202e\u2066-\u2069"  # marks alone, such as U+200F, change no other text and stay

_IN_MATERIAL = re.compile(f"[{_C0}{_C1}{_SURROGATES}{_NONCHARACTERS}]")
_IN_XML = re.compile(rf"[{_C0}{_SURROGATES}\ufffe\uffff]")
_IN_XML_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")  # the same in UTF-8, without surrogates
_ON_TERMINAL = re.compile(f"[{_C0}{_C1}{_BIDI}]")
_ESCAPED = re.compile(rf"[{_C0}{_C1}{_BIDI}{_SURROGATES}]")
_SURROGATE = re.compile(f"[{_SURROGATES}]")
_REPLACEMENT = "\ufffd"


def code_point(character: str) -> str:
    """Return `U+00A0 NO-BREAK SPACE` of a character; control characters and noncharacters have no name."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def not_utf8(error: UnicodeDecodeError) -> Message:
    """Return what is wrong with a file that is not UTF-8, and what to do."""
    return Message("not UTF-8: byte {byte} at offset {offset}; save the file as UTF-8", **not_utf8_values(error))


def not_utf8_values(error: UnicodeDecodeError) -> dict[str, str]:
    """Return the byte that is not UTF-8, and its offset."""
    return {"byte": f"0x{error.object[error.start]:02X}", "offset": str(error.start)}


def is_broken(text: str) -> bool:
    """Return whether `text` contains a lone surrogate: it is no Unicode text, and cannot be encoded."""
    return _SURROGATE.search(text) is not None


# -------------------------------------------------------------------- material


def forbidden_in_material(text: str) -> re.Match[str] | None:
    """Return the first character of `text` that material must not contain, or None."""
    return _IN_MATERIAL.search(text)


def forbidden_character_in(value: object) -> str:
    """Return the first such character in the texts of a JSON or TOML value, keys included, or the empty text."""
    if isinstance(value, str):
        match = forbidden_in_material(value)
        return match[0] if match else ""
    inner: Iterable[object] = ()
    if isinstance(value, Mapping):
        inner = (text for pair in value.items() for text in pair)
    elif isinstance(value, list | tuple):
        inner = value
    return next((character for each in inner if (character := forbidden_character_in(each))), "")


def material_advice(character: str) -> Message:
    """Return what to do about a character that material must not contain."""
    if character == "\f":
        return Message("it is a page break, as pdftotext writes it; replace it with a line end")
    if character == "\v":
        return Message("it is a line break within a paragraph; replace it with a line end")
    return Message("remove it")


# -------------------------------------------------------------------- XML


def xml_text(text: str) -> str:
    """Return `text` with U+FFFD for each character that XML cannot hold: for pages and feeds, not for data."""
    return _IN_XML.sub(_REPLACEMENT, text)


def xml_page(text: str) -> bytes:
    """Return a page of XML, rendered with all its values escaped, that is well-formed and keeps carriage returns."""
    return checked_xml(xml_text(text).encode())


class XmlError(ValueError):
    """XML cannot hold a character; `character` is that one."""

    def __init__(self, character: str) -> None:
        super().__init__(code_point(character))
        self.character = character


def checked_xml(content: bytes) -> bytes:
    """Return XML that was written without such care, its carriage returns as references.

    Raise `XmlError` when it contains a character that XML cannot hold.
    """
    if match := _IN_XML_BYTES.search(content):
        raise XmlError(match[0].decode())
    return content.replace(b"\r", b"&#13;")


class XmlSink:
    """A binary file that checks the XML written to it, as `checked_xml` does; to be flushed at the end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._rest = file, b""

    def write(self, chunk: bytes) -> int:
        content = self._rest + chunk
        cut = len(content) - next((size for size in (2, 1) if content.endswith(b"\xef\xbf"[:size])), 0)
        self._rest = content[cut:]  # the start of a character that ends in the next chunk
        self._file.write(checked_xml(content[:cut]))
        return len(chunk)

    def flush(self) -> None:
        self._file.write(checked_xml(self._rest))
        self._rest = b""


# -------------------------------------------------------------------- terminals


def for_terminal(text: str) -> str:
    """Return `text` without what a terminal obeys; line ends as line feeds, lone surrogates as U+FFFD."""
    text = _ON_TERMINAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _SURROGATE.sub(_REPLACEMENT, text)


def escaped(text: str) -> str:
    r"""Return JSON or Turtle with what a terminal obeys written as `\uXXXX`, which means the same there."""
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04X}", text)
