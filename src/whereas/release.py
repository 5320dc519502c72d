"""A checked project becomes files in `public/`: all of them, or the ones that were there stay.

    dataset.{ttl,jsonld,nq,trig}         everything
    doc/<document>.…  graph/<source>.…   each source, in the same formats
    ontology/  shapes/                   the vocabulary and the shapes
    index.html  doc/  ent/  ns/  …      the website: pages, and each thing in every format
    catalogue.…  report.…  SHA256SUMS    what it is, what was found, whether it arrived whole

Each of the four formats has a gzip twin. The same material gives the same bytes.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from heapq import merge
from itertools import pairwise
from pathlib import Path
from typing import Any

from whereas.cache import Cache, engine_digest
from whereas.catalogue import File, Holdings, describe, sums
from whereas.checking import Checked
from whereas.compilation import Rules, read_rules
from whereas.crew import Progress, silent, work
from whereas.errors import WhereasError
from whereas.exports import FORMATS, Export, Pieces, deflated, framed, gzipped, parts
from whereas.graph import parse
from whereas.ontology import CONTEXT_FILE, vocabulary_graph
from whereas.project import Project
from whereas.reporting import as_json, as_quads
from whereas.site import Site, material_digest
from whereas.sources import LINKS, SHARED, digest_of
from whereas.terms import Quad, read_nquads

STAGING = "staging-"


def write_release(checked: Checked, progress: Progress = silent, *, pages: bool = True) -> list[File]:
    """The project's files in `public/`, and their list; nothing is written when it is up to date.

    Without `pages`, the data alone: no website.

    Raises `WhereasError` when the project does not conform, or `public/` cannot be written.
    """
    if not checked.report.conforms:
        raise WhereasError("what does not conform is not released")
    findings = repr((pages, checked.report.findings)).encode()
    made_of = (checked.digest, checked.rules.digest, material_digest(checked.project))
    key = digest_of({"findings": findings}, *made_of)
    cache, public = checked.cache, checked.project.public
    if (told := cache.get("release", "", key)) and (public / "SHA256SUMS").is_file():
        files = [File(*file) for file in json.loads(told)]
        if all(_is_there(public / file.path, file.size) for file in files):
            return files
    _make_parts(checked, progress)
    staging = checked.project.workshop / f"{STAGING}{os.getpid()}"
    try:
        _clear(checked.project.workshop)
        desk = _Desk(staging, public, cache)
        desk.write_all(checked, progress, pages)
        _swap(staging, public)
    except OSError as problem:
        raise WhereasError(f"{problem.filename or public}: cannot be written: {problem.strerror}") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    cache.put("release", "", key, json.dumps([list(vars(file).values()) for file in desk.files]).encode())
    cache.commit()
    return desk.files


def _clear(workshop: Path) -> None:
    """Take away what builds that were killed left behind; what a living one is at work on stays."""
    for folder in workshop.glob(f"{STAGING}*"):
        pid = folder.name.removeprefix(STAGING).partition("-")[0]
        if int(pid) == os.getpid() or not _is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    if os.name != "posix":
        return True  # elsewhere this question would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True


def _is_there(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


# -------------------------------------------------------------------- the parts of each source


def _make_parts(checked: Checked, progress: Progress) -> None:
    known = checked.cache.part_keys()
    salt = engine_digest() + checked.rules.compiling
    keys = {s.name: hashlib.sha256(f"{s.digest}{salt}".encode()).hexdigest() for s in checked.summaries}
    changed = [name for name, key in keys.items() if known.get(name) != key]
    for name, made in work(_parts_of, changed, _Bench, (checked.project, checked.cache.folder), progress, "written"):
        checked.cache.put_parts(name, keys[name], made)
    checked.cache.commit()


class _Bench:
    """What a process needs to write sources."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.rules, self.cache = read_rules(project), Cache(folder)


def _parts_of(bench: _Bench, name: str) -> list[tuple[str, str, bytes, bytes]]:
    quads = tuple(read_nquads(bench.cache.latest("quads", name).decode()))
    base = bench.rules.project.base
    return list(parts(Export(name, f"{base}graph/{name}", quads, bench.rules.context, base)))


# -------------------------------------------------------------------- the files


