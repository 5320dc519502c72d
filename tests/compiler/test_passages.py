"""Quotes are anchored to the character; sentences and coverage of texts."""

import itertools

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from authoring import ROOT
from whereas.compiler.passages import Ambiguous, NotFound, Span, Text, measure_coverage
from whereas.compiler.spelling import spell

EXAMPLES = settings(max_examples=200, deadline=None)
CHARACTERS = st.sampled_from("ab é.!\n«»“”😀𒀀’")
CONTENTS = st.text(CHARACTERS, min_size=1, max_size=40)


def text(content: str) -> Text:
    return Text("text.fr", "fr", content)


@st.composite
def cut(draw):
    """A text and a span of it."""
    content = draw(CONTENTS)
    start = draw(st.integers(0, len(content) - 1))
    return content, Span(start, draw(st.integers(start + 1, len(content))))


# -------------------------------------------------------------------- quotes


@EXAMPLES
@given(cut())
def test_quote_with_all_text_around_it_is_unambiguous(content_and_span):
    content, span = content_and_span
    before, words, after = content[: span.start], content[span.start : span.end], content[span.end :]
    assert text(content).find(words, before, after) == span


@EXAMPLES
@given(CONTENTS, st.text(CHARACTERS, min_size=1, max_size=3))
@example("aaa", "aa")
@example("a", "aaa")
def test_quote_is_found_where_it_occurs_and_nowhere_else(content, words):
    offsets = [at for at in range(len(content)) if content[at : at + len(words)] == words]
    assume(offsets or spell(words).text.strip() not in spell(content).text)  # the others: test_spelling.py
    try:
        assert offsets == [text(content).find(words).start]
    except Ambiguous as problem:
        assert len(offsets) > 1
        assert problem.offsets == offsets
    except NotFound as problem:
        assert not offsets
        assert content[problem.offset :].startswith(problem.nearest)


def test_offsets_count_code_points():
    assert text("😀𒀀 été").find("été") == Span(3, 6)


def test_prefix_and_suffix_choose_between_occurrences():
    content = text("Yes, he said. Yes, she said.")
    assert content.find("Yes", suffix=", she") == Span(14, 17)
    assert content.find("said", prefix=", he ") == Span(8, 12)


@pytest.mark.parametrize(
    ("around", "offset", "nearest"),
    [
        ({"suffix": " Nay."}, 4, "Yea. Yes."),
        ({"prefix": "Or. "}, 0, "No. Yea."),
        ({"prefix": "Oh no. "}, 0, "No. Yea."),
    ],
)
def test_quote_between_other_words_is_reported_with_the_words_around_it(around, offset, nearest):
    with pytest.raises(NotFound) as problem:
        text("No. Yea. Yes.").find("Yea.", **around)
    assert (problem.value.offset, problem.value.nearest) == (offset, nearest)


# -------------------------------------------------------------------- identifiers


@EXAMPLES
@given(st.text("abc ", min_size=1), st.text("xyz\n😀"), st.text("xyz\n😀"))
def test_passage_keeps_its_identifier_when_the_rest_of_the_text_changes(words, before, after):
    alone, among = text(words), text(before + words + after)
    at = Span(len(before), len(before) + len(words))
    assert among.identifier(at) == alone.identifier(Span(0, len(words)))


@EXAMPLES
@given(cut(), cut())
def test_two_passages_of_a_text_have_different_identifiers(one, other):
    content, span = one
    shifted = Span(min(other[1].start, len(content) - 1), min(other[1].end, len(content)))
    assume(span != shifted and shifted.start < shifted.end)
    assert text(content).identifier(span) != text(content).identifier(shifted)


def test_passages_of_two_texts_have_different_identifiers():
    assert Text("text.fr", "fr", "Oui").identifier(Span(0, 3)) != Text("text.en", "en", "Oui").identifier(Span(0, 3))


# -------------------------------------------------------------------- quotation marks


@pytest.mark.parametrize("content", ["Il dit « Non ».", "Il dit «\u202fNon.\u202f»", "Il dit “Non,” puis", "“Non”"])
def test_words_between_quotation_marks_are_quoted(content):
    quoted = text(content)
    assert quoted.is_quoted(quoted.find("Non"))


@pytest.mark.parametrize("content", ["Il dit Non.", "« Il dit Non »", "« Non, dit-il »", "Non »", "« Non"])
def test_words_without_enclosing_marks_are_not_quoted(content):
    unquoted = text(content)
    assert not unquoted.is_quoted(unquoted.find("Non"))


# -------------------------------------------------------------------- sentences


@EXAMPLES
@given(CONTENTS)
def test_every_letter_is_in_one_sentence_of_one_line(content):
    spans = text(content).sentences
    assert list(spans) == sorted(spans)
    assert all(left.end <= right.start for left, right in itertools.pairwise(spans))
    assert not any("\n" in content[span.start : span.end] for span in spans)
    inside = "".join(content[span.start : span.end] for span in spans)
    assert "".join(inside.split()) == "".join(content.split())


def test_the_press_release_splits_where_a_reader_would():
    content = (ROOT / "data/2022-06-09-gse-xinjiang/text.fr.txt").read_text("utf-8")
    sentences = [content[span.start : span.end] for span in text(content).sentences]
    assert [(words.split()[:3], words.split()[-1]) for words in sentences] == [
        (["Le", "24", "mai"], "»."),
        (["Ces", "fichiers,", "documents"], "Jinping."),
        (["Le", "Parlement", "européen"], "sujet."),
        (["Et", "établit", "la"], "Lianhe."),
        (["«", "Le", "huis"], "!"),
        (["Les", "actes", "des"], "dévoilés."),
        (["Nous", "ne", "pourrons"], "publique."),
        (["«", "Dès", "lors"], "génocides."),
        (["Ils", "n’ont", "pas"], "l’eurodéputé."),
        (["La", "résolution", "demande"], "Europe."),
        (["«", "Après", "l’échec"], "écologique."),
    ]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Il a 3.5 ans.", "Elle rit."],
        ["Quoi ?!", "« Rien. »", "Et puis…", "Élu."],
        ["Le n.b. reste ici.", "(Ceci aussi.)", "Fin"],
        ["他说。", "“不。”"],
    ],
)
def test_sentences_end_at_their_punctuation(sentences):
    content = " ".join(sentences)
    assert [content[span.start : span.end] for span in text(content).sentences] == sentences


# -------------------------------------------------------------------- what is cited


@EXAMPLES
@given(CONTENTS, st.data())
def test_coverage_counts_cited_letters_and_shows_the_gaps(content, data):
    cut_ = st.integers(0, len(content))
    cited = [Span(*sorted(pair)) for pair in data.draw(st.lists(st.tuples(cut_, cut_), max_size=3))]
    coverage = measure_coverage(text(content), cited)
    inside = {offset for span in cited for offset in range(span.start, span.end)}
    letters = [offset for offset, character in enumerate(content) if character.isalnum()]
    assert (coverage.letters, coverage.cited_letters) == (len(letters), len(inside.intersection(letters)))
    outside = sum(character.isalnum() for _, words in coverage.gaps for character in words)
    assert outside == coverage.letters - coverage.cited_letters
    assert all(content[offset:].startswith(words) for offset, words in coverage.gaps)
