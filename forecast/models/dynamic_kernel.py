"""The compiled passes of dynamic-count over a block of series.

Both passes walk through a series once per horizon and note, at every scored origin, the discounted
log score of each pair of an expert and a dispersion. The first adds the notes up over series; the
second turns them, together with what all series share, into weights, past probabilities and
predictive mixtures. Plain loops throughout: array expressions take seconds to compile.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.series import FloatArray, IntArray
from forecast.compiled import compiled, inner, inner_fast
from forecast.models.levels import (
    REGIME_LEVELS,
    Levels,
    level_count,
    regime_place,
    write_levels,
)
from forecast.models.regimes import (
    Beliefs,
    believe,
    empty_beliefs,
    level_since,
    write_shifts,
)
from forecast.models.siblings import Heard, heed
from forecast.negative_binomial import Grid, Tables, binomial_row, mean_index, mixture_cdf

_NEGLIGIBLE = -9.0


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


class Request(NamedTuple):
    """What is wanted.

    Attributes:
        scored_from: the first origin whose forecasts are scored.
        origins: (origins,) where cdfs are wanted.
        tops: (series, origins) grid points that each predictive needs.
        grid: where cdfs are read.
        heard: what the siblings of these series said of shifts.
    """

    scored_from: int
    origins: IntArray
    tops: IntArray
    grid: Grid
    heard: Heard


class Answer(NamedTuple):
    """Where the answer goes.

    Attributes:
        cdf: (series, origins, steps, grid), overwritten up to the tops.
        past: (series, scored origins, steps), overwritten where the count is known.
        total: (scored origins, steps, pairs), added to by the first pass.
        regimes: (series, origins, 4), overwritten: first column, mean and probability of the most
            probable regime, and how far members that look back a year must yield to it.
    """

    cdf: FloatArray
    past: FloatArray
    total: FloatArray
    regimes: FloatArray


class Notes(NamedTuple):
    """What a walk through one series reads and writes.

    Attributes:
        first: the first origin that knows a count.
        scored_from: the first origin whose forecasts are scored.
        shared: (scored origins, steps, pairs) mean scores; empty while they are gathered.
        own: (scored origins, pairs), overwritten.
        past: (scored origins, steps), overwritten where the count is known.
        shifts: (columns + 1,) how far experts that straddle regimes yield.
        regime: the pairs whose experts are levels of the regime: the first, and one past the last.
        work: (3, pairs) scratch.
        binomial: (dispersions,) scratch.
    """

    first: int
    scored_from: int
    shared: FloatArray
    own: FloatArray
    past: FloatArray
    shifts: FloatArray
    regime: tuple[int, int]
    work: FloatArray
    binomial: FloatArray


def expert_count(levels: Levels) -> int:
    """Return how many there are: the levels, and some of them pulled as well."""
    return level_count(levels) + len(levels.rates)


@inner
def _level_rows(means: FloatArray, out: IntArray) -> None:
    """Write the table rows of the levels."""
    for b in range(means.shape[0]):
        for t in range(means.shape[1]):
            out[t, b] = mean_index(means[b, t])


@inner
def _pulled_rows(means: FloatArray, left: float, rates: int, out: IntArray) -> None:
    """Write the rows of the levels pulled to the long-run mean into the columns after them."""
    bases = means.shape[0]
    for t in range(means.shape[1]):
        for a in range(rates):
            pulled = means[-1, t] + (means[a, t] - means[-1, t]) * left
            out[t, bases + a] = mean_index(pulled)


@inner_fast
def _log_masses(
    y: float, rows: IntArray, laws: Tables, binomial: FloatArray, out: FloatArray
) -> None:
    """Write the log mass of `y` under every pair into `out`."""
    binomial_row(y, laws, binomial)
    count = len(binomial)
    for e in range(len(rows)):
        row, start = rows[e], e * count
        for i in range(count):
            out[start + i] = binomial[i] + laws.at_zero[row, i] + y * laws.per_count[row, i]


@inner_fast
def _add_clipped(logs: FloatArray, experts: Experts, score: FloatArray) -> None:
    """Forget a little and add log masses, none further below the best than the contrast."""
    best = -1e300
    for k in range(len(logs)):
        best = max(best, logs[k])
    least = best - experts.contrast
    for k in range(len(logs)):
        score[k] = experts.forgetting * score[k] + max(logs[k], least)


@inner_fast
def _weigh(own: FloatArray, shared: FloatArray, experts: Experts, out: FloatArray) -> None:
    """Write the softmax of own plus shared scores into `out`, without what is negligible."""
    best = -1e300
    for k in range(len(out)):
        out[k] = experts.own * own[k] + shared[k]
        best = max(best, out[k])
    total = 0.0
    for k in range(len(out)):
        behind = out[k] - best
        out[k] = math.exp(behind) if behind > _NEGLIGIBLE else 0.0
        total += out[k]
    for k in range(len(out)):
        out[k] /= total


@inner
def _yield(shift: float, scores: FloatArray, shared: FloatArray, notes: Notes, own: float) -> None:
    """Give the share `shift` of all weights to the levels of the regime, by their scores."""
    weights, (first, last) = notes.work[2], notes.regime
    if shift <= 0:
        return
    best, total = -1e300, 0.0
    for k in range(first, last):
        best = max(best, own * scores[k] + shared[k])
    for k in range(first, last):
        total += math.exp(own * scores[k] + shared[k] - best)
    for k in range(len(weights)):
        weights[k] *= 1 - shift
    for k in range(first, last):
        weights[k] += shift * math.exp(own * scores[k] + shared[k] - best) / total


@inner
def _add(own: FloatArray, total: FloatArray) -> None:
    """Add a series' scores at every scored origin to the total."""
    for o in range(own.shape[0]):
        for k in range(own.shape[1]):
            total[o, k] += own[o, k]


