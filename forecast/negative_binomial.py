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
_LOG_LEAST = math.log(LEAST_MEAN)
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
        lines: (means, 2, laws) what of log P(y) is a straight line in y: its value at zero,
            log P(0) = −r log(1 + m/r), and what each count adds, −log(1 + r/m).
        binomial: (counts, laws) log of Γ(y + r) / (Γ(r) y!) for small y.
    """

    means: FloatArray
    dispersions: FloatArray
    lines: FloatArray
    binomial: FloatArray

    @property
    def at_zero(self) -> FloatArray:
        """Return (means, laws) log P(0)."""
        return self.lines[:, 0]

    @property
    def per_count(self) -> FloatArray:
        """Return (means, laws) what each count adds to log P(0) and the binomial."""
        return self.lines[:, 1]


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
    lines = np.stack((at_zero, per_count), axis=1)
    return Tables(means, r, lines, log_binomial(np.arange(_TABLED), r))


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


def binomials(counts: FloatArray, laws: Tables) -> FloatArray:
    """Return (…, laws) log of Γ(y + r) / (Γ(r) y!) for whole counts of any shape, 0 for NaN."""
    whole = np.nan_to_num(counts).astype(np.int64)
    found = np.take(laws.binomial, np.minimum(whole, _TABLED - 1), axis=0)
    large = whole >= _TABLED
    if large.any():
        found[large] = log_binomial(whole[large], laws.dispersions)
    return np.asarray(found)


def mean_rows(means: FloatArray) -> IntArray:
    """Return the rows of the tables whose means are nearest, for means of any shape."""
    places = np.maximum(means, LEAST_MEAN)
    np.log(places, out=places)
    places -= _LOG_LEAST - MEAN_STEP / 2
    places *= 1 / MEAN_STEP
    np.minimum(places, _MEANS - 1, out=places)
    return np.asarray(places.astype(np.int32))


@inner
def mean_row(mean: float) -> int:
    """Return what `mean_rows` does, for compiled loops."""
    if mean <= LEAST_MEAN:
        return 0
    place = math.log(mean / LEAST_MEAN) / MEAN_STEP + 0.5
    return math.floor(place) if place < _MEANS - 1 else _MEANS - 1


def mixture_cdfs(
    weights: FloatArray, rows: IntArray, laws: Tables, grid: Grid, tops: IntArray, out: FloatArray
) -> None:
    """Write the cdfs of mixtures on the first points of the grid; each ends at 1.

    Args:
        weights: (…, experts x laws), not negative; those under 1e-3 of a mixture's largest are
            dropped.
        rows: (…, experts) rows of the tables.
        laws: the tables.
        grid: where the cdfs are read.
        tops: (…) how many points of the grid each needs.
        out: (…, grid) contiguous, overwritten up to the tops.
    """
    _mix(
        weights.reshape(-1, weights.shape[-1]),
        rows.reshape(-1, rows.shape[-1]),
        tops.ravel(),
        laws.means,
        laws.dispersions,
        np.ascontiguousarray(laws.at_zero),
        np.ascontiguousarray(laws.per_count),
        grid.support,
        grid.inverse,
        grid.coarse,
        out.reshape(-1, out.shape[-1]),
    )


@compiled
def _mix(
    weights: FloatArray,
    rows: IntArray,
    tops: IntArray,
    means: FloatArray,
    dispersions: FloatArray,
    at_zero: FloatArray,
    per_count: FloatArray,
    support: IntArray,
    inverse: FloatArray,
    coarse: FloatArray,
    out: FloatArray,
) -> None:
    """Write the cdfs of mixtures: the arguments of `mixture_cdfs`, taken apart."""
    laws = len(dispersions)
    for n in range(len(weights)):
        least, total = 0.0, 0.0
        for g in range(tops[n]):
            out[n, g] = 0.0
        for k in range(weights.shape[1]):
            if weights[n, k] * _NEGLIGIBLE > least:
                least = weights[n, k] * _NEGLIGIBLE
        for k in range(weights.shape[1]):
            if weights[n, k] > least:
                row, law = rows[n, k // laws], k % laws
                first, slope = at_zero[row, law], per_count[row, law]
                mean, r, weight = means[row], dispersions[law], weights[n, k]
                _add_masses(
                    weight, mean, r, first, slope, law, tops[n], support, inverse, coarse, out, n
                )
        for g in range(tops[n]):
            total += out[n, g]
            out[n, g] = total
        for g in range(tops[n]):
            out[n, g] = out[n, g] / total if total > 0 else 1.0


@inner
def _add_masses(
    weight: float,
    mean: float,
    r: float,
    at_zero: float,
    per_count: float,
    law: int,
    top: int,
    support: IntArray,
    inverse: FloatArray,
    coarse: FloatArray,
    out: FloatArray,
    n: int,
) -> None:
    """Add one law's masses: by recursion while the grid has every number, then by trapezia."""
    ratio = mean / (mean + r)
    mass = last = weight * math.exp(at_zero)
    for k in range(top if top < EXACT else EXACT):
        out[n, k] += mass
        if k > mean and mass < _TINY:
            return
        last = mass
        mass *= (k + r) * inverse[k] * ratio
    for g in range(EXACT, top):
        log_mass = coarse[g - EXACT, law] + at_zero + support[g] * per_count
        here = weight * math.exp(log_mass) if log_mass > _LOG_TINY else 0.0
        width = support[g] - support[g - 1]
        out[n, g] += (last * (width - 1) + here * (width + 1)) / 2
        if support[g] > mean and here * width < _TINY:
            return
        last = here
