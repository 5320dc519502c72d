"""Spellings that a reader takes for the same word, and words that differ in a mark."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whereas.text.folding import fold, fold_with_origins


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Impôt", "impot"), ("généré", "GENERE"), ("Łódź", "lodz"), ("Straße", "STRASSE"), ("İstanbul", "istanbul"),
        ("ışık", "isik"), ("Œuvre", "oeuvre"), ("Ærø", "aero"), ("Þingvellir", "thingvellir"), ("ﬁnance", "Finance"),
        ("ΓΕΝΕΣΗ", "Γένεση"), ("κόσμος", "ΚΟΣΜΟΣ"), ("Ёлкин", "елкин"), ("الأمة", "الامه"), ("كِتَابُ", "كتاب"),
        ("هدى", "هدي"), ("كـــتاب", "کتاب"), ("הַלִּיכּוּד", "הליכוד"), ("co\u00adopération", "cooperation"), ("ﾊﾞﾁｶﾝ", "バチカン"),
    ],
)  # fmt: skip
def test_spellings_of_one_word_are_folded_to_one(one, other):
    assert fold(one) == fold(other)
    assert fold(unicodedata.normalize("NFD", one)) == fold(unicodedata.normalize("NFC", other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("लोक", "काल"), ("कल", "काल"), ("कील", "काल"), ("བད", "བོད"), ("ปู", "ป่า"), ("ハチカン", "バチカン"), ("கலம்", "காலம்"), ("ရှုမ", "ရှမ်း")],
)  # fmt: skip
def test_words_that_differ_in_a_sign_of_their_script_stay_apart(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_is_done_once_for_all_and_in_any_normal_form(text):
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(text) == fold(unicodedata.normalize("NFC", text))


@given(st.text())
def test_every_folded_character_tells_where_it_stems_from(text):
    folded, origins = fold_with_origins(text)
    assert len(origins) == len(folded) + 1
    assert origins == sorted(origins) and origins[-1] == len(text)
