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

from typing import NamedTuple

import numpy as np

from core.series import AnyArray, FloatArray, IntArray
from forecast.compiled import compiled_fast, inner_fast
from forecast.falling_exp import falling_exp
from forecast.negative_binomial import Tables, binomials, mean_row

HYPOTHESES = 8
"""Regimes kept in mind at once; the least probable one makes room for the newest."""
_APART = 0.1
"""Events that are added to a regime's first guess: it can begin with the first event ever."""
_CERTAIN = 0.999
_CAUTION = 0.1
_TINY = 1e-9
_WORTH, _SAID, _LAW = 0, 1, 2
_KNOWN, _SUM, _MEAN, _BEST, _ROWS = 1, 2, 3, 4, 5
_BEGUN, _ROW = 0, 1


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


@inner_fast
def regime_guess(known: int, total: float) -> float:
    """Return the mean that a new regime is thought to have: the long-run mean and a little.

    With it, a regime of n counts has the mean (their sum + 1) / (n + 1 / guess).
    """
    return total / max(known, 1) + _APART


def believe(counts: FloatArray, regimes: Regimes) -> Beliefs:
    """Return what (series, columns) counts say of the regimes of their series."""
    (series, columns), kinds = counts.shape, len(regimes.scatter)
    known = np.empty((series, columns + 1), dtype=np.int64)
    sums = np.empty((series, columns + 1))
    starts = np.empty((series, columns + 1, HYPOTHESES), dtype=np.int64)
    worth = np.empty((series, columns + 1, HYPOTHESES))
    laws = regimes.laws
    _walk(
        np.where(np.isnan(counts), -1.0, counts),
        binomials(counts, laws),
        regimes.scatter,
        np.sqrt(laws.dispersions[1:] * laws.dispersions[:-1]),
        laws.lines,
        np.array([regimes.hazard, regimes.trust, regimes.contrast]),
        np.empty((3, kinds, HYPOTHESES)),
        np.empty((_ROWS, HYPOTHESES)),
        np.empty((2, HYPOTHESES), dtype=np.int64),
        known,
        sums,
        starts,
        worth,
    )
    return Beliefs(known, sums, starts, worth)


@compiled_fast
def _walk(
    counts: FloatArray,
    binomial: FloatArray,
    scatter: FloatArray,
    bounds: FloatArray,
    lines: FloatArray,
    thought: FloatArray,
    minds: FloatArray,
    seen: FloatArray,
    places: IntArray,
    known: IntArray,
    sums: FloatArray,
    starts: IntArray,
    worth: FloatArray,
) -> None:
    """Write what is believed of the regimes of every series.

    Loops over hypotheses run through adjacent numbers, as many as are known when they are compiled,
    and know no branch, so that they become one or two steps of a processor each.

    Args:
        counts: (series, columns), -1 where unknown.
        binomial: (series, columns, laws) `binomials` of the counts.
        scatter: (kinds,) dispersions inside a regime.
        bounds: (laws - 1,) dispersions at which the nearest law changes.
        lines: (means, 2, laws) of the tables.
        thought: hazard, trust and contrast.
        minds: (3, kinds, hypotheses) scratch: joint probabilities of regime and scatter, what each
            said of a count, and the law that it said it with.
        seen: (_ROWS, hypotheses) scratch: what is known of each regime, row by row as named below.
        places: (2, hypotheses) scratch: first columns, and rows of the tables.
        known, sums, starts, worth: as in `Beliefs`, overwritten.
    """
    for s in range(len(counts)):
        number, total = 0, 0.0
        _forget(minds, seen, places)
        for t in range(counts.shape[1] + 1):
            known[s, t], sums[s, t] = number, total
            for j in range(HYPOTHESES):
                starts[s, t, j] = places[_BEGUN, j]
                worth[s, t, j] = seen[_WORTH, j]
            if t < counts.shape[1] and counts[s, t] >= 0:
                y = counts[s, t]
                guess = regime_guess(number, total if number > 0 else y)
                _say(y, guess, binomial[s, t], scatter, bounds, lines, minds, seen, places)
                _judge(thought, minds, seen)
                number, total = number + 1, total + y
                places[_BEGUN, _begin(y, thought[0], minds, seen)] = t + 1


