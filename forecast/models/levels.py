"""Levels: the means that a series' history suggests, known at each origin."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.series import FloatArray, IntArray
from forecast.compiled import compiled, inner
from forecast.models.regimes import Beliefs, Regimes, regime_guess

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


def regime_place(levels: Levels) -> int:
    """Return the place of the first level of the regime."""
    return len(levels.rates) + len(levels.windows) + len(levels.log_rates)


def level_count(levels: Levels) -> int:
    """Return how many there are, those of the regime and the long-run mean among them."""
    return regime_place(levels) + REGIME_LEVELS + 1


def levels_of(counts: FloatArray, beliefs: Beliefs, levels: Levels) -> FloatArray:
    """Return (series, columns + 1, levels) means known at each origin.

    They are the exponentially weighted means, the trailing means, those of logarithms, the
    regime's and last the long-run mean. None is under half an event in all of the history and
    one period more, so that a long silence is never a promise.
    """
    (series, columns), plain = counts.shape, len(levels.rates) + 1
    rates = (*levels.rates, levels.regime_rate, *levels.log_rates, levels.regime_log_rate)
    found = np.empty((series, columns + 1, level_count(levels)))
    _write(
        np.stack((counts, np.log1p(counts))),
        beliefs.known,
        beliefs.sums,
        beliefs.starts,
        beliefs.worth,
        np.array(rates),
        plain,
        (1.0 - np.array(rates)[:, None]) ** np.arange(columns + 1),
        levels.windows,
        np.empty((len(rates), columns + 1)),
        found,
    )
    return found


@compiled
def _write(
    values: FloatArray,
    known: IntArray,
    sums: FloatArray,
    starts: IntArray,
    worth: FloatArray,
    rates: FloatArray,
    plain: int,
    left: FloatArray,
    windows: IntArray,
    decayed: FloatArray,
    out: FloatArray,
) -> None:
    """Write the levels of every series.

    Args:
        values: (2, series, columns) counts and their log(1 + count), NaN where unknown.
        known: (series, columns + 1) as in `Beliefs`, and so the next three.
        sums: (series, columns + 1).
        starts: (series, columns + 1, hypotheses).
        worth: (series, columns + 1, hypotheses).
        rates: α of the means, the last one of the counts and of the logarithms for regimes.
        plain: how many of them are of counts; the others are of logarithms.
        left: (rates, columns + 1) what is left of a weight after 0, 1, … counts.
        windows: lengths of the trailing means.
        decayed: (rates, columns + 1) scratch: sums at each origin.
        out: (series, columns + 1, levels), overwritten.
    """
    regimes = len(rates) + len(windows) - 2
    for s in range(len(out)):
        for r in range(len(rates)):
            _decay(values[0 if r < plain else 1, s], rates[r], decayed[r])
        for t in range(out.shape[1]):
            level, n = out[s, t], known[s, t]
            least = 0.5 / (n + 1)
            for r in range(plain - 1):
                level[r] = decayed[r, t] / (1.0 - left[r, n]) if n > 0 else 0.0
            for w in range(len(windows)):
                level[plain - 1 + w] = _trailing(known[s], sums[s], t, windows[w])
            for r in range(plain, len(rates) - 1):
                mean = decayed[r, t] / (1.0 - left[r, n]) if n > 0 else 0.0
                level[len(windows) + r - 1] = math.expm1(mean)
            _regime_levels(known, sums, starts, worth, s, t, plain, left, decayed, level[regimes:])
            level[-1] = _trailing(known[s], sums[s], t, t)
            for place in range(len(level)):
                level[place] = max(least, level[place])


@inner
def _decay(values: FloatArray, rate: float, out: FloatArray) -> None:
    """Write the exponentially weighted sum of the values before each origin, NaN left out."""
    total = 0.0
    out[0] = 0.0
    for t in range(len(values)):
        if not math.isnan(values[t]):
            total += rate * (values[t] - total)
        out[t + 1] = total


@inner
def _trailing(known: IntArray, sums: FloatArray, t: int, window: int) -> float:
    """Return the mean of the counts in the last periods; where none is known, of all."""
    back = t - window if t > window else 0
    if known[t] > known[back]:
        return float((sums[t] - sums[back]) / (known[t] - known[back]))
    return float(sums[t] / known[t]) if known[t] > 0 else 0.0


@inner
def _regime_levels(
    known: IntArray,
    sums: FloatArray,
    starts: IntArray,
    worth: FloatArray,
    s: int,
    t: int,
    plain: int,
    left: FloatArray,
    decayed: FloatArray,
    level: FloatArray,
) -> None:
    """Write the mean level of the regimes that an origin thinks possible, in three ways.

    Every regime takes part with its worth, but for one that has no count yet. Each level is shrunk
    as the mean of its counts is, towards the first guess at it.
    """
    guess = regime_guess(known[s, t], sums[s, t])
    told = total = weighted = moderate = 0.0
    for j in range(starts.shape[2]):
        start, part = starts[s, t, j], worth[s, t, j]
        size = known[s, t] - known[s, start]
        if size > 0 and part > _NEGLIGIBLE:
            part /= size + 1.0 / guess
            told += worth[s, t, j]
            total += part * (sums[s, t] - sums[s, start] + 1.0)
            mean = _since(decayed[plain - 1], left[plain - 1], start, t, size)
            weighted += part * (mean * size + 1.0)
            mean = _since(decayed[-1], left[-1], start, t, size)
            moderate += part * (math.expm1(mean) * size + 1.0)
    level[0] = total / told if told > 0 else 0.0
    level[1] = weighted / told if told > 0 else 0.0
    level[2] = moderate / told if told > 0 else 0.0


@inner
def _since(decayed: FloatArray, left: FloatArray, start: int, t: int, size: int) -> float:
    """Return the exponentially weighted mean of the counts since a regime began, normalised."""
    total = decayed[t] - left[size] * decayed[start]
    return float((total if total > 0 else 0.0) / (1.0 - left[size]))
