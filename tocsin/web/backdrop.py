"""What region pages draw behind a forecast: every count of the watch, and where it came from.

Counting a watch takes as long for one region as for all, so it is done once for a run, with its
table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from core.regions import ABROAD, ALL, RegionKey, whole_of
from core.series import FloatArray
from core.settings import WatchSettings
from storage.reading import RunRow
from storage.regional import Regional
from tocsin.rule_inputs import count
from tocsin.stored import known_at
from tocsin.stores import Stores

PERIODS_BEHIND = 3
"""Newest periods whose incidents a page lists."""


class Point(NamedTuple):
    """A period of the history: its label and its count, None where no source covers it."""

    period: str
    counted: int | None


@dataclass(frozen=True)
class Backdrop:
    """All counts of a watch as a run knew them.

    Attributes:
        counts: (regions, periods), NaN where no source covers; the last column is the newest
            complete period of its region, whose index is in `ends`.
        places: region → its row.
        behind: region → numbers of the incidents dated on `since` or after it.
    """

    counts: FloatArray
    ends: Sequence[int]
    places: Mapping[RegionKey, int]
    behind: Mapping[RegionKey, Sequence[int]]
    since: date

    def history(self, region: RegionKey, watch: WatchSettings, most: int) -> list[Point]:
        """Return up to `most` newest complete periods of a region, oldest first.

        Periods before the first that a source covers are left out.
        """
        row = self.places.get(region)
        if row is None:
            return []
        counts, end = self.counts[row, -most:], self.ends[row]
        known = np.flatnonzero(~np.isnan(counts))
        first = int(known[0]) if len(known) else len(counts)
        return [
            Point(
                watch.period.label(end - len(counts) + 1 + n),
                None if np.isnan(counts[n]) else int(counts[n]),
            )
            for n in range(first, len(counts))
        ]

    def incidents(self, region: RegionKey) -> Sequence[int]:
        """Return the numbers of the incidents of a region, the newest first; of a total of all."""
        own = self.behind.get(region)
        if own is not None or region not in self.places:
            return own or ()
        parts = (key for key in self.behind if ABROAD not in key)
        return [
            number for key in parts if region in {whole_of(key), ALL} for number in self.behind[key]
        ]

    def observed(self, region: RegionKey, period: int) -> int | None:
        """Return the count of a complete period, None where it is not known."""
        row = self.places.get(region)
        if row is None:
            return None
        column = period - self.ends[row] - 1 + self.counts.shape[1]
        known = 0 <= column < self.counts.shape[1] and not np.isnan(self.counts[row, column])
        return int(self.counts[row, column]) if known else None


def backdrop_of(stores: Stores, watch: WatchSettings, run: RunRow) -> Backdrop:
    """Return the counts behind a run.

    Raises:
        StorageError: when the database cannot be used.
    """
    since, at = watch.period.start(watch.period.of(run.cutoff) - PERIODS_BEHIND), known_at(run)
    panel = count(stores.incidents, watch, run.cutoff, at).built.panel
    coverage = stores.incidents.coverage(watch.feeds, at)
    behind = Regional(stores.database).behind(watch, (since, run.cutoff), at, coverage)
    places = {key: row for row, key in enumerate(panel.keys)}
    return Backdrop(panel.counts, panel.ends.tolist(), places, behind, since)