@inner_fast
def _forget(minds: FloatArray, seen: FloatArray, places: IntArray) -> None:
    """Think of one regime, begun in the first column, with any scatter."""
    for j in range(HYPOTHESES):
        places[_BEGUN, j] = 0
        seen[_KNOWN, j] = seen[_SUM, j] = 0.0
        seen[_WORTH, j] = 1.0 if j == 0 else 0.0
        for i in range(minds.shape[1]):
            minds[_WORTH, i, j] = 1.0 / minds.shape[1] if j == 0 else 0.0


@inner_fast
def _say(
    y: float,
    guess: float,
    binomial: FloatArray,
    scatter: FloatArray,
    bounds: FloatArray,
    lines: FloatArray,
    minds: FloatArray,
    seen: FloatArray,
    places: IntArray,
) -> None:
    """Note what every regime and scatter said of a count, and of each the best that was possible.

    The dispersion of a predictive is that of its regime and of what is not known of its mean.
    """
    laws, said = minds[_LAW], minds[_SAID]
    for j in range(HYPOTHESES):
        mean = (seen[_SUM, j] + 1.0) / (seen[_KNOWN, j] + 1.0 / guess)
        seen[_MEAN, j], seen[_BEST, j], places[_ROW, j] = mean, -1e300, mean_row(mean)
    for i in range(len(scatter)):
        for j in range(HYPOTHESES):
            mean = seen[_MEAN, j]
            sure = 1.0 + seen[_KNOWN, j] * mean * scatter[i] / (mean + scatter[i])
            said[i, j], laws[i, j] = scatter[i] * sure / (scatter[i] + sure), 0.0
        for bound in bounds:
            for j in range(HYPOTHESES):
                laws[i, j] += 1.0 if said[i, j] >= bound else 0.0
        for j in range(HYPOTHESES):
            row, law = places[_ROW, j], int(laws[i, j])
            log = binomial[law] + lines[row, 0, law] + y * lines[row, 1, law]
            possible = log if minds[_WORTH, i, j] > 0 else -1e300
            said[i, j] = log
            seen[_BEST, j] = possible if possible > seen[_BEST, j] else seen[_BEST, j]


@inner_fast
def _judge(thought: FloatArray, minds: FloatArray, seen: FloatArray) -> None:
    """Weigh every regime and scatter by what it said."""
    trust, contrast, total, best = thought[1], thought[2], 0.0, -1e300
    worth, said = minds[_WORTH], minds[_SAID]
    for j in range(HYPOTHESES):
        best = seen[_BEST, j] if seen[_BEST, j] > best else best
    for i in range(minds.shape[1]):
        for j in range(HYPOTHESES):
            behind = said[i, j] - best
            behind = behind if behind < 0 else 0.0
            behind = behind if behind > -contrast else -contrast
            worth[i, j] *= falling_exp(trust * behind)
            total += worth[i, j]
    for i in range(minds.shape[1]):
        for j in range(HYPOTHESES):
            worth[i, j] /= total


@inner_fast
def _begin(y: float, hazard: float, minds: FloatArray, seen: FloatArray) -> int:
    """Give every regime the count; return the place of the least probable, now a new regime.

    What the forgotten one had is shared by all.
    """
    least, total, worth = 0, 0.0, minds[_WORTH]
    _add_up(worth, seen)
    for j in range(HYPOTHESES):
        seen[_KNOWN, j] += 1.0
        seen[_SUM, j] += y
        least = j if seen[_WORTH, j] < seen[_WORTH, least] else least
    seen[_KNOWN, least] = seen[_SUM, least] = 0.0
    for i in range(len(worth)):
        kind, worth[i, least] = 0.0, 0.0
        for j in range(HYPOTHESES):
            kind += worth[i, j]
            worth[i, j] *= 1 - hazard
        worth[i, least] = hazard * kind
    _add_up(worth, seen)
    for j in range(HYPOTHESES):
        total += seen[_WORTH, j]
    for j in range(HYPOTHESES):
        seen[_WORTH, j] /= total
    return least


@inner_fast
def _add_up(worth: FloatArray, seen: FloatArray) -> None:
    """Note how probable each regime is, whatever its scatter."""
    for j in range(HYPOTHESES):
        seen[_WORTH, j] = 0.0
    for i in range(len(worth)):
        for j in range(HYPOTHESES):
            seen[_WORTH, j] += worth[i, j]


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
