"""Write the release of a checked project to `public/`: all of its files, or none.

    dataset.{ttl,jsonld,nq,trig}         everything
    doc/<document>.…  graph/<source>.…   each source, in the same formats
    doc/<document>/text.<language>.txt   the verbatim text
    ontology/  shapes/                   the vocabulary and the shapes
    index.html  doc/  ent/  ns/  …       the website: pages, and each thing in every format
    catalogue.…  report.…  SHA256SUMS    description, findings, checksums

Files in the four formats have a gzip copy. The same project gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from whereas.cache import Cache, engine_digest, project_lock
from whereas.content.downloads import File
from whereas.errors import WhereasError
from whereas.i18n import Message
from whereas.parallel import Progress, parallel_map, silent
from whereas.project.ontology import CONTEXT_FILE, vocabulary_graph
from whereas.project.project import Project
from whereas.project.sources import LINKS, SHARED, digest_of
from whereas.rdf.serialization import parse
from whereas.rdf.terms import Quad, read_nquads, value_of
from whereas.rdf.writers import DUMP_FORMATS, Export, frame
from whereas.release.catalogue import Holdings, describe, sums
from whereas.release.gzip_members import Chunk, deflated, gzipped
from whereas.release.parts import Chunks, framed, parts
from whereas.release.public_folder import PublicFolder
from whereas.release.site_digest import site_digest
from whereas.release.staging import Staging
from whereas.validation.checked_project import CheckedProject
from whereas.validation.reports import as_json, as_quads
from whereas.validation.rules import Rules, read_rules

TEXT = "https://schema.org/text"


class Release(NamedTuple):
    """The files of a release."""

    data: list[File]
    website: list[File]  # a server renders them on request


def write_release(checked: CheckedProject, progress: Progress = silent, *, pages: bool = True) -> Release:
    """Write the project's release to `public/` and return its files; write nothing when it is up to date.

    Without `pages`, write the data only, no website. Raise `WhereasError` when the project does not conform, or
    `public/` cannot be written.
    """
    if not checked.report.conforms:
        raise WhereasError(Message("the project has violations: 'whereas check' lists them"))
    with (
        project_lock(checked.project.cache_dir, lambda: progress("waiting for another whereas process", 0, 1)),
        checked.cache,
    ):
        return _release(checked, progress, pages)


def _release(checked: CheckedProject, progress: Progress, pages: bool) -> Release:
    findings = repr((pages, checked.report.findings)).encode()
    key = digest_of({"findings": findings}, checked.digest, checked.rules.digest, site_digest(checked.project))
    target = PublicFolder(checked.project)
    cache, public = checked.cache, target.path
    recorded = None if target.is_unfinished() else cache.get("release", "", key)
    if recorded and (public / "SHA256SUMS").is_file():
        release = Release(*([File(*file) for file in files] for files in json.loads(recorded)))
        if all(_exists(public / file.path, file.size) for files in release for file in files):
            return release
    _update_parts(checked, progress)
    try:
        staging = Staging(checked.project.cache_dir, target, cache)
        try:
            release = _ReleaseWriter(staging, checked.rules).write_release(checked, progress, pages)
            staging.publish()
        finally:
            staging.close()
    except OSError as problem:
        raise WhereasError(
            Message(
                "{value}: cannot be written: {strerror}", value=problem.filename or public, strerror=problem.strerror
            )
        ) from None
    cache.put("release", "", key, json.dumps(release).encode())
    return release


def _exists(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


# -------------------------------------------------------------------- the parts of each source


def _update_parts(checked: CheckedProject, progress: Progress) -> None:
    known, salt = checked.cache.keys("parts"), engine_digest() + checked.rules.compilation_digest
    keys = {s.name: hashlib.sha256(f"{s.digest}{salt}".encode()).hexdigest()[:24] for s in checked.summaries}
    changed = [name for name, key in keys.items() if known.get(name) != key]
    for name, written in parallel_map(
        _parts_of, changed, _WorkerContext, (checked.project, checked.cache.folder), progress, "serializing"
    ):
        checked.cache.put_parts(name, keys[name], written)
        checked.cache.put("parts", name, keys[name], b"")
    checked.cache.commit()


class _WorkerContext:
    """What a worker process needs to write the parts of sources."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.rules, self.cache = read_rules(project), Cache(folder)


