"""Negative binomial laws by table: their log masses, and cdfs of their mixtures on a grid.

With mean m and dispersion r (variance m + m²/r),
log P(y) = log Γ(y + r) − log Γ(r) − log Γ(y + 1) − r log(1 + m/r) − y log(1 + r/m)
(Johnson, Kemp and Kotz, "Univariate Discrete Distributions", 3rd ed., section 5.1). The first
three terms depend on (y, r) only and the last two factors on (m, r) only, so that means rounded to
a grid of 1 % turn a log mass into two look-ups and a multiplication.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from core.predictive import EXACT
from core.series import FloatArray, IntArray
from forecast.compiled import compiled, inner

LEAST_MEAN = 1e-4
MEAN_STEP = 0.01
_MEANS = 3224
_TABLED = 2048
_LARGE = 1e6
_NEGLIGIBLE = 1e-3
_TINY = 1e-16
_LOG_TINY = -40.0


class Tables(NamedTuple):
    """Everything about the laws that does not depend on the data.

    Attributes:
        means: (means,) the grid, from 1e-4 to 1e10 in steps of 1 %.
        dispersions: (laws,) r, rising.
        at_zero: (means, laws) log P(0) = −r log(1 + m/r).
        per_count: (means, laws) −log(1 + r/m).
        binomial: (counts, laws) log of Γ(y + r) / (Γ(r) y!) for small y.
    """

    means: FloatArray
    dispersions: FloatArray
    at_zero: FloatArray
    per_count: FloatArray
    binomial: FloatArray


class Grid(NamedTuple):
    """Where cdfs are read.

    Attributes:
        support: (grid,) a start of `support_grid`.
        inverse: (EXACT,) 1 / (k + 1).
        coarse: (grid − EXACT, laws) `log_binomial` at the points from EXACT on.
    """

    support: IntArray
    inverse: FloatArray
    coarse: FloatArray


class Component(NamedTuple):
    """One law of a mixture: its weight, and where it stands in the tables."""

    weight: float
    row: int
    law: int


def grid_for(support: IntArray, laws: Tables) -> Grid:
    """Return the grid of a support."""
    inverse = 1.0 / np.arange(1, EXACT + 1)
    return Grid(support, inverse, log_binomial(support[EXACT:], laws.dispersions))


@cache
def tables(dispersions: tuple[float, ...]) -> Tables:
    """Return the tables for a set of dispersions."""
    r = np.array(dispersions)
    means = LEAST_MEAN * np.exp(MEAN_STEP * np.arange(_MEANS))
    at_zero = -r * np.log1p(means[:, None] / r)
    per_count = -np.log1p(r / means[:, None])
    return Tables(means, r, at_zero, per_count, log_binomial(np.arange(_TABLED), r))


def log_binomial(counts: IntArray, dispersions: FloatArray) -> FloatArray:
    """Return (counts, laws) log of Γ(y + r) / (Γ(r) y!).

    Above 1e6, where the difference of two logarithms of Γ loses its digits, the ratio
    Γ(y + r) / Γ(y + 1) is (y + r/2)^(r−1), to O(y⁻²) (Tricomi and Erdélyi, Pacific Journal of
    Mathematics 1, 1951).
    """
    y = np.asarray(counts, dtype=np.float64)[:, None]
    exact = gammaln(y + dispersions) - gammaln(y + 1)
    large = (dispersions - 1) * np.log(np.maximum(y + dispersions / 2, 1.0))
    return np.asarray(np.where(y > _LARGE, large, exact) - gammaln(dispersions))


@compiled
def mean_index(mean: float) -> int:
    """Return the row of the tables whose mean is nearest."""
    if mean <= LEAST_MEAN:
        return 0
    return min(int(math.log(mean / LEAST_MEAN) / MEAN_STEP + 0.5), _MEANS - 1)


@compiled
def binomial_row(y: float, laws: Tables, out: FloatArray) -> None:
    """Write log of Γ(y + r) / (Γ(r) y!) for every law into `out`."""
    if y < _TABLED:
        for i in range(len(out)):
            out[i] = laws.binomial[int(y), i]
        return
    for i in range(len(out)):
        r = laws.dispersions[i]
        if y > _LARGE:
            out[i] = (r - 1) * math.log(y + r / 2) - math.lgamma(r)
        else:
            out[i] = math.lgamma(y + r) - math.lgamma(y + 1) - math.lgamma(r)


@compiled
def mixture_cdf(
    weights: FloatArray, rows: IntArray, laws: Tables, grid: Grid, out: FloatArray
) -> None:
    """Write the cdf of a mixture on the first len(out) points of the grid; it ends at 1.

    Args:
        weights: (experts x dispersions,) not negative; those under 1e-3 of the largest are
            dropped.
        rows: (experts,) rows of the tables.
        laws: the tables.
        grid: where the cdf is read.
        out: (points,) is overwritten.
    """
    for g in range(len(out)):
        out[g] = 0.0
    least, dispersions = 0.0, len(laws.dispersions)
    for weight in weights:
        least = max(least, weight * _NEGLIGIBLE)
    for k in range(len(weights)):
        if weights[k] > least:
            part = Component(weights[k], rows[k // dispersions], k % dispersions)
            _add_masses(part, laws, grid, out)
    for g in range(1, len(out)):
        out[g] += out[g - 1]
    total = out[-1]
    for g in range(len(out)):
        out[g] = out[g] / total if total > 0 else 1.0


@inner
def _add_masses(part: Component, laws: Tables, grid: Grid, out: FloatArray) -> None:
    """Add one law's masses: by recursion while the grid has every number, then by trapezia."""
    mean, r = laws.means[part.row], laws.dispersions[part.law]
    at_zero, per_count = laws.at_zero[part.row, part.law], laws.per_count[part.row, part.law]
    ratio = mean / (mean + r)
    mass = last = part.weight * math.exp(at_zero)
    exact = min(EXACT, len(out))
    for k in range(exact):
        out[k] += mass
        if k > mean and mass < _TINY:
            return
        last = mass
        mass *= (k + r) * grid.inverse[k] * ratio
    for g in range(exact, len(out)):
        log_mass = grid.coarse[g - EXACT, part.law] + at_zero + grid.support[g] * per_count
        here = part.weight * math.exp(log_mass) if log_mass > _LOG_TINY else 0.0
        width = grid.support[g] - grid.support[g - 1]
        out[g] += (last * (width - 1) + here * (width + 1)) / 2
        if grid.support[g] > mean and here * width < _TINY:
            return
        last = here
