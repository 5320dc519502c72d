"""What real stores return: every value, every triple, over every protocol."""

import dataclasses
import threading
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings, strategies

import whereas
from servers import virtuoso
from store_loading import (
    BASE,
    OTHERS,
    assert_complete,
    empty,
    faulty_proxy,
    oxigraph_config,
    project_graphs,
    store_config,
)
from whereas.errors import RemoteError
from whereas.rdf.namespaces import XSD
from whereas.rdf.serialization import as_kept
from whereas.rdf.terms import literal
from whereas.stores.config import StoreConfig
from whereas.stores.loader import Loader
from whereas.stores.store import STAGING, Store

LITERALS = {
    '"1"^^<xsd:nonNegativeInteger>': '"1"^^<xsd:integer>',
    '"007"^^<xsd:integer>': '"7"^^<xsd:integer>',
    '"1.50"^^<xsd:decimal>': '"1.5"^^<xsd:decimal>',
    '"1.0E3"^^<xsd:double>': '"1000"^^<xsd:double>',
    '"2022-06-09"^^<xsd:date>': '"2022-06-09"^^<xsd:date>',
    '"2022-06"^^<xsd:gYearMonth>': '"2022-06"^^<xsd:gYearMonth>',
    '"2022-06-09T10:00:00+02:00"^^<xsd:dateTime>': '"2022-06-09T10:00:00+02:00"^^<xsd:dateTime>',
    '"https://example.org/"^^<xsd:anyURI>': '"https://example.org/"^^<xsd:anyURI>',
    '"x"@zh-Hans': '"x"@zh-hans',
    '"ياۋروپا"@ug': '"ياۋروپا"@ug',
    r'"a\nb \"c\" \\ \t 😀"': r'"a\nb \"c\" \\ \t 😀"',
    '""': '""',
    '"true"^^<xsd:boolean>': '"true"^^<xsd:boolean>',
    '"-0551-09-28"^^<xsd:date>': '"-0551-09-28"^^<xsd:date>',
    '"-0005-03-15+02:00"^^<xsd:date>': '"-0005-03-15+02:00"^^<xsd:date>',
    '"-0551-09-28T12:00:00Z"^^<xsd:dateTime>': '"-0551-09-28T12:00:00Z"^^<xsd:dateTime>',
    '"-0044"^^<xsd:gYear>': '"-0044"^^<xsd:gYear>',
    '"-0044-03"^^<xsd:gYearMonth>': '"-0044-03"^^<xsd:gYearMonth>',
    '"-12022-01-01"^^<xsd:date>': '"-12022-01-01"^^<xsd:date>',
    '"12022-01-01"^^<xsd:date>': '"12022-01-01"^^<xsd:date>',
    '"1969-12-28-05:00"^^<xsd:date>': '"1969-12-28-05:00"^^<xsd:date>',
    r'"a\r\nb \r"@en-GB': r'"a\r\nb \r"@en-gb',
    r'"\"-551-09-28\"^^<xsd:date>"': r'"\"-551-09-28\"^^<xsd:date>"',
}


@pytest.mark.parametrize("literal", LITERALS)
def test_store_returns_each_literal_as_the_table_says(literal, server):
    def full(term: str) -> str:
        return term.replace("<xsd:", "<http://www.w3.org/2001/XMLSchema#")

    with Store(store_config(server)) as store:
        store.replace(f"{BASE}graph/literals", f"<urn:a> <urn:b> {full(literal)} .\n")
        ((_, _, value),) = as_kept(store.triples(f"{BASE}graph/literals"))
    assert value == full(LITERALS[literal])


YEARS = strategies.integers(-4700, -2) | strategies.integers(0, 30_000)  # others are named when they are compared
ZONES = strategies.sampled_from(["", "Z", "+02:00", "-11:30", "+14:00"])
DAYS = strategies.builds(
    lambda year, *rest: "{}{:04}-{:02}-{:02}{}".format("-" * (year < 0), abs(year), *rest),
    YEARS,
    strategies.integers(1, 12),
    strategies.integers(1, 28),
    ZONES,
)
TEXTS = strategies.text(
    strategies.characters(codec="utf-8", exclude_categories=["Cc"]) | strategies.sampled_from("\r\n\t")
)
TAGS = strategies.sampled_from(["", "en", "EN", "zh-Hans", "zh-hans", "sr-Latn-RS", "de-CH-1996"])


