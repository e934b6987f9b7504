"""The smallest count that a quiet past makes unlikely: an outbreak detection test.

The mean of the reference counts is that of a quasi-Poisson law whose past outbreaks weigh less
(Farrington et al., Journal of the Royal Statistical Society A 159, 1996; weights and the negative
binomial threshold: Noufaily et al., Statistics in Medicine 32, 2013). Half a count is added to the
sum, and the variance is widened by what n counts leave unknown of their mean: with a dispersion
of 1 that is the predictive law of a Poisson count under Jeffreys' prior.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from core.series import FloatArray

LEAST_KNOWN = 0.5
"""Share of the reference periods that must be known."""
_OUTLYING = 5.0
"""Anscombe residuals above it weigh less. Against the spread of the lower nine tenths, the 2.58 of
Noufaily et al. takes clustered counts for outbreaks: 1 alarm in 100 became 3."""
_HIGHEST = 0.1
"""Share of the counts that is left out of the first estimate."""
_LARGE = 200.0
"""Means above it take the 2/3-power threshold instead of a sum of masses."""


def exceedance(reference: FloatArray, chance: float, periods: int = 1) -> FloatArray:
    """Return (regions,) the smallest count that comes up with at most this probability.

    Args:
        reference: (regions, periods) counts of the past, NaN where unknown.
        chance: between 0 and 1.
        periods: how many periods the count adds up.

    NaN where fewer than half of the reference is known.
    """
    known = np.count_nonzero(~np.isnan(reference), axis=1)
    enough = (known > 0) & (known >= LEAST_KNOWN * reference.shape[1])
    found = np.full(len(reference), np.nan)
    if enough.any():
        mean, variance = _law(reference[enough], periods)
        found[enough] = _smallest(mean, variance, chance)
    return found


def _law(counts: FloatArray, periods: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and predictive variance of the count of `periods` more periods."""
    known = ~np.isnan(counts)
    values, weights = np.where(known, counts, 0.0), known.astype(float)
    mean, dispersion = _moments(values, weights * _without_highest(counts))
    scale = np.sqrt(dispersion)[:, None] * mean[:, None] ** (1 / 6)
    residual = 1.5 * (values ** (2 / 3) - mean[:, None] ** (2 / 3)) / scale
    lighter = np.where(residual > _OUTLYING, (np.maximum(residual, 1.0)) ** -2.0, 1.0)
    lighter *= weights
    lighter *= (weights.sum(axis=1) / lighter.sum(axis=1))[:, None]
    mean, dispersion = _moments(values, lighter)
    spread = dispersion * periods * mean * (1 + periods / weights.sum(axis=1))
    return periods * mean, spread


def _without_highest(counts: FloatArray) -> FloatArray:
    """Return 0 for the highest tenth of each region's counts, at least one, and 1 elsewhere.

    Residuals are taken from the rest: an outbreak must not hide in the spread that it makes.
    """
    known = np.count_nonzero(~np.isnan(counts), axis=1)
    falling = np.argsort(np.argsort(-counts, axis=1, kind="stable"), axis=1)  # NaN last
    highest = np.maximum(np.round(_HIGHEST * known), 1)
    return np.where(falling < highest[:, None], 0.0, 1.0)


def _moments(values: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean, with half a count added, and the quasi-Poisson dispersion, at least 1."""
    n = np.maximum(weights.sum(axis=1), 1.0)
    mean = ((weights * values).sum(axis=1) + 0.5) / n
    squares = (weights * (values - mean[:, None]) ** 2).sum(axis=1) / mean
    return mean, np.maximum(squares / np.maximum(n - 1, 1), 1.0)


def _smallest(mean: FloatArray, variance: FloatArray, chance: float) -> FloatArray:
    """Return the smallest k with P(X >= k) <= chance, X of that mean and variance."""
    found = np.zeros(len(mean))
    large = mean > _LARGE
    score = NormalDist().inv_cdf(1 - chance)
    root = np.sqrt(variance[large]) / mean[large]
    found[large] = np.ceil(mean[large] * (1 + 2 / 3 * score * root) ** 1.5)
    found[~large] = _by_masses(mean[~large], variance[~large], chance)
    return found


def _by_masses(mean: FloatArray, variance: FloatArray, chance: float) -> FloatArray:
    """Return it for negative binomial laws, by adding up their masses from 0 on."""
    found = np.zeros(len(mean))
    size = mean**2 / (variance - mean)
    ratio = mean / (mean + size)
    rows = np.arange(len(mean))
    mass = np.exp(-size * np.log1p(mean / size))
    beyond = np.ones(len(mean))
    k = 0
    while len(rows):
        over = beyond > chance
        found[rows[~over]] = k
        rows, size, ratio = rows[over], size[over], ratio[over]
        beyond = beyond[over] - mass[over]
        mass = mass[over] * (k + size) / (k + 1) * ratio
        k += 1
    return found
