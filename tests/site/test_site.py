"""The website: every link leads somewhere, every passage stands at its characters, nothing from data becomes markup."""

import html
import json
import posixpath
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
import pytest
import rdflib

import whereas
from whereas.content.diagram import HEIGHT, draw
from whereas.content.index import TYPE as RDF_TYPE
from whereas.content.statements import read_statement, statements_in
from whereas.errors import ProjectError
from whereas.http.representation import Content
from whereas.site.site import RDF, Site
from whereas.validation.checked_project import CheckedProject

ROOT = Path(__file__).parents[2]
VOID = {"meta", "link", "br", "rect", "path", "img", "input", "hr"}
DOCUMENT = "doc/2022-06-09-gse-xinjiang"
BASE = "https://w3id.org/whereas/"


class Read(HTMLParser):
    """A page as a browser would see it: elements well nested, links, ids, text."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.marked: dict[str, list[str]] = {}
        self.around: list[str] = []
        self.scripts: list[str] = []
        self.verbatim: list[str] = []
        self.feed(content.decode())
        self.close()
        assert self.open == [], "elements left open"

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.tags[tag] += 1
        self.attributes |= told.keys()
        if "id" in told:
            self.ids[told["id"]] += 1
        self.links += [told[name] for name in ("href", "src") if name in told]
        if tag not in VOID:
            self.open.append(tag)
            self.around.append(f"{told.get('class', '')} #{told.get('id', '')}")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag
            self.around.pop()

    def handle_data(self, text):
        if self.open and self.open[-1] == "script":
            self.scripts.append(text)
        if any(around.startswith("calls") for around in self.around):
            return
        if any(around.startswith("verbatim") for around in self.around):
            self.verbatim.append(text)
        for around in self.around:
            if around.startswith("mark ") and "#p-" in around:
                self.marked.setdefault(around.partition("#")[2], []).append(text)


@pytest.fixture(scope="module")
def site(checked) -> Site:
    return Site(checked)


@pytest.fixture(scope="module")
def written(site) -> dict[str, Content]:
    """What a static build writes."""
    told = {path: site.render(path) for path in site.paths()}
    assert None not in told.values()
    return told


@pytest.fixture(scope="module")
def pages(written) -> dict[str, Read]:
    return {path: Read(page.content) for path, page in written.items() if page.media_type == "text/html"}


def test_every_relative_link_leads_to_a_file_and_to_an_anchor_in_it(written, pages):
    released = re.compile(
        r"(dataset|catalogue|report|doc/[^/]+|graph/[^/]+|ontology/[^/]+|shapes/shapes)\.(ttl|jsonld|nq|trig)"
        r"|doc/[^/]+/text\.[a-z]+\.txt|SHA256SUMS"
    )
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            here = f"/{path}"  # as if the site stood at the root of a host, as the page of what is not there supposes
            target = posixpath.normpath(posixpath.join(posixpath.dirname(here), unquote(parts.path)))[1:]
            target = target if parts.path else path
            assert path == "404.html" or not parts.path.startswith("/"), (path, link)
            anchored = target not in pages or not parts.fragment or unquote(parts.fragment) in pages[target].ids
            if not anchored or (target not in written and not released.fullmatch(target)):
                broken.append((path, link))
    assert broken == []


def test_ids_are_unique_on_each_page(pages):
    assert {path: page.ids.most_common(1) for path, page in pages.items() if max(page.ids.values()) > 1} == {}


def test_every_page_stands_in_both_languages_and_says_so(written, site):
    for path, page in written.items():
        if page.media_type == "text/html" and path not in ("index.html", "404.html"):
            stem, language, _ = path.rsplit(".", 2)
            assert page.language == language
            assert f'<html lang="{language}">'.encode() in page.content
            for other in site.languages:
                assert f"{stem}.{other}.html" in written


def test_languages_are_not_mixed_a_word_of_the_page_is_never_the_other_language_s(pages, written):
    only = {
        "fr": ("Skip to the content", "Published by", "What came of it"),
        "en": ("Aller au contenu", "Publié par", "Ce qu’il en est advenu"),
    }
    for path in pages:
        if path.startswith(("queries/", "shapes/", "404.")):  # in both, whole or in part
            continue
        text = written[path].content.decode()
        language = written[path].language
        assert not [word for word in only[language] if word in text], path


def test_the_reading_page_holds_the_text_to_the_letter(site, pages):
    text = (ROOT / "data/2022-06-09-gse-xinjiang/text.fr.txt").read_text()
    for language in site.languages:
        read = "".join(pages[f"{DOCUMENT}.{language}.html"].verbatim)
        assert read == text.replace("\n", "")


def test_every_passage_is_marked_at_its_very_characters(site, pages):
    index = site.index
    page = pages[f"{DOCUMENT}.en.html"]
    crossing = 0
    for passage in index.of("oa:SpecificResource"):
        if not passage.startswith(f"{site.checked.project.base}{DOCUMENT}#"):
            continue
        exact = next(
            index.first(name, "oa:exact")
            for name in index.all(passage, "oa:hasSelector")
            if index.first(name, "oa:exact")
        )
        marked = "".join(page.marked[passage.partition("#")[2]])
        crossing += marked != exact
        assert exact.startswith(marked) and marked, passage  # one that crosses another goes on after it
    assert crossing <= 3


def test_every_statement_has_a_note_a_page_and_a_way_back(site, pages):
    base = site.checked.project.base
    for thing in site.index.of("wa:Demand", "wa:Finding", "wa:Claim", "wa:Identification", "wa:Quotation"):
        document, _, name = thing.removeprefix(base).partition("#")
        page = pages[f"{document}.fr.html"]
        assert page.ids[name] == 1, thing
        assert f"#{name}" in page.links, thing
        assert f"{document}/{name}.fr.html" in pages


def test_nothing_asks_another_host_for_anything_and_no_style_or_script_is_inline(written, pages):
    for path, page in pages.items():
        assert not page.tags["style"] and not page.tags["img"] and not page.tags["iframe"], path
        assert "style" not in page.attributes and not {name for name in page.attributes if name.startswith("on")}, path
        modules = [link for link in page.links if link.endswith(".js")]
        assert page.tags["script"] == len(page.scripts) + len(modules), path
        assert all(json.loads(script) for script in page.scripts), path  # data, never code
        assert not any(urlsplit(link).scheme for link in modules), path
        for link in re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', written[path].content.decode()):
            assert not urlsplit(link).scheme


def test_a_reading_page_is_lighter_than_100_kilobytes(written):
    assert {
        path: len(written[path].content)
        for path in written
        if re.fullmatch(r"doc/[^/]+\.\w\w\.html", path) and len(written[path].content) > 100_000
    } == {}


def test_every_representation_of_a_thing_holds_the_same_triples(site):
    formats = {"ttl": ox.RdfFormat.TURTLE, "jsonld": ox.RdfFormat.JSON_LD, "nt": ox.RdfFormat.N_TRIPLES,
               "nq": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG, "rdf": ox.RdfFormat.RDF_XML}  # fmt: skip
    for path in (
        "ent/xi-jinping",
        f"{DOCUMENT}/ex-tohti",
        DOCUMENT,
        "ns/Demand",
        "vocab/kind/release",
        "shapes/Demand",
        "shapes/sanctioned-is-identified",
    ):
        told = {
            suffix: {
                str(quad.triple) for quad in ox.parse(site.render(f"{path}.{suffix}").content, format=formats[suffix])
            }
            for suffix in RDF
        }
        assert told["nt"] and all(triples == told["nt"] for triples in told.values()), path


def test_feeds_and_sitemap_are_xml_that_names_pages_of_the_site(written, site):
    base = site.checked.project.base
    for path, page in written.items():
        if path.endswith((".atom", ".xml")) and not path.startswith("queries/"):
            for found in ET.fromstring(page.content).iter():
                told = found.get("href", "") or (found.text or "" if found.tag.endswith("}loc") else "")
                assert not told or unquote(told.removeprefix(base)) in written, (path, told)


def test_large_map_of_the_site_is_an_index_of_parts_that_name_every_page(site, monkeypatch):
    def named(path, site=site):
        root = ET.fromstring(site.render(path).content)
        return root.tag.partition("}")[2], [e.text for e in root.iter() if e.tag.endswith("}loc")]

    whole = named("sitemap.xml")
    assert whole[0] == "urlset"
    assert site.render("sitemap-1.xml") is None
    monkeypatch.setattr("whereas.site.feeds.MOST_ADDRESSES", 100)
    large = Site(site.checked)
    kind, parts = named("sitemap.xml", large)
    files = [part.removeprefix(site.checked.project.base) for part in parts]
    assert kind == "sitemapindex"
    assert sorted(files) == sorted(path for path in large.paths() if path.startswith("sitemap-"))
    told = [named(path, large) for path in files]
    assert {kind for kind, _ in told} == {"urlset"}
    assert max(len(addresses) for _, addresses in told) == 100
    assert [address for _, addresses in told for address in addresses] == whole[1]


def test_what_an_address_names_and_how_it_answers(site):
    assert site.resource("ent/xi-jinping").is_information is False
    assert site.resource(DOCUMENT).suffixes == ("html", "ttl", "jsonld", "nt", "nq", "trig", "rdf")
    assert site.resource("").suffixes == ("html",)
    assert site.resource("shapes/Demand-kind").suffixes == ("html", "ttl", "jsonld", "nt", "nq", "trig", "rdf")
    assert site.resource("queries/demands-by").suffixes == ("html", "csv", "tsv", "json", "xml", "ttl", "md")
    assert site.resource("ent/nobody") is None
    for path in ("ent/nobody.fr.html", "ent/xi-jinping.de.html", "../pyproject.toml", "static/../site.css", "", "x"):
        assert site.render(path) is None


def test_a_link_set_has_the_links_of_each_page_and_what_leads_back_from_the_data(site):
    page = site.render("doc/2022-06-09-gse-xinjiang.linkset.json")
    contexts = {context["anchor"]: context for context in json.loads(page.content)["linkset"]}
    base = "https://w3id.org/whereas/doc/2022-06-09-gse-xinjiang"
    french = contexts[f"{base}.fr.html"]
    assert page.media_type == "application/linkset+json"
    assert french["cite-as"] == [{"href": base}]
    assert {"href": f"{base}.ttl", "type": "text/turtle"} in french["describedby"]
    assert {"href": f"{base}.en.html", "hreflang": ["en"]} in french["alternate"]
    assert french["item"] == [{"href": f"{base}/text.fr.txt", "type": "text/plain"}]
    assert {"href": f"{base}.en.html", "type": "text/html"} in contexts[f"{base}.ttl"]["describes"]
    assert site.render("documents.linkset.json") is None


def test_a_page_tells_what_it_cites_and_how_it_reads_in_links(site):
    links = site.render("ent/xi-jinping.en.html").links
    assert '<https://w3id.org/whereas/ent/xi-jinping>; rel="cite-as"' in links
    assert '<https://w3id.org/whereas/ent/xi-jinping.ttl>; rel="describedby"; type="text/turtle"' in links
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in links


def test_the_same_material_gives_the_same_pages(checked, written):
    again = Site(checked)
    assert {path: again.render(path).content for path in again.paths()} == {
        path: page.content for path, page in written.items()
    }


def words_of(page: Content) -> str:
    """What a page says, without its markup, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


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


