"""How two names agree, in many scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whereas.linking.matching import POINTS, EntityRecord, compare
from whereas.linking.names import alike, keys, nearly_alike, words
from whereas.rdf.wikibase import Item
from whereas.text.folding import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("काल", other) for other in ("लोक", "कल", "कील", "कुल", "काला")),
        ("बिहार", "बहार"), ("नेपाल", "नपाल"),
        ("བོད", "བད"), ("བོད་ལྗོངས", "ལྗོངས་བོད"),
        ("ป่า", "ปู"), ("ป่า", "ปา"), ("ชินวัตร ทักษิณ", "ทักษิน ชินวัตร"),
        ("ရှမ်း", "ရှုမ"), ("கோலம்", "கலம்"), ("ខ្មែរ", "ខ្មារ"), ("ລາວ", "ລວ"),
        ("バチカン", "ハチカン"), ("ガンジー", "カンシー"),
        ("陕西", "山西"), ("张伟", "章伟"), ("张伟", "张卫"), ("陕西省公安厅", "山西省公安厅"), ("張偉", "章偉"),
        ("Путин", "Путина"), ("서울", "설"), ("العراق", "العرق"),
    ],
)  # fmt: skip
def test_names_of_one_script_with_other_letters_are_other_names(one, other):
    assert alike(one, other) == alike(other, one) == ""


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("Łódź", "łódź", "label"),
        ("Łódź", "Lodz", "folded"),
        ("Raphaël Glucksmann", "GLUCKSMANN Raphael", "folded"),
        ("Γένεση", "ΓΕΝΕΣΗ", "folded"),
        ("הליכוד", "הַלִּיכּוּד", "folded"),
        ("محمّد", "محمد", "folded"),
        ("Горбачёв", "горбачев", "folded"),
        ("नरेन्द्र मोदी", "मोदी नरेन्द्र", "folded"),
        ("习 近平", "习近平", "folded"),
        ("བོད་", "བོད", "folded"),
        ("Di Caprio", "DiCaprio", "folded"),
        ("Əliyev", "Eliyev", "folded"),
        ("Vladimir Putin", "Vladimir Vladimirovich Putin", "words"),
        ("Владимир Путин", "Владимир Владимирович Путин", "words"),
        ("习近平", "Xi Jinping", "script"),
        ("Путин", "PUTIN", "script"),
        ("Сергей", "Sergei", "script"),
        ("Сергей", "Sergey", "script"),
        ("काल", "Kal", "script"),
        ("バチカン", "ばちかん", "script"),
        ("习近平", "習近平", "script"),  # simplified and traditional characters
        ("陕西", "陝西", "script"),
        ("习近平", "Hu Jintao", ""),
        ("!", "?", ""),
    ],
)
def test_names_agree_as_far_as_their_letters_do(one, other, agreement):
    assert alike(one, other) == alike(other, one) == agreement


def test_romanisation_weighs_clearly_less_than_the_name():
    assert POINTS["script"] <= POINTS["alias"] - 10


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("Raphael Gluksman", "Raphaël Glucksmann", "near"),
        ("Владимир Путн", "Владимир Путин", "near"),
        ("中国共产党中央委员会", "中国共产党中央委会", "near"),
        ("陕西省公安厅", "山西省公安厅", ""),
        ("बिहार", "बहार", ""),
        ("Tohti", "Ilham Tohti", "part"),
        ("拜登", "乔·拜登", "part"),
        ("བོད", "བོད་ལྗོངས", ""),
        ("кал", "Kal", ""),
    ],
)
def test_misspelt_names_are_compared_in_their_own_script(one, other, agreement):
    assert nearly_alike(one, other) == nearly_alike(other, one) == agreement


@pytest.mark.parametrize(
    ("labels", "other", "agrees"),
    [
        ({"en": "Zhang Wei", "zh": "张伟"}, "章伟", False),
        ({"en": "Zhang Wei"}, "章伟", True),
        ({"en": "Zhang Wei", "zh": "张伟"}, "張偉", True),
        ({"en": "Xi Jinping", "ru": "Си Цзиньпин"}, "习近平", True),
    ],
)
def test_romanised_name_counts_only_where_the_names_cannot_be_compared(labels, other, agrees):
    match = compare(EntityRecord("urn:x", labels), Item("Q1", {"zh": other}))
    assert (match is not None) == agrees
    if match:
        assert (
            str(match.reasons[0].message.in_language("en")) == f"it is called {other}, which agrees only when romanised"
        )


SCRIPTS = st.sampled_from(
    [
        "क",
        "का",
        "कि",
        "की",
        "कु",
        "के",
        "को",
        "ल",
        "लो",
        "व",
        "न",
        "मो",
        "बो",
        "བ",
        "བོ",
        "བུ",
        "ป่",
        "ปู",
        "ป",
        "า",
        "မ",
        "မ်",
        "မ္",
        "ハ",
        "バ",
        "パ",
        "カ",
        "ガ",
        "க",
        "கா",
        "கொ",
        "山",
        "陕",
        "章",
        "张",
    ]
)


@given(st.lists(SCRIPTS, min_size=1, max_size=6).map("".join), st.lists(SCRIPTS, min_size=1, max_size=6).map("".join))
def test_what_is_no_accent_is_never_dropped(one, other):
    agreement = alike(one, other)
    if fold(one) == fold(other):
        assert agreement in ("label", "folded")
    else:
        assert agreement in ("", "script")


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_two_texts_can_be_compared_either_way_round(one, other):
    assert alike(one, other) == alike(other, one)
    assert nearly_alike(one, other) == nearly_alike(other, one)
    assert alike(one, one) == "label"
    if alike(one, other) == "folded":
        assert keys(one) & keys(other)  # so that an index finds it


@given(st.text(max_size=30))
def test_words_of_a_name_are_its_letters(name):
    assert all(word and not word.isspace() for word in words(name))
