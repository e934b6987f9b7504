"""How likely n or more are: the table from which the line on a region's chart is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.predictive import Predictive
from core.series import FloatArray, IntArray

_EXACT, _MOST = 20, 60
"""Every count up to the first, and at most this many counts in all."""
_RARE = 0.005
"""The table ends where n or more is less likely than this in the whole window."""


@dataclass(frozen=True)
class Readings:
    """P(count ≥ n) per period of a window, in any of them, and of their total.

    `any_of` and `total` come from the same joint draws as the rules' probabilities.
    """

    counts: Sequence[int]
    periods: Sequence[Sequence[float]]
    any_of: Sequence[float]
    total: Sequence[float]

    def at(self, n: int) -> int:
        """Return the row of the nearest count in the table."""
        return min(range(len(self.counts)), key=lambda row: abs(self.counts[row] - n))


def readings(predictive: Predictive, first: int, last: int, asked: int) -> Readings:
    """Return the table of one series over the horizons from `first` to `last` (from 0, included).

    `asked` is a count that has to be in it.
    """
    draws = predictive.draws(0, first, last)
    largest, total = draws.max(axis=1), draws.sum(axis=1)
    counts = _counts(int(np.quantile(total, 1 - _RARE)) + 1, asked)
    each = _at_least(predictive, counts)[:, first : last + 1]
    alone = first == last
    return Readings(
        counts=counts,
        periods=each.tolist(),
        any_of=each[:, 0].tolist() if alone else _share(largest, counts),
        total=each[:, 0].tolist() if alone else _share(total, counts),
    )


def _counts(top: int, asked: int) -> list[int]:
    """Return every small count, then fewer and fewer, up to `top`."""
    small = range(1, min(top, _EXACT) + 1)
    large = np.geomspace(_EXACT, max(top, _EXACT + 1), _MOST - _EXACT) if top > _EXACT else ()
    return sorted({*small, *(round(float(n)) for n in large), asked, 1})


def _at_least(predictive: Predictive, counts: Sequence[int]) -> FloatArray:
    """Return (counts, horizons) P(count ≥ n) of one series, as `probability_at_least` says it."""
    below = np.array(counts) - 1
    at_most = [np.interp(below, predictive.support, cdf) for cdf in predictive.cdf[0]]
    return 1.0 - np.column_stack(at_most)


def _share(drawn: IntArray, counts: Sequence[int]) -> list[float]:
    return [float(np.mean(drawn >= n)) for n in counts]