def test_a_site_in_another_process_renders_the_same(site, written):
    started = get_context("spawn")  # nothing is shared: it is made anew there
    paths = ["index.en.html", f"{PARLIAMENT}.fr.html", f"{PARLIAMENT}.ttl", "queries/scoreboard.csv"]
    with ProcessPoolExecutor(1, mp_context=started) as pool:
        assert list(pool.map(Site.render, [site] * len(paths), paths)) == [written[path] for path in paths]


@pytest.fixture(scope="module")
def large(checked) -> Site:
    return Site(Larger(checked.rules, checked.cache, checked.summaries, checked.report))


@pytest.mark.parametrize(
    ("page", "named"),
    [(PARLIAMENT, "many-"), ("matrix", "many-"), ("actors", "person-")],
)
def test_every_row_of_a_long_page_stands_on_one_of_its_sheets(large, page, named):
    sheets = [path for path in large.paths() if re.fullmatch(rf"{page}(\.\d+)?\.fr\.html", path)]
    read = [large.render(path).content.decode() for path in sheets]
    linked = [set(re.findall(rf"{named}\d+(?=\.fr\.html)", page)) for page in read]
    assert len(sheets) > 1 and len(set().union(*linked)) == MANY
    assert all(len(told) < 100_000 for told in read)
    assert f"{page}.2.fr.html" in sheets and large.render(f"{page}.{len(sheets) + 1}.fr.html") is None
    assert large.resource(f"{page}.2").suffixes == ("html",)
    for number, told in enumerate(read, 1):
        assert ('rel="next"' in told, 'rel="prev"' in told) == (number < len(sheets), number > 1)
        assert not {link for link in Read(told.encode()).links if ".1.fr.html" in link}


