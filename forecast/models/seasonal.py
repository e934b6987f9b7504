"""seasonal: a level without its season, times the season and the known dates of what is ahead.

Factors are shared by the regions of one whole (forecast/models/factors.py). The level is the
exponentially weighted mean of the counts over that of the factors they had, as in the
multiplicative method of Winters (Management Science 6, 1960).
"""

from __future__ import annotations

import numpy as np

from core.series import FloatArray, IntArray, Panel
from forecast.models.base import Task
from forecast.models.factors import STRENGTHS, Factors, learn
from forecast.models.means import MEMORY, MeansFitter, decayed, floor_of

RATES = (0.08, 0.25, 0.6)
"""α of the levels."""


class Seasonal:
    """The model."""

    prior = 0.5

    def prepare(self, panel: Panel, task: Task) -> MeansFitter:
        """Learn the factors of every group at every origin that is asked about."""
        first = max(task.scored_from - MEMORY, 0)
        means = _Means(
            panel.counts, learn(panel, task.steps, first), first, 2 * panel.period.year_length
        )
        return MeansFitter(means, panel.counts, task, first)


class _Means:
    follows = True

    def __init__(self, counts: FloatArray, factors: Factors, first: int, needs: int) -> None:
        self._counts, self._factors, self._first = counts, factors, first
        self.needs = needs

    def at(self, rows: IntArray, origins: IntArray) -> FloatArray:
        """Return (rows, origins, steps, rates x strengths) levels times factors."""
        counts = self._counts[rows]
        known, came = ~np.isnan(counts) * 1.0, np.nan_to_num(counts)
        group = self._factors.groups.of[rows]
        least, found = floor_of(counts, origins), []
        for strength in range(len(STRENGTHS)):
            had = known * self._factors.behind[strength, group]
            ahead = self._factors.ahead[strength, group][:, origins - self._first]
            for rate in RATES:
                share = decayed(had, rate, origins)
                level = decayed(came, rate, origins) / np.where(share > 0, share, 1.0)
                found.append(np.maximum(level, least)[..., None] * ahead)
        return np.stack(found, axis=-1)
