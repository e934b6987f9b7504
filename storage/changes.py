"""What changed in the store between two stamps, and which forecasts and alerts it touches."""

# ruff: noqa: S608 - SQL is put together from texts of this module only; values are bound.

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

from core.alerts import Alert
from core.regions import RegionKey
from storage.alerts import ALERT_COLUMNS, alert_of
from storage.database import Database
from storage.loading import COUNTS, INCIDENTS, Kept

MOST_LISTED = 10_000
"""Rows that are listed of each feed's table and kind of change; all are counted."""
Kind = Literal["added", "revised", "deleted"]


class Change(NamedTuple):
    """One row that changed. `record` names it within its feed, `fields` say from what to what."""

    feed: str
    kind: Kind
    record: str
    day: str
    fields: Mapping[str, tuple[Any, Any]]


class MadeRun(NamedTuple):
    """A published run of a watch, and what it knew."""

    run_id: int
    cutoff: date
    watermark: str
    mode: str


class Changes:
    """Answers about what happened after the stamp `since`, until the stamp `until`."""

    def __init__(self, database: Database, since: str, until: str) -> None:
        """Take a database and two stamps."""
        self._database = database
        self._bound = {"since": since, "until": until, "most": MOST_LISTED}

    def counts(self, feeds: Sequence[str]) -> dict[str, dict[Kind, int]]:
        """Return per feed how many rows were added, revised and deleted, in all."""
        found: dict[str, dict[Kind, int]] = {
            feed: {"added": 0, "revised": 0, "deleted": 0} for feed in feeds
        }
        for kept in (INCIDENTS, COUNTS):
            for kind in ("added", "revised", "deleted"):
                query = f"{_query(kept, kind, 'name, count(*)')} GROUP BY name"
                for feed, count in self._rows(query, feeds):
                    found[feed][kind] += count
        return found

    def listed(self, feeds: Sequence[str]) -> list[Change]:
        """Return the rows that changed, at most MOST_LISTED of each kind and table."""
        return [
            _change(kept, kind, row)
            for kept in (INCIDENTS, COUNTS)
            for kind in ("added", "revised", "deleted")
            for row in self._rows(_query(kept, kind, _columns(kept)) + " LIMIT :most", feeds)
        ]

    def runs(self, watch: str) -> list[MadeRun]:
        """Return the published runs of a watch that knew less than `until`, newest first."""
        rows = self._rows(
            "SELECT run_id, cutoff, watermark, mode FROM runs WHERE published = 1 "
            "AND watermark < :until AND finished_at <= :until "
            "AND run_id IN (SELECT run_id FROM blocks WHERE watch = :watch) "
            "ORDER BY run_id DESC",
            watch=watch,
        )
        return [MadeRun(run, date.fromisoformat(day), *rest) for run, day, *rest in rows]

    def regions(self, run: int, watch: str) -> set[RegionKey]:
        """Return the regions that a run forecast for a watch."""
        rows = self._rows(
            "SELECT region_key FROM blocks JOIN standings USING (block_id) "
            "JOIN series USING (series_id) WHERE run_id = :run AND blocks.watch = :watch",
            run=run,
            watch=watch,
        )
        return {tuple(json.loads(key)) for (key,) in rows}

    def alerts(self, watch: str) -> list[Alert]:
        """Return the alerts of a watch that were opened until `until`, oldest first."""
        rows = self._rows(
            f"SELECT {ALERT_COLUMNS} FROM alerts WHERE watch = :watch AND opened_at <= :until "
            "ORDER BY opened_at, alert_id",
            watch=watch,
        )
        return [alert_of(row) for row in rows]

    def _rows(self, sql: str, feeds: Sequence[str] = (), **bound: object) -> list[Any]:
        everything = {**self._bound, "feeds": json.dumps(feeds), **bound}
        used = {name: value for name, value in everything.items() if f":{name}" in sql}
        return self._database.rows(sql, used)


def _query(kept: Kept, kind: Kind, columns: str) -> str:
    """Return the SQL for one kind of change: `i` are versions that ended, `s` their successors."""
    ended = "seen_at <= :since AND superseded_at > :since AND superseded_at <= :until"
    begun = (
        "seen_at > :since AND seen_at <= :until AND (superseded_at IS NULL OR "
        "superseded_at > :until)"
    )
    versions = f"SELECT * FROM {kept.table} WHERE feed_id IN (SELECT feed_id FROM chosen) AND"
    keys = " AND ".join(f"i.{column} = s.{column}" for column in ("feed_id", *kept.key))
    joined = {
        "added": f"s LEFT JOIN i ON {keys} WHERE i.feed_id IS NULL",
        "revised": f"s JOIN i ON {keys} WHERE {kept.differs}",
        "deleted": f"i LEFT JOIN s ON {keys} WHERE s.feed_id IS NULL",
    }[kind]
    main = "i" if kind == "deleted" else "s"
    return (
        "WITH chosen AS (SELECT feed_id, name FROM feeds JOIN json_each(:feeds) ON name = value), "
        f"i AS MATERIALIZED ({versions} {ended}), s AS MATERIALIZED ({versions} {begun}) "
        f"SELECT {columns} FROM {joined.replace(' WHERE ', _NAMED.format(main) + ' WHERE ', 1)}"
    )


_NAMED = " JOIN chosen ON chosen.feed_id = {}.feed_id"


def _columns(kept: Kept) -> str:
    """Return the SQL of a feed's name and of both versions' columns."""
    both = [f"{version}.{column}" for version in ("i", "s") for column in kept.columns]
    return ", ".join(["name", *both])


def _change(kept: Kept, kind: Kind, row: Sequence[Any]) -> Change:
    feed, values = row[0], row[1:]
    before = dict(zip(kept.columns, values[: len(kept.columns)], strict=True))
    after = dict(zip(kept.columns, values[len(kept.columns) :], strict=True))
    shown = before if kind == "deleted" else after
    record = ", ".join(str(shown[column]) for column in kept.key)
    fields = {
        column: (before[column], after[column])
        for column in kept.columns
        if kind == "revised" and before[column] != after[column]
    }
    return Change(feed, kind, record, shown["date" if kept is INCIDENTS else "day"], fields)
