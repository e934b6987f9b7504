"""Levels: the means that a series' history suggests, known at each origin; compiled.

The regime's level is that of Bayesian online change-point detection (Adams and MacKay, arXiv
0710.3742, 2007) on negative binomial counts: every period may have begun a new regime, each such
hypothesis has the mean of the counts since, and what it said of every count decides what it is
worth. A spike that reverts costs a new regime its weight again, so nothing is ever cut off.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from core.series import FloatArray, IntArray

_HYPOTHESES = 8
"""Regimes kept in mind at once; the least probable one makes room for the newest."""
_REGIME_DISPERSION = 1.2
_CONTRAST = 4.0
_APART = 0.1
"""Events that are added to a regime's first guess: it can begin with the first event ever."""


class Levels(NamedTuple):
    """Which levels.

    Attributes:
        rates: α of the exponentially weighted means.
        windows: lengths of the trailing means, in periods.
        log_rates: α of the exponentially weighted means of log(1 + count).
        hazard: probability that a period begins a new regime.
    """

    rates: FloatArray
    windows: IntArray
    log_rates: FloatArray
    hazard: float


def level_count(levels: Levels) -> int:
    """Return how many there are, the regime's level and the long-run mean among them."""
    return len(levels.rates) + len(levels.windows) + len(levels.log_rates) + 2


@njit(cache=True, nogil=True)
def _decayed(y: FloatArray, rate: float, logarithmic: bool, out: FloatArray) -> None:
    """Write the exponentially weighted mean known at each origin.

    It is normalised by its weights, so that the first counts carry no more than their share.
    """
    level, weight = 0.0, 0.0
    for t in range(len(y)):
        if not math.isnan(y[t]):
            level += rate * ((math.log1p(y[t]) if logarithmic else y[t]) - level)
            weight += rate * (1 - weight)
        mean = level / weight if weight > 0 else 0.0
        out[t + 1] = math.expm1(mean) if logarithmic else mean


@njit(cache=True, nogil=True)
def count_known(y: FloatArray, known: IntArray, sums: FloatArray) -> None:
    """Write how many counts are known at each origin, and their sum."""
    known[0], sums[0] = 0, 0.0
    for t in range(len(y)):
        seen = not math.isnan(y[t])
        known[t + 1] = known[t] + (1 if seen else 0)
        sums[t + 1] = sums[t] + (y[t] if seen else 0.0)


@njit(cache=True, nogil=True)
def _trailing(known: IntArray, sums: FloatArray, window: int, out: FloatArray) -> None:
    """Write the mean of the counts in the last periods; where none is known, of all."""
    for t in range(1, len(known)):
        back = max(t - window, 0)
        n = known[t] - known[back]
        if n == 0:
            back, n = 0, max(known[t], 1)
        out[t] = (sums[t] - sums[back]) / n


@njit(cache=True, nogil=True)
def _judge(y: float, guess: float, began: FloatArray, worth: FloatArray, logs: FloatArray) -> None:
    """Weigh the regimes by what they said of a count, none less than e⁻⁴ of the best; sum to 1.

    `began` holds (regimes, 2): how many counts there were since, and their sum. A regime's mean
    takes the long-run mean as one count more.
    """
    r, best, total = _REGIME_DISPERSION, -1e300, 0.0
    for j in range(len(worth)):
        mean = (began[j, 1] + guess) / (began[j, 0] + 1)
        logs[j] = -r * math.log(mean + r)
        if y > 0:
            logs[j] -= y * math.log1p(r / mean)
        best = max(best, logs[j])
    for j in range(len(worth)):
        worth[j] *= math.exp(max(logs[j] - best, -_CONTRAST))
        total += worth[j]
    for j in range(len(worth)):
        worth[j] /= total


@njit(cache=True, nogil=True)
def _begin(y: float, hazard: float, began: FloatArray, worth: FloatArray) -> None:
    """Give every regime the count, and the place of the least probable one to a new regime."""
    least = 0
    for j in range(len(worth)):
        began[j, 0] += 1
        began[j, 1] += y
        worth[j] *= 1 - hazard
        if worth[j] < worth[least]:
            least = j
    began[least, 0], began[least, 1], worth[least] = 0.0, 0.0, hazard


@njit(cache=True, nogil=True)
def _regime(
    y: FloatArray, known: IntArray, sums: FloatArray, hazard: float, out: FloatArray
) -> None:
    """Write the mean level of the regimes that each origin thinks possible."""
    began, worth = np.zeros((_HYPOTHESES, 2)), np.zeros(_HYPOTHESES)
    logs = np.empty(_HYPOTHESES)
    worth[0] = 1.0
    for t in range(len(y)):
        out[t + 1] = out[t]
        if math.isnan(y[t]):
            continue
        before = sums[t] / known[t] if known[t] > 0 else y[t]
        _judge(y[t], before + _APART, began, worth, logs)
        _begin(y[t], hazard, began, worth)
        guess, level, total = sums[t + 1] / known[t + 1] + _APART, 0.0, 0.0
        for j in range(_HYPOTHESES):
            level += worth[j] * (began[j, 1] + guess) / (began[j, 0] + 1)
            total += worth[j]
        out[t + 1] = level / total


@njit(cache=True, nogil=True)
def write_levels(
    y: FloatArray, known: IntArray, sums: FloatArray, levels: Levels, out: FloatArray
) -> None:
    """Write (levels, columns + 1) means known at each origin.

    They are the exponentially weighted means, the trailing means, those of logarithms, the
    regime's and last the long-run mean. None is under half an event in all of the history and
    one period more, so that a long silence is never a promise.
    """
    number = 0
    for rate in levels.rates:
        _decayed(y, rate, False, out[number])
        number += 1
    for window in levels.windows:
        _trailing(known, sums, window, out[number])
        number += 1
    for rate in levels.log_rates:
        _decayed(y, rate, True, out[number])
        number += 1
    _regime(y, known, sums, levels.hazard, out[number])
    _trailing(known, sums, len(y), out[number + 1])
    for b in range(out.shape[0]):
        for t in range(out.shape[1]):
            out[b, t] = max(out[b, t], 0.5 / (known[t] + 1))
