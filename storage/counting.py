"""Counts per region and period as of a cut-off: what a watch sees of the incident store."""

# ruff: noqa: S608 - SQL is put together from texts of this module only; values are bound.

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from core.errors import InputError
from core.periods import Period
from core.regions import UNKNOWN, RegionKey
from core.series import Cells
from core.settings import WatchSettings
from storage.database import Database
from storage.names import Names

_INDEX = {
    Period.MONTH: "substr({day}, 1, 4) * 12 + substr({day}, 6, 2) - 1",
    Period.WEEK: "(CAST(julianday({day}) - 1721424.5 AS INTEGER) - 1) / 7",
    Period.DAY: "CAST(julianday({day}) - 1721424.5 AS INTEGER)",
}
"""`core.periods.Period.of` in SQL; 1721424.5 is the Julian day of the day before 0001-01-01."""

_INCIDENT_COLUMNS = ("country", "admin1", "admin2", "actor", "target", "kind")
_EXTRA_NAME = re.compile(r'[^"\\]{1,200}')
_COARSEST_PRECISION = {Period.MONTH: 5, Period.WEEK: 3, Period.DAY: 3}
"""UCDP's date precision 4 (a month) and 5 (more) say nothing of the day or week."""


@dataclass(frozen=True)
class _Source:
    """A table that can be counted: its name, day column, columns and measures."""

    table: str
    day: str
    columns: tuple[str, ...]
    measures: dict[str, str]
    precision: bool


_INCIDENTS = _Source(
    "incidents",
    "date",
    _INCIDENT_COLUMNS,
    {"incidents": "count(*)", "fatalities": "coalesce(sum(fatalities), 0)"},
    precision=True,
)
_COUNTS = _Source("counts", "day", ("region",), {"incidents": "sum(events)"}, precision=False)


def count_cells(database: Database, watch: WatchSettings, cutoff: date, as_of: str | None) -> Cells:
    """Return a watch's counts of events dated until `cutoff`, as known at stamp `as_of`.

    Raises:
        InputError: when the watch mixes incidents and counts, or groups counts by anything but
            their region, or names a column that none of its feeds has.
    """
    query = _Query(watch, _source(database, watch), Names.of(database))
    query.bind(cutoff=cutoff.isoformat(), as_of=as_of, feeds=json.dumps(watch.feeds))
    for number, (column, globs) in enumerate(sorted(watch.where.items())):
        query.narrow(database, f"where{number}", column, globs)
    return query.counted(database)


