"""Every value of a document is a triple, with its own characters, as other readers read it."""

import json
from xml.parsers import expat

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring import DOCUMENT, PAGE, compiled, context, write_project
from whereas.compiler.values import changed_values
from whereas.compiler.yamlld import quads, read_document
from whereas.rdf.serialization import iri_problem, serialized
from whereas.rdf.terms import datatype_of, nquads, value_of
from whereas.rdf.writers import Export, frame, written

EXAMPLES = settings(max_examples=150, deadline=None)
HEAD = f'"@context": {context().iri}\nid: graphs:entities\ngraph:\n'
ENTITY = HEAD + "- {id: ent:a, type: Thing, "


def values_of(folder, key, scalar):
    """The findings, and the terms of ent:a under a key whose plain scalar is written so."""
    findings, quads_ = compiled(write_project(folder, {"entities/a.yaml": f"{ENTITY}\n  {key}: {scalar}\n  }}\n"}))
    return findings, [value for _, predicate, value, _ in quads_ if predicate == f"<{context().keys[key]}>"]


# -------------------------------------------------------------------- texts


PLAIN = st.from_regex(
    r"[0-9A-Za-z+.][0-9A-Za-z+.:xeE_-]{0,20}(?<!:)|[-+]?[0-9]{1,40}|0[xo][0-9A-F]{1,20}|[-+]?[0-9]{1,9}\.[0-9]{0,9}(?:[eE][+-]?[0-9]{1,4})?",
    fullmatch=True,
).filter(lambda word: word.lower() != "null")
WORDS = st.sampled_from(
    ["yes", "no", "true", "False", "2022-06-09", "0000000121032683", "007", "1.10", "12e4", "0x1F", "1e999"]
)


@EXAMPLES
@given(WORDS | PLAIN)
def test_plain_scalar_under_a_text_key_keeps_its_characters(tmp_path_factory, word):
    findings, terms = values_of(tmp_path_factory.mktemp("a"), "identifier", word)
    assert (findings, terms) == ([], [f'"{word}"'])


def test_texts_in_lists_and_by_language_keep_their_characters(tmp_path):
    _, terms = values_of(tmp_path, "alias", "{en: [1984, 007, true]}")
    assert sorted(terms) == ['"007"@en', '"1984"@en', '"true"@en']


def test_numbers_under_other_keys_are_numbers(tmp_path):
    findings, terms = values_of(tmp_path, "votesFor", "010")
    assert not findings and [value_of(term) for term in terms] == ["10"]


# -------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "day", ["-0551-09-28", "0000-02-29", "12022-01-01", "1969-12-28Z", "1969-12-28-14:00", "2000-02-29"]
)
def test_valid_day_of_xml_schema_is_accepted(tmp_path, day):
    findings, terms = values_of(tmp_path, "birthDate", day)
    assert not findings and [value_of(term) for term in terms] == [day]


@pytest.mark.parametrize(
    "day",
    [
        "1900-02-29",
        "2022-13-01",
        "2022-1-1",
        "012022-01-01",
        "-0000-01-01",
        "1969-12-28+14:30",
        "2022-06-09T10:00:00",
        "true",
        "9",
    ],
)
def test_other_days_are_findings(tmp_path, day):
    findings, _ = values_of(tmp_path, "birthDate", day)
    assert [finding.rule for finding in findings] == ["not-a-value"]


def test_year_is_written_with_its_datatype(tmp_path):
    findings, (term,) = values_of(tmp_path, "birthDate", '{"@value": 0044, "@type": xsd:gYear}')
    assert not findings and (value_of(term), datatype_of(term)[-6:]) == ("0044", "#gYear")


# -------------------------------------------------------------------- languages


def test_tags_are_published_in_lower_case(tmp_path):
    document = DOCUMENT.replace("lang: en", "lang: EN-gb").replace("{en: warns}", "{en-GB: warns}")
    findings, quads_ = compiled(write_project(tmp_path, {**PAGE, "note/document.yaml": document}))
    assert not findings
    tags = {value for _, predicate, value, _ in quads_ if predicate == f"<{context().keys['lang']}>"}
    assert tags == {'"en-gb"'} and {value[-6:] for *_, value, _ in quads_ if "@" in value[-6:]} == {"@en-gb"}


# -------------------------------------------------------------------- IRIs


CHARACTERS = st.characters(codec="utf-8") | st.sampled_from("%/?#[]@:\u00a0\u200c\u2028\u3000é'()*,;=&\u202e\ufeff.")
IRIS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["https://e.example/", "https://", "urn:x:", "ent:", "https://e.example/a?"]),
    st.text(CHARACTERS, max_size=8),
    st.sampled_from(["", "%E4", "%"]),
)


@EXAMPLES
@given(st.lists(IRIS, min_size=1, max_size=4, unique=True))
def test_what_is_accepted_other_readers_read_alike(tmp_path_factory, names):
    document = f"{ENTITY}seeAlso: {json.dumps(names)}}}\n"
    checked, findings = read_document(document, "a.yaml", context())
    if checked is None:
        assert findings and any(finding.line().startswith("a.yaml:4: ") for finding in findings)
        return
    expected = {checked.expand(name) for name in names}
    compiled_ = quads(checked, checked.nodes, context())
    see_also = f"<{context().keys['seeAlso']}>"
    assert {value_of(value) for _, predicate, value, _ in compiled_ if predicate == see_also} == expected
    export = Export("entities", checked.graph, tuple(compiled_), context(), "https://w3id.org/whereas/")
    before, _, after = frame("ttl", context())
    files = [(nquads(compiled_), "nquads"), (before + written(export, "ttl") + after, "turtle")]
    before, _, after = frame("jsonld", context())
    files += [(before + written(export, "jsonld") + after, "json-ld")]
    rdfxml = serialized(compiled_, "rdf", {})
    expat.ParserCreate().Parse(rdfxml, True)
    files += [(rdfxml, "xml")]
    for content, format_ in files:
        dataset = rdflib.Dataset(default_union=True)
        dataset.parse(data=content, format=format_)
        assert {str(value) for value in dataset.objects(None, rdflib.RDFS.seeAlso)} == expected, format_


@pytest.mark.parametrize(
    "name",
    [
        "https://e.example/\u00a0x",
        "https://e.example/100%",
        "https://e.example:port/",
        "https://[::1/x",
        "https://e.example/\u202ex",
        "x",
    ],
)
def test_problem_of_an_iri_says_what_is_wrong(name):
    assert iri_problem(name)


# -------------------------------------------------------------------- what went in, and what came out


def test_value_that_did_not_become_a_triple_is_reported(tmp_path):
    document, _ = read_document(
        ENTITY + "identifier: 007, url: https://e.example/, label: {en: A}}\n", "a.yaml", context()
    )
    assert document is not None
    whole = quads(document, document.nodes, context())
    assert list(changed_values(document, document.nodes, whole, context())) == []
    for lost in whole:
        rest = [quad for quad in whole if quad != lost]
        places = list(changed_values(document, document.nodes, rest, context()))
        assert places == [(value_of(lost[0]), value_of(lost[1]))]
    more = [*whole, (whole[0][0], whole[0][1], '"more"', whole[0][3])]
    assert list(changed_values(document, document.nodes, more, context())) == [
        (value_of(whole[0][0]), value_of(whole[0][1]))
    ]
