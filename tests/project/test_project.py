"""Invalid settings are reported in one sentence, at their line."""

import pytest

import whereas
from whereas.project.settings import setting_location


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('publisher = "not a name"', "publisher: expected a name such as ent:somebody, got 'not a name'"),
        ('licence = "two words"', "licence: expected an IRI, got 'two words'"),
        (
            "coverage = { spatial = 3 }",
            'coverage: expected spatial = ["ent:…"], from and to as days, the first before the last, got {"spatial": 3}',
        ),
        (
            'coverage = { from = "yesterday" }',
            'coverage: expected spatial = ["ent:…"], from and to as days, the first before the last, got {"from": "yesterday"}',
        ),
        ('titel = "x"', "unknown setting 'titel' in [tool.whereas], did you mean 'title'?"),
        ("minimum.Demand = -1", 'minimum: expected a count by type, such as { Demand = 12 }, got {"Demand": -1}'),
        ('base = "https://x.org"', "base: expected an IRI that ends in '/', got 'https://x.org'"),
        ("contact = ", "TOML: Invalid value"),
        ("title = {}", 'title: expected a text by language, such as { en = "…" }, got {}'),
        ('description = { en = "" }', 'description: expected a text by language, such as { en = "…" }, got {"en": ""}'),
        ('languages = [""]', 'languages: expected a list of languages, such as ["en", "fr"], got [""]'),
    ],
)
def test_invalid_setting_is_reported_in_one_sentence(tmp_path, setting, message):
    (tmp_path / "pyproject.toml").write_text(f"# x\n[tool.whereas]\nrights = {{ en = 'None' }}\n{setting}\n", "utf-8")
    with pytest.raises(whereas.ProjectError) as error:
        whereas.read_project(tmp_path)
    assert str(error.value) == f"pyproject.toml:4: violation: {message}"
    assert error.value.message.in_language("fr").startswith("pyproject.toml:4: violation: ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[tool.whereas]\n[tool.whereas.minimum]\nClaim = 1\nDemand = 2\n", 4),
        ('[tool.whereas]\nminimum = { Claim = 1, "Demand" = 2 }\n', 2),
        ("[tool.whereas]\n\nminimum.Demand = 2\n", 3),
        ("[other.minimum]\nDemand = 3\n[tool.whereas]\nminimum.Claim = 1\n", 4),
        ("[tool]\nwhereas.minimum.Demand = 2\n", 2),
        ("[tool.whereas]\n", 0),
    ],
)
def test_line_of_a_setting_is_found_in_every_syntax(text, line):
    assert setting_location(text, "minimum", "Demand").line == line