def test_a_ledger_counts_what_stands_on_all_its_sheets(large):
    made = len(large.index.pointing(f"{large.checked.project.base}{PARLIAMENT}", "wa:speaker")) - 5  # findings
    for path in (f"{PARLIAMENT}.fr.html", f"{PARLIAMENT}.2.fr.html"):
        assert f"Exigences formulées {made} " in words_of(large.render(path))


def test_a_page_number_that_is_none_answers_nothing(large):
    for path in ("ent/xi-jinping.2", f"{PARLIAMENT}.0", f"{PARLIAMENT}.1", f"{PARLIAMENT}.02", ".2", "about.2"):
        assert large.render(f"{path}.fr.html") is None and large.resource(path) is None, path


def test_each_shape_says_what_it_catches_with_what_it_refuses_and_accepts(written):
    french, english = (words_of(written[f"shapes/Demand-kind.{name}.html"]) for name in ("fr", "en"))
    assert "Exactement une nature d’exigence est attendue." in french and "arrête la publication" in french
    assert "Exactly one kind of demand is expected." in english and "stops the build" in english
    for told in (french, english):
        assert "d:Demand-kind-missing a wa:Demand" in told and "d:ex-liberation a wa:Demand" in told
    constraint = words_of(written["shapes/sanctioned-is-identified.fr.html"])
    assert "Attrape des sanctions fondées sur des identifications" in constraint and "Refusé" in constraint


