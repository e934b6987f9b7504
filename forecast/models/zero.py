"""zero: nothing will happen, which is often nearly right and always useless."""

from __future__ import annotations

import numpy as np

from core.series import FloatArray, IntArray, Panel
from forecast.models.base import Task
from forecast.models.static import StaticFitter


class Zero:
    """The model."""

    prior = 1.0

    def prepare(self, panel: Panel, task: Task) -> StaticFitter:
        """Return the fitter; series share nothing."""
        return StaticFitter(_AllOnZero(), panel.counts, task)


class _AllOnZero:
    needs = 0

    def cdf(self, before: FloatArray, support: IntArray) -> FloatArray:
        """Return ones."""
        return np.ones((len(before), len(support)))

    def masses(self, counts: FloatArray, origins: IntArray, came: FloatArray) -> FloatArray:
        """Return whether nothing came."""
        return np.asarray(came == 0, dtype=np.float64)
