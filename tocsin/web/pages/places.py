"""Where the regions of a watch are, as a viewer may know it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk
from tocsin.web.kept import Kept

_KEPT = 16


@dataclass(frozen=True)
class Places:
    """Latitude and longitude in degrees by region; `rounded` to whole ones, of whom is outside."""

    known: Mapping[str, tuple[float, float]]
    rounded: bool

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


_PLACES: Kept[Places] = Kept(_KEPT)


def places_of(desk: Desk, viewer: Viewer, watch: WatchSettings, run: RunRow) -> Places:
    """Return where the regions of a run are.

    The centre of one or two incidents is where they happened. Whoever may not see a feed's
    incidents one by one gets it rounded to whole degrees, some 100 km.

    Raises:
        StorageError: when the database cannot be used.
    """
    rounded = not all(may_show(feed, viewer) for feed in desk.config.feeds_of(watch))
    key = (desk.database, watch.name, run.run_id, rounded)
    return _PLACES.get(key, lambda: _read(desk, watch, run, rounded=rounded))


def may_show(feed: FeedSettings, viewer: Viewer) -> bool:
    """Return whether a viewer may see a feed's incidents one by one: `share` is for outside."""
    return feed.share == "rows" or not viewer.outside


def _read(desk: Desk, watch: WatchSettings, run: RunRow, *, rounded: bool) -> Places:
    with desk.unhurried() as stores:
        at = known_at(run)
        coverage = stores.incidents.coverage(watch.feeds, at)
        found = centroids(stores.database, watch, run.cutoff, at, coverage)
    digits = 0 if rounded else 4
    known = {
        label(region): (round(at.latitude, digits), round(at.longitude, digits))
        for region, at in found.items()
    }
    return Places(known, rounded)
