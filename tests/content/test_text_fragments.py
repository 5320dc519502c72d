"""A link to the original page leads to the passage that is cited, or has no fragment."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whereas.content.text_fragments import select, text_directive

TEXT = """The pier is closed. On Monday the council met. The pier is closed. Nobody came.
It was late. The pier is closed.
"""


def directive(text: str, exact: str, occurrence: int = 0) -> str:
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(exact, start + 1)
    return text_directive(text, start, start + len(exact))


@pytest.mark.parametrize(
    ("exact", "occurrence", "expected"),
    [
        ("On Monday the council met.", 0, "text=On%20Monday%20the%20council%20met."),
        ("The pier is closed.", 0, "text=The%20pier%20is%20closed."),
        ("The pier is closed.", 1, "text=met.-,The%20pier%20is%20closed."),
        ("The pier is closed.", 2, "text=late.-,The%20pier%20is%20closed."),
        ("closed. Nobody", 0, "text=closed.%20Nobody"),
    ],
)
def test_equal_passages_are_told_apart_by_the_words_around_them(exact, occurrence, expected):
    assert directive(TEXT, exact, occurrence) == expected


def test_long_passage_is_given_by_its_first_and_last_words():
    text = "The régime must release them: now, at once, and without any condition whatever - said Ms Brook."
    assert unquote(directive(text, text)) == "text=The régime must release,- said Ms Brook."
    assert "%2D" in directive(text, text)


def test_passage_over_paragraphs_is_given_by_its_ends():
    exact = "Nobody came.\nIt was late."
    assert directive(TEXT, exact) == "text=Nobody%20came.,It%20was%20late."


def test_sentence_without_spaces_is_cited_whole():
    text = "新疆警察文件显示大规模拘押。欧洲议会要求立即制裁。"
    assert unquote(directive(text, "欧洲议会要求立即制裁。")) == "text=欧洲议会要求立即制裁。"


def test_part_of_a_word_is_selected_by_the_rest_of_the_word():
    assert directive("the pierhead fell", "pier") == "text=pier,-head"
    assert unquote(directive("de l’autorité", "autorité")) == "text=l’-,autorité"


@pytest.mark.parametrize(
    ("text", "exact", "expected"),
    [
        ("The résumé. A resume here.", "resume", "text=A-,resume"),  # a browser compares base letters
        ("Say “no” now.", "”", "text=“no-,”"),
        ("新疆公安 公安", "公安", "text=新疆-,公安"),  # a dictionary may split 新疆公安
    ],
)
def test_what_a_browser_takes_for_equal_is_told_apart(text, exact, expected):
    assert unquote(directive(text, exact)) == expected


def test_no_break_space_is_kept_and_other_space_collapsed():
    assert directive("Wait:\u00a0  no", "Wait:\u00a0  no") == "text=Wait%3A%C2%A0%20no"


def test_passage_that_nothing_tells_apart_has_no_fragment():
    text = "Closed.\nClosed.\nClosed."
    assert text_directive(text, 8, 15) == ""
    assert text_directive(text, 0, 7) == "text=Closed."


@given(
    st.lists(st.sampled_from(["a", "b", "A", "é", "- x", "a,b", "&", "\n", "山"]), min_size=1, max_size=14), st.data()
)
def test_fragment_selects_the_passage_and_no_other(words, data):
    text = " ".join(words).replace(" \n ", "\n")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    passage = text[start:end]
    found = text_directive(text, start, end)
    assert passage.strip() or not found
    if found:
        terms = found.removeprefix("text=").split(",")
        prefix = unquote(terms.pop(0)[:-1]) if terms[0].endswith("-") else ""
        suffix = unquote(terms.pop()[1:]) if terms[-1].startswith("-") else ""
        first, last = unquote(terms[0]), unquote(terms[1]) if len(terms) > 1 else ""
        bounds = select(text, prefix, first, last, suffix)
        assert bounds is not None and text[slice(*bounds)] == passage.strip()
        assert bounds[0] == start + len(passage) - len(passage.lstrip())


@given(st.text(max_size=30), st.data())
def test_any_text_has_a_fragment_of_its_passage_or_none(text, data):
    start = data.draw(st.integers(0, len(text)))
    found = text_directive(text, start, data.draw(st.integers(start, len(text))))
    assert found.isascii() and (not found or found.startswith("text="))
