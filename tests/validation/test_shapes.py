"""The folder `shapes/`: examples that each shape accepts and rejects, the same for both engines."""

import pickle
import re
from functools import cache
from pathlib import Path

import pytest

import whereas
from whereas.errors import ProjectError
from whereas.project.ontology import read_prefixes, read_vocabulary
from whereas.rdf.namespaces import RDF, RDFS, SHACL
from whereas.rdf.serialization import parse
from whereas.rdf.terms import language_of, value_of
from whereas.validation.shapes import ENGINES, Result, Shapes, read_shapes

ROOT = Path(__file__).parents[2]
PROJECT = whereas.read_project(ROOT)
PREFIXES = read_prefixes(PROJECT)
SHAPES = read_shapes(PROJECT, PREFIXES)
VOCABULARY = {f"{s} {p} {o} .\n" for s, p, o, _ in read_vocabulary(PROJECT)}
GOOD, BAD = (sorted((ROOT / "shapes/examples" / kind).glob("*.ttl")) for kind in ("good", "bad"))
# Properties that select the nodes or the values a shape is about, and the parts of a path.
ABOUT = {f"<{SHACL}{name}>" for name in ("path", "inversePath", "alternativePath")}
ABOUT |= {f"<{SHACL}target{name}>" for name in ("Class", "SubjectsOf", "ObjectsOf")}
ABOUT |= {f"<{RDF}first>", f"<{RDF}rest>"}
EXPECTED = re.compile(r'^# expect: (\w+) (\S+) "(.*)"$', re.M)

OWN = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
@prefix schema: <https://schema.org/> .
ex:Boat a sh:NodeShape ; sh:targetClass ex:Boat ;
    sh:property [ sh:path schema:name ; sh:minCount 1 ] ,
        [ sh:path schema:color ; sh:in ( ex:red ex:green ) ] ,
        [ sh:path schema:price ; sh:or ( [ sh:datatype ex:euro ] [ sh:minInclusive 3 ] ) ] ,
        [ sh:path [ sh:inversePath schema:owns ] ; sh:minCount 1 ; sh:message "Somebody owns a boat."@en ] ;
    sh:sparql [ sh:message "No boat is called {?value}: {$this}."@en ;
        sh:select "SELECT $this ?value { $this <https://schema.org/name> ?value FILTER(?value = 'x') }" ] .
