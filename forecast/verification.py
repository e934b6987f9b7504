"""Verification: how good forecasts were that have come due, and what they are measured against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.forecasts import INTERVALS
from core.series import FloatArray, IntArray, Panel
from forecast import scores
from forecast.models import NAIVE, model
from forecast.models.base import Task


class Marks(NamedTuple):
    """Scores of a block of forecasts, one per case.

    Attributes:
        crps: (cases,) counts; lower is better.
        log_score: (cases,) natural logarithms, floored at ln 1e-6; higher is better.
        held: (cases,) the narrowest of INTERVALS that held the count, 0 where none did.
    """

    crps: FloatArray
    log_score: FloatArray
    held: IntArray


def benchmarks(panel: Panel, support: IntArray) -> dict[str, FloatArray]:
    """Return what the naive models say after the last column: name → (series, grid) cdf.

    They say the same at every horizon.
    """
    columns = panel.counts.shape[1]
    task = Task(1, columns, support)
    rows, origins = np.arange(len(panel)), np.array([columns])
    found = {}
    for name in NAIVE:
        cdf = model(name).prepare(panel, task).fit(rows, origins).cdf[:, 0, 0]
        found[name] = np.asarray(cdf / cdf[:, -1:])
    return found


def marks(cdf: FloatArray, support: IntArray, came: FloatArray) -> Marks:
    """Return the scores of (cases, grid) distributions by the (cases,) counts that came."""
    predictive = scores.rows(np.ascontiguousarray(cdf), support)
    return Marks(
        scores.crps(predictive.cdf[:, 0], support, came),
        np.minimum(scores.log_score(predictive, came), 0.0),
        _held(predictive.quantile(_ends(INTERVALS))[:, 0], came),
    )


def _ends(intervals: Sequence[int]) -> list[float]:
    """Return the levels of the lower ends, then of the upper ends."""
    tails = [(1 - width / 100) / 2 for width in intervals]
    return [*tails, *(1 - tail for tail in tails)]


def _held(quantiles: IntArray, came: FloatArray) -> IntArray:
    lower, upper = quantiles[:, : len(INTERVALS)], quantiles[:, len(INTERVALS) :]
    inside = scores.covered(lower, upper, came[:, None])
    narrowest = np.array(INTERVALS)[np.argmax(inside, axis=1)]
    return np.asarray(np.where(inside.any(axis=1), narrowest, 0), dtype=np.int64)