def test_each_term_tells_how_often_it_is_used_and_where(site, written):
    count = len(site.index.of("wa:Claim"))
    assert f"Used {count} times in this release." in words_of(written["ns/Claim.en.html"])
    assert f"Employé {count} fois dans cette livraison." in words_of(written["ns/Claim.fr.html"])
    assert re.search(r'href="[^"]+/af-[\w-]+\.fr\.html"', written["ns/Claim.fr.html"].content.decode())
    assert "Not used in this release." not in words_of(written["ns/speaker.en.html"])


def test_a_text_in_both_languages_is_shown_in_the_reader_s_alone(written):
    told = words_of(written["ns/Claim.fr.html"])
    assert "Ce qui reste des énoncés quand on en a retiré" in told and "What remains of statements" not in told


def test_voices_are_told_from_who_publishes_to_who_speaks(written):
    told = words_of(written[f"{DOCUMENT}/co-risque-genocide-ci1.fr.html"])
    chain = "Publié par délégation de la gauche sociale et écologique Paroles citées Raphaël Glucksmann Locuteur Parlement européen Acte constat ( dénonce )"
    assert chain in told
    row = words_of(written["ent/ilham-tohti.fr.html"])
    assert "Parlement européen : exigence (source : délégation de la gauche sociale et écologique )" in row


def test_a_saved_answer_has_its_files_in_each_language(written):
    assert written["queries/scoreboard.md"].content.decode().startswith("| Who demands |")
    assert written["queries/scoreboard.fr.md"].content.decode().startswith("| Qui exige |")
    assert "non satisfaite" in written["queries/scoreboard.fr.csv"].content.decode()
    assert b'href="scoreboard.fr.csv"' in written["queries/scoreboard.fr.html"].content


def test_a_question_that_asks_for_a_chart_has_it(site, written):
    for query in site.checked.queries.values():
        told = written[f"queries/{query.name}.fr.html"].content.decode()
        assert ('class="bars"' in told, 'class="heat"' in told) == (
            query.chart.get("type") == "bar", query.chart.get("type") == "heatmap"
        ), query.name  # fmt: skip


def test_themes_of_questions_are_in_the_reader_s_language(site, written):
    for language in site.languages:
        assert not re.search(r"<h2 lang=", written[f"queries.{language}.html"].content.decode())


def test_the_graph_is_told_again_as_a_table(site, written):
    told = written[f"{DOCUMENT}.fr.html"].content.decode()
    table = told[told.index("Le graphe en tableau") :]
    shown = [s for s in site.index.of("wa:Demand", "wa:Finding") if f"/{DOCUMENT}#" in s]
    assert table[: table.index("</table>")].count("<tr>") == len(shown) + 1


