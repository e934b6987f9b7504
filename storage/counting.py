"""Counts per region and period as of a cut-off: what a watch sees of the incident store."""

# ruff: noqa: S608 - SQL is put together from texts of this module only; values are bound.

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from core.errors import InputError
from core.incidents import Coverage
from core.periods import Period
from core.regions import UNKNOWN, RegionKey
from core.series import Cells, IntArray
from core.settings import CELL, SITE, WatchSettings
from storage.abroad import with_abroad
from storage.database import Database
from storage.names import Names
from storage.packing import Rows, tally
from storage.precedence import Owners
from storage.selection import Selection, literal, owned, shown_as
from storage.summing import summed

_INDEX = {
    Period.MONTH: "substr({day}, 1, 4) * 12 + substr({day}, 6, 2) - 1",
    Period.WEEK: "(CAST(julianday({day}) - 1721424.5 AS INTEGER) - 1) / 7",
    Period.DAY: "CAST(julianday({day}) - 1721424.5 AS INTEGER)",
}
"""`core.periods.Period.of` in SQL; 1721424.5 is the Julian day of the day before 0001-01-01."""

_CELL = (
    "(min(CAST((latitude + 90) * 2 AS INTEGER), 359) * 720"
    " + min(CAST((longitude + 180) * 2 AS INTEGER), 719) + 1)"
)
"""`core.cells.cell_of` in SQL; NULL without coordinates."""
_NEAR_SITES = (
    f"incidents JOIN site_cells ON site_cell = {_CELL} JOIN sites USING (site)",
    "distance_km(latitude, longitude, site_latitude, site_longitude) <= radius_km",
)
"""An incident once for every site within whose radius it lies, and the condition for that."""
_INCIDENT_COLUMNS = ("country", "admin1", "admin2", "actor", "target", "kind")
_FEED_AND_COUNTRY = ("feed_id", "country")
_PLACES = {CELL: f"CAST({_CELL} AS TEXT)", SITE: SITE}
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


def count_cells(
    database: Database,
    watch: WatchSettings,
    cutoff: date,
    as_of: str | None,
    coverage: Mapping[str, Sequence[Coverage]],
) -> Cells:
    """Return a watch's counts of events dated until `cutoff`, as known at stamp `as_of`.

    `coverage` decides which feed counts, where the watch declares a precedence.

    Raises:
        InputError: when the watch mixes incidents and counts, or groups counts by anything but
            their region, or names a column that none of its feeds has.
    """
    query = _query(database, watch, cutoff, as_of)
    return query.counted(database, Owners(watch, coverage) if watch.precedence else None)


class Version(NamedTuple):
    """One count of a region's period while a version of its rows stood.

    `region` is a place in the list of keys; `superseded` is None for what still stands. `feed` and
    `country` are told where the watch declares a precedence, "" elsewhere.
    """

    region: int
    period: int
    feed: str
    country: str
    seen: str
    superseded: str | None
    counted: int


def count_versions(
    database: Database, watch: WatchSettings, cutoff: date, as_of: str | None, since: date
) -> tuple[list[RegionKey], list[Version]]:
    """Return every version, seen until `as_of`, of counts of events from `since` to `cutoff`.

    Raises:
        InputError: as `count_cells`.
    """
    query = _query(database, watch, cutoff, as_of, since)
    return query.versions(database)


def count_unplaced(
    database: Database, watch: WatchSettings, cutoff: date, as_of: str | None
) -> int:
    """Return how many incidents of a watch have no coordinates, so that no site counts them."""
    where = {column: globs for column, globs in watch.where.items() if column != SITE}
    everywhere = watch.model_copy(update={"group_by": ("country",), "where": where})
    return _query(database, everywhere, cutoff, as_of).unplaced(database)


def list_incidents(
    database: Database,
    watch: WatchSettings,
    stretch: tuple[date, date],
    as_of: str | None,
    coverage: Mapping[str, Sequence[Coverage]],
) -> list[tuple[RegionKey, int]]:
    """Return region and number of every incident that a watch counts in a stretch of days.

    An incident stands once for each of its regions, as it was known at `as_of`, in the order of
    time; "(abroad)" has none of its own. Counts without incidents have none to list.

    Raises:
        InputError: as `count_cells`.
    """
    query = _query(database, watch, stretch[1], as_of)
    query.begin(stretch[0])
    return query.listed(database, Owners(watch, coverage) if watch.precedence else None)


def selection(
    database: Database,
    watch: WatchSettings,
    cutoff: date,
    as_of: str | None,
    coverage: Mapping[str, Sequence[Coverage]],
) -> Selection:
    """Return which rows `count_cells` counts, as SQL that stands on its own.

    Raises:
        InputError: as `count_cells`, but for columns that no feed has.
    """
    owners = Owners(watch, coverage) if watch.precedence else None
    return _query(database, watch, cutoff, as_of).selection(database, owners)


