"""The corrections of what was published, in whatever languages they are written."""

import pytest

from authoring import context, write_project
from whereas.errors import ProjectError
from whereas.project.corrections import Correction, read_corrections


def corrections(folder, table: str) -> list[Correction]:
    return read_corrections(write_project(folder, {"corrections.tsv": table}), context().prefixes)


def test_every_column_named_by_a_language_tag_is_read(tmp_path):
    table = "day\tabout\tde\tzh-Hant\tnotes\n2026-01-02\tent:anna\tGestern, nicht heute.\t\tinternal\n"
    (correction,) = corrections(tmp_path, table)
    assert correction.about.endswith("ent/anna")
    assert correction.text.texts == (("de", "Gestern, nicht heute."),)
    assert correction.text.in_language("fr") == "Gestern, nicht heute."


def test_the_latest_comes_first_whatever_program_saved_the_table(tmp_path):
    rows = ["day\tabout\ten", "2026-01-01\t\tOne\u2028line", '2026-01-02\t\t"Two ""words"""', "\t\t", ""]
    table = "\ufeff" + "\r\n".join(rows)
    assert [str(correction.text) for correction in corrections(tmp_path, table)] == ['Two "words"', "One\u2028line"]


def test_unknown_name_is_reported_at_its_line(tmp_path):
    with pytest.raises(ProjectError) as error:
        corrections(tmp_path, 'day\tabout\ten\n2026-01-01\t\t"Two\nlines"\n2026-01-02\tnowhere\tx\n')
    assert str(error.value) == (
        "data/corrections.tsv:4: violation: about: expected prefix:name or an IRI, got 'nowhere'"
    )
