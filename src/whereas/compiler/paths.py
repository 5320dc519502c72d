"""Paths of things: where the pages and data files of an IRI are, and which names cannot have files of their own.

The path of an IRI is what a server reads in its URL, percent-encoding decoded. A release must keep all
files on any file system, so names are compared as those compare them that ignore case and normal forms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote

from whereas.findings import Finding, Location, finding
from whereas.i18n import Message
from whereas.rdf.formats import FORMATS

MOST_NAME = 200  # bytes of a step of a path: file names have 255, some of them for number, language and format
MOST_PATH = 1000  # bytes of a path: object stores have 1,024
_REFUSED = re.compile(r'[\\\x00-\x1f\x7f:*?"<>|]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_FILES = (*FORMATS, "html", "atom", "linkset", "linkset.json", "json", "rq", "gz")


def path_of(iri: str, *namespaces: str) -> str:
    """Return the path of an IRI below one of some namespaces; empty for one below none, or below which no file can be."""
    name = _local_name(iri, namespaces)
    return unquote(name) if name and not _problem(name) else ""


def _local_name(iri: str, namespaces: Iterable[str]) -> str:
    namespace = next((namespace for namespace in namespaces if iri.startswith(namespace)), None)
    return "" if namespace is None else iri[len(namespace) :].replace("#", "/")


def _problem(name: str) -> Message | None:
    """Return why a name, percent-encoded, is not the path of files on any file system; None for one that is."""
    try:
        path = unquote(name, errors="strict")
    except UnicodeDecodeError:
        return Message("its percent-encoding is not UTF-8")
    if re.search("%2f|%5c", name, re.IGNORECASE):
        return Message("servers take %2F and %5C for the end of a folder's name")
    if len(path.encode()) > MOST_PATH:
        return Message("expected at most {most} bytes, got {size}", most=MOST_PATH, size=len(path.encode()))
    *folders, _ = steps = path.split("/")
    if any(folder[-1:] in (" ", ".") for folder in folders):
        return Message("Windows drops a space or full stop at the end of a folder's name")
    for step in steps:
        if refused := _REFUSED.search(step):
            return Message("the character '{character}' is not allowed in file names", character=refused[0])
        if len(step.encode()) > MOST_NAME:
            return Message("expected at most {most} bytes, got {size}", most=MOST_NAME, size=len(step.encode()))
        if not step.strip("."):
            return Message("a folder has no such name")
        if _DEVICE.fullmatch(step):
            return Message("Windows keeps '{name}' for a device", name=step.partition(".")[0])
    return None


def same_name(path: str) -> str:
    """Return what two paths share that some file system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def clashes(paths: Iterable[str], languages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of paths that cannot both have their pages and data files: the later one, and the one before it.

    `foo` has `foo.ttl`, `foo.en.html`, its second page `foo.2.en.html`, and is asked for in English as `foo.en`.
    """
    tags = "|".join(re.escape(same_name(tag)) for tag in languages)
    files = re.compile(rf"(?:\.[0-9]+)?(?:\.(?:{tags}))?(?:\.(?:{'|'.join(map(re.escape, _FILES))}))*")
    first: dict[str, str] = {}
    for path in paths:
        name = same_name(path)
        if name in first:
            yield path, first[name]
        first.setdefault(name, path)
    for name, path in first.items():
        steps = name.split("/")
        for depth, step in enumerate(steps, 1):  # a file, and each folder it is in
            for dot in re.finditer(r"(?<=.)\.", step):
                owner = "/".join([*steps[: depth - 1], step[: dot.start()]])
                if owner in first and files.fullmatch(step, dot.start()):
                    yield path, first[owner]


def check_names(
    things: Mapping[str, Location], names: Mapping[str, str], namespaces: Sequence[str], languages: Sequence[str]
) -> Iterator[Finding]:
    """Find the things whose files would be lost, by IRI; `names` are what messages call them."""
    iris: dict[str, str] = {}
    for iri in sorted(things, key=lambda iri: (things[iri], iri)):
        name = _local_name(iri, namespaces)
        if not name:
            continue
        if reason := _problem(name):
            yield finding("no-file-name", things[iri], id=names.get(iri, iri), reason=reason)
        elif (path := unquote(name)) in iris:
            other = iris[path]
            yield _clash(things, names, iri, other)
        else:
            iris[path] = iri
    for path, other_path in clashes(iris, languages):
        yield _clash(things, names, iris[path], iris[other_path])


def _clash(things: Mapping[str, Location], names: Mapping[str, str], iri: str, other: str) -> Finding:
    return finding(
        "same-files", things[iri], id=names.get(iri, iri), other=names.get(other, other), where=things[other]
    )
