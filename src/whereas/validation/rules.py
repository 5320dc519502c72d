"""What a project is checked by: shapes and checks, besides what it is compiled with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from whereas.compiler.unit import CompilationContext, read_compilation_context
from whereas.project.project import Project
from whereas.project.queries import Check, read_checks
from whereas.project.sources import digest_of
from whereas.validation.shapes import Shapes, read_shapes


@dataclass(frozen=True)
class Rules(CompilationContext):
    """What sources are compiled with and checked by: read once a process, from the project's material."""

    shapes: Shapes
    checks: tuple[Check, ...]

    @cached_property
    def digest(self) -> str:
        """Digest of all that the findings about a source depend on, except the source and its neighbours."""
        contents = {
            "shapes": self.shapes.digest.encode(),
            "checks": "".join(check.text for check in self.checks).encode(),
        }
        return digest_of(contents, self.vocabulary_digest)


def read_rules(project: Project) -> Rules:
    """Read the project's context, prefixes, vocabulary, shapes and checks. Raise `ProjectError` where one is unusable."""
    compilation = read_compilation_context(project)
    return Rules(
        compilation.project,
        compilation.context,
        compilation.prefixes,
        compilation.vocabulary,
        read_shapes(project, compilation.prefixes),
        tuple(read_checks(project)),
    )
