"""Levels: the means that a series' history suggests, known at each origin; compiled."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.series import FloatArray, IntArray
from forecast.compiled import compiled, inner
from forecast.models.regimes import HYPOTHESES, Beliefs, Regimes, first_guess, regime_mean

REGIME_LEVELS = 3
"""Levels of the regime: the mean since it began, and two that decay."""
_NEGLIGIBLE = 1e-4


class Levels(NamedTuple):
    """Which levels.

    Attributes:
        rates: α of the exponentially weighted means.
        windows: lengths of the trailing means, in periods.
        log_rates: α of the exponentially weighted means of log(1 + count).
        regime_rate: α of the exponentially weighted mean since the regime began.
        regime_log_rate: α of that of log(1 + count).
        regimes: what is thought of regimes.
    """

    rates: FloatArray
    windows: IntArray
    log_rates: FloatArray
    regime_rate: float
    regime_log_rate: float
    regimes: Regimes


@compiled
def regime_place(levels: Levels) -> int:
    """Return the place of the first level of the regime."""
    return len(levels.rates) + len(levels.windows) + len(levels.log_rates)


@compiled
def level_count(levels: Levels) -> int:
    """Return how many there are, those of the regime and the long-run mean among them."""
    return regime_place(levels) + REGIME_LEVELS + 1


@inner
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


@inner
def _trailing(known: IntArray, sums: FloatArray, window: int, out: FloatArray) -> None:
    """Write the mean of the counts in the last periods; where none is known, of all."""
    for t in range(1, len(known)):
        back = max(t - window, 0)
        n = known[t] - known[back]
        if n == 0:
            back, n = 0, max(known[t], 1)
        out[t] = (sums[t] - sums[back]) / n


@inner
def _decaying_sums(y: FloatArray, rate: float, logarithmic: bool, out: FloatArray) -> None:
    """Write the exponentially weighted sum of the counts before each origin."""
    out[0] = 0.0
    for t in range(len(y)):
        out[t + 1] = out[t]
        if not math.isnan(y[t]):
            out[t + 1] += rate * ((math.log1p(y[t]) if logarithmic else y[t]) - out[t])


@inner
def _since(decaying: FloatArray, rate: float, origin: int, start: int, count: int) -> float:
    """Return the exponentially weighted mean of the counts since a start, normalised."""
    left = float((1 - rate) ** count)
    return max(float(decaying[origin]) - left * float(decaying[start]), 0.0) / (1 - left)


@inner
def _regime_levels(y: FloatArray, beliefs: Beliefs, levels: Levels, out: FloatArray) -> None:
    """Write the mean level of the regimes that each origin thinks possible, in three ways.

    Every regime takes part with its worth, but for one that has no count yet.
    """
    known, sums, starts, worth = beliefs
    plain, logs = np.empty(len(known)), np.empty(len(known))
    _decaying_sums(y, levels.regime_rate, False, plain)
    _decaying_sums(y, levels.regime_log_rate, True, logs)
    for t in range(len(known)):
        for b in range(REGIME_LEVELS):
            out[b, t] = 0.0
        guess, total = first_guess(known[t], sums[t], 0.0), 0.0
        for j in range(HYPOTHESES):
            start = starts[t, j]
            n = known[t] - known[start]
            if n > 0 and worth[t, j] > _NEGLIGIBLE:
                weighted = _since(plain, levels.regime_rate, t, start, n)
                moderate = math.expm1(_since(logs, levels.regime_log_rate, t, start, n))
                out[0, t] += worth[t, j] * regime_mean(sums[t] - sums[start], n, guess)
                out[1, t] += worth[t, j] * regime_mean(weighted * n, n, guess)
                out[2, t] += worth[t, j] * regime_mean(moderate * n, n, guess)
                total += worth[t, j]
        for b in range(REGIME_LEVELS):
            out[b, t] = out[b, t] / total if total > 0 else 0.0


@compiled
def write_levels(y: FloatArray, beliefs: Beliefs, levels: Levels, out: FloatArray) -> None:
    """Write (levels, columns + 1) means known at each origin.

    They are the exponentially weighted means, the trailing means, those of logarithms, the
    regime's and last the long-run mean. None is under half an event in all of the history and
    one period more, so that a long silence is never a promise.
    """
    known, sums, place = beliefs.known, beliefs.sums, 0
    for rate in levels.rates:
        _decayed(y, rate, False, out[place])
        place += 1
    for window in levels.windows:
        _trailing(known, sums, window, out[place])
        place += 1
    for rate in levels.log_rates:
        _decayed(y, rate, True, out[place])
        place += 1
    _regime_levels(y, beliefs, levels, out[place : place + REGIME_LEVELS])
    _trailing(known, sums, len(y), out[place + REGIME_LEVELS])
    for b in range(out.shape[0]):
        for t in range(out.shape[1]):
            out[b, t] = max(out[b, t], 0.5 / (known[t] + 1))