@inner
def _score(y: FloatArray, rows: IntArray, h: int, experts: Experts, notes: Notes) -> None:
    """Write the scores of horizon h (from 0) at every scored origin, and the past probabilities.

    A forecast made at an origin is scored once its count is known: h + 1 periods later.
    """
    score, logs, weights = notes.work[0], notes.work[1], notes.work[2]
    for k in range(len(score)):
        score[k] = 0.0
    for origin in range(len(y) + 1):
        made = origin - 1 - h
        if made >= notes.first and not math.isnan(y[origin - 1]):
            _log_masses(y[origin - 1], rows[made], experts.laws, notes.binomial, logs)
            then = made - notes.scored_from
            if then >= 0 and len(notes.shared) > 0:
                _weigh(notes.own[then], notes.shared[then, h], experts, weights)
                shift = notes.shifts[made]
                _yield(shift, notes.own[then], notes.shared[then, h], notes, experts.own)
                total = 0.0
                for k in range(len(logs)):
                    if weights[k] > 0:
                        total += weights[k] * math.exp(logs[k])
                notes.past[then, h] = total
            _add_clipped(logs, experts, score)
        if origin >= notes.scored_from:
            for k in range(len(score)):
                notes.own[origin - notes.scored_from, k] = score[k]


@inner
def _first_known(known: IntArray) -> int:
    """Return the first origin that knows a count."""
    for t in range(len(known)):
        if known[t] > 0:
            return t
    return len(known)


@inner
def _emit(
    h: int,
    rows: IntArray,
    experts: Experts,
    request: Request,
    notes: Notes,
    s: int,
    out: FloatArray,
) -> None:
    """Write the mixtures of horizon h of series s at the wanted origins: out is (origins, grid)."""
    for slot in range(len(request.origins)):
        origin = request.origins[slot]
        if origin >= notes.first:
            at = origin - notes.scored_from
            own, shared = notes.own[at], notes.shared[at, h]
            _weigh(own, shared, experts, notes.work[2])
            _yield(notes.shifts[origin], own, shared, notes, experts.own)
            cdf = out[slot, : request.tops[s, slot]]
            mixture_cdf(notes.work[2], rows[origin], experts.laws, request.grid, cdf)


@inner
def _regimes(beliefs: Beliefs, shifts: FloatArray, origins: IntArray, out: FloatArray) -> None:
    """Write (origins, 4) what is said of the regime at each origin."""
    for slot in range(len(origins)):
        level_since(beliefs, origins[slot], out[slot])
        out[slot, 3] = shifts[origins[slot]]


@compiled
def walk(
    counts: FloatArray, experts: Experts, shared: FloatArray, request: Request, answer: Answer
) -> None:
    """Walk through a block of series: the first pass when `shared` is empty, else the second.

    The first pass adds each series' scores to `answer.total`, in their order. The second writes
    the past probabilities and the predictive mixtures at the wanted origins; what is not known
    stays as it was.

    Args:
        counts: (series, columns), NaN where unknown.
        experts: the experts.
        shared: (scored origins, steps, pairs) mean scores over series, or (0, 0, 0).
        request: what is wanted.
        answer: where it goes.
    """
    columns, dispersions = counts.shape[1], len(experts.laws.dispersions)
    levels, pulled, bases = experts.levels, len(experts.levels.rates), level_count(experts.levels)
    first = regime_place(levels) * dispersions
    regime = (first, first + REGIME_LEVELS * dispersions)
    pairs = (bases + pulled) * dispersions
    beliefs, shifts = empty_beliefs(columns), np.zeros(columns + 1)
    rows = np.empty((columns + 1, bases + pulled), np.int64)
    means = np.zeros((bases, columns + 1))
    own = np.empty((columns + 1 - request.scored_from, pairs))
    work, binomial = np.empty((3, pairs)), np.empty(dispersions)
    for s in range(len(counts)):
        believe(counts[s], levels.regimes, beliefs)
        heed(request.heard, s, levels.regimes.hazard, beliefs)
        write_shifts(beliefs, levels.regimes, shifts)
        write_levels(counts[s], beliefs, levels, means)
        _level_rows(means, rows)
        _regimes(beliefs, shifts, request.origins, answer.regimes[s])
        known, past = _first_known(beliefs.known), answer.past[s]
        notes = Notes(known, request.scored_from, shared, own, past, shifts, regime, work, binomial)
        for h in range(len(experts.pull)):
            _pulled_rows(means, experts.pull[h], pulled, rows)
            _score(counts[s], rows, h, experts, notes)
            if len(shared) == 0:
                _add(own, answer.total[:, h])
            else:
                _emit(h, rows, experts, request, notes, s, answer.cdf[s, :, h])
