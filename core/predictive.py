"""Forecast distributions of counts: never negative, never crossing, summing to one.

A distribution is held as its cumulative function on a shared grid of whole numbers: every one up
to 255, then steps of about 2 %, inside which the mass lies evenly. Counts in the tens of
thousands cost a few hundred numbers, and small counts are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from core import joint
from core.series import AnyArray, FloatArray, IntArray

EXACT = 256
_STEP = 1.02
_OF_A_GROUP = 1
"""Sets the random numbers of a group apart from those of a series with the same number."""
_CHUNK = 16
"""Series whose draws are held at once: those of 16 stay in a processor's cache."""
_GUIDES = 1024
"""Parts of the unit interval with a place each in a law that is drawn from; a power of two."""


def support_grid(top: float) -> IntArray:
    """Return the grid's points from 0 until one is at least `top` (and at least 1)."""
    points = list(range(min(EXACT, max(2, int(top) + 2))))
    while points[-1] < top:
        points.append(max(points[-1] + 1, int(points[-1] * _STEP)))
    return np.array(points, dtype=np.int64)


def _reached(cdf: FloatArray, levels: FloatArray) -> IntArray:
    """Return for each level, from 0 to 1, the first place whose cdf is not below it.

    By guide tables (Devroye, "Non-Uniform Random Variate Generation", 1986, section III.2.4): one
    search per part of the unit interval, and one per level only where a part has several places.
    """
    starts = np.searchsorted(cdf, np.arange(_GUIDES + 1) / _GUIDES, side="left")
    part = np.minimum((levels * _GUIDES).astype(np.int64), _GUIDES - 1)
    found = starts[part]
    several = np.flatnonzero(found != starts[part + 1])
    found[several] = np.searchsorted(cdf, levels[several], side="left")
    return np.asarray(found, dtype=np.int64)


