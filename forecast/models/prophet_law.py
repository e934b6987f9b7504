"""The count distribution around Prophet's path, learned from what its past paths missed by.

Prophet's own intervals are Gaussian and fall below zero, and its sampler has no seed, so neither is
used. Its path m is taken as a level: negative binomials of mean c·m and dispersion r, for a few
factors c and dispersions r, are weighted by the log score that they gave, at the horizon at hand,
to the counts that followed earlier paths of a sample of series. Each score is discounted with its
age and none speaks against a law by more than a bounded amount, as in dynamic-count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.series import FloatArray, IntArray
from forecast.models.base import REACH
from forecast.negative_binomial import (
    grid_for,
    log_binomial,
    mean_rows,
    mixture_cdfs,
    tables,
)

FACTORS = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
DISPERSIONS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 15.0)
MEMORY = 24
"""Periods after which an error is forgotten."""
_DISCOUNT = 0.97
_CONTRAST = 3.0
_LIKENESS = 1.0
"""Paths whose levels differ by a factor of e count 0.6 for each other, those e² apart 0.14."""
_USUAL_FACTOR, _USUAL_DISPERSION = 0.85, 0.8
_FACTOR_SPREAD, _DISPERSION_SPREAD = 0.3, 1.0
_EXPLOSION = 4.0


class Miss(NamedTuple):
    """A past path and what came of it.

    Attributes:
        origin: the column that the path was made at.
        means: (steps,) the path.
        came: (steps,) the counts, NaN where they are not known.
    """

    origin: int
    means: FloatArray
    came: FloatArray


class Record:
    """What past paths missed by; it gives every path its law."""

    def __init__(self, misses: Sequence[Miss], steps: int) -> None:
        """Take the past paths, of `steps` horizons, in a fixed order."""
        self._origins = np.array([miss.origin for miss in misses], dtype=np.int64)
        self._levels = np.log(np.array([miss.means for miss in misses]).reshape(-1, steps))
        self._scores = np.zeros((len(misses), steps, _PAIRS))
        self._known = np.zeros((len(misses), steps), dtype=bool)
        for number, miss in enumerate(misses):
            self._known[number] = ~np.isnan(miss.came)
            for h in np.flatnonzero(self._known[number]):
                logs = log_masses(miss.means[h], miss.came[h])
                self._scores[number, h] = np.maximum(logs, logs.max() - _CONTRAST)

    def law(self, origin: int, path: FloatArray) -> FloatArray:
        """Return (steps, pairs) weights, summing to 1 at each step.

        Only errors that were known at the origin count, the more the newer they are and the
        nearer the level of their path was to this one's: busy regions are less dispersed.
        """
        steps = np.arange(len(path))
        age = origin - 1 - (self._origins[:, None] + steps)
        apart = (self._levels - np.log(path)) / _LIKENESS
        counts = self._known & (age >= 0) & (age < MEMORY)
        worth = np.where(counts, _DISCOUNT ** np.maximum(age, 0) * np.exp(-(apart**2) / 2), 0.0)
        score = _prior() + np.einsum("ih,ihk->hk", worth, self._scores)
        weights = np.exp(score - score.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def log_masses(mean: float, came: float) -> FloatArray:
    """Return (pairs,) the log probability of a count under every pair."""
    laws, rows = tables(DISPERSIONS), mean_rows(mean * np.array(FACTORS))
    binomial = log_binomial(np.array([came], dtype=np.int64), laws.dispersions)
    return (binomial + laws.at_zero[rows] + came * laws.per_count[rows]).ravel()


def probabilities(law: FloatArray, means: FloatArray, came: FloatArray) -> FloatArray:
    """Return (steps,) what the law gives to the counts that came; NaN where none did."""
    found = np.full(len(means), np.nan)
    for h in np.flatnonzero(~np.isnan(came)):
        found[h] = law[h] @ np.exp(log_masses(means[h], came[h]))
    return found


def fill_cdf(
    law: FloatArray, means: FloatArray, largest: float, support: IntArray, out: FloatArray
) -> None:
    """Write the (steps, grid) cdf around a path into `out`; it ends at 1.

    Args:
        law: (steps, pairs) its weights.
        means: (steps,) the path, bounded.
        largest: largest count of the history, which says how far the cdf has to reach.
        support: the grid.
        out: (steps, grid) of ones.
    """
    laws = tables(DISPERSIONS)
    top = min(int(np.searchsorted(support, REACH * (largest + 1))) + 1, len(support))
    grid = grid_for(support, laws)
    tops = np.full(len(means), top)
    mixture_cdfs(law, mean_rows(means[:, None] * np.array(FACTORS)), laws, grid, tops, out)


def bounded(path: FloatArray, history: FloatArray) -> FloatArray:
    """Return a path without zeros and without explosions.

    No mean is under half an event in all the history, nor over four times the largest count (and
    one more): a line through logarithms soon leaves the planet.
    """
    known = history[~np.isnan(history)]
    return np.clip(path, 0.5 / (len(known) + 1), _EXPLOSION * (known.max(initial=0.0) + 1))


_PAIRS = len(FACTORS) * len(DISPERSIONS)


def _prior() -> FloatArray:
    """Return (pairs,) log weights before any error: normal in log c and log r.

    The centre is what fitted the development set's earlier origins best.
    """
    factors = np.log(np.array(FACTORS) / _USUAL_FACTOR) / _FACTOR_SPREAD
    dispersions = np.log(np.array(DISPERSIONS) / _USUAL_DISPERSION) / _DISPERSION_SPREAD
    return np.asarray(-(factors[:, None] ** 2 + dispersions**2) / 2).ravel()
