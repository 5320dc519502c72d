"""The input that all sources of a compilation share, and the output for one source."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from whereas import iris
from whereas.cache import engine_digest
from whereas.compiler.passages import Coverage
from whereas.errors import ProjectError
from whereas.findings import Finding, Location, finding
from whereas.project.languages import is_language
from whereas.project.ontology import read_context, read_prefixes, read_vocabulary
from whereas.project.project import Project
from whereas.project.sources import digest_of
from whereas.rdf.context import Context
from whereas.rdf.namespaces import RDF
from whereas.rdf.serialization import name_problem
from whereas.rdf.terms import Quad, nquads, value_of


@dataclass(frozen=True)
class CompilationContext:
    """What every source of a project is compiled with; read once per process."""

    project: Project
    context: Context
    prefixes: Mapping[str, str]
    vocabulary: tuple[Quad, ...]

    @cached_property
    def compilation_digest(self) -> str:
        """Digest of everything but the source itself that its compilation depends on."""
        terms = json.dumps(dict(self.context.terms), sort_keys=True)
        return digest_of({"context": terms.encode()}, engine_digest(), self.project.digest)

    @cached_property
    def vocabulary_digest(self) -> str:
        """Digest of the vocabulary and of `compilation_digest`."""
        return digest_of({"vocabulary": nquads(self.vocabulary).encode()}, self.compilation_digest)


def read_compilation_context(project: Project) -> CompilationContext:
    """Read the project's JSON-LD context, prefixes and vocabulary.

    Raise `ProjectError` when one of them is invalid, or the settings use a name that the context does not define.
    """
    prefixes, context = read_prefixes(project), read_context(project)
    if findings := list(_check_settings(project, context)):
        raise ProjectError(findings)
    return CompilationContext(project, context, prefixes, tuple(read_vocabulary(project)))


def _check_settings(project: Project, context: Context) -> Iterator[Finding]:
    """Yield a finding for each name, type or language of the settings that is not defined."""
    names = [("publisher", project.publisher, project.setting("publisher"))] if project.publisher else []
    spatial = project.setting("coverage", "spatial")
    names += (("coverage", name, spatial) for name in project.coverage.get("spatial", ()))
    for key, name, location in names:
        reason = name_problem(name, context.prefixes)
        try:
            iris.expand(name, context.prefixes)
            if reason.template:
                yield finding("not-an-iri", location, key=key, value=name, reason=reason)
        except ValueError:
            yield finding("not-an-iri", location, key=key, value=name, reason=reason)
        except KeyError as unknown:
            prefix = unknown.args[0]
            hint = iris.near(prefix, context.prefixes)
            yield finding("unknown-prefix", location, prefix=prefix, value=name, hint=hint)
    for setting in ("languages", "title", "description", "rights"):
        for language in getattr(project, setting):
            if not is_language(language):
                yield finding("unknown-language", project.setting(setting, language), language=language)
    for kind in project.minimum:
        if kind not in context.types and not iris.is_absolute(kind):
            yield finding(
                "unknown-type", project.setting("minimum", kind), type=kind, hint=iris.near(kind, context.types)
            )


@dataclass(frozen=True)
class Compiled:
    """The output for one source.

    The keys of `locations` are IRIs of subjects, `subject predicate` and `subject object`; `references` are the IRIs
    of the project that the source names without describing them.
    """

    name: str
    graph: str
    quads: tuple[Quad, ...] = ()
    findings: tuple[Finding, ...] = ()
    locations: Mapping[str, Location] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    coverage: tuple[Coverage, ...] = ()

    def subjects(self) -> set[str]:
        """Return the IRIs that it describes."""
        return {value_of(subject) for subject, _, _, _ in self.quads}

    def types(self) -> Counter[str]:
        """Count the subjects of each class."""
        kind = f"<{RDF}type>"
        return Counter(value_of(value) for _, predicate, value, _ in self.quads if predicate == kind)

    def predicates(self) -> Counter[str]:
        """Count the triples of each property."""
        return Counter(value_of(predicate) for _, predicate, _, _ in self.quads)
