"""How forecasts go wrong together, over horizons and regions: what paths are drawn with.

The normal scores of the past mid-PITs (P(X < x) + P(X = x)/2, Smith, "Diagnostic checks of
non-standard time series models", Journal of Forecasting 4, 1985) of one forecast's horizons are
correlated, since one level carries them all; each count's own noise is not, so that the
correlation of neighbours stays well below 1. The estimate is shrunk towards 0.5 · 0.85^|i−j|.

Regions of one country have a factor in common: one correlation ρ for each two of them, which is
the mean product of their normal scores at one horizon of one origin over their mean square (the
pairwise estimator of an exchangeable correlation; Donner and Koval, "The estimation of intraclass
correlation in the analysis of family data", Biometrics 36, 1980), shrunk towards 0.1.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from core.series import FloatArray, IntArray

# What origins of the first half of the development set show, at distances 1 to 5: 0.42, 0.35, 0.30,
# 0.27, 0.22; the second half: 0.40, 0.34, 0.29, 0.26, 0.24.
_LEVEL, _NEAR = 0.5, 0.85
# The prior counts as much as this many paths: about what fifteen series give.
_PRIOR_PATHS = 60.0
# On twelve countries, totals of provinces are covered best with 0.1 to 0.2 (docs/forecasting.md).
_SHARED = 0.1
# That prior counts as much as eight origins of one country: paths of one origin err together.
_PRIOR_ORIGINS = 8.0
_MOST_SHARED = 0.9
# A normal score beyond this says only that the law was too narrow.
_MOST = 3.5


def mid_pit(cdf: FloatArray, support: IntArray, came: FloatArray) -> FloatArray:
    """Return P(X < x) + P(X = x)/2 for cdf (…, grid) and counts (…), NaN where unknown."""
    index = np.searchsorted(support, np.nan_to_num(came))
    index = np.minimum(index, len(support) - 1)
    high = np.take_along_axis(cdf, index[..., None], axis=-1)[..., 0]
    low = np.take_along_axis(cdf, np.maximum(index - 1, 0)[..., None], axis=-1)[..., 0]
    return np.where(np.isnan(came), np.nan, (high + np.where(index > 0, low, 0.0)) / 2)


def prior_correlation(steps: int) -> FloatArray:
    """Return 0.5 · 0.85^|i−j|, and 1 on the diagonal: a level, and noise; positive definite."""
    apart = np.abs(np.subtract.outer(np.arange(steps), np.arange(steps)))
    return np.asarray(_LEVEL * _NEAR**apart + (1 - _LEVEL) * np.eye(steps))


def between(pits: FloatArray, groups: IntArray) -> float:
    """Return the correlation of two series of one group, from (series, origins, steps) mid-PITs.

    Args:
        pits: of past forecasts, NaN where unknown.
        groups: (series,) series with the same number may have a factor in common.
    """
    products, squares = _PRIOR_ORIGINS * _SHARED, _PRIOR_ORIGINS
    scores = _normal_scores(pits)
    for group in np.unique(groups):
        found = scores[groups == group]
        known = (~np.isnan(found)).sum(axis=0)
        paired = known > 1
        if not paired.any():
            continue
        many = np.where(paired, known, 2)
        own = np.nansum(found**2, axis=0)
        pairs = (np.nansum(found, axis=0) ** 2 - own) / (many * (many - 1))
        products += float(np.where(paired, pairs, 0.0).sum() / pits.shape[2])
        squares += float(np.where(paired, own / many, 0.0).sum() / pits.shape[2])
    return min(max(products / squares, 0.0), _MOST_SHARED)


def _normal_scores(pits: FloatArray) -> FloatArray:
    """Return z with P(Z <= z) = pit, kept within what a count can tell."""
    return np.asarray(np.clip(ndtri(np.clip(pits, 1e-9, 1 - 1e-9)), -_MOST, _MOST))


def correlation(pits: FloatArray) -> FloatArray:
    """Return (steps, steps) from (paths, steps) mid-PITs; paths with NaN count nothing.

    The estimate is a mean of outer products of normal scores, brought to a unit diagonal; with
    the positive definite prior added it is positive definite.
    """
    whole = np.flatnonzero(~np.isnan(pits).any(axis=1))
    scores = _normal_scores(pits[whole])
    prior = prior_correlation(pits.shape[1])
    moments = np.einsum("pi,pj->ij", scores, scores) + _PRIOR_PATHS * prior
    scale = np.sqrt(np.diag(moments))
    found = moments / np.outer(scale, scale)
    return np.asarray((found + found.T) / 2)
