"""What season, known dates, neighbours and the last periods do to forecasts, where it is seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.explanations import Effect
from core.series import FloatArray, IntArray
from forecast.models.base import Fitter, MemberFit
from forecast.models.means import MeansFitter

SEEN = 0.05
"""Weight in the pool under which a member's effects are not told."""


def effects(
    fitters: Sequence[Fitter],
    fits: Sequence[MemberFit],
    weights: FloatArray,
    rows: IntArray,
    ends: IntArray,
) -> tuple[tuple[Effect, ...], ...]:
    """Return per series of a block what moves its forecasts, period by period.

    Args:
        fitters: of the configured members.
        fits: theirs, of the block at the last origin.
        weights: (series, steps, members or more) of the pool.
        rows: numbers of the block's series.
        ends: (series,) period index of the last column.
    """
    found: list[list[Effect]] = [[] for _ in rows]
    for m, (fitter, fit) in enumerate(zip(fitters, fits, strict=True)):
        if fit.experts is None or not isinstance(fitter, MeansFitter):
            continue
        seen = np.flatnonzero((weights[:, :, m] >= SEEN).any(axis=1))
        for told in fitter.told(rows[seen], fit.experts[seen]):
            series = int(seen[told.place])
            weight = float(weights[series, told.step, m])
            if weight >= SEEN:
                period, adds = int(ends[series]) + 1 + told.step, weight * (told.factor - 1)
                effect = Effect(
                    period, told.kind, told.subject, round(told.ratio, 3), round(adds, 4)
                )
                found[series].append(effect)
    return tuple(map(tuple, found))
