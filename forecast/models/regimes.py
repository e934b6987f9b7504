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

from core.series import AnyArray, FloatArray, IntArray
from forecast.compiled import compiled, inner
from forecast.negative_binomial import Tables, binomials, mean_row

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
    """What the counts of a block of series say of their regimes, at each origin.

    Attributes:
        known: (series, columns + 1) counts known.
        sums: (series, columns + 1) of the known counts.
        starts: (series, columns + 1, hypotheses) first column of each regime; an origin's own
            column stands for a regime that begins there, of which no count is known.
        worth: (series, columns + 1, hypotheses) probability of each regime.
    """

    known: IntArray
    sums: FloatArray
    starts: IntArray
    worth: FloatArray

    @property
    def sizes(self) -> IntArray:
        """Return (series, columns + 1, hypotheses) how many counts of each regime are known."""
        return np.asarray(self.known[..., None] - at_starts(self.known, self.starts))


def at_starts(values: FloatArray | IntArray, starts: IntArray) -> AnyArray:
    """Return (series, origins, hypotheses) values (series, columns + 1) where regimes began."""
    series, origins, hypotheses = starts.shape
    flat = np.take_along_axis(values, starts.reshape(series, -1), axis=1)
    return flat.reshape(series, origins, hypotheses)


def first_guess(known: IntArray, sums: FloatArray, counts: FloatArray | float) -> FloatArray:
    """Return the mean that a new regime is thought to have: the long-run mean and a little.

    Where no count is known yet, the count that comes stands for the long-run mean.
    """
    return np.asarray(np.where(known > 0, sums / np.maximum(known, 1), counts) + _APART)


def regime_mean(totals: FloatArray, sizes: IntArray, guesses: FloatArray) -> FloatArray:
    """Return the means of regimes whose counts, this many, have these totals."""
    return np.asarray((totals + 1.0) / (sizes + 1.0 / guesses))


def believe(counts: FloatArray, regimes: Regimes) -> Beliefs:
    """Return what (series, columns) counts say of the regimes of their series."""
    (series, columns), kinds = counts.shape, len(regimes.scatter)
    seen = np.pad(~np.isnan(counts), ((0, 0), (1, 0)))
    known = np.cumsum(seen, axis=1)
    sums = np.cumsum(np.pad(np.nan_to_num(counts), ((0, 0), (1, 0))), axis=1)
    starts = np.zeros((series, columns + 1, HYPOTHESES), dtype=np.int64)
    worth = np.zeros((series, columns + 1, HYPOTHESES))
    laws = regimes.laws
    _walk(
        counts,
        first_guess(known[:, :-1], sums[:, :-1], counts),
        binomials(counts, laws),
        regimes.scatter,
        np.sqrt(laws.dispersions[1:] * laws.dispersions[:-1]),
        np.ascontiguousarray(laws.at_zero),
        np.ascontiguousarray(laws.per_count),
        np.array([regimes.hazard, regimes.trust, regimes.contrast]),
        np.empty((2, HYPOTHESES, kinds)),
        np.empty((2, HYPOTHESES)),
        starts,
        worth,
    )
    worth /= worth.sum(axis=2, keepdims=True)  # what the forgotten one had is shared by all
    return Beliefs(known, sums, starts, worth)


@compiled
def _walk(
    counts: FloatArray,
    guesses: FloatArray,
    binomial: FloatArray,
    scatter: FloatArray,
    bounds: FloatArray,
    at_zero: FloatArray,
    per_count: FloatArray,
    thought: FloatArray,
    minds: FloatArray,
    seen: FloatArray,
    starts: IntArray,
    worth: FloatArray,
) -> None:
    """Write starts and worth of the regimes of every series.

    Args:
        counts: (series, columns), NaN where unknown.
        guesses: (series, columns) mean that a regime without a count is thought to have.
        binomial: (series, columns, laws) `binomials` of the counts.
        scatter: (kinds,) dispersions inside a regime.
        bounds: (laws - 1,) dispersions at which the nearest law changes.
        at_zero: (means, laws) of the tables.
        per_count: (means, laws) of the tables.
        thought: hazard, trust and contrast.
        minds: (2, hypotheses, kinds) scratch: joint probabilities of regime and scatter, and what
            each said of a count.
        seen: (2, hypotheses) scratch: known counts since each regime began, and their sums.
        starts: (series, columns + 1, hypotheses) zeros, overwritten.
        worth: (series, columns + 1, hypotheses) zeros, overwritten.
    """
    hypotheses, kinds = minds.shape[1], minds.shape[2]
    for s in range(len(counts)):
        worth[s, 0, 0] = 1.0
        for j in range(hypotheses):
            seen[0, j] = seen[1, j] = 0.0
            for i in range(kinds):
                minds[0, j, i] = 1.0 / kinds if j == 0 else 0.0
        for t in range(counts.shape[1]):
            for j in range(hypotheses):
                starts[s, t + 1, j] = starts[s, t, j]
                worth[s, t + 1, j] = worth[s, t, j]
            y = counts[s, t]
            if not math.isnan(y):
                best = _hear(
                    y,
                    guesses[s, t],
                    binomial,
                    s,
                    t,
                    scatter,
                    bounds,
                    at_zero,
                    per_count,
                    minds,
                    seen,
                )
                _judge(best, thought, minds)
                starts[s, t + 1, _begin(y, thought[0], minds, seen)] = t + 1
                for j in range(hypotheses):
                    worth[s, t + 1, j] = 0.0
                    for i in range(kinds):
                        worth[s, t + 1, j] += minds[0, j, i]


