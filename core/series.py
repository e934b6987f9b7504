"""Counts per region and period: what storage returns and what models see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.periods import Period
from core.regions import RegionKey

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
AnyArray = NDArray[Any]


@dataclass(frozen=True)
class Cells:
    """Counts as of a cut-off, sparse: `count[i]` events of `keys[region[i]]` in `period[i]`.

    The three arrays have one length; a (region, period) pair stands at most once.
    """

    keys: list[RegionKey]
    region: IntArray
    period: IntArray
    count: IntArray


@dataclass(frozen=True)
class Panel:
    """A block of series, aligned at the right: the last column is each one's newest complete.

    Attributes:
        keys: one region per row.
        period: length of a step.
        counts: (series, periods); whole and not negative, NaN where not covered.
        ends: (series,) period index of the last column.
        opened: (series, k) counts seen so far in the k periods after `ends`; NaN where unknown.
    """

    keys: tuple[RegionKey, ...]
    period: Period
    counts: FloatArray
    ends: IntArray
    opened: FloatArray

    def __len__(self) -> int:
        """Return the number of series."""
        return len(self.keys)

    def rows(self, start: int, stop: int) -> Panel:
        """Return the series start to stop - 1."""
        return self.select(np.arange(start, min(stop, len(self))))

    def select(self, rows: IntArray) -> Panel:
        """Return the series at these row numbers, in this order."""
        keys = tuple(self.keys[row] for row in rows)
        return Panel(keys, self.period, self.counts[rows], self.ends[rows], self.opened[rows])


class Standing(NamedTuple):
    """Where a series stands at its newest complete period; period numbers are indices.

    `recent` holds the last counts, oldest first, None where unknown. `baseline` is the mean of
    the year of complete periods before `newest`, None where there is none.
    """

    recent: tuple[int | None, ...]
    newest: int
    tempo: int | None
    baseline: float | None
    baseline_first: int
    baseline_last: int
    data_as_of: date
    opened: tuple[int | None, ...] = ()
