"""Settings that are not what they should be are named in one sentence."""

import pytest

import whereas


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('publisher = "not a name"', "publisher: expected a name such as ent:somebody, got 'not a name'"),
        ('licence = "two words"', "licence: expected an IRI, got 'two words'"),
        (
            "coverage = { spatial = 3 }",
            "coverage: expected spatial = [\"ent:…\"], from and to as days, got {'spatial': 3}",
        ),
        (
            'coverage = { from = "yesterday" }',
            "coverage: expected spatial = [\"ent:…\"], from and to as days, got {'from': 'yesterday'}",
        ),
    ],
)
def test_odd_setting_is_named_in_one_sentence(tmp_path, setting, message):
    (tmp_path / "pyproject.toml").write_text(f"[tool.whereas]\n{setting}\n", "utf-8")
    with pytest.raises(whereas.MaterialError) as error:
        whereas.read_project(tmp_path)
    assert str(error.value) == f"pyproject.toml: violation: {message}"
