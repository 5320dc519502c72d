"""Whatever a file contains, compiling it ends in findings and quads that can be loaded."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring import DOCUMENT, PAGE, compiled, context, write_project
from whereas.rdf.store import Graph
from whereas.rdf.terms import nquads

HEADER = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\n"

WORDS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["doc:note", "ent:a", "doc:note/text.en", "SourceText", "Claim", "en", "The harvest failed.", "."]),
)
KEYS = st.one_of(
    st.sampled_from([*sorted(context().terms), "exact", "prefix", "suffix", "en", "fr"]), st.text(max_size=4)
)
VALUES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
NAMES = st.sampled_from(["doc:note", "doc:note/text.en", "doc:note#1", "doc:note#2", "ent:a"])
TYPES = st.sampled_from(["Report", "SourceText", "Claim", "Quotation"])
NODES = st.lists(
    st.fixed_dictionaries(
        {"id": NAMES | WORDS, "type": TYPES | st.lists(TYPES) | WORDS},
        optional={"quote": VALUES, "lang": st.just("en") | WORDS, "verb": VALUES, "identifier": VALUES},
    )
    | st.dictionaries(KEYS, VALUES, max_size=4),
    max_size=4,
)
EXAMPLES = settings(max_examples=100, deadline=None)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return write_project(tmp_path_factory.mktemp("fuzz"), PAGE)


def compile_with(project, name, content):
    """Compile the page with one file replaced, and load the quads."""
    (project.data / name).parent.mkdir(exist_ok=True)
    (project.data / name).write_bytes(content)
    _, quads = compiled(project)
    Graph().load(nquads(quads))


@EXAMPLES
@given(st.text() | st.binary())
def test_any_text_as_a_document_compiles(project, content):
    compile_with(
        project, "note/document.yaml", content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    )


@EXAMPLES
@given(NODES)
def test_any_nodes_compile(project, nodes):
    document = {"@context": context().iri, "id": "graphs:note", "graph": nodes}
    compile_with(project, "note/document.yaml", json.dumps(document).encode())


@EXAMPLES
@given(VALUES)
def test_any_quote_compiles(project, quote):
    document = DOCUMENT.replace('"The harvest failed."', json.dumps(quote))
    compile_with(project, "note/document.yaml", document.encode())


CELLS = st.text(st.characters(exclude_characters="\t\r\n"), max_size=9)


@EXAMPLES
@given(st.lists(st.lists(CELLS | st.sampled_from(["ent:a", "owl:sameAs", "wd:Q1", "1", "Not"]), max_size=6)))
def test_any_rows_of_links_compile(project, rows):
    content = HEADER + "".join("\t".join(row) + "\n" for row in rows)
    compile_with(project, "links/any.sssom.tsv", content.encode("utf-8", "replace"))