def test_in_the_graph_a_line_leads_only_from_whose_words_they_are_to_what_they_say(site):
    index = site.index
    statements = statements_in(index, f"{BASE}{DOCUMENT}")
    diagram = draw(index, statements)
    boxes = Counter((box.iri.removeprefix(BASE), box.kind) for box in diagram.boxes)
    assert boxes["ent/resolution-xinjiang-2022", "text"] == 1
    assert boxes["ent/parlement-europeen", "speaker"] == 2, "by itself, and in Raphaël Glucksmann's words"
    voices = [box for box in diagram.boxes if box.kind in ("reporter", "quoted", "speaker", "text")]
    assert len({box.y for box in voices}) == len(voices), "a row each"
    lines = [line for edge in diagram.edges if (line := re.fullmatch(r"M(\d+) (\d+)H(\d+)V(\d+)H(\d+)", edge.path))]
    ways: dict[int, set[int]] = {}
    for line in lines:
        x1, y1, lane, y2, x2 = map(int, line.groups())
        ways.setdefault(lane, set()).add(y1)
        for box in diagram.boxes:
            assert not (box.y < y1 < box.y + HEIGHT and x1 < box.x + box.width and box.x < lane), line
            assert not (box.y < y2 < box.y + HEIGHT and lane < box.x + box.width and box.x < x2), line
            assert not (box.x < lane < box.x + box.width), line
    assert all(len(rows) == 1 for rows in ways.values()), "a lane is one box's"
    assert len(lines) >= len([s for s in statements if s.kind in ("demand", "finding")])


def test_a_reported_fact_shows_its_words_as_a_statement_does(site, written):
    told = 0
    for path, thing in site.addresses.things.items():
        statement = read_statement(site.index, thing)
        if statement.kind == "event" and statement.passages:
            told += 1
            page = written[f"{path}.fr.html"].content.decode()
            cited = "".join(re.findall(r"<mark>(.*?)</mark>", page, re.S))
            shown = [p for p in statement.passages if site.index.first(p.text, "schema:inLanguage") == "fr"]
            assert all(
                html.escape(p.exact, quote=False) in html.unescape(cited) or p.exact in html.unescape(cited)
                for p in shown
            ), path
            assert 'class="citation"' in page and "Toutes les vérifications passent" in page, path
    assert told > 15


def test_an_event_has_a_date_only_where_one_is_told(site, written):
    visit = f"{BASE}{DOCUMENT}#ev-visite-bachelet"
    assert site.index.first(visit, "schema:startDate") == ""
    told = Read(written[f"{DOCUMENT}/ev-visite-bachelet.fr.html"].content)
    assert "startDate" not in json.loads(told.scripts[0])
    listed = written["events.fr.html"].content.decode()
    assert re.search(r"visite de la Haute Commissaire Michelle Bachelet</a>\s*</li>", listed)
    assert "du 22 mars 2021 au 16 juillet 2025" in words_of(written["ent/reinhard-butikofer.fr.html"])
    assert "La levée est limitée à quatre députés en fonction." in words_of(written["ent/reinhard-butikofer.fr.html"])


@pytest.mark.parametrize(
    "page, heading",
    [
        ("ent/europe", "Exigences à ce sujet"),
        ("ent/chen-quanguo", "Cible de ces exigences"),
        ("ent/ilham-tohti", "Bénéficiaire de ces exigences"),
        ("ent/union-europeenne", "Exigences reçues"),
        ("vocab/kind/release", "Exigences de cette nature"),
        ("ent/resolution-xinjiang-2022", "Énoncés portés par ce texte"),
    ],
)
def test_a_ledger_says_what_part_somebody_has_in_a_demand(written, page, heading):
    headings = re.findall(r"<h2>(.*?) <span", written[f"{page}.fr.html"].content.decode())
    assert heading in headings
    others = {"Cible de ces exigences", "Exigences à ce sujet", "Exigences de cette nature"} - {heading}
    assert not others & set(headings) or page == "ent/chen-quanguo"


