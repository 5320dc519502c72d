"""Which language tags are valid."""

import pytest

from whereas.project.languages import is_language


@pytest.mark.parametrize("tag", ["fr", "en-GB", "zh-Hant", "ug", "no", "de-CH-1996"])
def test_tags_of_registered_parts_are_valid(tag):
    assert is_language(tag)


@pytest.mark.parametrize("tag", ["", "french", "en_GB", "zz", "fr ", "-fr", "prefix", "exact", "suffix"])
def test_other_words_are_no_tags(tag):
    assert not is_language(tag)
