"""The folder `ontology/`: every term explained, every prefix and key in its place, and no contradiction."""

import json
import re
from functools import cache
from pathlib import Path

import owlrl
import pyoxigraph
import pytest
from pyld import jsonld
from rdflib import OWL, RDF, RDFS, SKOS, BNode, Dataset, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, PROV

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "ontology").glob("*.ttl"))
BASE = "https://w3id.org/whereas/"
WA = Namespace(BASE + "ns#")
SH = Namespace("http://www.w3.org/ns/shacl#")
SCHEMA = Namespace("https://schema.org/")
ERROR = Namespace("http://www.daml.org/2002/03/agents/agent-ont#")
PREFIXES_OF_SCHEMES = {
    "k": "kind", "q": "qualification", "deg": "degree", "mode": "mode", "suite": "follow-up", "cor": "corroboration",
}  # fmt: skip
LANGUAGES = {"fr", "en"}
OFFERED = {
    Literal("disponible ; pas encore employ\u00e9 dans nos donn\u00e9es", "fr"),
    Literal("available; not used in our own data yet", "en"),
}


@cache
def read(*names: str) -> Graph:
    graph = Graph()
    for name in names:
        graph.parse(ROOT / "ontology" / name)
    return graph


ONTOLOGY, SCHEMES, ALIGNMENTS = read("whereas.ttl"), read("schemes.ttl"), read("alignments.ttl")
VOCABULARY = read("whereas.ttl", "schemes.ttl")
CONTEXT = json.loads((ROOT / "ontology/context.jsonld").read_text("utf-8"))["@context"]
CLASSES = sorted(c for c in ONTOLOGY.subjects(RDF.type, OWL.Class) if c in WA)
PROPERTIES = sorted(
    p for kind in (OWL.ObjectProperty, OWL.DatatypeProperty) for p in ONTOLOGY.subjects(RDF.type, kind) if p in WA
)
TERMS = CLASSES + PROPERTIES
CONCEPTS = sorted(SCHEMES.subjects(RDF.type, SKOS.Concept))
SCHEME_NODES = sorted(SCHEMES.subjects(RDF.type, SKOS.ConceptScheme))


@pytest.fixture(scope="module")
def dataset(checked) -> Graph:
    """Every triple of the real project."""
    quads = (quad for summary in checked.summaries for quad in checked.quads(summary.name))
    return Graph().parse(data="".join(f"{s} {p} {o} .\n" for s, p, o, _ in quads), format="nt")


def local(node: URIRef) -> str:
    return str(node).removeprefix(BASE)


def languages(graph: Graph, node: URIRef, told_by: URIRef) -> list[str]:
    return sorted(text.language or "" for text in graph.objects(node, told_by))


def prefixes() -> dict[str, str]:
    graph = read("prefixes.ttl")
    declared = graph.objects(URIRef(BASE + "prefixes"), SH.declare)
    return {str(graph.value(one, SH.prefix)): str(graph.value(one, SH.namespace)) for one in declared}


def context_prefixes() -> dict[str, str]:
    return {key: value for key, value in CONTEXT.items() if isinstance(value, str) and value[-1] in "#/"}


def context_terms() -> dict[str, str]:
    """The compact name each key stands for."""
    found = {}
    for key, value in CONTEXT.items():
        if key.startswith("@") or value is None or key in context_prefixes():
            continue
        name = value if isinstance(value, str) else value.get("@id", value.get("@reverse"))
        if not name.startswith("@"):
            found[key] = name
    return found


