"""Models that say the same at every horizon: a law made of the history and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

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

    def masses(self, counts: FloatArray, origins: IntArray, came: FloatArray) -> FloatArray:
        """Return (series, origins, steps) P(count = came), whatever where there is no law.

        Args:
            counts: (series, columns); the law of an origin is made of those before it.
            origins: (origins,) rising by one.
            came: (series, origins, steps) counts; NaN where none came.
        """
        ...


def each(
    mass: Callable[[FloatArray, FloatArray], FloatArray],
    counts: FloatArray,
    origins: IntArray,
    came: FloatArray,
) -> FloatArray:
    """Return what `Law.masses` does, from a mass (series, steps) of the counts before an origin."""
    found = [mass(counts[:, :o], came[:, slot]) for slot, o in enumerate(origins)]
    return np.stack(found, axis=1) if found else np.empty(came.shape)


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
        ahead = np.pad(counts, ((0, 0), (0, self._task.steps)), constant_values=np.nan)
        came = sliding_window_view(ahead, self._task.steps, axis=1)
        came = np.ascontiguousarray(came[:, self._task.scored_from : counts.shape[1]])
        mass = self._law.masses(counts, starts, came)
        past[:] = mass
        past[np.isnan(came)] = np.nan
        past[~able] = np.nan
