"""Store results by the digest of what they were computed from, so that unchanged work is not done again.

One SQLite file in the project's cache directory, which another process may read at the same time. It
holds nothing that cannot be computed again: a file that is no database, or cannot be written, is replaced
by an empty one. Damage further in raises `CorruptCacheError` when it is met: SQLite's own errors, and a value
whose checksum is wrong.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import sqlite3
import sys
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any
from zlib import crc32

from whereas.errors import CorruptCacheError, WhereasError

FILE = "cache.sqlite"
Part = tuple[str, str, str, int, int]  # position, name, key, size plain and deflated
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}
_TABLES = """
CREATE TABLE entry (
    kind TEXT, name TEXT, key TEXT, value BLOB, sum INTEGER, PRIMARY KEY (kind, name)
);
CREATE TABLE part (
    format TEXT, position TEXT, name TEXT, key TEXT, plain_size INTEGER, deflated_size INTEGER,
    plain BLOB, deflated BLOB, PRIMARY KEY (format, position, name)
);
CREATE INDEX part_name ON part (name, format, position);
CREATE INDEX part_order ON part (format, position, name, key, plain_size, deflated_size);
"""
_VERSION = crc32(_TABLES.encode()) >> 1  # of the tables; SQLite stores a signed number

PACKAGE = Path(__file__).parent
LIBRARIES = (  # those whose next version may compute something else from the same input
    "anyascii", "babel", "jinja2", "langcodes", "markupsafe", "pyoxigraph", "pyshacl", "pyshifty", "pyyaml",
    "rapidfuzz", "rdflib",
)  # fmt: skip


@cache
def engine_digest() -> str:
    """Return a digest of everything that computes, so that no result of other code is used.

    It covers the package's modules, templates and compiled catalogues, the versions of `LIBRARIES`, and
    Python's version and Unicode data. The website's own templates and scripts are in `release.site_digest`.
    """
    digest = hashlib.sha256(repr((sys.version_info, unicodedata.unidata_version, library_versions())).encode())
    for path in sorted(path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".jinja", ".mo"}):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Return the version of each installed library of `LIBRARIES`.

    Read the names of the `.dist-info` folders; `importlib.metadata`, which takes longer to import than a small
    project takes to check, is asked only for what is not installed that way.
    """
    pattern = re.compile(rf"({'|'.join(LIBRARIES)})-([^-]+)\.dist-info", re.IGNORECASE)
    versions: dict[str, str] = {}
    for folder in sys.path:
        with suppress(OSError):
            for name in os.listdir(folder or "."):  # noqa: PTH208 (hundreds of names, and no need of a Path for each)
                if match := pattern.fullmatch(name):
                    versions.setdefault(match[1].lower(), match[2])
    for name in LIBRARIES:
        if name not in versions:
            from importlib.metadata import PackageNotFoundError, version

            with suppress(PackageNotFoundError):
                versions[name] = version(name)
    return dict(sorted(versions.items()))


# Of the process, for a file lock keeps out other processes, not other threads, nor a second call in the same one.
_LOCKS: dict[Path, RLock] = defaultdict(RLock)
_LOCKED: set[Path] = set()


