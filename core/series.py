"""Counts per region and period: what storage returns and what models see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.calendars import Occasion
from core.explanations import Effect
from core.incidents import Coverage
from core.periods import Period
from core.regions import RegionKey

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
AnyArray = NDArray[Any]


@dataclass(frozen=True)
class Cells:
    """Counts as of a cut-off, sparse: `count[i]` events of `keys[region[i]]` in `period[i]`.

    The three arrays have one length, in the order of regions and then of periods; a (region,
    period) pair stands at most once. `places` holds
    latitude and longitude in degrees of the middle of each region's incidents, where a watch asks.
    """

    keys: list[RegionKey]
    region: IntArray
    period: IntArray
    count: IntArray
    places: Mapping[RegionKey, tuple[float, float]] = field(default_factory=dict)

    def until(self, period: int) -> Cells:
        """Return the counts of the periods up to this one."""
        then = self.period <= period
        columns = (self.region[then], self.period[then], self.count[then])
        return Cells(self.keys, *columns, self.places)


class Vintage(NamedTuple):
    """A past pull: the day it was made, and what its feeds covered as of it."""

    day: date
    coverage: Mapping[str, list[Coverage]]


@dataclass(frozen=True)
class History:
    """Counts of recent periods with their versions, sparse: what each past pull knew.

    `count[i]` events of `keys[region[i]]` in `period[i]` were known to the vintages `since[i]`
    to `until[i]` - 1; the two arrays hold positions in `vintages`, which are in order of time.
    """

    vintages: Sequence[Vintage]
    keys: list[RegionKey]
    region: IntArray
    period: IntArray
    count: IntArray
    since: IntArray
    until: IntArray


@dataclass(frozen=True)
class Panel:
    """A block of series, aligned at the right: the last column is each one's newest complete.

    Attributes:
        keys: one region per row.
        period: length of a step.
        counts: (series, periods); whole and not negative, NaN where not covered.
        ends: (series,) period index of the last column.
        opened: (series, k) counts seen so far in the k periods after `ends`; NaN where unknown.
        columns: what the parts of a key are ("country", "admin1"); empty where nobody knows.
        places: (series, 2) latitude and longitude in degrees of the middle of each one's
            incidents, NaN where unknown; (0, 2) where nobody looked.
        occasions: known dates per series; empty without any.
    """

    keys: tuple[RegionKey, ...]
    period: Period
    counts: FloatArray
    ends: IntArray
    opened: FloatArray
    columns: tuple[str, ...] = ()
    places: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    occasions: tuple[tuple[Occasion, ...], ...] = ()

    def __len__(self) -> int:
        """Return the number of series."""
        return len(self.keys)

    def rows(self, start: int, stop: int) -> Panel:
        """Return the series start to stop - 1."""
        return self.select(np.arange(start, min(stop, len(self))))

    def select(self, rows: IntArray) -> Panel:
        """Return the series at these row numbers, in this order."""
        return replace(
            self,
            keys=tuple(self.keys[row] for row in rows),
            counts=self.counts[rows],
            ends=self.ends[rows],
            opened=self.opened[rows],
            places=self.places[rows] if len(self.places) else self.places,
            occasions=tuple(self.occasions[row] for row in rows) if self.occasions else (),
        )


class Completed(NamedTuple):
    """A period whose reports still come in: what was reported, and what is expected in the end.

    `reported` is None where nothing is known of the period; the ends hold 90 % of the mass.
    """

    period: int
    reported: int | None
    median: int
    low_90: int
    high_90: int


class LevelSince(NamedTuple):
    """Since when a series runs at its present level, where a change is more probable than not.

    `period` is the index of the most probable first period at that level (one earlier or later
    counts as the same), `mean` that of the counts since, `probability` that it began there.
    """

    period: int
    mean: float
    probability: float


class Standing(NamedTuple):
    """Where a series stands at its newest complete period; period numbers are indices.

    `recent` holds the last counts, oldest first, None where unknown. `baseline` is the mean of
    the year of complete periods before `newest`, None where there is none. `opened` holds the
    counts so far of the periods after `newest`, `completed` what late reports are expected to make
    of the newest ones, oldest first. `since` tells of the last change of level, `effects` what
    season, known dates and neighbours do to its forecasts, where they have a say.
    """

    recent: tuple[int | None, ...]
    newest: int
    tempo: int | None
    baseline: float | None
    baseline_first: int
    baseline_last: int
    data_as_of: date
    opened: tuple[int | None, ...] = ()
    completed: tuple[Completed, ...] = ()
    since: LevelSince | None = None
    effects: tuple[Effect, ...] = ()