@given(
    strategies.lists(
        strategies.builds(literal, DAYS, datatype=strategies.just(f"{XSD}date"))
        | strategies.builds(literal, TEXTS, language=TAGS),
        max_size=30,
    )
)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
# Not Virtuoso: after some series of random texts it answers every upload with 500. The values above are sent to it.
def test_store_returns_every_day_and_text_as_it_was_sent(oxigraph_server, literals):
    graph = f"{BASE}graph/any"
    triples = "".join(f"<urn:{number}> <urn:p> {value} .\n" for number, value in enumerate(literals))
    with Store(store_config(oxigraph_server)) as store:
        store.replace(graph, triples)
        assert as_kept(store.triples(graph, len(literals))) == as_kept(triples)


@pytest.mark.parametrize("number", ["2147483648", "-9007199254740993", "99999999999999999999999"])
def test_large_integer_is_complete(project, server, number):
    triples = f'<urn:s> <urn:p> "{number}"^^<{XSD}integer> .\n'
    with Store(store_config(server)) as store:
        loader = Loader(whereas.check(whereas.read_project(project)), store)
        graph = next(iter(loader.sizes))
        store.replace(graph, triples)
        assert loader._difference(graph, triples) is None
        assert loader._difference(graph, triples.replace("9", "8").replace("2", "1")) is not None
        store.drop(graph)


@pytest.mark.system
def test_text_of_a_megabyte_is_returned(virtuoso_server):
    triples = "".join(f'<urn:{n}> <urn:p> "{"word " * n}"@en .\n' for n in (300_000, 1, 2, 3))
    with Store(store_config(virtuoso_server)) as store:
        store.replace(f"{BASE}graph/long", triples)
        assert as_kept(store.triples(f"{BASE}graph/long", 4)) == as_kept(triples)


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        pytest.param(
            "virtuoso",
            f'"P1Y2M"^^<{XSD}duration>',
            f'<urn:s> <urn:p>: expected "P1Y2M"^^<{XSD}duration>, got "14"^^<{XSD}duration>; if this store cannot hold',
            marks=pytest.mark.system,
        ),
        pytest.param(
            "virtuoso",
            f'"-0001-01-01"^^<{XSD}date>',
            f'expected "-0001-01-01"^^<{XSD}date>, got "0000-01-01"^^<{XSD}date>; if',
            marks=pytest.mark.system,
        ),
        pytest.param(
            "virtuoso",
            f'"123456789.123"^^<{XSD}double>',
            f'got "123457000"^^<{XSD}double>; if',
            marks=pytest.mark.system,
        ),
        ("oxigraph", '"' + "x" * 500 + '"', f'expected "{"x" * 118}…, got nothing; if this store cannot hold a value'),
    ],
    ids=["duration", "year -1", "double", "long"],
)
def test_first_triples_that_differ_are_named(request, project, kind, value, sentence):
    server = request.getfixturevalue(f"{kind}_server")
    empty(server)
    with Store(store_config(server)) as store:
        loader = Loader(whereas.check(whereas.read_project(project)), store)
        graph = next(iter(loader.sizes))
        sent = "".join(f"<urn:{n}> <urn:p> <urn:o> .\n" for n in range(5)) + f"<urn:s> <urn:p> {value} .\n"
        store.replace(graph, sent.replace(value, "<urn:other>") if kind == "oxigraph" else sent)
        difference = str(loader._difference(graph, sent))
        store.drop(graph)
    if kind == "oxigraph":
        sentence = sentence.replace("nothing", "<urn:other>")
    assert difference.startswith(f"{graph}: the store's triples differ from those sent: 1 missing, 1 extra: <urn:s> ")
    assert sentence in difference


