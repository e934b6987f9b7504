"""Reliability: of all that was said to be 70 % likely, how much came true."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.series import AnyArray, FloatArray, IntArray
from forecast.skill import shares

BINS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
"""Ends of the bins; the last one holds its upper end too."""


class Bin(NamedTuple):
    """The cases whose probability lay in a bin.

    Attributes:
        low: its lower end.
        high: its upper end.
        forecasts: cases.
        periods: different times at which they were said.
        said: mean probability.
        came: how many came true.
        share: of them, with the ends of its 95 % interval; None where too few are known.
    """

    low: float
    high: float
    forecasts: int
    periods: int
    said: float
    came: int
    share: float
    share_low: float | None
    share_high: float | None


def reliability(probability: FloatArray, came: AnyArray, period: IntArray, steps: int) -> list[Bin]:
    """Return the bins that hold any case, from the least likely.

    Args:
        probability: (cases,) of the event, as it was said.
        came: (cases,) whether it came true.
        period: (cases,) when it was said.
        steps: periods that one case reaches over.
    """
    place = np.clip(np.searchsorted(BINS, probability, side="right") - 1, 0, len(BINS) - 2)
    found = []
    for number in np.unique(place).tolist():
        some = place == number
        times, when = np.unique(period[some], return_inverse=True)
        said = np.bincount(when, minlength=len(times)).astype(np.float64)
        true = np.bincount(when, weights=came[some], minlength=len(times)).astype(np.float64)
        ends = shares(true, said, steps) or (None, None)
        count = int(some.sum())
        found.append(
            Bin(
                *(BINS[number], BINS[number + 1], count, len(times)),
                *(float(probability[some].mean()), int(true.sum()), float(true.sum() / count)),
                *ends,
            )
        )
    return found