# ------------------------------------------------------------------------------------------------ the files


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_two_parsers_read_the_same_triples_without_blank_nodes(path: Path) -> None:
    graph = Graph().parse(path)
    other = Graph().parse(
        data=pyoxigraph.serialize(pyoxigraph.parse(path=str(path)), format=pyoxigraph.RdfFormat.N_TRIPLES)
    )
    assert set(graph) == set(other)
    assert not [node for node in graph.all_nodes() if isinstance(node, BNode)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_texts_keep_the_typography_of_their_language(path: Path) -> None:
    for text in {o for o in Graph().parse(path).objects() if isinstance(o, Literal) and o.language}:
        assert not re.search("['\"`\u00a0\u202f\t\n]|  |^ | $", text), text
        if text.language == "fr":
            assert not re.search("\u00ab[^ ]|[^ ]\u00bb|[^ ][;!?]|[^ ]:( |$)", text), text
        if text.language == "en" and "\u201c" not in text:
            assert not re.search(" [;:!?]", text), text


def test_the_header_says_what_whose_and_under_which_licence() -> None:
    header = URIRef(BASE + "ns")
    assert ONTOLOGY.value(header, OWL.versionIRI) == URIRef(f"{header}/{ONTOLOGY.value(header, OWL.versionInfo)}")
    assert ONTOLOGY.value(header, DCTERMS.license) == URIRef("https://creativecommons.org/publicdomain/zero/1.0/")
    assert isinstance(ONTOLOGY.value(header, DCTERMS.creator), URIRef)
    for told_by in (DCTERMS.title, DCTERMS.description, SKOS.editorialNote):
        assert languages(ONTOLOGY, header, told_by) == ["en", "fr"]


# ------------------------------------------------------------------------------------------------ the terms


@pytest.mark.parametrize("term", TERMS, ids=local)
def test_every_term_is_labelled_defined_exemplified_and_sourced(term: URIRef) -> None:
    for told_by in (RDFS.label, SKOS.definition, SKOS.example):
        assert languages(ONTOLOGY, term, told_by) == ["en", "fr"], told_by
    assert set(ONTOLOGY.objects(term, DCTERMS.source))
    assert list(ONTOLOGY.objects(term, RDFS.isDefinedBy)) == [URIRef(BASE + "ns")]
    for source in ONTOLOGY.objects(term, DCTERMS.source):
        assert isinstance(source, URIRef) or source.language in LANGUAGES


def test_eight_classes_and_twenty_properties_and_nothing_else_in_the_namespace() -> None:
    assert (len(CLASSES), len(PROPERTIES)) == (8, 20)
    assert {
        node
        for graph in (VOCABULARY, ALIGNMENTS)
        for node in graph.all_nodes()
        if isinstance(node, URIRef) and node in WA
    } == set(TERMS)


def test_every_term_reused_is_declared_and_labelled_in_both_languages() -> None:
    builtin = (OWL, RDF, RDFS)
    met = {p for graph in (ONTOLOGY, SCHEMES) for p in graph.predicates()}
    met |= {o for graph in (ONTOLOGY, SCHEMES) for o in graph.objects(None, RDF.type)}
    met |= set(ONTOLOGY.objects(None, RDFS.subClassOf))
    namespaces = prefixes()
    for name in context_terms().values():
        prefix, _, rest = name.partition(":")
        met.add(URIRef(namespaces[prefix] + rest))
    for term in sorted(met):
        if not any(term in namespace for namespace in builtin):
            assert ONTOLOGY.value(term, RDF.type), term
            assert languages(ONTOLOGY, term, RDFS.label) == ["en", "fr"], term


def test_no_reused_term_is_defined_again() -> None:
    described = set(ONTOLOGY.subjects(SKOS.definition)) | set(ONTOLOGY.subjects(RDFS.isDefinedBy))
    assert described == set(TERMS)


def test_french_examples_quote_the_source_word_for_word() -> None:
    source = (ROOT / "data/2022-06-09-gse-xinjiang/text.fr.txt").read_text("utf-8")
    quoted = 0
    for node, example in VOCABULARY.subject_objects(SKOS.example):
        if example.language == "fr":
            for words in re.findall("\u00ab (.+?) \u00bb", example):
                for part in words.split("(\u2026)"):
                    assert part.strip() in source, (local(node), part)
                    quoted += 1
    assert quoted > 25


# ------------------------------------------------------------------------------------------------ the schemes


@pytest.mark.parametrize("concept", CONCEPTS, ids=local)
def test_every_concept_is_named_defined_and_placed(concept: URIRef) -> None:
    scheme = URIRef(str(concept).partition("#")[0])
    for told_by in (SKOS.prefLabel, SKOS.definition):
        assert languages(SCHEMES, concept, told_by) == ["en", "fr"], told_by
    assert languages(SCHEMES, concept, SKOS.example) in ([], ["en", "fr"])
    assert set(SCHEMES.objects(concept, SKOS.scopeNote)) in (set(), OFFERED)
    assert list(SCHEMES.objects(concept, SKOS.inScheme)) == [scheme]
    broader = list(SCHEMES.objects(concept, SKOS.broader))
    on_top = list(SCHEMES.objects(concept, SKOS.topConceptOf))
    assert (len(broader), on_top) in ((0, [scheme]), (1, []))
    assert ((scheme, SKOS.hasTopConcept, concept) in SCHEMES) == bool(on_top)
    for above in SCHEMES.transitive_objects(concept, SKOS.broader):
        assert (above, SKOS.inScheme, scheme) in SCHEMES
    assert concept not in [c for above in broader for c in SCHEMES.transitive_objects(above, SKOS.broader)]


def test_no_two_concepts_of_a_scheme_share_a_name() -> None:
    named = [(str(c).partition("#")[0], label) for c, label in SCHEMES.subject_objects(SKOS.prefLabel)]
    assert len(named) == len(set(named))


def test_there_are_six_schemes_each_titled_and_defined() -> None:
    assert [local(scheme) for scheme in SCHEME_NODES] == sorted(f"vocab/{s}" for s in PREFIXES_OF_SCHEMES.values())
    for scheme in SCHEME_NODES:
        for told_by in (DCTERMS.title, SKOS.definition):
            assert languages(SCHEMES, scheme, told_by) == ["en", "fr"]


def test_schemes_hold_no_mapping() -> None:
    mappings = {SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch, OWL.sameAs}
    assert not mappings & set(SCHEMES.predicates())


# ------------------------------------------------------------------------------------------------ the alignments


def test_alignments_are_skos_mappings_of_our_terms_each_with_its_reason() -> None:
    mappings = {SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch}
    header = URIRef(BASE + "ns/alignments")
    for subject, predicate, other in ALIGNMENTS:
        if subject != header:
            assert subject in TERMS and predicate in mappings and other not in WA, (subject, predicate, other)
    lines = (ROOT / "ontology/alignments.ttl").read_text("utf-8").split("\n")
    rows = [number for number, line in enumerate(lines) if line.startswith("wa:")]
    assert rows and all(re.match(r"# .{20,}\.$", lines[number - 1]) for number in rows)


def test_the_demand_of_schema_org_is_used_nowhere() -> None:
    for path in FILES:
        assert SCHEMA.Demand not in Graph().parse(path).all_nodes()
    assert CONTEXT["Demand"] == "wa:Demand"


# ------------------------------------------------------------------------------------------------ prefixes and context


def test_context_and_prefix_list_declare_the_same_namespaces() -> None:
    assert context_prefixes() == prefixes()


def test_every_declaration_of_a_prefix_is_named_after_it() -> None:
    graph = read("prefixes.ttl")
    for node, name in graph.subject_objects(SH.prefix):
        assert node == URIRef(f"{BASE}prefixes#{name}")
        assert (node, RDF.type, SH.PrefixDeclaration) in graph and (None, SH.declare, node) in graph


@pytest.mark.parametrize("folder", ["ontology", "shapes", "queries"])
def test_a_prefix_of_the_list_means_the_same_in_every_file(folder: str) -> None:
    known = prefixes()
    prefix_of = {namespace: prefix for prefix, namespace in known.items()}
    written = re.compile(
        r"""^\s*@?prefix\s+([\w-]+):\s*<([^>]+)>|\bsh:prefix\s+"([^"]+)"\s*;\s*sh:namespace\s+"([^"]+)\"""", re.M | re.I
    )
    for path in sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in {".ttl", ".rq"}):
        for one, its, other, theirs in written.findall(path.read_text("utf-8")):
            prefix, namespace = one or other, its or theirs
            assert known.get(prefix, namespace) == namespace, (path.relative_to(ROOT), prefix)
            assert prefix_of.get(namespace, prefix) == prefix, (path.relative_to(ROOT), prefix)
            assert prefix in known or folder != "ontology", (path.relative_to(ROOT), prefix)


