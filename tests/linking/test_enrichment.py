"""`whereas link enrich`: statements about linked items, recorded and built into a graph."""

import json
import os
import re

from click.testing import CliRunner

import whereas
from whereas.cli.main import main
from whereas.rdf.wikibase import read_items
from wikidata_links import age_responses, run_link


def test_statements_about_linked_items_are_a_graph_of_their_own(project, proxy):
    run_link(project, "enrich", "--endpoint", proxy.address)
    proxy.shutdown()
    checked = whereas.check(whereas.read_project(project))
    assert checked.report.conforms
    graph = checked.graph()
    held = {
        str(cell.value)
        for (cell,) in graph.query(
            "SELECT ?value { GRAPH <https://w3id.org/whereas/graph/wikidata> "
            "{ <http://www.wikidata.org/entity/Q556149> ?p ?value } }"
        ).rows
    }
    assert {"1979-10-15", "拉斐尔·格鲁克斯曼", "http://www.wikidata.org/entity/Q27169", "197694"} <= held
    assert "http://commons.wikimedia.org/wiki/Special:FilePath/Rapha%C3%ABl%20Glucksmann.jpg" in held
    assert graph.query(
        "PREFIX wdt: <http://www.wikidata.org/prop/direct/> ASK { GRAPH <https://w3id.org/whereas/graph/wikidata> "
        '{ <http://www.wikidata.org/entity/Q34800> wdt:P625 "Point(85.0 41.0)"^^'
        "<http://www.opengis.net/ont/geosparql#wktLiteral> } }"
    ).boolean
    assert graph.query(
        "PREFIX pq: <http://www.wikidata.org/prop/qualifier/> ASK { GRAPH ?g { ?s pq:P580 "
        '"2019-07-02"^^<http://www.w3.org/2001/XMLSchema#date> } }'
    ).boolean
    assert graph.query(
        "ASK { GRAPH <https://w3id.org/whereas/graph/wikidata> { ?record <http://schema.org/about> "
        "<http://www.wikidata.org/entity/Q556149> ; <http://purl.org/pav/retrievedOn> ?day } }"
    ).boolean
    ours = whereas.check(whereas.read_project(project)).quads("entities")
    assert not any("wikidata" in term for quad in ours for term in quad)
    whereas.write_release(checked)
    assert (project / "public/graph/wikidata.ttl").is_file()


def test_only_declared_properties_are_recorded(project, proxy):
    run_link(project, "enrich", "--endpoint", proxy.address)
    items = {item.qid: item for item in read_items((project / "data/wikidata/items.jsonl").read_text("utf-8"))}
    assert set(items["Q556149"].claims) == {"P31", "P569", "P39", "P18", "P1186"}
    assert items["Q27169"].claims == {}  # named by another item: its labels only
    assert items["Q27169"].labels == {"en": "member of the European Parliament", "fr": "député européen"}


def test_recording_an_extract_again_gives_the_same_bytes(project, proxy):
    run_link(project, "enrich", "--endpoint", proxy.address)
    path = project / "data/wikidata/items.jsonl"
    before = path.read_bytes()
    run_link(project, "enrich", "--extract", str(path))
    assert path.read_bytes() == before


def test_retrieval_date_of_an_item_is_that_of_the_cached_response(project, proxy):
    run_link(project, "enrich", "--endpoint", proxy.address)
    path = project / "data/wikidata/items.jsonl"
    path.unlink()
    day = age_responses(project, 5)
    run_link(project, "enrich", "--endpoint", proxy.address)
    assert {item.retrieved for item in read_items(path.read_text("utf-8"))} == {day}


def test_item_of_an_extract_without_a_date_has_the_date_of_the_file(project, tmp_path):
    extract = tmp_path / "items.jsonl"
    extract.write_text(json.dumps({"id": "Q556149", "labels": {"en": {"value": "Raphaël Glucksmann"}}}))
    os.utime(extract, (1_700_000_000, 1_700_000_000))
    run_link(project, "enrich", "--extract", str(extract))
    (item,) = read_items((project / "data/wikidata/items.jsonl").read_text("utf-8"))
    assert item.retrieved == "2023-11-14"


def test_items_that_a_source_lacks_stay_as_recorded(project, proxy, tmp_path):
    run_link(project, "enrich", "--endpoint", proxy.address)
    path = project / "data/wikidata/items.jsonl"
    before = path.read_bytes()
    (tmp_path / "none.jsonl").write_text("")
    output = run_link(project, "enrich", "--extract", str(tmp_path / "none.jsonl"))
    assert "18 linked items not in this source: earlier record kept\n" in output
    assert path.read_bytes() == before


def test_labels_are_recorded_in_the_languages_of_the_project(project, proxy):
    persons = project / "data/entities/persons.yaml"
    text = persons.read_text("utf-8")
    persons.write_text(re.sub(r"(id: ent:raphael-glucksmann\n.*\n  label: \{)", r"\1bo: རཱ་ཕེལ།, ", text), "utf-8")
    run_link(project, "enrich", "--endpoint", proxy.address)
    items = {item.qid: item for item in read_items((project / "data/wikidata/items.jsonl").read_text("utf-8"))}
    assert items["Q556149"].labels["bo"] == "རཱ་ཕེལ།"
    assert "de" not in items["Q556149"].labels


def test_saved_queries_are_not_affected_by_the_wikidata_graph(project, proxy):
    ask = ["ask", "-C", str(project), "unlinked", "--format", "csv"]
    before = CliRunner().invoke(main, ask).output
    run_link(project, "enrich", "--endpoint", proxy.address)
    assert CliRunner().invoke(main, ask).output == before
    shown = CliRunner().invoke(main, ["show", "-C", str(project), "Xi Jinping"])
    assert shown.exit_code == 0


def test_malformed_record_is_a_violation_at_its_line(project):
    folder = project / "data/wikidata"
    folder.mkdir()
    (folder / "items.jsonl").write_text('{"id": "Q1"}\n{"id"\n')
    output = CliRunner().invoke(main, ["check", "-C", str(project)]).output
    assert output.startswith(
        "data/wikidata/items.jsonl:2: violation: expected Wikidata's entity JSON, one item a line: not JSON at column 6\n"
    )
