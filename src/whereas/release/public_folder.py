"""The folder a release is published to: what Whereas wrote there is replaced, what others put there is kept.

What Whereas wrote is listed in the cache, for the folder it was written to. Where the list is lost, it is what
`SHA256SUMS` lists, in a folder that is recognizably a release of this project. Nothing else is ever deleted or
overwritten: a file of others at the path of one of ours is an error.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from whereas.errors import WhereasError
from whereas.i18n import Message
from whereas.project.project import Project

RECORD = "published.json"
SUMS = "SHA256SUMS"
_PARTS = re.compile(r"\.whereas-new-[0-9a-f]{16}")  # a folder in `public/` of files that get their names later
_SUM = re.compile(r"([0-9a-f]{64})  (.+)")
_RELEASE = {"catalogue.nq", "dataset.nq", "report.json"}  # what every release has


@dataclass
class Content:
    """What is in a folder, by relative path: regular files, anything else that is no folder, folders."""

    files: set[str] = field(default_factory=set)
    special: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    parts: list[str] = field(default_factory=list)  # left by a run that was killed

    @classmethod
    def of(cls, folder: Path) -> Content:
        """List a folder; links are not followed."""
        content, unread = cls(), [""]
        while unread:
            prefix = unread.pop()
            with os.scandir(folder / prefix) as entries:
                for entry in entries:
                    path = f"{prefix}{entry.name}"
                    if not entry.is_dir(follow_symlinks=False):
                        (content.files if entry.is_file(follow_symlinks=False) else content.special).add(path)
                    elif not prefix and _PARTS.fullmatch(path):
                        content.parts.append(path)
                    else:
                        content.folders.add(path)
                        unread.append(f"{path}/")
        return content


class PublicFolder:
    """The published folder of a project, links resolved."""

    def __init__(self, project: Project) -> None:
        """Raise `WhereasError` where `public` leads to a folder that cannot be published to."""
        self.base, self.record = project.base, project.cache_dir / RECORD
        self.path = _resolved(project)

    def is_unfinished(self) -> bool:
        """Return whether a run that replaced files one by one was killed."""
        return bool(self._recorded().get("unfinished"))

    def _recorded(self) -> dict[str, object]:
        try:
            recorded = json.loads(self.record.read_text("utf-8"))
            status = self.path.stat()
        except (OSError, ValueError):
            return {}
        identity = [str(self.path), status.st_dev, status.st_ino]
        return recorded if isinstance(recorded, dict) and recorded.get("folder") == identity else {}

    def remember(self, ours: Iterable[str], *, unfinished: bool = False) -> None:
        """Record which files are ours from now on, whatever happens."""
        status = self.path.stat()
        identity = [str(self.path), status.st_dev, status.st_ino]
        part = self.record.with_name(f"{RECORD}.part")
        with part.open("w", encoding="utf-8") as file:
            json.dump({"folder": identity, "unfinished": unfinished, "files": sorted(ours)}, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.record)

    def ours(self, content: Content) -> set[str]:
        """Return those of the files that Whereas wrote."""
        files = self._recorded().get("files")
        return content.files & (set(files) if isinstance(files, list) else self._listed())

    def _listed(self) -> set[str]:
        """Return what `SHA256SUMS` lists, where the folder is a release of this project."""
        try:
            lines = (self.path / SUMS).read_text("utf-8").splitlines()
            catalogue = (self.path / "catalogue.nq").read_bytes()
        except (OSError, ValueError):
            return set()
        matches = [match for line in lines if (match := _SUM.fullmatch(line))]
        sums = {match[2]: match[1] for match in matches}
        if (
            len(matches) == len(lines)
            and sums.keys() >= _RELEASE
            and sums["catalogue.nq"] == hashlib.sha256(catalogue).hexdigest()
            and f"<{self.base}dataset>".encode() in catalogue
        ):
            return {*sums, SUMS}
        return set()

    def check(self, content: Content, ours: Set[str], wanted: Set[str], staged: Path) -> None:
        """Raise `WhereasError` where a file of the release would take the place of something that is not ours."""
        others = (content.files - ours) | content.special
        needed = {parent for path in wanted for parent in _parents(path)}
        for path in sorted(others & needed):
            raise _occupied(path)
        for path in sorted(others & wanted):
            if path in content.special or (staged / path).read_bytes() != (self.path / path).read_bytes():
                raise _occupied(path)
        for path in sorted(content.folders & wanted):
            if path not in {parent for file in ours for parent in _parents(file)}:
                raise _occupied(path)
            for other in sorted(others | content.folders):
                if other.startswith(f"{path}/") and not any(file.startswith(f"{other}/") for file in ours):
                    raise _occupied(path)

    def replace_files(self, content: Content, ours: Set[str], wanted: Set[str], staged: Path) -> None:
        """Put the files of a release in place one by one, each in one step; the last is `SHA256SUMS`.

        Most of what can fail, such as a full disk, is done before the first file is replaced.
        """
        changed = sorted((path for path in wanted if not _same(staged / path, self.path / path)), key=self._turn)
        gone = sorted(ours - wanted)
        for name in content.parts:
            shutil.rmtree(self.path / name, ignore_errors=True)
        parts = self.path / f".whereas-new-{secrets.token_hex(8)}"
        try:
            self.remember(ours, unfinished=True)
            parts.mkdir()
            for number, path in enumerate(changed):
                shutil.copy2(staged / path, parts / str(number))
            self.remember(ours | wanted, unfinished=True)
            folders = {parent for path in wanted for parent in _parents(path)}
            self._delete(path for path in gone if path in folders or not wanted.isdisjoint(_parents(path)))
            for number, path in enumerate(changed):
                target = self.path / path
                target.parent.mkdir(parents=True, exist_ok=True)
                _move(parts / str(number), target)
            self._delete(gone)
        finally:
            shutil.rmtree(parts, ignore_errors=True)
        self.remember(wanted)

    def _turn(self, path: str) -> tuple[int, str]:
        """Return when a file is put in place: new ones, replaced ones, those that others are found by, the list of all."""
        if path == SUMS:
            return 3, path
        is_entry = "/" not in path and path.startswith(("index.", "sitemap", "feed"))
        return (2 if is_entry else int(os.path.lexists(self.path / path))), path

    def _delete(self, paths: Iterable[str]) -> None:
        """Delete files of ours, and the folders that are left empty."""
        for path in paths:
            with suppress(FileNotFoundError):
                (self.path / path).unlink()
            with suppress(OSError):  # not empty
                for parent in reversed(_parents(path)):
                    (self.path / parent).rmdir()


def carry(source: Path, target: Path, content: Content, ours: Set[str]) -> dict[str, int] | None:
    """Give what others have in a folder a second name in another one; return the inodes, None where that is impossible."""
    files = (content.files - ours) | content.special
    empty = content.folders - {parent for path in (*content.files, *content.special) for parent in _parents(path)}
    inodes = {}
    try:
        for folder in sorted({*empty, *(parent for path in (*files, *empty) for parent in _parents(path))}):
            if not (target / folder).is_dir():
                (target / folder).mkdir()
                keep_status(source / folder, target / folder)
        for path in sorted(files):
            if not os.path.lexists(target / path):  # else a file of the release, with the same bytes
                os.link(source / path, target / path, follow_symlinks=False)
                inodes[path] = (target / path).lstat().st_ino
    except OSError:
        return None
    return inodes


def bring_late(source: Path, target: Path, carried: Mapping[str, int], ours: Set[str]) -> None:
    """Move what others wrote to the published folder, while another took its place, to that one; delete the rest."""
    content = Content.of(source)
    for path in sorted((content.files - ours) | content.special):
        old, new = source / path, target / path
        is_late = old.lstat().st_ino != carried.get(path)
        with suppress(OSError):
            if is_late and (not os.path.lexists(new) or new.lstat().st_ino == carried.get(path)):
                new.parent.mkdir(parents=True, exist_ok=True)
                old.replace(new)
            else:
                old.unlink()


def keep_status(source: Path, target: Path) -> None:
    """Give a folder the owner and the permissions of the one whose place it takes."""
    status = source.stat()
    with suppress(OSError):
        os.chown(target, status.st_uid, status.st_gid)
    with suppress(OSError):
        target.chmod(status.st_mode & 0o7777)


def has_mounts(folder: Path) -> bool:
    """Return whether a folder is a mount point, or holds one; a folder that is exchanged would take them along."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:  # not Linux
        return os.path.ismount(folder)
    points = (re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), line.split()[4]) for line in lines)
    return any(Path(point).is_relative_to(folder) for point in points)


