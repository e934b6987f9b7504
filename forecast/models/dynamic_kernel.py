"""The scores of dynamic-count's pairs over a block of series, and the weights they give.

A pair is an expert with a dispersion. The compiled pass walks once through every series, all
horizons side by side: at each origin it hears what the pairs said of the newest count h periods
before, and from the scored origins on it passes their discounted log scores on, to be added up or
to be turned into weights at once. Nothing per origin and pair is ever kept, so all that a series
needs stays in a processor's nearest cache; and all loops over pairs run through adjacent numbers
without a branch or a call, so that they are vectorised.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.series import FloatArray, IntArray
from forecast.compiled import compiled_fast, inner_fast
from forecast.falling_exp import falling_exp
from forecast.largest import LANES, largest
from forecast.models.levels import REGIME_LEVELS, Levels, level_count, levels_of, regime_place
from forecast.models.regimes import Beliefs, believe, shifts
from forecast.models.siblings import Heard, heed
from forecast.negative_binomial import Tables, binomials, mean_rows

_NEGLIGIBLE = math.exp(-9.0)
LAWS = 5


class Experts(NamedTuple):
    """The experts and how they are weighed.

    Attributes:
        levels: the levels; the first `len(levels.rates)` stand there pulled as well.
        pull: (steps,) share of a level's distance from the long-run mean that is left h ahead.
        forgetting: what a log score keeps of its worth over one period.
        contrast: a count speaks against a pair by at most this much log score.
        own: weight of the series' own score.
        laws: the negative binomials around every expert's mean.
    """

    levels: Levels
    pull: FloatArray
    forgetting: float
    contrast: float
    own: float
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
        shifts: (series, columns + 1) share of all weights that levels of the regime take.
        first: (series,) the first origin that knows a count.
    """

    counts: FloatArray
    binomial: FloatArray
    rows: IntArray
    pulled: IntArray
    beliefs: Beliefs
    shifts: FloatArray
    first: IntArray

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
    pulled = long_run + (means[..., : len(levels.rates)] - long_run) * pull
    return Walk(
        np.where(np.isnan(counts), -1.0, counts),
        binomials(counts, experts.laws),
        mean_rows(means),
        mean_rows(pulled),
        beliefs,
        shifts(beliefs, levels.regimes.year),
        _first_origins(beliefs.known),
    )


def _first_origins(known: IntArray) -> IntArray:
    """Return (series,) the first origin that knows a count; one after the last without any."""
    return np.asarray((known == 0).sum(axis=1))


def total_scores(there: Walk, experts: Experts, scored_from: int) -> FloatArray:
    """Return (scored origins, steps, pairs) sums over series of their discounted log scores."""
    columns, steps = there.counts.shape[1], len(experts.pull)
    total = np.zeros((max(columns + 1 - scored_from, 0), steps, experts.pairs))
    _score(*_plain(there, experts), scored_from, *_scratch(columns, steps, experts), total)
    return total


def weigh(
    there: Walk, experts: Experts, shared: FloatArray, origins: IntArray, scored_from: int
) -> Weighed:
    """Return what the pairs are worth by their own scores and by those that series share.

    Weights are the softmax of own plus shared scores, without what is negligible; of all of them
    the share `there.shifts` goes to the levels of the regime, by their scores.

    Args:
        there: the block of series.
        experts: the experts.
        shared: (scored origins, steps, pairs) mean scores over series.
        origins: (origins,) at which weights are wanted, none before the first scored one.
        scored_from: the first scored origin.
    """
    (series, columns), steps = there.counts.shape, len(experts.pull)
    past = np.full((series, max(columns - scored_from, 0), steps), np.nan)
    weights = np.zeros((series, len(origins), steps, experts.pairs))
    slots = np.full(columns + 1, -1)
    slots[origins] = np.arange(len(origins))
    first = regime_place(experts.levels) * len(experts.laws.dispersions)
    last = first + REGIME_LEVELS * len(experts.laws.dispersions)
    _weigh(
        *_plain(there, experts),
        scored_from,
        *_scratch(columns, steps, experts),
        shared,
        there.shifts,
        experts.own,
        np.array([first, last]),
        slots,
        past,
        weights,
    )
    return Weighed(past, weights)


