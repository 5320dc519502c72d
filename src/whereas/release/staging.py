"""Collect the files of the next release in a staging folder, and publish them: in one step, where that is possible.

The folder starts as the release before the last one, as hard links, so unchanged files are there already.
Published files are therefore never written into, only replaced. A file is recognized by its size and
modification time, and written again where these have changed. Where the published folder cannot be exchanged, since it
is a mount point or on another file system than the cache, its files are replaced one by one.
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
from whereas.release.gzip_members import BLOCK, Chunk, Contents, Layout, Pair, assemble
from whereas.release.public_folder import Content, PublicFolder, bring_late, carry, has_mounts, keep_status

# Of an exchange: the folders are on two file systems, a mount point, or in one that may not be written to.
_IN_PLACE = {errno.EXDEV, errno.EBUSY, errno.EACCES, errno.EPERM, errno.EROFS}
SPARE, STAGING = "spare", "staging-"


class Writer:
    """Write files of the next release into the staging folder; every process may have a writer."""

    def __init__(self, folder: Path, public: Path) -> None:
        self.folder, self.public = folder, public
        self._folders: set[str] = set()

    def write(self, path: str, content: bytes) -> File:
        """Write a file, or link the published one where it has the same bytes: its modification time stays."""
        if not self._stage_if_equal(path, content):
            self.clear(path)
            (self.folder / path).write_bytes(content)
        return File(path, len(content), hashlib.sha256(content).hexdigest())

    def _stage_if_equal(self, path: str, content: bytes) -> bool:
        """Stage the published file if it has these bytes; return whether it has."""
        published = self.public / path
        try:
            status = published.stat()
            return (
                status.st_size == len(content)
                and published.read_bytes() == content
                and self.stage(path, status.st_size, status.st_mtime_ns)
            )
        except OSError:
            return False

    def stage(self, path: str, size: int, modified: int) -> bool:
        """Stage the published file if it is unchanged; return whether the file is staged now."""
        target = f"{self.folder}/{path}"
        if _is_unchanged(target, size, modified):
            return True
        source = f"{self.public}/{path}"
        if not _is_unchanged(source, size, modified):
            return False
        self.clear(path)
        try:
            os.link(source, target)
        except OSError:
            return False
        return True

    def clear(self, path: str) -> None:
        """Create the folder of a file and delete what is at its path."""
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        with suppress(FileNotFoundError):
            os.unlink(f"{self.folder}/{path}")  # noqa: PTH108 (called for every file of a release)


class Staging:
    """The next release while it is built; `files` are those it has so far."""

    def __init__(self, cache_dir: Path, target: PublicFolder, cache: Cache) -> None:
        self.cache_dir, self.target, self.cache = cache_dir, target, cache
        self.public = target.path
        self.folder = cache_dir / f"{STAGING}{os.getpid()}"
        self.files: list[File] = []
        self._written: list[str] = []
        self._assembled: list[str] = []
        self._published = self._is_copied = False
        self.writer = Writer(self.folder, self.public)
        self._recorded: dict[str, dict[str, tuple[str, bytes]]] = {}
        for leftover in cache_dir.glob(f"{STAGING}*"):
            if not _is_alive(int(leftover.name.removeprefix(STAGING).partition("-")[0])):
                shutil.rmtree(leftover, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            (cache_dir / SPARE).rename(self.folder)  # atomic: two builds cannot both have it
        except OSError:
            self.folder.mkdir(parents=True)

    # ---------------------------------------------------------------- unchanged files

    def reuse(self, kind: str, name: str, key: str) -> bool:
        """Stage the files recorded for this name and key; return whether all of them were unchanged."""
        if kind not in self._recorded:
            self._recorded[kind] = self.cache.all(kind)
        recorded, content = self._recorded[kind].get(name, ("", b""))
        if recorded != key:
            return False
        files = json.loads(content)
        for path, size, _, modified in files:
            if not self.writer.stage(path, size, modified):
                return False
        self.files.extend(File(path, size, digest) for path, size, digest, _ in files)
        return True

    def record(self, kind: str, name: str, key: str, files: Iterable[File]) -> None:
        """Record files that were just written, for `reuse`."""
        rows: list[list[Any]] = [
            [file.path, file.size, file.sha256, (self.folder / file.path).stat().st_mtime_ns] for file in files
        ]
        self.cache.put(kind, name, key, json.dumps(rows).encode())

    # ---------------------------------------------------------------- written files

    def write(self, path: str, content: bytes) -> File:
        """Write a file."""
        file = self.writer.write(path, content)
        self.add([file])
        return file

    def add(self, files: Sequence[File]) -> None:
        """Add files that a writer of this folder wrote."""
        self.files += files
        self._written += [file.path for file in files]

    def assemble(self, path: str, chunks: Sequence[Chunk], contents: Contents) -> tuple[File, File]:
        """Write a file of many chunks and its compressed copy; chunks that the last release has are copied from it."""
        paths, name = (path, f"{path}.gz"), f"layout {path}"
        statuses, *layout = json.loads(self.cache.get(name, "", engine_digest()) or "[[], [], []]")
        with ExitStack() as opened:
            target = Pair(*(opened.enter_context(self._reopened(each)) for each in paths))
            last = None
            if statuses and all(_is_unchanged(f"{self.public}/{each}", *statuses[at]) for at, each in enumerate(paths)):
                last = Pair(*(opened.enter_context((self.public / each).open("rb")) for each in paths))
            written = assemble(target, chunks, contents, last, Layout(*layout))
        statuses = [(status.st_size, status.st_mtime_ns) for status in ((self.folder / each).stat() for each in paths)]
        self.cache.put(name, "", engine_digest(), json.dumps([statuses, written.chunks, written.checkpoints]).encode())
        plain, compressed = (_file(self.folder, each) for each in paths)
        self.files += plain, compressed
        return plain, compressed

    def _reopened(self, path: str) -> IO[bytes]:
        """Open a large file for writing, over that of two releases ago where nobody reads it any more."""
        self._assembled.append(path)
        if _is_unread(self.folder / path):
            return (self.folder / path).open("r+b")
        self.writer.clear(path)
        return (self.folder / path).open("wb")

    # ---------------------------------------------------------------- publishing

    def publish(self) -> None:
        """Put the release in the place of the last one, and keep what others have there.

        Raise `WhereasError`, and change nothing, where a file of others is in the way.
        """
        wanted = {file.path for file in self.files}
        self._delete_all_but(wanted)
        if not self.public.exists():
            try:
                self.folder.rename(self.public)
            except OSError as problem:
                if problem.errno != errno.EXDEV:
                    raise
                self.public.mkdir()
        if self.folder.exists():
            content = Content.of(self.public)
            ours = self.target.ours(content)
            self.target.check(content, ours, wanted, self.folder)
            if not self._exchange(content, ours):
                self._delete_all_but(wanted)
                self._is_copied = True
                self.target.replace_files(content, ours, wanted, self.folder)
        if not self._is_copied:
            with suppress(OSError):  # else the list is the one in SHA256SUMS
                self.target.remember(wanted)
        self._published = True

    def _exchange(self, content: Content, ours: set[str]) -> bool:
        """Exchange the staging and the published folder; return False where that is not possible."""
        if self.folder.stat().st_dev != self.public.stat().st_dev or has_mounts(self.public):
            return False
        carried = carry(self.public, self.folder, content, ours)
        if carried is None:
            return False
        keep_status(self.public, self.folder)
        failure = _exchange(self.folder, self.public)
        # In two steps: a crash between them would lose what is carried.
        if failure in _IN_PLACE or (failure and carried):
            return False
        if failure:
            last = self.cache_dir / f"{STAGING}{os.getpid()}-last"
            try:
                self.public.rename(last)
            except OSError as problem:
                if problem.errno in _IN_PLACE:
                    return False
                raise
            self.folder.rename(self.public)
            last.rename(self.folder)
        bring_late(self.folder, self.public, carried, ours)
        return True

    def _delete_all_but(self, wanted: set[str]) -> None:
        """Delete every file but the wanted ones, and folders that are left empty."""
        cut = len(str(self.folder)) + 1
        for folder, folders, names in os.walk(self.folder, topdown=False):
            subfolder = folder[cut:]
            for name in (*names, *(name for name in folders if os.path.islink(f"{folder}/{name}"))):  # noqa: PTH114
                if (f"{subfolder}/{name}" if subfolder else name) not in wanted:
                    os.unlink(f"{folder}/{name}")  # noqa: PTH108
            if subfolder:
                with suppress(OSError):  # not empty
                    os.rmdir(folder)  # noqa: PTH106

    def _delete(self, paths: Iterable[str]) -> None:
        for path in paths:
            (self.folder / path).unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the folder for the next release, with what the published one has too, and large files to write over."""
        try:
            if not self.folder.exists():  # this was the first release
                shutil.copytree(self.public, self.folder, copy_function=os.link)
            elif self._published and self._is_copied:
                pass  # it has all files of the release
            elif self._published:
                self._delete(self._written)
            else:
                self._delete(self._written + self._assembled)
            self.folder.rename(self.cache_dir / SPARE)
        except (OSError, shutil.Error):
            shutil.rmtree(self.folder, ignore_errors=True)


