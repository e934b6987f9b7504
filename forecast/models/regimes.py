"""Regimes: since when a series may have run at its present level; compiled.

Bayesian online change-point detection (Adams and MacKay, arXiv 0710.3742, 2007) on negative
binomial counts: every period may have begun a new regime, and what each such hypothesis said of
every count decides what it is worth. How widely counts scatter inside a regime is learned with it,
so that a fall which means little in a wild series is a shift in a steady one. A spike that reverts
costs a new regime its worth again, so nothing is ever cut off.

The mean of a regime is unknown until its counts come: exponentially distributed around the
long-run mean beforehand, which makes one event more and a predictive that is the wider the less
is known.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.series import FloatArray, IntArray
from forecast.compiled import compiled, inner
from forecast.negative_binomial import Tables, binomial_row, mean_index

HYPOTHESES = 8
"""Regimes kept in mind at once; the least probable one makes room for the newest."""
_APART = 0.1
"""Events that are added to a regime's first guess: it can begin with the first event ever."""
_CERTAIN = 0.999
_CAUTION = 0.1
_TINY = 1e-9


class Regimes(NamedTuple):
    """What is thought of regimes before any count is seen.

    Attributes:
        hazard: probability that a period begins a new regime.
        scatter: (kinds,) dispersions that counts inside a regime may have, all as likely.
        laws: the negative binomials of the predictives, their dispersions rising by one factor.
        trust: power to which a count's evidence is taken; under 1, since the counts of a regime
            are more alike than independent draws.
        contrast: a count speaks against a regime by at most this much log probability.
        year: periods of a year.
    """

    hazard: float
    scatter: FloatArray
    laws: Tables
    trust: float
    contrast: float
    year: int


class Beliefs(NamedTuple):
    """What a series' counts say of its regimes, at each origin.

    Attributes:
        known: (columns + 1,) counts known.
        sums: (columns + 1,) of the known counts.
        starts: (columns + 1, hypotheses) first column of each regime; an origin's own column
            stands for a regime that begins there, of which no count is known.
        worth: (columns + 1, hypotheses) probability of each regime.
    """

    known: IntArray
    sums: FloatArray
    starts: IntArray
    worth: FloatArray


class _Minds(NamedTuple):
    """The hypotheses of one series while it is walked through.

    Attributes:
        joint: (hypotheses, kinds) probabilities of regime and scatter.
        logs: (hypotheses, kinds) scratch.
        binomial: (laws,) scratch.
        counts: (hypotheses,) known counts since each regime began.
        totals: (hypotheses,) their sums.
    """

    joint: FloatArray
    logs: FloatArray
    binomial: FloatArray
    counts: FloatArray
    totals: FloatArray


@compiled
def empty_beliefs(columns: int) -> Beliefs:
    """Return room for the beliefs about one series."""
    return Beliefs(
        np.zeros(columns + 1, np.int64),
        np.zeros(columns + 1),
        np.zeros((columns + 1, HYPOTHESES), np.int64),
        np.zeros((columns + 1, HYPOTHESES)),
    )


@compiled
def count_known(y: FloatArray, known: IntArray, sums: FloatArray) -> None:
    """Write how many counts are known at each origin, and their sum."""
    known[0], sums[0] = 0, 0.0
    for t in range(len(y)):
        seen = not math.isnan(y[t])
        known[t + 1] = known[t] + (1 if seen else 0)
        sums[t + 1] = sums[t] + (y[t] if seen else 0.0)


@compiled
def first_guess(known: int, total: float, count: float) -> float:
    """Return the mean that a new regime is thought to have: the long-run mean and a little."""
    return (total / known if known > 0 else count) + _APART


@compiled
def regime_mean(total: float, count: float, guess: float) -> float:
    """Return the mean of a regime whose counts, this many, have this total."""
    return (total + 1.0) / (count + 1.0 / guess)


@inner
def _judge(y: float, guess: float, regimes: Regimes, minds: _Minds) -> None:
    """Note what every regime and scatter said of a count, and weigh them by it."""
    laws, scatter = regimes.laws, regimes.scatter
    first = math.log(laws.dispersions[0])
    per_step = 1.0 / (math.log(laws.dispersions[1]) - first)
    binomial_row(y, laws, minds.binomial)
    best, total = -1e300, 0.0
    for j in range(HYPOTHESES):
        mean = regime_mean(minds.totals[j], minds.counts[j], guess)
        row = mean_index(mean)
        for i in range(len(scatter)):
            sure = 1.0 + minds.counts[j] * mean * scatter[i] / (mean + scatter[i])
            place = int(
                (math.log(scatter[i] * sure / (scatter[i] + sure)) - first) * per_step + 0.5
            )
            law = min(max(place, 0), len(laws.dispersions) - 1)
            log = minds.binomial[law] + laws.at_zero[row, law] + y * laws.per_count[row, law]
            minds.logs[j, i] = log
            if minds.joint[j, i] > 0:
                best = max(best, log)
    for j in range(HYPOTHESES):
        for i in range(len(scatter)):
            behind = max(min(minds.logs[j, i] - best, 0.0), -regimes.contrast)
            minds.joint[j, i] *= math.exp(regimes.trust * behind)
            total += minds.joint[j, i]
    for j in range(HYPOTHESES):
        for i in range(len(scatter)):
            minds.joint[j, i] /= total


