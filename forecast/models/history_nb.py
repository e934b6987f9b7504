"""history-nb: one negative binomial with the moments of the whole history. Cannot fail."""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, gammaln, pdtr, xlog1py, xlogy

from core.series import FloatArray, IntArray, Panel
from forecast.models.base import Task
from forecast.models.static import StaticFitter, each

_UNSEEN = 1.0
_NEARLY_POISSON = 1e6


class HistoryNB:
    """The model; without any history it is the geometric law of mean one."""

    prior = 1.0

    def prepare(self, panel: Panel, task: Task) -> StaticFitter:
        """Return the fitter; series share nothing."""
        return StaticFitter(_Moments(), panel.counts, task)


class _Moments:
    """Mean m and variance v of the history give r = m² / (v − m); v ≤ m gives the Poisson law."""

    needs = 0

    def cdf(self, before: FloatArray, support: IntArray) -> FloatArray:
        """Return the negative binomial's cdf, the regularised incomplete beta function."""
        mean, r = _moments(before)
        chance = r / (r + mean)
        spread = betainc(r, support + 1.0, chance)
        poisson = pdtr(support, np.maximum(mean, 1e-300))
        return np.asarray(np.where(mean == 0, 1.0, np.where(r >= _NEARLY_POISSON, poisson, spread)))

    def masses(self, counts: FloatArray, origins: IntArray, came: FloatArray) -> FloatArray:
        """Return the mass, origin by origin."""
        return each(self._mass, counts, origins, came)

    def _mass(self, before: FloatArray, came: FloatArray) -> FloatArray:
        """Return the negative binomial's mass."""
        mean, r = _moments(before)
        ways = gammaln(came + r) - gammaln(r) - gammaln(came + 1)
        share = mean / (mean + r)
        return np.asarray(np.exp(ways + xlog1py(r, -share) + xlogy(came, share)))


def _moments(before: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (series, 1) means and dispersions; sums run in order, whatever the block."""
    known = ~np.isnan(before)
    n = known.sum(axis=1)[:, None]
    if before.shape[1] == 0:
        return np.full((len(before), 1), _UNSEEN), np.ones((len(before), 1))
    mean = np.cumsum(np.nan_to_num(before), axis=1)[:, -1:] / np.maximum(n, 1)
    apart = np.where(known, before - mean, 0.0) ** 2
    variance = np.cumsum(apart, axis=1)[:, -1:] / np.maximum(n, 1)
    excess = np.maximum(variance - mean, mean**2 / _NEARLY_POISSON)
    r = np.where(mean > 0, mean**2 / np.where(excess > 0, excess, 1.0), 1.0)
    return np.where(n == 0, _UNSEEN, mean), np.where(n == 0, 1.0, r)
