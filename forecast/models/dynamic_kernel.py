"""The scores of dynamic-count's pairs over a block of series, and the weights they give.

A pair is an expert with a dispersion. The compiled pass walks through the series once per horizon
and notes, at every scored origin, the discounted log score of each pair and what each said of the
count that came. Plain loops over plain arrays: tuples and array expressions take seconds to
compile.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.series import AnyArray, FloatArray, IntArray
from forecast.compiled import compiled_fast, inner_fast
from forecast.models.levels import REGIME_LEVELS, Levels, level_count, levels_of, regime_place
from forecast.models.regimes import Beliefs, believe
from forecast.models.siblings import Heard, heed
from forecast.negative_binomial import Tables, binomials, mean_rows

_NEGLIGIBLE = -9.0


class Experts(NamedTuple):
    """The experts and how they are weighed.

    Attributes:
        levels: the levels; the first `len(levels.rates)` stand there pulled as well.
        pull: (steps,) share of a level's distance from the long-run mean that is left h ahead.
        forgetting: what a log score keeps of its worth over one period.
        contrast: a count speaks against a pair by at most this much log score.
        own: weight of the series' own score.
        fresh: (steps,) known counts up to which a regime is new to a horizon's scores.
        laws: the negative binomials around every expert's mean.
    """

    levels: Levels
    pull: FloatArray
    forgetting: float
    contrast: float
    own: float
    fresh: IntArray
    laws: Tables


class Walk(NamedTuple):
    """What is known of a block of series before its pairs are scored.

    Attributes:
        counts: (series, columns), -1 where unknown.
        binomial: (series, columns, laws) `binomials` of the counts.
        means: (series, columns + 1, levels).
        rows: (series, columns + 1, experts) rows of the tables: of the levels, and after them of
            those that are pulled, which each horizon writes anew.
        beliefs: about regimes.
        first: (series,) the first origin that knows a count.
    """

    counts: FloatArray
    binomial: FloatArray
    means: FloatArray
    rows: IntArray
    beliefs: Beliefs
    first: IntArray


class Scores(NamedTuple):
    """One horizon's scores.

    Attributes:
        own: (series, scored origins, pairs) discounted log scores.
        logs: (series, scored origins, pairs) log mass of the count that came; 0 where none did.
    """

    own: FloatArray
    logs: FloatArray


def expert_count(experts: Experts) -> int:
    """Return how many there are: the levels, and some of them pulled as well."""
    return level_count(experts.levels) + len(experts.levels.rates)


def walk(counts: FloatArray, experts: Experts, heard: Heard) -> Walk:
    """Return what (series, columns) counts say before anything is scored."""
    levels = experts.levels
    beliefs = believe(counts, levels.regimes)
    heed(heard, levels.regimes.hazard, beliefs)
    means = levels_of(counts, beliefs, levels)
    rows = np.empty((*means.shape[:2], expert_count(experts)), dtype=np.int64)
    rows[..., : means.shape[2]] = mean_rows(means)
    return Walk(
        np.where(np.isnan(counts), -1.0, counts),
        binomials(counts, experts.laws),
        means,
        rows,
        beliefs,
        np.argmax(beliefs.known > 0, axis=1) + (beliefs.known[:, -1] == 0) * (counts.shape[1] + 1),
    )


def scores(there: Walk, experts: Experts, scored_from: int, h: int) -> Scores:
    """Return the scores of horizon h (from 0) at every scored origin; `there.rows` become its."""
    rows, laws = there.rows, experts.laws
    long_run, pulled = there.means[..., -1:], there.means[..., : len(experts.levels.rates)]
    rows[..., there.means.shape[2] :] = mean_rows(long_run + (pulled - long_run) * experts.pull[h])
    shape = (len(rows), max(rows.shape[1] - scored_from, 0), rows.shape[2] * len(laws.dispersions))
    own, logs = np.empty(shape), np.zeros(shape)
    _score(
        there.counts,
        there.binomial,
        rows,
        there.first,
        laws.at_zero,
        laws.per_count,
        h + 1,
        scored_from,
        experts.forgetting,
        experts.contrast,
        np.empty((2, shape[2])),
        own,
        logs,
    )
    return Scores(own, logs)


@compiled_fast
def _score(
    counts: FloatArray,
    binomial: FloatArray,
    rows: IntArray,
    first: IntArray,
    at_zero: FloatArray,
    per_count: FloatArray,
    ahead: int,
    scored_from: int,
    forgetting: float,
    contrast: float,
    work: FloatArray,
    own: FloatArray,
    logs: FloatArray,
) -> None:
    """Write own scores and log masses; a forecast is scored once its count is known.

    Args:
        counts: (series, columns), -1 where unknown.
        binomial: (series, columns, laws).
        rows: (series, columns + 1, experts).
        first: (series,) the first origin that knows a count.
        at_zero: (means, laws) of the tables.
        per_count: (means, laws) of the tables.
        ahead: periods from an origin to the count that its forecast is scored by.
        scored_from: the first scored origin.
        forgetting: what a score keeps over one period.
        contrast: a count speaks against a pair by at most this much.
        work: (2, pairs) scratch.
        own: (series, scored origins, pairs), overwritten.
        logs: (series, scored origins, pairs), overwritten where a count came.
    """
    pairs = work.shape[1]
    for s in range(len(counts)):
        for k in range(pairs):
            work[0, k] = 0.0
        for origin in range(counts.shape[1] + 1):
            made = origin - ahead
            if made >= first[s] and counts[s, origin - 1] >= 0:
                best = _hear(counts, binomial, rows, at_zero, per_count, s, made, origin - 1, work)
                least = best - contrast
                for k in range(pairs):
                    log = work[1, k]
                    work[0, k] = forgetting * work[0, k] + (log if log > least else least)
                if made >= scored_from:
                    for k in range(pairs):
                        logs[s, made - scored_from, k] = work[1, k]
            if origin >= scored_from:
                for k in range(pairs):
                    own[s, origin - scored_from, k] = work[0, k]


@inner_fast
def _hear(
    counts: FloatArray,
    binomial: FloatArray,
    rows: IntArray,
    at_zero: FloatArray,
    per_count: FloatArray,
    s: int,
    made: int,
    t: int,
    work: FloatArray,
) -> float:
    """Note the log mass of count t under every pair of a forecast; return the best."""
    best, y, laws = -1e300, counts[s, t], at_zero.shape[1]
    for e in range(rows.shape[2]):
        row = rows[s, made, e]
        for i in range(laws):
            log = binomial[s, t, i] + at_zero[row, i] + y * per_count[row, i]
            work[1, e * laws + i] = log
            best = log if log > best else best
    return best


def weigh(own: FloatArray, shared: FloatArray, shift: FloatArray, experts: Experts) -> FloatArray:
    """Return (series, origins, pairs) weights.

    They are the softmax of own plus shared scores, without what is negligible; of all of them the
    share `shift` goes to the levels of the regime, by their scores.

    Args:
        own: (series, origins, pairs) scores of the series.
        shared: (origins, pairs) mean scores over series.
        shift: (series, origins).
        experts: the experts.
    """
    found = experts.own * own
    found += shared
    first = regime_place(experts.levels) * len(experts.laws.dispersions)
    last = first + REGIME_LEVELS * len(experts.laws.dispersions)
    regime = _softmax(found[..., first:last].copy())
    found = _softmax(found, _NEGLIGIBLE)
    found *= (1 - shift)[..., None]
    found[..., first:last] += shift[..., None] * regime
    return found


def _softmax(scores: FloatArray, least: float = -np.inf) -> FloatArray:
    """Turn scores into weights, in place; those further behind the best than `least` get none."""
    scores -= scores.max(axis=-1, keepdims=True)
    dropped = scores <= least
    np.exp(scores, out=scores)
    scores[dropped] = 0.0
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def past_probabilities(
    there: Walk, found: Scores, weights: FloatArray, scored_from: int, h: int
) -> AnyArray:
    """Return (series, scored origins with a count in the panel) what was given to what came.

    Args:
        there: the block of series.
        found: the scores of the horizon.
        weights: (series, scored origins, pairs).
        scored_from: the first scored origin.
        h: the horizon, from 0.
    """
    came = there.counts[:, scored_from + h :]
    made = scored_from + np.arange(came.shape[1])
    logs = found.logs[:, : came.shape[1]]
    given = np.einsum("sok,sok->so", weights[:, : came.shape[1]], np.exp(logs))
    return np.where((came >= 0) & (made >= there.first[:, None]), given, np.nan)
