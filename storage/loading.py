"""A pull into the store: staged beside it, then compared and entered in one transaction.

Rows are never overwritten. A new row is inserted; a changed one supersedes the version before;
one that is gone from a snapshot is superseded by nothing, which is a deletion.
"""

# ruff: noqa: S608 - SQL is put together from texts of this module only; values are bound.

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from itertools import chain
from operator import add
from typing import Any

from core.errors import FeedError
from core.incidents import Batch, Incident, Pull, Tally
from core.settings import FeedSettings
from storage.database import Database
from storage.erasing import erase_again, is_redacted, withhold


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
    def matched(self) -> str:
        """Return the name of the TEMP table of staged rows that have a current version."""
        return f"matched_{self.table}"

    @property
    def differs(self) -> str:
        """Return the SQL that tells whether a staged row `s` differs from its version `i`."""
        values = [column for column in self.columns if column not in self.key]
        staged, version = (", ".join(f"{name}.{c}" for c in values) for name in ("s", "i"))
        return f"({staged}) IS NOT ({version})"

    @property
    def same_key(self) -> str:
        """Return the SQL that joins a staged row `s` to the current version `i`."""
        keys = " AND ".join(f"i.{column} = s.{column}" for column in self.key)
        return f"i.feed_id = :feed AND i.superseded_at IS NULL AND {keys}"


INCIDENTS = Kept("incidents", ("source_id",), Incident._fields)
COUNTS = Kept("counts", ("region", "day"), Tally._fields)
_QUARANTINE = "staged_quarantine"
_TEMPORARY = (
    *(INCIDENTS.stage, INCIDENTS.matched, COUNTS.stage, COUNTS.matched),
    _QUARANTINE,
)
_MOST_BOUND = 999
"""Values that one statement may bind in every build of SQLite: sqlite.org/limits.html."""


@dataclass
class Changes:
    """How many rows a pull changed."""

    added: int = 0
    revised: int = 0
    deleted: int = 0
    unchanged: int = 0

    def __add__(self, other: Changes) -> Changes:
        """Return the changes of both."""
        return Changes(*map(add, astuple(self), astuple(other)))


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
            for table in _TEMPORARY:
                connection.execute(f"DROP TABLE IF EXISTS temp.{table}")


def enter(
    connection: sqlite3.Connection,
    kept: Kept,
    feed: FeedSettings,
    feed_id: int,
    seen_at: str,
    *,
    whole: bool,
) -> Changes:
    """Bring the staged rows of one table into the store, inside a transaction.

    Rows that are gone are deleted only from a snapshot that was read `whole`.

    Raises:
        FeedError: when a snapshot lost more of its rows than the feed allows, or when a row
            breaks a rule of the table.
    """
    bound = {"feed": feed_id, "seen": seen_at}
    if kept is INCIDENTS:
        erase_again(connection, kept.stage, feed_id)
    changes = _match(connection, kept, bound)
    if not whole:
        changes.deleted = 0
    _refuse_great_loss(feed, changes)
    try:
        if changes.deleted:
            _supersede(connection, kept, bound, "deleted")
        if changes.revised:
            _supersede(connection, kept, bound, "revised")
        _insert(connection, kept, bound)
    except sqlite3.IntegrityError as error:
        raise FeedError(feed.name, f"a row breaks a rule of the store: {error}") from error
    return changes


def enter_quarantined(connection: sqlite3.Connection, feed_id: int, pull_id: int) -> None:
    """Keep the rows that were left out of a pull; without their text once the feed was redacted."""
    if is_redacted(connection, feed_id):
        withhold(connection, _QUARANTINE)
    connection.execute(
        "INSERT INTO quarantine (pull_id, line, reason, excerpt) "
        f"SELECT ?, line, reason, excerpt FROM {_QUARANTINE} ORDER BY rowid",
        [pull_id],
    )


def count_quarantined(connection: sqlite3.Connection) -> int:
    """Return how many staged rows were left out."""
    return _count(connection, _QUARANTINE)


def _make_stage(connection: sqlite3.Connection, kept: Kept) -> None:
    columns = ", ".join(kept.columns)
    connection.execute(
        f"CREATE TEMP TABLE {kept.stage} AS SELECT {columns} FROM main.{kept.table} WHERE 0"
    )
    connection.execute(
        f"CREATE TEMP TABLE {kept.matched} "
        "(number INTEGER PRIMARY KEY, version INTEGER NOT NULL, differs INTEGER NOT NULL)"
    )


