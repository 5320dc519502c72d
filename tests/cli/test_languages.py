"""Messages and help in the reader’s language."""

import re

import pytest

from command_line import run_whereas
from whereas.i18n import interface_languages


@pytest.mark.parametrize("variables", [{"LANG": "fr_FR.UTF-8"}, {"LANGUAGE": "fr:en"}, {"LC_ALL": "fr_BE"}, {}])
def test_messages_and_help_are_french_for_a_french_environment(project, variables):
    option = () if variables else ("--lang", "fr")
    summary = run_whereas(project, *option, "check", **variables).stdout.splitlines()[-1]
    assert re.fullmatch(r"2 documents, \d\u202f\d{3} triplets : 0 violation, 0 avertissement, \d informations", summary)
    assert run_whereas(project, "check", *option, **variables).stdout.splitlines()[-1] == summary
    propose_help = run_whereas(project, *option, "link", "propose", "--help", **variables).stdout
    assert "Proposer des éléments" in propose_help and "Afficher ce message" in propose_help
    query_help = run_whereas(project, *option, "ask", "demands-by", "--help", **variables).stdout
    assert "Seulement les demandes de ce locuteur" in query_help
    usage = run_whereas(project, *option, "check", "--form", **variables)
    assert usage.returncode == 2 and "Erreur : Aucune option" in usage.stderr
    unknown = run_whereas(project, *option, "ask", "demand-by", **variables)
    assert unknown.stderr == "whereas : aucune requête « demand-by » ; vouliez-vous dire « demands-by » ?\n"


@pytest.mark.parametrize(("options", "words"), [((), "seconds a query"), (("--lang", "fr"), "secondes qu’une requête")])
def test_limits_are_listed_in_the_language_wherever_the_option_stands(project, options, words):
    assert words in run_whereas(project, "serve", "--help-settings", *options).stdout
    assert words in run_whereas(project, "serve", *options, "--help-settings").stdout


def test_every_language_of_the_interface_can_be_chosen(project):
    usage = run_whereas(project, "--help").stdout
    assert f"--lang [{'|'.join(interface_languages())}]" in usage
