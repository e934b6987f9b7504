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
from forecast.compiled import compiled_fast, inner
from forecast.falling_exp import falling_exp

LEAST_MEAN = 1e-4
MEAN_STEP = 0.01
_LOG_LEAST = math.log(LEAST_MEAN)
_MEANS = 3224
_TABLED = 2048
_LARGE = 1e6
_NEGLIGIBLE = 1e-3
_TINY = 1e-16
_TOGETHER = 16
_MASS, _RATIO, _R, _MEAN, _WEIGHT, _START, _SLOPE, _KEPT = 0, 1, 2, 3, 4, 5, 6, 7


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
    whole = np.where(np.isnan(counts), 0.0, counts).astype(np.int64)
    found = np.take(laws.binomial, np.minimum(whole, _TABLED - 1), axis=0)
    large = whole >= _TABLED
    if large.any():
        found[large] = log_binomial(whole[large], laws.dispersions)
    return np.asarray(found)


def mean_rows(means: FloatArray) -> IntArray:
    """Return the rows of the tables whose means are nearest, for means of any shape."""
    places = np.asarray(np.maximum(means, LEAST_MEAN))
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
        out: (…, grid) contiguous, overwritten; 1 from the tops on.
    """
    pairs = -(-weights.shape[-1] // _TOGETHER) * _TOGETHER
    _mix(
        weights.reshape(-1, weights.shape[-1]),
        rows.reshape(-1, rows.shape[-1]),
        tops.ravel(),
        laws.means,
        laws.dispersions,
        laws.lines,
        grid.support,
        grid.inverse,
        grid.coarse,
        np.empty((_KEPT, pairs)),
        np.empty(pairs, dtype=np.int64),
        out.reshape(-1, out.shape[-1]),
    )


@compiled_fast
def _mix(
    weights: FloatArray,
    rows: IntArray,
    tops: IntArray,
    means: FloatArray,
    dispersions: FloatArray,
    lines: FloatArray,
    support: IntArray,
    inverse: FloatArray,
    coarse: FloatArray,
    kept: FloatArray,
    law: IntArray,
    out: FloatArray,
) -> None:
    """Write the cdfs of mixtures: the arguments of `mixture_cdfs`, taken apart.

    All laws of a mixture go up the grid together, each by its recursion, for many recursions side
    by side take no longer than one, and those that have no mass left are dropped on the way. Above
    the numbers that the grid has every one of, mass is added up by trapezia.

    `kept`, (_KEPT, pairs), and `law`, (pairs,), are scratch: what is known of the laws kept, in
    rows named above, and the places of their dispersions.
    """
    for n in range(len(weights)):
        many = _keep(weights[n], rows[n], means, dispersions, lines, kept, law)
        running, here = 0.0, 0.0
        for k in range(tops[n] if tops[n] < EXACT else EXACT):
            if k % _TOGETHER == 0:
                many = _drop(k, many, kept, law)
            here = 0.0
            for e in range(many):
                here += kept[_MASS, e]
                kept[_MASS, e] *= (k + kept[_R, e]) * (kept[_RATIO, e] * inverse[k])
            running += here
            out[n, k] = running
        for g in range(EXACT, tops[n]):
            last, here = here, 0.0
            for e in range(many):
                log = coarse[g - EXACT, law[e]] + support[g] * kept[_SLOPE, e]
                here += kept[_WEIGHT, e] * falling_exp(kept[_START, e] + log)
            width = support[g] - support[g - 1]
            running += (last * (width - 1) + here * (width + 1)) / 2
            out[n, g] = running
            if g % _TOGETHER == 0:
                many = _fade(here * width, support[g], many, kept)
        for g in range(tops[n]):
            out[n, g] = out[n, g] / running if running > 0 else 1.0
        for g in range(tops[n], out.shape[1]):
            out[n, g] = 1.0


@inner
def _keep(
    weights: FloatArray,
    rows: IntArray,
    means: FloatArray,
    dispersions: FloatArray,
    lines: FloatArray,
    kept: FloatArray,
    law: IntArray,
) -> int:
    """Note the laws of a mixture whose weights are not negligible; return how many, rounded up."""
    least, many, laws = 0.0, 0, len(dispersions)
    for k in range(len(weights)):
        least = weights[k] * _NEGLIGIBLE if weights[k] * _NEGLIGIBLE > least else least
    for k in range(len(weights)):
        if weights[k] > least:
            row, i = rows[k // laws], k % laws
            mean, r, law[many] = means[row], dispersions[i], i
            kept[_RATIO, many], kept[_R, many], kept[_MEAN, many] = mean / (mean + r), r, mean
            kept[_START, many], kept[_SLOPE, many] = lines[row, 0, i], lines[row, 1, i]
            kept[_WEIGHT, many] = weights[k]
            many += 1
    many = _round_up(many, kept, law)
    for e in range(many):
        kept[_MASS, e] = kept[_WEIGHT, e] * falling_exp(kept[_START, e])
    return many


@inner
def _drop(k: int, many: int, kept: FloatArray, law: IntArray) -> int:
    """Drop the laws that have no mass left at k, once they are many; return how many are left."""
    left = 0
    for e in range(many):
        left += k <= kept[_MEAN, e] or kept[_MASS, e] >= _TINY
    if many - left < _TOGETHER:
        return many
    left = 0
    for e in range(many):
        if k <= kept[_MEAN, e] or kept[_MASS, e] >= _TINY:
            for what in range(_KEPT):
                kept[what, left] = kept[what, e]
            law[left] = law[e]
            left += 1
    return _round_up(left, kept, law)


@inner
def _fade(mass: float, count: int, many: int, kept: FloatArray) -> int:
    """Return how many laws are left of so many once none has any mass from this count on."""
    if mass >= _TINY:
        return many
    for e in range(many):
        if kept[_MEAN, e] >= count:
            return many
    return 0


@inner
def _round_up(many: int, kept: FloatArray, law: IntArray) -> int:
    """Fill up with laws without mass, so that loops over them have no end to be done singly."""
    whole = (many + _TOGETHER - 1) // _TOGETHER * _TOGETHER
    for e in range(many, whole):
        law[e] = 0
        for what in range(_KEPT):
            kept[what, e] = 0.0
        kept[_MEAN, e] = -1.0
    return whole
