"""What each past pull knew: from it, forecasts learn how late reports come."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

import numpy as np

from core.incidents import Coverage
from core.regions import RegionKey
from core.series import Cells, History, IntArray, Vintage
from core.settings import WatchSettings
from storage.abroad import with_abroad
from storage.count_query import Version
from storage.counting import count_versions
from storage.database import Database
from storage.names import Names
from storage.precedence import Owners

_PULLS = (
    "SELECT pull_id, name, substr(coalesce(accessed, at), 1, 10) AS day, "
    "coalesce(seen_at, at) AS known, status FROM pulls JOIN feeds USING (feed_id) "
    "WHERE status <> 'refused' AND name IN (SELECT value FROM json_each(:feeds)) "
    "AND (:as_of IS NULL OR coalesce(seen_at, at) <= :as_of)"
)
"""Good pulls known at a stamp; their day is the one that counted as today."""


def accessed(database: Database, feeds: Sequence[str], as_of: str | None) -> dict[str, date]:
    """Return per feed the day of its last good pull; a feed without one is not in it."""
    rows = database.rows(
        f"SELECT name, max(day) FROM ({_PULLS}) GROUP BY name",  # noqa: S608 - own texts
        {"feeds": json.dumps(feeds), "as_of": as_of},
    )
    return {name: date.fromisoformat(day) for name, day in rows}


def pulled(database: Database, feeds: Sequence[str], as_of: str | None) -> date | None:
    """Return the day until which all of these feeds were looked at, or None before it."""
    last = accessed(database, feeds, as_of)
    return min(last.values()) if last.keys() == set(feeds) else None


def history(
    database: Database, watch: WatchSettings, cutoff: date, as_of: str | None, since: date
) -> History:
    """Return what each good pull until `as_of` knew of a watch's events from `since` on.

    A pull that found nothing new is a vintage too. Vintages begin with the first at which every
    feed of the watch had been pulled.

    Raises:
        InputError: when the watch asks of its feeds what they do not have.
    """
    stamps, vintages = _vintages(database, watch.feeds, as_of)
    keys: list[RegionKey] = []
    stood: Iterator[tuple[Version, int, int]] = iter(())
    if len(stamps) > 1:  # one pull alone teaches nothing, and counting takes its time
        keys, versions = count_versions(database, watch, cutoff, as_of, since)
        stood = ((one, *_span(stamps, one)) for one in versions)
    if watch.precedence:
        stood = _owned(stood, watch, vintages)
    columns = np.fromiter(
        ((one.region, one.period, one.counted, first, last) for one, first, last in stood),
        dtype=np.dtype((np.int64, 5)),
    ).T
    keys, region, rows = _abroad(keys, columns[0], watch)
    period, count, first, last = columns[1:, rows]
    return History(vintages, keys, region, period, count, first, last)


def _span(stamps: list[str], version: Version) -> tuple[int, int]:
    """Return the first vintage that knew a version, and the first that no longer did."""
    gone = version.superseded
    end = len(stamps) if gone is None else bisect_left(stamps, gone)
    return bisect_left(stamps, version.seen), end


def _owned(
    stood: Iterable[tuple[Version, int, int]], watch: WatchSettings, vintages: Sequence[Vintage]
) -> Iterator[tuple[Version, int, int]]:
    """Yield the stretches of vintages in which a version was of the feed that counted."""
    owners = [Owners(watch, vintage.coverage) for vintage in vintages]
    for version, first, last in stood:
        place = (version.feed, version.country, version.period)
        for counts, run in groupby(range(first, last), key=lambda n: owners[n].counts(*place)):
            if counts:
                numbers = list(run)
                yield version, numbers[0], numbers[-1] + 1


def _abroad(
    keys: list[RegionKey], region: IntArray, watch: WatchSettings
) -> tuple[list[RegionKey], IntArray, IntArray]:
    """Return regions, each row's region, and which version it is; actors abroad have rows more."""
    rows = np.arange(len(region), dtype=np.int64)
    cells = Cells(keys, region, rows, np.ones_like(rows))
    if watch.home:
        cells = with_abroad(cells, watch)
    return cells.keys, cells.region, cells.period


def _vintages(
    database: Database, feeds: Sequence[str], as_of: str | None
) -> tuple[list[str], list[Vintage]]:
    """Return the stamp and the vintage of every good pull, once all feeds have one."""
    bound = {"feeds": json.dumps(feeds), "as_of": as_of}
    names = Names.of(database)
    covered: dict[int, list[Coverage]] = {}
    for pull, country, first, through in database.rows(
        f"SELECT pull_id, country, first, through FROM ({_PULLS}) "  # noqa: S608 - own texts
        "JOIN coverage USING (pull_id) ORDER BY pull_id, country, first",
        bound,
    ):
        part = Coverage(country, date.fromisoformat(first), date.fromisoformat(through))
        shown = country and names.canonical("country", country)
        covered.setdefault(pull, []).append(replace(part, country=shown))
    known: dict[str, list[Coverage]] = {}
    stamps, vintages = [], []
    for pull, feed, day, stamp, status in database.rows(f"{_PULLS} ORDER BY known", bound):
        if status == "new":
            known[feed] = covered.get(pull, [])
        if known.keys() == set(feeds):
            stamps.append(stamp)
            vintages.append(Vintage(date.fromisoformat(day), dict(known)))
    return stamps, vintages
