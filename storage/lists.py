"""Long lists of what is stored, page by page: runs, pulls, quarantine, a region's forecasts.

Every page is one query by key: nothing is counted and nothing skipped, however long the list.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from core.forecasts import Mode
from core.regions import RegionKey
from storage.database import Database
from storage.feed_log import PullRow, QuarantinedRow

LAST = 2**62
"""A key above all others: the start of a list that runs downwards."""


class ListedRun(NamedTuple):
    """A published run and the watches that it forecast."""

    run_id: int
    cutoff: str
    mode: Mode
    version: str
    label: str
    started_at: str
    finished_at: str
    reasons: tuple[str, ...]
    watches: tuple[str, ...]


class PastForecast(NamedTuple):
    """What a run said of one period of a region, and what became of it, None while unknown.

    `observed` is the newest count of the period that any run saw complete.
    """

    run_id: int
    cutoff: str
    mode: Mode
    label: str
    data_as_of: str
    horizon: int
    period_index: int
    median: int
    low_90: int
    high_90: int
    mean: float
    observed: int | None


class Lists:
    """Lists over one database. Every `limit` is a number of rows, but for `history`: runs."""

    def __init__(self, database: Database) -> None:
        """Take a database opened in any mode."""
        self._database = database

    def runs(self, watches: Sequence[str], limit: int, before: int = LAST) -> list[ListedRun]:
        """Return published runs of any of some watches, newest first, from below a number."""
        rows = self._database.rows(_RUNS, {**_names(watches), "before": before, "limit": limit})
        return [
            ListedRun._make((*row, tuple(json.loads(reasons)), tuple(json.loads(names))))
            for *row, reasons, names in rows
        ]

    def pulls(
        self, feeds: Sequence[str], limit: int, before: int = LAST
    ) -> list[tuple[int, PullRow]]:
        """Return the pull log of some feeds with its keys, newest first, from below a key."""
        rows = self._database.rows(_PULLS, {**_names(feeds), "before": before, "limit": limit})
        return [(number, PullRow._make(row)) for number, *row in rows]

    def quarantined(
        self, feed: str, limit: int, after: int = 0
    ) -> list[tuple[int, QuarantinedRow]]:
        """Return what a feed's last good pull left out, with keys, in order, from above a key."""
        rows = self._database.rows(_QUARANTINE, {"feed": feed, "after": after, "limit": limit})
        return [(number, QuarantinedRow._make(row)) for number, *row in rows]

    def history(
        self, watch: str, region: RegionKey, limit: int, before: int = LAST
    ) -> list[PastForecast]:
        """Return what runs said of a region, the newest first, from below a run's number."""
        key = json.dumps(region, ensure_ascii=False)
        bound = {"watch": watch, "key": key, "before": before, "limit": limit}
        return [PastForecast._make(row) for row in self._database.rows(_HISTORY, bound)]


def _names(names: Sequence[str]) -> dict[str, str]:
    return {"names": json.dumps(list(names))}


_RUNS = """
SELECT
    run_id, cutoff, mode, version, label, started_at, finished_at, reasons,
    (SELECT json_group_array(watch) FROM (
        SELECT DISTINCT watch FROM blocks WHERE blocks.run_id = runs.run_id
        AND watch IN (SELECT value FROM json_each(:names)) ORDER BY watch))
FROM runs
WHERE published = 1 AND run_id < :before AND EXISTS (
    SELECT 1 FROM json_each(:names)
    JOIN blocks ON blocks.watch = value AND blocks.run_id = runs.run_id)
ORDER BY run_id DESC LIMIT :limit"""
_PULLS = """
SELECT pull_id, name, at, status, origin, added, revised, deleted, unchanged, quarantined, reason
FROM pulls JOIN feeds USING (feed_id)
WHERE pull_id < :before AND name IN (SELECT value FROM json_each(:names))
ORDER BY pull_id DESC LIMIT :limit"""
_QUARANTINE = """
SELECT quarantine_id, line, reason, excerpt FROM quarantine WHERE quarantine_id > :after
AND pull_id = (
    SELECT max(pull_id) FROM pulls JOIN feeds USING (feed_id)
    WHERE name = :feed AND status = 'new')
ORDER BY quarantine_id LIMIT :limit"""
_HISTORY = """
WITH
wanted AS (SELECT series_id FROM series WHERE watch = :watch AND region_key = :key),
held AS MATERIALIZED (
    SELECT run_id, block_id, standings.data_as_of FROM runs
    JOIN blocks USING (run_id)
    JOIN standings USING (block_id)
    WHERE published = 1 AND blocks.watch = :watch AND run_id < :before
    AND standings.series_id = (SELECT series_id FROM wanted)
    ORDER BY run_id DESC LIMIT :limit
)
SELECT
    run_id, runs.cutoff, runs.mode, runs.label, held.data_as_of, horizon, f.period_index,
    q50, q05, q95, mean,
    (SELECT observed FROM outcomes AS o WHERE o.series_id = f.series_id
     AND o.period_index = f.period_index ORDER BY o.run_id DESC LIMIT 1)
FROM held JOIN runs USING (run_id)
JOIN forecasts AS f ON f.block_id = held.block_id
    AND f.series_id = (SELECT series_id FROM wanted)
ORDER BY run_id DESC, horizon"""
