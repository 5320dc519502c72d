"""Full text search: labels, passages and notes, whatever their accents, script and case.

Words are found in an index that folds accents (SQLite's unicode61); writing without spaces between
words, in one of runs of three characters (trigram).
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
# What its finder sees first, of things found equally well.
_WEIGHT = {"label": 4.0, "passage": 2.0, "note": 1.0}
_START, _END = "\x02", "\x03"
# Scripts written without spaces, or whose letters are not told apart by folding accents.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Hit:
    """A text that was found: what it is of, and its words in pieces, those looked for marked True."""

    iri: str
    kind: str  # "label", "passage" or "note"
    language: str
    pieces: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        return "".join(piece for piece, _ in self.pieces)


def write_index(folder: Path, quads: Iterable[Quad]) -> None:
    """The index of these quads, in a file in `folder`."""
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
        if found := text_of(subject, predicate[1:-1], term):
            yield found


def text_of(subject: str, predicate: str, term: str) -> tuple[str, str, str, str] | None:
    """The text in a triple that is searched, what it is of, its kind and language; None where there is none."""
    kind = KINDS.get(predicate)
    if not kind or not is_iri(subject) or is_iri(term):
        return None
    thing = subject[1:-1].removesuffix("-quote") if kind == "passage" else subject[1:-1]
    return value_of(term).translate({2: None, 3: None}), thing, kind, language_of(term)


class Search:
    """The index in a folder, open for reading in the thread that opened it."""

    def __init__(self, folder: Path) -> None:
        self._index = sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)

    def find(self, words: str, language: str = "") -> list[Hit]:
        """The texts that hold every word or the beginning of it, the best first, at most `MOST`.

        With a language, only texts in it and texts that name none. No words find nothing.
        """
        words = words.replace("\0", " ")  # where SQLite stops reading
        if _UNSPACED.search(words):
            return self._find("runs", words.split(), language)
        return self._find("words", re.findall(r"\w+", words), language)

    def _find(self, table: str, words: list[str], language: str) -> list[Hit]:
        where, given = [], {"language": language, "start": _START, "end": _END, "most": MOST}
        long = [word for word in words if table == "words" or len(word) >= 3]
        for number, word in enumerate(word for word in words if word not in long):
            where.append(f"instr(lower(text), :word{number})")  # LIKE twice makes SQLite 3.40 crash here
            given[f"word{number}"] = word.lower()
        if long:
            where.append(f"{table} MATCH :query")
            star = "*" if table == "words" else ""
            given["query"] = " ".join('"{}"{}'.format(word.replace('"', '""'), star) for word in long)
        if not where:
            return []
        marked = f"snippet({table}, 0, :start, :end, '…', 24)" if long else "substr(text, 1, 300)"
        weight = " ".join(f"WHEN '{kind}' THEN {weight}" for kind, weight in _WEIGHT.items())
        rank = f"bm25({table}) * CASE kind {weight} END" if long else "length(text)"
        rows = self._index.execute(
            f"SELECT iri, kind, language, {marked} FROM {table} WHERE {' AND '.join(where)}"
            " AND (:language = '' OR language = '' OR language = :language)"
            f" ORDER BY {rank}, iri, text LIMIT :most",
            given,
        )
        return [Hit(iri, kind, tag, tuple(_pieces(text))) for iri, kind, tag, text in rows]


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    for number, piece in enumerate(re.split(f"[{_START}{_END}]", text)):
        if piece:
            yield piece, number % 2 == 1
