"""seasonal: a level without its season, times the season and the known dates of what is ahead.

Factors are shared by the regions of one whole (forecast/models/factors.py). The level is the
exponentially weighted mean of the counts over that of the factors they had, as in the
multiplicative method of Winters (Management Science 6, 1960).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.periods import Period
from core.series import FloatArray, IntArray, Panel
from forecast.models.base import Task
from forecast.models.factors import STRENGTHS, Factors, learn
from forecast.models.means import MEMORY, MeansFitter, Told, decayed, floor_of

RATES = (0.08, 0.25, 0.6)
"""α of the levels."""
NEEDED_YEARS = 2
_NO_EFFECT = 0.02
"""A factor that is nearer to 1 is not told."""


class Seasonal:
    """The model."""

    prior = 0.5

    def prepare(self, panel: Panel, task: Task) -> MeansFitter:
        """Learn the factors of every group at every origin that is asked about."""
        first = max(task.scored_from - MEMORY, 0)
        means = _Means(panel, learn(panel, task.steps, first), first)
        return MeansFitter(means, panel.counts, task, first)


class _Means:
    follows = True

    def __init__(self, panel: Panel, factors: Factors, first: int) -> None:
        self._panel, self._factors, self._first = panel, factors, first
        self.needs = NEEDED_YEARS * panel.period.year_length

    def at(self, rows: IntArray, origins: IntArray) -> FloatArray:
        """Return (rows, origins, steps, rates x strengths) levels times factors."""
        counts = self._panel.counts[rows]
        known, came = ~np.isnan(counts) * 1.0, np.nan_to_num(counts)
        group = self._factors.groups.of[rows]
        least, found = floor_of(counts, origins), []
        for strength in range(len(STRENGTHS)):
            had = known * self._factors.behind[strength, group]
            ahead = self._factors.ahead[strength, group][:, origins - self._first]
            for rate in RATES:
                share = decayed(had, rate, origins)
                level = decayed(came, rate, origins) / np.where(share > 0, share, 1.0)
                found.append(np.maximum(level, least)[..., None] * ahead)
        return np.stack(found, axis=-1)

    def told(self, rows: IntArray, experts: FloatArray) -> Iterator[Told]:
        """Yield the season of every step and the known dates in it."""
        found, period = self._factors, self._panel.period
        trust = experts.reshape(*experts.shape[:2], len(STRENGTHS), len(RATES)).sum(axis=3)
        for place, step in np.ndindex(*trust.shape[:2]):
            row, group = int(rows[place]), int(found.groups.of[rows[place]])
            season = float(trust[place, step] @ found.season[:, group, step])
            name = name_of(period, int(self._panel.ends[row]) + 1 + step)
            if abs(season - 1) > _NO_EFFECT:
                yield Told(place, step, "season", name, season, season)
            for label in np.flatnonzero(found.shares[group, :, step]):
                rate = 1 + float(trust[place, step] @ found.dates[:, group, label])
                factor = 1 + float(found.shares[group, label, step]) * (rate - 1)
                yield Told(place, step, "date", found.labels[label], rate, factor)


def name_of(period: Period, index: int) -> str:
    """Return what people call a part of the year: "Januaries", "Fridays in March"."""
    start = period.start(index)
    if period is Period.DAY:
        return f"{start:%A}s in {start:%B}"
    if period is Period.WEEK:
        return f"Weeks around {start.day} {start:%B}"
    month = f"{start:%B}"
    return f"{month[:-1]}ies" if month.endswith("ary") else f"{month}s"
