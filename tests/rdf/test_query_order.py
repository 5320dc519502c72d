"""ORDER BY over values of all kinds: sorted, never a process that aborts."""

import random
import subprocess
import sys

import pyoxigraph as ox
import pytest

from whereas.errors import ArgumentError
from whereas.rdf.namespaces import XSD
from whereas.rdf.query_order import sortable
from whereas.rdf.store import Graph, uses

PREDICATE = ox.NamedNode("http://example.org/p")

# In a process of its own: what is tested is that it does not abort.
SORTS = """
import sys, random
sys.path[:0] = sys.argv[1].split(":")
from test_query_order import close_numbers, literals, store_of, QUERIES
from whereas.rdf.query_order import sortable
source = random.Random(int(sys.argv[2]))
for query in QUERIES:
    for size in (30, 100, 400):
        list(store_of(literals(source, size)).query(sortable(query)))
        list(store_of(close_numbers(source, size)).query(sortable(query)))
print("sorted")
"""
QUERIES = (
    "SELECT ?o {?s ?p ?o} ORDER BY ?o",
    "SELECT ?o {?s ?p ?o} ORDER BY DESC(?o) LIMIT 7",
    "SELECT ?o {?s ?p ?o} ORDER BY ?p ASC(?o) OFFSET 3",
    "SELECT ?o {{SELECT ?o {?s ?p ?o} order by (?o) STR(?o) LIMIT 50}} ORDER BY DESC(COALESCE(?o, 1)) ?o",
)


def literal(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))


def literals(source: random.Random, count: int) -> list[ox.Literal | ox.NamedNode | ox.BlankNode]:
    """Terms of every kind, most of which look like numbers or days."""
    terms = []
    for _ in range(count):
        n = source.randrange(130)
        zone = source.choice(["", "Z", "+14:00", "-11:00"])
        terms.append(
            source.choice(
                [
                    ox.Literal(n),
                    ox.Literal(f"{n}a"),
                    ox.Literal(str(n)),
                    ox.Literal(str(n), language=source.choice(["en", "fr"])),
                    literal(f"{n}.5", "decimal"),
                    literal(source.choice(["NaN", "INF", "-INF", f"{n}e0"]), "double"),
                    literal(f"20{n % 100:02}-01-1{n % 9}T0{n % 10}:00:00{zone}", "dateTime"),
                    literal(f"20{n % 100:02}-01-1{n % 9}{zone}", "date"),
                    literal(source.choice([f"P{n}D", f"P{n % 5}M", f"PT{n}H", f"P{n % 4}Y"]), "duration"),
                    literal(f"{1900 + n}{zone}", "gYear"),
                    literal(f"0{n % 10}:00:00{zone}", "time"),
                    literal(str(n), "unknown"),
                    literal(f"20{n % 100:02}-13-1{n % 9}T25:00:00{zone}", "dateTime"),  # not allowed
                    literal(source.choice(["1", "0", "yes"]), "boolean"),
                    ox.Triple(ox.BlankNode("b"), PREDICATE, source.choice([ox.Literal(n), ox.Literal(f"{n}a")])),
                    ox.Literal(True),
                    ox.NamedNode(f"http://example.org/{n}"),
                    ox.BlankNode(),
                ]
            )
        )
    return terms


def close_numbers(source: random.Random, count: int) -> list[ox.Literal]:
    """Numbers that equal one float or double, but not each other."""
    return [
        literal(
            source.choice([f"{whole}.{part}", str(whole), f"0.{part}"]), source.choice(["decimal", "float", "double"])
        )
        if source.random() < 0.7
        else ox.Literal(whole)
        for _ in range(count)
        for whole, part in [
            (9007199254740980 + source.randrange(40), source.choice(["1", "10000001", "100000001490116"]))
        ]
    ]


def store_of(terms) -> ox.Store:
    store = ox.Store()
    store.extend(
        ox.Quad(ox.NamedNode(f"http://example.org/s{number}"), PREDICATE, term) for number, term in enumerate(terms)
    )
    return store


def ordered(query: str, *terms) -> list[str]:
    return [str(row["o"].value) for row in store_of(terms).query(sortable(query))]


@pytest.mark.parametrize("seed", range(4))
def test_values_of_all_kinds_are_sorted_and_the_process_lives(seed):
    here = str(__file__).rpartition("/")[0]
    command = [sys.executable, "-c", SORTS, here, str(seed)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "sorted\n"), run.stderr[-2000:]


def test_numbers_go_by_their_value_and_before_texts():
    terms = [ox.Literal(10), ox.Literal("1a"), ox.Literal(9), literal("9.5", "decimal"), ox.Literal("10")]
    assert ordered("SELECT ?o {?s ?p ?o} ORDER BY ?o", *terms) == ["9", "9.5", "10", "10", "1a"]
    assert ordered("SELECT ?o {?s ?p ?o} ORDER BY DESC(?o)", *terms) == ["1a", "10", "10", "9.5", "9"]


