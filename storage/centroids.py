"""Where a watch's regions are: the middle of the incidents that it counts in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from core.incidents import Coverage
from core.regions import RegionKey
from core.settings import WatchSettings
from storage.counting import selection
from storage.database import Database

_SUMS = (
    "count(*), sum(latitude), sum(longitude), sum(longitude < 0), min(longitude), max(longitude)"
)


class Centroid(NamedTuple):
    """The middle of a region's incidents, in degrees, and how many have coordinates."""

    latitude: float
    longitude: float
    incidents: int


def centroids(
    database: Database,
    watch: WatchSettings,
    cutoff: date,
    as_of: str | None,
    coverage: Mapping[str, Sequence[Coverage]],
) -> dict[RegionKey, Centroid]:
    """Return the centroid of every region whose incidents have coordinates, as known at `as_of`.

    Counts without incidents have none; neither has "(abroad)", which is many places.

    Raises:
        InputError: as `storage.counting.count_cells`.
    """
    counted = selection(database, watch, cutoff, as_of, coverage)
    if not counted.deaths:
        return {}
    keys = len(counted.keys)
    located = counted.select(
        f"{', '.join(counted.keys)}, {_SUMS}",
        "latitude IS NOT NULL AND longitude IS NOT NULL",
        tail=f"GROUP BY {', '.join(str(n + 1) for n in range(keys))}",
    )
    return {tuple(row[:keys]): _middle(*row[keys:]) for row in database.rows(located)}


def _middle(
    count: int, north: float, east: float, western: int, lowest: float, highest: float
) -> Centroid:
    """Return the mean place; incidents on both sides of the date line are neighbours."""
    across = highest - lowest > 180
    longitude = (east + 360 * western if across else east) / count
    return Centroid(north / count, longitude - 360 if longitude > 180 else longitude, count)
