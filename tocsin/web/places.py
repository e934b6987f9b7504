"""Where the regions of a watch are, as a viewer may know it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from core.distance import haversine_km
from core.regions import label
from core.series import FloatArray
from core.settings import FeedSettings, WatchSettings
from storage.centroids import centroids
from storage.reading import RunRow
from tocsin.stored import known_at
from tocsin.stores import Stores
from tocsin.web.access import Viewer

_DIGITS = 4
"""Of a degree: ten metres."""


@dataclass(frozen=True)
class Places:
    """Latitude and longitude in degrees by region, `rounded` to whole ones or not."""

    known: Mapping[str, tuple[float, float]]
    rounded: bool = False

    @cached_property
    def coarse(self) -> Places:
        """Return them rounded to whole degrees, some 100 km, for those who are outside.

        The centre of one or two incidents is where they happened.
        """
        known = {region: (round(at[0], 0), round(at[1], 0)) for region, at in self.known.items()}
        return Places(known, rounded=True)

    def nearest(
        self, region: str, among: Collection[str], most: int
    ) -> Sequence[tuple[str, float]]:
        """Return the regions around one, with kilometres from centre to centre, nearest first."""
        here = self.known.get(region)
        if here is None:
            return []
        closest = np.argsort(-self._directions @ _direction(np.array([here]))[0], kind="stable")
        others = (self._regions[n] for n in closest.tolist())
        near = islice((one for one in others if one != region and one in among), most)
        return [(one, haversine_km(here, self.known[one])) for one in near]

    @cached_property
    def _regions(self) -> Sequence[str]:
        return list(self.known)

    @cached_property
    def _directions(self) -> FloatArray:
        """Return (regions, 3) directions from the middle of the earth."""
        return _direction(np.array(list(self.known.values())))


def _direction(places: FloatArray) -> FloatArray:
    """Return unit vectors; the larger their product, the nearer two places."""
    north, east = np.radians(places).T
    return np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )


def places_of(stores: Stores, watch: WatchSettings, run: RunRow) -> Places:
    """Return where the regions of a run are.

    Raises:
        StorageError: when the database cannot be used.
    """
    at = known_at(run)
    coverage = stores.incidents.coverage(watch.feeds, at)
    found = centroids(stores.database, watch, run.cutoff, at, coverage)
    return Places(
        {
            label(region): (round(at.latitude, _DIGITS), round(at.longitude, _DIGITS))
            for region, at in found.items()
        }
    )


def places_for(viewer: Viewer, feeds: Iterable[FeedSettings], places: Places) -> Places:
    """Return the places of a watch as a viewer may know them; `feeds` are those that it counts."""
    return places if all(may_show(feed, viewer) for feed in feeds) else places.coarse


def may_show(feed: FeedSettings, viewer: Viewer) -> bool:
    """Return whether a viewer may see a feed's incidents one by one: `share` is for outside."""
    return feed.share == "rows" or not viewer.outside