def test_the_context_is_open_flat_and_ignores_what_authors_write_for_the_build() -> None:
    assert "@protected" not in CONTEXT
    assert (CONTEXT["id"], CONTEXT["type"], CONTEXT["graph"]) == ("@id", "@type", "@graph")
    assert [key for key, value in CONTEXT.items() if value is None] == ["quote", "todo"]
    assert not [key for key, value in CONTEXT.items() if isinstance(value, dict) and "@context" in value]


def test_every_key_of_ours_is_a_term_and_every_term_has_its_key() -> None:
    keyed = {name.removeprefix("wa:") for name in context_terms().values() if name.startswith("wa:")}
    assert keyed == {str(term).removeprefix(WA) for term in TERMS}


def test_exports_print_names_first_then_who_says_what_then_the_proof() -> None:
    first_to_last = [
        "id", "type", "label", "title", "speaker", "attribution", "verb", "kind", "addressee", "target", "beneficiary",
        "qualification", "degree", "followUpOf", "groundedOn", "source", "note", "statedIn", "evidence",
    ]  # fmt: skip
    keys = list(CONTEXT)
    assert sorted(first_to_last, key=keys.index) == first_to_last


def test_three_processors_read_every_key_alike() -> None:
    node: dict[str, object] = {"id": "doc:every-key", "type": sorted(k for k in context_terms() if k[0].isupper())}
    for key, value in CONTEXT.items():
        if key in context_terms() and key[0].islower():
            told = value if isinstance(value, dict) else {}
            if "@language" in told.get("@container", ""):
                node[key] = {"fr": "mot", "en": "word"}
            elif told.get("@type") == "@id":
                node[key] = "ent:thing" if "@reverse" not in told else [{"id": "ent:thing"}]
            elif told.get("@type") == "xsd:date":
                node[key] = "2022-06-09"
            else:
                node[key] = 513 if "@type" in told else "word"
    node |= {"quote": "ignored", "todo": "ignored"}
    document = {"@context": CONTEXT, "id": "graphs:every-key", "graph": [node]}

    def quads(data: str, form: pyoxigraph.RdfFormat = pyoxigraph.RdfFormat.N_QUADS) -> set[str]:
        return {str(quad) for quad in pyoxigraph.parse(data, format=form)}

    text = json.dumps(document)
    by_pyld = quads(jsonld.to_rdf(document, {"format": "application/n-quads"}))
    assert quads(text, pyoxigraph.RdfFormat.JSON_LD) == by_pyld
    assert quads(Dataset().parse(data=text, format="json-ld").serialize(format="nquads")) == by_pyld
    namespaces = prefixes()
    for key, name in context_terms().items():
        prefix, _, rest = name.partition(":")
        assert any(f"<{namespaces[prefix]}{rest}>" in quad for quad in by_pyld), key