def test_texts_go_by_their_letters_whatever_their_language():
    terms = [ox.Literal("b", language="en"), ox.Literal("a", language="fr"), ox.Literal("c"), ox.Literal("B")]
    assert ordered("SELECT ?o {?s ?p ?o} ORDER BY ?o", *terms) == ["B", "a", "b", "c"]


def test_unbound_comes_first_then_names_then_literals():
    store = store_of([ox.Literal("a"), ox.NamedNode("http://example.org/x")])
    query = "SELECT ?o {{?s ?p ?o} UNION {BIND(1 AS ?one)}} ORDER BY ?o"
    values = [row["o"] and row["o"].value for row in store.query(sortable(query))]
    assert values == [None, "http://example.org/x", "a"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?o {?s ?p ?o}",
        "SELECT ?o {?s ?p ?o} ORDER BY STR(?o) DESC(COUNT(?o)) (STRLEN(?o))",
        "SELECT ?o {?s ?p 'ORDER BY ?o'} # ORDER BY ?o",
        'SELECT ?order {?order ?by """ ORDER BY ?o """}',
        "SELECT ?o {SERVICE <http://example.org/sparql> {SELECT ?o {?s ?p ?o} ORDER BY ?o}}",
        "SELECT ?o {?s <http://example.org/ORDER> ?o} ORDER BY",
        "SELECT ?o {?s ?p ?o} ORDER BY DESC(",
        "ORDER BY",
        "",
    ],
)
def test_query_without_such_a_key_stays_as_it_is(query):
    assert sortable(query) == query


@pytest.mark.parametrize("seed", range(3))
def test_numbers_keep_the_order_of_sparql(seed):
    terms = list(dict.fromkeys(close_numbers(random.Random(seed), 40)))
    rows = store_of(terms).query(sortable("SELECT ?o {?s ?p ?o} ORDER BY ?o"))
    positions = {row["o"]: number for number, row in enumerate(rows)}
    pairs = list(store_of(terms).query("SELECT ?a ?b {?s ?p ?a . ?t ?q ?b FILTER(?a < ?b)}"))
    assert len(pairs) > 300
    assert all(positions[pair["a"]] < positions[pair["b"]] for pair in pairs)


MIXED = " ".join(f"{n} '{n}a' {n}.5e0" for n in range(400, 0, -1))


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT ?o {{VALUES ?o {{{MIXED}}}}} ORDER BY ?o",
        f"ASK {{{{SELECT ?o {{VALUES ?o {{{MIXED}}}}} ORDER BY ?o}}}} # from service",
        f"CONSTRUCT {{?s <http://e/p> ?o}} {{VALUES ?o {{{MIXED}}} BIND(<http://e/s> AS ?s)}} ORDER BY ?o LIMIT 9",
    ],
    ids=["SELECT", "ASK", "CONSTRUCT"],
)
def test_no_graph_aborts_the_process(query):
    uses(query, "FROM")
    Graph().query(query)
    assert Graph().write_answer(query, {}, {}, 1000) in ("rows", "boolean", "triples")


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT ?o {?s ?p ?o} ORDER BY ?o LIMIT x", "line 1, column 41"),
        ("SELECT ?o {?s ?p ?o}\nORDER BY ?o STR(e:x)", "line 2, column 21"),
        ("SELECT ?o {?s ?p ?o} ORDER BY DESC(?o", "line 1, column 38"),
    ],
)
def test_syntax_error_is_reported_where_it_was_written(query, place):
    for run in (Graph().query, lambda text: Graph().write_answer(text, {}, {}, 1)):
        with pytest.raises(ArgumentError, match=place):
            run(query)


def test_key_with_another_value_each_time_or_a_query_is_sorted_by_as_text():
    assert sortable("SELECT ?o {?s ?p ?o} ORDER BY RAND()").endswith("ORDER BY ASC(STR(RAND()))")
    query = "SELECT ?o {?s ?p ?o} ORDER BY DESC(EXISTS {SELECT ?o {?s ?p ?o} ORDER BY ?o LIMIT 1})"
    for _ in range(6):  # each within the other
        query = query.replace("{SELECT ?o {?s ?p ?o} ORDER BY ?o", "{" + query, 1)
    assert len(sortable(query)) < 10 * len(query) + 2000


def test_name_beside_a_quote_hides_no_condition():
    query = "PREFIX e: <http://example.org/> SELECT ?o {?s e:p ?o FILTER(?o != e:p'it') } ORDER BY ?o #'"
    assert sortable(query) != query and sortable(query).count("'it'") == 1


@pytest.mark.parametrize("quote", ['"', "'", '"""', "'''"])
def test_conditions_hold_texts_and_brackets(quote):
    query = f"SELECT ?o {{?s ?p ?o}} ORDER BY (CONCAT({quote}) DESC({quote}, STR(?o))) ?o LIMIT 2"
    assert ordered(query, ox.Literal("b"), ox.Literal("a"), ox.Literal("c")) == ["a", "b"]
