"""Pages about one thing: documents, statements, events, shapes, terms."""

import html
import json
import re
from collections import Counter
from pathlib import Path

from page_reader import ParsedPage, words_of
from whereas.content.diagram import HEIGHT, draw
from whereas.content.statements import read_statement, statements_in

ROOT = Path(__file__).parents[2]
DOCUMENT = "doc/2022-06-09-gse-xinjiang"
BASE = "https://w3id.org/whereas/"


def test_document_page_has_the_text_exactly(site, pages):
    text = (ROOT / "data/2022-06-09-gse-xinjiang/text.fr.txt").read_text()
    for language in site.languages:
        read = "".join(pages[f"{DOCUMENT}.{language}.html"].verbatim)
        assert read == text.replace("\n", "")


def test_every_passage_is_marked_at_its_characters(site, pages):
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


def test_every_statement_has_a_note_a_page_and_a_link_back(site, pages):
    base = site.checked.project.base
    for thing in site.index.of("wa:Demand", "wa:Finding", "wa:Claim", "wa:Identification", "wa:Quotation"):
        document, _, name = thing.removeprefix(base).partition("#")
        page = pages[f"{document}.fr.html"]
        assert page.ids[name] == 1, thing
        assert f"#{name}" in page.links, thing
        assert f"{document}/{name}.fr.html" in pages


def test_document_page_is_lighter_than_100_kilobytes(written):
    assert {
        path: len(written[path].content)
        for path in written
        if re.fullmatch(r"doc/[^/]+\.\w\w\.html", path) and len(written[path].content) > 100_000
    } == {}


def test_words_that_name_the_speaker_are_not_marked_as_quoted(written):
    page = written[f"{DOCUMENT}.fr.html"].content.decode()
    assert re.search(r'class="mark attribution[^>]*>alerte <span', page)
    assert re.search(r'class="mark quotation[^>]*>(<span[^>]*>)*Dès lors que', page)
    assert 'id="mb-bachelet" class="note event voice-quoted"' in page


def test_notes_are_numbered_in_reading_order(written):
    page = written[f"{DOCUMENT}.fr.html"].content.decode()
    calls = [int(number) for number in re.findall(r'class="call [^>]*>(\d+)</a>', page)]
    assert list(dict.fromkeys(calls)) == sorted(set(calls))


def test_graph_is_also_a_table(site, written):
    page = written[f"{DOCUMENT}.fr.html"].content.decode()
    table = page[page.index("Le graphe en tableau") :]
    shown = [s for s in site.index.of("wa:Demand", "wa:Finding") if f"/{DOCUMENT}#" in s]
    assert table[: table.index("</table>")].count("<tr>") == len(shown) + 1


def test_lines_of_the_graph_lead_only_from_speakers_to_their_statements(site):
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


def test_statement_page_names_who_publishes_is_quoted_and_speaks(written):
    page = words_of(written[f"{DOCUMENT}/co-risque-genocide-ci1.fr.html"])
    chain = "Publié par délégation de la gauche sociale et écologique Personne citée Raphaël Glucksmann Locuteur Parlement européen Verbe employé dénonce"
    assert chain in page
    row = words_of(written["ent/ilham-tohti.fr.html"])
    assert "Parlement européen : demandé (source : délégation de la gauche sociale et écologique )" in row


def test_citation_names_words_publisher_and_speaker(written):
    page = words_of(written[f"{DOCUMENT}/co-crime-humanite-ci1.en.html"])
    start = "Cite this Social and Ecological Left delegation, “le Parlement dénonce un crime contre l’humanité”, in [Crimes de Pékin"
    assert start in page
    assert (
        "European Parliament: found, reported by Raphaël Glucksmann, quoted by Social and Ecological Left delegation"
        in page
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
    schema = json.loads(ParsedPage(written[f"{DOCUMENT}/co-crime-humanite-ci1.en.html"].content).scripts[0])
    assert schema["@type"] == "Claim" and schema["author"][0]["name"] == "European Parliament"
    assert schema["appearance"]["creator"][0]["name"] == "Raphaël Glucksmann"
    quotation = words_of(written[f"{DOCUMENT}/ci-1.fr.html"])
    assert re.search(r"Citer .*, « Le huis clos [^«»]* », dans", quotation), "no guillemets within guillemets"


def test_reported_fact_shows_its_passages_as_a_statement_does(site, written):
    count = 0
    for path, thing in site.addresses.things.items():
        statement = read_statement(site.index, thing)
        if statement.kind == "event" and statement.passages:
            count += 1
            page = written[f"{path}.fr.html"].content.decode()
            cited = "".join(re.findall(r"<mark>(.*?)</mark>", page, re.S))
            shown = [p for p in statement.passages if site.index.first(p.text, "schema:inLanguage") == "fr"]
            assert all(
                html.escape(p.exact, quote=False) in html.unescape(cited) or p.exact in html.unescape(cited)
                for p in shown
            ), path
            assert 'class="citation"' in page and "Tous les contrôles sont passés" in page, path
    assert count > 15


def test_event_has_a_date_only_where_the_data_give_one(site, written):
    visit = f"{BASE}{DOCUMENT}#ev-visite-bachelet"
    assert site.index.first(visit, "schema:startDate") == ""
    page = ParsedPage(written[f"{DOCUMENT}/ev-visite-bachelet.fr.html"].content)
    assert "startDate" not in json.loads(page.scripts[0])
    listed = written["events.fr.html"].content.decode()
    assert re.search(r"visite de la Haute Commissaire Michelle Bachelet</a>\s*</li>", listed)
    assert "du 22 mars 2021 au 16 juillet 2025" in words_of(written["ent/reinhard-butikofer.fr.html"])
    assert "La levée se limite à quatre députés en fonction." in words_of(written["ent/reinhard-butikofer.fr.html"])


def test_shape_page_says_what_it_catches_with_examples_rejected_and_accepted(written):
    french, english = (words_of(written[f"shapes/Demand-kind.{name}.html"]) for name in ("fr", "en"))
    assert "Exactement une nature de demande est attendue." in french and "arrête la publication" in french
    assert "Exactly one kind of demand is expected." in english and "stops the build" in english
    for page in (french, english):
        assert "d:Demand-kind-missing a wa:Demand" in page and "d:ex-liberation a wa:Demand" in page
    constraint = words_of(written["shapes/sanctioned-is-identified.fr.html"])
    assert "Signale des sanctions fondées sur des identifications" in constraint and "Refusé" in constraint


def test_query_of_a_rule_is_titled_in_the_pages_language(written):
    for language, other in (("fr", "Direct quotation"), ("en", "Citation directe")):
        pages = [path for path in written if re.fullmatch(rf"shapes/[\w-]+-query\.{language}\.html", path)]
        assert len(pages) > 20
        for path in pages:
            assert other not in words_of(written[path]) and "sh:select" not in words_of(written[path]), path


def test_term_page_says_how_often_it_is_used_and_where(site, written):
    count = len(site.index.of("wa:Claim"))
    assert f"Used {count} times in this release." in words_of(written["ns/Claim.en.html"])
    assert f"Employé {count} fois dans cette version." in words_of(written["ns/Claim.fr.html"])
    assert re.search(r'href="[^"]+/af-[\w-]+\.fr\.html"', written["ns/Claim.fr.html"].content.decode())
    assert "Not used in this release." not in words_of(written["ns/speaker.en.html"])


def test_text_in_both_languages_is_shown_in_the_pages_language_alone(written):
    page = words_of(written["ns/Claim.fr.html"])
    assert "Ce qui reste des déclarations quand on en a retiré" in page and "What remains of statements" not in page
