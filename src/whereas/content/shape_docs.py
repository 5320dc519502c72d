"""Each shape as a page: what it is about, what it says when it is broken, and examples it refuses and accepts."""

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
    """A shape; `about` are classes and properties, `parts` the shapes that belong to it."""

    sentence: Localized | None
    severity: str
    about: tuple[str, ...]
    path: tuple[str, ...]
    parts: tuple[str, ...]
    whole: tuple[str, ...]  # the shapes it belongs to
    bad: str
    good: str


def named_quads(project: Project, quads: tuple[Quad, ...]) -> Iterator[Quad]:
    """What is said of the project's shapes, in a graph of their own; blank nodes get names (skolemization)."""
    graph = f"<{project.base}graph/shapes>"
    ours = (f"<{project.vocabulary}shapes#", f"<{project.base}shapes#", f"<{UNNAMED}")
    for subject, predicate, term, _ in quads:
        named, value = (f"<{UNNAMED}{name[2:]}>" if name.startswith("_:") else name for name in (subject, term))
        if named.startswith(ours):
            yield named, predicate, value, graph


class Constraints:
    """The shapes of a project."""

    def __init__(self, checked: CheckedProject, index: Index) -> None:
        self.checked, self.index = checked, index
        index.add(named_quads(checked.project, checked.rules.shapes.quads))

    def constraint(self, shape: str) -> Constraint:
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
            next((told for name in (shape, *whole) for told in self._good(name)), ""),
        )

    @cached_property
    def _examples(self) -> dict[str, dict[str, str]]:
        """The blocks of the files of examples, by file and subject."""
        material = self.checked.project.material("shapes", ".ttl")
        read = self.checked.project.read_text
        return {name: _blocks(read(path)) for name, path in material.items() if name.startswith("examples/")}

    @cached_property
    def _bad(self) -> dict[str, str]:
        """A block that breaks it, by shape: the engine says which."""
        project, shapes = self.checked.project, self.checked.rules.shapes
        around = "".join(nquads((*quad[:3], "") for quad in self.checked.quads("vocabulary")))
        found: dict[str, str] = {}
        for name, path in project.material("shapes", ".ttl").items():
            if name.startswith("examples/bad/"):
                for result in shapes.check(around + nquads(parse(project.read_text(path), "ttl"))):
                    if block := self._examples[name].get(result.focus):
                        found.setdefault(result.shape, block)
        return found

    def _good(self, shape: str) -> Iterator[str]:
        """Blocks that keep it: of what it is about, in the files of good examples."""
        for about in self.index.all(shape, *_ABOUT):
            for name, blocks in self._examples.items():
                if name.startswith("examples/good/"):
                    yield from (b for b in blocks.values() if _names(b, about, self.index))


def _names(block: str, term: str, index: Index) -> bool:
    """Whether a block gives its subject a class, or has a property."""
    names = [f"{prefix}:{term[len(space) :]}" for prefix, space in index.prefixes.items() if term.startswith(space)]
    words = block.split()
    return any(name in words for name in names)


def _blocks(text: str) -> dict[str, str]:
    """What a Turtle file says of each subject, with the comment above it, as written."""
    prefixes = dict(_PREFIX.findall(text))
    found = {}
    for block in re.split(r"\n\s*\n", text):
        subject = _SUBJECT.search(block)
        if subject and not block.lstrip().startswith(("@prefix", "# expect")):
            name = subject[1] or prefixes.get(subject[2], "") + subject[3]
            found[name] = block.strip()
    return found
