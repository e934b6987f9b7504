"""SQLite's errors in words: what is wrong with the database, and how to mend it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StorageError

_PRIMARY = 0xFF
"""The low byte of an extended result code is its primary code: sqlite.org/rescode.html."""

FULL = ("the disk is full", "free some space; nothing was half-written")
_BUSY = ("is locked by another process", "try again when that has finished")
_DENIED = ("cannot be written", "check the permissions of the file and of its folder")
DAMAGED = ("is damaged", "restore a backup; the file was left as it is")
_NO_TEXT = "Could not decode to UTF-8"
"""How Python's sqlite3 begins what it says of a text in which a bit has flipped; without a code."""
_MEANINGS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: FULL,  # a write-ahead log's index, which cannot grow
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: ("is not a SQLite database", "name another file; this one is untouched"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check the path and its permissions"),
    sqlite3.SQLITE_READONLY: _DENIED,
    sqlite3.SQLITE_PERM: _DENIED,
    sqlite3.SQLITE_INTERRUPT: ("took longer to answer than is allowed", "ask for less at a time"),
    sqlite3.SQLITE_IOERR: ("the disk does not read or write", "check the disk and its mount"),
}


def explain(path: Path, error: sqlite3.Error) -> StorageError | None:
    """Return the error that people read, or None for one that is a fault of the program."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        damaged = str(error).startswith(_NO_TEXT)
        return StorageError(str(path), *DAMAGED) if damaged else None
    meaning = _MEANINGS.get(code) or _MEANINGS.get(code & _PRIMARY)
    return StorageError(str(path), *meaning) if meaning else None


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file, its locks and its disk into StorageError.

    Broken constraints and faulty SQL pass as they are: they are not the database's fault.
    """
    try:
        yield
    except sqlite3.Error as error:
        known = explain(path, error)
        if known is None:
            raise
        raise known from error
