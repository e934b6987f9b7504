"""Backups while the service works, and putting one back."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from core.clock import stamp
from core.errors import InputError, StorageError
from storage import sent
from storage.database import open_writable
from storage.failures import explained
from storage.identity import SCHEMA_VERSION, inspect
from storage.installation import hold, put_back
from storage.ownership import OwnerLock

_COMPANIONS = ("-journal", "-wal", "-shm", sent.ENDING)
_HELD = "it was restored with --hold-outbox"


def back_up(source: Path, target: Path) -> int:
    """Copy a database at one instant, prove the copy sound, and return its size in bytes.

    The whole file is read in one step: writers wait meanwhile, about a second for half a gigabyte,
    and no write can make it begin again. What is at `target` is replaced only by a sound copy.

    Raises:
        StorageError: when the source cannot be read, or the copy is damaged or cannot be written.
    """
    if not inspect(source):
        raise StorageError(str(source), "there is no database yet", "'tocsin run' makes it")
    if not target.parent.is_dir():
        raise InputError(str(target), "its folder does not exist", "make it first")
    new = target.with_name(f"{target.name}.new")
    new.unlink(missing_ok=True)
    try:
        _copy(source, new)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    return target.stat().st_size


def restore(backup: Path, target: Path, now: datetime, *, hold_outbox: bool) -> Path | None:
    """Put a backup in the place of a database; return where that one was moved, if there was one.

    A running service refuses it. With `hold_outbox`, or where the backup was never at home, the
    restored database sends nothing until it is adopted.

    Raises:
        StorageError: when the backup is damaged, foreign or newer, or the target is in use.
    """
    version = inspect(backup)
    if not version:
        raise InputError(str(backup), "is no backup", "name a file that 'tocsin backup' made")
    if version > SCHEMA_VERSION:
        raise StorageError(str(backup), "was made by a newer Tocsin", "upgrade this program")
    lock, new = OwnerLock(target, stamp(now)), target.with_name(f"{target.name}.new")
    try:
        new.unlink(missing_ok=True)
        _copy(backup, new)
        _roll_back(target)
        aside = _move_aside(target, now)
        new.replace(target)
        with open_writable(target, "own") as database:
            if hold_outbox or not put_back(database):
                hold(database, _HELD if hold_outbox else "it was restored from another place")
    finally:
        new.unlink(missing_ok=True)
        lock.release()
    return aside


def _copy(source: Path, target: Path) -> None:
    """Copy with SQLite's online backup (sqlite.org/backup.html), then check every page."""
    target.touch(mode=0o600)
    with (
        explained(target),
        closing(_connected(source, "ro")) as read,
        closing(_connected(target, "rw")) as written,
    ):
        written.execute("PRAGMA synchronous = FULL")
        read.backup(written, pages=-1)
        found = written.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        problem = f"the copy of {source.name} is damaged ({found})"
        raise StorageError(str(target), problem, "check the source with 'tocsin doctor'")


def _connected(path: Path, access: str) -> sqlite3.Connection:
    address = f"file:{quote(str(path))}?mode={access}"
    return sqlite3.connect(address, uri=True, timeout=10.0, isolation_level=None)


def _roll_back(target: Path) -> None:
    """Finish what a killed writer left: without its journal, the old database would be damaged.

    A kill between moving the journal away and putting the backup in its place leaves just that.
    """
    with suppress(StorageError):  # one that cannot be opened may be why a backup is put back
        if inspect(target):
            open_writable(target, "write").close()


def _move_aside(target: Path, now: datetime) -> Path | None:
    """Move a database away with its journal: beside another file that would destroy it."""
    if not target.exists():
        return None
    aside = target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%S}")
    aside.hardlink_to(target)  # there all the time: a kill here leaves the database in its place
    for ending in _COMPANIONS:
        part = target.with_name(f"{target.name}{ending}")
        if part.exists():
            part.replace(aside.with_name(f"{aside.name}{ending}"))
    return aside
