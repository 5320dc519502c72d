"""Compile a source: a folder of `data/` with a document and its texts, or with entities, links or Wikidata items.

Each source compiles by itself to the quads of one named graph, with findings and the locations of its nodes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whereas import iris
from whereas.compiler.item_quads import item_quads
from whereas.compiler.passages import CONTEXT, Ambiguous, Coverage, NotFound, Span, Text, measure_coverage, resaved
from whereas.compiler.paths import check_names
from whereas.compiler.spelling import spell
from whereas.compiler.unit import Compiled
from whereas.compiler.values import changed_values
from whereas.compiler.yamlld import SELECTOR, Document, excerpt, quads, read_document, references, types_of
from whereas.errors import ProjectError
from whereas.findings import Finding, Location, finding
from whereas.project.languages import is_language
from whereas.project.project import Project
from whereas.project.sources import LINKS, WIKIDATA, Source
from whereas.project.sssom import Link, parse_links
from whereas.project.yaml import Map
from whereas.rdf.context import Context
from whereas.rdf.namespaces import OA, PROV, RDF, VOID, XSD
from whereas.rdf.terms import Quad, iri, literal, value_of
from whereas.rdf.wikibase import read_items


def compile_source(
    source: Source, contents: Mapping[str, bytes], unread: Iterable[Finding], project: Project, context: Context
) -> Compiled:
    """Compile one source; `unread` are the findings about its files that could not be read."""
    compiler = _Compiler(source, project, context, list(unread))
    texts = {}
    for path in source.files:
        if path.name in contents:
            try:
                text = project.decoded(contents[path.name], project.location(path))
                texts[path.name] = text if path.suffix == ".txt" else project.rebased(text)
            except ProjectError as problem:
                compiler.findings.extend(problem.findings)
    if source.name == LINKS:
        compiler.add_links(texts)
    elif source.name == WIKIDATA:
        compiler.add_items(texts)
    else:
        compiler.add_documents(texts)
    return compiler.result()


def _selector(quote: object) -> tuple[str, str, str] | None:
    """Return the exact text of a quote, its prefix and its suffix; None when it has another form."""
    selector = {"exact": quote} if isinstance(quote, str) else quote
    if not isinstance(selector, dict) or not {"exact"} <= selector.keys() <= SELECTOR:
        return None
    exact, prefix, suffix = selector["exact"], selector.get("prefix", ""), selector.get("suffix", "")
    if isinstance(exact, str) and isinstance(prefix, str) and isinstance(suffix, str):
        return exact.strip("\n"), prefix, suffix
    return None


class _Compiler:
    def __init__(self, source: Source, project: Project, context: Context, findings: list[Finding]) -> None:
        self.source, self.project, self.context, self.findings = source, project, context, findings
        self.graph = f"{project.base}graph/{source.name}"
        self.document = f"{project.base}doc/{source.name}"
        self.quads: set[Quad] = set()
        self.locations: dict[str, Location] = {}
        self.texts: dict[str, Text] = {}
        self.missing: set[str] = set()  # languages whose text has a finding already
        self.cited: dict[str, set[Span]] = {}
        self.coverage: tuple[Coverage, ...] = ()
        self.main_language = ""  # the language of the document, or else of its first text

    def result(self) -> Compiled:
        rdf_type = f"<{RDF}type>"
        described = {value_of(subject) for subject, predicate, _, _ in self.quads if predicate == rdf_type}
        named = {value_of(term) for quad in self.quads for term in (quad[0], quad[2]) if term.startswith("<")}
        namespaces = (self.project.base, self.project.vocabulary)
        return Compiled(
            self.source.name,
            self.graph,
            tuple(sorted(self.quads)),
            tuple(sorted(set(self.findings))),
            self.locations,
            tuple(sorted(name for name in named - described if name.startswith(namespaces))),
            self.coverage,
        )

    def note(self, rule: str, location: Location, **values: Any) -> None:
        self.findings.append(finding(rule, location, **values))

    def location(self, name: str, line: int = 0) -> Location:
        return self.project.location(self.project.data / self.source.name / name, line)

    # ---------------------------------------------------------------- documents and entities

    def add_documents(self, contents: Mapping[str, str]) -> None:
        documents = []
        for name, content in contents.items():
            if name.endswith(".yaml"):
                document, findings = read_document(content, self.location(name).path, self.context)
                self.findings.extend(findings)
                if document:
                    documents.append(document)
        for document in documents:
            if document.graph != self.graph:
                expected = iris.shorten(self.graph, self.context.prefixes)
                got = iris.shorten(document.graph, self.context.prefixes)
                self.note("wrong-graph", document.id_location, expected=expected, got=got)
        nodes = [(document, node) for document in documents for node in document.nodes]
        self._add_locations(nodes)
        self.findings += check_names(
            {subject: self.locations[subject] for document, node in nodes if (subject := document.expand(node["id"]))},
            {document.expand(node["id"]): node["id"] for document, node in nodes},
            (self.project.base, self.project.vocabulary),
            self.project.languages,
        )
        if not self.findings or contents.keys() & {"document.yaml"}:
            self._read_texts(nodes, contents)
        published = [(document, self._published(document, node)) for document, node in nodes]
        for document in documents:
            own = [node for owner, node in published if owner is document]
            try:
                compiled = quads(document, own, self.context)
            except ProjectError as problem:
                self.findings.extend(problem.findings)
                continue
            self.quads.update(compiled)
            for subject, predicate in changed_values(document, own, compiled, self.context):
                location = self.locations.get(
                    f"{subject} {predicate}", self.locations.get(subject, document.id_location)
                )
                self.note("value-lost", location, key=iris.shorten(predicate, self.context.prefixes))
        if self.texts:
            self._add_passages()
            self._measure_coverage()

    def _add_locations(self, nodes: Iterable[tuple[Document, Map]]) -> None:
        for document, node in nodes:
            subject, location = document.expand(node["id"]), document.location(node)
            if subject in self.locations:
                self.findings.append(finding("described-twice", location, id=node["id"], other=self.locations[subject]))
            self.locations.setdefault(subject, location)
            for key, predicate in self.context.keys.items():
                if key in node:
                    self.locations.setdefault(f"{subject} {predicate}", document.location(node, key))
                    if isinstance(node[key], str):  # a rule may name the value without its property
                        self.locations.setdefault(f"{subject} = {node[key]}", document.location(node, key))
            for key, _, value in references(document, node, self.context):
                self.locations.setdefault(f"{subject} {value}", document.location(node, key))

    def _read_texts(self, nodes: Iterable[tuple[Document, Map]], contents: Mapping[str, str]) -> None:
        for document, node in nodes:
            if document.expand(node["id"]) == self.document and isinstance(node.get("lang"), str):
                self.main_language = node["lang"].lower()
        for document, node in nodes:
            if "SourceText" not in types_of(node):
                continue
            name = document.expand(node["id"]).removeprefix(f"{self.document}/")
            file, language = f"{name}.txt", node.get("lang", self.main_language).lower()
            if file not in contents:
                self.missing.add(language)
                if not any(f.location.path == self.location(file).path for f in self.findings):
                    self.note("text-missing", document.location(node, "id"), text=file)
                continue
            content = contents[file]
            digest = hashlib.sha256(content.encode()).hexdigest()
            if (declared := node.get("sha256")) != digest:
                what = resaved(content, declared)
                rule, values = ("text-resaved", {"what": what}) if what else ("text-changed", {})
                self.note(rule, document.location(node, "sha256"), text=file, digest=digest, **values)
            if not language:
                self.missing.add(language)
                self.note("text-language", document.location(node))
            elif language in self.texts:
                self.note("text-twice", document.location(node, "lang"), language=language)
            else:
                self.texts[language] = Text(name, language, content)
                self.main_language = self.main_language or language
        described = {f"{text.name}.txt" for text in self.texts.values()}
        for name in contents:
            if name.endswith(".txt") and name not in described and not self.findings:
                self.note("text-unclaimed", self.location(name))

    def _published(self, document: Document, node: Map) -> dict[str, Any]:
        """Return the node as it is published: with evidence instead of quotes, and with verbatim texts."""
        published = {key: value for key, value in node.items() if key not in self.context.ignored}
        if "lang" in published:  # written as the tags of texts are: in lower case
            published["lang"] = published["lang"].lower()
        if "SourceText" in types_of(node):
            text = self.texts.get(node.get("lang", self.main_language).lower())
            if text:
                published["text"] = {text.language: text.content}
        if "quote" not in node:
            return published
        location = document.location(node, "quote")
        spans = [
            (text, span)
            for text, exact, prefix, suffix in self._quotes(node["quote"], location)
            if (span := self._find(text, exact, prefix, suffix, location)) is not None
        ]
        published["evidence"] = [self._passage_iri(text, span) for text, span in spans]
        published.setdefault("statedIn", self.document)
        subject = document.expand(node["id"])
        for text, span in spans:
            passage = self._passage_iri(text, span)
            self.cited.setdefault(text.name, set()).add(span)
            self.locations.setdefault(passage, location)
            self.locations.setdefault(f"{subject} {passage}", location)
        if "Quotation" in types_of(node):
            published["text"] = self._quotation(spans, location)
        self._check_verbs(document, node, spans)
        return published

    def _quotes(self, value: object, location: Location, language: str = "") -> Iterator[tuple[Text, str, str, str]]:
        if isinstance(value, list) and value:
            for item in value:
                yield from self._quotes(item, location, language)
        elif isinstance(value, Map) and value and not value.keys() & SELECTOR and not language:
            for tag, item in value.items():
                if not is_language(tag):
                    self.note("unknown-language", location, language=tag)
                else:
                    yield from self._quotes(item, location, tag.lower())
        elif (selector := _selector(value)) is None:
            self.note("quote-form", location, got=excerpt(value))
        elif (text := self.texts.get(language or self.main_language)) is None:
            if (language or self.main_language) not in self.missing:
                self.note("quote-without-text", location, language=language or self.main_language or "?")
        else:
            yield text, *selector

    def _find(self, text: Text, exact: str, prefix: str, suffix: str, location: Location) -> Span | None:
        try:
            return text.find(exact, prefix, suffix)
        except NotFound as problem:
            nearest, name = " ".join(problem.nearest.splitlines()), f"{text.name}.txt"
            values = {"offset": problem.offset, "nearest": nearest, "difference": problem.difference}
            self.note("quote-not-found", location, text=name, **values)
        except Ambiguous as problem:
            offsets = ", ".join(str(offset) for offset in problem.offsets[:5])
            count = len(problem.offsets)
            self.note("quote-ambiguous", location, text=f"{text.name}.txt", count=count, offsets=offsets)
        return None

    def _quotation(self, spans: list[tuple[Text, Span]], location: Location) -> dict[str, str]:
        """Return the quoted text by language: the first passage in each text, which quotation marks must enclose."""
        texts: dict[str, str] = {}
        for text, span in spans:
            if text.language not in texts:
                texts[text.language] = text.content[span.start : span.end]
                if not text.is_quoted(span):
                    self.note("quotation-without-marks", location, text=f"{text.name}.txt")
        return texts

    def _check_verbs(self, document: Document, node: Map, spans: list[tuple[Text, Span]]) -> None:
        by_language = node.get("verb")
        for language, verbs in by_language.items() if isinstance(by_language, dict) else ():
            paragraphs = [text.paragraph(span) for text, span in spans if text.language == language.lower()]
            paragraphs = [spell(paragraph).text for paragraph in paragraphs]
            for verb in verbs if isinstance(verbs, list) else [verbs]:
                if paragraphs and not any(
                    re.search(rf"(?<!\w){re.escape(spell(verb).text)}(?!\w)", p) for p in paragraphs
                ):
                    self.note("verb-absent", document.location(node, "verb"), verb=verb)

    def _passage_iri(self, text: Text, span: Span) -> str:
        return f"{self.document}#p-{text.identifier(span)}"

    def _add_passages(self) -> None:
        """Add the cited passages with their selectors, and the texts that the graph was derived from."""
        texts = {text.name: text for text in self.texts.values()}
        for name, spans in self.cited.items():
            text = texts[name]
            for span in spans:
                self._add_passage(text, span)
        for name in texts:
            self._add(self.graph, f"{RDF}type", iri(f"{VOID}Dataset"))
            self._add(self.graph, f"{PROV}wasDerivedFrom", iri(f"{self.document}/{name}"))

    def _add_passage(self, text: Text, span: Span) -> None:
        passage = self._passage_iri(text, span)
        quote, position = f"{passage}-quote", f"{passage}-position"
        count = f"{XSD}nonNegativeInteger"
        self._add(passage, f"{RDF}type", iri(f"{OA}SpecificResource"))
        self._add(passage, f"{OA}hasSource", iri(f"{self.document}/{text.name}"))
        self._add(passage, f"{OA}hasSelector", iri(quote))
        self._add(passage, f"{OA}hasSelector", iri(position))
        self._add(quote, f"{RDF}type", iri(f"{OA}TextQuoteSelector"))
        self._add(quote, f"{OA}exact", literal(text.content[span.start : span.end]))
        self._add(quote, f"{OA}prefix", literal(text.content[max(0, span.start - CONTEXT) : span.start]))
        self._add(quote, f"{OA}suffix", literal(text.content[span.end : span.end + CONTEXT]))
        self._add(position, f"{RDF}type", iri(f"{OA}TextPositionSelector"))
        self._add(position, f"{OA}start", literal(str(span.start), datatype=count))
        self._add(position, f"{OA}end", literal(str(span.end), datatype=count))
        for selector in (quote, position):
            self.locations.setdefault(selector, self.locations[passage])

    def _add(self, subject: str, predicate: str, term: str) -> None:
        self.quads.add((iri(subject), iri(predicate), term, iri(self.graph)))

    def _measure_coverage(self) -> None:
        texts = [text for _, text in sorted(self.texts.items())]
        self.coverage = tuple(measure_coverage(text, self.cited.get(text.name, ())) for text in texts)
        for text, coverage in zip(texts, self.coverage, strict=True):
            for sentence in coverage.uncited:
                line = text.content.count("\n", 0, text.content.find(sentence)) + 1
                location = self.location(f"{text.name}.txt", line)
                rule = "sentence-without-statement"
                self.findings.append(finding(rule, location, severity="Warning", sentence=sentence[:80]))

    # ---------------------------------------------------------------- links

    def add_links(self, contents: Mapping[str, str]) -> None:
        for link in (link for name, content in contents.items() for link in self._read_links(name, content)):
            subject = link.subject
            self.locations.setdefault(subject, link.location)
            self.locations.setdefault(f"{subject} {link.predicate}", link.location)
            self.locations[f"{subject} {link.object}"] = link.location
            self.locations[f"{subject} {link.predicate} {link.object}"] = link.location
            if link.state == "decided":
                self._add(subject, link.predicate, iri(link.object))

    def _read_links(self, name: str, content: str) -> Iterator[Link]:
        links, findings = parse_links(content, self.location(name).path, self.context.prefixes)
        self.findings.extend(findings)
        yield from links

    # ---------------------------------------------------------------- Wikidata items

    def add_items(self, contents: Mapping[str, str]) -> None:
        for name, content in contents.items():
            try:
                self.quads.update(item_quads(read_items(content), self.graph))
            except ValueError as problem:
                line, message = problem.args
                self.note("extract", self.location(name, line), problem=message)