def _file(folder: Path, path: str) -> File:
    digest, size, block = hashlib.sha256(), 0, bytearray(BLOCK)
    with (folder / path).open("rb", buffering=0) as file:
        while count := file.readinto(block):
            digest.update(memoryview(block)[:count])
            size += count
    return File(path, size, digest.hexdigest())


def _is_unread(path: Path) -> bool:
    """Return whether a file exists, under one name, and nobody has it open: only then Linux grants a lease."""
    try:
        with path.open("r+b") as file:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            return os.fstat(file.fileno()).st_nlink == 1
    except (AttributeError, OSError):
        return False


def _is_unchanged(path: str, size: int, modified: int) -> bool:
    try:
        status = os.stat(path)  # noqa: PTH116 (with a Path for each, half a second at 80,000 files)
    except OSError:
        return False
    return status.st_size == size and status.st_mtime_ns == modified


def _is_alive(pid: int) -> bool:
    if pid == os.getpid():
        return False  # an earlier process with this number
    if os.name != "posix":
        return True  # on Windows `os.kill` would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is another user's
    return True


def _exchange(one: Path, other: Path) -> int:
    """Exchange two names (renameat2 with RENAME_EXCHANGE); return 0, or the error number."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):  # not Linux
        return errno.ENOSYS
    at_fdcwd, exchange = -100, 2
    failed = rename(at_fdcwd, os.fsencode(one), at_fdcwd, os.fsencode(other), exchange)
    return ctypes.get_errno() if failed else 0
