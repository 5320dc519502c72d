"""A project: its folders, its settings, and how its files are read.

Settings are in `pyproject.toml` under `[tool.whereas]`. The ontology, shapes and queries of Whereas itself come with
the package; a project adds files to them, or replaces one with a file of the same name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from whereas import iris
from whereas.characters import forbidden_in_material, is_broken, not_utf8_values
from whereas.errors import ProjectError, broken
from whereas.findings import Finding, Location, forbidden_character
from whereas.i18n import Message
from whereas.project.settings import SETTINGS_FILE, read_settings, setting_location

LARGEST_FILE = 16 * 1024 * 1024  # bytes
MOST_CHARACTERS = 10  # findings of forbidden characters in a file: where there are more, it may be no text at all
PACKAGE = Path(__file__).parents[1]


def material_folder() -> Path:
    """Return the folder of Whereas' own ontology, shapes and queries: in the wheel, or in its checkout."""
    in_wheel = PACKAGE / "material"
    return in_wheel if in_wheel.is_dir() else PACKAGE.parent.parent


@dataclass(frozen=True)
class Project:
    """The settings of a project and the paths of its folders."""

    root: Path
    base: str = iris.WRITTEN_FOR
    vocabulary: str = iris.WRITTEN_FOR
    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    publisher: str = ""
    licence: str = ""
    rights: Mapping[str, str] = field(default_factory=dict)
    homepage: str = ""
    contact: str = ""
    languages: tuple[str, ...] = ("en",)
    coverage: Mapping[str, Any] = field(default_factory=dict)
    minimum: Mapping[str, int] = field(default_factory=dict)
    withdrawn: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # date and reason, by path
    stores: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    site: Mapping[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def public(self) -> Path:
        return self.root / "public"

    @property
    def cache_dir(self) -> Path:
        """The folder of the cache, which may be deleted at any time."""
        return self.root / ".whereas"

    def material(self, folder: str, suffix: str) -> Mapping[str, Path]:
        """Return the files of `ontology`, `shapes` or `queries` by relative path, sorted.

        A file of the project replaces one of Whereas' own with the same path.
        """
        paths = {}
        for root in (material_folder(), self.root):
            for path in (root / folder).rglob(f"*{suffix}"):
                paths[path.relative_to(root / folder).as_posix()] = path
        return MappingProxyType(dict(sorted(paths.items())))

    def location(self, path: Path, line: int = 0) -> Location:
        """Return the location of `path` for messages: relative to the project, or to Whereas' own material."""
        for root in (self.root, material_folder()):
            if path.is_relative_to(root):
                return Location(path.relative_to(root).as_posix(), line)
        return Location(path.as_posix(), line)

    def read_text(self, path: Path) -> str:
        """Read a file as text, with IRIs rebased to this project.

        Raise `ProjectError` when it is missing, too large, outside of the project, not UTF-8, or contains a control
        character.
        """
        return self.rebased(self.decoded(self.read_bytes(path), self.location(path)))

    def read_bytes(self, path: Path) -> bytes:
        """Read a file as bytes. Raise `ProjectError` when it is missing, too large or outside of the project."""
        location = self.location(path)
        try:
            real = path.resolve(strict=True)
            if not any(real.is_relative_to(root.resolve()) for root in (self.root, material_folder())):
                raise broken("file-outside", location, target=real)
            if not real.is_file():
                raise broken("file-unreadable", location, reason=Message("not a file"))
            size = real.stat().st_size
            if size > LARGEST_FILE:
                raise broken("file-too-large", location, size=size, most=LARGEST_FILE)
            return real.read_bytes()
        except FileNotFoundError:
            raise broken("file-missing", location) from None
        except OSError as problem:
            raise broken("file-unreadable", location, reason=problem.strerror) from None
        except RuntimeError:  # a loop of links, in pathlib before Python 3.13; later an OSError
            raise broken("file-unreadable", location, reason=Message("symbolic link to itself")) from None

    def decoded(self, content: bytes, location: Location) -> str:
        """Decode a file. Raise `ProjectError` when it is not UTF-8 or contains a control character."""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as problem:
            line = content.count(b"\n", 0, problem.start) + 1
            raise broken("not-utf8", replace(location, line=line), **not_utf8_values(problem)) from None
        if forbidden_in_material(text):
            raise ProjectError(_forbidden_characters(text, location))
        return text

    def rebased(self, text: str) -> str:
        """Return `text` with its IRIs rebased to this project."""
        return iris.rebased(text, self.base, self.vocabulary)

    def setting(self, name: str, *keys: str) -> Location:
        """Return the location of a setting, or of one of the `keys` within it."""
        return setting_location((self.root / SETTINGS_FILE).read_text("utf-8-sig"), name, *keys)

    @property
    def digest(self) -> str:
        """The digest of all settings that change what is built."""
        settings = {name: value for name, value in vars(self).items() if name not in ("root", "stores")}
        return hashlib.sha256(repr(sorted(settings.items())).encode()).hexdigest()


def _forbidden_characters(text: str, location: Location) -> list[Finding]:
    """Return a finding for the first forbidden character of each line, at most `MOST_CHARACTERS`."""
    findings = []
    for number, line in enumerate(text.split("\n"), 1):
        if match := forbidden_in_material(line):
            place = replace(location, line=number)
            findings.append(forbidden_character(place, match[0], match.start() + 1))
            if len(findings) == MOST_CHARACTERS:
                break
    return findings


def read_project(folder: Path | str = ".") -> Project:
    """Read the project in `folder` or the nearest folder above it.

    Raise `ProjectError` when there is none, or a setting is invalid.
    """
    start = Path(folder).resolve()
    if is_broken(str(start)):
        raise broken("file-name", Location(str(start)))
    for root in (start, *start.parents):
        path = root / SETTINGS_FILE
        if path.is_file():
            settings = read_settings(path)
            if settings is not None:
                return Project(root=root, **settings)
    raise broken(
        "settings",
        Location(str(folder)),
        problem=Message(
            "no project here: expected a {file} with [tool.whereas] in this folder or above it", file=SETTINGS_FILE
        ),
    )