def _plain(there: Walk, experts: Experts) -> tuple[FloatArray | IntArray, ...]:
    """Return the arrays of which pairs are made."""
    judged = np.array([experts.forgetting, experts.contrast])
    lines = experts.laws.lines
    return there.counts, there.binomial, there.rows, there.pulled, there.first, lines, judged


def _scratch(columns: int, steps: int, experts: Experts) -> tuple[FloatArray, FloatArray]:
    """Return (columns + 1, 3, pairs) for what pairs are made of, (steps + 2, pairs) for scores."""
    return np.empty((columns + 1, 3, experts.pairs)), np.empty((steps + 2, experts.pairs))


@compiled_fast
def _score(
    counts: FloatArray,
    binomial: FloatArray,
    rows: IntArray,
    pulled: IntArray,
    first: IntArray,
    lines: FloatArray,
    judged: FloatArray,
    scored_from: int,
    made_of: FloatArray,
    work: FloatArray,
    total: FloatArray,
) -> None:
    """Add up own scores over series.

    Args:
        counts: (series, columns), -1 where unknown.
        binomial: (series, columns, laws).
        rows: (series, columns + 1, levels).
        pulled: (steps, series, columns + 1, rates).
        first: (series,) the first origin that knows a count.
        lines: (means, 2, laws) of the tables.
        judged: forgetting and contrast.
        scored_from: the first scored origin.
        made_of: (columns + 1, 3, pairs) scratch: log binomial of the column's count, and value at
            zero and slope of the lines of the forecasts made at the origin.
        work: (steps + 2, pairs) scratch: the own scores, and room for two rows more.
        total: (scored origins, steps, pairs), added to.
    """
    for s in range(len(counts)):
        _lay_out(binomial, rows, lines, s, made_of, work)
        for origin in range(counts.shape[1] + 1):
            _hear(counts, pulled, first, lines, judged, s, origin, made_of, work)
            if origin >= scored_from:
                for h in range(len(pulled)):
                    for k in range(work.shape[1]):
                        total[origin - scored_from, h, k] += work[h, k]


@compiled_fast
def _weigh(
    counts: FloatArray,
    binomial: FloatArray,
    rows: IntArray,
    pulled: IntArray,
    first: IntArray,
    lines: FloatArray,
    judged: FloatArray,
    scored_from: int,
    made_of: FloatArray,
    work: FloatArray,
    shared: FloatArray,
    shifts: FloatArray,
    own: float,
    regime: IntArray,
    slots: IntArray,
    past: FloatArray,
    weights: FloatArray,
) -> None:
    """Write what was given to what came, and the weights at the wanted origins.

    Args:
        counts, binomial, rows, pulled, first, lines, judged, scored_from, made_of, work: as above.
        shared: (scored origins, steps, pairs).
        shifts: (series, columns + 1).
        own: weight of the own score.
        regime: the first pair of the levels of the regime, and the one after their last.
        slots: (columns + 1,) place of a wanted origin, -1 for others.
        past: (series, scored origins, steps) NaN, overwritten where a count came.
        weights: (series, origins, steps, pairs), overwritten.
    """
    steps, columns, pairs = len(pulled), counts.shape[1], work.shape[1]
    given, said = work[steps], work[steps + 1]
    for s in range(len(counts)):
        _lay_out(binomial, rows, lines, s, made_of, work)
        for origin in range(columns + 1):
            _hear(counts, pulled, first, lines, judged, s, origin, made_of, work)
            slot = slots[origin]
            for h in range(steps if origin >= scored_from else 0):
                came = origin >= first[s] and origin + h < columns and counts[s, origin + h] >= 0
                if came or slot >= 0:
                    scored = shared[origin - scored_from, h]
                    _share_out(work[h], scored, own, shifts[s, origin], regime, given, said[:LANES])
                if came:
                    _masses(pulled, lines, s, h, origin, counts[s, origin + h], made_of, said)
                    chance = 0.0
                    for k in range(pairs):
                        chance += given[k] * falling_exp(said[k])
                    past[s, origin - scored_from, h] = chance
                if slot >= 0:
                    for k in range(pairs):
                        weights[s, slot, h, k] = given[k]