@inner
def _hear(
    y: float,
    guess: float,
    binomial: FloatArray,
    s: int,
    t: int,
    scatter: FloatArray,
    bounds: FloatArray,
    at_zero: FloatArray,
    per_count: FloatArray,
    minds: FloatArray,
    seen: FloatArray,
) -> float:
    """Note what every regime and scatter said of a count; return the best that was possible."""
    best = -1e300
    for j in range(minds.shape[1]):
        mean = (seen[1, j] + 1.0) / (seen[0, j] + 1.0 / guess)
        row = mean_row(mean)
        for i in range(minds.shape[2]):
            sure = 1.0 + seen[0, j] * mean * scatter[i] / (mean + scatter[i])
            spread, law = scatter[i] * sure / (scatter[i] + sure), 0
            while law < len(bounds) and spread >= bounds[law]:
                law += 1
            log = binomial[s, t, law] + at_zero[row, law] + y * per_count[row, law]
            minds[1, j, i] = log
            if minds[0, j, i] > 0 and log > best:
                best = log
    return best


@inner
def _judge(best: float, thought: FloatArray, minds: FloatArray) -> None:
    """Weigh every regime and scatter by what it said."""
    trust, contrast, total = thought[1], thought[2], 0.0
    for j in range(minds.shape[1]):
        for i in range(minds.shape[2]):
            behind = minds[1, j, i] - best
            if behind > 0:
                behind = 0.0
            if behind < -contrast:
                behind = -contrast
            minds[0, j, i] *= math.exp(trust * behind)
            total += minds[0, j, i]
    for j in range(minds.shape[1]):
        for i in range(minds.shape[2]):
            minds[0, j, i] /= total


@inner
def _begin(y: float, hazard: float, minds: FloatArray, seen: FloatArray) -> int:
    """Give every regime the count; return the place of the least probable, now a new regime."""
    least, lowest = 0, 2.0
    for j in range(minds.shape[1]):
        seen[0, j] += 1
        seen[1, j] += y
        worth = 0.0
        for i in range(minds.shape[2]):
            worth += minds[0, j, i]
        if worth < lowest:
            least, lowest = j, worth
    for i in range(minds.shape[2]):
        kind = 0.0
        minds[0, least, i] = 0.0
        for j in range(minds.shape[1]):
            kind += minds[0, j, i]
            minds[0, j, i] *= 1 - hazard
        minds[0, least, i] = hazard * kind
    seen[0, least] = seen[1, least] = 0.0
    return least


def shifts(beliefs: Beliefs, year: int) -> FloatArray:
    """Return (series, columns + 1) how far what looks back a year must yield to the new regime.

    It is the probability q that the regime began within the last year, made cautious: the odds
    are squared, which undoes the trust that was withheld, and taken times a tenth, since what
    looks like a shift is a spike that reverts more often than a lasting one.
    """
    ages = beliefs.sizes
    new = (beliefs.starts > 0) & (ages > 0) & (ages <= year)
    q = np.minimum((beliefs.worth * new).sum(axis=2), 1.0)
    odds = _CAUTION * (q / (1 - q + _TINY)) ** 2
    return np.asarray(_CERTAIN * odds / (1 + odds))


def levels_since(beliefs: Beliefs, origins: IntArray) -> FloatArray:
    """Return (series, origins, 3) first column, mean, probability of the most probable regime.

    All three are NaN where there has been no shift. Regimes that begin one column earlier or
    later are taken together with it: months end in mid-battle.
    """
    starts, worth = beliefs.starts[:, origins], beliefs.worth[:, origins]
    apart = np.abs(starts[..., None] - starts[..., None, :])
    near = (worth[..., None, :] * ((apart <= 1) & (starts[..., None, :] > 0))).sum(axis=3)
    near *= (starts > 0) & (starts < origins[:, None])
    likeliest = near.argmax(axis=2)[..., None]
    start = np.take_along_axis(starts, likeliest, axis=2)
    size = beliefs.known[:, origins, None] - at_starts(beliefs.known, start)
    total = beliefs.sums[:, origins, None] - at_starts(beliefs.sums, start)
    found = np.take_along_axis(near, likeliest, axis=2)
    mean = np.divide(total, size, out=np.zeros_like(total), where=size > 0)
    told = np.concatenate((start, mean, found), axis=2)
    return np.where((found > 0) & (size > 0), told, np.nan)
