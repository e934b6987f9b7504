"""Outcomes of periods that were forecast, and the scores of the forecasts.

Of every period's runs the first one is scored: it knew least of the period, and a record that
counts each later run too would count one forecast many times.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from core.regions import RegionKey
from core.series import FloatArray, IntArray
from storage.curves import decode
from storage.database import Database

POOL = "pool"
"""The model's name of what is published."""
_ISSUES = """
issues (run_id) AS (  -- the first run of each period that counted the same
    SELECT min(run_id) FROM blocks JOIN runs USING (run_id)
    WHERE watch = :watch AND counted = :counted AND published = 1 AND mode = 'live'
    GROUP BY running
)"""


class Outcomes(NamedTuple):
    """What came: arrays of one length, in no order. `data_as_of` are ISO dates."""

    series: IntArray
    period: IntArray
    observed: IntArray
    data_as_of: Sequence[str] = ()


class Due(NamedTuple):
    """Distributions of one model in one block that forecast one period.

    `series` and `horizon` are (cases,); `cdf` is (cases, grid) on `support`.
    """

    block: int
    model: str
    series: IntArray
    horizon: IntArray
    support: IntArray
    cdf: FloatArray


class Scores:
    """Outcomes and scores of one database."""

    def __init__(self, database: Database) -> None:
        """Take a database; only its owner enters outcomes and scores."""
        self._database = database

    def first_issue(self, watch: str, counted: str) -> int | None:
        """Return the running period of the first forecasts of these counts, None before them."""
        first: int | None = self._database.value(
            "SELECT min(running) FROM blocks JOIN runs USING (run_id) "
            "WHERE watch = ? AND counted = ? AND published = 1 AND mode = 'live'",
            [watch, counted],
        )
        return first

    def series(self, watch: str) -> dict[RegionKey, int]:
        """Return the number of every series of a watch that was ever forecast."""
        rows = self._database.rows(
            "SELECT region_key, series_id FROM series WHERE watch = ?", [watch]
        )
        return {tuple(json.loads(key)): number for key, number in rows}

    def outcomes(self, watch: str, counted: str, since: int) -> Outcomes:
        """Return the newest outcome of every series and period from `since` on."""
        rows = self._database.rows(
            "SELECT series_id, period_index, observed, max(run_id) FROM outcomes "
            "JOIN runs USING (run_id) JOIN series USING (series_id) "
            "WHERE watch = ? AND counted = ? AND period_index >= ? AND published = 1 "
            "GROUP BY series_id, period_index",
            [watch, counted, since],
        )
        table = np.array(rows, dtype=np.int64).reshape(-1, 4)
        return Outcomes(table[:, 0], table[:, 1], table[:, 2])

    def due(self, watch: str, counted: str, period: int, series: Sequence[int]) -> Iterator[Due]:
        """Yield the forecasts of one period that were ahead when they were made, block by block."""
        blocks = self._database.rows(
            f"WITH {_ISSUES} SELECT block_id FROM blocks JOIN issues USING (run_id) "  # noqa: S608
            "WHERE watch = :watch AND :period BETWEEN running AND running + horizons - 1",
            {"watch": watch, "counted": counted, "period": period},
        )
        wanted = json.dumps(list(series))
        for (block,) in blocks:
            yield from self._due(block, period, wanted)

    def _due(self, block: int, period: int, series: str) -> Iterator[Due]:
        rows = self._database.rows(
            "SELECT series_id, horizon, curve FROM json_each(?) CROSS JOIN forecasts "
            "ON series_id = value WHERE block_id = ? AND period_index = ? ORDER BY series_id",
            [series, block, period],
        )
        if not rows:
            return
        horizon = {number: step for number, step, _ in rows}
        yield _distributions(block, POOL, horizon, [(number, curve) for number, _, curve in rows])
        naive: dict[str, list[tuple[int, bytes]]] = {}
        for number, model, curve in self._database.rows(
            "SELECT series_id, model, curve FROM json_each(?) CROSS JOIN benchmarks "
            "ON series_id = value WHERE block_id = ? ORDER BY series_id",
            [json.dumps(list(horizon)), block],
        ):
            naive.setdefault(model, []).append((number, curve))
        for model, curves in naive.items():
            yield _distributions(block, model, horizon, curves)

    def enter_outcomes(self, run: int, counted: str, outcomes: Outcomes) -> None:
        """Stage what came under an unpublished run, in one transaction."""
        rows = zip(
            outcomes.series.tolist(),
            outcomes.period.tolist(),
            outcomes.observed.tolist(),
            outcomes.data_as_of,
            strict=True,
        )
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO outcomes (series_id, period_index, run_id, counted, observed, "
                "data_as_of) VALUES (?, ?, ?, ?, ?, ?)",
                ((series, period, run, counted, *rest) for series, period, *rest in rows),
            )

    def enter_scores(
        self, run: int, period: int, scored: Iterable[tuple[Due, Sequence[Any]]]
    ) -> None:
        """Stage scores under an unpublished run, in one transaction.

        Args:
            run: the run that saw the outcome.
            period: which one came.
            scored: what was scored, with its crps, log scores and narrowest intervals (0: none).
        """
        with self._database.transaction() as connection:
            for due, marks in scored:
                _enter(connection, run, period, due, marks)


def _enter(
    connection: sqlite3.Connection, run: int, period: int, due: Due, marks: Sequence[Any]
) -> None:
    columns = [due.series, due.horizon, *marks]
    connection.executemany(
        "INSERT INTO scores (run_id, model, block_id, series_id, horizon, period_index, crps, "
        "log_score, held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0))",
        (
            (run, due.model, due.block, series, horizon, period, *rest)
            for series, horizon, *rest in zip(*(c.tolist() for c in columns), strict=True)
        ),
    )


def _distributions(
    block: int, model: str, horizon: dict[int, int], curves: list[tuple[int, bytes]]
) -> Due:
    support, cdf = decode([curve for _, curve in curves])
    series = np.array([number for number, _ in curves], dtype=np.int64)
    steps = np.array([horizon[number] for number, _ in curves], dtype=np.int64)
    return Due(block, model, series, steps, support, cdf)
