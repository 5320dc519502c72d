"""The W3C's SHACL tests that use only what our shapes use, run by both engines."""

from functools import cache
from pathlib import Path

import pytest

import whereas
from whereas.errors import ProjectError
from whereas.project.ontology import read_prefixes
from whereas.rdf.namespaces import SHACL
from whereas.rdf.serialization import parse
from whereas.rdf.terms import Quad, nquads, value_of
from whereas.validation.shapes import ENGINES, Shapes, read_shapes

ROOT = Path(__file__).parents[2]
SUITE = ROOT.parent / "shared/suites/shacl"
BASE = "https://example.org/suite/"
MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
TEST = "http://www.w3.org/ns/shacl-test#"

# Properties of reports and of test cases, which are no features of shapes.
NEUTRAL = {"conforms", "result", "focusNode", "value", "detail", "targetNode"}
NEUTRAL |= {f"result{name}" for name in ("Path", "Severity", "Message")}
NEUTRAL |= {f"source{name}" for name in ("Shape", "Constraint", "ConstraintComponent")}

IGNORED = {
    "shifty": {},
    "pyshacl": {
        "core/property/uniqueLang-002.ttl": 'takes sh:uniqueLang "1" for true, where only "true" counts',
        "sparql/node/prefixes-001.ttl": "does not follow owl:imports from one list of prefixes to another",
        "sparql/pre-binding/shapesGraph-001.ttl": "does not know $shapesGraph",
    },
}


@cache
def read(name: str) -> tuple[Quad, ...]:
    """Return the triples of a file of the suite, with absolute IRIs."""
    return tuple(parse(f"@base <{BASE}{name}> .\n" + (SUITE / name).read_text("utf-8"), "ttl"))


def values(quads: tuple[Quad, ...], predicate: str, subject: str = "") -> list[str]:
    return [o for s, p, o, _ in quads if p == f"<{predicate}>" and subject in ("", s)]


def features(quads: tuple[Quad, ...]) -> set[str]:
    """Return the SHACL properties that shapes use."""
    return {value_of(p).removeprefix(SHACL) for _, p, _, _ in quads if p.startswith(f"<{SHACL}")} - NEUTRAL


def graph(name: str, kind: str) -> tuple[Quad, ...]:
    (name_term,) = values(read(name), f"{TEST}{kind}Graph")
    return read(value_of(name_term).removeprefix(BASE))


def cases() -> list[str]:
    """Return the files whose shapes use only what our shapes use."""
    project = whereas.read_project(ROOT)
    ours = features(read_shapes(project, read_prefixes(project)).quads)
    names = sorted(path.relative_to(SUITE).as_posix() for path in SUITE.rglob("*.ttl"))
    with_shapes = [name for name in names if values(read(name), f"{TEST}shapesGraph")]
    return [name for name in with_shapes if features(graph(name, "shapes")) <= ours]


def shown(term: str) -> str:
    return "a blank node" if term.startswith("_:") else term


@pytest.mark.skipif(not SUITE.is_dir(), reason="../shared is absent")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", cases())
def test_engine_gives_the_results_the_w3c_expects(name, engine):
    if name in IGNORED[engine]:
        pytest.skip(IGNORED[engine][name])
    shapes, data = Shapes(graph(name, "shapes"), {}, ""), nquads(graph(name, "data"))
    (report,) = values(read(name), f"{MANIFEST}result")
    if report == f"<{TEST}Failure>":
        with pytest.raises(ProjectError, match=f"^shapes: violation: {engine} rejected the shapes: "):
            shapes.check(data, engine)
        return
    results = {
        (shown(result.focus), result.component, result.severity, shown(value_of(result.value)))
        for result in shapes.check(data, engine)
    }
    expected = {
        tuple(
            shown(value_of(next(iter(values(read(name), f"{SHACL}{key}", result)), "")).removeprefix(SHACL))
            for key in ("focusNode", "sourceConstraintComponent", "resultSeverity", "value")
        )
        for result in values(read(name), f"{SHACL}result", report)
    }
    assert results == expected


@pytest.mark.skipif(not SUITE.is_dir(), reason="../shared is absent")
def test_the_ignored_cases_are_cases():
    assert set().union(*IGNORED.values()) <= set(cases())
