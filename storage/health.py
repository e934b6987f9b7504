"""The state of the database file, for people who look after it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from storage.database import Database, safe_journal_mode
from storage.pull_seals import broken_pulls
from storage.seals import broken

_SHOWN_FAULTS = 20


@dataclass(frozen=True)
class Health:
    """Plain facts; sizes are bytes.

    `faults` is empty when `integrity_check` and `foreign_key_check` find nothing, the rows of every
    pull are those that it brought, and the forecasts of every published run those that were staged.
    `wal_safe` tells whether this version of SQLite may use a write-ahead log; `journal_mode` is
    the one that writers use.
    """

    path: Path
    installation: str
    schema: int
    sqlite_version: str
    wal_safe: bool
    journal_mode: str
    size: int
    free: int
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Return whether nothing is damaged."""
        return not self.faults


def examine(database: Database) -> Health:
    """Return the state of a database; reads the whole file.

    Raises:
        StorageError: when it is too damaged to be examined.
    """
    value = database.value
    safe = safe_journal_mode(sqlite3.sqlite_version_info)
    rows = database.rows(f"PRAGMA integrity_check({_SHOWN_FAULTS})")
    if rows == [("ok",)]:
        rows = database.rows("PRAGMA foreign_key_check")
    faults = [" ".join(map(str, row)) for row in rows]
    return Health(
        path=database.path,
        installation=value("SELECT installation_id FROM installation"),
        schema=value("PRAGMA user_version"),
        sqlite_version=sqlite3.sqlite_version,
        wal_safe=safe == "wal",
        journal_mode="wal" if value("PRAGMA journal_mode") == "wal" else safe,
        size=value("PRAGMA page_count") * value("PRAGMA page_size"),
        free=value("PRAGMA freelist_count") * value("PRAGMA page_size"),
        faults=tuple(faults or islice(_unsealed(database), _SHOWN_FAULTS)),
    )


def _unsealed(database: Database) -> Iterator[str]:
    return chain(broken_pulls(database), broken(database))
