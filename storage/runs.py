"""Runs: staged in small transactions under an unpublished run, then published in one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import numpy as np

from core.alerts import AlertChanges
from core.clock import stamp
from core.errors import FailedError
from core.forecasts import Outlook, RunKey, WatchResult
from core.regions import RegionKey, label
from core.series import Standing
from storage.alerts import enter_changes
from storage.blends import enter_blends
from storage.curves import check_support, encode
from storage.database import Database

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The quantiles that are stored as columns; any other follows from the curve."""
_REMOVED_AT_ONCE = 500
_SAME_KEY = "config_hash = ? AND cutoff = ? AND watermark = ? AND mode = ?"


class Runs:
    """`core.protocols.RunStore` over one database."""

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
        outlook = result.outlook
        check_support(outlook.predictive)
        columns = _forecast_columns(outlook)
        with self._database.transaction() as connection:
            self._require_open(connection, run)
            block = _enter_block(connection, run, result)
            series = _enter_series(connection, result.watch, outlook.panel.keys)
            _enter_standings(connection, block, series, result)
            blends = enter_blends(connection, outlook.members, _flat(outlook.weights))
            rows = _forecast_rows(outlook, series, blends, columns)
            _enter_forecasts(connection, block, rows)

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
            connection.execute("DELETE FROM blocks WHERE run_id = ?", [run])
            connection.execute("DELETE FROM runs WHERE run_id = ? AND published = 0", [run])

    def _remove_series(self, block: int) -> int:
        with self._database.transaction() as connection:
            some = connection.execute(
                "SELECT block_id, series_id FROM standings WHERE block_id = ? LIMIT ?",
                [block, _REMOVED_AT_ONCE],
            ).fetchall()
            for table in ("forecasts", "standings"):
                connection.executemany(
                    f"DELETE FROM {table} WHERE block_id = ? AND series_id = ?",  # noqa: S608
                    some,
                )
        return len(some)


def _key_row(key: RunKey) -> list[str]:
    return [key.config_hash, key.cutoff.isoformat(), key.watermark, key.mode]


def _flat(values: Any) -> Any:
    """Return (series, horizons, …) as (series x horizons, …)."""
    return values.reshape(-1, *values.shape[2:])


def _forecast_columns(outlook: Outlook) -> list[list[Any]]:
    """Return mean, the five quantiles and the curve of every series and horizon, as columns."""
    predictive = outlook.predictive
    quantiles = _flat(predictive.quantile(LEVELS))
    means = np.maximum(predictive.mean(), 0.0).ravel()
    return [means.tolist(), *quantiles.T.tolist(), encode(_flat(predictive.cdf))]


def _enter_block(connection: sqlite3.Connection, run: int, result: WatchResult) -> int:
    outlook = result.outlook
    cursor = connection.execute(
        "INSERT INTO blocks (run_id, watch, period, unit, running, members, horizons, dependence) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(run, result.watch, outlook.panel.period, result.unit, int(result.running)),
            *(json.dumps(outlook.members), outlook.predictive.shape[1]),
            outlook.predictive.dependence.astype("<f8").tobytes(),
        ],
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _enter_series(
    connection: sqlite3.Connection, watch: str, keys: Iterable[RegionKey]
) -> list[int]:
    """Return the number of every series, entering the new ones."""
    texts = [(watch, json.dumps(key, ensure_ascii=False), label(key)) for key in keys]
    connection.executemany(
        "INSERT INTO series (watch, region_key, region) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        texts,
    )
    find = "SELECT series_id FROM series WHERE watch = ? AND region_key = ?"
    return [connection.execute(find, text[:2]).fetchone()[0] for text in texts]


def _enter_standings(
    connection: sqlite3.Connection, block: int, series: list[int], result: WatchResult
) -> None:
    seeds = result.outlook.predictive.seeds
    known = len(seeds) == len(series)
    connection.executemany(
        "INSERT INTO standings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (block, number, *_standing_row(standing), note, int(seeds[place]) if known else 0)
            for place, (number, standing, note) in enumerate(
                zip(series, result.standings, result.outlook.notes, strict=True)
            )
        ],
    )


def _standing_row(standing: Standing) -> tuple[Any, ...]:
    return (
        json.dumps(standing.recent),
        *(standing.newest, standing.tempo, standing.baseline),
        *(standing.baseline_first, standing.baseline_last, standing.data_as_of.isoformat()),
        json.dumps(standing.opened),
    )


def _enter_forecasts(
    connection: sqlite3.Connection, block: int, rows: Iterable[tuple[Any, ...]]
) -> None:
    connection.executemany(
        "INSERT INTO forecasts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((block, *row) for row in rows),
    )


def _forecast_rows(
    outlook: Outlook, series: list[int], blends: list[int], columns: list[list[Any]]
) -> Iterator[tuple[Any, ...]]:
    """Return the rows of all series and horizons, in the order of their keys."""
    place, step = np.indices(outlook.predictive.shape).reshape(2, -1)
    index = outlook.panel.ends[place] + step + 1
    numbers = np.array(series, dtype=np.int64)[place]
    *figures, curves = columns
    identity = (numbers.tolist(), (step + 1).tolist(), index.tolist())
    return zip(*identity, *figures, blends, curves, strict=True)