# ------------------------------------------------------------------------------------------------ reasoning

GOOD = f"""
@prefix wa: <{WA}> .
@prefix k: <{BASE}vocab/kind#> .
@prefix q: <{BASE}vocab/qualification#> .
@prefix deg: <{BASE}vocab/degree#> .
@prefix mode: <{BASE}vocab/mode#> .
@prefix suite: <{BASE}vocab/follow-up#> .
@prefix cor: <{BASE}vocab/corroboration#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix schema: <https://schema.org/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://example.org/> .
:assembly a org:Organization .
:ada a foaf:Person .
:files a schema:Collection .
:text a wa:Resolution .
:words a wa:Quotation ; wa:speaker :ada ; wa:attributionVerb "says"@en ; wa:evidence :passage ; wa:statedIn :paper .
:passage a oa:SpecificResource .
:demand a wa:Demand ; wa:speaker :assembly ; wa:conveyedBy :text ; wa:expressedIn :words ; wa:demandKind k:release ;
    wa:addressee :assembly ; wa:target :files ; wa:beneficiary :ada ; wa:groundedOn :finding , :text , :files ;
    wa:attributionMode mode:reported-speech ; wa:evidence :passage ; wa:statedIn :paper .
:finding a wa:Finding ; wa:speaker :ada ; wa:qualification q:genocide ; wa:degree deg:serious-risk .
:named a wa:Identification ; wa:speaker :ada ; wa:identifies :ada ; wa:identifiedIn :files .
:outcome a wa:Claim ; wa:speaker :ada ; wa:followUpOf :demand ; wa:followUpStatus suite:met ;
    wa:corroboration cor:official ; wa:conflictsWith :other .
:other a wa:Claim ; wa:speaker :assembly .
:listing a wa:Listing ; schema:organizer :assembly ; schema:about :ada ; schema:startDate "2022-06-09"^^xsd:date ;
    wa:corroboration cor:single-source ; wa:statedIn :paper ; wa:evidence :passage .
"""
PLANTED = {
    "a demand with a qualification": ":demand wa:qualification q:genocide .",
    "a statement both demand and finding": ":demand a wa:Finding .",
    "a claim with a kind of demand": ":outcome wa:demandKind k:release .",
    "a follow-up of a claim": ":named wa:followUpOf :other .",
    "a quotation that is a statement's claim": ":words a wa:Claim .",
    "a listing taken for a claim": ":listing a wa:Claim .",
    "a quotation that qualifies": ":words wa:degree deg:serious-risk .",
    "a demand grounded as a resolution": ":text wa:addressee :ada .",
    "a statement that conflicts with itself": ":other wa:conflictsWith :other .",
}


def closure(*graphs: Graph) -> Graph:
    """The triples of `graphs` and all that OWL 2 RL draws from them."""
    closed = Graph()
    for graph in graphs:
        for triple in graph:
            closed.add(triple)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closed)
    return closed


def contradictions(closed: Graph) -> list[str]:
    return sorted(str(message) for message in closed.objects(None, ERROR.error))


def types_of_ours(graph: Graph) -> set[tuple[object, object]]:
    return {(s, o) for s, o in graph.subject_objects(RDF.type) if o in CLASSES}


