"""Full-text search of labels, passages and notes, in any script, accents and case folded.

SQLite's FTS5 indexes words, accents folded (unicode61); for scripts without spaces between words,
runs of three characters (trigram).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from whereas.rdf.namespaces import RDFS, SKOS
from whereas.rdf.terms import Quad, is_iri, language_of, value_of

FILE = "search.sqlite"
MOST = 50
_EXACT = "http://www.w3.org/ns/oa#exact"
KINDS = {
    f"{RDFS}label": "label",
    f"{SKOS}prefLabel": "label",
    f"{SKOS}altLabel": "label",
    "http://purl.org/dc/terms/title": "label",
    _EXACT: "passage",
    f"{SKOS}definition": "note",
    f"{SKOS}note": "note",
    f"{SKOS}scopeNote": "note",
    f"{RDFS}comment": "note",
}
# Factors of the rank: labels before passages before notes.
_WEIGHT = {"label": 4.0, "passage": 2.0, "note": 1.0}
_START, _END = "\x02", "\x03"
# Scripts written without spaces, or whose letters are not told apart by folding accents.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Hit:
    """A text that matches: the thing it belongs to, and its pieces, each with whether it matches."""

    iri: str
    kind: str  # "label", "passage" or "note"
    language: str
    pieces: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        return "".join(piece for piece, _ in self.pieces)


def write_index(folder: Path, quads: Iterable[Quad]) -> None:
    """Write the index of the quads into a file in `folder`."""
    path = folder / FILE
    path.unlink(missing_ok=True)
    rows = sorted(set(_rows(quads)))
    with sqlite3.connect(path) as index:
        for table, tokenizer in (("words", "unicode61 remove_diacritics 2"), ("runs", "trigram")):
            index.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5"
                f"(text, iri UNINDEXED, kind UNINDEXED, language UNINDEXED, tokenize = '{tokenizer}')"
            )
            index.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", rows)
    index.close()


def _rows(quads: Iterable[Quad]) -> Iterator[tuple[str, str, str, str]]:
    for subject, predicate, term, _ in quads:
        if row := text_of(subject, predicate[1:-1], term):
            yield row


def text_of(subject: str, predicate: str, term: str) -> tuple[str, str, str, str] | None:
    """Return the searchable text of a triple, the IRI it belongs to, its kind and language; None where there is none."""
    kind = KINDS.get(predicate)
    if not kind or not is_iri(subject) or is_iri(term):
        return None
    thing = subject[1:-1].removesuffix("-quote") if kind == "passage" else subject[1:-1]
    return value_of(term).translate({2: None, 3: None}), thing, kind, language_of(term)


class Search:
    """The index in a folder, to be used in the thread that opened it."""

    def __init__(self, folder: Path) -> None:
        self._index = sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)

    def find(self, words: str, language: str = "") -> list[Hit]:
        """Return the texts that have words starting with each of these, the best first, at most `MOST`.

        With a language, only texts in it and untagged ones. Without words, none.
        """
        words = words.replace("\0", " ")  # SQLite stops reading at NUL
        if _UNSPACED.search(words):
            return self._find("runs", words.split(), language)
        return self._find("words", re.findall(r"\w+", words), language)

    def _find(self, table: str, words: list[str], language: str) -> list[Hit]:
        where, arguments = [], {"language": language, "start": _START, "end": _END, "most": MOST}
        long = [word for word in words if table == "words" or len(word) >= 3]
        for number, word in enumerate(word for word in words if word not in long):
            where.append(f"instr(lower(text), :word{number})")  # LIKE twice makes SQLite 3.40 crash here
            arguments[f"word{number}"] = word.lower()
        if long:
            where.append(f"{table} MATCH :query")
            star = "*" if table == "words" else ""
            arguments["query"] = " ".join('"{}"{}'.format(word.replace('"', '""'), star) for word in long)
        if not where:
            return []
        marked = f"snippet({table}, 0, :start, :end, '…', 24)" if long else "substr(text, 1, 300)"
        weight = " ".join(f"WHEN '{kind}' THEN {weight}" for kind, weight in _WEIGHT.items())
        rank = f"bm25({table}) * CASE kind {weight} END" if long else "length(text)"
        rows = self._index.execute(
            f"SELECT iri, kind, language, {marked} FROM {table} WHERE {' AND '.join(where)}"
            " AND (:language = '' OR language = '' OR language = :language)"
            f" ORDER BY {rank}, iri, text LIMIT :most",
            arguments,
        )
        return [Hit(iri, kind, tag, tuple(_pieces(text))) for iri, kind, tag, text in rows]


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    for number, piece in enumerate(re.split(f"[{_START}{_END}]", text)):
        if piece:
            yield piece, number % 2 == 1
