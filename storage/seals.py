"""Seals: what the numbers of a run hashed to when they were staged.

SQLite finds damage to its own structure, not a bit that flips inside a value. A forecast is never
changed once it is published, so the hash of its numbers must stay. Texts that a redaction may
rewrite are not sealed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from storage.database import Database

Read = Callable[[str, tuple[int]], Iterable[tuple[Any, ...]]]

_WHERE_THEY_STAND = (
    "series_id, recent, newest, tempo, baseline, baseline_first, baseline_last, "
    "data_as_of, opened, completed, since, seed"
)
_SEALED = tuple(
    f"SELECT {columns} FROM {table} WHERE block_id = ? ORDER BY {order}"  # noqa: S608 - own texts
    for columns, table, order in (
        ("run_id, period, running, horizons, dependence, shared, total", "blocks", "block_id"),
        (_WHERE_THEY_STAND, "standings", "series_id"),
        ("*", "benchmarks", "series_id, model"),
        ("*", "forecasts", "series_id, horizon"),
    )
)


def seal(connection: sqlite3.Connection, block: int) -> None:
    """Seal a block that has been written whole, inside a transaction."""
    connection.execute("INSERT INTO seals VALUES (?, ?)", [block, _hash(connection.execute, block)])


def broken(database: Database) -> Iterator[str]:
    """Yield a line for every block of a published run whose numbers are not what was staged.

    Reads one block at a time, all there are.

    Raises:
        StorageError: when the database is too damaged to be read.
    """
    blocks = database.rows(
        "SELECT block_id, run_id, watch, digest FROM blocks JOIN runs USING (run_id) "
        "LEFT JOIN seals USING (block_id) WHERE published = 1 ORDER BY block_id"
    )
    for block, run, watch, digest in blocks:
        if _hash(database.rows, block) != digest:
            yield f"run {run}: forecasts of watch {watch!r} are not those that were published"


def _hash(read: Read, block: int) -> bytes:
    """Return the SHA-256 of a block's sealed values; `repr` tells every value, exactly."""
    found = hashlib.sha256()
    for sql in _SEALED:
        for row in read(sql, (block,)):
            found.update(repr(row).encode())
    return found.digest()