def asserted_with_superclasses(graph: Graph) -> set[tuple[object, object]]:
    above = {c: set(ONTOLOGY.transitive_objects(c, RDFS.subClassOf)) for c in CLASSES}
    return {(s, up) for s, c in types_of_ours(graph) for up in above[c] if up in CLASSES}


def test_a_reasoner_finds_no_contradiction_in_ontology_schemes_and_alignments() -> None:
    assert contradictions(closure(VOCABULARY, ALIGNMENTS)) == []


def test_a_reasoner_finds_no_contradiction_in_a_graph_that_uses_every_term() -> None:
    good = Graph().parse(data=GOOD)
    used = set(good.predicates()) | set(good.objects(None, RDF.type))
    assert set(TERMS) - used == {WA.Statement}  # abstract: a statement is a demand, a finding or a claim
    closed = closure(VOCABULARY, good)
    assert contradictions(closed) == []
    assert types_of_ours(closed) == asserted_with_superclasses(good)


def test_a_reasoner_finds_no_contradiction_in_the_real_data_and_no_class_it_did_not_state(dataset: Graph) -> None:
    closed = closure(VOCABULARY, dataset)
    assert contradictions(closed) == []
    assert types_of_ours(closed) == asserted_with_superclasses(dataset)


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_contradiction_is_found(planted: str) -> None:
    assert contradictions(closure(VOCABULARY, Graph().parse(data=GOOD + planted)))


def test_a_contradiction_planted_in_the_real_data_is_found(dataset: Graph) -> None:
    demand = next(dataset.subjects(RDF.type, WA.Demand))
    planted = Graph()
    planted.add((demand, WA.qualification, URIRef(BASE + "vocab/qualification#genocide")))
    assert contradictions(closure(VOCABULARY, dataset, planted))


def test_reasoning_attributes_nothing_to_anyone() -> None:
    closed = closure(VOCABULARY, Graph().parse(data=GOOD))
    assert not list(closed.subject_objects(PROV.wasAttributedTo))
    assert not list(closed.subject_objects(PROV.wasDerivedFrom))


# ------------------------------------------------------------------------------------------------ use


def named_in_files() -> dict[URIRef, str]:
    """Each term and concept of ours that shapes and queries name, with a file that does."""
    namespaces = {"wa": str(WA)} | {p: f"{BASE}vocab/{s}#" for p, s in PREFIXES_OF_SCHEMES.items()}
    short = re.compile(rf"(?<![\w/#:?$.-])({'|'.join(namespaces)}):([A-Za-z][\w-]*)")
    full = re.compile(rf"<({re.escape(BASE)}(?:ns|vocab/[\w-]+)#[\w-]+)>")
    found = {}
    for path in [*sorted(ROOT.glob("shapes/**/*.ttl")), *sorted(ROOT.glob("queries/**/*.rq"))]:
        text = path.read_text("utf-8")
        where = str(path.relative_to(ROOT))
        found |= {URIRef(namespaces[prefix] + name): where for prefix, name in short.findall(text)}
        found |= {URIRef(name): where for name in full.findall(text)}
    return found


def named_in_data(data: Graph) -> set[URIRef]:
    """The terms, schemes and concepts of ours that the data name, apart from the vocabulary's own description."""
    ours = re.compile(rf"{re.escape(BASE)}(?:ns#|vocab/)")
    return {
        node
        for triple in data
        if not ours.match(str(triple[0]))
        for node in triple[1:]
        if isinstance(node, URIRef) and ours.match(str(node))
    }


def test_every_term_named_in_data_exists(dataset: Graph) -> None:
    assert named_in_data(dataset) - {*TERMS, *CONCEPTS, *SCHEME_NODES} == set()


def test_every_term_named_in_shapes_and_queries_exists() -> None:
    named = named_in_files()
    assert named, "no shape and no query names a term"
    known = {*TERMS, *CONCEPTS, *SCHEME_NODES}
    examples = ("shapes/examples/",)  # what a bad example names may be missing on purpose
    assert {n: where for n, where in named.items() if n not in known and not where.startswith(examples)} == {}


def test_every_term_is_used_in_data_shapes_or_queries(dataset: Graph) -> None:
    assert set(TERMS) - named_in_data(dataset) - set(named_in_files()) == set()


def test_every_concept_is_used_in_data_or_offered_and_never_both(dataset: Graph) -> None:
    used = {above for node in named_in_data(dataset) for above in SCHEMES.transitive_objects(node, SKOS.broader)}
    offered = set(SCHEMES.subjects(SKOS.scopeNote, next(iter(OFFERED))))
    assert sorted(map(local, set(CONCEPTS) - used - offered)) == [], "neither used nor offered"
    assert sorted(map(local, used & offered)) == [], "offered though used"