def test_a_citation_names_the_words_their_publisher_and_whose_voice_it_is(written):
    told = words_of(written[f"{DOCUMENT}/co-crime-humanite-ci1.en.html"])
    start = "Cite this Social and Ecological Left delegation, “le Parlement dénonce un crime contre l’humanité”, in [Crimes de Pékin"
    assert start in told
    assert (
        "finding, in the words of another (words: Raphaël Glucksmann; source: Social and Ecological Left delegation)"
        in told
    )
    item = json.loads(
        html.unescape(
            re.search(
                r"CSL-JSON</summary><pre[^>]*>(.*?)</pre>",
                written[f"{DOCUMENT}/co-crime-humanite-ci1.en.html"].content.decode(),
                re.S,
            )[1]
        )
    )
    assert item["author"] == [{"literal": "Social and Ecological Left delegation"}] and item["language"] == "fr"
    schema = json.loads(Read(written[f"{DOCUMENT}/co-crime-humanite-ci1.en.html"].content).scripts[0])
    assert schema["@type"] == "Claim" and schema["author"][0]["name"] == "European Parliament"
    assert schema["appearance"]["creator"][0]["name"] == "Raphaël Glucksmann"
    quotation = words_of(written[f"{DOCUMENT}/ci-1.fr.html"])
    assert re.search(r"Citer .*, « Le huis clos [^«»]* », dans", quotation), "no guillemets within guillemets"


def test_words_that_say_who_speaks_are_not_shown_as_quoted(written):
    page = written[f"{DOCUMENT}.fr.html"].content.decode()
    assert re.search(r'class="mark attribution[^>]*>alerte <span', page)
    assert re.search(r'class="mark quotation[^>]*>(<span[^>]*>)*Dès lors que', page)
    assert 'id="mb-bachelet" class="note event voice-quoted"' in page


def test_notes_are_numbered_as_their_calls_are_read(written):
    page = written[f"{DOCUMENT}.fr.html"].content.decode()
    calls = [int(number) for number in re.findall(r'class="call [^>]*>(\d+)</a>', page)]
    assert list(dict.fromkeys(calls)) == sorted(set(calls))


def test_every_demand_is_on_the_timeline_and_in_the_matrix(site, written):
    demands = {site.addresses.path(thing) for thing in site.index.of("wa:Demand")}
    for overview in ("timeline", "matrix"):
        linked = set(Read(written[f"{overview}.fr.html"].content).links)
        assert {f"{path}.fr.html" for path in demands} <= linked, overview
    unaddressed = [thing for thing in site.index.of("wa:Demand") if not site.index.all(thing, "wa:addressee")]
    row = re.search(
        r"<th scope=\"row\"><span class=\"absent\">.*?</tr>", written["matrix.en.html"].content.decode(), re.S
    )
    assert sum(map(int, re.findall(r"(\d+) <small>demands?</small>", row[0]))) == len(unaddressed)


def test_the_query_on_a_page_gives_the_answer_on_that_page(site, written):
    page = written["queries/matrix.fr.html"].content.decode()
    text = html.unescape(re.search(r'<pre id="_text">(.*?)</pre>', page, re.S)[1])
    assert site.saved.graph.query(text).serialized("csv") == written["queries/matrix.fr.csv"].content


def test_rows_are_a_result_set_in_turtle_too(site, written):
    for name in ("matrix", "timeline", "documents"):
        answer = json.loads(written[f"queries/{name}.json"].content)
        graph = rdflib.Graph().parse(data=written[f"queries/{name}.ttl"].content, format="turtle")
        rs = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
        told = {}
        for solution in graph.objects(None, rs.solution):
            bound = {
                str(graph.value(binding, rs.variable)): str(graph.value(binding, rs.value))
                for binding in graph.objects(solution, rs.binding)
            }
            told[int(graph.value(solution, rs["index"]))] = bound
        rows = [{name: cell["value"] for name, cell in row.items()} for row in answer["results"]["bindings"]]
        assert [told[number] for number in sorted(told)] == rows, name


def test_verbatim_words_in_an_answer_are_in_their_own_language(written):
    page = written["queries/demands-by.en.html"].content.decode()
    assert re.search(r'<td[^>]*><span lang="fr">[^<]*(résolution|Parlement)', page)


def test_a_rule_s_query_is_told_in_the_reader_s_language(written):
    for language, other in (("fr", "Direct quotation"), ("en", "Citation directe")):
        pages = [path for path in written if re.fullmatch(rf"shapes/[\w-]+-query\.{language}\.html", path)]
        assert len(pages) > 20
        for path in pages:
            assert other not in words_of(written[path]) and "sh:select" not in words_of(written[path]), path


def test_sanctions_demanded_and_listed_are_a_click_away_from_home_and_from_those_concerned(written):
    link = "queries/sanctions-demanded-and-listed.fr.html"
    assert link in written["index.fr.html"].content.decode()
    told = written["ent/chen-quanguo.fr.html"].content.decode()
    assert "../queries/sanctions-demanded-and-listed.fr.html?target=ent%3Achen-quanguo" in told
    assert link not in written["ent/canada.fr.html"].content.decode()
    assert link not in written["ent/ilham-tohti.fr.html"].content.decode()


