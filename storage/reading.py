"""What tables and messages show of the database. Imports neither pandas nor sqlite_utils."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from core.alerts import Alert
from core.explanations import Change, Effect
from core.forecasts import Mode, RunKey
from core.periods import Period
from core.predictive import Predictive
from core.regions import RegionKey
from core.series import Completed, LevelSince, Standing
from storage.alerts import ALERT_COLUMNS, OPEN, alert_of
from storage.changed import decode_change
from storage.curves import decode
from storage.database import Database
from storage.feed_log import FeedLog
from storage.history import accessed
from storage.record import Record


class RunRow(NamedTuple):
    """A published run. Stamps are texts of `core.clock.stamp`."""

    run_id: int
    cutoff: date
    watermark: str
    mode: Mode
    version: str
    label: str
    started_at: str
    finished_at: str
    reasons: tuple[str, ...]
    config_hash: str

    @property
    def key(self) -> RunKey:
        """Return what makes two runs the same."""
        return RunKey(self.config_hash, self.cutoff, self.watermark, self.mode)


class HorizonForecast(NamedTuple):
    """The forecast of one period. `weights` names the models that made it, heaviest first."""

    horizon: int
    period_index: int
    mean: float
    q05: int
    q25: int
    q50: int
    q75: int
    q95: int
    weights: dict[str, float]


@dataclass(frozen=True)
class SeriesForecast:
    """One region's standing and its forecasts, in the order of their horizons."""

    key: RegionKey
    standing: Standing
    note: str
    unit: str
    period: Period
    running: int
    late: str
    horizons: tuple[HorizonForecast, ...]
    change: Change | None


@dataclass(frozen=True)
class Block:
    """Series that were forecast together, and their distributions, row by row the same.

    `total`: they are sums of series of other blocks.
    """

    members: tuple[str, ...]
    series: tuple[SeriesForecast, ...]
    predictive: Predictive
    total: bool = False


class OutboxCounts(NamedTuple):
    """Messages by state; `oldest_pending` is the stamp of the oldest one not yet sent."""

    made: int
    delivered: int
    pending: int
    dead: int
    oldest_pending: str | None


_RUN = (
    "SELECT run_id, cutoff, watermark, mode, version, label, started_at, finished_at, reasons, "
    "config_hash FROM runs WHERE published = 1 "
    "AND run_id IN (SELECT run_id FROM blocks WHERE watch = :watch)"
)