def _parts_of(context: _WorkerContext, name: str) -> list[tuple[str, str, bytes, bytes]]:
    quads = tuple(read_nquads(context.cache.latest("quads", name).decode()))
    base = context.rules.project.base
    return list(parts(Export(name, f"{base}graph/{name}", quads, context.rules.context, base)))


# -------------------------------------------------------------------- the files


class _ReleaseWriter:
    """Write the files of a release to its staging folder."""

    def __init__(self, staging: Staging, rules: Rules) -> None:
        self.staging, self.cache = staging, staging.cache
        self.rules, self.context, self.base = rules, rules.context, rules.project.base

    def write_release(self, checked: CheckedProject, progress: Progress, pages: bool) -> Release:
        project = checked.project
        keys = self.cache.keys("parts")
        for count, summary in enumerate(checked.summaries, 1):
            self.write_source(summary.name, keys[summary.name])
            progress("writing", count, len(checked.summaries))
        dumps = [file for format_ in DUMP_FORMATS for file in self.write_dump(format_)]
        self.write_material()
        report = as_quads(checked.report.findings, f"{self.base}report", self.rules.prefixes, project.languages)
        self.write_graph("report", report)
        self.staging.write("report.json", as_json(checked.report.findings, "en").encode())
        self.write_graph("catalogue", describe(project, self.context, _holdings(checked), dumps))
        files = self.staging.files
        start = end = len(files)
        if pages:
            from whereas.release import hosting
            from whereas.release.site_build import write_website

            site = write_website(checked, self.staging, progress)
            end = len(files)
            for path, content in hosting.rules(site):
                self.staging.write(path, content)
        self.staging.write("SHA256SUMS", "".join(sums(files)).encode())
        return Release(files[:start] + files[end:], files[start:end])

    def write_source(self, name: str, key: str) -> None:
        """Write the files of one source, or reuse those of the last release where it did not change."""
        if self.staging.reuse("released", name, key):
            return
        stem = f"{'graph' if name in SHARED else 'doc'}/{name}"
        files: list[File] = []
        for format_ in DUMP_FORMATS:
            files += self.write_chunks(stem, format_, self.cache.parts_of(name, format_))
        if name not in SHARED:
            files += [self.staging.write(path, text.encode()) for path, text in self.texts(name)]
        self.staging.record("released", name, key, files)

    def texts(self, name: str) -> Iterator[tuple[str, str]]:
        """Iterate over the verbatim texts of a document, with their paths."""
        for subject, predicate, term, _ in read_nquads(self.cache.latest("quads", name).decode()):
            thing = value_of(subject)
            if value_of(predicate) == TEXT and thing.startswith(f"{self.base}doc/{name}/text."):
                yield f"{thing.removeprefix(self.base)}.txt", value_of(term)

    def write_dump(self, format_: str) -> tuple[File, File]:
        """Write the file of all sources, and its compressed copy."""
        before, between, after = ((text.encode(), deflated(text.encode())) for text in frame(format_, self.context))
        chunks = [_chunk(before)]
        sources: list[tuple[str, list[str]]] = [("", [])]  # position and names of each chunk
        gap = 0, 0
        for position, group in groupby(self.cache.parts(format_), itemgetter(0)):
            (_, name, key, plain_size, deflated_size), *others = group
            names = [name, *(other[1] for other in others)]
            if others:
                key, plain_size, deflated_size = _chunk(self.part(format_, position, names))
            chunks.append((f"{position} {key} {gap[0]}", plain_size + gap[0], deflated_size + gap[1]))
            sources.append((position, names))
            gap = len(between[0]), len(between[1])
        chunks.append(_chunk(after))

        def contents(number: int) -> tuple[bytes, bytes]:
            if number in (0, len(sources)):
                return after if number else before
            plain, packed = self.part(format_, *sources[number])
            return (plain, packed) if number == 1 else (between[0] + plain, between[1] + packed)

        return self.staging.assemble(f"dataset.{format_}", chunks, contents)

    def part(self, format_: str, position: str, names: Sequence[str]) -> tuple[bytes, bytes]:
        """Return what sources have at one position; of several, the N-Quads lines are sorted."""
        sources = [self.cache.part(format_, position, name) for name in names]
        if len(sources) == 1:
            return sources[0]
        plain = b"".join(sorted(b"".join(plain for plain, _ in sources).splitlines(keepends=True)))
        return plain, deflated(plain)

    def write_graph(self, stem: str, quads: Iterable[Quad]) -> None:
        """Write a graph about the release itself, in every format."""
        export = Export(stem, f"{self.base}{stem}", tuple(sorted(quads)), self.context, self.base)
        written = list(parts(export))
        for format_ in DUMP_FORMATS:
            self.write_chunks(stem, format_, _of(format_, written))

    def write_material(self) -> None:
        """Write the ontology in every format, the context and the shapes."""
        project = self.rules.project
        graph = vocabulary_graph(project)
        for name, path in project.material("ontology", ".ttl").items():
            text, stem = project.read_text(path), name.removesuffix(".ttl")
            self.write_text(text, f"ontology/{name}")
            quads = tuple(parse(text, "ttl", f"<{graph}>"))
            written = list(parts(Export(stem, graph, quads, self.context, project.base)))
            for format_ in DUMP_FORMATS[1:]:
                self.write_chunks(f"ontology/{stem}", format_, _of(format_, written))
        context = project.read_text(project.material("ontology", CONTEXT_FILE)[CONTEXT_FILE])
        self.write_text(context, f"ontology/{CONTEXT_FILE}", CONTEXT_FILE)
        shapes = project.material("shapes", ".ttl")
        texts = [project.read_text(path) for name, path in shapes.items() if not name.startswith("examples/")]
        self.write_text("\n".join(texts), "shapes/shapes.ttl", "shapes.ttl")

    def write_text(self, text: str, *paths: str) -> None:
        """Write a text and its compressed copy, at each of the paths."""
        plain = text.encode()
        for path in paths:
            self.staging.write(path, plain)
            self.staging.write(f"{path}.gz", gzipped(plain, deflated(plain)))

    def write_chunks(self, stem: str, format_: str, chunks: Chunks) -> tuple[File, File]:
        """Write a file of one format and its compressed copy."""
        contents = list(framed(chunks, format_, self.context))
        plain, packed = b"".join(plain for plain, _ in contents), b"".join(packed for _, packed in contents)
        path = f"{stem}.{format_}"
        return self.staging.write(path, plain), self.staging.write(f"{path}.gz", gzipped(plain, packed))


def _of(format_: str, written: Iterable[tuple[str, str, bytes, bytes]]) -> Chunks:
    return [(plain, packed) for kind, _, plain, packed in written if kind == format_]


def _chunk(content: tuple[bytes, bytes]) -> Chunk:
    plain, packed = content
    return hashlib.sha256(plain).hexdigest()[:24], len(plain), len(packed)


def _holdings(checked: CheckedProject) -> Holdings:
    totals = checked.totals
    project = checked.project
    folders = {
        folder: {name: path.read_bytes() for name, path in project.material(folder, suffix).items()}
        for folder, suffix in (("ontology", ".ttl"), ("shapes", ".ttl"), ("queries", ".rq"))
    }
    material = {folder: (len(files), digest_of(files)) for folder, files in folders.items()}
    material["data"] = (len(checked.summaries), checked.digest)
    return Holdings(
        sum(summary.triples for summary in checked.summaries),
        totals.subjects,
        len(checked.documents),
        totals.types,
        totals.predicates,
        checked.quads(LINKS) if LINKS in {summary.name for summary in checked.summaries} else (),
        material,
    )