def test_corrections_are_listed_the_latest_first(checked, tmp_path):
    for name in ("ontology", "shapes", "queries", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "data").mkdir()
    for folder in (ROOT / "data").iterdir():
        (tmp_path / "data" / folder.name).symlink_to(folder)
    table = tmp_path / "data/corrections.tsv"
    project = whereas.read_project(tmp_path)
    here = replace(checked, rules=replace(checked.rules, project=project))
    assert "No correction so far." in words_of(Site(here).render("method.en.html"))
    table.write_text(
        "day\tabout\ten\tfr\n2026-11-01\t\tAn earlier one.\tUne plus ancienne.\n"
        "2026-11-20\tent:xi-jinping\tA date was wrong.\tUne date était fausse.\n"
    )
    told = words_of(Site(here).render("method.fr.html"))
    assert "20 novembre 2026 Xi Jinping – Une date était fausse. 1ᵉʳ novembre 2026 Une plus ancienne." in told
    table.write_text("day\tabout\ten\tfr\n2026-11-01\tnowhere\tx\tx\n")
    with pytest.raises(
        ProjectError, match=r"data/corrections\.tsv:2: .*about: expected prefix:name or an IRI, got 'nowhere'"
    ):
        Site(here).render("method.fr.html")


def test_every_word_of_the_pages_is_used_and_stands_in_both_languages():
    folder = ROOT / "src/whereas/site/templates"
    told = tomllib.loads((folder / "words.toml").read_text())
    assert [key for key, words in told.items() if {"en", "fr"} != words.keys() or "" in words.values()] == []
    text = "".join(path.read_text() for path in (*folder.glob("*.html"), *(ROOT / "src/whereas").rglob("*.py")))
    # Of which only a part is written: kinds of voice, of relation, of finding.
    made = r"(theme|rel|lang|says|script|form|search)-.+|\w+-(about|lead|told)|\w+:\w+|own|reported|quoted|nested|violation|warning|info"
    unused = [
        key
        for key in told
        if not re.fullmatch(made, key) and not re.search(rf"""['"]{key.removesuffix("s")}s?['"]""", text)
    ]
    assert unused == []


HOSTILE = ("<blink>Statement", '"><script>alert(1)</script>', "</script><script>alert(2)</script>")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Site:
    """A project whose labels, texts and links are written to do harm."""
    folder = tmp_path_factory.mktemp("hostile") / "project"
    subprocess.run([sys.executable, "-m", "whereas", "new", folder], check=True, capture_output=True)
    text = next(folder.glob("data/*/text.en.txt"))
    document = text.with_name("document.yaml")
    written = document.read_text()
    for number, label in enumerate(HOSTILE):
        written = re.sub(
            r'label: \{en: "(?!<|\\")[^"]*"\}',
            lambda _, label=label: "label: {en: " + json.dumps(label) + "}",
            written,
            count=number + 1,
        )
    entities = folder / "data/entities/entities.yaml"
    entities.write_text(
        re.sub(
            r'label: \{en: "[^"]*"\}',
            'label: {en: "</title><img src=x onerror=alert(3)>"}',
            entities.read_text(),
            count=1,
        )
    )
    document.write_text(written)
    return Site(whereas.check(whereas.read_project(folder)))


def test_what_data_say_never_becomes_markup(hostile):
    count = 0
    for path in hostile.paths():
        if path.endswith(".html"):
            page = Read(hostile.render(path).content)
            assert not page.tags["img"] and not page.tags["blink"], path
            assert page.tags["script"] <= (3 if "_settings" in page.ids else 1), path
            count += "alert(" in hostile.render(path).content.decode()
    assert count > 3


def test_only_web_addresses_become_links():
    from whereas.content.urls import is_clean, is_web

    assert not any(
        map(
            is_web,
            (
                "javascript:alert(1)",
                "data:text/html,x",
                "JAVASCRIPT://x/%0aalert(1)",
                "file:///etc",
                "http:x",
                "https://[",
            ),
        )
    )
    assert is_web("https://example.org/")
    assert not any(map(is_clean, ("ent/../x", "a//b", ".", "ent/..", "a\\b", "ent/" + "x" * 300)))
    assert is_clean("ent/élu")
