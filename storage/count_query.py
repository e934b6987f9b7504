"""A count of incidents or counts, put together as SQL and answered with canonical names."""

# ruff: noqa: S608 - SQL is put together from texts of this room only; values are bound.

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from core.regions import UNKNOWN, RegionKey
from core.series import Cells, IntArray
from core.settings import CELL, SITE, WatchSettings
from storage.abroad import with_abroad
from storage.countable import (
    COARSEST_PRECISION,
    COUNTS,
    INDEX,
    NEAR_SITES,
    PLACES,
    Countable,
    watch_error,
)
from storage.database import Database
from storage.names import Names
from storage.packing import Rows, tally
from storage.precedence import Owners
from storage.selection import Selection, literal, owned, shown_as
from storage.summing import summed

_FEED_AND_COUNTRY = ("feed_id", "country")
_EXTRA_NAME = re.compile(r'[^"\\]{1,200}')


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


class CountQuery:
    """A count being put together. Only texts of this room enter the SQL; the rest is bound."""

    def __init__(self, watch: WatchSettings, source: Countable, names: Names) -> None:
        self._watch, self._source, self._names = watch, source, names
        self._bound: dict[str, Any] = {}
        feeds = "SELECT feed_id FROM feeds JOIN json_each(:feeds) ON name = value"
        self._conditions = [f"feed_id IN ({feeds})", f"{source.day} <= :cutoff"]
        if source.precision and COARSEST_PRECISION[watch.period] < 5:
            self._conditions.append(f"date_precision <= {COARSEST_PRECISION[watch.period]}")
        self._table = source.table
        if SITE in watch.group_by:
            self._table, near = NEAR_SITES
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
        """Give values for the names in the conditions."""
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
        if self._table == self._source.table and not owners:
            cells = self._tallied(database)
        else:
            cells = self._summed(database, owners)
        return with_abroad(cells, self._watch) if self._watch.home else cells

    def _tallied(self, database: Database) -> Cells:
        adds = self._source.measures[self._watch.measure]
        number = self._source.number
        where = Rows(self._table, number, " AND ".join(self._conditions), self._bound, adds)
        keys = self._keys()
        found = tally(database, where, self._source.day, keys, self._watch.period)
        self._require_columns(found.names)
        places: dict[RegionKey, int] = {}
        region = np.array(
            [places.setdefault(self._key(raw), len(places)) for raw in found.names], dtype=np.int64
        )
        return summed(list(places), region[found.place], found.period, found.added)

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

    def versions(self, database: Database) -> tuple[list[RegionKey], Iterator[Version]]:
        """Return the regions, known when all versions have been taken, and the versions."""
        keys: list[RegionKey] = []
        return keys, self._versions(database, keys)

    def _versions(self, database: Database, keys: list[RegionKey]) -> Iterator[Version]:
        told = _FEED_AND_COUNTRY if self._watch.precedence else ("NULL", "NULL")
        named, shown = self._feed_and_country(database), self._keys()
        sql = self._grouping(shown, (*told, "seen_at", "superseded_at"))
        places: dict[RegionKey, int] = {}
        known: dict[tuple[str | None, ...], int] = {}
        for row in database.each(sql, self._bound):
            raw = row[1 : 1 + len(shown)]
            if raw not in known:
                key = self._key(raw)
                if key not in places:
                    places[key] = len(keys)
                    keys.append(key)
                known[raw] = places[key]
            yield Version(known[raw], row[0], *named(*row[-5:-3]), *row[-3:])
        self._require_columns(list(known))

    def listed(self, database: Database, owners: Owners | None) -> list[tuple[RegionKey, int]]:
        """Return region and number of every incident, by date."""
        if self._source is COUNTS:
            return []
        keys = self._keys()
        index = INDEX[self._watch.period].format(day=self._source.day)
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
        index = INDEX[self._watch.period].format(day=self._source.day)
        columns = f"feed_id, country, min({index}), max({index})"
        rows = database.rows(f"{self._select(columns)} GROUP BY 1, 2", self._bound)
        feeds = dict(database.rows("SELECT feed_id, name FROM feeds"))
        return owned(rows, feeds, self._names, owners, self._watch.period)

    def unplaced(self, database: Database) -> int:
        """Return how many rows have no coordinates; counts without incidents have none to lack."""
        if self._source is COUNTS:
            return 0
        self._conditions.append("(latitude IS NULL OR longitude IS NULL)")
        return int(database.value(self._select("count(*)"), self._bound))

    def middles(self, database: Database) -> dict[RegionKey, tuple[float, float]]:
        """Return the mean latitude and longitude of each region's rows, in degrees.

        Regions on both sides of the date line have their middle in between, far from either.
        """
        if self._source is COUNTS:
            return {}
        keys = self._keys()
        sums = "sum(latitude), sum(longitude), count(*)"
        self._conditions.append("latitude IS NOT NULL AND longitude IS NOT NULL")
        groups = ", ".join(str(n + 1) for n in range(len(keys)))
        sql = f"{self._select(', '.join([*keys, sums]))} GROUP BY {groups}"
        found: dict[RegionKey, list[float]] = {}
        for *raw, latitude, longitude, rows in database.rows(sql, self._bound):
            total = found.setdefault(self._key(raw), [0.0, 0.0, 0.0])
            total[:] = total[0] + latitude, total[1] + longitude, total[2] + rows
        return {key: (north / rows, east / rows) for key, (north, east, rows) in found.items()}

    def _grouped(self, database: Database, apart: Sequence[str]) -> list[Any]:
        """Return (period, *group_by, *apart, count) rows; names are raw.

        Raises:
            InputError: when the watch groups by a column that its feeds do not have.
        """
        keys = self._keys()
        rows = database.rows(self._grouping(keys, apart), self._bound)
        self._require_columns([row[1 : 1 + len(keys)] for row in rows])
        return rows

    def _grouping(self, keys: Sequence[str], apart: Sequence[str]) -> str:
        index = INDEX[self._watch.period].format(day=self._source.day)
        measure = f"sum({self._source.measures[self._watch.measure]})"
        groups = ", ".join(str(n + 1) for n in range(1 + len(keys) + len(apart)))
        return f"{self._select(', '.join([index, *keys, *apart, measure]))} GROUP BY {groups}"

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
        if self._source is COUNTS:
            problem = f"its feeds give counts, which have no {column!r}"
            raise watch_error(self._watch, problem, 'use group_by = ["region"]')
        if column in PLACES:
            return PLACES[column]
        if not _EXTRA_NAME.fullmatch(column):
            raise watch_error(self._watch, f"no column can be named {column!r}", "")
        self.bind(**{name: f'$."{column}"'})
        return f"CAST(json_extract(extra, :{name}) AS TEXT)"

    def _require_columns(self, raws: Sequence[Sequence[str | None]]) -> None:
        for place, column in enumerate(self._watch.group_by):
            missing = column not in self._source.columns and all(raw[place] is None for raw in raws)
            if raws and missing and column == CELL:
                raise watch_error(self._watch, "its feeds have no coordinates", "map them")
            if raws and missing:
                mend = "map it in [[feeds]] columns, or group by another"
                raise watch_error(self._watch, f"its feeds have no column {column!r}", mend)
