"""What is known of one region: the incidents behind its counts, its past forecasts, its alerts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from core.alerts import Alert
from core.incidents import Coverage
from core.regions import ABROAD, UNKNOWN, RegionKey
from core.settings import WatchSettings
from storage.alerts import ALERT_COLUMNS, alert_of
from storage.counting import list_incidents
from storage.database import Database


class Behind(NamedTuple):
    """One incident behind a count, as its source has it; texts that are not known are None."""

    date: str
    feed: str
    source_id: str
    country: str | None
    admin1: str | None
    admin2: str | None
    actor: str | None
    target: str | None
    kind: str | None
    fatalities: int | None
    source: str | None


class PastForecast(NamedTuple):
    """What was forecast of a period, by the first run of the period in which it was made."""

    period_index: int
    run_id: int
    cutoff: str
    q05: int
    q25: int
    q50: int
    q75: int
    q95: int


class Regional:
    """Answers about single regions."""

    def __init__(self, database: Database) -> None:
        """Take a database opened in any mode."""
        self._database = database

    def behind(
        self,
        watch: WatchSettings,
        stretch: tuple[date, date],
        as_of: str | None,
        coverage: Mapping[str, Sequence[Coverage]],
    ) -> dict[RegionKey, list[int]]:
        """Return by region the numbers of the incidents in a stretch of days, the newest first."""
        found: dict[RegionKey, list[int]] = {}
        for region, number in list_incidents(self._database, watch, stretch, as_of, coverage):
            for key in (region, *_abroad(region, watch)):
                found.setdefault(key, []).append(number)
        return found

    def incidents(
        self, numbers: Iterable[int], feeds: Sequence[str], most: int | None = None
    ) -> list[Behind]:
        """Return incidents by their numbers, the newest first, of some feeds only."""
        rows = self._database.rows(
            "SELECT date, name, source_id, country, admin1, admin2, actor, target, i.kind, "
            "fatalities, source FROM incidents AS i JOIN feeds USING (feed_id) "
            "WHERE incident_id IN (SELECT value FROM json_each(?)) "
            "AND name IN (SELECT value FROM json_each(?)) ORDER BY date DESC, incident_id LIMIT ?",
            [json.dumps(list(numbers)), json.dumps(list(feeds)), -1 if most is None else most],
        )
        return [Behind(*row) for row in rows]

    def counted(self, numbers: Iterable[int], since: date) -> dict[str, int]:
        """Return by feed how many of some incidents are dated on a day or after it."""
        return dict(
            self._database.rows(
                "SELECT name, count(*) FROM incidents AS i JOIN feeds USING (feed_id) "
                "WHERE incident_id IN (SELECT value FROM json_each(?)) AND date >= ? "
                "GROUP BY name ORDER BY name",
                [json.dumps(list(numbers)), since.isoformat()],
            )
        )

    def past_forecasts(
        self, watch: str, counted: str, region: RegionKey, ahead: int, since: int
    ) -> list[PastForecast]:
        """Return what live runs forecast of periods from `since` on, `ahead` periods before them.

        Of the runs of one period the first counts, as in the track record: it knew least.

        Args:
            watch: whose forecasts.
            counted: what they count (`blocks.counted`).
            region: of which region.
            ahead: 0 is the period that was running when the forecast was made.
            since: index of the first period.
        """
        rows = self._database.rows(
            "WITH issues (run_id, cutoff, running) AS (SELECT min(run_id), cutoff, running "
            "FROM blocks JOIN runs USING (run_id) WHERE watch = :watch AND counted = :counted "
            "AND published = 1 AND mode = 'live' AND running + :ahead >= :since GROUP BY running) "
            "SELECT period_index, run_id, cutoff, q05, q25, q50, q75, q95 "
            "FROM issues JOIN blocks AS b USING (run_id, running) "
            "JOIN series AS s ON s.watch = b.watch AND s.region_key = :region "
            "JOIN forecasts AS f ON f.block_id = b.block_id AND f.series_id = s.series_id "
            "WHERE b.watch = :watch AND period_index = running + :ahead ORDER BY period_index",
            {
                "watch": watch,
                "counted": counted,
                "region": json.dumps(region, ensure_ascii=False),
                "ahead": ahead,
                "since": since,
            },
        )
        return [PastForecast(*row) for row in rows]

    def alerts(self, watch: str, region: RegionKey) -> list[Alert]:
        """Return the live alerts of a region, the newest first."""
        rows = self._database.rows(
            f"SELECT {ALERT_COLUMNS} FROM alerts "  # noqa: S608 - own texts
            "WHERE scope = 'live' AND watch = ? AND region_key = ? "
            "ORDER BY opened_at DESC, alert_id",
            [watch, json.dumps(region, ensure_ascii=False)],
        )
        return [alert_of(row) for row in rows]


def _abroad(region: RegionKey, watch: WatchSettings) -> Iterable[RegionKey]:
    """Yield the region "(abroad)" that an incident counts for as well, as counting has it."""
    if watch.home is None:
        return
    place = watch.group_by.index("country")
    if region[place] not in {watch.home, UNKNOWN}:
        yield (*region[:place], ABROAD, *region[place + 1 :])
