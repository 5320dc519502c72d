"""A project: where its folders are, the IRIs it lives at, what it says of itself.

Settings stand in `pyproject.toml` under `[tool.whereas]`. The engine's own ontology, shapes and
queries stand beside the package; a project adds files of its own to them, or replaces one by a
file of the same name.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from whereas import iris
from whereas.errors import Place, broken

LARGEST_FILE = 16 * 1024 * 1024  # bytes; a longer text is cut into several documents
SETTINGS_FILE = "pyproject.toml"
PACKAGE = Path(__file__).parent

# Keys of [tool.whereas], with what each holds.
SETTINGS = {
    "base": "IRI that the names of documents, entities and graphs start with, ends in /",
    "vocabulary": "IRI that the names of the ontology and its schemes start with, ends in /",
    "title": "name of the dataset, by language",
    "description": "what the dataset holds, by language",
    "publisher": "the entity that publishes the dataset, such as ent:somebody",
    "licence": "IRI of the data's licence",
    "rights": "what the licence does not cover, by language",
    "homepage": "address of the dataset's page",
    "contact": "address or page that those who run other servers can write to: it is told to Wikidata",
    "languages": "languages in which every label is given; the first is the default",
    "coverage": "places (spatial) and first and last day (from, to) the data speak of",
    "minimum": "least number of nodes of a type, by type: a build below it fails",
    "withdrawn": "paths below the base that no longer name anything, such as ent/somebody, each with its date and its reason by language",
    "stores": "triple stores that `whereas load` knows, by name",
}


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

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def public(self) -> Path:
        return self.root / "public"

    @property
    def workshop(self) -> Path:
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

    def place(self, path: Path, line: int = 0) -> Place:
        """`path` as messages name it: relative to the project, or to the engine's material."""
        for root in (self.root, material_folder()):
            if path.is_relative_to(root):
                return Place(path.relative_to(root).as_posix(), line)
        return Place(path.as_posix(), line)

    def read_text(self, path: Path) -> str:
        """The file as text, its IRIs moved to this project's base.

        Raises `MaterialError` when it is missing, too large, outside the project, not UTF-8, or
        holds a control character.
        """
        return self.rebased(self.decoded(self.read_bytes(path), self.place(path)))

    def read_bytes(self, path: Path) -> bytes:
        """The file as it is. Raises `MaterialError` when it is missing, too large or outside."""
        place = self.place(path)
        try:
            real = path.resolve(strict=True)
            if not any(real.is_relative_to(root.resolve()) for root in (self.root, material_folder())):
                raise broken("file-outside", place, target=real)
            if not real.is_file():
                raise broken("file-unreadable", place, reason="not a file")
            size = real.stat().st_size
            if size > LARGEST_FILE:
                raise broken("file-too-large", place, size=size, most=LARGEST_FILE)
            return real.read_bytes()
        except FileNotFoundError:
            raise broken("file-missing", place) from None
        except OSError as problem:
            raise broken("file-unreadable", place, reason=problem.strerror) from None
        except RuntimeError:  # what pathlib makes of a link to itself, before Python 3.13
            raise broken("file-unreadable", place, reason="a link that leads to itself") from None

    def decoded(self, content: bytes, place: Place) -> str:
        """`content` as text. Raises `MaterialError` when it is not UTF-8 or holds a control character."""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as problem:
            line = content.count(b"\n", 0, problem.start) + 1
            raise broken(
                "not-utf8",
                replace(place, line=line),
                byte=f"0x{content[problem.start]:02X}",
                offset=problem.start,
            ) from None
        for number, line_text in enumerate(text.split("\n"), 1):
            if not line_text.isprintable():
                for column, character in enumerate(line_text, 1):
                    code = ord(character)
                    if (code < 32 and character not in "\t\r") or 0x7F <= code < 0xA0:
                        raise broken("control-character", replace(place, line=number), code=code, column=column)
        return text

    def rebased(self, text: str) -> str:
        """`text` with its IRIs moved to this project's base."""
        return iris.rebased(text, self.base, self.vocabulary)

    def setting(self, name: str, key: str) -> Place:
        """The line of the settings file that sets `key` within the setting `name`, in any of TOML's forms."""
        inside = False
        for number, line in enumerate((self.root / SETTINGS_FILE).read_text("utf-8").split("\n"), 1):
            inside = inside or re.match(rf"\s*(\[\s*tool\.whereas\.)?{name}\b", line) is not None
            if inside and re.search(rf"(?<!\w){re.escape(key)}[\"']?\s*=", line):
                return Place(SETTINGS_FILE, number)
        return Place(SETTINGS_FILE)

    @property
    def digest(self) -> str:
        """Changes with any setting that changes what is built."""
        told = {name: value for name, value in vars(self).items() if name not in ("root", "stores")}
        return hashlib.sha256(repr(sorted(told.items())).encode()).hexdigest()


