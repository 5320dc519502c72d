"""What a project is compiled and checked by: context, vocabulary, shapes and queries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from whereas import iris
from whereas.cache import engine_digest
from whereas.compiler.yamlld import is_language
from whereas.errors import MaterialError
from whereas.findings import Finding, finding
from whereas.project.ontology import read_context, read_prefixes, read_vocabulary
from whereas.project.project import Project
from whereas.project.queries import Check, read_checks
from whereas.project.sources import digest_of
from whereas.rdf.context import Context
from whereas.rdf.terms import Quad, nquads
from whereas.validation.shapes import Shapes, read_shapes


@dataclass(frozen=True)
class Rules:
    """What sources are compiled with and held to: read once a process, from the project's material."""

    project: Project
    context: Context
    prefixes: Mapping[str, str]
    shapes: Shapes
    checks: tuple[Check, ...]
    vocabulary: tuple[Quad, ...]

    @cached_property
    def compiling(self) -> str:
        """Digest of everything but the source that its compilation rests on."""
        told = json.dumps(dict(self.context.terms), sort_keys=True)
        return digest_of({"context": told.encode()}, engine_digest(), self.project.digest)

    @cached_property
    def digest(self) -> str:
        """Digest of everything but the source and its neighbours that its check rests on."""
        told = {
            "shapes": self.shapes.digest.encode(),
            "checks": "".join(check.text for check in self.checks).encode(),
            "vocabulary": nquads(self.vocabulary).encode(),
        }
        return digest_of(told, self.compiling)


def read_rules(project: Project) -> Rules:
    """The project's context, prefixes, shapes, checks and vocabulary. Raises `MaterialError`."""
    prefixes, context = read_prefixes(project), read_context(project)
    if wrong := list(_wrong_settings(project, context)):
        raise MaterialError(wrong)
    return Rules(
        project,
        context,
        prefixes,
        read_shapes(project, prefixes),
        tuple(read_checks(project)),
        tuple(read_vocabulary(project)),
    )


def _wrong_settings(project: Project, context: Context) -> Iterator[Finding]:
    """The names, types and languages of the settings that the context does not know."""
    names = [("publisher", project.publisher, project.setting("publisher"))] if project.publisher else []
    places = project.setting("coverage", "spatial")
    for key, name, place in (*names, *(("coverage", name, places) for name in project.coverage.get("spatial", ()))):
        try:
            iris.expand(name, context.prefixes)
        except ValueError:
            yield finding("not-an-iri", place, key=key, value=name)
        except KeyError as unknown:
            prefix = unknown.args[0]
            hint = iris.near(prefix, context.prefixes)
            yield finding("unknown-prefix", place, prefix=prefix, value=name, hint=hint)
    for setting in ("languages", "title", "description", "rights"):
        for language in getattr(project, setting):
            if not is_language(language):
                yield finding("unknown-language", project.setting(setting, language), language=language)
    for kind in project.minimum:
        if kind not in context.types and not iris.is_absolute(kind):
            yield finding(
                "unknown-type", project.setting("minimum", kind), type=kind, hint=iris.near(kind, context.types)
            )
