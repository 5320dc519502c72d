"""A project: where its folders are, the IRIs it lives at, what it says of itself.

Settings stand in `pyproject.toml` under `[tool.whereas]`. The engine's own ontology, shapes and
queries stand beside the package; a project adds files of its own to them, or replaces one by a
file of the same name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from whereas import iris
from whereas.errors import broken
from whereas.findings import Location
from whereas.i18n import Message
from whereas.project.settings import SETTINGS_FILE, read_settings, setting_location

LARGEST_FILE = 16 * 1024 * 1024  # bytes; a longer text is cut into several documents
PACKAGE = Path(__file__).parents[1]


def material_folder() -> Path:
    """Where the engine's own ontology, shapes and queries are: in the package, or its checkout."""
    packed = PACKAGE / "material"
    return packed if packed.is_dir() else PACKAGE.parent.parent


@dataclass(frozen=True)
class Project:
    """A folder with `data/`, and its settings. Reads nothing but its settings file."""

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
        """What is remembered between two runs; may be deleted at any time."""
        return self.root / ".whereas"

    def material(self, folder: str, suffix: str) -> Mapping[str, Path]:
        """Files of `ontology`, `shapes` or `queries`, by name within the folder, in order.

        The engine's and the project's; the project's where both have the name.
        """
        found = {}
        for root in (material_folder(), self.root):
            for path in (root / folder).rglob(f"*{suffix}"):
                found[path.relative_to(root / folder).as_posix()] = path
        return MappingProxyType(dict(sorted(found.items())))

    def location(self, path: Path, line: int = 0) -> Location:
        """`path` as messages name it: relative to the project, or to the engine's material."""
        for root in (self.root, material_folder()):
            if path.is_relative_to(root):
                return Location(path.relative_to(root).as_posix(), line)
        return Location(path.as_posix(), line)

    def read_text(self, path: Path) -> str:
        """The file as text, its IRIs moved to this project's base.

        Raises `ProjectError` when it is missing, too large, outside the project, not UTF-8, or
        holds a control character.
        """
        return self.rebased(self.decoded(self.read_bytes(path), self.location(path)))

    def read_bytes(self, path: Path) -> bytes:
        """The file as it is. Raises `ProjectError` when it is missing, too large or outside."""
        location = self.location(path)
        try:
            real = path.resolve(strict=True)
            if not any(real.is_relative_to(root.resolve()) for root in (self.root, material_folder())):
                raise broken("file-outside", location, target=real)
            if not real.is_file():
                raise broken("file-unreadable", location, reason="not a file")
            size = real.stat().st_size
            if size > LARGEST_FILE:
                raise broken("file-too-large", location, size=size, most=LARGEST_FILE)
            return real.read_bytes()
        except FileNotFoundError:
            raise broken("file-missing", location) from None
        except OSError as problem:
            raise broken("file-unreadable", location, reason=problem.strerror) from None
        except RuntimeError:  # what pathlib makes of a link to itself, before Python 3.13
            raise broken("file-unreadable", location, reason="a link that leads to itself") from None

    def decoded(self, content: bytes, location: Location) -> str:
        """`content` as text. Raises `ProjectError` when it is not UTF-8 or holds a control character."""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as problem:
            line = content.count(b"\n", 0, problem.start) + 1
            raise broken(
                "not-utf8",
                replace(location, line=line),
                byte=f"0x{content[problem.start]:02X}",
                offset=problem.start,
            ) from None
        for number, line_text in enumerate(text.split("\n"), 1):
            if not line_text.isprintable():
                for column, character in enumerate(line_text, 1):
                    code = ord(character)
                    if (code < 32 and character not in "\t\r") or 0x7F <= code < 0xA0:
                        raise broken("control-character", replace(location, line=number), code=code, column=column)
        return text

    def rebased(self, text: str) -> str:
        """`text` with its IRIs moved to this project's base."""
        return iris.rebased(text, self.base, self.vocabulary)

    def setting(self, name: str, *keys: str) -> Location:
        """The line of the settings file that sets `name`, or one of the `keys` within it."""
        return setting_location((self.root / SETTINGS_FILE).read_text("utf-8"), name, *keys)

    @property
    def digest(self) -> str:
        """Changes with any setting that changes what is built."""
        told = {name: value for name, value in vars(self).items() if name not in ("root", "stores")}
        return hashlib.sha256(repr(sorted(told.items())).encode()).hexdigest()


def read_project(folder: Path | str = ".") -> Project:
    """The project whose settings stand in `folder` or the nearest folder above it.

    Raises `ProjectError` when there is none, or a setting is not what it should be.
    """
    start = Path(folder).resolve()
    for root in (start, *start.parents):
        path = root / SETTINGS_FILE
        if path.is_file():
            told = read_settings(path)
            if told is not None:
                return Project(root=root, **told)
    raise broken(
        "settings",
        Location(str(folder)),
        problem=Message(
            "no project here: expected a {SETTINGS_FILE} with [tool.whereas] in this folder or above it",
            SETTINGS_FILE=SETTINGS_FILE,
        ),
    )
