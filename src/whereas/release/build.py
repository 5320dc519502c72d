"""A checked project becomes files in `public/`: all of them, or the ones that were there stay.

    dataset.{ttl,jsonld,nq,trig}         everything
    doc/<document>.…  graph/<source>.…   each source, in the same formats
    doc/<document>/text.<language>.txt   the verbatim text, as it was read
    ontology/  shapes/                   the vocabulary and the shapes
    index.html  doc/  ent/  ns/  …      the website: pages, and each thing in every format
    catalogue.…  report.…  SHA256SUMS    what it is, what was found, whether it arrived whole

Each of the four formats has a gzip twin. The same material gives the same bytes.
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
from whereas.rdf.writers import FORMATS, Export, frame
from whereas.release.catalogue import Holdings, describe, sums
from whereas.release.gzip_members import Piece, deflated, gzipped
from whereas.release.parts import Pieces, framed, parts
from whereas.release.staging import Staging
from whereas.site.pages.templates import material_digest
from whereas.validation.checked_project import CheckedProject
from whereas.validation.reports import as_json, as_quads
from whereas.validation.rules import Rules, read_rules

TEXT = "https://schema.org/text"


class Release(NamedTuple):
    """The files of a release."""

    own: list[File]
    website: list[File]  # what a server renders when it is asked


def write_release(checked: CheckedProject, progress: Progress = silent, *, pages: bool = True) -> Release:
    """The project's files in `public/`, and what they are; nothing is written when it is up to date.

    Without `pages`, the data alone: no website.

    Raises `WhereasError` when the project does not conform, or `public/` cannot be written.
    """
    if not checked.report.conforms:
        raise WhereasError(Message("what does not conform is not released"))
    with (
        project_lock(checked.project.cache_dir, lambda: progress("waiting for another whereas process", 0, 1)),
        checked.cache,
    ):
        return _release(checked, progress, pages)


def _release(checked: CheckedProject, progress: Progress, pages: bool) -> Release:
    findings = repr((pages, checked.report.findings)).encode()
    key = digest_of({"findings": findings}, checked.digest, checked.rules.digest, material_digest(checked.project))
    cache, public = checked.cache, checked.project.public
    if (told := cache.get("release", "", key)) and (public / "SHA256SUMS").is_file():
        release = Release(*([File(*file) for file in files] for files in json.loads(told)))
        if all(_is_there(public / file.path, file.size) for files in release for file in files):
            return release
    _make_parts(checked, progress)
    try:
        staging = Staging(checked.project.cache_dir, public, cache)
        try:
            release = _ReleaseWriter(staging).write_all(checked, progress, pages)
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


def _is_there(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


# -------------------------------------------------------------------- the parts of each source


def _make_parts(checked: CheckedProject, progress: Progress) -> None:
    known, salt = checked.cache.keys("parts"), engine_digest() + checked.rules.compilation_digest
    keys = {s.name: hashlib.sha256(f"{s.digest}{salt}".encode()).hexdigest()[:24] for s in checked.summaries}
    changed = [name for name, key in keys.items() if known.get(name) != key]
    for name, made in parallel_map(
        _parts_of, changed, _WorkerContext, (checked.project, checked.cache.folder), progress, "serializing"
    ):
        checked.cache.put_parts(name, keys[name], made)
        checked.cache.put("parts", name, keys[name], b"")
    checked.cache.commit()


class _WorkerContext:
    """What a process needs to write sources."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.rules, self.cache = read_rules(project), Cache(folder)


def _parts_of(bench: _WorkerContext, name: str) -> list[tuple[str, str, bytes, bytes]]:
    quads = tuple(read_nquads(bench.cache.latest("quads", name).decode()))
    base = bench.rules.project.base
    return list(parts(Export(name, f"{base}graph/{name}", quads, bench.rules.context, base)))


# -------------------------------------------------------------------- the files


