"""What was worked out before, by the digest of what it was worked out from.

One SQLite file in the project's workshop, where another process may read it at the same time. It
holds nothing that cannot be made again: where it is no database or cannot be written, an empty one takes
its place. Damage further in is a `CorruptCacheError` when it is met: SQLite's own, or a value that is not what
its check sum says.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
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
_VERSION = crc32(_TABLES.encode()) >> 1  # of the tables: a signed number to the database


@cache
def engine_digest() -> str:
    """Changes with any line of the engine, so that nothing an older one worked out is used."""
    told = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()


_TURNS: dict[Path, RLock] = defaultdict(RLock)
_TAKEN: set[Path] = set()


@contextmanager
def project_lock(folder: Path, wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Meanwhile no other process or thread has its turn in the folder; one that has it may take it again.

    `wait` is called when somebody else has it. A folder that cannot be written in is nobody's.
    """
    folder = folder.resolve()
    with _TURNS[folder], ExitStack() as held:
        if folder not in _TAKEN:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                file = held.enter_context((folder / "lock").open("w"))
            except OSError:
                pass
            else:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    wait()
                    fcntl.flock(file, fcntl.LOCK_EX)
            _TAKEN.add(folder)
            held.callback(_TAKEN.discard, folder)
        yield


class Cache:
    """Values by kind and name; one is given back only for the key it was put in with."""

    def __init__(self, folder: Path) -> None:
        """Opens or makes the file in `folder`; `self.folder` tells where it is in the end."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".gitignore").write_text("*\n")
            self._open(folder)
        except sqlite3.OperationalError:  # another build is at work on it
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
        # What a power cut could lose is made again: waiting for the disk buys nothing.
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA journal_mode = WAL")
        if self._db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            self._db.executescript(f"DROP TABLE IF EXISTS entry; DROP TABLE IF EXISTS part; {_TABLES}")
            self._db.execute(f"PRAGMA user_version = {_VERSION}")

    def _rows(self, sql: str, told: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows a statement gives. Raises `CorruptCacheError`, and `WhereasError` where the file cannot be used now."""
        try:
            if self._owner != os.getpid():
                self._inherited = self._db  # of the process this one parted from: not even to be closed here
                self._open(self.folder)
            yield from self._db.execute(sql, told)
        except sqlite3.DatabaseError as problem:
            if problem.sqlite_errorcode & 0xFF in _DAMAGE:
                raise CorruptCacheError(self.folder / FILE) from None
            raise WhereasError(f"{self.folder / FILE}: {problem}") from None

    def _do(self, sql: str, told: Sequence[object] = ()) -> None:
        for _ in self._rows(sql, told):
            pass

    def _sound(self, value: bytes, check_sum: int) -> bytes:
        if crc32(value) != check_sum:
            raise CorruptCacheError(self.folder / FILE)
        return value

    def get(self, kind: str, name: str, key: str) -> bytes | None:
        """The value put in under this kind, name and key."""
        sql = "SELECT value, sum FROM entry WHERE kind = ? AND name = ? AND key = ?"
        return next((self._sound(*row) for row in self._rows(sql, (kind, name, key))), None)

    def latest(self, kind: str, name: str) -> bytes:
        """The value last put in under this kind and name; empty when there is none."""
        sql = "SELECT value, sum FROM entry WHERE kind = ? AND name = ?"
        return next((self._sound(*row) for row in self._rows(sql, (kind, name))), b"")

    def all(self, kind: str) -> dict[str, tuple[str, bytes]]:
        """Key and value by name."""
        rows = self._rows("SELECT name, key, value, sum FROM entry WHERE kind = ?", (kind,))
        return {name: (key, self._sound(value, check_sum)) for name, key, value, check_sum in rows}

    def each(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """Name and value, by name, one after the other."""
        for name, value, check_sum in self._rows(
            "SELECT name, value, sum FROM entry WHERE kind = ? ORDER BY name", (kind,)
        ):
            yield name, self._sound(value, check_sum)

    def keys(self, kind: str) -> dict[str, str]:
        """Key by name."""
        return dict(self._rows("SELECT name, key FROM entry WHERE kind = ?", (kind,)))

    def put(self, kind: str, name: str, key: str, value: bytes) -> None:
        """Remember a value in the place of the one with the same kind and name."""
        self._do("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)", (kind, name, key, value, crc32(value)))

    def put_parts(self, name: str, key: str, parts: Iterable[tuple[str, str, bytes, bytes]]) -> None:
        """Remember the parts of a name in the place of its older ones: format, position, plain, deflated."""
        self._do("DELETE FROM part WHERE name = ?", (name,))
        for format_, position, plain, deflated in parts:
            told = (format_, position, name, key, len(plain), len(deflated), plain, deflated)
            self._do("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?, ?, ?)", told)

    def parts(self, format_: str) -> Iterator[Part]:
        """Every part of a format, by position."""
        columns = "position, name, key, plain_size, deflated_size"
        yield from self._rows(f"SELECT {columns} FROM part WHERE format = ? ORDER BY position, name", (format_,))

    def part(self, format_: str, position: str, name: str) -> tuple[bytes, bytes]:
        """A part, plain and deflated."""
        sql = "SELECT plain, deflated FROM part WHERE format = ? AND position = ? AND name = ?"
        plain, deflated = next(self._rows(sql, (format_, position, name)))
        return plain, deflated

    def parts_of(self, name: str, format_: str) -> Iterator[tuple[bytes, bytes]]:
        """Plain and deflated parts of one name in one format, by position."""
        return self._rows(
            "SELECT plain, deflated FROM part WHERE name = ? AND format = ? ORDER BY position", (name, format_)
        )

    def forget_all_but(self, names: Iterable[str], kinds: Iterable[str]) -> None:
        """Of some kinds, drop what belongs to other names; with the kind `parts`, their parts too."""
        self._do("CREATE TEMP TABLE kept (name TEXT PRIMARY KEY)")
        self._db.executemany("INSERT INTO kept VALUES (?)", ((name,) for name in names))
        for kind in kinds:
            self._do("DELETE FROM entry WHERE kind = ? AND name NOT IN kept", (kind,))
            if kind == "parts":
                self._do("DELETE FROM part WHERE name NOT IN kept")
        self._do("DROP TABLE kept")

    def keep_copy(self, folder: Path) -> None:
        """What is here now, in a file in `folder` that does not change with this one."""
        self._do("VACUUM INTO ?", (str(folder / FILE),))

    def commit(self) -> None:
        """What was put in is there for other processes, and for the next run."""
        self._db.commit()

    def __enter__(self) -> Cache:
        """What is put in from here on is committed at the end; where the work fails, nobody waits for what was not."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            self._db.rollback()
        else:
            self._db.commit()
