"""The pairs of dynamic-count over a block of series: what they are made of and worth.

A pair is an expert, which knows a mean, with a dispersion around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.series import FloatArray, IntArray
from forecast.models.dynamic_kernel import LAWS, score
from forecast.models.dynamic_mixing import mix
from forecast.models.levels import REGIME_LEVELS, Levels, level_count, levels_of, regime_place
from forecast.models.regimes import Beliefs, believe, shifts
from forecast.models.siblings import Heard, heed
from forecast.negative_binomial import Tables, binomials, mean_rows


class Experts(NamedTuple):
    """The experts and how they are weighed.

    Attributes:
        levels: the levels; the first `len(levels.rates)` stand there pulled as well.
        pull: (steps,) share of a level's distance from the long-run mean that is left h ahead.
        forgetting: what a log score keeps of its worth over one period.
        contrast: a count speaks against a pair by at most this much log score.
        own: weight of the series' own score in the weights that past forecasts are judged by.
        start: the same in the weights from which the best mixture is looked for.
        fresh: (steps,) known counts up to which a regime is new to a horizon's scores.
        laws: the negative binomials around every expert's mean.
    """

    levels: Levels
    pull: FloatArray
    forgetting: float
    contrast: float
    own: float
    start: float
    fresh: IntArray
    laws: Tables

    @property
    def pairs(self) -> int:
        """Return how many pairs there are."""
        return expert_count(self) * len(self.laws.dispersions)


class Walk(NamedTuple):
    """What is known of a block of series before its pairs are scored.

    Attributes:
        counts: (series, columns), -1 where unknown.
        binomial: (series, columns, laws) `binomials` of the counts.
        rows: (series, columns + 1, levels) rows of the tables.
        pulled: (steps, series, columns + 1, rates) those of the levels that are pulled.
        beliefs: about regimes.
        first: (series,) the first origin that knows a count.
    """

    counts: FloatArray
    binomial: FloatArray
    rows: IntArray
    pulled: IntArray
    beliefs: Beliefs
    first: IntArray

    @property
    def heard(self) -> tuple[FloatArray, FloatArray, IntArray, IntArray, IntArray]:
        """Return what compiled passes over pairs begin with: all but the beliefs."""
        return self.counts, self.binomial, self.rows, self.pulled, self.first

    def of(self, some: IntArray) -> Walk:
        """Return what is known of some of the series."""
        return Walk(
            self.counts[some],
            self.binomial[some],
            self.rows[some],
            self.pulled[:, some],
            self.beliefs.of(some),
            self.first[some],
        )

    def rows_at(self, origins: IntArray) -> IntArray:
        """Return (series, origins, steps, experts) rows of the tables of all experts."""
        pulled = np.moveaxis(self.pulled[:, :, origins], 0, 2)
        plain = self.rows[:, origins, None]
        return np.concatenate(
            (np.broadcast_to(plain, (*pulled.shape[:3], plain.shape[3])), pulled), axis=3
        )


class Weighed(NamedTuple):
    """What the pairs of a block of series are worth.

    Attributes:
        past: (series, scored origins, steps) what was given to what came; NaN where nothing did.
        weights: (series, origins, steps, pairs) at the wanted origins.
    """

    past: FloatArray
    weights: FloatArray


def expert_count(experts: Experts) -> int:
    """Return how many there are: the levels, and some of them pulled as well."""
    return level_count(experts.levels) + len(experts.levels.rates)


def walk(counts: FloatArray, experts: Experts, heard: Heard) -> Walk:
    """Return what (series, columns) counts say before anything is scored."""
    levels = experts.levels
    beliefs = believe(counts, levels.regimes)
    heed(heard, levels.regimes.hazard, beliefs)
    means = levels_of(counts, beliefs, levels)
    long_run, pull = means[..., -1:], experts.pull[:, None, None, None]
    pulled = (means[..., : len(levels.rates)] - long_run) * pull
    pulled += long_run
    return Walk(
        np.where(np.isnan(counts), -1.0, counts),
        binomials(counts, experts.laws),
        mean_rows(means),
        mean_rows(pulled),
        beliefs,
        _first_origins(beliefs.known),
    )


def together(walks: Sequence[Walk]) -> Walk:
    """Return the walks of several shares of series as one."""
    return Walk(
        np.concatenate([one.counts for one in walks]),
        np.concatenate([one.binomial for one in walks]),
        np.concatenate([one.rows for one in walks]),
        np.concatenate([one.pulled for one in walks], axis=1),
        Beliefs(*map(np.concatenate, zip(*(one.beliefs for one in walks), strict=True))),
        np.concatenate([one.first for one in walks]),
    )


def _first_origins(known: IntArray) -> IntArray:
    """Return (series,) the first origin that knows a count; one after the last without any."""
    return np.asarray((known == 0).sum(axis=1))


def total_scores(there: Walk, experts: Experts, scored_from: int) -> FloatArray:
    """Return (scored origins, steps, pairs) sums over series of their discounted log scores."""
    scored = max(there.counts.shape[1] + 1 - scored_from, 0)
    total = np.zeros((scored, len(experts.pull), experts.pairs))
    none = np.zeros((0, *total.shape[1:]))
    _score(there, experts, scored_from, total, none, none, np.zeros(0, dtype=np.int64))
    return total


def weigh(
    there: Walk, experts: Experts, shared: FloatArray, origins: IntArray, scored_from: int
) -> Weighed:
    """Return what the pairs are worth by their own scores and by those that series share.

    Where weights are wanted they are those of the best mixture. Past forecasts, of which there
    are many more, are judged by the softmax of own plus shared scores, which is nearly as good. Of
    either the share by which they yield goes to the levels of the regime, by their scores.

    Args:
        there: the block of series.
        experts: the experts.
        shared: (scored origins, steps, pairs) mean scores over series.
        origins: (origins,) rising, at which weights are wanted, none before the first scored one.
        scored_from: the first scored origin.
    """
    scored, wanted = np.arange(scored_from, there.counts.shape[1] + 1), origins - scored_from
    yielding = shifts(there.beliefs, scored, experts.fresh)
    past, scores = _score(there, experts, scored_from, shared[:0], shared, yielding, origins)
    scores *= experts.start
    scores += shared[wanted]
    _mix(there, experts, np.ascontiguousarray(yielding[:, wanted]), origins, scores)
    return Weighed(past, scores)


def _mix(
    there: Walk, experts: Experts, yielding: FloatArray, origins: IntArray, weights: FloatArray
) -> None:
    """Turn (series, origins, steps, pairs) tempered scores into weights."""
    columns, pairs = there.counts.shape[1], experts.pairs
    mix(
        *there.heard,
        yielding,
        experts.laws.lines,
        np.array([experts.forgetting, experts.contrast]),
        np.array(_regime_pairs(experts)),
        origins,
        np.empty((columns + 1, 3, pairs)),
        np.empty((columns, pairs)),
        np.empty((4, pairs)),
        weights,
    )


def _regime_pairs(experts: Experts) -> tuple[int, int]:
    """Return the first pair of the levels of the regime, and the one after their last."""
    first = regime_place(experts.levels) * LAWS
    return first, first + REGIME_LEVELS * LAWS


def _score(
    there: Walk,
    experts: Experts,
    scored_from: int,
    total: FloatArray,
    shared: FloatArray,
    yielding: FloatArray,
    origins: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """Add scores up to `total`, or weigh them with `shared`: whichever is not empty.

    Return what was given to what came, as in `Weighed`, and the scores at the wanted origins.
    """
    (series, columns), steps, pairs = there.counts.shape, len(experts.pull), experts.pairs
    if len(experts.laws.dispersions) != LAWS:
        raise ValueError(f"there must be {LAWS} dispersions")
    slots = np.full(columns + 1, -1)
    slots[origins] = np.arange(len(origins))
    past = np.full((series, max(columns - scored_from, 0), steps), np.nan)
    scores = np.zeros((series, len(origins), steps, pairs))
    score(
        *there.heard,
        yielding,
        experts.laws.lines,
        np.array([experts.forgetting, experts.contrast, experts.own]),
        np.array([scored_from, *_regime_pairs(experts)]),
        slots,
        np.empty((columns + 1, 3, pairs)),
        np.empty((steps + 2, pairs)),
        total,
        shared,
        past,
        scores,
    )
    return past, scores
