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

from collections.abc import Iterator

import numpy as np

from core.series import FloatArray, IntArray, Panel
from forecast.models.base import Task
from forecast.models.means import MEMORY, MeansFitter, Told, decayed, floor_of

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
        long, least = self._long(rows, origins), floor_of(counts, origins)
        found = []
        for fading in FADING:
            seen = decayed(known, 1 - fading, origins)
            echo = decayed(came, 1 - fading, origins) / np.where(seen > 0, seen, 1.0)
            for branching in BRANCHING:
                left = branching * (fading + (1 - fading) * branching) ** self._ahead
                mean = long[..., None] + (echo - long)[..., None] * left
                found.append(np.maximum(mean, least[..., None]))
        return np.stack(found, axis=-1)

    def told(self, rows: IntArray, experts: FloatArray) -> Iterator[Told]:
        """Yield what is expected of the echoes, over the long mean."""
        last = np.array([self._counts.shape[1]])
        means = (self.at(rows, last)[:, 0] * experts).sum(axis=2)
        ratio = means / self._long(rows, last)
        for place, step in np.ndindex(*ratio.shape):
            factor = float(ratio[place, step])
            yield Told(place, step, "excitement", "", factor, factor)

    def _long(self, rows: IntArray, origins: IntArray) -> FloatArray:
        """Return (rows, origins) the long mean."""
        counts = self._counts[rows]
        share = decayed(~np.isnan(counts) * 1.0, LONG, origins)
        mean = decayed(np.nan_to_num(counts), LONG, origins) / np.where(share > 0, share, 1.0)
        return np.maximum(mean, floor_of(counts, origins))
