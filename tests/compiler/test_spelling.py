"""Quotes are anchored whatever nobody sees; letters, digits and words are never taken for others."""

import hashlib
import itertools
import unicodedata

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from authoring import DOCUMENT, PAGE, TEXT, compiled, lines, write_project
from whereas.compiler.passages import Ambiguous, NotFound, Span, Text
from whereas.compiler.spelling import spell

EXAMPLES = settings(max_examples=200, deadline=None)
# What is in a text, and what may be written for it in a quote.
SAME = {
    " ": ["\u00a0", "\u202f", "\u2009", "\n", "\r\n", "  ", "\u200b "],
    "-": ["\u2010", "\u2011", "\u2013", "\u2212"],
    "'": ["\u2019", "\u02bc", "\u2018"],
    "a": ["a\u00ad", "a\u200d", "a\ufeff", "\uff41"],
    "é": ["e\u0301"],
    "fi": ["\ufb01"],
    "한": [unicodedata.normalize("NFD", "한")],
    "7": ["\uff17"],
}
PIECES = st.lists(st.sampled_from(sorted(SAME)), min_size=1, max_size=12)


def text(content: str) -> Text:
    return Text("text.fr", "fr", content)


def words_in(content: str, words: str) -> str:
    span = text(content).find(words)
    return content[span.start : span.end]


@EXAMPLES
@given(PIECES, st.randoms(use_true_random=False))
def test_words_are_found_in_any_spelling_that_looks_the_same(pieces, random):
    assume(" " not in (pieces[0], pieces[-1]) and (" ", " ") not in itertools.pairwise(pieces))
    content, words = ("".join(random.choice([piece, *SAME[piece]]) for piece in pieces) for _ in range(2))
    span = text(f"[{content}]").find(words)
    assert spell(f"[{content}]"[span.start : span.end]).text == spell(content).text


@EXAMPLES
@given(st.text("aeéfi1²½-'’ \u00a0\u0301", max_size=12), st.text("aeéfi1²½-'’ \u00a0\u0301", min_size=1, max_size=4))
@example("cessé", "cesse")
def test_letters_and_digits_of_what_is_found_are_those_of_the_quote(content, words):
    try:
        span = text(content).find(words)
    except (NotFound, Ambiguous):
        return

    def letters(part: str) -> list[str]:
        return [each for each in unicodedata.normalize("NFC", part) if each.isalnum()]

    assert letters(content[span.start : span.end]) == letters(words)


@pytest.mark.parametrize(
    ("content", "words", "difference"),
    [
        ("cessé la", "cesse la", "'e' (U+0065 LATIN SMALL LETTER E) in the quote, 'é' (U+00E9 LATIN SMALL LETTER E WITH ACUTE) in the text"),
        ("cesse\u0301", "cesse", "'e' (U+0065 LATIN SMALL LETTER E) in the quote, 'é' (U+00E9 LATIN SMALL LETTER E WITH ACUTE) in the text"),
        ("한", "하", "'하' (U+D558 HANGUL SYLLABLE HA) in the quote, '한' (U+D55C HANGUL SYLLABLE HAN) in the text"),
        ("il a dit 10² fois", "dit 102", "'2' (U+0032 DIGIT TWO) in the quote, '²' (U+00B2 SUPERSCRIPT TWO) in the text"),
        ("12\u00a0000 people", "12000 people", "'0' (U+0030 DIGIT ZERO) in the quote, U+00A0 NO-BREAK SPACE in the text"),
        ("Bank", "Ban\u043a", "'\u043a' (U+043A CYRILLIC SMALL LETTER KA) in the quote, 'k' (U+006B LATIN SMALL LETTER K) in the text"),
        ("The end", "The end of it", "U+0020 SPACE in the quote, nothing more in the text"),
    ],
)  # fmt: skip
def test_first_difference_is_named(content, words, difference):
    with pytest.raises(NotFound) as problem:
        text(content).find(words)
    assert str(problem.value.difference) == f"; first difference: {difference}"


def test_line_end_is_a_space_and_a_blank_line_is_not():
    assert words_in("a\r\nb\r\n\r\nc", "a b") == "a\r\nb"
    assert words_in("a\r\nb\r\n\r\nc", "b\n\nc") == "b\r\n\r\nc"
    with pytest.raises(NotFound):
        text("a\r\nb\r\n\r\nc").find("b c")


def test_word_hyphenated_by_a_soft_hyphen_is_one_word():
    assert words_in("immedi\u00ad\nate", "immediate") == "immedi\u00ad\nate"


def test_several_spellings_of_the_words_are_ambiguous():
    with pytest.raises(Ambiguous) as problem:
        text("x a\u2009b x a\u00a0b").find("a b")
    assert problem.value.offsets == [2, 8]
    assert text("x a\u2009b y a\u00a0b").find("a b", prefix="y\u00a0") == Span(8, 11)


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: f"\ufeff{text}"])
def test_text_with_windows_line_ends_or_a_byte_order_mark_is_published_as_it_is(tmp_path, change):
    changed = change(TEXT)
    digests = [hashlib.sha256(each.encode()).hexdigest() for each in (TEXT, changed)]
    document = DOCUMENT.replace(*digests).replace('["Act now.", "Anna warns"', '["Act now.", "failed. Anna warns"')
    project = write_project(tmp_path, {"note/document.yaml": document, "note/text.en.txt": changed.encode()})
    findings, quads = compiled(project)
    assert not findings
    line_end = "\\r\\n" if "\r" in changed else "\\n"
    exact = {value for _, predicate, value, _ in quads if predicate.endswith("oa#exact>")}
    assert f'"failed.{line_end}Anna warns"' in exact


def test_verb_is_found_in_any_spelling(tmp_path):
    document = DOCUMENT.replace("{en: warns}", '{en: "war\u00adns"}')
    assert lines(write_project(tmp_path, {**PAGE, "note/document.yaml": document})) == []
