"""Lists: long ones cut into pages, backlinks under headings, timeline, matrix, corrections."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import whereas
from page_reader import ParsedPage, words_of
from whereas.content.index import TYPE as RDF_TYPE
from whereas.errors import ProjectError
from whereas.site.site import Site
from whereas.validation.checked_project import CheckedProject

ROOT = Path(__file__).parents[2]
DOCUMENT = "doc/2022-06-09-gse-xinjiang"
PARLIAMENT = "ent/parlement-europeen"


MANY = 230


class Larger(CheckedProject):
    """The real project with many more demands of Parliament's, each bearing on somebody else."""

    def quads(self, name):
        base, wa = self.project.base, f"{self.project.vocabulary}ns#"
        many = []
        for number in range(MANY if name == "entities" else 0):
            demand, person = f"<{base}{DOCUMENT}#many-{number:03}>", f"<{base}ent/person-{number:03}>"
            for subject, predicate, term in (
                (demand, RDF_TYPE, f"<{wa}Demand>"),
                (demand, f"{wa}speaker", f"<{base}{PARLIAMENT}>"),
                (demand, f"{wa}target", person),
                (person, RDF_TYPE, "<http://xmlns.com/foaf/0.1/Person>"),
            ):
                many.append((subject, f"<{predicate}>", term, f"<{base}graph/many>"))
        return super().quads(name) + many


@pytest.fixture(scope="module")
def large(checked) -> Site:
    return Site(Larger(checked.rules, checked.cache, checked.summaries, checked.report))


@pytest.mark.parametrize(
    ("page", "name"),
    [(PARLIAMENT, "many-"), ("matrix", "many-"), ("actors", "person-")],
)
def test_every_row_of_a_long_list_is_on_one_of_its_pages(large, page, name):
    paths = [path for path in large.paths() if re.fullmatch(rf"{page}(\.\d+)?\.fr\.html", path)]
    contents = [large.render(path).content.decode() for path in paths]
    linked = [set(re.findall(rf"{name}\d+(?=\.fr\.html)", page)) for page in contents]
    assert len(paths) > 1 and len(set().union(*linked)) == MANY
    assert all(len(content) < 100_000 for content in contents)
    assert f"{page}.2.fr.html" in paths and large.render(f"{page}.{len(paths) + 1}.fr.html") is None
    assert large.resource(f"{page}.2").suffixes == ("html",)
    for number, content in enumerate(contents, 1):
        assert ('rel="next"' in content, 'rel="prev"' in content) == (number < len(paths), number > 1)
        assert not {link for link in ParsedPage(content.encode()).links if ".1.fr.html" in link}


def test_backlinks_are_counted_over_all_pages(large):
    count = len(large.index.pointing(f"{large.checked.project.base}{PARLIAMENT}", "wa:speaker")) - 5  # findings
    for path in (f"{PARLIAMENT}.fr.html", f"{PARLIAMENT}.2.fr.html"):
        assert f"Demandes formulées {count} " in words_of(large.render(path))


def test_page_number_out_of_range_is_not_found(large):
    for path in ("ent/xi-jinping.2", f"{PARLIAMENT}.0", f"{PARLIAMENT}.1", f"{PARLIAMENT}.02", ".2", "about.2"):
        assert large.render(f"{path}.fr.html") is None and large.resource(path) is None, path


@pytest.mark.parametrize(
    "page, heading",
    [
        ("ent/europe", "Demandes à son sujet"),
        ("ent/chen-quanguo", "Visé par ces demandes"),
        ("ent/ilham-tohti", "Bénéficiaire de ces demandes"),
        ("ent/union-europeenne", "Demandes reçues"),
        ("vocab/kind/release", "Demandes de cette nature"),
        ("ent/resolution-xinjiang-2022", "Déclarations faites dans ce texte"),
    ],
)
def test_backlinks_are_under_the_role_of_the_thing_in_the_demand(written, page, heading):
    headings = re.findall(r"<h2>(.*?) <span", written[f"{page}.fr.html"].content.decode())
    assert heading in headings
    others = {"Visé par ces demandes", "Demandes à son sujet", "Demandes de cette nature"} - {heading}
    assert not others & set(headings) or page == "ent/chen-quanguo"


def test_every_demand_is_on_the_timeline_and_in_the_matrix(site, written):
    demands = {site.addresses.path(thing) for thing in site.index.of("wa:Demand")}
    for overview in ("timeline", "matrix"):
        linked = set(ParsedPage(written[f"{overview}.fr.html"].content).links)
        assert {f"{path}.fr.html" for path in demands} <= linked, overview
    unaddressed = [thing for thing in site.index.of("wa:Demand") if not site.index.all(thing, "wa:addressee")]
    row = re.search(
        r"<th scope=\"row\"><span class=\"absent\">.*?</tr>", written["matrix.en.html"].content.decode(), re.S
    )
    assert sum(map(int, re.findall(r"(\d+) <small>demands?</small>", row[0]))) == len(unaddressed)


def test_corrections_are_listed_the_latest_first(checked, tmp_path):
    for name in ("ontology", "shapes", "queries", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "data").mkdir()
    for folder in (ROOT / "data").iterdir():
        (tmp_path / "data" / folder.name).symlink_to(folder)
    table = tmp_path / "data/corrections.tsv"
    project = whereas.read_project(tmp_path)
    changed = replace(checked, rules=replace(checked.rules, project=project))
    assert "No correction so far." in words_of(Site(changed).render("method.en.html"))
    table.write_text(
        "day\tabout\ten\tfr\n2026-11-01\t\tAn earlier one.\tUne plus ancienne.\n"
        "2026-11-20\tent:xi-jinping\tA date was wrong.\tUne date était fausse.\n"
    )
    page = words_of(Site(changed).render("method.fr.html"))
    assert "20 novembre 2026 Xi Jinping – Une date était fausse. 1ᵉʳ novembre 2026 Une plus ancienne." in page
    table.write_text("day\tabout\ten\tfr\n2026-11-01\tnowhere\tx\tx\n")
    with pytest.raises(
        ProjectError, match=r"data/corrections\.tsv:2: .*about: expected prefix:name or an IRI, got 'nowhere'"
    ):
        Site(changed).render("method.fr.html")
