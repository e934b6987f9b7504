"""Counts per region and period as of a cut-off: what a watch sees of the incident store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from core.incidents import Coverage
from core.regions import RegionKey
from core.series import Cells
from core.settings import SITE, WatchSettings
from storage.count_query import CountQuery, Version
from storage.countable import countable
from storage.database import Database
from storage.names import Names
from storage.precedence import Owners
from storage.selection import Selection


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


def count_versions(
    database: Database, watch: WatchSettings, cutoff: date, as_of: str | None, since: date
) -> tuple[list[RegionKey], Iterator[Version]]:
    """Return every version, seen until `as_of`, of counts of events from `since` to `cutoff`.

    Versions are yielded as they are read; the regions are all known after the last one.

    Raises:
        InputError: as `count_cells`, after the last one.
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


def find_middles(
    database: Database, watch: WatchSettings, cutoff: date, as_of: str | None
) -> dict[RegionKey, tuple[float, float]]:
    """Return latitude and longitude of the middle of each region's incidents, where known.

    Raises:
        InputError: as `count_cells`.
    """
    return _query(database, watch, cutoff, as_of).middles(database)


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
) -> CountQuery:
    """Return the query for a watch; with `since`, for all versions of events from that day on."""
    query = CountQuery(watch, countable(database, watch), Names.of(database))
    query.cut(as_of, since)
    query.bind(cutoff=cutoff.isoformat(), as_of=as_of, feeds=json.dumps(watch.feeds))
    for number, (column, globs) in enumerate(sorted(watch.where.items())):
        query.narrow(database, f"where{number}", column, globs)
    return query
