"""YAML is read as YAML 1.2 and JSON-LD 1.1; what a generic processor drops is a finding."""

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

import whereas
from authoring import DOCUMENT, PAGE, ROOT, compiled, context, write_project
from whereas.compiler.documents import compile_source
from whereas.compiler.yamlld import read_document
from whereas.project.sources import LINKS, list_sources, read_source
from whereas.project.yaml import Map, read_yaml
from whereas.rdf.serialization import parse
from whereas.rdf.terms import value_of

# -------------------------------------------------------------------- scalars


@pytest.mark.parametrize(
    "word", ["no", "off", "yes", "on", "y", "n", "12:30:45", "1_000", "2022-06-09", "0b11", "=", "<<"]
)
def test_words_that_are_values_in_yaml_1_1_stay_text(word):
    assert read_yaml(f"a: {word}", "a.yaml") == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("010", 10),
        ("0o10", 8),
        ("0xFf", 255),
        ("-7", -7),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("2.", 2.0),
        ("true", True),
        ("FALSE", False),
        ("'010'", "010"),
        ("9007199254740991", 2**53 - 1),
    ],
)
def test_numbers_and_booleans_are_those_of_the_core_schema(word, value):
    read = read_yaml(f"a: {word}", "a.yaml")["a"]
    assert (read, type(read)) == (value, type(value))


PRINTED = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=9)
KEYS = PRINTED.filter(lambda key: key != "quote")  # its bare words are a finding, numbers too
JSON = st.recursive(
    PRINTED | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_json_is_read_as_json(value):
    assert read_yaml(json.dumps(value, ensure_ascii=False), "a.yaml") == value


def test_mapping_knows_the_lines_of_its_keys():
    read = read_yaml("\na: 1\nb:\n  c: 2\n", "a.yaml")
    assert isinstance(read, Map) and (read.lines, read["b"].line) == ({"a": 2, "b": 3}, 4)


def test_error_that_stops_the_reader_includes_earlier_findings():
    with pytest.raises(whereas.ProjectError) as error:
        read_yaml("a: 1\na: 2\nb: &b [*b]\n", "a.yaml")
    assert str(error.value) == ("a.yaml:2: violation: duplicate key 'a'\na.yaml:3: violation: an alias contains itself")


# -------------------------------------------------------------------- documents


def test_wrong_context_does_not_hide_other_findings():
    text = '"@context": [elsewhere, {a b: 1, ent: 5}]\nid: Note\ngraph:\n- type: Clam\n'
    _, findings = read_document(text, "a.yaml", context())
    assert [finding.line() for finding in findings] == [
        "a.yaml:1: violation: @context: expected a prefix such as d, got a b",
        "a.yaml:1: violation: @context: expected https://w3id.org/whereas/context.jsonld, got elsewhere",
        "a.yaml:1: violation: ent: expected an IRI that ends in / or #, got 5",
        "a.yaml:2: violation: id: expected prefix:name or an IRI, got 'Note'",
        "a.yaml:4: violation: a node without id",
        "a.yaml:4: violation: unknown type 'Clam', did you mean 'Claim'?",
    ]


def test_prefixes_declared_in_a_file_are_valid_in_it_alone():
    own = '"@context": [https://w3id.org/whereas/context.jsonld, {d: "https://example.org/d#"}]'
    text = f"{own}\nid: graphs:note\ngraph:\n- {{id: 'd:1', type: Thing}}\n"
    document, findings = read_document(text, "a.yaml", context())
    assert not findings and document is not None
    assert document.expand("d:1") == "https://example.org/d#1"
    _, findings = read_document(text.replace(own, f'"@context": {context().iri}'), "b.yaml", context())
    assert [finding.line() for finding in findings] == [
        "b.yaml:4: violation: unknown prefix 'd' in 'd:1', did you mean 'wd'?"
    ]


# -------------------------------------------------------------------- any YAML-LD processor reads our files alike


class _Core(yaml.SafeLoader):
    """PyYAML with the Core schema of YAML 1.2, as YAML-LD asks."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 (PyYAML's own declaration)


for _tag, _form, _construct in (
    ("null", r"~|null|Null|NULL|", lambda text: None),
    ("bool", r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    ("int", r"[-+]?[0-9]+", int),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", float),
):
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_form})$"), None)
    _Core.add_constructor(f"tag:yaml.org,2002:{_tag}", lambda _, node, construct=_construct: construct(node.value))


def triples_of(path: Path) -> set[tuple[str, str, str, str]]:
    """The quads of a file by PyYAML and PyLD."""

    def load(address, options):
        assert address == context().iri
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": address,
            "document": {"@context": dict(context().terms)},
        }

    data = yaml.load(path.read_text("utf-8"), Loader=_Core)
    return set(parse(jsonld.to_rdf(data, {"documentLoader": load, "format": "application/n-quads"}), "nq"))


@pytest.mark.parametrize(
    "source",
    [source for source in list_sources(whereas.read_project(ROOT)) if source.name != LINKS],
    ids=lambda source: source.name,
)
def test_pyld_reads_the_same_triples(source):
    project = whereas.read_project(ROOT)
    contents, unread = read_source(source, project)
    ours = set(compile_source(source, contents, unread, project, context()).quads)
    theirs = set().union(*(triples_of(path) for path in source.files if path.suffix == ".yaml"))
    assert theirs and theirs <= ours
    subjects = {subject for subject, _, _, _ in theirs}
    more = {value_of(predicate) for subject, predicate, _, _ in ours - theirs if subject in subjects}
    assert more <= {context().keys[key] for key in ("evidence", "statedIn", "text")}


@pytest.mark.parametrize("name", ["ent:anna", "https://example.org/a", "ent://anna", "urn:isbn:0", "ent:a:b"])
def test_compact_names_are_expanded_as_by_pyld(tmp_path, name):
    text = DOCUMENT.replace("ent:anna", name)
    project = write_project(tmp_path, {**PAGE, "note/document.yaml": text})
    document, _ = read_document(text, "a.yaml", context())
    assert document is not None
    theirs = triples_of(project.data / "note/document.yaml")
    speaker = f"<{context().keys['speaker']}>"
    assert [value for _, predicate, value, _ in theirs if predicate == speaker] == [f"<{document.expand(name)}>"]
    assert theirs <= set(compiled(project)[1])


def test_pyld_reads_the_page_of_these_tests_alike(tmp_path):
    project = write_project(tmp_path, PAGE)
    assert triples_of(project.data / "note/document.yaml") <= set(compiled(project)[1])