"""
FLEET = """
@prefix ex: <https://example.org/> .
@prefix schema: <https://schema.org/> .
ex:nameless a ex:Boat ; schema:color ex:blue ; schema:price 1 .
ex:x a ex:Boat ; schema:name "x" . ex:ada schema:owns ex:x .
"""


def lines(text: str) -> set[str]:
    return {f"{s} {p} {o} .\n" for s, p, o, _ in parse(text, "ttl")}


@cache
def validated(path: Path, engine: str) -> list[Result]:
    return SHAPES.check("".join(sorted(VOCABULARY | lines(path.read_text("utf-8")))), engine)


def described(shapes: Shapes, results: list[Result]) -> list[tuple[object, ...]]:
    return [(result, shapes.name(result), shapes.message(result)) for result in results]


def reporting() -> set[str]:
    """Return the shapes with results: property shapes, and node shapes with a constraint or message of their own."""
    kinds = {(f"<{SHACL}path>"), f"<{SHACL}sparql>", f"<{SHACL}message>"}
    named = {value_of(s) for s, p, _, _ in SHAPES.quads if p in kinds and s.startswith("<")}
    constraints = {value_of(o) for _, p, o, _ in SHAPES.quads if p == f"<{SHACL}sparql>"}
    return {name for name in named - constraints if not name.startswith("urn:")}


@pytest.mark.parametrize("path", [*GOOD, *BAD], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_both_engines_give_the_same_results_and_messages(path):
    first, second = (described(SHAPES, validated(path, engine)) for engine in ENGINES)
    assert first == second


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_example_conforms(path):
    assert [r for r in validated(path, ENGINES[0]) if r.severity != "Info"] == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_example_has_the_results_it_expects_and_none_more_severe(path):
    expected = EXPECTED.findall(path.read_text("utf-8"))
    results = validated(path, ENGINES[0])
    assert expected
    for severity, name, words in expected:
        messages = [
            SHAPES.message(r).in_language("en") for r in results if (r.severity, SHAPES.name(r)) == (severity, name)
        ]
        assert any(words in message for message in messages), (severity, name, words)
    severe = {(r.severity, SHAPES.name(r)) for r in results if r.severity != "Info"}
    assert severe - {(severity, name) for severity, name, _ in expected} == set()


def test_every_shape_has_an_example_it_rejects():
    rejected = {r.shape for path in BAD for r in validated(path, ENGINES[0])}
    # The lists of concepts are used through sh:node: the shape that uses one has the result.
    lists = {name for name in reporting() if re.search(r"#in-.*-scheme$", name)}
    used = {value_of(o) for _, p, o, _ in SHAPES.quads if p == f"<{SHACL}node>"}
    assert {name.removesuffix("-scheme") for name in lists} <= used
    assert reporting() - lists - rejected == set()


def test_every_shape_has_an_example_it_accepts():
    triples = {quad[:3] for path in GOOD for quad in parse(path.read_text("utf-8"), "ttl")}
    types = {o for _, p, o in triples if p == f"<{RDF}type>"}
    broader = {(s, o) for s, p, o, _ in parse("".join(VOCABULARY), "nt") if p == f"<{RDFS}subClassOf>"}
    for _ in range(5):  # deeper than the classes go
        types |= {wide for narrow, wide in broader if narrow in types}
    occurring = {value_of(term) for term in types | {p for _, p, _ in triples}}
    parts: dict[str, set[str]] = {}
    for subject, predicate, term, _ in SHAPES.quads:
        if predicate in ABOUT:
            parts.setdefault(value_of(subject), set()).add(value_of(term))
    for name in reporting():
        about = set(parts.get(name, ()))
        while nested := {term for term in about if term in parts}:
            about = (about - nested) | {inner for term in nested for inner in parts[term]}
        assert about & occurring, name


def test_every_shape_has_a_message_in_both_languages():
    messages: dict[str, list[tuple[str, str]]] = {}
    for subject, predicate, term, _ in SHAPES.quads:
        if predicate == f"<{SHACL}message>":
            messages.setdefault(value_of(subject), []).append((language_of(term), value_of(term)))
    constraints = {value_of(o): value_of(s) for s, p, o, _ in SHAPES.quads if p == f"<{SHACL}sparql>"}
    assert len(set(constraints.values())) == len(constraints), "one SPARQL constraint a shape"
    for name in reporting() - set(constraints.values()):
        assert sorted(language for language, _ in messages[name]) == ["en", "fr"], name
    for name in constraints:
        ((language, both),) = messages[name]
        assert (language, both.count(" / ")) == ("", 1), name


def test_every_path_is_a_term_of_the_ontology():
    known = {line.split(" ", 1)[0] for line in VOCABULARY}
    paths = {o for _, p, o, _ in SHAPES.quads if p in (f"<{SHACL}path>", f"<{SHACL}inversePath>")}
    builtin = ("<http://www.w3.org/2000/01/rdf-schema#", "<http://www.w3.org/2002/07/owl#")
    assert {path for path in paths if path.startswith("<") and not path.startswith(builtin)} - known == set()


# ------------------------------------------------------------------------------------------ a project's own shapes


@pytest.fixture
def own(tmp_path) -> Shapes:
    (tmp_path / "pyproject.toml").write_text("[tool.whereas]\n")
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes/boats.ttl").write_text(OWN)
    return read_shapes(whereas.read_project(tmp_path), {**PREFIXES, "ex": "https://example.org/"})


@pytest.mark.parametrize("engine", ENGINES)
def test_shape_without_name_or_message_reports_a_message_under_the_nearest_name(own, engine):
    results = own.check("".join(sorted(lines(FLEET))), engine)
    assert sorted(
        (own.name(r), r.focus[20:], own.message(r).in_language("en"), own.message(r).in_language("fr")) for r in results
    ) == [
        ("ex:Boat", "nameless", "Somebody owns a boat.", "Somebody owns a boat."),
        (
            "ex:Boat",
            "nameless",
            "schema:color: expected in ex:red ex:green, got ex:blue",
            "schema:color : in ex:red ex:green est attendu, et non ex:blue",
        ),
        ("ex:Boat", "nameless", "schema:name: expected minCount 1", "schema:name : minCount 1 est attendu"),
        ("ex:Boat", "nameless", "schema:price: expected or, got 1", "schema:price : or est attendu, et non 1"),
        ("ex:Boat", "x", "No boat is called x: ex:x.", "No boat is called x: ex:x."),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_shapes_that_an_engine_cannot_use_are_one_error_on_one_line(own, tmp_path, engine):
    (tmp_path / "shapes/boats.ttl").write_text(OWN.replace("FILTER(", "VALUES ?value { 'x' } FILTER("))
    shapes = read_shapes(whereas.read_project(tmp_path), own.prefixes)
    with pytest.raises(ProjectError) as error:
        shapes.check("".join(sorted(lines(FLEET))), engine)
    message = str(error.value)
    assert message.startswith(f"shapes: violation: {engine} rejected the shapes: ") and "VALUES" in message
    assert "\n" not in message
    assert str(pickle.loads(pickle.dumps(error.value))) == message


def test_shape_without_name_gets_the_same_name_each_time(own, tmp_path):
    again = read_shapes(whereas.read_project(tmp_path), own.prefixes)
    assert (again.quads, again.digest) == (own.quads, own.digest)


@pytest.mark.parametrize(
    ("messages", "readers"),
    [
        ('"rouge / red"', {"fr": "rouge", "en": "red", "de": "red"}),
        ('"red"', {"fr": "red", "en": "red", "de": "red"}),
        ('"red"@en , "rot"@de , "rouge"@fr', {"fr": "rouge", "en": "red", "de": "rot"}),
        ('"rot"@de', {"fr": "rot", "en": "rot", "de": "rot"}),
        ('"rouge / red" , "rot"@de', {"fr": "rouge", "en": "red", "de": "rot"}),
    ],
)
def test_message_is_in_the_reader_s_language_or_in_english_or_in_any(messages, readers):
    text = f"@prefix sh: <{SHACL}> . <urn:s> sh:message {messages} ."
    sentence = Shapes(tuple(parse(text, "ttl")), {}, "").sentence("urn:s")
    assert {language: sentence.in_language(language) for language in readers} == readers


def test_language_of_a_message_is_the_one_it_is_tagged_with():
    shapes = Shapes(tuple(parse(f"<urn:s> <{SHACL}message> 'rot'@de .", "ttl")), {}, "")
    assert shapes.sentence("urn:s").language_for("fr") == "de"
    assert shapes.sentence("urn:none") is None
