"""A pull into the store: staged beside it, then compared and entered in one transaction.

Rows are never overwritten. A new row is inserted; a changed one supersedes the version before;
one that is gone from a snapshot is superseded by nothing, which is a deletion.
"""

# ruff: noqa: S608 - SQL is put together from texts of this module only; values are bound.

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core.errors import FeedError
from core.incidents import Batch, Incident, Pull, Tally
from core.settings import FeedSettings
from storage.database import Database


@dataclass(frozen=True)
class Kept:
    """A table that keeps versions of rows: incidents or counts."""

    table: str
    key: tuple[str, ...]
    """What names a row within its feed."""
    columns: tuple[str, ...]

    @property
    def stage(self) -> str:
        """Return the name of its TEMP table."""
        return f"staged_{self.table}"

    @property
    def same_key(self) -> str:
        """Return the SQL that joins a staged row `s` to the current version `i`."""
        keys = " AND ".join(f"i.{column} = s.{column}" for column in self.key)
        return f"i.feed_id = :feed AND i.superseded_at IS NULL AND {keys}"


INCIDENTS = Kept("incidents", ("source_id",), Incident._fields)
COUNTS = Kept("counts", ("region", "day"), Tally._fields)
_QUARANTINE = "staged_quarantine"


@dataclass
class Changes:
    """How many rows a pull changed."""

    added: int = 0
    revised: int = 0
    deleted: int = 0
    unchanged: int = 0


@contextmanager
def staged(database: Database, pull: Pull) -> Iterator[None]:
    """Read a pull into TEMP tables, which are gone after the block; no lock is held meanwhile.

    Raises:
        FeedError: from the pull.
    """
    try:
        with database.scratch() as connection:
            for kept in (INCIDENTS, COUNTS):
                _make_stage(connection, kept)
            connection.execute(
                f"CREATE TEMP TABLE {_QUARANTINE} AS "
                "SELECT line, reason, excerpt FROM main.quarantine WHERE 0"
            )
        for batch in pull.batches():
            with database.scratch() as connection:
                _stage(connection, batch)
        with database.scratch() as connection:
            for kept in (INCIDENTS, COUNTS):
                _drop_repeated(connection, kept)
        yield
    finally:
        with database.scratch() as connection:
            for table in (INCIDENTS.stage, COUNTS.stage, _QUARANTINE):
                connection.execute(f"DROP TABLE IF EXISTS temp.{table}")


def enter(
    connection: sqlite3.Connection, kept: Kept, feed: FeedSettings, feed_id: int, seen_at: str
) -> Changes:
    """Bring the staged rows of one table into the store, inside a transaction.

    Raises:
        FeedError: when a snapshot lost more of its rows than the feed allows, or when a row
            breaks a rule of the table.
    """
    bound = {"feed": feed_id, "seen": seen_at}
    changes = _compare(connection, kept, bound)
    if feed.mode == "append":
        changes.deleted = 0
    _refuse_great_loss(feed, changes)
    try:
        if changes.deleted:
            _delete_gone(connection, kept, bound)
        if changes.revised:
            _supersede_changed(connection, kept, bound)
        _insert(connection, kept, bound)
    except sqlite3.IntegrityError as error:
        raise FeedError(feed.name, f"a row breaks a rule of the store: {error}") from error
    return changes


def enter_quarantined(connection: sqlite3.Connection, pull_id: int) -> None:
    """Keep the rows that were left out of a pull."""
    connection.execute(
        "INSERT INTO quarantine (pull_id, line, reason, excerpt) "
        f"SELECT ?, line, reason, excerpt FROM {_QUARANTINE} ORDER BY rowid",
        [pull_id],
    )


def count_quarantined(connection: sqlite3.Connection) -> int:
    """Return how many staged rows were left out."""
    return _number(connection, f"SELECT count(*) FROM {_QUARANTINE}")


def _make_stage(connection: sqlite3.Connection, kept: Kept) -> None:
    columns = ", ".join(kept.columns)
    connection.execute(
        f"CREATE TEMP TABLE {kept.stage} AS SELECT {columns} FROM main.{kept.table} WHERE 0"
    )


def _stage(connection: sqlite3.Connection, batch: Batch) -> None:
    for kept, rows in ((INCIDENTS, batch.incidents), (COUNTS, batch.tallies)):
        _fill(connection, kept.stage, len(kept.columns), rows)
    _fill(connection, _QUARANTINE, 3, batch.bad)


