"""last: a Poisson law around the last known count, the naive model of persistence."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, pdtr, xlogy

from core.series import FloatArray, IntArray, Panel
from forecast.models.base import Task
from forecast.models.static import StaticFitter


class Last:
    """The model."""

    prior = 1.0

    def prepare(self, panel: Panel, task: Task) -> StaticFitter:
        """Return the fitter; series share nothing."""
        return StaticFitter(_Poisson(), panel.counts, task)


class _Poisson:
    needs = 1

    def cdf(self, before: FloatArray, support: IntArray) -> FloatArray:
        """Return the Poisson cdf; after a zero all mass is on zero."""
        mean = last_known(before)[:, None]
        return np.where(mean == 0, 1.0, pdtr(support, np.maximum(mean, 1.0)))

    def mass(self, before: FloatArray, came: FloatArray) -> FloatArray:
        """Return the Poisson mass."""
        mean = last_known(before)[:, None]
        return np.asarray(np.exp(xlogy(came, mean) - mean - gammaln(came + 1)))


def last_known(before: FloatArray) -> FloatArray:
    """Return (series,) the newest known counts; every row has one."""
    newest = before.shape[1] - 1 - np.argmax(~np.isnan(before[:, ::-1]), axis=1)
    return np.asarray(before[np.arange(len(before)), newest])