class Reader:
    """Answers about published runs, alerts and feeds."""

    def __init__(self, database: Database) -> None:
        """Take a database opened in any mode."""
        self._database = database

    @property
    def record(self) -> Record:
        """Return the reader of scores."""
        return Record(self._database)

    @property
    def feeds(self) -> FeedLog:
        """Return the reader of what was pulled."""
        return FeedLog(self._database)

    @property
    def database(self) -> Database:
        """Return the database that it reads."""
        return self._database

    def latest_run(self, watch: str, as_of: date | None = None) -> RunRow | None:
        """Return the newest published run that forecast a watch.

        Without `as_of` only live runs count. With it: the newest whose cut-off is not after it,
        replays among them only when their cut-off is that very day.
        """
        if as_of is None:
            return self._run(f"{_RUN} AND mode = 'live' ORDER BY run_id DESC", watch=watch)
        return self._run(
            f"{_RUN} AND (cutoff = :day OR mode = 'live' AND cutoff < :day) "
            "ORDER BY cutoff DESC, run_id DESC",
            watch=watch,
            day=as_of.isoformat(),
        )

    def run(self, number: int, watch: str) -> RunRow | None:
        """Return a published run that forecast a watch, by its number."""
        return self._run(f"{_RUN} AND run_id = :run", watch=watch, run=number)

    def previous_run(self, run: RunRow, watch: str) -> RunRow | None:
        """Return the live run before a run, for what changed since; never one cut off later."""
        return self._run(
            f"{_RUN} AND mode = 'live' AND run_id < :run AND cutoff <= :day ORDER BY run_id DESC",
            watch=watch,
            run=run.run_id,
            day=run.cutoff.isoformat(),
        )

    def live_run(self, watch: str, until: date) -> RunRow | None:
        """Return the newest published live run of a watch that is cut off until a day."""
        return self._run(
            f"{_RUN} AND mode = 'live' AND cutoff <= :day ORDER BY run_id DESC",
            watch=watch,
            day=until.isoformat(),
        )

    def expected(
        self, run: int, watch: str, until: int | None = None
    ) -> Iterator[tuple[RegionKey, int, float]]:
        """Yield region, period index and expected count of a run, of periods until an index."""
        rows = self._database.rows(
            "SELECT region_key, period_index, mean FROM blocks JOIN forecasts USING (block_id) "
            "JOIN series USING (series_id) "
            "WHERE run_id = :run AND blocks.watch = :watch "
            "AND (:until IS NULL OR period_index <= :until)",
            {"run": run, "watch": watch, "until": until},
        )
        return ((tuple(json.loads(key)), period, mean) for key, period, mean in rows)

    def counted(self, run: int, watch: str) -> str:
        """Return the name of what a run counted for a watch."""
        found: str = self._database.value(
            "SELECT counted FROM blocks WHERE run_id = ? AND watch = ? LIMIT 1", [run, watch]
        )
        return found

    def late(self, run: int, watch: str) -> str:
        """Return how a run dealt with late reports of a watch, "" where that did not arise."""
        found: str | None = self._database.value(
            "SELECT late FROM blocks WHERE run_id = ? AND watch = ? LIMIT 1", [run, watch]
        )
        return found or ""

    def size(self, run: int, watch: str) -> int:
        """Return of how many series a run holds a forecast."""
        found: int = self._database.value(
            "SELECT count(*) FROM blocks JOIN standings USING (block_id) "
            "WHERE run_id = ? AND watch = ?",
            [run, watch],
        )
        return found

    def forecasts(self, run: int, watch: str) -> list[SeriesForecast]:
        """Return a run's forecasts of a watch, by region."""
        found = [series for block in self.blocks(run, watch) for series in block.series]
        return sorted(found, key=lambda series: series.key)

    def blocks(self, run: int, watch: str) -> Iterator[Block]:
        """Yield a run's forecasts of a watch with their distributions, as they were staged.

        Distributions are decoded block by block, so that a whole watch need not fit in memory.
        """
        rows = self._database.rows(
            "SELECT block_id, period, unit, running, late, members, horizons, dependence, "
            "shared, total "
            "FROM blocks WHERE run_id = ? AND watch = ? ORDER BY block_id",
            [run, watch],
        )
        yield from map(self._block, rows)

    def one(self, run: int, watch: str, key: RegionKey) -> Block | None:
        """Return a run's forecast of one region, a block of its own; None where there is none."""
        rows = self._database.rows(
            "SELECT series_id, block_id, blocks.period, unit, running, late, members, horizons, "
            "dependence, shared, total FROM blocks JOIN standings USING (block_id) "
            "JOIN series USING (series_id) "
            "WHERE run_id = ? AND blocks.watch = ? AND region_key = ? AND series.watch = ?",
            [run, watch, json.dumps(key, ensure_ascii=False), watch],
        )
        return self._block(rows[0][1:], rows[0][0]) if rows else None

    def open_alerts(self, scope: str = "live") -> list[Alert]:
        """Return the alerts of a scope that are pending or firing, newest change first."""
        rows = self._database.rows(
            f"SELECT {ALERT_COLUMNS} FROM alerts "  # noqa: S608 - own texts
            f"WHERE scope = ? AND {OPEN} ORDER BY updated_at DESC, alert_id",
            [scope],
        )
        return [alert_of(row) for row in rows]

    def mark_of_people(self) -> str:
        """Return what changes whenever an alert takes a step, or an analyst says otherwise."""
        (row,) = self._database.rows(
            "SELECT count(*), max(at), (SELECT count(*) + count(ended_at) FROM overrides) "
            "FROM alert_events"
        )
        return " ".join(map(str, row))

    def outbox_counts(self) -> OutboxCounts:
        """Return how many messages were made, and what became of them."""
        (row,) = self._database.rows(
            "SELECT count(*), coalesce(sum(state = 'delivered'), 0), "
            "coalesce(sum(state = 'pending'), 0), coalesce(sum(state = 'dead'), 0), "
            "min(iif(state = 'pending', created_at, NULL)) FROM outbox"
        )
        return OutboxCounts(*row)

    def undelivered(self, now: str) -> tuple[int, str | None]:
        """Return how many messages should have gone out by a stamp, and when the oldest was made.

        Those that wait for their time, such as the end of quiet hours, are not among them.
        """
        (row,) = self._database.rows(
            "SELECT count(*), min(created_at) FROM outbox WHERE state = 'pending' "
            "AND kind <> 'test' AND (tries > 0 OR due_at IS NULL OR due_at <= ?)",
            [now],
        )
        return row[0], row[1]

    def accessed(self, feeds: Sequence[str], as_of: str | None) -> Mapping[str, date]:
        """Return per feed the day of its last good pull; a feed without one is not in it."""
        return accessed(self._database, feeds, as_of)

    def _run(self, sql: str, **bound: object) -> RunRow | None:
        for row in self._database.rows(f"{sql} LIMIT 1", bound):
            fields = list(row)
            fields[1] = date.fromisoformat(fields[1])
            fields[8] = tuple(json.loads(fields[8]))
            return RunRow(*fields)
        return None

    def _block(self, row: Any, only: int | None = None) -> Block:
        """Return a block, or what it holds of one series."""
        block, period, unit, running, late, members, horizons, dependence, shared, total = row
        bound = {"block": block, "only": only}
        rows = self._database.rows(_ONE_STANDING if only else _STANDINGS, bound)
        forecasts, curves = self._horizons(bound)
        support, cdf = decode(curves)
        series = tuple(
            SeriesForecast(
                key=tuple(json.loads(row[1])),
                standing=_standing(row[2:13]),
                note=row[13],
                unit=unit,
                period=Period(period),
                running=running,
                late=late,
                horizons=tuple(forecasts[place * horizons : (place + 1) * horizons]),
                change=decode_change(row[15]),
            )
            for place, row in enumerate(rows)
        )
        return Block(
            tuple(json.loads(members)),
            series,
            Predictive(
                support,
                cdf.reshape(len(rows), horizons, len(support)),
                np.frombuffer(dependence, "<f8").reshape(horizons, horizons),
                np.array([row[14] for row in rows], dtype=np.int64),
                shared,
            ),
            bool(total),
        )

    def _horizons(self, bound: dict[str, Any]) -> tuple[list[HorizonForecast], list[bytes]]:
        """Return a block's forecasts and curves by series and horizon."""
        one = "AND series_id = :only " if bound["only"] else ""
        rows = self._database.rows(f"{_HORIZONS} {one}ORDER BY series_id, horizon", bound)
        blends = {text: json.loads(text) for text in {row[8] for row in rows}}
        return [HorizonForecast._make((*row[:8], blends[row[8]])) for row in rows], [
            row[9] for row in rows
        ]


_STANDING = (
    "SELECT series_id, region_key, recent, newest, tempo, baseline, baseline_first, "
    "baseline_last, data_as_of, opened, completed, since, effects, note, seed, change "
    "FROM standings JOIN series USING (series_id) WHERE block_id = :block "
)
_HORIZONS = (
    "SELECT horizon, period_index, mean, q05, q25, q50, q75, q95, weights, curve "
    "FROM forecasts JOIN blends USING (blend_id) WHERE block_id = :block"
)
_STANDINGS = f"{_STANDING} ORDER BY series_id"
_ONE_STANDING = f"{_STANDING} AND series_id = :only"


def _standing(row: Any) -> Standing:
    recent, newest, tempo, baseline, first, last, data_as_of, opened, completed, since, moved = row
    return Standing(
        tuple(json.loads(recent)),
        *(newest, tempo, baseline, first, last),
        date.fromisoformat(data_as_of),
        tuple(json.loads(opened)),
        tuple(Completed(*one) for one in json.loads(completed)),
        None if since is None else LevelSince(*json.loads(since)),
        tuple(Effect(*one) for one in json.loads(moved)),
    )