def _resolved(project: Project) -> Path:
    try:
        path = project.public.resolve()
    except (OSError, RuntimeError):
        raise WhereasError(Message("public: symbolic link to itself; delete it, or let it lead to a folder")) from None
    if project.public.is_symlink() and not path.parent.is_dir():
        raise WhereasError(
            Message("public: leads to {path}, but there is no folder {parent}", path=path, parent=path.parent)
        )
    if path.exists() and not path.is_dir():
        raise WhereasError(Message("{path}: expected a folder, got a file", path=path))
    root = project.root.resolve()
    own = [root / name for name in ("data", "ontology", "shapes", "queries")]
    own += [folder.resolve() for folder in (*own, project.cache_dir)]
    if any(folder.is_relative_to(path) or path.is_relative_to(folder) for folder in own):
        raise WhereasError(
            Message("public: leads to {path}, which holds the project itself; expected a folder of its own", path=path)
        )
    return path


def _occupied(path: str) -> WhereasError:
    return WhereasError(
        Message(
            "public/{path}: not written by whereas, and the release has a file of that name; move it away. "
            "public/ was not changed",
            path=path,
        )
    )


def _parents(path: str) -> list[str]:
    """Return the folders of a file, from the top down."""
    steps = path.split("/")[:-1]
    return list(accumulate(steps, "{}/{}".format))


def _same(one: Path, other: Path) -> bool:
    """Return whether two files have the same bytes; a file of the same size and time has."""
    try:
        first, second = one.stat(), other.lstat()
        if first.st_size != second.st_size or other.is_symlink():
            return False
        return first.st_mtime_ns == second.st_mtime_ns or one.read_bytes() == other.read_bytes()
    except OSError:
        return False


def _move(part: Path, target: Path) -> None:
    try:
        part.replace(target)
    except OSError as problem:
        if problem.errno != errno.EXDEV:  # a mount point inside of `public/`
            raise
        beside = target.with_name(f".whereas-new-{secrets.token_hex(8)}")
        try:
            shutil.copy2(part, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