class _Desk:
    """Writes files below a folder, and knows their sizes and digests."""

    def __init__(self, folder: Path, last: Path, cache: Cache) -> None:
        self.folder, self.last, self.cache = folder, last, cache
        self.files: list[File] = []
        self.made: set[Path] = set()

    def write_all(self, checked: Checked, progress: Progress, pages: bool) -> None:
        rules, project = checked.rules, checked.project
        keys = self.cache.part_keys()
        for count, summary in enumerate(checked.summaries, 1):
            self.source(summary.name, keys[summary.name], rules)
            progress("placed", count, len(checked.summaries))
        whole = [file for format_ in FORMATS for file in self.exported("dataset", format_, _whole(checked, format_))]
        self.material(rules)
        report = as_quads(checked.report.findings, f"{project.base}report", checked.rules.prefixes)
        self.quads("report", report, rules)
        self.write("report.json", [as_json(checked.report.findings, "en").encode()])
        self.quads("catalogue", describe(project, rules.context, _holdings(checked), whole), rules)
        if pages:
            self.website(checked, progress)
        self.write("SHA256SUMS", ["".join(sums(self.files)).encode()])

    def website(self, checked: Checked, progress: Progress) -> None:
        """Every page, and each thing in every format."""
        site = Site(checked, self.files)
        paths = list(site.paths())
        for count, path in enumerate(paths, 1):
            page = site.render(path)
            assert page is not None, path  # a site has what it lists
            self.write(path, [page.content])
            progress("pages", count, len(paths))

    def source(self, name: str, key: str, rules: Rules) -> None:
        """One source's files: those of the last release where it did not change, else new ones."""
        stem = f"{'graph' if name in SHARED else 'doc'}/{name}"
        known = json.loads(self.cache.get("released", name, key) or b"[]")
        if known and self._keep(known):
            return
        made: list[File] = []
        for format_ in FORMATS:
            pieces = framed(self.cache.parts_of(name, format_), format_, rules.context)
            made += self.exported(stem, format_, pieces)
        told = [[*vars(file).values(), (self.folder / file.path).stat().st_mtime_ns] for file in made]
        self.cache.put("released", name, key, json.dumps(told).encode())

    def _keep(self, known: list[list[Any]]) -> bool:
        """Whether files of the last release are as they were written, and now stand here too."""
        try:
            for path, size, _, clock in known:
                told = os.stat(f"{self.last}/{path}")  # noqa: PTH116 (with a Path for each, half a second at 80,000 files)
                if (told.st_size, told.st_mtime_ns) != (size, clock):
                    return False
            self._target(known[0][0])
            for path, *_ in known:
                os.link(f"{self.last}/{path}", f"{self.folder}/{path}")
        except OSError:
            for path, *_ in known:  # what is written next must not write into the last release
                self._target(path).unlink(missing_ok=True)
            return False
        self.files.extend(File(path, size, digest) for path, size, digest, _ in known)
        return True

    def quads(self, stem: str, quads: Iterable[Quad], rules: Rules) -> None:
        """A graph of the release itself, in every format."""
        base = rules.project.base
        made = list(parts(Export(stem, f"{base}{stem}", tuple(sorted(quads)), rules.context, base)))
        for format_ in FORMATS:
            self.exported(stem, format_, framed(_of(format_, made), format_, rules.context))

    def material(self, rules: Rules) -> None:
        """The vocabulary's files and the shapes, as they were read."""
        project = rules.project
        graph = vocabulary_graph(project)
        for name, path in project.material("ontology", ".ttl").items():
            text, stem = project.read_text(path), name.removesuffix(".ttl")
            self.packed(f"ontology/{name}", text)
            quads = tuple(parse(text, "ttl", f"<{graph}>"))
            made = list(parts(Export(stem, graph, quads, rules.context, project.base)))
            for format_ in FORMATS[1:]:
                self.exported(f"ontology/{stem}", format_, framed(_of(format_, made), format_, rules.context))
        context = project.material("ontology", CONTEXT_FILE)[CONTEXT_FILE]
        self.packed(f"ontology/{CONTEXT_FILE}", project.read_text(context))
        shapes = project.material("shapes", ".ttl")
        texts = [project.read_text(path) for name, path in shapes.items() if not name.startswith("examples/")]
        self.packed("shapes/shapes.ttl", "\n".join(texts))

    def packed(self, path: str, text: str) -> None:
        """A file of this text and its gzip twin."""
        plain = text.encode()
        self.write(path, [plain])
        self.write(f"{path}.gz", gzipped([(plain, deflated(plain))]))

    def exported(self, stem: str, format_: str, pieces: Pieces) -> tuple[File, File]:
        """A file of one format and its gzip twin, in one pass."""
        path = f"{stem}.{format_}"
        plain_file, packed_file = _Writing(self._target(path)), _Writing(self._target(f"{path}.gz"))

        def passing() -> Pieces:
            for plain, packed in pieces:
                plain_file.write(plain)
                yield plain, packed

        for chunk in gzipped(passing()):
            packed_file.write(chunk)
        made = (plain_file.done(path), packed_file.done(f"{path}.gz"))
        self.files.extend(made)
        return made

    def write(self, path: str, chunks: Iterable[bytes]) -> File:
        """The file at `path`, of these bytes."""
        writing = _Writing(self._target(path))
        for chunk in chunks:
            writing.write(chunk)
        self.files.append(writing.done(path))
        return self.files[-1]

    def _target(self, path: str) -> Path:
        target = self.folder / path
        if target.parent not in self.made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self.made.add(target.parent)
        return target


