"""A small world for the read model: one report by Anna's newspaper, with what she, Boris and Chen say in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import whereas
from whereas.content.index import Index
from whereas.project.ontology import read_prefixes
from whereas.project.project import Project
from whereas.rdf.serialization import parse

BASE = "https://w3id.org/whereas/"
TEXT = "Paper: “Free Dina,” says Boris. Chen agrees.\nNobody answered."

WORLD = """
ent:paper a org:Organization ; rdfs:label "The Paper"@en , "Le Journal"@fr .
ent:boris a foaf:Person ; rdfs:label "Boris"@en ; owl:sameAs <http://www.wikidata.org/entity/Q1> .
ent:chen a foaf:Person ; rdfs:label "Чень"@ru .
ent:dina a foaf:Person .
doc:note a schema:Report ; dcterms:publisher ent:paper ; schema:inLanguage "en" ; dcterms:issued "2026-01-02" .
note:text.en a wa:SourceText ; dcterms:isFormatOf doc:note ; schema:inLanguage "en" .
note:own a wa:Claim ; wa:statedIn doc:note .
note:reported a wa:Demand ; wa:statedIn doc:note ; wa:speaker ent:chen ; wa:target ent:dina .
note:words a wa:Quotation ; wa:statedIn doc:note ; wa:speaker ent:boris ; wa:evidence note:p-whole .
note:quoted a wa:Demand ; wa:statedIn doc:note ; wa:speaker ent:boris ; wa:expressedIn note:words ;
    wa:beneficiary ent:dina ; wa:evidence note:p-part , note:p-lost ; rdfs:label "Free Dina"@en .
note:nested a wa:Finding ; wa:statedIn doc:note ; wa:speaker ent:chen ; wa:expressedIn note:words ;
    schema:about ent:dina .
note:release a schema:Event ; wa:statedIn doc:note ; schema:startDate "2025-12-24" ; wa:evidence note:p-part .
note:p-whole a oa:SpecificResource ; oa:hasSource note:text.en ; oa:hasSelector note:q1 , note:o1 .
note:q1 a oa:TextQuoteSelector ; oa:prefix "Paper: “" ; oa:exact "Free Dina" ; oa:suffix ",” says" .
note:o1 a oa:TextPositionSelector ; oa:start 8 ; oa:end 17 .
note:p-part a oa:SpecificResource ; oa:hasSource note:text.en ; oa:hasSelector note:q2 , note:o2 .
note:q2 a oa:TextQuoteSelector ; oa:prefix "Paper: “" ; oa:exact "Free" ; oa:suffix " Dina" .
note:o2 a oa:TextPositionSelector ; oa:start 8 ; oa:end 12 .
note:p-lost a oa:SpecificResource ; oa:hasSource note:text.en .
"""


@pytest.fixture(scope="session")
def read_index() -> Callable[..., Index]:
    """Make an index of Turtle, with the prefixes of the ontology; graphs are called `graph/NAME`."""
    prefixes = {
        **read_prefixes(whereas.read_project(Path(__file__).parents[2])),
        "doc": f"{BASE}doc/",
        "note": f"{BASE}doc/note#",
    }
    header = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in prefixes.items())

    def read(turtle: str = WORLD, graph: str = "note", more: str = "") -> Index:
        index = Index(prefixes)
        for text, name in ((turtle, graph), (more, "vocabulary")):
            index.add(parse(header + text, "ttl", f"<{BASE}graph/{name}>"))
        return index

    return read


@pytest.fixture(scope="session")
def index(read_index) -> Index:
    return read_index()


@pytest.fixture(scope="session")
def project() -> Project:
    return Project(Path(), languages=("en", "fr"))