class _Query:
    """A count being put together. Only texts of this module enter the SQL; the rest is bound."""

    def __init__(self, watch: WatchSettings, source: _Source, names: Names) -> None:
        self._watch, self._source, self._names = watch, source, names
        self._bound: dict[str, Any] = {}
        # The first line is an OR on purpose: a bare "superseded_at IS NULL" would be answered from
        # the index of current rows, which is eight times slower than one scan of the table.
        history = (
            "(:as_of IS NULL AND superseded_at IS NULL OR "
            "seen_at <= :as_of AND (superseded_at IS NULL OR superseded_at > :as_of))"
        )
        feeds = "SELECT feed_id FROM feeds JOIN json_each(:feeds) ON name = value"
        self._conditions = [f"feed_id IN ({feeds})", f"{source.day} <= :cutoff", history]
        if source.precision and _COARSEST_PRECISION[watch.period] < 5:
            self._conditions.append(f"date_precision <= {_COARSEST_PRECISION[watch.period]}")

    def bind(self, **values: object) -> None:
        self._bound |= values

    def narrow(
        self, database: Database, name: str, column: str, globs: str | tuple[str, ...]
    ) -> None:
        """Keep the rows whose canonical name in `column` matches one of the globs."""
        shown = f"coalesce({self._expression(name, column)}, '{UNKNOWN}')"
        raws = [row[0] for row in database.rows(self._select(f"DISTINCT {shown}"), self._bound)]
        wanted = (globs,) if isinstance(globs, str) else globs
        self.bind(**{f"{name}_in": json.dumps(self._names.matching(column, raws, wanted))})
        self._conditions.append(f"{shown} IN (SELECT value FROM json_each(:{name}_in))")

    def counted(self, database: Database) -> Cells:
        """Return the counts, raw names brought to canonical ones and added up."""
        columns = self._watch.group_by
        keys = [self._expression(f"key{n}", column) for n, column in enumerate(columns)]
        index = _INDEX[self._watch.period].format(day=self._source.day)
        measure = self._source.measures[self._watch.measure]
        groups = ", ".join(str(n + 1) for n in range(len(keys) + 1))
        selected = ", ".join([index, *keys, measure])
        rows = database.rows(f"{self._select(selected)} GROUP BY {groups}", self._bound)
        self._require_columns(rows)
        places: dict[RegionKey, int] = {}
        known: dict[tuple[str | None, ...], int] = {}
        for row in rows:
            raw = row[1:-1]
            if raw not in known:
                key = tuple(map(self._names.canonical, columns, raw))
                known[raw] = places.setdefault(key, len(places))
        return _cells(list(places), [known[row[1:-1]] for row in rows], rows)

    def _select(self, columns: str) -> str:
        where = " AND ".join(self._conditions)
        return f"SELECT {columns} FROM {self._source.table} WHERE {where}"

    def _expression(self, name: str, column: str) -> str:
        """Return SQL for a column; one that has no name of its own is a key of `extra`."""
        if column in self._source.columns:
            return column
        if self._source is _COUNTS:
            problem = f"its feeds give counts, which have no {column!r}"
            raise _watch_error(self._watch, problem, 'use group_by = ["region"]')
        if not _EXTRA_NAME.fullmatch(column):
            raise _watch_error(self._watch, f"no column can be named {column!r}", "")
        self.bind(**{name: f'$."{column}"'})
        return f"CAST(json_extract(extra, :{name}) AS TEXT)"

    def _require_columns(self, rows: list[Any]) -> None:
        for place, column in enumerate(self._watch.group_by, start=1):
            missing = column not in self._source.columns and all(row[place] is None for row in rows)
            if rows and missing:
                mend = "map it in [[feeds]] columns, or group by another"
                raise _watch_error(self._watch, f"its feeds have no column {column!r}", mend)


def _source(database: Database, watch: WatchSettings) -> _Source:
    """Return what the watch counts. A watch over feeds without rows counts no incidents."""
    holding = [
        source
        for source in (_INCIDENTS, _COUNTS)
        if database.value(
            f"SELECT 1 FROM {source.table} JOIN feeds USING (feed_id) "
            "WHERE name IN (SELECT value FROM json_each(?)) LIMIT 1",
            [json.dumps(watch.feeds)],
        )
    ]
    if len(holding) > 1:
        problem = "it mixes feeds of incidents with feeds of counts, which cannot be added"
        raise _watch_error(watch, problem, "make one watch for each")
    source = holding[0] if holding else _INCIDENTS
    if watch.measure not in source.measures:
        problem = f"its feeds give counts, which have no {watch.measure}"
        raise _watch_error(watch, problem, 'use measure = "incidents"')
    return source


def _watch_error(watch: WatchSettings, problem: str, mend: str) -> InputError:
    return InputError(f"watch {watch.name!r}", problem, mend)


def _cells(keys: list[RegionKey], place: list[int], rows: list[Any]) -> Cells:
    """Return (period, …, count) rows added up by region and period, regions in order."""
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys))
    region = rank[np.array(place, dtype=np.int64)]
    period = np.array([row[0] for row in rows], dtype=np.int64)
    count = np.array([row[-1] for row in rows], dtype=np.int64)
    span = int(period.max(initial=0)) + 1
    code, cell = np.unique(region * span + period, return_inverse=True)
    total = np.zeros(len(code), dtype=np.int64)
    np.add.at(total, cell, count)
    return Cells([keys[n] for n in order], code // span, code % span, total)