def _stage(connection: sqlite3.Connection, batch: Batch) -> None:
    for kept, rows in ((INCIDENTS, batch.incidents), (COUNTS, batch.tallies)):
        _fill(connection, kept.stage, len(kept.columns), rows)
    _fill(connection, _QUARANTINE, 3, batch.bad)


def _fill(connection: sqlite3.Connection, table: str, width: int, rows: Sequence[Any]) -> None:
    """Insert rows, many to a statement: half the time of one by one, for the wide ones."""
    row = f"({', '.join('?' * width)})"
    many = _MOST_BOUND // width
    whole = len(rows) - len(rows) % many
    sql = f"INSERT INTO {table} VALUES {', '.join([row] * many)}"
    connection.executemany(
        sql, (list(chain.from_iterable(rows[at : at + many])) for at in range(0, whole, many))
    )
    connection.executemany(f"INSERT INTO {table} VALUES {row}", rows[whole:])


def _drop_repeated(connection: sqlite3.Connection, kept: Kept) -> None:
    """Quarantine the rows that name a row a second time."""
    keys = ", ".join(kept.key)
    connection.execute(f"CREATE INDEX temp.{kept.stage}_by_key ON {kept.stage} ({keys})")
    firsts = f"SELECT min(rowid) FROM {kept.stage} GROUP BY {keys}"
    if _count(connection, kept.stage) == _count(connection, f"({firsts})"):
        return
    name = " || ' ' || ".join(kept.key)
    connection.execute(
        f"INSERT INTO {_QUARANTINE} "
        f"SELECT 0, 'the same id stands more than once; the first row was kept', {name} "
        f"FROM {kept.stage} WHERE rowid NOT IN ({firsts})"
    )
    connection.execute(f"DELETE FROM {kept.stage} WHERE rowid NOT IN ({firsts})")


def _match(connection: sqlite3.Connection, kept: Kept, bound: dict[str, Any]) -> Changes:
    """Find the current version of every staged row, and whether it differs."""
    current = f"{kept.table} WHERE feed_id = :feed AND superseded_at IS NULL"
    before = _count(connection, current, bound)
    if before:
        connection.execute(
            f"INSERT INTO {kept.matched} SELECT s.rowid, i.rowid, {kept.differs} "
            f"FROM {kept.stage} AS s CROSS JOIN {kept.table} AS i ON {kept.same_key}",
            bound,
        )
    matched = _count(connection, kept.matched)
    revised = _count(connection, f"{kept.matched} WHERE differs")
    added = _count(connection, kept.stage) - matched
    return Changes(added, revised, before - matched, matched - revised)


def _refuse_great_loss(feed: FeedSettings, changes: Changes) -> None:
    before = changes.deleted + changes.revised + changes.unchanged
    if changes.deleted > feed.max_loss_share * before:
        raise FeedError(
            feed.name,
            f"{changes.deleted} of {before} rows are gone from the source, "
            f"more than max_loss_share = {feed.max_loss_share:g} allows; nothing was stored",
            "if they were really deleted, set max_loss_share = 1 for one pull",
        )


def _supersede(
    connection: sqlite3.Connection, kept: Kept, bound: dict[str, Any], ending: str
) -> None:
    """End the current versions that were revised, or those of which nothing is left."""
    which = {
        "revised": f"rowid IN (SELECT version FROM {kept.matched} WHERE differs)",
        "deleted": f"feed_id = :feed AND superseded_at IS NULL "
        f"AND rowid NOT IN (SELECT version FROM {kept.matched})",
    }
    connection.execute(
        f"UPDATE {kept.table} SET superseded_at = :seen, ended_as = '{ending}' "
        f"WHERE {which[ending]}",
        bound,
    )


def _insert(connection: sqlite3.Connection, kept: Kept, bound: dict[str, Any]) -> None:
    """Insert what has no current version: new rows, and those whose old version just ended."""
    columns = ", ".join(kept.columns)
    connection.execute(
        f"INSERT INTO {kept.table} (feed_id, seen_at, {columns}) SELECT :feed, :seen, {columns} "
        f"FROM {kept.stage} AS s LEFT JOIN {kept.matched} ON number = s.rowid "
        "WHERE differs IS NOT 0 ORDER BY s.rowid",
        bound,
    )


def _count(connection: sqlite3.Connection, rows: str, bound: Any = ()) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {rows}", bound).fetchone()[0])
