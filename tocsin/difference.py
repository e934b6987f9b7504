"""What is known differently at two moments: rows, counts, and the runs and alerts it touches.

The shape of the answer is documented in docs/as-of.md; its keys are a promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.incidents import Coverage
from core.regions import RegionKey, label
from core.series import Cells
from core.settings import WatchSettings
from storage.changes import Change, Changes
from tocsin.stores import Stores

Cell = tuple[RegionKey, int]
Moved = dict[Cell, tuple[int, int]]
"""(region, period) → count before and after."""


def difference(
    stores: Stores, watches: Sequence[WatchSettings], since: str, until: str, today: date
) -> dict[str, Any]:
    """Return what changed after one stamp until another, as documented JSON.

    Args:
        stores: the database.
        watches: whose feeds, counts, runs and alerts.
        since: a stamp.
        until: a later one.
        today: events dated after it count nowhere.
    """
    changes = Changes(stores.database, since, until)
    feeds = list(dict.fromkeys(feed for watch in watches for feed in watch.feeds))
    counts = changes.counts(feeds)
    rows: dict[str, list[Change]] = {feed: [] for feed in feeds}
    for change in changes.listed(feeds):
        rows[change.feed].append(change)
    return {
        "from": since,
        "to": until,
        "feeds": [
            {
                "feed": feed,
                **counts[feed],
                "coverage": {
                    "from": _covered(stores.incidents.coverage([feed], since)[feed]),
                    "to": _covered(stores.incidents.coverage([feed], until)[feed]),
                },
                "changes": [_row(change) for change in rows[feed]],
            }
            for feed in feeds
        ],
        "watches": [_watch(stores, changes, watch, (since, until), today) for watch in watches],
    }


def _covered(stretches: Sequence[Coverage]) -> str | None:
    """Return the last day that is covered anywhere."""
    return max((part.through.isoformat() for part in stretches), default=None)


def _row(change: Change) -> dict[str, Any]:
    fields = {
        name: {"from": before, "to": after} for name, (before, after) in change.fields.items()
    }
    return {"kind": change.kind, "id": change.record, "date": change.day, "fields": fields}


def _watch(
    stores: Stores,
    changes: Changes,
    watch: WatchSettings,
    stamps: tuple[str, str],
    today: date,
) -> dict[str, Any]:
    known = _Known(stores, watch, today, stamps)
    moved = known.moved(stamps[0])
    return {
        "watch": watch.name,
        "period": watch.period.value,
        "counts": [
            {
                "region": label(region),
                "period": watch.period.label(period),
                "from": before,
                "to": after,
            }
            for (region, period), (before, after) in sorted(moved.items())
        ],
        "runs": _runs(changes, watch, known) if moved else [],
        "alerts": _alerts(changes, watch, moved) if moved else [],
    }


class _Known:
    """A watch's counts as known at some stamps, against those at the last one."""

    def __init__(
        self, stores: Stores, watch: WatchSettings, today: date, stamps: tuple[str, str]
    ) -> None:
        self._stores, self._watch, self._today, self._first = stores, watch, today, stamps[0]
        self._after = self._counts(stamps[1])
        self._moved: dict[str, Moved] = {}

    def moved(self, stamp: str) -> Moved:
        """Return the counts that changed since a stamp, or since the first if that is later."""
        base = max(stamp, self._first)
        if base not in self._moved:
            before, after = self._counts(base), self._after
            self._moved[base] = {
                cell: (before.get(cell, 0), after.get(cell, 0))
                for cell in before.keys() | after.keys()
                if before.get(cell, 0) != after.get(cell, 0)
            }
        return self._moved[base]

    def _counts(self, stamp: str) -> dict[Cell, int]:
        cells: Cells = self._stores.incidents.cells(self._watch, self._today, stamp)
        return {
            (cells.keys[region], period): count
            for region, period, count in zip(
                cells.region.tolist(), cells.period.tolist(), cells.count.tolist(), strict=True
            )
        }


def _runs(changes: Changes, watch: WatchSettings, known: _Known) -> list[dict[str, Any]]:
    """Return the runs that were made from counts that have changed since."""
    found = []
    for run in changes.runs(watch.name):
        last = watch.period.of(run.cutoff)
        touched = {region for region, period in known.moved(run.watermark) if period <= last}
        regions = touched and touched & changes.regions(run.run_id, watch.name)
        if regions:
            found.append(
                {
                    "run": run.run_id,
                    "cutoff": run.cutoff.isoformat(),
                    "watermark": run.watermark,
                    "mode": run.mode,
                    "regions": sorted(map(label, regions)),
                }
            )
    return found


def _alerts(changes: Changes, watch: WatchSettings, moved: Moved) -> list[dict[str, Any]]:
    """Return the alerts in regions whose counts changed in a period that they looked back on."""
    first: dict[RegionKey, int] = {}
    for region, period in moved:
        first[region] = min(period, first.get(region, period))
    return [
        {
            "id": alert.alert_id,
            "rule": alert.rule,
            "region": label(alert.region),
            "state": alert.state.value,
            "severity": alert.severity,
            "scope": alert.scope,
        }
        for alert in changes.alerts(watch.name)
        if alert.region in first and first[alert.region] <= watch.period.of(alert.data_through)
    ]
