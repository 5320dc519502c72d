"""Faults planted in the real project, each reported at its line with its whole message."""

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


def fault_groups() -> list[list[dict[str, Any]]]:
    """Group the faults that are planted together: those of different nodes; one that does not compile stays alone."""
    groups: list[tuple[set[str], list[dict[str, Any]]]] = []
    for fault in WRITTEN:
        node = fault.get("node", fault.get("file", FILE))
        free = [group for group in groups if group[0] and node not in group[0]] if fault.get("compiles", True) else []
        nodes, faults = free[0] if free else (set(), [])
        if not free:
            groups.append((nodes, faults))
        if fault.get("compiles", True):
            nodes.add(node)
        faults.append(fault)
    return [faults for _, faults in groups]


GROUPS = fault_groups()


def start_of(text: str, fault: dict[str, Any]) -> int:
    return text.index(f"- id: {fault['node']}\n") if "node" in fault else 0


def with_fault(text: str, fault: dict[str, Any]) -> str:
    words, instead = fault["replace"]
    start = text.index(words, start_of(text, fault))
    return text[:start] + instead + text[start + len(words) :]


def location_of(project: Path, fault: dict[str, Any]) -> str:
    """Return `file:line` of the finding, once the fault is planted."""
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
    """Plant the faults, and restore the project afterwards."""
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
    """Check the project with a group of faults: return the location expected of each, and all findings."""

    @cache
    def of(number: int) -> tuple[dict[str, str], tuple[Finding, ...]]:
        with planted(project, GROUPS[number]):
            locations = {fault["fault"]: location_of(project, fault) for fault in GROUPS[number]}
            return locations, whereas.check(whereas.read_project(project)).report.findings

    return of


def test_sound_data_have_no_finding_above_info(project):
    report = whereas.check(whereas.read_project(project)).report
    assert [finding.line() for finding in report.findings if finding.severity != "Info"] == []


@pytest.mark.parametrize(
    ("number", "fault"),
    [pytest.param(number, fault, id=fault["fault"]) for number, faults in enumerate(GROUPS) for fault in faults],
)
def test_planted_fault_is_reported_at_its_line(caught, number, fault):
    locations, findings = caught(number)
    location = locations[fault["fault"]]
    assert f"{location}: {fault['finds']}" in [finding.line() for finding in findings]
    keys = [(finding.rule, finding.focus, finding.path, finding.value) for finding in findings if finding.focus]
    assert len(set(keys)) == len(keys), "each fault is reported once"
    if "trouve" in fault:
        assert f"{location}: {fault['trouve']}" in [finding.line("fr") for finding in findings]


def test_other_engine_reports_no_more_where_the_entities_do_not_compile(project):
    fault = {"file": "data/entities/persons.yaml", "replace": ["  type: Person\n", "  type: Person\n  kind: Person\n"]}
    with planted(project, [fault]):
        first, second = (
            whereas.check(whereas.read_project(project), engine).report.findings for engine in ("shifty", "pyshacl")
        )
    assert first == second


def test_shape_of_the_project_sees_the_links_and_is_named_in_the_report(project):
    checked = whereas.check(whereas.read_project(project))
    findings = [finding for finding in checked.report.findings if finding.rule == "https://example.org/Linked"]
    persons = {value_of(s) for s, _, o, _ in checked.quads(ENTITIES) if o == f"<{PREFIXES['foaf']}Person>"}
    linked = {value_of(s) for s, p, _, _ in checked.quads(LINKS) if p == f"<{PREFIXES['owl']}sameAs>"}
    assert persons & linked
    assert {finding.focus for finding in findings} == persons - linked
    report = as_quads(findings, "https://example.org/report", PREFIXES, ("fr", "en"))
    assert {o for _, p, o, _ in report if p == f"<{SHACL}sourceShape>"} == {"<https://example.org/Linked>"}


def expanded(name: str) -> str:
    """Return a name in a fault as a term."""
    return iri(name[1:-1] if name.startswith("<") else expand(name, PREFIXES))


def altered(quads: list[Quad], fault: dict[str, Any]) -> list[Quad]:
    """Return the quads of the press release with the fault."""
    gone = {tuple(map(expanded, pair.split())) for pair in fault.get("remove", ())}
    remaining = [quad for quad in quads if quad[:2] not in gone]
    assert len(remaining) < len(quads) or not gone
    prefixes = "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in PREFIXES.items())
    return remaining + [(*quad[:3], quads[0][3]) for quad in parse(prefixes + fault.get("add", ""), "ttl")]


@pytest.mark.parametrize("fault", COMPILED, ids=lambda fault: fault["fault"])
def test_fault_that_cannot_be_written_is_found_in_triples(checked, fault):
    quads = altered(checked.quads(DOCUMENT), fault) + checked.quads(ENTITIES) + checked.quads(LINKS)
    terms = [(*quad[:3], "<urn:whereas:vocabulary>") for quad in checked.quads(VOCABULARY)]
    shapes = checked.rules.shapes
    messages = [
        f"{result.severity.lower()}: {compact(result.focus, PREFIXES)}: {shapes.message(result).in_language('en')}"
        for result in shapes.check(nquads([(*quad[:3], "") for quad in quads + terms]))
    ]
    graph = Graph()
    graph.load(nquads(quads + terms))
    for rule in checked.rules.checks:
        for focus, value in graph.query(rule.text).rows:
            shown = compact(value.value, PREFIXES) if value else ""
            node = "a blank node" if focus.kind == "bnode" else compact(focus.value, PREFIXES)
            messages.append(
                f"{rule.severity.lower()}: {node}: {rule.message.in_language('en').replace('{value}', shown)}"
            )
    assert fault["finds"] in messages


def test_every_check_finds_a_fault(checked):
    sentences = [fault["finds"] for fault in WRITTEN + COMPILED]
    for rule in checked.rules.checks:
        pattern = ".+".join(map(re.escape, rule.message.in_language("en").split("{value}")))
        assert any(re.fullmatch(rf"{rule.severity.lower()}: (.+: )?{pattern}", sentence) for sentence in sentences), (
            rule.name
        )


def test_other_engine_over_the_whole_dataset_finds_the_same(project):
    with planted(project, GROUPS[0]):
        first, second = (
            whereas.check(whereas.read_project(project), engine).report.findings for engine in ("shifty", "pyshacl")
        )
    assert len(GROUPS[0]) >= 12
    assert len([finding for finding in first if finding.severity != "Info"]) >= len(GROUPS[0])
    assert first == second
