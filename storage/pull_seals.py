"""Seals of pulls: what the rows that a pull brought or ended hashed to when they were stored.

What `storage/seals.py` is to forecasts, this is to what they are made from: a bit that flips inside
a date, a place or a count is told by `tocsin doctor`. A version of a row is never changed but by
its end, which is part of the later pull's seal, and by a redaction, which seals anew.
"""

# ruff: noqa: S608 - SQL is put together from texts of this module and of `Kept` only.

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from storage.database import Database
from storage.loading import COUNTS, INCIDENTS

Read = Callable[[str, list[Any]], Iterable[tuple[Any, ...]]]

_AT_ONCE = 20_000
"""Rows read at a time: some 15 MB, and no writer waits for longer than that takes."""
_SOME = "AND rowid > ?2 ORDER BY rowid LIMIT ?3"
_BROUGHT = "WHERE (?1 IS NULL OR seen_at = ?1)"
_ENDED = "WHERE superseded_at IS NOT NULL AND (?1 IS NULL OR superseded_at = ?1)"
_VERSIONS = tuple(
    f"SELECT rowid, {columns} FROM {kept.table} {which} {_SOME}"
    for kept in (INCIDENTS, COUNTS)
    for columns, which in (
        (", ".join(("seen_at", "feed_id", *kept.columns)), _BROUGHT),
        ("superseded_at, ended_as", _ENDED),
    )
)
_COVERED = (
    "SELECT pull_id, seen_at, country, first, through FROM coverage JOIN pulls USING (pull_id) "
    "WHERE ?1 IS NULL OR seen_at = ?1 ORDER BY pull_id, country, first"
)
_NOTHING = hashlib.sha256().digest()
"""Of a pull that brought nothing, ended nothing and covers nothing."""


class _Pull(NamedTuple):
    feed: str
    at: str
    seen_at: str
    seal: bytes


def seal_pull(connection: sqlite3.Connection, pull: int, seen_at: str) -> None:
    """Seal a pull whose rows and coverage have been stored, inside a transaction."""
    found = _hashes(connection.execute, seen_at).get(seen_at, _NOTHING)
    connection.execute("UPDATE pulls SET seal = ? WHERE pull_id = ?", [found, pull])


def broken_pulls(database: Database) -> Iterator[str]:
    """Yield a line for every pull whose rows are not what was stored; reads all of them.

    Others may write meanwhile: a pull that looks broken is read again at one instant.

    Raises:
        StorageError: when the database is too damaged to be read.
    """
    for doubtful in _broken(database.rows):
        with database.snapshot():
            found = list(_broken(database.rows, doubtful.seen_at))
        for feed, at, *_ in found:
            yield f"feed {feed!r}: what the pull of {at} brought is not what was stored"


@contextmanager
def resealed(connection: sqlite3.Connection) -> Iterator[None]:
    """Seal anew what is rewritten inside the block; what was damaged before it stays told."""
    damaged = {pull.seen_at for pull in _broken(connection.execute)}
    yield
    connection.executemany(
        "UPDATE pulls SET seal = ? WHERE seen_at = ?",
        [(seal, at) for at, seal in _hashes(connection.execute).items() if at not in damaged],
    )


def _broken(read: Read, only: str | None = None) -> Iterator[_Pull]:
    """Yield the pulls whose seals are broken, of all that there are when it begins."""
    pulls = (
        "SELECT name, at, seen_at, seal FROM pulls JOIN feeds USING (feed_id) "
        "WHERE status = 'new' AND (?1 IS NULL OR seen_at = ?1) ORDER BY pull_id"
    )
    sealed = [_Pull(*row) for row in read(pulls, [only])]
    found = _hashes(read, only)
    yield from (pull for pull in sealed if found.get(pull.seen_at, _NOTHING) != pull.seal)


def _hashes(read: Read, only: str | None = None) -> Mapping[str, bytes]:
    """Return per stamp of rows the SHA-256 of all that came and ended with it, and was covered.

    `repr` tells every value, exactly. Each table is read in the order of its keys.
    """
    found: dict[str, Any] = {}
    for sql in _VERSIONS:
        for row in _paged(read, sql, only):
            found.setdefault(row[1], hashlib.sha256()).update(repr(row).encode())
    for row in read(_COVERED, [only]):
        found.setdefault(row[1], hashlib.sha256()).update(repr(row).encode())
    return {seen_at: total.digest() for seen_at, total in found.items()}


def _paged(read: Read, sql: str, only: str | None) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query some at a time; the first column of each is its rowid."""
    after = 0
    while True:
        rows = list(read(sql, [only, after, _AT_ONCE]))
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0]
