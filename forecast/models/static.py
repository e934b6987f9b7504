"""Models that say the same at every horizon: a law made of the history and nothing else."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from core.series import FloatArray, IntArray
from forecast.models.base import MemberFit, Task, empty_past, known_before


class Law(Protocol):
    """A distribution per series, made from the counts before an origin."""

    needs: int
    """Known counts without which there is no law."""

    def cdf(self, before: FloatArray, support: IntArray) -> FloatArray:
        """Return (series, grid) P(count <= support) from (series, columns) counts."""
        ...

    def mass(self, before: FloatArray, came: FloatArray) -> FloatArray:
        """Return (series, wanted) P(count = came)."""
        ...


class StaticFitter:
    """A law read at any origin."""

    def __init__(self, law: Law, counts: FloatArray, task: Task) -> None:
        """Take the law, the panel's counts and the question."""
        self._law, self._counts, self._task = law, counts, task

    def fit(self, rows: IntArray, origins: IntArray) -> MemberFit:
        """Return the law of some of the panel's rows at the wanted origins."""
        counts, task = self._counts[rows], self._task
        shape = (len(rows), len(origins), task.steps, len(task.support))
        able = known_before(counts, origins) >= self._law.needs
        flat = np.ones((len(rows), len(origins), 1, len(task.support)))
        for slot, origin in enumerate(origins):
            some = able[:, slot]
            if some.any():
                flat[some, slot, 0] = self._law.cdf(counts[some, :origin], task.support)
        return MemberFit(np.broadcast_to(flat, shape), able, self._past(counts))

    def _past(self, counts: FloatArray) -> FloatArray:
        past = empty_past(counts, self._task)
        starts = np.arange(self._task.scored_from, counts.shape[1])
        able = known_before(counts, starts) >= self._law.needs
        for made, origin in enumerate(starts):
            some = able[:, made]
            came = counts[some, origin : origin + self._task.steps]
            if some.any():
                mass = self._law.mass(counts[some, :origin], came)
                past[some, made, : came.shape[1]] = np.where(np.isnan(came), np.nan, mass)
        return past
