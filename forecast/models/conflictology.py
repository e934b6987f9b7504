"""conflictology: the next counts are drawn from those of the last year.

The empirical distribution of the last 12 months, 52 weeks or 365 days, after Hegre et al., "The
2023/24 VIEWS Prediction challenge" (Journal of Peace Research 62, 2025), where it is the benchmark
that few models beat.
"""

from __future__ import annotations

import math

import numpy as np

from core.series import FloatArray, IntArray, Panel
from forecast.compiled import compiled
from forecast.models.base import Task, newest_known
from forecast.models.static import StaticFitter

_RESOLUTION = 10


class Conflictology:
    """The model."""

    prior = 3.0

    def prepare(self, panel: Panel, task: Task) -> StaticFitter:
        """Return the fitter; series share nothing."""
        return StaticFitter(_LastYear(panel.period.year_length), panel.counts, task)


class _LastYear:
    needs = 1

    def __init__(self, window: int) -> None:
        self._window = window

    def cdf(self, before: FloatArray, support: IntArray) -> FloatArray:
        """Return the share of the window's counts at or below each point of the grid."""
        window = self._known(before)
        row, column = np.nonzero(~np.isnan(window))
        place = np.searchsorted(support, window[row, column])
        found = np.zeros((len(before), len(support)))
        np.add.at(found, (row, place), 1.0)
        np.cumsum(found, axis=1, out=found)
        found /= found[:, -1:].copy()
        return found

    def masses(self, counts: FloatArray, origins: IntArray, came: FloatArray) -> FloatArray:
        """Return the density at a resolution of a tenth: counts above ten seldom repeat exactly."""
        found = np.empty(came.shape)
        _near(counts, origins, self._window, _RESOLUTION, came, found)
        return found

    def _known(self, before: FloatArray) -> FloatArray:
        """Return the window; where all of it is unknown, the newest known count instead."""
        window = before[:, -self._window :].copy()
        bare = np.isnan(window).all(axis=1)
        if bare.any():
            window[bare, -1] = newest_known(before[bare])[:, -1]
        return window


@compiled
def _near(
    counts: FloatArray,
    origins: IntArray,
    window: int,
    resolution: float,
    came: FloatArray,
    out: FloatArray,
) -> None:
    """Write how dense the counts of a window lie around those that came: `_LastYear.masses`.

    Args:
        counts: (series, columns), NaN where unknown.
        origins: (origins,) columns.
        window: how many columns before an origin count.
        resolution: a tenth is 10.
        came: (series, origins, steps).
        out: (series, origins, steps), overwritten.
    """
    for s in range(len(counts)):
        for slot in range(len(origins)):
            last = origins[slot]
            first, known = max(last - window, 0), 0
            for t in range(first, last):
                known += not math.isnan(counts[s, t])
            while known == 0 and first > 0:  # then the newest known count stands for the window
                first -= 1
                known += not math.isnan(counts[s, first])
            for h in range(came.shape[2]):
                y = came[s, slot, h]
                reach, near = math.floor(y / resolution) if y >= 0 else 0.0, 0
                for t in range(first, last):
                    near += abs(counts[s, t] - y) <= reach
                out[s, slot, h] = near / ((known if known > 0 else 1) * (2 * reach + 1))