class _Writing:
    """A file being written, measured as it grows."""

    def __init__(self, target: Path) -> None:
        self.file, self.told, self.size = target.open("wb"), hashlib.sha256(), 0

    def write(self, chunk: bytes) -> None:
        self.file.write(chunk)
        self.told.update(chunk)
        self.size += len(chunk)

    def done(self, path: str) -> File:
        self.file.close()
        return File(path, self.size, self.told.hexdigest())


def _of(format_: str, made: Iterable[tuple[str, str, bytes, bytes]]) -> Pieces:
    return [(plain, packed) for kind, _, plain, packed in made if kind == format_]


def _whole(checked: Checked, format_: str) -> Pieces:
    """Every source's pieces, in the order of names; N-Quads in the order of lines."""
    pieces = _sorted(checked) if format_ == "nq" else checked.cache.parts(format_)
    return framed(pieces, format_, checked.rules.context)


def _sorted(checked: Checked) -> Pieces:
    """N-Quads in code point order: documents come cut at their subjects, what is shared is merged here."""
    base = checked.project.base
    shared = sorted(line for name in SHARED for line in checked.cache.latest("quads", name).splitlines(keepends=True))
    cuts = [bisect_left(shared, f"<{base}{name}".encode()) for name in ("doc/", "graph/")]
    runs = [b"".join(shared[start:end]) for start, end in pairwise([0, *cuts, len(shared)])]
    documents = ((plain, packed) for plain, packed, name in checked.cache.runs() if name not in SHARED)
    last = b""
    for plain, packed in merge(documents, ((run, deflated(run)) for run in runs if run), key=lambda piece: piece[0]):
        if plain < last:
            raise AssertionError("a source describes what another does: a check must refuse it")
        last = plain[plain.rindex(b"\n", 0, -1) + 1 :] if b"\n" in plain[:-1] else plain
        yield plain, packed


def _holdings(checked: Checked) -> Holdings:
    types: Counter[str] = Counter()
    predicates: Counter[str] = Counter()
    for summary in checked.summaries:
        types.update(summary.types)
        predicates.update(summary.predicates)
    project = checked.project
    folders = {
        folder: {name: path.read_bytes() for name, path in project.material(folder, suffix).items()}
        for folder, suffix in (("ontology", ".ttl"), ("shapes", ".ttl"), ("queries", ".rq"))
    }
    material = {folder: (len(files), digest_of(files)) for folder, files in folders.items()}
    material["data"] = (len(checked.summaries), checked.digest)
    return Holdings(
        sum(summary.triples for summary in checked.summaries),
        sum(summary.subjects for summary in checked.summaries),
        len(checked.documents),
        types,
        predicates,
        checked.quads(LINKS) if LINKS in {summary.name for summary in checked.summaries} else (),
        material,
    )


# -------------------------------------------------------------------- in one step


def _swap(staging: Path, public: Path) -> None:
    """Put `staging` in the place of `public`, whole: at once where the system can exchange two names."""
    if public.exists() and not public.is_dir():
        raise FileExistsError(errno.EEXIST, "a file is in the place of the folder", str(public))
    if not public.exists():
        staging.rename(public)
    elif not _exchange(staging, public):
        last = staging.with_name(f"{staging.name}-last")
        public.rename(last)
        staging.rename(public)
        shutil.rmtree(last, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Whether Linux exchanged the two names (renameat2, RENAME_EXCHANGE)."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    here, exchange = -100, 2
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)
