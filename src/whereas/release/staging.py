"""The files of the next release, brought together in a folder aside and put in place in one step.

The folder is the release before the last one, as hard links: what did not change is there already.
Published files are therefore never written into, only replaced. Each is known by size and clock, and
is made anew where these are not as they were left.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from whereas.cache import Cache, engine_digest
from whereas.content.downloads import File
from whereas.release.gzip_members import BLOCK, Contents, Layout, Pair, Piece, assemble

SPARE, STAGING = "spare", "staging-"


class Writer:
    """Writes files of the next release into its folder, beside the published ones; any process may have one."""

    def __init__(self, folder: Path, public: Path) -> None:
        self.folder, self.public = folder, public
        self._folders: set[str] = set()

    def write(self, path: str, content: bytes) -> File:
        """The file at `path`, of these bytes; the published one where it is the same, so that its time tells since when."""
        if not self._is_published(path, content):
            self.clear(path)
            (self.folder / path).write_bytes(content)
        return File(path, len(content), hashlib.sha256(content).hexdigest())

    def _is_published(self, path: str, content: bytes) -> bool:
        """Whether the published file has these bytes; then it is here too."""
        published = self.public / path
        try:
            told = published.stat()
            return (
                told.st_size == len(content)
                and published.read_bytes() == content
                and self.has(path, told.st_size, told.st_mtime_ns)
            )
        except OSError:
            return False

    def has(self, path: str, size: int, clock: int) -> bool:
        """Whether the file is still as it was made, and now here."""
        target = f"{self.folder}/{path}"
        if _is_as_left(target, size, clock):
            return True
        source = f"{self.public}/{path}"
        if not _is_as_left(source, size, clock):
            return False
        self.clear(path)
        try:
            os.link(source, target)
        except OSError:
            return False
        return True

    def clear(self, path: str) -> None:
        """Room for a file: nothing is there, its folder is."""
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        with suppress(FileNotFoundError):
            os.unlink(f"{self.folder}/{path}")  # noqa: PTH108 (called for every file of a release)


class Staging:
    """The next release as it is being made; `files` are those that are there."""

    def __init__(self, cache_dir: Path, public: Path, cache: Cache) -> None:
        self.cache_dir, self.public, self.cache = cache_dir, public, cache
        self.folder = cache_dir / f"{STAGING}{os.getpid()}"
        self.files: list[File] = []
        self._made: list[str] = []
        self._assembled: list[str] = []
        self._published = False
        self.writer = Writer(self.folder, public)
        self._known: dict[str, dict[str, tuple[str, bytes]]] = {}
        for left in cache_dir.glob(f"{STAGING}*"):
            if not _is_alive(int(left.name.removeprefix(STAGING).partition("-")[0])):
                shutil.rmtree(left, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            (cache_dir / SPARE).rename(self.folder)  # at once: two builds cannot both have it
        except OSError:
            self.folder.mkdir(parents=True)

    # ---------------------------------------------------------------- files that are kept

    def kept(self, kind: str, name: str, key: str) -> bool:
        """Whether the files that were made of this name and key are still as they were made, and now here."""
        if kind not in self._known:
            self._known[kind] = self.cache.all(kind)
        known, told = self._known[kind].get(name, ("", b""))
        if known != key:
            return False
        files = json.loads(told)
        for path, size, _, clock in files:
            if not self.writer.has(path, size, clock):
                return False
        self.files.extend(File(path, size, digest) for path, size, digest, _ in files)
        return True

    def keep(self, kind: str, name: str, key: str, made: Iterable[File]) -> None:
        """Remember files that were just made, for `kept`."""
        told: list[list[Any]] = [
            [file.path, file.size, file.sha256, (self.folder / file.path).stat().st_mtime_ns] for file in made
        ]
        self.cache.put(kind, name, key, json.dumps(told).encode())

    # ---------------------------------------------------------------- files that are made

    def write(self, path: str, content: bytes) -> File:
        """The file at `path`, of these bytes."""
        made = self.writer.write(path, content)
        self.add([made])
        return made

    def add(self, made: Sequence[File]) -> None:
        """Files that a writer wrote are of the release."""
        self.files += made
        self._made += [file.path for file in made]

    def assembled(self, path: str, pieces: Sequence[Piece], contents: Contents) -> tuple[File, File]:
        """A file of many pieces and its gzip twin; those of the last release that are the same are copied from it."""
        paths, name = (path, f"{path}.gz"), f"layout {path}"
        clocks, *layout = json.loads(self.cache.get(name, "", engine_digest()) or "[[], [], []]")
        with ExitStack() as opened:
            now = Pair(*(opened.enter_context(self._reopened(each)) for each in paths))
            before = None
            if clocks and all(_is_as_left(f"{self.public}/{each}", *clocks[twin]) for twin, each in enumerate(paths)):
                before = Pair(*(opened.enter_context((self.public / each).open("rb")) for each in paths))
            made = assemble(now, pieces, contents, before, Layout(*layout))
        told = [(self.folder / each).stat() for each in paths]
        known = [[(at.st_size, at.st_mtime_ns) for at in told], made.pieces, made.marks]
        self.cache.put(name, "", engine_digest(), json.dumps(known).encode())
        plain, packed = (_file(self.folder, each) for each in paths)
        self.files += plain, packed
        return plain, packed

    def _reopened(self, path: str) -> IO[bytes]:
        """A large file to write: on the disk in the place of the one of two releases ago, where nobody reads that any more."""
        self._assembled.append(path)
        if _is_unread(self.folder / path):
            return (self.folder / path).open("r+b")
        self.writer.clear(path)
        return (self.folder / path).open("wb")

    # ---------------------------------------------------------------- in one step

    def publish(self) -> None:
        """Take the place of what is published, and let it be the spare."""
        self._forget({file.path for file in self.files})
        if self.public.exists() and not self.public.is_dir():
            raise FileExistsError(errno.EEXIST, "a file is in the place of the folder", str(self.public))
        if not self.public.exists():
            self.folder.rename(self.public)
        elif not _exchange(self.folder, self.public):
            last = self.cache_dir / f"{STAGING}{os.getpid()}-last"
            self.public.rename(last)
            self.folder.rename(self.public)
            last.rename(self.folder)
        self._published = True

    def _forget(self, wanted: set[str]) -> None:
        """Take away every file but the wanted ones, and folders that are left empty."""
        cut = len(str(self.folder)) + 1
        for folder, _, names in os.walk(self.folder, topdown=False):
            inside = folder[cut:]
            for name in names:
                if (f"{inside}/{name}" if inside else name) not in wanted:
                    os.unlink(f"{folder}/{name}")  # noqa: PTH108
            if inside:
                with suppress(OSError):  # it holds something
                    os.rmdir(folder)  # noqa: PTH106

    def _take_away(self, paths: Iterable[str]) -> None:
        for path in paths:
            (self.folder / path).unlink(missing_ok=True)

    def close(self) -> None:
        """What is left is the spare one of the next release: what the last one has too, and room for its large files."""
        try:
            if not self.folder.exists():  # it was the first
                shutil.copytree(self.public, self.folder, copy_function=os.link)
            elif self._published:
                self._take_away(self._made)
            else:
                self._take_away(self._made + self._assembled)
            self.folder.rename(self.cache_dir / SPARE)
        except (OSError, shutil.Error):
            shutil.rmtree(self.folder, ignore_errors=True)


def _file(folder: Path, path: str) -> File:
    told, size, block = hashlib.sha256(), 0, bytearray(BLOCK)
    with (folder / path).open("rb", buffering=0) as file:
        while count := file.readinto(block):
            told.update(memoryview(block)[:count])
            size += count
    return File(path, size, told.hexdigest())


def _is_unread(path: Path) -> bool:
    """Whether a file is there, under one name, and nobody has it open: Linux gives a lease on it then."""
    try:
        with path.open("r+b") as file:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            return os.fstat(file.fileno()).st_nlink == 1
    except (AttributeError, OSError):
        return False


def _is_as_left(path: str, size: int, clock: int) -> bool:
    try:
        told = os.stat(path)  # noqa: PTH116 (with a Path for each, half a second at 80,000 files)
    except OSError:
        return False
    return told.st_size == size and told.st_mtime_ns == clock


def _is_alive(pid: int) -> bool:
    if pid == os.getpid():
        return False  # of a process before, that had this number
    if os.name != "posix":
        return True  # elsewhere this question would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True


def _exchange(one: Path, other: Path) -> bool:
    """Whether Linux exchanged the two names (renameat2, RENAME_EXCHANGE)."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    here, exchange = -100, 2
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)