def _fill(connection: sqlite3.Connection, table: str, width: int, rows: Sequence[Any]) -> None:
    if rows:
        marks = ", ".join("?" * width)
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _drop_repeated(connection: sqlite3.Connection, kept: Kept) -> None:
    """Index the staged rows by their key; quarantine those that name a row a second time."""
    keys = ", ".join(kept.key)
    connection.execute(f"CREATE INDEX temp.{kept.stage}_by_key ON {kept.stage} ({keys})")
    firsts = f"SELECT min(rowid) FROM {kept.stage} GROUP BY {keys}"
    every = _number(connection, f"SELECT count(*) FROM {kept.stage}")
    if every == _number(connection, f"SELECT count(*) FROM ({firsts})"):
        return
    name = " || ' ' || ".join(kept.key)
    connection.execute(
        f"INSERT INTO {_QUARANTINE} "
        f"SELECT 0, 'the same id stands more than once; the first row was kept', {name} "
        f"FROM {kept.stage} WHERE rowid NOT IN ({firsts})"
    )
    connection.execute(f"DELETE FROM {kept.stage} WHERE rowid NOT IN ({firsts})")


def _compare(connection: sqlite3.Connection, kept: Kept, bound: dict[str, Any]) -> Changes:
    current = _number(
        connection,
        f"SELECT count(*) FROM {kept.table} WHERE feed_id = :feed AND superseded_at IS NULL",
        bound,
    )
    incoming = _number(connection, f"SELECT count(*) FROM {kept.stage}")
    if not current:
        return Changes(added=incoming)
    matched, revised = connection.execute(
        f"SELECT count(*), coalesce(sum({_differs(kept)}), 0) "
        f"FROM {kept.stage} AS s JOIN {kept.table} AS i ON {kept.same_key}",
        bound,
    ).fetchone()
    return Changes(incoming - matched, revised, current - matched, matched - revised)


def _refuse_great_loss(feed: FeedSettings, changes: Changes) -> None:
    before = changes.deleted + changes.revised + changes.unchanged
    if changes.deleted > feed.max_loss_share * before:
        raise FeedError(
            feed.name,
            f"{changes.deleted} of {before} rows are gone from the source, "
            f"more than max_loss_share = {feed.max_loss_share:g} allows; nothing was stored",
            "if they were really deleted, set max_loss_share = 1 for one pull",
        )


def _delete_gone(connection: sqlite3.Connection, kept: Kept, bound: dict[str, Any]) -> None:
    keys = " AND ".join(f"s.{column} = {kept.table}.{column}" for column in kept.key)
    connection.execute(
        f"UPDATE {kept.table} SET superseded_at = :seen, ended_as = 'deleted' "
        "WHERE feed_id = :feed AND superseded_at IS NULL "
        f"AND NOT EXISTS (SELECT 1 FROM {kept.stage} AS s WHERE {keys})",
        bound,
    )


def _supersede_changed(connection: sqlite3.Connection, kept: Kept, bound: dict[str, Any]) -> None:
    connection.execute(
        f"UPDATE {kept.table} SET superseded_at = :seen, ended_as = 'revised' "
        f"WHERE rowid IN (SELECT i.rowid FROM {kept.stage} AS s "
        f"JOIN {kept.table} AS i ON {kept.same_key} WHERE {_differs(kept)})",
        bound,
    )


def _insert(connection: sqlite3.Connection, kept: Kept, bound: dict[str, Any]) -> None:
    """Insert what has no current version: new rows, and those whose old version just ended."""
    columns = ", ".join(kept.columns)
    connection.execute(
        f"INSERT INTO {kept.table} (feed_id, seen_at, {columns}) "
        f"SELECT :feed, :seen, {columns} FROM {kept.stage} AS s "
        f"WHERE NOT EXISTS (SELECT 1 FROM {kept.table} AS i WHERE {kept.same_key}) "
        "ORDER BY rowid",
        bound,
    )


def _differs(kept: Kept) -> str:
    values = [column for column in kept.columns if column not in kept.key]
    ours, theirs = (", ".join(f"{name}.{c}" for c in values) for name in ("s", "i"))
    return f"({ours}) IS NOT ({theirs})" if len(values) > 1 else f"{ours} IS NOT {theirs}"


def _number(connection: sqlite3.Connection, sql: str, bound: Any = ()) -> int:
    return int(connection.execute(sql, bound).fetchone()[0])
