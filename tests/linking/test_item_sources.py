"""Items from an endpoint and from an extract."""

import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whereas.compiler.item_quads import item_quads
from whereas.errors import ArgumentError
from whereas.linking.item_sources import Extract
from whereas.rdf.wikibase import Item, read_items, to_json
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


# -------------------------------------------------------------------- extracts as they come

ADA = {"id": "Q900001", "type": "item", "labels": {"en": {"language": "en", "value": "Ada Brook"}}}
SNAK = {"snaktype": "value", "property": "P31", "datavalue": {"value": {"entity-type": "item", "id": "Q5"}}}
HUMAN = {"P31": [{"mainsnak": SNAK, "rank": "normal"}]}
PASSED_OVER = [
    {"id": "P31", "type": "property", "datatype": "wikibase-item", "claims": HUMAN},
    {"id": "L7", "type": "lexeme", "lemmas": {"en": {"language": "en", "value": "cat"}}, "claims": []},
    {"id": "L7-F2", "type": "form"},
    {"id": "M42", "type": "mediainfo", "labels": [], "statements": []},
    {"id": "P9", "missing": ""},
]


def known_items(folder, text, name="x.json"):
    path = folder / name
    path.write_text(text, "utf-8")
    return Extract(path).known


@pytest.mark.parametrize("empty", [{}, [], None])
def test_empty_objects_may_be_arrays(tmp_path, empty):
    entity = {"id": "Q900002", "type": "item"} | dict.fromkeys(("labels", "aliases", "claims", "redirects"), empty)
    statement = {"mainsnak": SNAK, "qualifiers": empty}
    known = known_items(
        tmp_path, json.dumps(entity) + "\n" + json.dumps({**ADA, "claims": {"P31": [statement], "P27": empty}})
    )
    assert known["Q900002"].labels == known["Q900002"].claims == {}
    assert known["Q900001"].values("P31") == ("Q5",)


@pytest.mark.parametrize(
    "layout",
    [
        "[\n{}\n]\n", "[{}]", "[{}\n]", "[\n{}]\n", "\ufeff[\r\n{}\r\n]\r\n", "\n\n{}\n",
    ],
)  # fmt: skip
def test_what_is_no_item_in_a_dump_is_passed_over(tmp_path, layout):
    lines = ",\n".join(json.dumps(entity) for entity in [*PASSED_OVER, ADA, {**ADA, "id": "Q2"}])
    assert sorted(known_items(tmp_path, layout.replace("{}", lines))) == ["Q2", "Q900001"]


def test_indented_json_is_read(tmp_path):
    assert sorted(known_items(tmp_path, json.dumps([ADA, *PASSED_OVER], indent=2))) == ["Q900001"]
    assert sorted(known_items(tmp_path, json.dumps({"entities": {"Q900001": ADA}}, indent=4))) == ["Q900001"]


@pytest.mark.parametrize(
    "response",
    [
        {"entities": {"Q900009": ADA}},  # wbgetentities without `redirects`
        {"entities": {"Q900009": {**ADA, "redirects": {"from": "Q900009", "to": "Q900001"}}}},  # and with it
        {"entity": "Q900009", "redirect": "Q900001"},  # the page of a redirect in a dump of pages
        {"id": "Q900009", "type": "item", "redirects": {"from": "Q900009", "to": "Q900001"}},
    ],
)
def test_merged_item_leads_to_its_target(tmp_path, response):
    known = known_items(tmp_path, json.dumps(response))
    assert known["Q900009"].target == "Q900001"
    assert "Q900001" not in known or (known["Q900001"].target, known["Q900001"].name()) == ("", "Ada Brook")


def test_entity_data_named_for_a_merged_item_leads_to_its_target(tmp_path):
    text = json.dumps({"entities": {"Q900001": ADA}})
    assert known_items(tmp_path, text, "Q900009.json")["Q900009"].target == "Q900001"
    assert "Q900009" not in known_items(tmp_path, text + "\n" + json.dumps({**ADA, "id": "Q2"}), "Q900009.json")
    assert list(known_items(tmp_path, text, "Q900001.json")) == ["Q900001"]


def test_item_that_an_extract_does_not_hold_is_left_out(tmp_path):
    known_items(tmp_path, json.dumps(ADA) + '\n{"id": "Q2", "missing": ""}')
    found = Extract(tmp_path / "x.json").items(["Q1", "Q2"])
    assert found == {"Q2": Item("Q2", missing=True, retrieved=found["Q2"].retrieved)}


def test_values_of_another_kind_are_left_out(tmp_path):
    def statement(value):
        return {"mainsnak": {"snaktype": "value", "datavalue": {"value": value}}}

    claims = {
        "P31": [statement("text"), statement({"entity-type": "property", "numeric-id": 31}), statement(None), {}],
        "P569": [statement({"time": None, "precision": 11}), statement("1979"), statement({"time": "+1979-10-15T00:00:00Z"})],
        "P625": [statement({"latitude": "x", "longitude": 1}), {"mainsnak": {"snaktype": "value"}}],
        "P1186": [statement({"text": "a", "language": "en"})],
    }  # fmt: skip
    assert known_items(tmp_path, json.dumps({**ADA, "claims": claims}))["Q900001"].claims == {}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "1: {expected}: not JSON at column 2"),
        ('{"id": "Q1"}\n{"id"\n', "2: {expected}: not JSON at column 6"),
        ("[1]", "1: {expected}: entity: expected an object, got 1"),
        ('\n{"id": "Q0"}', "2: {expected}: id: expected an item such as Q42, got 'Q0'"),
        ("{}", "1: {expected}: id: expected an item such as Q42, got ''"),
        ('{"id": "Q1", "claims": "none"}', '1: {expected}: claims: expected an object, got "none"'),
        ('{"id": "Q1", "labels": {"en": "Ada"}}', '1: {expected}: labels: expected an object, got "Ada"'),
        (r'{"id": "Q1", "labels": {"en": {"value": "\ud800"}}}', r'1: {expected}: value: expected a text, got "\ud800"'),
        (r'{"id": "Q1", "labels": {"en": {"value": "\u0000"}}}', r'1: {expected}: value: expected a text, got "\u0000"'),
        (json.dumps({"id": "Q1", "claims": {"P31": [{"mainsnak": SNAK, "rank": "best"}]}}), "1: {expected}: rank: expected preferred, normal, deprecated, got 'best'"),
        ("[" * 100_000, "1: {expected}: not JSON that can be read: numbers too long or nested too deeply"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(tmp_path, content, reason):
    with pytest.raises(ArgumentError) as error:
        known_items(tmp_path, content)
    expected = "expected Wikidata's entity JSON, one item a line"
    assert str(error.value) == f"{tmp_path}/x.json:" + reason.replace("{expected}", expected)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "value", "time", "P31", "en", "mainsnak", "datavalue", "redirects", "to", "rank", "0"]), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
KEYS = ["id", "type", "labels", "aliases", "claims", "redirects", "missing", "modified", "redirect"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=5), st.booleans())
def test_any_json_is_read_or_refused_in_one_sentence(tmp_path, entity, is_response):
    entity = {"id": "Q1", **entity}
    try:
        known = known_items(tmp_path, json.dumps({"entities": {"Q1": entity}} if is_response else entity))
    except ArgumentError as error:
        assert "x.json:1: expected Wikidata's entity JSON" in str(error)
        assert "object has no attribute" not in str(error)
    else:
        assert all(isinstance(label, str) for item in known.values() for label in item.labels.values())
