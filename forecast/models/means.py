"""Count laws around means that a member supplies, weighted by how they did lately.

A member that is a level times something (a season, what neighbours do, what came the day before)
says which means it holds possible at every origin; this gives them their law. Every mean with
every dispersion makes a negative binomial. A pair's score is its log score at a horizon, discounted
over time, bounded as in dynamic-count; the softmax of a series' own score and of the mean over a
sample of all series gives the weights. Whole matrices are worked on, a share of series at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from core.series import FloatArray, IntArray
from forecast.models.base import (
    REACH,
    MemberFit,
    Task,
    empty_past,
    known_before,
    spread,
)
from forecast.negative_binomial import (
    grid_for,
    log_binomial,
    mean_rows,
    mixture_cdfs,
    tables,
)

DISPERSIONS = (0.3, 1.0, 3.0, 10.0, 100.0)
MEMORY = 24
"""Periods before the first scored origin from which scores are gathered."""
FORGETTING, CONTRAST, OWN = 0.95, 3.0, 0.6
"""As in dynamic-count, where they were tuned."""
_SHARE = 128
"""Series that are worked on at a time, so that memory does not grow with a block."""


class Told(NamedTuple):
    """What moves a member's mean at one step.

    Attributes:
        place: of the series among those asked about.
        step: from 0.
        kind, subject, ratio: as in `core.explanations.Effect`.
        factor: by which the member's mean is taken for it.
    """

    place: int
    step: int
    kind: str
    subject: str
    ratio: float
    factor: float


class Means(Protocol):
    """What a member holds possible."""

    needs: int
    """Known counts without which it says nothing of a series."""
    follows: bool
    """Whether its means follow a change of level within a few periods."""

    def told(self, rows: IntArray, experts: FloatArray) -> Iterator[Told]:
        """Yield what moves the means of some series after the last column.

        Args:
            rows: numbers of series.
            experts: (rows, steps, experts) what each mean is worth.
        """
        ...

    def at(self, rows: IntArray, origins: IntArray) -> FloatArray:
        """Return (rows, origins, steps, experts) positive means that are known at the origins.

        Where all steps have the same mean, one stands for them.

        Args:
            rows: numbers of series.
            origins: rising by one, up to the last column + 1.
        """
        ...


class _Origin(NamedTuple):
    """What is said at one origin of some series.

    Attributes:
        column: the origin.
        scores: (series, steps, pairs) discounted sums that are known there.
        places: (series, steps, experts) rows of the tables of laws.
        logs: (series, steps, pairs) log masses of what came; NaN where nothing is known.
    """

    column: int
    scores: FloatArray
    places: IntArray
    logs: FloatArray


class MeansFitter:
    """Means with their laws."""

    def __init__(self, means: Means, counts: FloatArray, task: Task, first: int) -> None:
        """Gather the mean scores over a sample of the series: what they share.

        Args:
            means: of the member.
            counts: (series, columns) of the panel.
            task: the question.
            first: the first origin that `means` can speak of, at most `task.scored_from`.
        """
        self._means, self._counts, self._task = means, counts, task
        self._origins = np.arange(first, counts.shape[1] + 1)
        self._laws = tables(DISPERSIONS)
        self._grid = grid_for(task.support, self._laws)
        sample = spread(len(counts))
        enough = known_before(counts[sample], self._origins) >= means.needs
        self._shared = {
            said.column: np.where(enough[:, said.column - first, None, None], said.scores, 0.0).sum(
                axis=0
            )
            / max(int(enough[:, said.column - first].sum()), 1)
            for said in self._walk(sample)
        }

    def fit(self, rows: IntArray, origins: IntArray) -> MemberFit:
        """Return the mixtures of some of the panel's rows at the wanted origins."""
        task, counts = self._task, self._counts[rows]
        cdf = np.ones((len(rows), len(origins), task.steps, len(task.support)))
        past = empty_past(counts, task)
        worth: list[FloatArray] = []
        slots = {int(origin): slot for slot, origin in enumerate(origins)}
        for start in range(0, len(rows), _SHARE):
            part = slice(start, start + _SHARE)
            for said in self._walk(rows[part]):
                weights = self.weights(said)
                made = said.column - task.scored_from
                if 0 <= made < past.shape[1]:
                    past[part, made] = (weights * np.exp(said.logs)).sum(axis=2)
                if said.column in slots:
                    tops = self._tops(counts[part, : said.column])
                    written = np.ones((len(weights), *cdf.shape[2:]))
                    mixture_cdfs(weights, said.places, self._laws, self._grid, tops, written)
                    cdf[part, slots[said.column]] = written
                    if said.column == origins[-1]:
                        worth.append(weights)
        able = known_before(counts, origins) >= self._means.needs
        before = known_before(counts, np.arange(task.scored_from, counts.shape[1]))
        past[before < self._means.needs] = np.nan
        experts = _of_experts(worth) if worth else None
        return MemberFit(cdf, able, past, follows=self._means.follows, experts=experts)

    def told(self, rows: IntArray, experts: FloatArray) -> Iterator[Told]:
        """Yield what moves the means of some series after the last column."""
        return self._means.told(rows, experts)

    def weights(self, said: _Origin) -> FloatArray:
        """Return (series, steps, pairs) weights, summing to 1 over the pairs."""
        score = OWN * said.scores + self._shared[said.column]
        found = np.exp(score - score.max(axis=2, keepdims=True))
        return np.asarray(found / found.sum(axis=2, keepdims=True))

    def _walk(self, rows: IntArray) -> Iterator[_Origin]:
        """Yield what is said of some series from the first origin to the one after the last."""
        counts, steps = self._counts[rows], self._task.steps
        first, columns = int(self._origins[0]), counts.shape[1]
        means = self._means.at(rows, self._origins)
        means = np.broadcast_to(means, (*means.shape[:2], steps, means.shape[3]))
        places = mean_rows(means)
        came = np.full((len(rows), columns - first + steps), np.nan)
        came[:, : columns - first] = counts[:, first:]
        binomial = log_binomial(np.nan_to_num(came).ravel(), self._laws.dispersions)
        binomial = binomial.reshape(*came.shape, -1)
        scores = np.zeros((len(rows), steps, means.shape[3] * len(DISPERSIONS)))
        made: deque[FloatArray] = deque(maxlen=steps)
        for place, origin in enumerate(self._origins):
            scores = scores * FORGETTING
            for h in range(min(steps, place)):
                scores[:, h] += made[-1 - h][:, h]
            ahead = slice(place, place + steps)
            logs = self._masses(places[:, place], came[:, ahead], binomial[:, ahead])
            yield _Origin(int(origin), scores, places[:, place], logs)
            made.append(np.nan_to_num(np.maximum(logs, logs.max(axis=2, keepdims=True) - CONTRAST)))

    def _masses(self, places: IntArray, came: FloatArray, binomial: FloatArray) -> FloatArray:
        """Return (series, steps, pairs) log masses of what came, NaN where nothing did."""
        per_count = came[..., None, None] * self._laws.per_count[places]
        logs = binomial[:, :, None, :] + self._laws.at_zero[places] + per_count
        return np.asarray(logs.reshape(*came.shape, -1))

    def _tops(self, before: FloatArray) -> IntArray:
        """Return (series, steps) how many points of the grid each predictive needs."""
        largest = np.nan_to_num(before).max(axis=1, initial=0.0)
        points = np.searchsorted(self._task.support, REACH * (largest + 1)) + 1
        tops = np.minimum(points, len(self._task.support))[:, None]
        return np.repeat(tops, self._task.steps, axis=1)