@inner_fast
def _lay_out(
    binomial: FloatArray,
    rows: IntArray,
    lines: FloatArray,
    s: int,
    made_of: FloatArray,
    work: FloatArray,
) -> None:
    """Put side by side, pair by pair, what the pairs of a series are made of; clear its scores."""
    laws, levels = LAWS, rows.shape[2]
    for h in range(len(work)):
        for k in range(work.shape[1]):
            work[h, k] = 0.0
    for origin in range(rows.shape[1]):
        if origin < binomial.shape[1]:
            for e in range(work.shape[1] // laws):
                for i in range(LAWS):
                    made_of[origin, 0, e * laws + i] = binomial[s, origin, i]
        for e in range(levels):
            row = rows[s, origin, e]
            for i in range(LAWS):
                made_of[origin, 1, e * laws + i] = lines[row, 0, i]
                made_of[origin, 2, e * laws + i] = lines[row, 1, i]


@inner_fast
def _hear(
    counts: FloatArray,
    pulled: IntArray,
    first: IntArray,
    lines: FloatArray,
    judged: FloatArray,
    s: int,
    origin: int,
    made_of: FloatArray,
    work: FloatArray,
) -> None:
    """Score what earlier origins said of the count before this one, if that is known."""
    steps, pairs = len(pulled), work.shape[1]
    forgetting, contrast, logs, lanes = judged[0], judged[1], work[steps], work[steps + 1, :LANES]
    if origin == 0 or counts[s, origin - 1] < 0:
        return
    for h in range(min(steps, origin - first[s])):
        _masses(pulled, lines, s, h, origin - 1 - h, counts[s, origin - 1], made_of, logs)
        least = largest(logs, lanes) - contrast
        for k in range(pairs):
            log = logs[k] if logs[k] > least else least
            work[h, k] = forgetting * work[h, k] + log


@inner_fast
def _masses(
    pulled: IntArray,
    lines: FloatArray,
    s: int,
    h: int,
    made: int,
    y: float,
    made_of: FloatArray,
    logs: FloatArray,
) -> None:
    """Note the log mass that every pair of a forecast gave to a count."""
    laws, pairs = LAWS, len(logs)
    free = pairs - pulled.shape[3] * laws
    for e in range(pulled.shape[3]):
        row = pulled[h, s, made, e]
        for i in range(LAWS):
            made_of[made, 1, free + e * laws + i] = lines[row, 0, i]
            made_of[made, 2, free + e * laws + i] = lines[row, 1, i]
    binomial, at_zero, per_count = made_of[made + h, 0], made_of[made, 1], made_of[made, 2]
    for k in range(pairs):
        logs[k] = binomial[k] + at_zero[k] + y * per_count[k]


@inner_fast
def _share_out(
    own_scores: FloatArray,
    shared: FloatArray,
    own: float,
    shift: float,
    regime: IntArray,
    weights: FloatArray,
    lanes: FloatArray,
) -> None:
    """Write weights that sum to 1: the share `shift` to the levels of the regime alone."""
    pairs, total, following = len(weights), 0.0, 0.0
    for k in range(pairs):
        weights[k] = own * own_scores[k] + shared[k]
    best = largest(weights, lanes)
    for k in range(pairs):
        weights[k] = falling_exp(weights[k] - best)
        total += weights[k] if weights[k] > _NEGLIGIBLE else 0.0
    for k in range(regime[0], regime[1]):
        following += weights[k]
    for k in range(pairs):
        share = shift / following if regime[0] <= k < regime[1] else 0.0
        share += (1 - shift) / total if weights[k] > _NEGLIGIBLE else 0.0
        weights[k] *= share