def _query(
    database: Database,
    watch: WatchSettings,
    cutoff: date,
    as_of: str | None,
    since: date | None = None,
) -> _Query:
    """Return the query for a watch; with `since`, for all versions of events from that day on."""
    query = _Query(watch, _source(database, watch), Names.of(database))
    query.cut(as_of, since)
    query.bind(cutoff=cutoff.isoformat(), as_of=as_of, feeds=json.dumps(watch.feeds))
    for number, (column, globs) in enumerate(sorted(watch.where.items())):
        query.narrow(database, f"where{number}", column, globs)
    return query


class _Query:
    """A count being put together. Only texts of this module enter the SQL; the rest is bound."""

    def __init__(self, watch: WatchSettings, source: _Source, names: Names) -> None:
        self._watch, self._source, self._names = watch, source, names
        self._bound: dict[str, Any] = {}
        feeds = "SELECT feed_id FROM feeds JOIN json_each(:feeds) ON name = value"
        self._conditions = [f"feed_id IN ({feeds})", f"{source.day} <= :cutoff"]
        if source.precision and _COARSEST_PRECISION[watch.period] < 5:
            self._conditions.append(f"date_precision <= {_COARSEST_PRECISION[watch.period]}")
        self._table = source.table
        if SITE in watch.group_by:
            self._table, near = _NEAR_SITES
            self._conditions.append(near)

    def cut(self, as_of: str | None, since: date | None) -> None:
        """Keep what was known at :as_of; with `since`, all that was known until then."""
        if since:
            known = f"(:as_of IS NULL OR seen_at <= :as_of) AND {self._source.day} >= :since"
            self.bind(since=since.isoformat())
        elif as_of is None:
            # The plus keeps SQLite from answering this from the index of current rows, which is
            # eight times slower than one scan of the table.
            known = "+superseded_at IS NULL"
        else:
            known = "seen_at <= :as_of AND (superseded_at IS NULL OR superseded_at > :as_of)"
        self._conditions.append(known)

    def begin(self, first: date) -> None:
        """Keep the rows of a day and after it."""
        self._conditions.append(f"{self._source.day} >= :first_day")
        self.bind(first_day=first.isoformat())

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

    def counted(self, database: Database, owners: Owners | None) -> Cells:
        """Return the counts, raw names brought to canonical ones and added up.

        `owners` leaves out the rows of feeds that do not count in a country's period.
        """
        if self._table == "incidents" and self._watch.measure == "incidents" and not owners:
            cells = self._tallied(database)
        else:
            cells = self._summed(database, owners)
        return with_abroad(cells, self._watch) if self._watch.home else cells

    def _tallied(self, database: Database) -> Cells:
        where = Rows(self._table, "incident_id", " AND ".join(self._conditions), self._bound)
        keys = self._keys()
        found = tally(database, where, self._source.day, keys, self._watch.period)
        self._require_columns(found.names)
        places: dict[RegionKey, int] = {}
        region = np.array(
            [places.setdefault(self._key(raw), len(places)) for raw in found.names], dtype=np.int64
        )
        return summed(list(places), region[found.place], found.period, found.rows)

    def _summed(self, database: Database, owners: Owners | None) -> Cells:
        rows = self._grouped(database, _FEED_AND_COUNTRY if owners else ())
        if owners:
            named = self._feed_and_country(database)
            rows = [
                (*row[:-3], row[-1])
                for row in rows
                if owners.counts(*named(row[-3], row[-2]), row[0])
            ]
        keys, region = self._regions(rows)
        period = np.array([row[0] for row in rows], dtype=np.int64)
        count = np.array([row[-1] for row in rows], dtype=np.int64)
        return summed(keys, region, period, count)

    def versions(self, database: Database) -> tuple[list[RegionKey], list[Version]]:
        """Return the regions, and every version of their counts."""
        told = _FEED_AND_COUNTRY if self._watch.precedence else ("NULL", "NULL")
        rows = self._grouped(database, (*told, "seen_at", "superseded_at"))
        named = self._feed_and_country(database)
        keys, region = self._regions(rows)
        return keys, [
            Version(place, row[0], *named(*row[-5:-3]), *row[-3:])
            for place, row in zip(region.tolist(), rows, strict=True)
        ]

    def listed(self, database: Database, owners: Owners | None) -> list[tuple[RegionKey, int]]:
        """Return region and number of every incident, by date."""
        if self._source is _COUNTS:
            return []
        keys = self._keys()
        index = _INDEX[self._watch.period].format(day=self._source.day)
        selected = ", ".join([*keys, index, "feed_id", "country", "incident_id"])
        order = f"ORDER BY {self._source.day} DESC, incident_id"
        named = self._feed_and_country(database)
        return [
            (self._key(row[: len(keys)]), row[-1])
            for row in database.rows(f"{self._select(selected)} {order}", self._bound)
            if not owners or owners.counts(*named(row[-3], row[-2]), row[-4])
        ]

    def _feed_and_country(
        self, database: Database
    ) -> Callable[[int | None, str | None], tuple[str, str]]:
        """Return what names a row's feed and country."""
        feeds = dict(database.rows("SELECT feed_id, name FROM feeds"))

        def named(feed: int | None, country: str | None) -> tuple[str, str]:
            return feeds.get(feed, ""), self._names.canonical("country", country)

        return named

    def _regions(self, rows: list[Any]) -> tuple[list[RegionKey], IntArray]:
        """Return the canonical keys of rows, and each row's place among them."""
        names = slice(1, 1 + len(self._watch.group_by))
        places: dict[RegionKey, int] = {}
        known: dict[tuple[str | None, ...], int] = {}
        for row in rows:
            raw = row[names]
            if raw not in known:
                known[raw] = places.setdefault(self._key(raw), len(places))
        return list(places), np.array([known[row[names]] for row in rows], dtype=np.int64)

    def selection(self, database: Database, owners: Owners | None) -> Selection:
        """Return the rows that are counted; `owners` leaves out feeds where they do not count."""
        where = [literal(condition, self._bound) for condition in self._conditions]
        if owners:
            where.append(self._owned(database, owners))
        keys = zip(self._keys(), self._watch.group_by, strict=True)
        has_country = "country" in self._source.columns
        return Selection(
            table=self._table,
            where=" AND ".join(where),
            day=self._source.day,
            events="1" if self._source.precision else "events",
            keys=tuple(self._shown(database, key, column) for key, column in keys),
            country=self._shown(database, "country", "country") if has_country else None,
            deaths=self._source.precision,
        )

    def _shown(self, database: Database, expression: str, column: str) -> str:
        raws = [
            row[0] for row in database.rows(self._select(f"DISTINCT {expression}"), self._bound)
        ]
        return shown_as(literal(expression, self._bound), column, raws, self._names)

    def _owned(self, database: Database, owners: Owners) -> str:
        index = _INDEX[self._watch.period].format(day=self._source.day)
        columns = f"feed_id, country, min({index}), max({index})"
        rows = database.rows(f"{self._select(columns)} GROUP BY 1, 2", self._bound)
        feeds = dict(database.rows("SELECT feed_id, name FROM feeds"))
        return owned(rows, feeds, self._names, owners, self._watch.period)

    def unplaced(self, database: Database) -> int:
        """Return how many rows have no coordinates; counts without incidents have none to lack."""
        if self._source is _COUNTS:
            return 0
        self._conditions.append("(latitude IS NULL OR longitude IS NULL)")
        return int(database.value(self._select("count(*)"), self._bound))

    def _grouped(self, database: Database, apart: Sequence[str]) -> list[Any]:
        """Return (period, *group_by, *apart, count) rows; names are raw.

        Raises:
            InputError: when the watch groups by a column that its feeds do not have.
        """
        keys = self._keys()
        index = _INDEX[self._watch.period].format(day=self._source.day)
        measure = self._source.measures[self._watch.measure]
        groups = ", ".join(str(n + 1) for n in range(1 + len(keys) + len(apart)))
        selected = ", ".join([index, *keys, *apart, measure])
        rows = database.rows(f"{self._select(selected)} GROUP BY {groups}", self._bound)
        self._require_columns([row[1 : 1 + len(keys)] for row in rows])
        return rows

    def _keys(self) -> list[str]:
        """Return the SQL of what the watch groups by."""
        columns = enumerate(self._watch.group_by)
        return [self._expression(f"key{n}", column) for n, column in columns]

    def _key(self, raw: Sequence[str | None]) -> RegionKey:
        return tuple(map(self._names.canonical, self._watch.group_by, raw))

    def _select(self, columns: str) -> str:
        where = " AND ".join(self._conditions)
        return f"SELECT {columns} FROM {self._table} WHERE {where}"

    def _expression(self, name: str, column: str) -> str:
        """Return SQL for a column; one that has no name of its own is a key of `extra`."""
        if column in self._source.columns:
            return column
        if self._source is _COUNTS:
            problem = f"its feeds give counts, which have no {column!r}"
            raise _watch_error(self._watch, problem, 'use group_by = ["region"]')
        if column in _PLACES:
            return _PLACES[column]
        if not _EXTRA_NAME.fullmatch(column):
            raise _watch_error(self._watch, f"no column can be named {column!r}", "")
        self.bind(**{name: f'$."{column}"'})
        return f"CAST(json_extract(extra, :{name}) AS TEXT)"

    def _require_columns(self, raws: Sequence[Sequence[str | None]]) -> None:
        for place, column in enumerate(self._watch.group_by):
            missing = column not in self._source.columns and all(raw[place] is None for raw in raws)
            if raws and missing and column == CELL:
                raise _watch_error(self._watch, "its feeds have no coordinates", "map them")
            if raws and missing:
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
