"""`whereas show`."""

import pytest

from command_line import run_on_terminal, run_whereas


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ent:ilham-tohti", "Immediate release of Ilham Tohti"),
        ("Ilham Tohti", "Immediate release of Ilham Tohti"),
        ("doc:2022-06-09-gse-xinjiang#ex-tohti", "[la libération immédiate d’Ilham Tohti]"),
        ("ex-tohti", "[la libération immédiate d’Ilham Tohti]"),
        ("doc:2022-06-09-gse-xinjiang", "publisher: Social and Ecological Left delegation"),
        ("k:release", "release of a detained person"),
        ("wa:Demand", "demand"),
    ],
)
def test_show_describes_entities_statements_documents_concepts_and_classes(project, name, words):
    result = run_whereas(project, "show", name)
    assert (result.returncode, result.stderr) == (0, "")
    assert words in result.stdout


def test_show_quotes_the_passages_of_statements_about_an_entity(project):
    output = run_whereas(project, "show", "ent:ilham-tohti").stdout
    pointing = output.partition("What links here (5)\n")[2]
    assert "  Immediate release of Ilham Tohti  doc:2022-06-09-gse-xinjiang#ex-tohti  (beneficiary)\n" in pointing
    assert "    “la libération immédiate d’Ilham Tohti” [fr]\n" in pointing
    french = run_whereas(project, "show", "ent:ilham-tohti", "--lang", "fr").stdout
    assert "    « la libération immédiate d’Ilham Tohti »\n" in french
    assert "Ilham Tohti  (personne)\n" in french
    wide = run_on_terminal(project, 80, "show", "ent:ilham-tohti", NO_COLOR="1")
    assert max(map(len, wide.split("\r\n"))) <= 80
