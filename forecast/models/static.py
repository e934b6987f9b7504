"""Models that say the same at every horizon: a law made of the history and nothing else."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from core.series import AnyArray, FloatArray, IntArray
from forecast.models.base import MemberFit, Task, empty_past, known_before
from forecast.shares import in_shares

_SHARE = 128


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
        task, counts = self._task, self._counts[rows]
        able = known_before(counts, origins) >= self._law.needs
        flat = np.ones((len(rows), len(origins), 1, len(task.support)))
        past = empty_past(counts, task)

        def answer(part: slice) -> None:
            self._read(counts[part], origins, able[part], flat[part])
            self._score(counts[part], past[part])

        in_shares(answer, len(rows), _SHARE)
        shape = (len(rows), len(origins), task.steps, len(task.support))
        return MemberFit(np.broadcast_to(flat, shape), able, past)

    def _read(
        self, counts: FloatArray, origins: IntArray, able: AnyArray, flat: FloatArray
    ) -> None:
        """Write (series, origins, 1, grid) cdfs where the law is able."""
        for slot, origin in enumerate(origins):
            some = able[:, slot]
            if some.any():
                flat[some, slot, 0] = self._law.cdf(counts[some, :origin], self._task.support)

    def _score(self, counts: FloatArray, past: FloatArray) -> None:
        """Write (series, scored origins, steps) what was given to what came."""
        starts = np.arange(self._task.scored_from, counts.shape[1])
        able = known_before(counts, starts) >= self._law.needs
        for made, origin in enumerate(starts):
            some = able[:, made]
            came = counts[some, origin : origin + self._task.steps]
            if some.any():
                mass = self._law.mass(counts[some, :origin], came)
                past[some, made, : came.shape[1]] = np.where(np.isnan(came), np.nan, mass)
