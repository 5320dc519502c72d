"""Full-text search of labels, passages and notes in any script: texts and queries folded by one function.

SQLite's FTS5 indexes the folded texts by word and, for scripts without spaces between words, by runs of
three characters. `static/search.js` finds the same in a browser.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from whereas.rdf.namespaces import RDFS, SKOS
from whereas.rdf.terms import Quad, is_iri, language_of, value_of
from whereas.text.folding import fold, fold_with_origins, separate_words
from whereas.text.scripts import is_unspaced

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
AROUND = 120  # characters shown on each side of the first match in a long text; `static/search.js` has the same
# Hangul joins particles to words, so that a word is looked for within others, as where no spaces are written.
_HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")


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
        index.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, folded, text, iri, kind, language)")
        folded = ((separate_words(fold(row[0])), *row) for row in rows)
        index.executemany("INSERT INTO texts (folded, text, iri, kind, language) VALUES (?, ?, ?, ?, ?)", folded)
        # Words are separated already: the tokenizer `ascii` splits at spaces and leaves all other letters as they are.
        for table, tokenizer in (("words", "ascii"), ("runs", "trigram")):
            index.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5"
                f"(folded, content = 'texts', content_rowid = 'id', tokenize = '{tokenizer}')"
            )
            index.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
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
    return value_of(term), thing, kind, language_of(term)


class Search:
    """The index in a folder, to be used in the thread that opened it."""

    def __init__(self, folder: Path) -> None:
        self._index = sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)

    def find(self, words: str, language: str = "") -> list[Hit]:
        """Return the texts that have words starting with each of these, the best first, at most `MOST`.

        Where the words are in a script without spaces, the texts that contain each of them. With a
        language, only texts in it and untagged ones. Without words, none.
        """
        folded = separate_words(fold(words))
        starts = matches_starts(folded)
        wanted = folded.split()
        rows = self._rows(wanted, starts, language)
        return [Hit(iri, kind, tag, tuple(excerpt(text, wanted, starts=starts))) for iri, kind, tag, text in rows]

    def _rows(self, words: list[str], starts: bool, language: str) -> Iterator[tuple[str, str, str, str]]:
        table, where, arguments = "words" if starts else "runs", [], {"language": language.lower(), "most": MOST}
        long = [word for word in words if starts or len(word) >= 3]
        for number, word in enumerate(word for word in words if word not in long):
            where.append(f"instr(texts.folded, :word{number})")  # LIKE twice makes SQLite 3.40 crash here
            arguments[f"word{number}"] = word
        if long:
            where.append(f"{table} MATCH :query")
            arguments["query"] = " ".join(f'"{word}"{"*" * starts}' for word in long)  # no word has a quotation mark
        if not where:
            return
        weight = " ".join(f"WHEN '{kind}' THEN {weight}" for kind, weight in _WEIGHT.items())
        rank = f"bm25({table}) * CASE kind {weight} END" if long else "length(text)"
        source = f"{table} JOIN texts ON texts.id = {table}.rowid" if long else "texts"
        yield from self._index.execute(
            f"SELECT iri, kind, language, text FROM {source} WHERE {' AND '.join(where)}"
            " AND (:language = '' OR language = '' OR language = :language)"
            f" ORDER BY {rank}, iri, text LIMIT :most",
            arguments,
        )


def matches_starts(words: str) -> bool:
    """Whether these words are looked for at the start of words, not within others."""
    return not (is_unspaced(words) or _HANGUL.search(words))


def excerpt(text: str, words: Sequence[str], *, starts: bool) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a text, each with whether it matches a word; of a long one, those around the first match.

    The words are folded, and match where a word `starts` with one, or else anywhere.
    """
    folded, origins = fold_with_origins(text)
    pattern = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    matches = re.compile(rf"(?:^|(?<= ))(?:{pattern})" if starts else pattern).finditer(separate_words(folded))
    spans = [(origins[match.start()], _end(origins, match.end())) for match in matches]
    first = spans[0] if spans else (0, 0)
    start = max(0, first[0] - AROUND)
    end = min(len(text), first[1] + AROUND)
    if start:
        start = text.find(" ", start, first[0]) + 1 or start
        yield "…", False
    if end < len(text):
        end = max(text.rfind(" ", first[1], end), first[1]) if " " in text[first[1] : end] else end
    at = start
    for opening, closing in spans:
        if at <= opening and closing <= end:
            if at < opening:
                yield text[at:opening], False
            yield text[opening:closing], True
            at = closing
    if at < end:
        yield text[at:end], False
    if end < len(text):
        yield "…", False


def _end(origins: Sequence[int], index: int) -> int:
    """Return where the letter ends whose folded characters end at or after an index."""
    while origins[index] == origins[index - 1]:
        index += 1
    return origins[index]
