"""The folder `shapes/`: SHACL, validated by shifty, which is fast, or by pySHACL, with the same findings.

The message of a result is taken from the shape itself, never from an engine's report, so that both
engines give the same message, in every language it has.

Shapes without a name, `sh:property [ … ]`, get one when they are read, from their file and their
position in it, so that both engines name the same shape and so does the next run.
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
# Properties of paths and lists, which stay blank nodes: a path with an IRI would be a property.
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
        """Validate a graph; return the results sorted, each once.

        Raise `ProjectError` when the engine cannot use the shapes.
        """
        try:
            return sorted(set(_ENGINES[engine](self, ntriples)))
        except ValueError as problem:
            raise broken("shapes", Location("shapes"), engine=engine, problem=" ".join(str(problem).split())) from None

    def message(self, result: Result) -> Message | Translations:
        """Return the message of the shape, its placeholders filled; if it has none, one generated from the constraint."""
        sentence = self.sentence(result.shape)
        if not sentence:
            return self._expectation(result)
        values = {
            "this": compact(result.focus, self.prefixes),
            "path": compact(result.path, self.prefixes),
            "value": self._shown(result.value),
        }
        return sentence.changed(lambda text: _PLACEHOLDER.sub(lambda name: values[name[1]], text))

    def sentence(self, shape: str) -> Translations | None:
        """Return the `sh:message` of a shape, its placeholders not filled; None when it has none."""
        texts = self._messages.get(shape)
        if not texts:
            return None
        tagged = {language: text for language, text in texts.items() if language}
        return Translations.of({**_untagged_message(texts.get("", "")), **tagged})

    def name(self, result: Result) -> str:
        """Return the short name of the shape, such as `shp:Demand-kind`, or of the nearest shape around it that has one."""
        queue, seen = [result.shape], {result.shape}
        for shape in queue:
            if not shape.startswith((UNNAMED, "_:")):
                return shorten(shape, self.prefixes)
            enclosing = self._enclosing[shape] - seen
            queue += sorted(enclosing)
            seen |= enclosing
        return result.shape

    def targets(self, shape: str) -> list[str]:
        """Return the properties whose subjects a shape targets."""
        target = (iri(shape), f"<{SHACL}targetSubjectsOf>")
        return [value_of(term) for subject, predicate, term, _ in self.quads if (subject, predicate) == target]

    def _expectation(self, result: Result) -> Message:
        """Return a message with the constraint's parameter, what it allows, and the value at fault."""
        kind = result.component.removesuffix("ConstraintComponent")
        parameter = kind[:1].lower() + kind[1:]
        expected = " ".join([parameter, *self._values(result.shape, f"<{SHACL}{parameter}>")])
        path, got = compact(result.path, self.prefixes), self._shown(result.value)
        problem = Message("expected {expected}", expected=expected)
        if got:
            problem = Message("expected {expected}, got {got}", expected=expected, got=got)
        return Message("{path}: {problem}", path=path, problem=problem) if path else problem

    def _values(self, subject: str, predicate: str) -> Iterator[str]:
        """Yield the values of a property of a shape, the items of a list one by one, except shapes without a name."""
        for shape, property_, term, _ in self.quads:
            if (value_of(shape), property_) == (subject, predicate):
                if not term.startswith("_:"):
                    if not value_of(term).startswith((UNNAMED, f"{RDF}nil")):
                        yield self._shown(term)
                elif term != subject:
                    yield from self._values(term, f"<{RDF}first>")
                    yield from self._values(term, f"<{RDF}rest>")

    def _shown(self, term: str) -> str:
        return compact(term[1:-1], self.prefixes) if is_iri(term) else value_of(term)

    @cached_property
    def _enclosing(self) -> dict[str, set[str]]:
        """The shapes and lists that refer to a shape, by its IRI."""
        enclosing: dict[str, set[str]] = defaultdict(set)
        for subject, _, term, _ in self.quads:
            enclosing[value_of(term)].add(value_of(subject))
        return enclosing

    @cached_property
    def _messages(self) -> dict[str, dict[str, str]]:
        """Messages by shape and language tag, empty where a message has none."""
        messages: dict[str, dict[str, str]] = defaultdict(dict)
        for subject, predicate, term, _ in self.quads:
            if predicate == f"<{SHACL}message>":
                messages[value_of(subject)][language_of(term)] = value_of(term)
        for subject, predicate, term, _ in self.quads:
            if predicate == f"<{SHACL}sparql>" and value_of(term) in messages:  # a shape has one such constraint
                messages[value_of(subject)] = messages[value_of(term)]
        return messages

    @cached_property
    def ntriples(self) -> str:
        return nquads(self.quads)

    @cached_property
    def _validator(self) -> PreparedValidator:
        """A validator of all shapes."""
        return _prepared(self.ntriples)

    @cached_property
    def _validators(self) -> dict[frozenset[str], PreparedValidator]:
        """Validators by the shapes that have targets; filled by `_validator_of`, so that each is prepared once."""
        return {}

    def _validator_of(self, names: frozenset[str]) -> PreparedValidator:
        """Return a validator in which only the shapes of these IRIs have targets."""
        if names not in self._validators:
            quads = (q for q in self.quads if value_of(q[0]) in names or not q[1].startswith(f"<{SHACL}target"))
            self._validators[names] = _prepared(nquads(quads))
        return self._validators[names]


