"""Sources: the folders of `data/` and their files."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from whereas.characters import is_broken
from whereas.errors import ProjectError, broken
from whereas.findings import Finding
from whereas.project.project import Project

ENTITIES, LINKS, VOCABULARY, WIKIDATA = "entities", "links", "vocabulary", "wikidata"
SHARED = (ENTITIES, LINKS, VOCABULARY, WIKIDATA)  # sources other than documents
CORRECTIONS = "corrections.tsv"  # a file beside them
SUFFIXES = {LINKS: (".sssom.tsv",), WIKIDATA: (".jsonl",)}  # of the others: YAML-LD and texts


@dataclass(frozen=True)
class Source:
    """A folder of `data/`; its named graph has the same name.

    `paths` are those of its files, sorted. `signature` changes when the name, size, times or inode of a file change;
    `touched` is the latest change time of a file, in nanoseconds.
    """

    name: str
    paths: tuple[str, ...]
    signature: str
    touched: int

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(map(Path, self.paths))


def list_sources(project: Project) -> Iterator[Source]:
    """Yield the folders of `data/` that contain source files, sorted by name."""
    if not project.data.is_dir():
        return
    for folder in sorted(os.scandir(project.data), key=lambda entry: entry.name):
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        suffixes = SUFFIXES.get(folder.name, (".yaml", ".txt"))
        entries = sorted(
            (
                entry
                for entry in os.scandir(folder.path)
                if entry.name.endswith(suffixes) and not entry.name.startswith(".")
            ),
            key=lambda entry: entry.name,
        )
        for path in (folder.path, *(entry.path for entry in entries)):
            if is_broken(path):
                raise broken("file-name", project.location(Path(path)))
        if entries:
            yield Source(folder.name, tuple(entry.path for entry in entries), *_signature(entries))


def _signature(entries: Iterable[os.DirEntry[str]]) -> tuple[str, int]:
    """Return the signature of files and their latest change time.

    A symbolic link always counts as just changed: its own times do not change with its target.
    """
    stats = [(entry.name, entry.is_symlink(), entry.stat(follow_symlinks=False)) for entry in entries]
    signature = [(name, at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino, at.st_mode) for name, _, at in stats]
    return repr(signature), max(sys.maxsize if link else at.st_ctime_ns for _, link, at in stats)


def read_source(source: Source, project: Project) -> tuple[dict[str, bytes], list[Finding]]:
    """Return the bytes of each readable file by name, and findings about the others."""
    contents: dict[str, bytes] = {}
    findings: list[Finding] = []
    for path in source.files:
        try:
            contents[path.name] = project.read_bytes(path)
        except ProjectError as problem:
            findings.extend(problem.findings)
    return contents, findings


def digest_of(contents: Mapping[str, bytes], *also: str) -> str:
    """Return the SHA-256 digest of names and contents: a renamed file counts as changed."""
    digest = hashlib.sha256("\x1e".join(also).encode())
    for name, content in sorted(contents.items()):
        digest.update(f"\x1f{name}\x1f{len(content)}\x1f".encode())
        digest.update(content)
    return digest.hexdigest()
