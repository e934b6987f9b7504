"""last: a Poisson law around the last known count, the naive model of persistence."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, pdtr, xlogy

from core.series import FloatArray, IntArray, Panel
from forecast.models.base import Task
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

    def mass(self, before: FloatArray, came: FloatArray) -> FloatArray:
        """Return the Poisson mass."""
        mean = _mean(before)
        return np.asarray(np.exp(xlogy(came, mean) - mean - gammaln(came + 1)))


def _mean(before: FloatArray) -> FloatArray:
    return np.maximum(last_known(before)[:, None], LEAST_MEAN)


def last_known(before: FloatArray) -> FloatArray:
    """Return (series,) the newest known counts; every row has one."""
    newest = before.shape[1] - 1 - np.argmax(~np.isnan(before[:, ::-1]), axis=1)
    return np.asarray(before[np.arange(len(before)), newest])