@contextmanager
def project_lock(folder: Path, wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold an exclusive lock on the cache directory, against other processes and threads; reentrant.

    Call `wait` when somebody else holds it. A directory that cannot be written to is not locked.
    """
    folder = folder.resolve()
    with _LOCKS[folder], ExitStack() as stack:
        if folder not in _LOCKED:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                file = stack.enter_context((folder / "lock").open("w"))
            except OSError:
                pass
            else:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    wait()
                    fcntl.flock(file, fcntl.LOCK_EX)
            _LOCKED.add(folder)
            stack.callback(_LOCKED.discard, folder)
        yield


class Cache:
    """Values by kind and name; one is returned only for the key it was stored with."""

    def __init__(self, folder: Path) -> None:
        """Open or create the file in `folder`, or in a temporary folder where that fails; `self.folder` is which."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".gitignore").write_text("*\n")
            self._open(folder)
        except sqlite3.OperationalError:  # another build is using it
            self._open(Path(tempfile.mkdtemp(prefix="whereas-")))
        except sqlite3.DatabaseError:
            try:
                for path in folder.glob(f"{FILE}*"):
                    path.unlink()
                self._open(folder)
            except (OSError, sqlite3.DatabaseError):
                self._open(Path(tempfile.mkdtemp(prefix="whereas-")))
        except OSError:
            self._open(Path(tempfile.mkdtemp(prefix="whereas-")))

    def _open(self, folder: Path) -> None:
        self.folder, self._owner = folder, os.getpid()
        self._db = sqlite3.connect(folder / FILE, timeout=60)
        # What a power cut could lose is computed again: waiting for the disk gains nothing.
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA journal_mode = WAL")
        if self._db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            self._db.executescript(f"DROP TABLE IF EXISTS entry; DROP TABLE IF EXISTS part; {_TABLES}")
            self._db.execute(f"PRAGMA user_version = {_VERSION}")

    def _rows(self, sql: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Run a statement. Raise `CorruptCacheError`, and `WhereasError` when the file cannot be used now."""
        try:
            if self._owner != os.getpid():
                self._inherited = self._db  # of the process this one was forked from: not even to be closed here
                self._open(self.folder)
            yield from self._db.execute(sql, values)
        except sqlite3.DatabaseError as problem:
            if problem.sqlite_errorcode & 0xFF in _DAMAGE:
                raise CorruptCacheError(self.folder / FILE) from None
            raise WhereasError(f"{self.folder / FILE}: {problem}") from None

    def _execute(self, sql: str, values: Sequence[object] = ()) -> None:
        for _ in self._rows(sql, values):
            pass

    def _verified(self, value: bytes, checksum: int) -> bytes:
        if crc32(value) != checksum:
            raise CorruptCacheError(self.folder / FILE)
        return value

    def get(self, kind: str, name: str, key: str) -> bytes | None:
        """Return the value stored under this kind, name and key."""
        sql = "SELECT value, sum FROM entry WHERE kind = ? AND name = ? AND key = ?"
        return next((self._verified(*row) for row in self._rows(sql, (kind, name, key))), None)

    def latest(self, kind: str, name: str) -> bytes:
        """Return the value last stored under this kind and name, whatever its key; empty when there is none."""
        sql = "SELECT value, sum FROM entry WHERE kind = ? AND name = ?"
        return next((self._verified(*row) for row in self._rows(sql, (kind, name))), b"")

    def all(self, kind: str) -> dict[str, tuple[str, bytes]]:
        """Return key and value by name."""
        rows = self._rows("SELECT name, key, value, sum FROM entry WHERE kind = ?", (kind,))
        return {name: (key, self._verified(value, checksum)) for name, key, value, checksum in rows}

    def each(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """Iterate over names and values, ordered by name."""
        for name, value, checksum in self._rows(
            "SELECT name, value, sum FROM entry WHERE kind = ? ORDER BY name", (kind,)
        ):
            yield name, self._verified(value, checksum)

    def keys(self, kind: str) -> dict[str, str]:
        """Return the keys by name."""
        return dict(self._rows("SELECT name, key FROM entry WHERE kind = ?", (kind,)))

    def put(self, kind: str, name: str, key: str, value: bytes) -> None:
        """Store a value, replacing the one with the same kind and name."""
        self._execute("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)", (kind, name, key, value, crc32(value)))

    def put_parts(self, name: str, key: str, parts: Iterable[tuple[str, str, bytes, bytes]]) -> None:
        """Store the parts of a name, replacing its older ones: format, position, plain, deflated."""
        self._execute("DELETE FROM part WHERE name = ?", (name,))
        for format_, position, plain, deflated in parts:
            row = (format_, position, name, key, len(plain), len(deflated), plain, deflated)
            self._execute("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def parts(self, format_: str) -> Iterator[Part]:
        """Iterate over the parts of a format, ordered by position."""
        columns = "position, name, key, plain_size, deflated_size"
        yield from self._rows(f"SELECT {columns} FROM part WHERE format = ? ORDER BY position, name", (format_,))

    def part(self, format_: str, position: str, name: str) -> tuple[bytes, bytes]:
        """Return a part, plain and deflated."""
        sql = "SELECT plain, deflated FROM part WHERE format = ? AND position = ? AND name = ?"
        plain, deflated = next(self._rows(sql, (format_, position, name)))
        return plain, deflated

    def parts_of(self, name: str, format_: str) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over the plain and deflated parts of one name in one format, ordered by position."""
        return self._rows(
            "SELECT plain, deflated FROM part WHERE name = ? AND format = ? ORDER BY position", (name, format_)
        )

    def forget_all_but(self, names: Iterable[str], kinds: Iterable[str]) -> None:
        """Delete what the given kinds hold of other names; with the kind `parts`, their parts too."""
        self._execute("CREATE TEMP TABLE wanted (name TEXT PRIMARY KEY)")
        self._db.executemany("INSERT INTO wanted VALUES (?)", ((name,) for name in names))
        for kind in kinds:
            self._execute("DELETE FROM entry WHERE kind = ? AND name NOT IN wanted", (kind,))
            if kind == "parts":
                self._execute("DELETE FROM part WHERE name NOT IN wanted")
        self._execute("DROP TABLE wanted")

    def keep_copy(self, folder: Path) -> None:
        """Write a copy of the current content to `folder`."""
        self._execute("VACUUM INTO ?", (str(folder / FILE),))

    def commit(self) -> None:
        """Make stored values visible to other processes and to the next run."""
        self._db.commit()

    def __enter__(self) -> Cache:
        """Commit at the end of the `with` block, or roll back when it raises."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            self._db.rollback()
        else:
            self._db.commit()
