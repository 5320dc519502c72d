"""Faults planted in the real project, each caught with its whole sentence at its line."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import yaml

import whereas
from whereas.findings import Finding
from whereas.iris import compact, expand
from whereas.project.ontology import read_prefixes
from whereas.project.sources import ENTITIES, LINKS, VOCABULARY
from whereas.rdf.namespaces import SHACL
from whereas.rdf.serialization import parse
from whereas.rdf.store import Graph
from whereas.rdf.terms import Quad, iri, nquads, value_of
from whereas.validation.reports import as_quads

ROOT = Path(__file__).parents[2]
FILE = "data/2022-06-09-gse-xinjiang/document.yaml"
FAULTS = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text("utf-8"))
WRITTEN, COMPILED = FAULTS["written"], FAULTS["compiled"]
DOCUMENT = Path(FILE).parent.name
PREFIXES = {**read_prefixes(whereas.read_project(ROOT)), "d": f"https://w3id.org/whereas/doc/{DOCUMENT}#"}

LINKED = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
<https://example.org/Linked> a sh:NodeShape ; sh:targetClass <http://xmlns.com/foaf/0.1/Person> ; sh:severity sh:Info ;
    sh:property [ sh:path <http://www.w3.org/2002/07/owl#sameAs> ; sh:minCount 1 ; sh:severity sh:Info ;
        sh:message "A person is linked."@en , "Une personne est liée."@fr ] .
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "shapes").mkdir()
    (folder / "shapes/linked.ttl").write_text(LINKED)
    return folder


def rounds() -> list[list[dict[str, Any]]]:
    """The faults as they are planted: those of different nodes together, one that does not compile alone."""
    told: list[tuple[set[str], list[dict[str, Any]]]] = []
    for fault in WRITTEN:
        node = fault.get("node", fault.get("file", FILE))
        free = [some for some in told if some[0] and node not in some[0]] if fault.get("compiles", True) else []
        nodes, faults = free[0] if free else (set(), [])
        if not free:
            told.append((nodes, faults))
        if fault.get("compiles", True):
            nodes.add(node)
        faults.append(fault)
    return [faults for _, faults in told]


ROUNDS = rounds()


def start_of(text: str, fault: dict[str, Any]) -> int:
    return text.index(f"- id: {fault['node']}\n") if "node" in fault else 0


def with_fault(text: str, fault: dict[str, Any]) -> str:
    words, instead = fault["replace"]
    found = text.index(words, start_of(text, fault))
    return text[:found] + instead + text[found + len(words) :]


def place_of(project: Path, fault: dict[str, Any]) -> str:
    """`file:line` of the finding, once the fault is planted."""
    path = fault.get("in", fault.get("file", FILE))
    text = (project / path).read_text("utf-8")
    words, instead = fault["replace"]
    start = start_of(text, fault) if path == fault.get("file", FILE) else 0
    if "at" in fault:
        start = text.index(fault["at"], start)
    elif instead:
        same = takewhile(lambda pair: pair[0] == pair[1], zip(words, instead, strict=False))
        start = text.index(instead, start) + len(list(same))
    line = text.count("\n", 0, start) + 1
    return path if fault.get("at") == "" else f"{path}:{line}"


@contextmanager
def planted(project: Path, faults: list[dict[str, Any]]) -> Iterator[None]:
    """The faults are in the project, which is sound again afterwards."""
    sound = {path: path.read_text("utf-8") for path in {project / fault.get("file", FILE) for fault in faults}}
    try:
        for fault in faults:
            path = project / fault.get("file", FILE)
            path.write_text(with_fault(path.read_text("utf-8"), fault), "utf-8")
        yield
    finally:
        for path, text in sound.items():
            path.write_text(text, "utf-8")


@pytest.fixture(scope="module")
def caught(project) -> Callable[[int], tuple[dict[str, str], tuple[Finding, ...]]]:
    """What the check says of a round of faults: the place expected of each, and all findings."""

    @cache
    def of(number: int) -> tuple[dict[str, str], tuple[Finding, ...]]:
        with planted(project, ROUNDS[number]):
            places = {fault["fault"]: place_of(project, fault) for fault in ROUNDS[number]}
            return places, whereas.check(whereas.read_project(project)).report.findings

    return of


def test_sound_data_raise_nothing_above_info(project):
    report = whereas.check(whereas.read_project(project)).report
    assert [found.line() for found in report.findings if found.severity != "Info"] == []


@pytest.mark.parametrize(
    ("number", "fault"),
    [pytest.param(number, fault, id=fault["fault"]) for number, faults in enumerate(ROUNDS) for fault in faults],
)
def test_a_planted_fault_is_caught_at_its_line(caught, number, fault):
    places, findings = caught(number)
    place = places[fault["fault"]]
    assert f"{place}: {fault['finds']}" in [found.line() for found in findings]
    told = [(found.rule, found.focus, found.path, found.value) for found in findings if found.focus]
    assert len(set(told)) == len(told), "each thing once, where it was written"
    if "trouve" in fault:
        assert f"{place}: {fault['trouve']}" in [found.line("fr") for found in findings]


def test_another_engine_says_no_more_where_the_entities_do_not_compile(project):
    fault = {"file": "data/entities/persons.yaml", "replace": ["  type: Person\n", "  type: Person\n  kind: Person\n"]}
    with planted(project, [fault]):
        first, second = (
            whereas.check(whereas.read_project(project), engine).report.findings for engine in ("shifty", "pyshacl")
        )
    assert first == second


def test_a_shape_of_the_project_sees_the_links_and_is_named_in_the_report(project):
    checked = whereas.check(whereas.read_project(project))
    found = [finding for finding in checked.report.findings if finding.rule == "https://example.org/Linked"]
    persons = {value_of(s) for s, _, o, _ in checked.quads(ENTITIES) if o == f"<{PREFIXES['foaf']}Person>"}
    linked = {value_of(s) for s, p, _, _ in checked.quads(LINKS) if p == f"<{PREFIXES['owl']}sameAs>"}
    assert persons & linked
    assert {finding.focus for finding in found} == persons - linked
    report = as_quads(found, "https://example.org/report", PREFIXES, ("fr", "en"))
    assert {o for _, p, o, _ in report if p == f"<{SHACL}sourceShape>"} == {"<https://example.org/Linked>"}


def expanded(name: str) -> str:
    """A name of a fault in triples, as a term."""
    return iri(name[1:-1] if name.startswith("<") else expand(name, PREFIXES))


def altered(quads: list[Quad], fault: dict[str, Any]) -> list[Quad]:
    """The quads of the press release with the fault among them."""
    gone = {tuple(map(expanded, pair.split())) for pair in fault.get("remove", ())}
    kept = [quad for quad in quads if quad[:2] not in gone]
    assert len(kept) < len(quads) or not gone
    prefixes = "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in PREFIXES.items())
    return kept + [(*quad[:3], quads[0][3]) for quad in parse(prefixes + fault.get("add", ""), "ttl")]


@pytest.mark.parametrize("fault", COMPILED, ids=lambda fault: fault["fault"])
def test_what_cannot_be_written_is_caught_in_triples(checked, fault):
    quads = altered(checked.quads(DOCUMENT), fault) + checked.quads(ENTITIES) + checked.quads(LINKS)
    terms = [(*quad[:3], "<urn:whereas:vocabulary>") for quad in checked.quads(VOCABULARY)]
    shapes = checked.rules.shapes
    found = [
        f"{result.severity.lower()}: {compact(result.focus, PREFIXES)}: {shapes.message(result).in_language('en')}"
        for result in shapes.check(nquads([(*quad[:3], "") for quad in quads + terms]))
    ]
    graph = Graph()
    graph.load(nquads(quads + terms))
    for rule in checked.rules.checks:
        for focus, value in graph.query(rule.text).rows:
            shown = compact(value.value, PREFIXES) if value else ""
            node = "a blank node" if focus.kind == "bnode" else compact(focus.value, PREFIXES)
            found.append(f"{rule.severity.lower()}: {node}: {rule.message.in_language('en').replace('{value}', shown)}")
    assert fault["finds"] in found


def test_every_check_has_a_fault_that_it_finds(checked):
    sentences = [fault["finds"] for fault in WRITTEN + COMPILED]
    for rule in checked.rules.checks:
        told = ".+".join(map(re.escape, rule.message.in_language("en").split("{value}")))
        assert any(re.fullmatch(rf"{rule.severity.lower()}: (.+: )?{told}", sentence) for sentence in sentences), (
            rule.name
        )


def test_another_engine_over_everything_at_once_finds_the_same(project):
    with planted(project, ROUNDS[0]):
        first, second = (
            whereas.check(whereas.read_project(project), engine).report.findings for engine in ("shifty", "pyshacl")
        )
    assert len(ROUNDS[0]) >= 12
    assert len([found for found in first if found.severity != "Info"]) >= len(ROUNDS[0])
    assert first == second
