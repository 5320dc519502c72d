"""The folder `data/`: documents with their texts, shared entities, decided links.

A *source* is one folder of it. It compiles, on its own, to the quads of one named graph, to what is
wrong with it, and to the lines its nodes were written on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whereas import iris
from whereas.compiler.item_quads import item_quads
from whereas.compiler.passages import CONTEXT, Ambiguous, NotFound, Span, Text, coverage
from whereas.compiler.unit import Compiled
from whereas.compiler.yamlld import SELECTOR, Document, is_language, quads, read_document, references, shown, types_of
from whereas.errors import ProjectError
from whereas.findings import Finding, Location, finding
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
    """The quads, findings and lines of one source."""
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
        compiler.links(texts)
    elif source.name == WIKIDATA:
        compiler.items(texts)
    else:
        compiler.document(texts)
    return compiler.compiled()


def _words(quote: object) -> tuple[str, str, str] | None:
    """The words of a quote, those before and those after; none when it has another form."""
    told = {"exact": quote} if isinstance(quote, str) else quote
    if not isinstance(told, dict) or not {"exact"} <= told.keys() <= SELECTOR:
        return None
    exact, prefix, suffix = told["exact"], told.get("prefix", ""), told.get("suffix", "")
    if isinstance(exact, str) and isinstance(prefix, str) and isinstance(suffix, str):
        return exact.strip("\n"), prefix, suffix
    return None


class _Compiler:
    def __init__(self, source: Source, project: Project, context: Context, findings: list[Finding]) -> None:
        self.source, self.project, self.context, self.findings = source, project, context, findings
        self.graph = f"{project.base}graph/{source.name}"
        self.home = f"{project.base}doc/{source.name}"
        self.quads: set[Quad] = set()
        self.locations: dict[str, Location] = {}
        self.texts: dict[str, Text] = {}
        self.absent: set[str] = set()  # languages whose text is known to be missing
        self.cited: dict[str, set[Span]] = {}
        self.main = ""  # the document's first language

    def compiled(self) -> Compiled:
        kind = f"<{RDF}type>"
        described = {value_of(subject) for subject, predicate, _, _ in self.quads if predicate == kind}
        named = {value_of(term) for quad in self.quads for term in (quad[0], quad[2]) if term.startswith("<")}
        ours = (self.project.base, self.project.vocabulary)
        return Compiled(
            self.source.name,
            self.graph,
            tuple(sorted(self.quads)),
            tuple(sorted(set(self.findings))),
            self.locations,
            tuple(sorted(name for name in named - described if name.startswith(ours))),
            tuple(coverage(text, self.cited.get(text.name, ())) for _, text in sorted(self.texts.items())),
        )

    def note(self, rule: str, location: Location, **told: Any) -> None:
        self.findings.append(finding(rule, location, **told))

    def location(self, name: str, line: int = 0) -> Location:
        return self.project.location(self.project.data / self.source.name / name, line)

    # ---------------------------------------------------------------- documents and entities

    def document(self, contents: Mapping[str, str]) -> None:
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
                self.note("wrong-graph", document.named, expected=expected, got=got)
        nodes = [(document, node) for document in documents for node in document.nodes]
        self._describe_once(nodes)
        if not self.findings or contents.keys() & {"document.yaml"}:
            self._read_texts(nodes, contents)
        built = [(document, node, self._anchored(document, node)) for document, node in nodes]
        for document in documents:
            own = [node for owner, _, node in built if owner is document]
            try:
                self.quads.update(quads(document, own, self.context))
            except ProjectError as problem:
                self.findings.extend(problem.findings)
        if self.texts:
            self._passages()
            self._uncited()

    def _describe_once(self, nodes: Iterable[tuple[Document, Map]]) -> None:
        for document, node in nodes:
            subject, location = document.expand(node["id"]), document.location(node)
            if subject in self.locations:
                self.findings.append(finding("described-twice", location, id=node["id"], other=self.locations[subject]))
            self.locations.setdefault(subject, location)
            for key, predicate in self.context.keys.items():
                if key in node:
                    self.locations.setdefault(f"{subject} {predicate}", document.location(node, key))
                    if isinstance(node[key], str):  # a rule may tell the text without its property
                        self.locations.setdefault(f"{subject} = {node[key]}", document.location(node, key))
            for key, _, value in references(document, node, self.context):
                self.locations.setdefault(f"{subject} {value}", document.location(node, key))

    def _read_texts(self, nodes: Iterable[tuple[Document, Map]], contents: Mapping[str, str]) -> None:
        for document, node in nodes:
            if document.expand(node["id"]) == self.home and isinstance(node.get("lang"), str):
                self.main = node["lang"]
        for document, node in nodes:
            if "SourceText" not in types_of(node):
                continue
            name = document.expand(node["id"]).removeprefix(f"{self.home}/")
            file, language = f"{name}.txt", node.get("lang", self.main)
            if file not in contents:
                self.absent.add(language)
                if not any(f.location.path == self.location(file).path for f in self.findings):
                    self.note("text-missing", document.location(node, "id"), text=file)
                continue
            content = contents[file]
            found = hashlib.sha256(content.encode()).hexdigest()
            if node.get("sha256") != found:
                self.note("text-changed", document.location(node, "sha256"), text=file, digest=found)
            if not language:
                self.absent.add(language)
                self.note("text-language", document.location(node))
            elif language in self.texts:
                self.note("text-twice", document.location(node, "lang"), language=language)
            else:
                self.texts[language] = Text(name, language, content)
                self.main = self.main or language
        claimed = {f"{text.name}.txt" for text in self.texts.values()}
        for name in contents:
            if name.endswith(".txt") and name not in claimed and not self.findings:
                self.note("text-unclaimed", self.location(name))

    def _anchored(self, document: Document, node: Map) -> dict[str, Any]:
        """The node as it is published: its quotes anchored, its verbatim text filled in."""
        built = {key: value for key, value in node.items() if key not in self.context.ignored}
        if "SourceText" in types_of(node):
            text = self.texts.get(node.get("lang", self.main))
            if text:
                built["text"] = {text.language: text.content}
        if "quote" not in node:
            return built
        location = document.location(node, "quote")
        spans = [
            (text, span)
            for text, exact, prefix, suffix in self._quotes(node["quote"], location)
            if (span := self._find(text, exact, prefix, suffix, location)) is not None
        ]
        built["evidence"] = [self._passage_iri(text, span) for text, span in spans]
        built.setdefault("statedIn", self.home)
        subject = document.expand(node["id"])
        for text, span in spans:
            passage = self._passage_iri(text, span)
            self.cited.setdefault(text.name, set()).add(span)
            self.locations.setdefault(passage, location)
            self.locations.setdefault(f"{subject} {passage}", location)
        if "Quotation" in types_of(node):
            built["text"] = self._quotation(spans, location)
        self._verbs(document, node, spans)
        return built

    def _quotes(self, told: object, location: Location, language: str = "") -> Iterator[tuple[Text, str, str, str]]:
        if isinstance(told, list) and told:
            for item in told:
                yield from self._quotes(item, location, language)
        elif isinstance(told, Map) and told and not told.keys() & SELECTOR and not language:
            for tag, item in told.items():
                if not is_language(tag):
                    self.note("unknown-language", location, language=tag)
                else:
                    yield from self._quotes(item, location, tag)
        elif (words := _words(told)) is None:
            self.note("quote-form", location, got=shown(told))
        elif (text := self.texts.get(language or self.main)) is None:
            if (language or self.main) not in self.absent:
                self.note("quote-without-text", location, language=language or self.main or "?")
        else:
            yield text, *words

    def _find(self, text: Text, exact: str, prefix: str, suffix: str, location: Location) -> Span | None:
        try:
            return text.find(exact, prefix, suffix)
        except NotFound as problem:
            nearest = problem.nearest.replace("\n", " ")
            self.note("quote-not-found", location, text=f"{text.name}.txt", offset=problem.offset, nearest=nearest)
        except Ambiguous as problem:
            offsets = ", ".join(str(offset) for offset in problem.offsets[:5])
            count = len(problem.offsets)
            self.note("quote-ambiguous", location, text=f"{text.name}.txt", count=count, offsets=offsets)
        return None

    def _quotation(self, spans: list[tuple[Text, Span]], location: Location) -> dict[str, str]:
        """The quoted words: the first passage of each text, which stands between quotation marks."""
        words: dict[str, str] = {}
        for text, span in spans:
            if text.language not in words:
                words[text.language] = text.content[span.start : span.end]
                if not text.is_quoted(span):
                    self.note("quotation-without-marks", location, text=f"{text.name}.txt")
        return words

    def _verbs(self, document: Document, node: Map, spans: list[tuple[Text, Span]]) -> None:
        told = node.get("verb")
        for language, verbs in told.items() if isinstance(told, dict) else ():
            paragraphs = [text.paragraph(span) for text, span in spans if text.language == language]
            for verb in verbs if isinstance(verbs, list) else [verbs]:
                if paragraphs and not any(re.search(rf"(?<!\w){re.escape(verb)}(?!\w)", p) for p in paragraphs):
                    self.note("verb-absent", document.location(node, "verb"), verb=verb)

    def _passage_iri(self, text: Text, span: Span) -> str:
        return f"{self.home}#p-{text.identifier(span)}"

    def _passages(self) -> None:
        """The cited passages, each with the words around it and its offsets, and what the graph is made from."""
        texts = {text.name: text for text in self.texts.values()}
        for name, spans in self.cited.items():
            text = texts[name]
            for span in spans:
                self._passage(text, span)
        for name in texts:
            self._add(self.graph, f"{RDF}type", iri(f"{VOID}Dataset"))
            self._add(self.graph, f"{PROV}wasDerivedFrom", iri(f"{self.home}/{name}"))

    def _passage(self, text: Text, span: Span) -> None:
        passage = self._passage_iri(text, span)
        quote, position = f"{passage}-quote", f"{passage}-position"
        count = f"{XSD}nonNegativeInteger"
        self._add(passage, f"{RDF}type", iri(f"{OA}SpecificResource"))
        self._add(passage, f"{OA}hasSource", iri(f"{self.home}/{text.name}"))
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

    def _uncited(self) -> None:
        for text in self.texts.values():
            for sentence in coverage(text, self.cited.get(text.name, ())).uncited:
                line = text.content.count("\n", 0, text.content.find(sentence)) + 1
                self.findings.append(
                    finding(
                        "sentence-without-statement",
                        self.location(f"{text.name}.txt", line),
                        severity="Warning",
                        sentence=sentence[:80],
                    )
                )

    # ---------------------------------------------------------------- links

    def links(self, contents: Mapping[str, str]) -> None:
        for link in (link for name, content in contents.items() for link in self._links(name, content)):
            subject = link.subject
            self.locations.setdefault(subject, link.location)
            self.locations.setdefault(f"{subject} {link.predicate}", link.location)
            self.locations[f"{subject} {link.object}"] = link.location
            self.locations[f"{subject} {link.predicate} {link.object}"] = link.location
            if link.state == "decided":
                self._add(subject, link.predicate, iri(link.object))

    def _links(self, name: str, content: str) -> Iterator[Link]:
        links, findings = parse_links(content, self.location(name).path, self.context.prefixes)
        self.findings.extend(findings)
        yield from links

    # ---------------------------------------------------------------- what Wikidata says

    def items(self, contents: Mapping[str, str]) -> None:
        for name, content in contents.items():
            try:
                self.quads.update(item_quads(read_items(content), self.graph))
            except ValueError as problem:
                line, told = problem.args
                self.note("extract", self.location(name, line), problem=told)
