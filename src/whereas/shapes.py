"""The folder `shapes/`: SHACL, judged by a fast engine or by pySHACL, with the same findings.

Each shape's sentence is taken from the shapes themselves, never from an engine's report, so that
both engines say the same words. A SPARQL constraint has one message, `French / English`, since
engines drop the language of messages they fill in.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from whereas.errors import Message, Place, broken
from whereas.graph import Quad, language_of, nquads, parse, to_rdflib_graph, value_of
from whereas.iris import compact, shorten
from whereas.project import Project

if TYPE_CHECKING:
    from shifty._shifty import PreparedValidator

SHACL = "http://www.w3.org/ns/shacl#"
ENGINES = ("shifty", "pyshacl")


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
    digest: str  # of the files: the labels of blank nodes change from one reading to the next

    def check(self, ntriples: str, engine: str = ENGINES[0]) -> list[Result]:
        """What the shapes say of a graph, sorted, each result once."""
        return sorted(set(_ENGINES[engine](self, ntriples)))

    def message(self, result: Result) -> Message:
        """The sentence of the shape that reports, its placeholders filled."""
        told = self._messages.get(result.shape, {})
        both = told.get("", "")
        french, slash, english = both.partition(" / ")
        if not slash:
            french = english = both
        value = result.value
        shown = compact(value[1:-1], self.prefixes) if value.startswith("<") else value_of(value)

        def filled(sentence: str) -> str:
            return sentence.replace("{?value}", shown) or result.component

        return Message(filled(told.get("en", english)), filled(told.get("fr", french)))

    def name(self, result: Result) -> str:
        """The short name of the shape that reports, such as `shp:Demand-kind`."""
        return shorten(result.shape, self.prefixes)

    @cached_property
    def _messages(self) -> dict[str, dict[str, str]]:
        told: dict[str, dict[str, str]] = defaultdict(dict)
        for subject, predicate, term, _ in self.quads:
            if predicate == f"<{SHACL}message>":
                told[value_of(subject)][language_of(term)] = value_of(term)
        for subject, predicate, term, _ in self.quads:
            if predicate == f"<{SHACL}sparql>":  # its message is the shape's: one constraint a shape
                told[value_of(subject)] = told[value_of(term)]
        return told

    @cached_property
    def ntriples(self) -> str:
        return nquads(self.quads)

    @cached_property
    def _prepared(self) -> PreparedValidator:
        # The wrapper in shifty's package builds its report with rdflib, ten times the work of the
        # validation; its compiled core gives the same report as text.
        from shifty._shifty import PreparedValidator

        return PreparedValidator(self.ntriples.encode(), None, "nt")


def read_shapes(project: Project, prefixes: Mapping[str, str]) -> Shapes:
    """The engine's shapes and the project's. Raises `MaterialError` where a file does not parse."""
    quads: set[Quad] = set()
    told = hashlib.sha256()
    for name, path in project.material("shapes", ".ttl").items():
        if name.startswith("examples/"):
            continue
        try:
            text = project.read_text(path)
            found = parse(text, "ttl")
        except SyntaxError as problem:
            place = Place(project.place(path).path, problem.lineno or 0)
            raise broken("turtle", place, problem=problem.msg) from None
        quads.update(found)
        told.update(text.encode())
    return Shapes(tuple(sorted(quads)), prefixes, told.hexdigest())


def _shifty(shapes: Shapes, ntriples: str) -> list[Result]:
    data = ntriples.encode()
    validator = shapes._prepared
    if not validator.validate_algebra(data, None, "nt", run_infer=False).violations:
        return []
    report = validator.validate_w3c(data, None, "nt", run_infer=False)
    return _results(parse(report.report_turtle, "ttl"))


def _pyshacl(shapes: Shapes, ntriples: str) -> list[Result]:
    import pyshacl

    _, report, _ = pyshacl.validate(
        to_rdflib_graph(ntriples),
        shacl_graph=to_rdflib_graph(shapes.ntriples),
        inference="none",
        allow_infos=True,
        allow_warnings=True,
    )
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
