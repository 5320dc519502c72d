"""The documentation of each shape: its targets, its message, and examples that it rejects and accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from whereas.content.index import Index
from whereas.i18n import Localized
from whereas.project.project import Project
from whereas.rdf.serialization import parse
from whereas.rdf.terms import Quad, nquads
from whereas.validation.checked_project import CheckedProject
from whereas.validation.shapes import UNNAMED

_ABOUT = ("sh:targetClass", "sh:targetSubjectsOf", "sh:targetObjectsOf")
_PREFIX = re.compile(r"^@prefix\s+([\w-]*):\s*<([^>]*)>", re.M)
_SUBJECT = re.compile(r"^(?:<([^>]+)>|([\w-]*):([\w.-]+))\s", re.M)


@dataclass(frozen=True)
class Constraint:
    """A shape: `about` holds its target classes and properties, `parts` the shapes that belong to it."""

    sentence: Localized | None
    severity: str
    about: tuple[str, ...]
    path: tuple[str, ...]
    parts: tuple[str, ...]
    whole: tuple[str, ...]  # the shapes it belongs to
    bad: str  # Turtle that breaks it
    good: str  # Turtle that conforms to it


def named_quads(project: Project, quads: tuple[Quad, ...]) -> Iterator[Quad]:
    """Yield the quads about the project's shapes, in a graph of their own; blank nodes get IRIs (skolemization)."""
    graph = f"<{project.base}graph/shapes>"
    ours = (f"<{project.vocabulary}shapes#", f"<{project.base}shapes#", f"<{UNNAMED}")
    for subject, predicate, term, _ in quads:
        named, value = (f"<{UNNAMED}{name[2:]}>" if name.startswith("_:") else name for name in (subject, term))
        if named.startswith(ours):
            yield named, predicate, value, graph


class Constraints:
    """The shapes of a project; the index holds their `named_quads`."""

    def __init__(self, checked: CheckedProject, index: Index) -> None:
        self.checked, self.index = checked, index

    def constraint(self, shape: str) -> Constraint:
        """Return the documentation of a shape."""
        index = self.index
        whole = index.pointing(shape, "sh:property", "sh:sparql")
        return Constraint(
            self.checked.rules.shapes.sentence(shape),
            (index.first(shape, "sh:severity") or "#Violation").rpartition("#")[2],
            tuple(name for one in (shape, *whole) for name in index.all(one, *_ABOUT)),
            tuple(index.all(shape, "sh:path")),
            tuple(index.all(shape, "sh:property", "sh:sparql")),
            tuple(whole),
            self._bad.get(shape, ""),
            next((block for name in (shape, *whole) for block in self._good(name)), ""),
        )

    @cached_property
    def _examples(self) -> dict[str, dict[str, str]]:
        """The blocks of the example files, by file and subject."""
        material = self.checked.project.material("shapes", ".ttl")
        read_text = self.checked.project.read_text
        return {name: _blocks(read_text(path)) for name, path in material.items() if name.startswith("examples/")}

    @cached_property
    def _bad(self) -> dict[str, str]:
        """A block that breaks the shape, by shape, as the SHACL engine reports it."""
        project, shapes = self.checked.project, self.checked.rules.shapes
        vocabulary = "".join(nquads((*quad[:3], "") for quad in self.checked.quads("vocabulary")))
        blocks: dict[str, str] = {}
        for name, path in project.material("shapes", ".ttl").items():
            if name.startswith("examples/bad/"):
                for result in shapes.check(vocabulary + nquads(parse(project.read_text(path), "ttl"))):
                    if block := self._examples[name].get(result.focus):
                        blocks.setdefault(result.shape, block)
        return blocks

    def _good(self, shape: str) -> Iterator[str]:
        """Yield the blocks of good examples with a target of the shape."""
        for about in self.index.all(shape, *_ABOUT):
            for name, blocks in self._examples.items():
                if name.startswith("examples/good/"):
                    yield from (b for b in blocks.values() if _uses(b, about, self.index))


def _uses(block: str, term: str, index: Index) -> bool:
    """Whether a block uses a class or a property."""
    names = [f"{prefix}:{term[len(space) :]}" for prefix, space in index.prefixes.items() if term.startswith(space)]
    words = block.split()
    return any(name in words for name in names)


def _blocks(text: str) -> dict[str, str]:
    """Return the text of a Turtle file about each subject, with the comment above it."""
    prefixes = dict(_PREFIX.findall(text))
    blocks = {}
    for block in re.split(r"\n\s*\n", text):
        subject = _SUBJECT.search(block)
        if subject and not block.lstrip().startswith(("@prefix", "# expect")):
            name = subject[1] or prefixes.get(subject[2], "") + subject[3]
            blocks[name] = block.strip()
    return blocks