class _ReleaseWriter:
    """Writes a release where it is brought together."""

    def __init__(self, staging: Staging) -> None:
        self.staging, self.cache = staging, staging.cache

    def write_all(self, checked: CheckedProject, progress: Progress, pages: bool) -> Release:
        rules, project = checked.rules, checked.project
        keys = self.cache.keys("parts")
        for count, summary in enumerate(checked.summaries, 1):
            self.source(summary.name, keys[summary.name], rules)
            progress("writing", count, len(checked.summaries))
        whole = [file for format_ in FORMATS for file in self.whole(format_, rules)]
        self.material(rules)
        report = as_quads(checked.report.findings, f"{project.base}report", checked.rules.prefixes, project.languages)
        self.quads("report", report, rules)
        self.staging.write("report.json", as_json(checked.report.findings, "en").encode())
        self.quads("catalogue", describe(project, rules.context, _holdings(checked), whole), rules)
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

    def source(self, name: str, key: str, rules: Rules) -> None:
        """One source's files: those of the last release where it did not change, else new ones."""
        if not self.staging.kept("released", name, key):
            stem = f"{'graph' if name in SHARED else 'doc'}/{name}"
            made: list[File] = []
            for format_ in FORMATS:
                made += self.exported(stem, format_, self.cache.parts_of(name, format_), rules)
            if name not in SHARED:
                made += [self.staging.write(path, text.encode()) for path, text in self.texts(name, rules)]
            self.staging.keep("released", name, key, made)

    def texts(self, name: str, rules: Rules) -> Iterator[tuple[str, str]]:
        """The verbatim texts of a document, with their paths."""
        base = rules.project.base
        for subject, predicate, term, _ in read_nquads(self.cache.latest("quads", name).decode()):
            thing = value_of(subject)
            if value_of(predicate) == TEXT and thing.startswith(f"{base}doc/{name}/text."):
                yield f"{thing.removeprefix(base)}.txt", value_of(term)

    def whole(self, format_: str, rules: Rules) -> tuple[File, File]:
        """The file of every source's parts, and its gzip twin."""
        before, between, after = ((text.encode(), deflated(text.encode())) for text in frame(format_, rules.context))
        pieces = [_piece(before)]
        places: list[tuple[str, list[str]]] = [("", [])]  # position and sources of each piece
        gap = 0, 0
        for position, group in groupby(self.cache.parts(format_), itemgetter(0)):
            (_, name, key, plain, packed), *others = group
            names = [name]
            if others:
                names += [other[1] for other in others]
                key, plain, packed = _piece(self._part(format_, position, names))
            pieces.append((f"{position} {key} {gap[0]}", plain + gap[0], packed + gap[1]))
            places.append((position, names))
            gap = len(between[0]), len(between[1])
        pieces.append(_piece(after))

        def contents(number: int) -> tuple[bytes, bytes]:
            if number in (0, len(places)):
                return after if number else before
            plain, packed = self._part(format_, *places[number])
            return (plain, packed) if number == 1 else (between[0] + plain, between[1] + packed)

        return self.staging.assembled(f"dataset.{format_}", pieces, contents)

    def _part(self, format_: str, position: str, names: Sequence[str]) -> tuple[bytes, bytes]:
        """What sources have at one position; where several have N-Quads there, their lines are sorted."""
        found = [self.cache.part(format_, position, name) for name in names]
        if len(found) == 1:
            return found[0]
        plain = b"".join(sorted(b"".join(plain for plain, _ in found).splitlines(keepends=True)))
        return plain, deflated(plain)

    def quads(self, stem: str, quads: Iterable[Quad], rules: Rules) -> None:
        """A graph of the release itself, in every format."""
        base = rules.project.base
        made = list(parts(Export(stem, f"{base}{stem}", tuple(sorted(quads)), rules.context, base)))
        for format_ in FORMATS:
            self.exported(stem, format_, _of(format_, made), rules)

    def material(self, rules: Rules) -> None:
        """The vocabulary's files and the shapes, as they were read."""
        project = rules.project
        graph = vocabulary_graph(project)
        for name, path in project.material("ontology", ".ttl").items():
            text, stem = project.read_text(path), name.removesuffix(".ttl")
            self.packed(text, f"ontology/{name}")
            quads = tuple(parse(text, "ttl", f"<{graph}>"))
            made = list(parts(Export(stem, graph, quads, rules.context, project.base)))
            for format_ in FORMATS[1:]:
                self.exported(f"ontology/{stem}", format_, _of(format_, made), rules)
        context = project.read_text(project.material("ontology", CONTEXT_FILE)[CONTEXT_FILE])
        self.packed(context, f"ontology/{CONTEXT_FILE}", CONTEXT_FILE)
        shapes = project.material("shapes", ".ttl")
        texts = [project.read_text(path) for name, path in shapes.items() if not name.startswith("examples/")]
        self.packed("\n".join(texts), "shapes/shapes.ttl", "shapes.ttl")

    def packed(self, text: str, *paths: str) -> None:
        """A file of this text and its gzip twin, at each of the paths."""
        plain = text.encode()
        for path in paths:
            self.staging.write(path, plain)
            self.staging.write(f"{path}.gz", gzipped(plain, deflated(plain)))

    def exported(self, stem: str, format_: str, pieces: Pieces, rules: Rules) -> tuple[File, File]:
        """A file of one format and its gzip twin."""
        made = list(framed(pieces, format_, rules.context))
        plain, packed = b"".join(plain for plain, _ in made), b"".join(packed for _, packed in made)
        path = f"{stem}.{format_}"
        return self.staging.write(path, plain), self.staging.write(f"{path}.gz", gzipped(plain, packed))


def _of(format_: str, made: Iterable[tuple[str, str, bytes, bytes]]) -> Pieces:
    return [(plain, packed) for kind, _, plain, packed in made if kind == format_]


def _piece(content: tuple[bytes, bytes]) -> Piece:
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
