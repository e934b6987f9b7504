"""self-exciting: every event makes more events likely for a while.

A Hawkes process in discrete time (Hawkes, Biometrika 58, 1971; for attacks: White, Porter and
Mazerolle, Journal of Quantitative Criminology 29, 2013): the rate of the next period is

    λ_1 = μ + η e ,   e ← d e + (1 − d) y ,

a background μ and echoes e of the counts y that fade by d a period; η is the branching ratio, the
events that an event brings. With the background that makes the long mean m̄ = μ / (1 − η), what is
expected h periods ahead returns to it as

    λ_h = m̄ + η (e − m̄) ρ^(h − 1) ,   ρ = d + (1 − d) η ,

since e follows its own forecasts. Several d and η are held possible, and scores choose.
"""

from __future__ import annotations

import numpy as np

from core.series import FloatArray, IntArray, Panel
from forecast.models.base import Task
from forecast.models.means import MEMORY, MeansFitter, decayed, floor_of

FADING = (0.1, 0.35, 0.7)
"""d: half of an echo is left after 0.3, 0.7 and 1.9 periods; what lasts longer is a level."""
BRANCHING = (0.4, 0.65, 0.9)
"""η; at 1 nothing would ever calm down."""
LONG = 0.01
"""α of the long mean: it forgets half in 69 periods."""
NEEDS = 24


class SelfExciting:
    """The model."""

    prior = 0.5

    def prepare(self, panel: Panel, task: Task) -> MeansFitter:
        """Return the fitter; only weights are shared."""
        first = max(task.scored_from - MEMORY, 0)
        return MeansFitter(_Means(panel.counts, task.steps), panel.counts, task, first)


class _Means:
    needs, follows = NEEDS, True

    def __init__(self, counts: FloatArray, steps: int) -> None:
        self._counts, self._ahead = counts, np.arange(float(steps))

    def at(self, rows: IntArray, origins: IntArray) -> FloatArray:
        """Return (rows, origins, steps, fadings x branchings)."""
        counts = self._counts[rows]
        known, came = ~np.isnan(counts) * 1.0, np.nan_to_num(counts)
        share, least = decayed(known, LONG, origins), floor_of(counts, origins)
        long = np.maximum(decayed(came, LONG, origins) / np.where(share > 0, share, 1.0), least)
        found = []
        for fading in FADING:
            seen = decayed(known, 1 - fading, origins)
            echo = decayed(came, 1 - fading, origins) / np.where(seen > 0, seen, 1.0)
            for branching in BRANCHING:
                left = branching * (fading + (1 - fading) * branching) ** self._ahead
                found.append(
                    np.maximum(long[..., None] + (echo - long)[..., None] * left, least[..., None])
                )
        return np.stack(found, axis=-1)
