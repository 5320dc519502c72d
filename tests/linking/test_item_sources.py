"""Items from an endpoint and from an extract."""

import json
import threading

import pytest

from whereas.compiler.item_quads import item_quads
from whereas.errors import ArgumentError
from whereas.linking.item_sources import Extract
from whereas.rdf.wikibase import read_items, to_json
from wikidata_links import Proxy, endpoint


def test_missing_extract_is_one_line_in_both_languages(tmp_path):
    path = tmp_path / "none.jsonl"
    with pytest.raises(ArgumentError) as error:
        Extract(path)
    assert error.value.message.in_language("en") == f"{path}: cannot be read: No such file or directory"
    assert error.value.message.in_language("fr") == f"{path} : illisible : No such file or directory"


def test_extract_and_endpoint_give_the_same_items(store, tmp_path):
    qids = ["Q556149", "Q148", "Q551462", "Q90000004", "Q15031"]
    items = endpoint(store, tmp_path).items(qids)
    extract = tmp_path / "items.jsonl"
    extract.write_text("".join(json.dumps(to_json(item)) + "\n" for item in items.values()), "utf-8")
    assert Extract(extract).items(qids) == items
    assert list(read_items("[\n" + ",\n".join(extract.read_text().splitlines()) + "\n]")) == [
        items[qid] for qid in sorted(qids)
    ]


def test_item_keeps_the_precision_of_dates_and_drops_deprecated_values(store, tmp_path):
    items = endpoint(store, tmp_path).items(["Q551462", "Q556149", "Q90000001", "Q90000004", "Q90000010", "Q90000099"])
    assert items["Q551462"].values("P569") == ("1955-11",)
    assert items["Q556149"].values("P569") == ("1979-10-15",)
    assert items["Q90000001"].values("P570") == ("1970",)
    assert items["Q90000004"].values("P39") == ()
    assert items["Q90000010"].target == "Q15031"
    assert items["Q90000099"].missing
    assert items["Q556149"].claims["P39"][0].qualifiers == (("P580", "2019-07-02"),)


def snak(value: object, kind: str = "value") -> dict[str, object]:
    return {"mainsnak": {"snaktype": kind, **({"datavalue": {"value": value}} if kind == "value" else {})}}


UNKNOWN = {
    "id": "Q90000020",
    "claims": {
        "P31": [snak({"id": "Q5"}), snak(None, "somevalue"), snak(None, "novalue")],
        "P569": [
            {**snak({"time": "+1979-10-15T00:00:00Z", "precision": 11}), "rank": "preferred"},
            snak({"time": "+1978-00-00T00:00:00Z", "precision": 9}),
            snak({"time": "+12026-01-01T00:00:00Z", "precision": 9}),
            snak({"time": "+1979-00-00T00:00:00Z", "precision": 11}),
        ],
        "P1186": [snak(None, "somevalue")],
        "P625": [
            snak({"latitude": 41, "longitude": -85.5, "globe": "http://www.wikidata.org/entity/Q2"}),
            snak({"latitude": 41, "longitude": 85, "globe": "http://www.wikidata.org/entity/Q111"}),
        ],
    },
}


@pytest.mark.parametrize("source", ["endpoint", "extract"])
def test_unknown_values_and_coordinates_outside_earth_are_left_out(store, tmp_path, source):
    extract = tmp_path / "items.jsonl"
    extract.write_text(json.dumps(UNKNOWN))
    from_source = endpoint(store, tmp_path) if source == "endpoint" else Extract(extract)
    item = from_source.items(["Q90000020"])["Q90000020"]
    values = {name: item.values(name) for name in ("P31", "P569", "P18", "P1186", "P625")}
    expected = {"P31": ("Q5",), "P569": ("1978", "1979-10-15"), "P18": (), "P1186": (), "P625": ("41.0,-85.5",)}
    assert values == expected
    assert item.best("P569") == ("1979-10-15",)


def test_graph_keeps_ranks_precision_and_wikidata_iris(store, tmp_path):
    items = endpoint(store, tmp_path).items(["Q90000020"]).values()
    triples = {quad[:3] for quad in item_quads(items, "urn:graph")}
    entity = "<http://www.wikidata.org/entity/"
    assert {value for _, name, value in triples if name.endswith("prop/direct/P569>")} == {
        '"1979-10-15"^^<http://www.w3.org/2001/XMLSchema#date>'
    }
    other_birth = f"{entity}statement/Q90000020-P569-2>"
    assert (other_birth, "<http://wikiba.se/ontology#rank>", "<http://wikiba.se/ontology#NormalRank>") in triples
    position = f"{entity}statement/Q90000020-P39-0>"
    assert {value for subject, name, value in triples if subject == position and "/qualifier/" in name} == {
        '"2017-03"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>',
        '"2019-01-01"^^<http://www.w3.org/2001/XMLSchema#date>',
    }
    assert {subject for subject, _, _ in triples if "/statement/" in subject} == {other_birth, position}


def test_items_are_requested_in_batches(store, tmp_path):
    with Proxy(store) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        items = endpoint(proxy.address, tmp_path).items(f"Q{number}" for number in range(1, 121))
        proxy.shutdown()
    assert len(items) == 120
    assert len(proxy.agents) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "items.jsonl:1: expected Wikidata's entity JSON, one item a line: Expecting property"),
        (
            '\n{"id": "P31"}',
            "items.jsonl:2: expected Wikidata's entity JSON, one item a line: id: expected",
        ),
        ("[1]", "items.jsonl:1: expected Wikidata's entity JSON, one item a line: "),
    ],
)
def test_malformed_extract_is_one_line(tmp_path, content, message):
    path = tmp_path / "items.jsonl"
    path.write_text(content)
    with pytest.raises(ArgumentError) as error:
        Extract(path)
    assert str(error.value).startswith(str(tmp_path / message))