@inner
def _row_sum(matrix: FloatArray, row: int) -> float:
    total = 0.0
    for i in range(matrix.shape[1]):
        total += float(matrix[row, i])
    return total


@inner
def _begin(y: float, hazard: float, minds: _Minds) -> int:
    """Give every regime the count; return the place of the least probable, now a new regime."""
    least, lowest = 0, 2.0
    for j in range(HYPOTHESES):
        minds.counts[j] += 1
        minds.totals[j] += y
        worth = _row_sum(minds.joint, j)
        if worth < lowest:
            least, lowest = j, worth
    for i in range(minds.joint.shape[1]):
        kind = 0.0
        minds.joint[least, i] = 0.0
        for j in range(HYPOTHESES):
            kind += minds.joint[j, i]
            minds.joint[j, i] *= 1 - hazard
        minds.joint[least, i] = hazard * kind
    minds.counts[least], minds.totals[least] = 0.0, 0.0
    return least


@compiled
def believe(y: FloatArray, regimes: Regimes, beliefs: Beliefs) -> None:
    """Write what the counts of a series say of its regimes at each origin."""
    known, sums, starts, worth = beliefs
    count_known(y, known, sums)
    joint = np.zeros((HYPOTHESES, len(regimes.scatter)))
    binomial, none = np.empty(len(regimes.laws.dispersions)), np.zeros(HYPOTHESES)
    logs = np.zeros((HYPOTHESES, len(regimes.scatter)))
    minds = _Minds(joint, logs, binomial, none, np.zeros(HYPOTHESES))
    for i in range(len(regimes.scatter)):
        joint[0, i] = 1.0 / len(regimes.scatter)
    for j in range(HYPOTHESES):
        starts[0, j], worth[0, j] = 0, 1.0 if j == 0 else 0.0
    for t in range(len(y)):
        for j in range(HYPOTHESES):
            starts[t + 1, j], worth[t + 1, j] = starts[t, j], worth[t, j]
        if not math.isnan(y[t]):
            _judge(y[t], first_guess(known[t], sums[t], y[t]), regimes, minds)
            starts[t + 1, _begin(y[t], regimes.hazard, minds)] = t + 1
            total = 0.0
            for j in range(HYPOTHESES):
                worth[t + 1, j] = _row_sum(joint, j)
                total += worth[t + 1, j]
            for j in range(HYPOTHESES):
                worth[t + 1, j] /= total


@compiled
def write_shifts(beliefs: Beliefs, regimes: Regimes, out: FloatArray) -> None:
    """Write (columns + 1) how far experts that look back a year must yield to the new regime.

    It is the probability q that the regime began within the last year, made cautious: the odds
    are squared, which undoes the trust that was withheld, and taken times a tenth, since what
    looks like a shift is a spike that reverts more often than a lasting one.
    """
    known, _, starts, worth = beliefs
    for t in range(len(known)):
        q = 0.0
        for j in range(HYPOTHESES):
            age = known[t] - known[starts[t, j]]
            if starts[t, j] > 0 and 0 < age <= regimes.year:
                q += worth[t, j]
        odds = _CAUTION * (q / (1 - q + _TINY)) ** 2
        out[t] = _CERTAIN * odds / (1 + odds)


@compiled
def level_since(beliefs: Beliefs, origin: int, out: FloatArray) -> None:
    """Write first column, mean and probability of the most probable regime; NaN for the first.

    Regimes that begin one column earlier or later are taken together with it: months end in
    mid-battle.
    """
    known, sums, starts, worth = beliefs
    out[0] = out[1] = out[2] = np.nan
    best, start = 0.0, 0
    for j in range(HYPOTHESES):
        near = 0.0
        for i in range(HYPOTHESES):
            if abs(starts[origin, i] - starts[origin, j]) <= 1 and starts[origin, i] > 0:
                near += worth[origin, i]
        ahead = near > best or (near == best and worth[origin, j] > best)
        if ahead and 0 < starts[origin, j] < origin:
            best, start = near, starts[origin, j]
    count = known[origin] - known[start]
    if start > 0 and count > 0:
        out[0], out[1], out[2] = start, (sums[origin] - sums[start]) / count, best
