"""The track record: scores of published runs, added up, each outcome as a run knew it last."""

# ruff: noqa: S608 - SQL is put together from texts of this module only; values are bound.

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from core.forecasts import INTERVALS
from core.regions import RegionKey
from storage.database import Database


class Asked(NamedTuple):
    """Which scores: of one watch and what it counts, of periods from `since` on, before `until`.

    `run` is the last run whose knowledge counts; `horizon` and `series` None take all of them;
    `first` takes each outcome as it was first seen, not as it is known now.
    """

    watch: str
    counted: str
    run: int
    since: int = 0
    horizon: int | None = None
    series: Sequence[int] | None = None
    first: bool = False
    until: int | None = None


class Tally(NamedTuple):
    """Scores added up over the regions. `held` counts what each of INTERVALS held."""

    horizon: int
    period: int
    model: str
    forecasts: int
    crps: float
    log_score: float
    held: Sequence[int]


class RegionTally(NamedTuple):
    """CRPS of one series and period added up over the horizons."""

    series: int
    period: int
    model: str
    forecasts: int
    crps: float


class NewestTally(NamedTuple):
    """One series' newest forecasts, one period ahead: sums over `forecasts` periods.

    `held` counts the intervals of 90 % that held; `other` is the CRPS of the model compared with.
    """

    series: int
    first: int
    last: int
    forecasts: int
    held: int
    crps: float
    other: float


class MemberShare(NamedTuple):
    """The mean weight of a model in one run's forecasts, and how many regions it has a share in."""

    model: str
    horizon: int
    weight: float
    regions: int


