"""What was worked out before, by the digest of what it was worked out from.

One SQLite file in the project's workshop, where another process may read it at the same time. It
holds nothing that cannot be made again: where it is no database or cannot be written, an empty one takes
its place. Damage further in is a `DamagedError` when it is met: SQLite's own, or a value that is not what
its check sum says.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from whereas.errors import DamagedError, WhereasError

FILE = "cache.sqlite"
# SQLITE_ERROR is what an older version’s tables give.
_DAMAGE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}
_TABLES = """
CREATE TABLE IF NOT EXISTS entry (
    kind TEXT, name TEXT, key TEXT, value BLOB, sum INTEGER, PRIMARY KEY (kind, name)
);
CREATE TABLE IF NOT EXISTS part (
    format TEXT, position TEXT, name TEXT, key TEXT, plain BLOB, deflated BLOB,
    PRIMARY KEY (format, position, name)
);
CREATE INDEX IF NOT EXISTS part_name ON part (name, format, key);
"""


@cache
def engine_digest() -> str:
    """Changes with any line of the engine, so that nothing an older one worked out is used."""
    told = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()


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
        self.folder = folder
        self._db = sqlite3.connect(folder / FILE, timeout=60)
        # What a power cut could lose is made again: waiting for the disk buys nothing.
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(_TABLES)

    def _rows(self, sql: str, told: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows a statement gives. Raises `DamagedError`, and `WhereasError` where the file cannot be used now."""
        try:
            yield from self._db.execute(sql, told)
        except sqlite3.DatabaseError as problem:
            if problem.sqlite_errorcode & 0xFF in _DAMAGE:
                raise DamagedError(self.folder / FILE) from None
            raise WhereasError(f"{self.folder / FILE}: {problem}") from None

    def _do(self, sql: str, told: Sequence[object] = ()) -> None:
        for _ in self._rows(sql, told):
            pass

    def _sound(self, value: bytes, check_sum: int) -> bytes:
        if crc32(value) != check_sum:
            raise DamagedError(self.folder / FILE)
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

    def keys(self, kind: str) -> dict[str, str]:
        """Key by name."""
        return dict(self._rows("SELECT name, key FROM entry WHERE kind = ?", (kind,)))

    def put(self, kind: str, name: str, key: str, value: bytes) -> None:
        """Remember a value in the place of the one with the same kind and name."""
        self._do("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)", (kind, name, key, value, crc32(value)))

    def part_keys(self) -> dict[str, str]:
        """Key by name, of every name whose parts are here."""
        return dict(self._rows("SELECT DISTINCT name, key FROM part"))

    def put_parts(self, name: str, key: str, parts: Iterable[tuple[str, str, bytes, bytes]]) -> None:
        """Remember the parts of a name in the place of its older ones: format, position, plain, deflated."""
        self._do("DELETE FROM part WHERE name = ?", (name,))
        for format_, position, plain, deflated in parts:
            self._do("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)", (format_, position, name, key, plain, deflated))

    def parts(self, format_: str) -> Iterator[tuple[bytes, bytes]]:
        """Plain and deflated parts of a format, by name."""
        return self._rows("SELECT plain, deflated FROM part WHERE format = ? ORDER BY name", (format_,))

    def runs(self) -> Iterator[tuple[bytes, bytes, str]]:
        """Plain and deflated parts of N-Quads and the name they are of, by position."""
        return self._rows("SELECT plain, deflated, name FROM part WHERE format = 'nq' ORDER BY position, name")

    def parts_of(self, name: str, format_: str) -> Iterator[tuple[bytes, bytes]]:
        """Plain and deflated parts of one name in one format, by position."""
        return self._rows(
            "SELECT plain, deflated FROM part WHERE name = ? AND format = ? ORDER BY position", (name, format_)
        )

    def forget_all_but(self, names: Iterable[str]) -> None:
        """Drop what belongs to other names."""
        self._do("CREATE TEMP TABLE kept (name TEXT PRIMARY KEY)")
        self._db.executemany("INSERT INTO kept VALUES (?)", ((name,) for name in names))
        for table in ("entry", "part"):
            self._do(f"DELETE FROM {table} WHERE name NOT IN kept")
        self._do("DROP TABLE kept")

    def keep_copy(self, folder: Path) -> None:
        """What is here now, in a file in `folder` that does not change with this one."""
        self._do("VACUUM INTO ?", (str(folder / FILE),))

    def commit(self) -> None:
        """What was put in is there for other processes, and for the next run."""
        self._db.commit()