@dataclass(frozen=True)
class Predictive:
    """The forecast distributions of a block of series over its horizons.

    Attributes:
        support: (grid,) whole numbers from 0, rising: a start of `support_grid`.
        cdf: (series, horizons, grid) P(count <= support), not falling, ending at 1.
        dependence: (horizons, horizons) correlation of the normal scores of the horizons; paths
            are drawn through the Gaussian copula that it defines.
        seeds: (series,) a stable number per series, so that its paths do not depend on its block.
        between: correlation of the normal scores of two series of one group at one horizon, from
            0 to below 1.
        groups: (series,) a stable number per group; without any, all series are one group.
    """

    support: IntArray
    cdf: FloatArray
    dependence: FloatArray
    seeds: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    between: float = 0.0
    groups: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Refuse what is no distribution.

        Raises:
            ValueError: when the cdf is not finite, falls, or does not end at 1.
        """
        if self.support[0] != 0 or np.any(np.diff(self.support) < 1):
            raise ValueError("the support must rise from 0")
        rising = np.all(self.cdf[..., 1:] >= self.cdf[..., :-1])  # which NaN is not
        if not rising or np.any(self.cdf[..., 0] < 0) or np.any(self.cdf[..., -1] != 1):
            raise ValueError("the cdf must be finite, not negative, must not fall, and end at 1")

    @property
    def shape(self) -> tuple[int, int]:
        """Return (series, horizons)."""
        return self.cdf.shape[0], self.cdf.shape[1]

    def rows(self, start: int, stop: int) -> Predictive:
        """Return the series start to stop - 1."""
        return self.select(np.arange(*slice(start, stop).indices(len(self.cdf))))

    def select(self, rows: IntArray) -> Predictive:
        """Return the series at these row numbers, in this order."""
        seeds = self.seeds[rows] if len(self.seeds) else self.seeds
        groups = self.groups[rows] if len(self.groups) else self.groups
        return replace(self, cdf=self.cdf[rows], seeds=seeds, groups=groups)

    def masses(self) -> FloatArray:
        """Return (series, horizons, grid): the mass in (support[g-1], support[g]]."""
        return np.diff(self.cdf, axis=-1, prepend=0.0)

    def mean(self) -> FloatArray:
        """Return (series, horizons) expected counts."""
        below = np.concatenate(([-1], self.support[:-1]))
        return np.asarray(self.masses() @ ((self.support + below + 1) / 2))

    def pmf(self, k: int) -> FloatArray:
        """Return (series, horizons) P(count = k)."""
        return self.at_most(k) - self.at_most(k - 1)

    def at_most(self, n: ArrayLike) -> FloatArray:
        """Return (series, horizons) P(count <= n); n is one number, (series,) or of full shape."""
        wanted = self._per_cell(n)
        upper = np.minimum(np.searchsorted(self.support, wanted), len(self.support) - 1)
        lower = np.maximum(upper - 1, 0)
        low, high = self._cdf_at(lower), self._cdf_at(upper)
        width = np.maximum(self.support[upper] - self.support[lower], 1)
        share = np.clip((wanted - self.support[lower]) / width, 0, 1)
        between = np.where(upper == lower, high, low + (high - low) * share)
        return np.asarray(np.where(wanted < 0, 0.0, np.minimum(between, 1.0)))

    def probability_at_least(self, n: ArrayLike) -> FloatArray:
        """Return (series, horizons) P(count >= n); n is one number, (series,) or full shape."""
        return 1.0 - self.at_most(np.asarray(n, dtype=np.int64) - 1)

    def quantile(self, levels: ArrayLike) -> IntArray:
        """Return (series, horizons, levels): the smallest count k with P(count <= k) >= level."""
        wanted = np.atleast_1d(np.asarray(levels, dtype=np.float64))
        found = np.empty((*self.shape, len(wanted)), dtype=np.int64)
        for place, level in enumerate(wanted):
            upper = np.minimum((self.cdf < level).sum(axis=-1), len(self.support) - 1)
            low, high = self._cdf_at(np.maximum(upper - 1, 0)), self._cdf_at(upper)
            found[..., place] = self._inside(upper, low, high, level)
        return found

    def paths(self, n: int, seed: int) -> IntArray:
        """Return (series, n, horizons) counts drawn jointly over the horizons and the series.

        Draw k of all series is one path of them all, also of series in other blocks. The same
        seed gives a series the same paths whatever block it is computed in.
        """
        each = [self.counts_at(s, self.uniforms(s, n, seed)) for s in range(self.shape[0])]
        return np.stack(each) if each else np.zeros((0, n, self.shape[1]), dtype=np.int64)

    def uniforms(self, series: int, n: int, seed: int) -> FloatArray:
        """Return (n, horizons) the joint draws between 0 and 1 that make the paths of a series."""
        known = len(self.seeds) == self.shape[0], len(self.groups) == self.shape[0]
        own, group = int(known[0] and self.seeds[series]), int(known[1] and self.groups[series])
        factor = joint.Factor(self.between, [seed, group, _OF_A_GROUP])
        return joint.uniforms(self.dependence, n, [seed, own], factor)

    def counts_at(self, series: int, uniforms: FloatArray) -> IntArray:
        """Return (n, horizons) the counts of a series at the levels of such draws."""
        steps = enumerate(uniforms.T)
        return np.stack([self._inverse(self.cdf[series, h], u) for h, u in steps]).T

    def any_at_least(self, n: ArrayLike, first: int, last: int) -> FloatArray:
        """Return (series,) P(some horizon from first to last has a count >= n), both included.

        Horizons count from 0 here. All series share the draws, so the difference between two
        runs holds no sampling noise; one horizon alone is exact.
        """
        below = self._window(n, first, last)
        if first == last:
            return 1.0 - below[:, 0]
        return self._shared.any_above(below, first)

    def total_at_least(self, n: ArrayLike, first: int, last: int) -> FloatArray:
        """Return P(the counts from horizon first to last add up to >= n).

        `n` is one number, (series,) or (series, levels); the answer is (series,) or as `n` is.
        """
        wanted = np.asarray(n, dtype=np.int64)
        wanted = wanted if wanted.ndim > 1 else np.broadcast_to(wanted, self.shape[:1])
        levels = wanted.reshape(self.shape[0], -1)
        if first == last:
            found = [1.0 - self._window(column, first, last)[:, 0] for column in levels.T]
            return np.stack(found, axis=1).reshape(wanted.shape)
        reached = np.empty(levels.shape)
        for start in range(0, len(levels), _CHUNK):
            part = slice(start, start + _CHUNK)
            totals = self._joint(part, first, last)
            narrow = np.minimum(levels[part], np.iinfo(totals.dtype).max).astype(totals.dtype)
            for place, column in enumerate(narrow.T):
                reached[part, place] = np.count_nonzero(totals >= column[:, None], axis=1)
        return (reached / joint.DRAWS).reshape(wanted.shape)

    def draws(self, series: int, first: int, last: int) -> IntArray:
        """Return (draws, window) joint counts of one series, horizons first to last (from 0).

        They are the draws behind `any_at_least` and `total_at_least`, so that quantiles of their
        largest or of their sum agree with those probabilities.
        """
        columns = [
            self._inverse(self.cdf[series, h], self._shared.uniforms[:, h])
            for h in range(first, last + 1)
        ]
        return np.stack(columns, axis=1)

    def _joint(self, rows: slice, first: int, last: int) -> AnyArray:
        """Return (series, draws), whole numbers: the sums of `draws` for some series at once.

        They stand in rising order of the first horizon's uniforms.
        """
        total = self._by_rank(rows, first)
        order = self._shared.order(first)
        for h in range(first + 1, last + 1):
            total = total + np.take(self._by_rank(rows, h), self._shared.rank(h)[order], axis=1)
        return total

    def _by_rank(self, rows: slice, horizon: int) -> AnyArray:
        """Return (series, draws) the counts of one horizon, in rising order of its uniforms.

        In that order the draws that fall on one point of the grid stand together, so that each
        point is repeated instead of being looked up per draw.
        """
        levels = self._shared.rising(horizon)
        cdf = self.cdf[rows, horizon]
        points = int(np.argmax(cdf.min(axis=0) >= levels[-1])) + 1
        ends = np.searchsorted(levels, cdf[:, :points], side="right")
        widths = np.diff(ends, axis=1, prepend=0)
        small = points <= EXACT
        narrow = small and self.shape[1] * EXACT <= np.iinfo(np.int16).max
        grid = np.broadcast_to(np.arange(points, dtype=np.int16 if narrow else int), widths.shape)
        upper = np.repeat(grid.ravel(), widths.ravel()).reshape(len(cdf), -1)
        if small:
            return upper
        low = np.take_along_axis(cdf, np.maximum(upper - 1, 0), axis=1)
        return self._inside(upper, low, np.take_along_axis(cdf, upper, axis=1), levels)

    def _window(self, n: ArrayLike, first: int, last: int) -> FloatArray:
        wanted = np.broadcast_to(np.asarray(n, dtype=np.int64), self.shape[:1])
        return self.at_most(wanted - 1)[:, first : last + 1]

    def _per_cell(self, n: ArrayLike) -> IntArray:
        wanted = np.asarray(n, dtype=np.int64)
        if wanted.ndim == 1:
            wanted = wanted[:, None]
        return np.broadcast_to(wanted, self.shape)

    def _cdf_at(self, index: IntArray) -> FloatArray:
        return np.take_along_axis(self.cdf, index[..., None], axis=-1)[..., 0]

    def _inverse(self, cdf: FloatArray, levels: FloatArray) -> IntArray:
        """Return the quantiles of one distribution; inside a step the mass lies evenly."""
        upper = np.minimum(_reached(cdf, levels), len(cdf) - 1)
        if upper.max(initial=0) < EXACT:  # every whole number is a step of its own
            return upper
        return self._inside(upper, cdf[np.maximum(upper - 1, 0)], cdf[upper], levels)

    def _inside(
        self, upper: AnyArray, low: FloatArray, high: FloatArray, levels: float | FloatArray
    ) -> IntArray:
        """Return the counts at `levels` in the steps that end at `upper`, from low to high."""
        lower = np.maximum(upper - 1, 0)
        share = np.clip((levels - low) / np.maximum(high - low, 1e-300), 0, 1)
        width = self.support[upper] - self.support[lower]
        inside = np.maximum(np.ceil(share * width), np.minimum(width, 1)).astype(np.int64)
        return np.asarray(np.where(upper > 0, self.support[lower] + inside, 0), dtype=np.int64)

    @cached_property
    def _shared(self) -> joint.SharedDraws:
        return joint.shared(self.dependence)