def read_shapes(project: Project, prefixes: Mapping[str, str]) -> Shapes:
    """Read the shapes that come with whereas and the project's own. Raise `ProjectError` where a file does not parse."""
    quads: set[Quad] = set()
    digest = hashlib.sha256()
    for name, path in project.material("shapes", ".ttl").items():
        if name.startswith("examples/"):
            continue
        try:
            text = project.read_text(path)
            parsed = list(in_file_order(text, "ttl"))
        except SyntaxError as problem:
            location = Location(project.location(path).path, problem.lineno or 0)
            raise broken("turtle", location, problem=problem.msg) from None
        quads.update(_named(parsed, name))
        digest.update(text.encode())
    return Shapes(tuple(sorted(quads)), prefixes, digest.hexdigest())


def _untagged_message(text: str) -> dict[str, str]:
    """Return by language a message without a language tag: `French / English`, or a text in no known language.

    Our SPARQL constraints have such messages, because engines drop the language tag of a message when they fill in its
    placeholders, and their reports are read too. All other messages carry language tags, in any number of languages.
    """
    french, slash, english = text.partition(" / ")
    if slash:
        return {"en": english, "fr": french}
    return {"": text} if text else {}


def _named(quads: Iterable[Quad], file: str) -> Iterator[Quad]:
    """Yield the quads of `file`, its blank nodes named by position: shapes get an IRI, paths and lists remain blank."""
    quads = list(quads)
    remaining = {subject for subject, predicate, _, _ in quads if predicate in _PATH_OR_LIST}
    names: dict[str, str] = {}
    for term in (term for subject, _, value, _ in quads for term in (subject, value)):
        if term.startswith("_:") and term not in names:
            location = f"{quote(file)}:{len(names) + 1}"
            label = f"_:b{hashlib.sha256(location.encode()).hexdigest()[:16]}"
            names[term] = label if term in remaining else iri(UNNAMED + location)
    for subject, predicate, value, graph in quads:
        yield names.get(subject, subject), predicate, names.get(value, value), graph


def _prepared(ntriples: str) -> PreparedValidator:
    # The public wrapper builds its report with rdflib, ten times the work of the validation; the
    # compiled core gives the same report as text.
    from shifty._shifty import PreparedValidator

    return PreparedValidator(ntriples.encode(), None, "nt")


def _shifty(shapes: Shapes, ntriples: str) -> list[Result]:
    """Ask which shapes are broken, which is quick, then for a full report of these alone."""
    data = ntriples.encode()
    broken_shapes = {
        violation.shape_name
        for violation in shapes._validator.validate_algebra(data, None, "nt", run_infer=False).violations
    }
    if not broken_shapes:
        return []
    names = frozenset(name for name in broken_shapes if name)
    validator = shapes._validator_of(names) if len(names) == len(broken_shapes) else shapes._validator
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
    except Exception as problem:  # pySHACL and rdflib raise bare ones too, for shapes they cannot use
        raise ValueError(problem) from None
    if isinstance(report, Exception):
        raise ValueError(report)
    return _results(parse(report.serialize(format="nt"), "nt"))


_ENGINES = {"shifty": _shifty, "pyshacl": _pyshacl}


def _results(report: list[Quad]) -> list[Result]:
    nodes: dict[str, dict[str, str]] = defaultdict(dict)
    for subject, predicate, term, _ in report:
        nodes[subject][value_of(predicate).removeprefix(SHACL)] = term
    # Other nodes are details of a result, which pySHACL reports and shifty does not.
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
        for name, node in nodes.items()
        if name in reported
    ]