def test_values_that_are_one_in_the_store_are_complete(project, server):
    """A store may hold two ways to write a number as one triple."""
    checked = whereas.check(whereas.read_project(project))
    graph = f"{BASE}graph/entities"
    doubled = "".join(f'<urn:s> <urn:p> "{number}"^^<{XSD}integer> <{graph}> .\n' for number in ("007", "7"))
    content = checked.cache.latest("quads", "entities") + doubled.encode()
    checked.cache.put("quads", "entities", "", content)
    checked.cache.commit()
    with Store(store_config(server)) as store:
        loader = Loader(checked, store)
        loader.sizes[graph] += 2
        assert graph in loader.run(loader.plan())
        assert loader.run(loader.plan()) == ()
        store.replace(graph, loader._triples(graph))  # which Virtuoso counts before it is moved
        assert loader._difference(graph, loader._triples(graph)) is None
        store.drop(graph)


@pytest.mark.parametrize(
    ("kind", "protocol"),
    [
        ("oxigraph", "gsp"),
        pytest.param("virtuoso", "gsp", marks=pytest.mark.system),
        pytest.param("virtuoso", "update", marks=pytest.mark.system),
    ],
)
def test_readers_never_see_half_a_graph(request, kind, protocol):
    """While a graph is replaced over and over, every count of it is a whole one.

    Of Virtuoso's, one and then one in a hundred may be wrong: a count that was going on when the new graph came.
    """
    server = request.getfixturevalue(f"{kind}_server")
    graph, sizes = f"{BASE}graph/half", {3000, 6000}
    texts = ["".join(f"<urn:{n}> <urn:p> <urn:o> .\n" for n in range(size)) for size in sizes]
    seen, done = [], threading.Event()

    def read() -> None:
        with Store(store_config(server)) as store:
            while not done.is_set():
                answer = store.select(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
                seen.append(int(answer.rows[0][0].value))

    with Store(store_config(server), protocol) as store:
        store.replace(graph, texts[0])
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        for _ in range(2 if kind == "virtuoso" else 20):
            for text in texts:
                store.replace(graph, text)
        done.set()
        reader.join()
        assert len(as_kept(store.triples(graph))) == len(texts[-1].splitlines())
        assert [name for name in project_graphs(store) if STAGING in name] == []
        store.drop(graph)
    assert sizes & set(seen)
    wrong = [count for count in seen if count not in sizes]
    assert len(wrong) <= (1 + len(seen) // 100 if kind == "virtuoso" else 0), wrong


@pytest.mark.system
@pytest.mark.parametrize("protocol", ["gsp", "update"])
def test_responses_that_virtuoso_truncates_are_read_completely(project, tmp_path, protocol):
    """It returns no more rows or triples than its settings allow, 100 in this test, and answers 200."""
    names = [f"{BASE}graph/{number:03}" for number in range(250)]
    with virtuoso(tmp_path / "virtuoso", rows=100) as server, Store(store_config(server), protocol) as store:
        store.replace(OTHERS, "<urn:a> <urn:b> <urn:c> .\n")
        store.add_quads(lambda: [f"<urn:a> <urn:b> <urn:c> <{name}> .\n".encode() for name in names])
        loader = Loader(whereas.check(whereas.read_project(project)), store)
        assert max(loader.sizes.values()) > 1000
        loader.names |= dict.fromkeys(names, "")
        assert loader.counts().keys() == set(names)
        loader = Loader(loader.checked, store)
        loader.manifest.write(names, {})
        assert loader.plan().gone == tuple(names)
        loader.run(loader.plan())
        assert_complete(project, server)
        assert (len(loader.plan().unchanged), len(loader.plan().gone)) == (5, 250)


@pytest.mark.system
def test_graph_larger_than_a_request_to_virtuoso_is_complete(virtuoso_server):
    graph = f"{BASE}graph/large"
    text = "".join(f'<urn:{n}> <urn:p> "{n} ; }} {{ . \u2028 é{"long" * 20}" .\n' for n in range(45_000))
    with Store(store_config(virtuoso_server)) as store:
        store.replace(graph, text)
        assert as_kept(store.triples(graph, len(text.split("\n")) - 1)) == as_kept(text)
        store.drop(graph)


@pytest.mark.system
def test_graph_in_several_updates_of_virtuoso_is_complete(virtuoso_server):
    graph = f"{BASE}graph/large"
    text = "".join(f'<urn:{n}> <urn:p> "{n} ; }} {{ . é" .\n' for n in range(12_000))
    with Store(store_config(virtuoso_server), "update") as store:
        store.replace(graph, text)
        assert as_kept(store.triples(graph, len(text.split("\n")) - 1)) == as_kept(text)
        store.drop(graph)


def test_protocol_is_detected_unless_it_is_chosen(oxigraph_server):
    server = oxigraph_server
    paths = []

    def fault(handler, number):
        paths.append(handler.path)
        if handler.path.startswith("/none"):
            handler.answer(404, b"no such page")
        return handler.path.startswith("/none")

    with faulty_proxy(server, fault) as address:
        query, update = f"{address}/query", f"{address}/update"
        for graphs, protocol in (("/store", "gsp"), ("/none", "update")):
            with Store(StoreConfig("here", "sparql", query, update, address + graphs)) as store:
                store.replace(f"{BASE}graph/protocol", "<urn:a> <urn:b> <urn:c> .\n")
                assert store.protocol == protocol
                assert store.triples(f"{BASE}graph/protocol") == b"<urn:a> <urn:b> <urn:c> .\n"
                store.drop(f"{BASE}graph/protocol")
        assert [path for path in paths if "default" in path] == ["/store?default=", "/none?default="]
        paths.clear()
        with Store(StoreConfig("here", "sparql", query, update, f"{address}/none"), "update") as store:
            assert store.triples(f"{BASE}graph/protocol") == b""
        assert paths == ["/query"]


@pytest.mark.parametrize(
    ("media_type", "content", "sentence"),
    [
        ("text/html", b"<!doctype html>\n<title>Log in</title>", "/store: expected N-Triples, got 'text/html'"),
        ("application/n-triples", b"<!doctype html>", f"/store: {BASE}graph/"),
        ("application/n-triples", b"<!doctype html>", ": expected N-Triples: "),
        ("application/n-triples", b"", ": the store's triples differ from those sent: "),
    ],
)
def test_store_that_returns_other_data_is_detected(project, oxigraph_server, media_type, content, sentence):
    def fault(handler, number):
        is_late = handler.command == "GET" and number > 2  # the manifest was read
        if is_late:
            handler.answer(200, content, Content_Type=media_type)
        return is_late

    empty(oxigraph_server)
    checked = whereas.check(whereas.read_project(project))
    with faulty_proxy(oxigraph_server, fault) as address:
        config = oxigraph_config(address)
        with pytest.raises(RemoteError) as error, Store(config) as store:
            loader = Loader(checked, store)
            loader.run(loader.plan())
    assert sentence in str(error.value)


@pytest.mark.system
def test_graph_is_not_replaced_when_its_staged_graph_is_dropped_by_another_run(virtuoso_server):
    """Between two requests, what the store was sent is dropped: Virtuoso would move nothing, and empty the graph."""
    server, graph = virtuoso_server, f"{BASE}graph/two"
    before, after = ("".join(f"<urn:{n}> <urn:p> <urn:o> .\n" for n in range(size)) for size in (100, 200))

    def fault(handler, number):
        if handler.command == "POST" and STAGING in unquote(handler.path) and "Authorization" in handler.headers:
            handler.forward(silently=True)
            with Store(store_config(server)) as other:
                other.drop(parse_qs(urlsplit(handler.path).query)["graph"][0])
            handler.answer(201)
            return True
        return False

    with Store(store_config(server)) as store:
        store.replace(graph, before)
        with faulty_proxy(server, fault) as address:
            config = dataclasses.replace(
                store_config(server),
                query=f"{address}/sparql",
                update=f"{address}/sparql-auth",
                graphs=f"{address}/sparql-graph-crud-auth",
            )
            with pytest.raises(RemoteError) as error, Store(config) as cut:
                cut.replace(graph, after)
        assert str(error.value) == (f"{graph}: the store holds 0 of the 200 triples sent; the graph was not replaced")
        assert as_kept(store.triples(graph)) == as_kept(before)
        store.drop(graph)
