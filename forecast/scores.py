"""Proper scores of count distributions held on a grid. Lower is better, but for the log score.

Every function takes forecasts in rows: a Predictive whose shape is (cases, 1) or the same cdf,
(cases, grid), and the counts that came, (cases,).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from core.predictive import Predictive
from core.series import AnyArray, FloatArray, IntArray

LOG_FLOOR = math.log(1e-6)
BIN_ENDS = np.array([0, 2, 5, 10, 25, 50, 100, 250, 500, 1000])
"""Last counts of the ignorance score's bins; an eleventh bin is open."""
_SPREAD = 0.001
_ALPHA = 0.1


def rows(cdf: FloatArray, support: IntArray) -> Predictive:
    """Return (cases, grid) cdfs as a Predictive of one horizon."""
    return Predictive(support, cdf[:, None, :], np.ones((1, 1)))


@njit(cache=True, nogil=True)
def _squares(start: float, slope: float, first: int, last: int) -> float:
    """Return the sum of (start + slope·j)² for j from first to last, in closed form."""
    if last < first:
        return 0.0
    n, m = float(last), float(first - 1)
    count = n - m
    linear = (n * (n + 1) - m * (m + 1)) / 2
    square = (n * (n + 1) * (2 * n + 1) - m * (m + 1) * (2 * m + 1)) / 6
    return max(start * start * count + 2 * start * slope * linear + slope * slope * square, 0.0)


@njit(cache=True, nogil=True)
def crps(cdf: FloatArray, support: IntArray, came: FloatArray) -> FloatArray:
    """Return (cases,) the continuous ranked probability score Σ_k (F(k) − 1[came <= k])².

    Source: Gneiting and Raftery, "Strictly proper scoring rules" (JASA 102, 2007), section 4.2.
    Inside a step of the grid the mass lies evenly and the sum has a closed form.
    """
    found = np.zeros(len(cdf))
    for case in range(len(cdf)):
        y = int(came[case])
        total = (cdf[case, 0] - (1.0 if y <= 0 else 0.0)) ** 2
        for g in range(1, len(support)):
            low, high = cdf[case, g - 1], cdf[case, g]
            if low == 1.0 and y <= support[g - 1]:
                break
            width = support[g] - support[g - 1]
            slope = (high - low) / width
            below = min(max(y - support[g - 1] - 1, 0), width)
            total += _squares(low, slope, 1, below) + _squares(low - 1, slope, below + 1, width)
        found[case] = total + max(y - 1 - support[-1], 0)
    return found


def log_score(predictive: Predictive, came: FloatArray) -> FloatArray:
    """Return (cases,) ln P(count = came), floored at ln 1e-6 so that it is always a number."""
    counts = came.astype(np.int64)
    mass = predictive.at_most(counts)[:, 0] - predictive.at_most(counts - 1)[:, 0]
    return np.asarray(np.maximum(np.log(np.maximum(mass, 1e-300)), LOG_FLOOR))


def ignorance(predictive: Predictive, came: FloatArray) -> FloatArray:
    """Return (cases,) −log2 of the probability of the bin that came, in bits.

    One part in a thousand is spread evenly over the bins first.
    """
    ends = [predictive.at_most(int(end))[:, 0] for end in BIN_ENDS]
    bins = np.diff(np.stack([*ends, np.ones(len(came))], axis=1), axis=1, prepend=0.0)
    smooth = (1 - _SPREAD) * bins + _SPREAD / bins.shape[1]
    fell = np.searchsorted(BIN_ENDS, came)
    return np.asarray(-np.log2(smooth[np.arange(len(came)), fell]))


def interval_score(lower: IntArray, upper: IntArray, came: FloatArray) -> FloatArray:
    """Return (cases,) the score of central 90 % intervals: width plus 20 times the miss.

    Source: Gneiting and Raftery (2007), equation 43, with α = 0.1.
    """
    miss = np.maximum(lower - came, 0) + np.maximum(came - upper, 0)
    return np.asarray((upper - lower) + 2 / _ALPHA * miss)


def covered(lower: IntArray, upper: IntArray, came: FloatArray) -> AnyArray:
    """Return (cases,) whether the count lay in the interval, ends included."""
    return np.asarray((lower <= came) & (came <= upper))


def randomised_pit(predictive: Predictive, came: FloatArray, seed: int) -> FloatArray:
    """Return (cases,) draws between P(count < came) and P(count <= came); uniform if calibrated.

    Source: Czado, Gneiting and Held, "Predictive model assessment for count data" (Biometrics
    65, 2009).
    """
    counts = came.astype(np.int64)
    low, high = predictive.at_most(counts - 1)[:, 0], predictive.at_most(counts)[:, 0]
    return np.asarray(low + (high - low) * np.random.default_rng(seed).random(len(came)))
