"""Levels: the means that a series' history suggests, known at each origin."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.series import FloatArray, IntArray
from forecast.compiled import compiled
from forecast.models.regimes import Beliefs, Regimes, at_starts, first_guess, regime_mean

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
    known, sums, logs = beliefs.known, beliefs.sums, np.log1p(counts)
    found = [_decayed(counts, known, rate) for rate in levels.rates]
    found += [_trailing(known, sums, int(window)) for window in levels.windows]
    found += [np.expm1(_decayed(logs, known, rate)) for rate in levels.log_rates]
    found += _regime_levels(counts, logs, beliefs, levels)
    found.append(_trailing(known, sums, counts.shape[1]))
    return np.asarray(np.maximum(np.stack(found, axis=2), (0.5 / (known + 1))[..., None]))


@compiled
def _decay(values: FloatArray, rate: float, out: FloatArray) -> None:
    """Write the exponentially weighted sum of the values before each origin, NaN left out."""
    for s in range(len(values)):
        total = 0.0
        out[s, 0] = 0.0
        for t in range(values.shape[1]):
            if not math.isnan(values[s, t]):
                total += rate * (values[s, t] - total)
            out[s, t + 1] = total


def _decaying(values: FloatArray, rate: float) -> FloatArray:
    out = np.empty((values.shape[0], values.shape[1] + 1))
    _decay(values, rate, out)
    return out


def _decayed(values: FloatArray, known: IntArray, rate: float) -> FloatArray:
    """Return the exponentially weighted means known at each origin, 0 where nothing is.

    They are normalised by their weights, so that the first counts carry no more than their share.
    """
    weights = 1.0 - _left(rate, known.shape[1])[known]
    total = _decaying(values, rate)
    return np.divide(total, weights, out=np.zeros_like(total), where=known > 0)


def _left(rate: float, columns: int) -> FloatArray:
    """Return what is left of a weight after 0, 1, … counts."""
    return np.asarray((1.0 - rate) ** np.arange(columns))


def _trailing(known: IntArray, sums: FloatArray, window: int) -> FloatArray:
    """Return the means of the counts in the last periods; where none is known, of all."""
    back = np.maximum(np.arange(known.shape[1]) - window, 0)
    some = known > known[:, back]
    count = np.where(some, known - known[:, back], np.maximum(known, 1))
    return np.asarray((sums - np.where(some, sums[:, back], 0.0)) / count)


def _regime_levels(
    counts: FloatArray, logs: FloatArray, beliefs: Beliefs, levels: Levels
) -> list[FloatArray]:
    """Return the mean level of the regimes that each origin thinks possible, in three ways.

    Every regime takes part with its worth, but for one that has no count yet.
    """
    sizes, starts = beliefs.sizes, beliefs.starts
    worth = np.where((sizes > 0) & (beliefs.worth > _NEGLIGIBLE), beliefs.worth, 0.0)
    guesses = first_guess(beliefs.known, beliefs.sums, 0.0)[..., None]
    weighted = _since(_decaying(counts, levels.regime_rate), levels.regime_rate, starts, sizes)
    moderate = _since(
        _decaying(logs, levels.regime_log_rate), levels.regime_log_rate, starts, sizes
    )
    totals: tuple[FloatArray, ...] = (
        np.asarray(beliefs.sums[..., None] - at_starts(beliefs.sums, starts), dtype=np.float64),
        weighted * sizes,
        np.expm1(moderate) * sizes,
    )
    told = worth.sum(axis=2)
    found = [(worth * regime_mean(total, sizes, guesses)).sum(axis=2) for total in totals]
    return [np.divide(mean, told, out=np.zeros_like(mean), where=told > 0) for mean in found]


def _since(decaying: FloatArray, rate: float, starts: IntArray, sizes: IntArray) -> FloatArray:
    """Return the exponentially weighted means of the counts since regimes began, normalised."""
    left = _left(rate, decaying.shape[1])[sizes]
    total = np.maximum(decaying[..., None] - left * at_starts(decaying, starts), 0.0)
    return np.divide(total, 1.0 - left, out=np.zeros_like(total), where=sizes > 0)