def read_project(folder: Path | str = ".") -> Project:
    """The project whose settings stand in `folder` or the nearest folder above it.

    Raises `MaterialError` when there is none, or a setting is not what it should be.
    """
    start = Path(folder).resolve()
    for root in (start, *start.parents):
        path = root / SETTINGS_FILE
        if path.is_file():
            told = _read_settings(path)
            if told is not None:
                return _project(root, told, Place(SETTINGS_FILE))
    raise broken(
        "settings",
        Place(str(folder)),
        problem=f"no project here: expected a {SETTINGS_FILE} with [tool.whereas] in this folder or above it",
    )


def _read_settings(path: Path) -> dict[str, Any] | None:
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
        raise broken("settings", Place(str(path)), problem=f"cannot be read: {problem}") from None
    tools = told.get("tool", {})
    settings: dict[str, Any] | None = tools.get("whereas") if isinstance(tools, dict) else None
    if settings is not None and not isinstance(settings, dict):
        raise broken("settings", Place(SETTINGS_FILE), problem=f"tool.whereas: expected a table, got {settings!r}")
    return settings


def _project(root: Path, told: dict[str, Any], place: Place) -> Project:
    for key in told:
        if key not in SETTINGS:
            problem = f"unknown setting '{key}' in [tool.whereas]{iris.hint(key, SETTINGS)}"
            raise broken("settings", place, problem=problem)
    for key, value in told.items():
        _check_setting(key, value, place)
    if "languages" in told:
        told["languages"] = tuple(told["languages"])
    if "withdrawn" in told:
        told["withdrawn"] = {name.replace("#", "/"): table for name, table in told["withdrawn"].items()}
    return Project(root=root, **told)


def _check_setting(key: str, value: object, place: Place) -> None:
    by_language = isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    expected, holds = {
        "title": ('a text by language, such as { en = "…" }', by_language),
        "description": ("a text by language", by_language),
        "rights": ("a text by language", by_language),
        "languages": (
            'a list of languages, such as ["en", "fr"]',
            isinstance(value, list) and value and all(isinstance(tag, str) for tag in value),
        ),
        "coverage": ('spatial = ["ent:…"], from and to as days', _is_coverage(value)),
        "publisher": ("a name such as ent:somebody", _is_name(value)),
        "licence": ("an IRI", _is_name(value)),
        "homepage": ("an IRI", _is_name(value)),
        "minimum": (
            "a count by type",
            isinstance(value, dict) and all(type(count) is int and count >= 0 for count in value.values()),
        ),
        "withdrawn": (
            'a date and a reason by language for each path below the base, such as "ent/somebody"',
            _is_withdrawn(value),
        ),
        "stores": (
            "a table by name",
            isinstance(value, dict) and all(isinstance(table, dict) for table in value.values()),
        ),
        "base": ("an IRI that ends in '/'", _is_base(value)),
        "vocabulary": ("an IRI that ends in '/'", _is_base(value)),
    }.get(key, ("a text", isinstance(value, str)))
    if not holds:
        raise broken("settings", place, problem=f"{key}: expected {expected}, got {value!r}")


def _is_base(value: object) -> bool:
    return isinstance(value, str) and value.endswith("/") and "//" in value and iris.is_absolute(value)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and (not value or iris.is_absolute(value))


def _is_coverage(value: object) -> bool:
    if not isinstance(value, dict) or not value.keys() <= {"spatial", "from", "to"}:
        return False
    places = value.get("spatial", [])
    days = [value[key] for key in ("from", "to") if key in value]
    return isinstance(places, list) and all(map(_is_name, places)) and all(type(day) is date for day in days)


def _is_withdrawn(value: object) -> bool:
    return isinstance(value, dict) and all(
        re.fullmatch(r"[\w-][\w.-]*(?:[/#][\w-][\w.-]*)+", path, re.ASCII)
        and isinstance(table, dict)
        and table.keys() == {"date", "reason"}
        and type(table["date"]) is date
        and isinstance(table["reason"], dict)
        and bool(table["reason"])
        and all(isinstance(text, str) and text for text in table["reason"].values())
        for path, table in value.items()
    )