class Record:
    """Answers about scores and outcomes."""

    def __init__(self, database: Database) -> None:
        """Take a database opened in any mode."""
        self._database = database

    def newest_run(self) -> int:
        """Return the newest published run, 0 before the first."""
        newest: int = self._database.value(
            "SELECT coalesce(max(run_id), 0) FROM runs WHERE published = 1"
        )
        return newest

    def tallies(self, asked: Asked) -> list[Tally]:
        """Return the scores by horizon, target period and model."""
        held = ", ".join(f"sum(coalesce(held <= {width}, 0))" for width in INTERVALS)
        rows = self._database.rows(
            f"SELECT horizon, period_index, model, count(*), sum(crps), sum(log_score), {held} "
            f"FROM {_scores(asked)} GROUP BY horizon, period_index, model",
            _bound(asked),
        )
        return [Tally._make((*row[:6], row[6:])) for row in rows]

    def regions(self, asked: Asked, models: Sequence[str]) -> list[RegionTally]:
        """Return the CRPS of some models by series and target period."""
        rows = self._database.rows(
            "SELECT series_id, period_index, model, count(*), sum(crps) "
            f"FROM {_scores(asked)} AND model IN (SELECT value FROM json_each(:models)) "
            "GROUP BY series_id, period_index, model",
            {**_bound(asked), "models": json.dumps(list(models))},
        )
        return [RegionTally(*row) for row in rows]

    def newest(self, asked: Asked, over: int, ours: str, theirs: str) -> list[NewestTally]:
        """Return per series its newest `over` periods of which both models' forecasts came due.

        Where several forecasts of a period were one period ahead, the first one counts.
        """
        rows = self._database.rows(
            "WITH pair AS (SELECT s.series_id, s.period_index AS period, "
            "max(CASE s.model WHEN :ours THEN s.crps END) AS crps, "
            "max(CASE s.model WHEN :theirs THEN s.crps END) AS other, "
            "max(CASE s.model WHEN :ours THEN coalesce(s.held <= 90, 0) END) AS held, "
            "row_number() OVER (PARTITION BY s.series_id, s.period_index ORDER BY s.block_id) "
            f"AS issue FROM {_scores(asked)} AND s.model IN (:ours, :theirs) "
            "GROUP BY s.series_id, s.period_index, s.block_id), "
            "newest AS (SELECT *, row_number() OVER (PARTITION BY series_id ORDER BY period DESC) "
            "AS age FROM pair WHERE issue = 1 AND crps IS NOT NULL AND other IS NOT NULL) "
            "SELECT series_id, min(period), max(period), count(*), sum(held), sum(crps), "
            "sum(other) FROM newest WHERE age <= :over GROUP BY series_id ORDER BY series_id",
            {**_bound(asked._replace(horizon=1)), "over": over, "ours": ours, "theirs": theirs},
        )
        return [NewestTally(*row) for row in rows]

    def members(self, asked: Asked) -> list[MemberShare]:
        """Return the weights in the newest live run of a watch, by horizon; zeros are left out.

        Periods do not matter here: those forecasts have not come due.
        """
        rows = self._database.rows(
            "WITH used AS (SELECT horizon, blend_id, count(*) AS forecasts "
            "FROM blocks JOIN forecasts USING (block_id) WHERE watch = :watch "
            "AND counted = :counted AND run_id = (SELECT max(run_id) FROM blocks "
            "JOIN runs USING (run_id) WHERE watch = :watch AND published = 1 AND mode = 'live' "
            "AND run_id <= :run) AND (:horizon IS NULL OR horizon = :horizon) "
            "AND (:series IS NULL OR series_id IN (SELECT value FROM json_each(:series))) "
            "GROUP BY horizon, blend_id), "
            "all_of AS (SELECT horizon, sum(forecasts) AS forecasts FROM used GROUP BY horizon) "
            "SELECT share.key, horizon, sum(share.value * used.forecasts) / all_of.forecasts, "
            "sum(used.forecasts) FROM used JOIN all_of USING (horizon) "
            "JOIN blends USING (blend_id) JOIN json_each(blends.weights) AS share "
            "GROUP BY share.key, horizon ORDER BY horizon, 3 DESC, 1",
            _bound(asked),
        )
        return [MemberShare(*row) for row in rows]

    def revised(self, asked: Asked) -> int:
        """Return how many outcomes are known otherwise than they were first seen."""
        count: int = self._database.value(
            "SELECT count(*) FROM (SELECT 1 FROM outcomes JOIN series USING (series_id) "
            "WHERE watch = :watch AND counted = :counted AND run_id <= :run "
            "AND period_index >= :since AND (:until IS NULL OR period_index < :until) "
            "AND (:series IS NULL OR "
            "series_id IN (SELECT value FROM json_each(:series))) "
            "GROUP BY series_id, period_index HAVING count(*) > 1)",
            _bound(asked),
        )
        return count

    def cutoff(self, run: int) -> date | None:
        """Return the cut-off of a run, None when there is no such run."""
        day = self._database.value("SELECT cutoff FROM runs WHERE run_id = ?", [run])
        return day and date.fromisoformat(day)

    def names(self, watch: str) -> dict[int, RegionKey]:
        """Return the region of every series of a watch."""
        rows = self._database.rows(
            "SELECT series_id, region_key FROM series WHERE watch = ?", [watch]
        )
        return {number: tuple(json.loads(key)) for number, key in rows}

    def issues(self, watch: str, counted: str, since: int) -> list[int]:
        """Return the runs whose forecasts are scored: the first of each period, oldest first."""
        rows = self._database.rows(
            "SELECT min(run_id) FROM blocks JOIN runs USING (run_id) WHERE watch = ? "
            "AND counted = ? AND running >= ? AND published = 1 AND mode = 'live' "
            "GROUP BY running ORDER BY 1",
            [watch, counted, since],
        )
        return [run for (run,) in rows]


def _scores(asked: Asked) -> str:
    """Return the SQL of a run's scores, each of the outcome that counts.

    A run that is not published yet is always the newest one: `run` shuts it out, and only that
    run itself, by its own number, sees what it has staged.
    """
    other = "<" if asked.first else ">"
    return (
        "runs CROSS JOIN scores AS s USING (run_id) JOIN blocks AS b USING (block_id) "
        "WHERE (runs.published = 1 OR runs.run_id = :run) AND runs.run_id <= :run "
        "AND runs.mode = 'live' "
        "AND b.watch = :watch AND b.counted = :counted AND s.period_index >= :since "
        "AND (:until IS NULL OR s.period_index < :until) "
        "AND (:horizon IS NULL OR s.horizon = :horizon) "
        "AND (:series IS NULL OR s.series_id IN (SELECT value FROM json_each(:series))) "
        "AND NOT EXISTS (SELECT 1 FROM outcomes AS o WHERE o.series_id = s.series_id "
        f"AND o.period_index = s.period_index AND o.run_id {other} s.run_id "
        "AND o.run_id <= :run AND o.counted = :counted)"
    )


def _bound(asked: Asked) -> dict[str, object]:
    series = None if asked.series is None else json.dumps(list(asked.series))
    return {
        "watch": asked.watch,
        "counted": asked.counted,
        "run": asked.run,
        "since": asked.since,
        "until": asked.until,
        "horizon": asked.horizon,
        "series": series,
    }
