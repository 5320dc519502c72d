"""Withdrawn names: a page that says why, and no other page lost."""

from dataclasses import replace
from datetime import date

from whereas.site.site import Site


def test_withdrawing_a_name_adds_its_page_and_removes_no_other(checked):
    gone = {"ent/somebody": {"date": date(2026, 1, 1), "reason": {"en": "Not the person meant.", "fr": "Une autre."}}}
    project = replace(checked.project, withdrawn=gone)
    paths = set(Site(checked).paths())
    with_withdrawn = set(Site(replace(checked, rules=replace(checked.rules, project=project))).paths())
    assert with_withdrawn ^ paths == {"ent/somebody.en.html", "ent/somebody.fr.html"}
