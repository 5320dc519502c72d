"""Sources: the folders of `data/`, with their files, and what each compiles to."""

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
SHARED = (ENTITIES, LINKS, VOCABULARY, WIKIDATA)  # sources that are no document
CORRECTIONS = "corrections.tsv"  # a file beside them
SUFFIXES = {LINKS: (".sssom.tsv",), WIKIDATA: (".jsonl",)}  # of the others: YAML-LD and texts


@dataclass(frozen=True)
class Source:
    """A folder of `data/`: its name, which is its graph's too, and the paths of its files in order.

    `signature` changes with a file: its name, size, clocks and place on the disk. `touched` is the
    latest of their clocks, in nanoseconds.
    """

    name: str
    paths: tuple[str, ...]
    signature: str
    touched: int

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(map(Path, self.paths))


def list_sources(project: Project) -> Iterator[Source]:
    """The folders of `data/` that hold material, by name; entities and links are two of them."""
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
            yield Source(folder.name, tuple(entry.path for entry in entries), *_clocks(entries))


def _clocks(entries: Iterable[os.DirEntry[str]]) -> tuple[str, int]:
    """What changes with any of these files, and when one last changed; a link may lead anywhere, so: now."""
    told = [(entry.name, entry.is_symlink(), entry.stat(follow_symlinks=False)) for entry in entries]
    signature = [(name, at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino, at.st_mode) for name, _, at in told]
    return repr(signature), max(sys.maxsize if link else at.st_ctime_ns for _, link, at in told)


def read_source(source: Source, project: Project) -> tuple[dict[str, bytes], list[Finding]]:
    """The bytes of each file that can be read, by name, and why the others cannot."""
    contents: dict[str, bytes] = {}
    findings: list[Finding] = []
    for path in source.files:
        try:
            contents[path.name] = project.read_bytes(path)
        except ProjectError as problem:
            findings.extend(problem.findings)
    return contents, findings


def digest_of(contents: Mapping[str, bytes], *also: str) -> str:
    """SHA-256 of names and contents, so that a file that moved counts as changed."""
    told = hashlib.sha256("\x1e".join(also).encode())
    for name, content in sorted(contents.items()):
        told.update(f"\x1f{name}\x1f{len(content)}\x1f".encode())
        told.update(content)
    return told.hexdigest()
