"""Runs: staged in small transactions under an unpublished run, then published in one.

Loads no engine: only `stage` needs NumPy, and imports it when it is called.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from core.alerts import AlertChanges
from core.clock import stamp
from core.errors import FailedError
from core.forecasts import RunKey, WatchResult
from storage.alerts import enter_changes
from storage.database import Database

_REMOVED_AT_ONCE = 500
_SAME_KEY = "config_hash = ? AND cutoff = ? AND watermark = ? AND mode = ?"


class Runs:
    """The runs of one database: staged, then published in one transaction."""

    def __init__(self, database: Database) -> None:
        """Take a database that can be written."""
        self._database = database

    def find(self, key: RunKey) -> int | None:
        """Return the published run of this key, or None."""
        run: int | None = self._database.value(
            f"SELECT run_id FROM runs WHERE published = 1 AND {_SAME_KEY}",  # noqa: S608
            _key_row(key),
        )
        return run

    def begin(self, key: RunKey, now: datetime, version: str, label: str) -> int:
        """Start an unpublished run and remove what an interrupted one left; return its number."""
        for (leftover,) in self._database.rows("SELECT run_id FROM runs WHERE published = 0"):
            self._remove(leftover)
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO runs (config_hash, cutoff, watermark, mode, version, label, "
                "started_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [*_key_row(key), version, label, stamp(now)],
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def stage(self, run: int, result: WatchResult) -> None:
        """Store one block of forecasts in a small transaction.

        Raises:
            ValueError: when the support is not a start of the shared grid.
            FailedError: when the run is published, or is none.
        """
        from storage.staging import Staged  # noqa: PLC0415 - NumPy; whoever stages has it

        staged = Staged.of(result)
        with self._database.transaction() as connection:
            self._require_open(connection, run)
            staged.enter(connection, run)

    def publish(
        self, run: int, changes: AlertChanges, reasons: Iterable[str], now: datetime
    ) -> None:
        """Make the run, its alert changes and its outbox rows visible together.

        Raises:
            FailedError: when this run, or another one of the same key, is published already.
        """
        with self._database.transaction() as connection:
            self._require_open(connection, run)
            try:
                connection.execute(
                    "UPDATE runs SET published = 1, finished_at = ?, reasons = ? WHERE run_id = ?",
                    [stamp(now), json.dumps(list(reasons), ensure_ascii=False), run],
                )
            except sqlite3.IntegrityError as error:
                problem = "a run of the same configuration, cut-off and data is published already"
                raise FailedError(f"run {run}", problem) from error
            enter_changes(connection, run, changes, stamp(now))

    @staticmethod
    def _require_open(connection: sqlite3.Connection, run: int) -> None:
        found = connection.execute("SELECT published FROM runs WHERE run_id = ?", [run]).fetchone()
        if found != (0,):
            problem = "is published already" if found else "does not exist"
            raise FailedError(f"run {run}", problem)

    def _remove(self, run: int) -> None:
        """Remove an unpublished run, some series at a time, so that nobody waits for long."""
        blocks = self._database.rows("SELECT block_id FROM blocks WHERE run_id = ?", [run])
        for (block,) in blocks:
            while self._remove_series(block):
                pass
        with self._database.transaction() as connection:
            for table in ("scores", "outcomes", "blocks", "rules_read"):
                connection.execute(f"DELETE FROM {table} WHERE run_id = ?", [run])  # noqa: S608
            connection.execute("DELETE FROM runs WHERE run_id = ? AND published = 0", [run])

    def _remove_series(self, block: int) -> int:
        with self._database.transaction() as connection:
            some = connection.execute(
                "SELECT block_id, series_id FROM standings WHERE block_id = ? LIMIT ?",
                [block, _REMOVED_AT_ONCE],
            ).fetchall()
            for table in ("forecasts", "benchmarks", "standings"):
                connection.executemany(
                    f"DELETE FROM {table} WHERE block_id = ? AND series_id = ?",  # noqa: S608
                    some,
                )
        return len(some)


def _key_row(key: RunKey) -> list[str]:
    return [key.config_hash, key.cutoff.isoformat(), key.watermark, key.mode]
