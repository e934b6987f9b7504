"""Incidents that are likely one event told twice, within a feed or by two of them.

Two incidents are likely one when they lie at most a day and 10 km apart, have the same actor
(after aliases) and similar fatalities. They are listed, never merged: that is for people to say.

The incidents are read some months at a time and laid on a grid of a tenth of a degree, so that
each is compared with its neighbours of two days only.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import floor
from typing import Any, NamedTuple

from core.distance import haversine_km, reach
from storage.database import Database
from storage.names import Names

NEAR_KM = 10.0
"""The spread that sources give one place; UCDP's where_precision 2 is "within about 25 km"."""
NEAR_DAYS = 1
"""Evening here is morning in the newspaper."""
_STEP = 0.1
"""Degrees; 11 km of latitude."""
_DAY_KNOWN = 2
"""UCDP's date precision up to which a date means a day, or a few."""
AT_ONCE = 50_000
"""Incidents read at a time, unless a single month has more: some 30 MB."""
CROWD = 200
"""Incidents of one actor on one day in one cell of the grid that each other one is compared with;
the time would grow with the square of what a hostile file puts in one place."""


class Told(NamedTuple):
    """An incident as it was told once."""

    feed: str
    source_id: str
    day: date
    country: str
    actor: str
    latitude: float
    longitude: float
    fatalities: int | None


class Pair(NamedTuple):
    """Two incidents that are likely one event; `first` is the earlier one."""

    first: Told
    second: Told
    km: float


@dataclass
class Sweep:
    """What a search saw: incidents compared, left out, and left alone where there is a crowd."""

    compared: int = 0
    left_out: int = 0
    crowded: int = 0


_Square = tuple[int, int, str]
_Squares = dict[_Square, list[Told]]


def likely_duplicates(database: Database, feeds: Sequence[str], sweep: Sweep) -> Iterator[Pair]:
    """Yield the pairs among the current incidents of some feeds, by day; count in `sweep`.

    Incidents without coordinates, without an actor, or dated less precisely than to some days
    are not compared. An incident may stand in several pairs.
    """
    names = Names.of(database)
    bound = json.dumps(feeds)
    sweep.left_out = database.value(_NOT_COMPARED, [bound])
    window: dict[int, _Squares] = {}
    for first, last in _stretches(database.rows(_MONTHS, [bound])):
        for row in database.rows(_INCIDENTS, [bound, first, last]):
            told = _told(row, names)
            sweep.compared += 1
            today = told.day.toordinal()
            for day in [day for day in window if day < today - NEAR_DAYS]:
                del window[day]
            yield from _pairs(told, window)
            square = window.setdefault(today, defaultdict(list))[_square(told)]
            if len(square) < CROWD:
                square.append(told)
            else:
                sweep.crowded += 1


def _stretches(months: Iterable[tuple[str, int]]) -> Iterator[tuple[str, str]]:
    """Yield the first and last month of stretches of at most AT_ONCE incidents."""
    taken: list[str] = []
    held = 0
    for month, count in months:
        if taken and held + count > AT_ONCE:
            yield taken[0], taken[-1]
            taken, held = [], 0
        taken.append(month)
        held += count
    if taken:
        yield taken[0], taken[-1]


def _pairs(told: Told, window: dict[int, _Squares]) -> Iterator[Pair]:
    here = told.latitude, told.longitude
    for other in _neighbours(told, window):
        km = haversine_km((other.latitude, other.longitude), here)
        if km <= NEAR_KM and similar(other.fatalities, told.fatalities):
            yield Pair(other, told, km)


def similar(a: int | None, b: int | None) -> bool:
    """Return whether two counts may be of one event: a quarter or one apart; unknown fits all."""
    if a is None or b is None:
        return True
    return abs(a - b) <= max(1.0, max(a, b) / 4)


def _neighbours(told: Told, window: dict[int, _Squares]) -> Iterator[Told]:
    """Yield the incidents of the same actor that may lie near, across the date line too."""
    north, east = reach(told.latitude, NEAR_KM)
    rows = range(_floor(told.latitude - north), _floor(told.latitude + north) + 1)
    first = _floor(told.longitude - east)
    width = min(_floor(told.longitude + east) - first + 1, _AROUND)
    columns = [(first + step + _AROUND // 2) % _AROUND - _AROUND // 2 for step in range(width)]
    for squares in window.values():
        if width > len(squares):  # near a pole a circle reaches every longitude
            yield from (t for (_, _, a), some in squares.items() if a == told.actor for t in some)
            continue
        for row in rows:
            for column in columns:
                yield from squares.get((row, column, told.actor), ())


_AROUND = round(360 / _STEP)


def _square(told: Told) -> _Square:
    column = (_floor(told.longitude) + _AROUND // 2) % _AROUND - _AROUND // 2
    return _floor(told.latitude), column, told.actor


def _floor(degrees: float) -> int:
    return floor(degrees / _STEP)


def _told(row: Any, names: Names) -> Told:
    feed, source_id, day, country, actor, *rest = row
    where = names.canonical("country", country)
    who = names.canonical("actor", actor)
    return Told(feed, source_id, date.fromisoformat(day), where, who, *rest)


_OF_FEEDS = (
    "FROM incidents JOIN feeds USING (feed_id) WHERE superseded_at IS NULL "
    "AND name IN (SELECT value FROM json_each(?1))"
)
_COMPARED = (
    "latitude IS NOT NULL AND longitude IS NOT NULL AND actor IS NOT NULL "
    f"AND date_precision <= {_DAY_KNOWN}"
)
_NOT_COMPARED = f"SELECT count(*) {_OF_FEEDS} AND NOT ({_COMPARED})"
_MONTHS = f"SELECT substr(date, 1, 7), count(*) {_OF_FEEDS} AND {_COMPARED} GROUP BY 1 ORDER BY 1"
_INCIDENTS = (
    "SELECT name, source_id, date, country, actor, latitude, longitude, fatalities "
    f"{_OF_FEEDS} AND {_COMPARED} AND substr(date, 1, 7) BETWEEN ?2 AND ?3 "
    "ORDER BY date, incident_id"
)
