"""last: a Poisson law around the last known count, the naive model of persistence."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, pdtr, xlogy

from core.series import FloatArray, IntArray, Panel
from forecast.models.base import Task, newest_known
from forecast.models.static import StaticFitter

LEAST_MEAN = 0.02
"""A zero does not promise another one."""


class Last:
    """The model."""

    prior = 1.0

    def prepare(self, panel: Panel, task: Task) -> StaticFitter:
        """Return the fitter; series share nothing."""
        return StaticFitter(_Poisson(), panel.counts, task)


class _Poisson:
    needs = 1

    def cdf(self, before: FloatArray, support: IntArray) -> FloatArray:
        """Return the Poisson cdf."""
        return np.asarray(pdtr(support, _mean(before)))

    def masses(self, counts: FloatArray, origins: IntArray, came: FloatArray) -> FloatArray:
        """Return the Poisson mass."""
        mean = np.maximum(newest_known(counts)[:, origins, None], LEAST_MEAN)
        return np.asarray(np.exp(xlogy(came, mean) - mean - gammaln(came + 1)))


def _mean(before: FloatArray) -> FloatArray:
    """Return (series, 1) means; every row has a known count."""
    return np.maximum(newest_known(before)[:, -1:], LEAST_MEAN)
