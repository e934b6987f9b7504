"""What came of the periods that were forecast, and which alerts were firing meanwhile."""

from __future__ import annotations

import json
from typing import NamedTuple

from core.periods import Period
from core.regions import RegionKey
from storage.database import Database


class CameRow(NamedTuple):
    """The newest outcome of a period of a region, and the stamp since when it is known."""

    region: RegionKey
    period: int
    observed: int
    known_at: str


class SpellRow(NamedTuple):
    """When an alert was firing: stamps; `ended` None while it goes on."""

    region: RegionKey
    alert_id: str
    fired: str
    ended: str | None


class CountedRow(NamedTuple):
    """What runs of a watch counted: its name, period and noun, and the first and last running."""

    name: str
    period: Period
    unit: str
    first: int
    last: int


class Came:
    """Answers over one database."""

    def __init__(self, database: Database) -> None:
        """Take a database opened in any mode."""
        self._database = database

    def outcomes(self, watch: str, counted: str, since: int) -> list[CameRow]:
        """Return the newest outcome of every region and period from `since` on."""
        rows = self._database.rows(
            "SELECT region_key, period_index, observed, finished_at, max(run_id) FROM outcomes "
            "JOIN runs USING (run_id) JOIN series USING (series_id) "
            "WHERE watch = ? AND counted = ? AND period_index >= ? AND published = 1 "
            "GROUP BY series_id, period_index",
            [watch, counted, since],
        )
        return [CameRow(tuple(json.loads(row[0])), *row[1:4]) for row in rows]

    def spells(self, watch: str, rule: str) -> list[SpellRow]:
        """Return when the live alerts of a rule were firing."""
        rows = self._database.rows(
            "SELECT region_key, alert_id, min(at), resolved_at FROM alerts "
            "JOIN alert_events USING (alert_id) "
            "WHERE scope = 'live' AND watch = ? AND rule = ? AND to_state = 'firing' "
            "GROUP BY alert_id",
            [watch, rule],
        )
        return [SpellRow(tuple(json.loads(key)), *rest) for key, *rest in rows]

    def totals(self, watch: str, counted: str) -> set[RegionKey]:
        """Return the regions that runs forecast as sums of others."""
        rows = self._database.rows(
            "SELECT DISTINCT region_key FROM blocks JOIN standings USING (block_id) "
            "JOIN series USING (series_id) "
            "WHERE blocks.watch = ? AND counted = ? AND total = 1",
            [watch, counted],
        )
        return {tuple(json.loads(key)) for (key,) in rows}

    def counted(self, watch: str) -> list[CountedRow]:
        """Return all that live runs of a watch have counted, what its newest run did last."""
        rows = self._database.rows(
            "SELECT counted, period, unit, min(running), max(running), max(run_id) FROM blocks "
            "JOIN runs USING (run_id) WHERE watch = ? AND published = 1 AND mode = 'live' "
            "GROUP BY counted ORDER BY 6",
            [watch],
        )
        return [CountedRow(row[0], Period(row[1]), *row[2:5]) for row in rows]
