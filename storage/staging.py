"""One block of forecasts as rows: its series, where they stand, and a curve for each horizon."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.forecasts import Outlook, WatchResult
from core.regions import RegionKey, label
from core.series import Standing
from storage.blends import enter_blends
from storage.changed import encode_change
from storage.curves import check_support, encode
from storage.seals import seal

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The quantiles that are stored as columns; any other follows from the curve."""


@dataclass(frozen=True)
class Staged:
    """A block with its figures computed, so that no writer waits for them."""

    result: WatchResult
    columns: list[list[Any]]
    benchmarks: dict[str, list[bytes]]

    @classmethod
    def of(cls, result: WatchResult) -> Staged:
        """Compute what is stored of a block.

        Raises:
            ValueError: when the support is not a start of the shared grid.
        """
        check_support(result.outlook.predictive)
        naive = {name: encode(cdf) for name, cdf in result.benchmarks.items()}
        return cls(result, _forecast_columns(result.outlook), naive)

    def enter(self, connection: sqlite3.Connection, run: int) -> None:
        """Write the block under a run, inside a transaction."""
        result, outlook = self.result, self.result.outlook
        block = _enter_block(connection, run, result)
        series = _enter_series(connection, result.watch, outlook.panel.keys)
        _enter_standings(connection, block, series, result)
        _enter_benchmarks(connection, block, series, self.benchmarks)
        blends = enter_blends(connection, outlook.members, _flat(outlook.weights))
        _enter_forecasts(connection, block, _forecast_rows(outlook, series, blends, self.columns))
        seal(connection, block)


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
        "INSERT INTO blocks (run_id, watch, counted, period, unit, running, late, members, "
        "horizons, dependence, shared, total) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(run, result.watch, result.counted, outlook.panel.period, result.unit),
            *(int(result.running), result.late, json.dumps(outlook.members)),
            outlook.predictive.shape[1],
            outlook.predictive.dependence.astype("<f8").tobytes(),
            outlook.predictive.between,
            result.total,
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
    given = [int(seed) for seed in seeds] if known else [0] * len(series)
    changes = result.changes or (None,) * len(series)
    connection.executemany(
        "INSERT INTO standings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (block, number, *_standing_row(standing), note, seed, encode_change(change))
            for number, standing, note, seed, change in zip(
                series, result.standings, result.outlook.notes, given, changes, strict=True
            )
        ],
    )


def _standing_row(standing: Standing) -> tuple[Any, ...]:
    return (
        json.dumps(standing.recent),
        *(standing.newest, standing.tempo, standing.baseline),
        *(standing.baseline_first, standing.baseline_last, standing.data_as_of.isoformat()),
        json.dumps(standing.opened),
        json.dumps(standing.completed),
        None if standing.since is None else json.dumps(standing.since),
        json.dumps(standing.effects, ensure_ascii=False),
    )


def _enter_benchmarks(
    connection: sqlite3.Connection, block: int, series: list[int], curves: dict[str, list[bytes]]
) -> None:
    connection.executemany(
        "INSERT INTO benchmarks VALUES (?, ?, ?, ?)",
        (
            (block, number, model, curve)
            for model, found in curves.items()
            for number, curve in zip(series, found, strict=True)
        ),
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
