"""Names on the pages: of kinds, voices, roles, severities, pages, and of terms that no data label."""

from __future__ import annotations

from whereas.i18n import Message

KINDS = {
    "demand": Message("Demand"),
    "finding": Message("Finding"),
    "identification": Message("Identification"),
    "claim": Message("Claim"),
    "event": Message("Reported fact"),
    "quotation": Message("Quotation"),
}
KIND_DESCRIPTIONS = {
    "demand": Message("calls for action"),
    "finding": Message("describes facts as a crime or a risk"),
    "identification": Message("says that a person appears in disclosed documents"),
    "claim": Message("states a fact"),
    "event": Message("event, vote, office, listing"),
    "quotation": Message("words in quotation marks"),
}
VOICES = {
    "own": Message("the document’s own voice"),
    "reported": Message("reported by the document"),
    "quoted": Message("quoted"),
    "nested": Message("reported within a quotation"),
}
ROLES = {
    "addressee": Message("Asked of"),
    "target": Message("Targets"),
    "beneficiary": Message("For"),
    "about": Message("About"),
    "qualification": Message("Described as"),
}
ROLES_IN_CELLS = {  # after a count of demands
    "addressee": Message.within("after a count of demands", "asked of"),
    "target": Message.within("after a count of demands", "targets"),
    "beneficiary": Message.within("after a count of demands", "for"),
    "about": Message.within("after a count of demands", "about"),
}

# Who says a statement, in whose words. An act by its kind, or `presupposition`.
OWN_ACTS = {
    "demand": Message("{speaker} demands", "{speaker} demand"),
    "finding": Message("{speaker} finds", "{speaker} find"),
    "identification": Message("{speaker} identifies", "{speaker} identify"),
    "claim": Message("{speaker} states", "{speaker} state"),
    "presupposition": Message("{speaker} presupposes", "{speaker} presuppose"),
}
ACTS = {
    "demand": Message("demanded"),
    "finding": Message("found"),
    "identification": Message("identified"),
    "claim": Message("stated"),
    "presupposition": Message("presupposed"),
}
ATTRIBUTIONS = {
    "reported": Message("{speaker}: {act} (source: {reporter})"),
    "quoted": Message("{speaker}: {act}, in quotation marks (source: {reporter})"),
    "quoted by itself": Message("{speaker}: {act}, in quotation marks"),
    "nested": Message("{speaker}: {act}, reported by {quoted}, quoted by {reporter}"),
    "quotation": Message("{speaker}: words quoted (source: {reporter})"),
    "quotation by itself": Message("{speaker}: words in quotation marks"),
    "event": Message("Reported fact (source: {reporter})"),
}

SEVERITIES = {
    "Violation": Message("Violation"),
    "Warning": Message("Warning"),
    "Info": Message("Information"),
}
SEVERITY_EFFECTS = {
    "Violation": Message("stops the build"),
    "Warning": Message("is reported, the build goes on"),
    "Info": Message("is noted"),
}

# Pages about no single thing, by path.
TITLES = {
    "documents": Message("Documents"),
    "actors": Message("Actors"),
    "places": Message("Places"),
    "works": Message("Works"),
    "events": Message("Events"),
    "timeline": Message("Timeline"),
    "matrix": Message("Who demands of whom"),
    "queries": Message("Questions"),
    "console": Message("Console"),
    "search": Message("Search"),
    "shapes": Message("Validation rules"),
    "data": Message("Data"),
    "method": Message("Method"),
    "about": Message.within("page about the site", "About"),
    "api": Message("API"),
}
LEADS = {
    "timeline": Message(
        "Events as the documents report them, the documents themselves, their demands, and the other statements, "
        "on the date they refer to."
    ),
    "matrix": Message(
        "Each row is the addressee, the target, the beneficiary or the subject of demands; each column, who makes them. "
        "A cell leads to the passages."
    ),
    "queries": Message("Each question is a saved SPARQL query with its answer, as a page and as files."),
    "console": Message(
        "Query the data in SPARQL. The answer is computed in your browser, or by the server this page comes from."
    ),
    "data": Message("Everything on this site, as files. Builds are reproducible, byte for byte."),
    "method": Message(
        "Every claim here is somebody’s, tied to the exact words that make it. A build stops when a quotation is not "
        "found exactly, when a speaker is missing, or when a term is not defined."
    ),
    "api": Message(
        "Each endpoint answers GET and POST requests, without a key. The same description is there for programs."
    ),
}
SEARCH_KINDS = {"label": Message("Name"), "passage": Message("Passage"), "note": Message("Definition")}

# Links to other datasets, by the last step of the property.
LINK_RELATIONS = {
    "sameAs": Message("same as"),
    "exactMatch": Message("exact match"),
    "closeMatch": Message("close match"),
    "broadMatch": Message("broader match"),
    "narrowMatch": Message("narrower match"),
    "relatedMatch": Message("related match"),
    "seeAlso": Message("see also"),
}
# Terms of RDF, OWL and SHACL, which no data label.
TERMS = {
    "rdf:type": Message("kind"),
    "rdfs:isDefinedBy": Message("defined in"),
    "rdfs:subClassOf": Message("part of the class"),
    "rdfs:subPropertyOf": Message("part of the property"),
    "rdfs:domain": Message("subject"),
    "rdfs:range": Message.within("of a property", "value"),
    "rdfs:seeAlso": Message("see also"),
    "rdfs:comment": Message("comment"),
    "owl:disjointWith": Message("disjoint from"),
    "owl:inverseOf": Message("inverse of"),
    "owl:versionIRI": Message.within("of an ontology", "version"),
    "owl:versionInfo": Message("version number"),
    "owl:Class": Message("class"),
    "owl:Ontology": Message("ontology"),
    "owl:ObjectProperty": Message("object property"),
    "owl:DatatypeProperty": Message("datatype property"),
    "owl:AnnotationProperty": Message("annotation property"),
    "owl:NamedIndividual": Message("individual"),
    "owl:sameAs": Message("same as"),
    "owl:SymmetricProperty": Message("symmetric property"),
    "owl:TransitiveProperty": Message("transitive property"),
    "owl:FunctionalProperty": Message("functional property"),
    "sh:path": Message("rule on its values"),
    "sh:targetClass": Message("rule on this class"),
    "sh:targetSubjectsOf": Message("rule on its subjects"),
    "sh:targetObjectsOf": Message("rule on its values"),
    "sh:class": Message("rule that requires it"),
    "sh:property": Message("rule it belongs to"),
    "sh:node": Message("rule that applies it"),
    "sh:disjoint": Message("rule that excludes it"),
    "sh:hasValue": Message("rule that requires it"),
    "sh:NodeShape": Message("node shape"),
    "sh:PropertyShape": Message("property shape"),
}
