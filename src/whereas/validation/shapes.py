"""The folder `shapes/`: SHACL, judged by a fast engine or by pySHACL, with the same findings.

Each shape's sentence is taken from the shapes themselves, never from an engine's report, so that
both engines say the same words. A SPARQL constraint has one message, `French / English`, since
engines drop the language of messages they fill in.

Shapes without a name, `sh:property [ … ]`, get one when they are read, from their file and their
place in it, so that both engines name the same shape and so does the next run.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from whereas.errors import broken
from whereas.findings import Location
from whereas.i18n import Message, Translations
from whereas.iris import compact, shorten
from whereas.project.project import Project
from whereas.rdf.namespaces import RDF, SHACL
from whereas.rdf.serialization import in_file_order, parse, to_rdflib_graph
from whereas.rdf.terms import Quad, iri, is_iri, language_of, nquads, value_of

if TYPE_CHECKING:
    from shifty._shifty import PreparedValidator

ENGINES = ("shifty", "pyshacl")
UNNAMED = "urn:whereas:shape:"
_PLACEHOLDER = re.compile(r"\{[?$](value|this|path)\}")
# What a path or a list says of itself: those stay blank nodes, for a path with a name is a property.
_PATH_OR_LIST = {f"<{RDF}first>"} | {
    f"<{SHACL}{kind}Path>" for kind in ("inverse", "alternative", "zeroOrMore", "oneOrMore", "zeroOrOne")
}


@dataclass(frozen=True, order=True)
class Result:
    """A SHACL validation result; IRIs as text, `value` as a term, empty where there is none."""

    focus: str
    severity: str
    shape: str
    component: str
    path: str
    value: str


@dataclass(frozen=True)
class Shapes:
    """All shapes as one graph of triples."""

    quads: tuple[Quad, ...]
    prefixes: Mapping[str, str]
    digest: str  # of the files

    def check(self, ntriples: str, engine: str = ENGINES[0]) -> list[Result]:
        """What the shapes say of a graph, sorted, each result once.

        Raises `ProjectError` when the engine cannot use the shapes.
        """
        try:
            return sorted(set(_ENGINES[engine](self, ntriples)))
        except ValueError as problem:
            raise broken("shapes", Location("shapes"), engine=engine, problem=" ".join(str(problem).split())) from None

    def message(self, result: Result) -> Message | Translations:
        """The sentence of the shape that reports, its placeholders filled; one made from it if it has none."""
        told = self.sentence(result.shape)
        if not told:
            return self._expectation(result)
        known = {"this": compact(result.focus, self.prefixes), "path": compact(result.path, self.prefixes)}
        known["value"] = self._shown(result.value)
        return told.changed(lambda text: _PLACEHOLDER.sub(lambda name: known[name[1]], text))

    def sentence(self, shape: str) -> Translations | None:
        """What a shape says when it is broken, its placeholders open; None when it has no words of its own."""
        told = self._messages.get(shape)
        if not told:
            return None
        both = told.get("") or next(iter(told.values()))
        french, slash, english = both.partition(" / ")
        if not slash:
            french = english = both
        return Translations.of({"en": english, "fr": french, **{tag: text for tag, text in told.items() if tag}})

    def name(self, result: Result) -> str:
        """The short name of the shape that reports, `shp:Demand-kind`, or of the nearest one around it."""
        around, seen = [result.shape], {result.shape}
        for shape in around:
            if not shape.startswith((UNNAMED, "_:")):
                return shorten(shape, self.prefixes)
            found = self._around[shape] - seen
            around += sorted(found)
            seen |= found
        return result.shape

    def targets(self, shape: str) -> list[str]:
        """The properties whose subjects a shape is about."""
        asked = (iri(shape), f"<{SHACL}targetSubjectsOf>")
        return [value_of(term) for subject, predicate, term, _ in self.quads if (subject, predicate) == asked]

    def _expectation(self, result: Result) -> Message:
        kind = result.component.removesuffix("ConstraintComponent")
        parameter = kind[:1].lower() + kind[1:]
        expected = " ".join([parameter, *self._values(result.shape, f"<{SHACL}{parameter}>")])
        path, got = compact(result.path, self.prefixes), self._shown(result.value)
        wrong = Message("expected {expected}, got {got}") if got else Message("expected {expected}")
        wrong = wrong.filled(expected=expected, **({"got": got} if got else {}))
        return Message("{path}: {problem}", path=path, problem=wrong) if path else wrong

    def _values(self, subject: str, predicate: str) -> Iterator[str]:
        """The values of a property of a shape, those of a list one by one; nothing of nameless ones."""
        for name, told, term, _ in self.quads:
            if (value_of(name), told) == (subject, predicate):
                if not term.startswith("_:"):
                    if not value_of(term).startswith((UNNAMED, f"{RDF}nil")):
                        yield self._shown(term)
                elif term != subject:
                    yield from self._values(term, f"<{RDF}first>")
                    yield from self._values(term, f"<{RDF}rest>")

    def _shown(self, term: str) -> str:
        return compact(term[1:-1], self.prefixes) if is_iri(term) else value_of(term)

    @cached_property
    def _around(self) -> dict[str, set[str]]:
        """The shapes and lists that name a shape, by its IRI."""
        found: dict[str, set[str]] = defaultdict(set)
        for subject, _, term, _ in self.quads:
            found[value_of(term)].add(value_of(subject))
        return found

    @cached_property
    def _messages(self) -> dict[str, dict[str, str]]:
        told: dict[str, dict[str, str]] = defaultdict(dict)
        for subject, predicate, term, _ in self.quads:
            if predicate == f"<{SHACL}message>":
                told[value_of(subject)][language_of(term)] = value_of(term)
        for subject, predicate, term, _ in self.quads:
            if predicate == f"<{SHACL}sparql>" and value_of(term) in told:  # the shape's: one constraint a shape
                told[value_of(subject)] = told[value_of(term)]
        return told

    @cached_property
    def ntriples(self) -> str:
        return nquads(self.quads)

    @cached_property
    def _all(self) -> PreparedValidator:
        return _prepared(self.ntriples)

    @cached_property
    def _some(self) -> dict[frozenset[str], PreparedValidator]:
        return {}

    def _only(self, names: frozenset[str]) -> PreparedValidator:
        """A validator for which only the shapes of these IRIs have targets."""
        if names not in self._some:
            told = (q for q in self.quads if value_of(q[0]) in names or not q[1].startswith(f"<{SHACL}target"))
            self._some[names] = _prepared(nquads(told))
        return self._some[names]


def read_shapes(project: Project, prefixes: Mapping[str, str]) -> Shapes:
    """The engine's shapes and the project's. Raises `ProjectError` where a file does not parse."""
    quads: set[Quad] = set()
    told = hashlib.sha256()
    for name, path in project.material("shapes", ".ttl").items():
        if name.startswith("examples/"):
            continue
        try:
            text = project.read_text(path)
            found = list(in_file_order(text, "ttl"))
        except SyntaxError as problem:
            location = Location(project.location(path).path, problem.lineno or 0)
            raise broken("turtle", location, problem=problem.msg) from None
        quads.update(_named(found, name))
        told.update(text.encode())
    return Shapes(tuple(sorted(quads)), prefixes, told.hexdigest())


def _named(quads: Iterable[Quad], file: str) -> Iterator[Quad]:
    """The quads of `file`, each blank node named by its place in it: shapes by an IRI, the rest by a label."""
    quads = list(quads)
    stays = {subject for subject, predicate, _, _ in quads if predicate in _PATH_OR_LIST}
    names: dict[str, str] = {}
    for term in (term for subject, _, value, _ in quads for term in (subject, value)):
        if term.startswith("_:") and term not in names:
            location = f"{quote(file)}:{len(names) + 1}"
            label = f"_:b{hashlib.sha256(location.encode()).hexdigest()[:16]}"
            names[term] = label if term in stays else iri(UNNAMED + location)
    for subject, predicate, value, graph in quads:
        yield names.get(subject, subject), predicate, names.get(value, value), graph


def _prepared(ntriples: str) -> PreparedValidator:
    # The wrapper in shifty's package builds its report with rdflib, ten times the work of the
    # validation; its compiled core gives the same report as text.
    from shifty._shifty import PreparedValidator

    return PreparedValidator(ntriples.encode(), None, "nt")


def _shifty(shapes: Shapes, ntriples: str) -> list[Result]:
    """First which shapes are broken, which is quick; then a full report, of these alone."""
    data = ntriples.encode()
    broken_shapes = {
        found.shape_name for found in shapes._all.validate_algebra(data, None, "nt", run_infer=False).violations
    }
    if not broken_shapes:
        return []
    names = frozenset(name for name in broken_shapes if name)
    validator = shapes._only(names) if len(names) == len(broken_shapes) else shapes._all
    report = validator.validate_w3c(data, None, "nt", run_infer=False)
    return _results(parse(report.report_turtle, "ttl"))


def _pyshacl(shapes: Shapes, ntriples: str) -> list[Result]:
    import pyshacl

    try:
        _, report, _ = pyshacl.validate(
            to_rdflib_graph(ntriples),
            shacl_graph=to_rdflib_graph(shapes.ntriples),
            inference="none",
            allow_infos=True,
            allow_warnings=True,
        )
    except Exception as problem:  # bare ones too, for shapes that it or rdflib cannot use
        raise ValueError(problem) from None
    if isinstance(report, Exception):
        raise ValueError(report)
    return _results(parse(report.serialize(format="nt"), "nt"))


_ENGINES = {"shifty": _shifty, "pyshacl": _pyshacl}


def _results(report: list[Quad]) -> list[Result]:
    told: dict[str, dict[str, str]] = defaultdict(dict)
    for subject, predicate, term, _ in report:
        told[subject][value_of(predicate).removeprefix(SHACL)] = term
    # What is no result of the report is a detail of one: pySHACL tells them, shifty does not.
    reported = {term for _, predicate, term, _ in report if predicate == f"<{SHACL}result>"}
    return [
        Result(
            value_of(node["focusNode"]),
            value_of(node["resultSeverity"]).removeprefix(SHACL),
            value_of(node["sourceShape"]),
            value_of(node["sourceConstraintComponent"]).removeprefix(SHACL),
            value_of(node["resultPath"]) if node.get("resultPath", "").startswith("<") else "",
            node.get("value", ""),
        )
        for name, node in told.items()
        if name in reported
    ]