def _of_experts(worth: list[FloatArray]) -> FloatArray:
    """Return (series, steps, experts) weights of means from those of pairs, share by share."""
    pairs = np.concatenate(worth)
    return np.asarray(pairs.reshape(*pairs.shape[:2], -1, len(DISPERSIONS)).sum(axis=3))


def decayed(values: FloatArray, rate: float, origins: IntArray) -> FloatArray:
    """Return (series, origins) exponentially weighted sums of the values before each origin.

    Values that are older than weights of a millionth are left out.

    Args:
        values: (series, columns), 0 where unknown.
        rate: α; the newest value has it as its weight.
        origins: rising by one.
    """
    depth = int(np.ceil(np.log(1e-6) / np.log(1 - rate)))
    start = max(int(origins[0]) - depth, 0)
    columns = np.ascontiguousarray(values[:, start : int(origins[-1])].T)
    found = np.empty((len(origins), len(values)))
    total = np.zeros(len(values))
    for place in range(int(origins[-1]) - start + 1):
        if start + place >= origins[0]:
            found[start + place - origins[0]] = total
        if place < len(columns):
            total = total + rate * (columns[place] - total)
    return found.T


def floor_of(counts: FloatArray, origins: IntArray) -> FloatArray:
    """Return (series, origins) the least mean: half an event in all of the history and one more."""
    return np.asarray(0.5 / (known_before(counts, origins) + 1))
