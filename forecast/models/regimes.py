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
from forecast.compiled import compiled_fast, inner
from forecast.falling_exp import falling_exp
from forecast.negative_binomial import Tables, binomials, mean_row

HYPOTHESES = 8
"""Regimes kept in mind at once; the least probable one makes room for the newest."""
_APART = 0.1
"""Events that are added to a regime's first guess: it can begin with the first event ever."""
_CERTAIN = 0.999
_CAUTION = 0.1
_TINY = 1e-9
_BOUNDS = 7  # known when loops are compiled, so that the search for a law is no loop
_WORTH, _KNOWN, _SUM, _MEAN, _SAID, _ROWS = 0, 1, 2, 3, 4, 5
_ROW, _LAW, _BEGUN = 0, 1, 2


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

    def of(self, some: IntArray) -> Beliefs:
        """Return what is believed of some of the series."""
        known, sums, starts, worth = self
        return Beliefs(known[some], sums[some], starts[some], worth[some])


def at_starts(values: FloatArray | IntArray, starts: IntArray) -> AnyArray:
    """Return (series, origins, hypotheses) values (series, columns + 1) where regimes began."""
    series, origins, hypotheses = starts.shape
    flat = np.take_along_axis(values, starts.reshape(series, -1), axis=1)
    return flat.reshape(series, origins, hypotheses)


@inner
def regime_guess(known: int, total: float) -> float:
    """Return the mean that a new regime is thought to have: the long-run mean and a little.

    With it, a regime of n counts has the mean (their sum + 1) / (n + 1 / guess).
    """
    return total / (known if known > 0 else 1) + _APART


def believe(counts: FloatArray, regimes: Regimes) -> Beliefs:
    """Return what (series, columns) counts say of the regimes of their series."""
    (series, columns), laws = counts.shape, regimes.laws
    bounds = np.sqrt(laws.dispersions[1:] * laws.dispersions[:-1])
    if len(bounds) != _BOUNDS:
        raise ValueError(f"the predictives of regimes have {_BOUNDS + 1} dispersions")
    scatter = np.repeat(regimes.scatter, HYPOTHESES)
    known = np.empty((series, columns + 1), dtype=np.int64)
    sums = np.empty((series, columns + 1))
    starts = np.empty((series, columns + 1, HYPOTHESES), dtype=np.int64)
    worth = np.empty((series, columns + 1, HYPOTHESES))
    _walk(
        np.where(np.isnan(counts), -1.0, counts),
        binomials(counts, laws),
        scatter,
        bounds,
        laws.lines,
        np.array([regimes.hazard, regimes.trust, regimes.contrast]),
        np.empty((_ROWS, len(scatter))),
        np.empty((3, len(scatter)), dtype=np.int64),
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
    places: IntArray,
    known: IntArray,
    sums: FloatArray,
    starts: IntArray,
    worth: FloatArray,
) -> None:
    """Write what is believed of the regimes of every series.

    A mind is a regime with a scatter; the regimes of the first scatter come first, then those of
    the next. What is done to all minds alike is done in loops of their own without branches, so
    that they are vectorised.

    Args:
        counts: (series, columns), -1 where unknown.
        binomial: (series, columns, laws) `binomials` of the counts.
        scatter: (minds,) dispersions inside the regime.
        bounds: (laws - 1,) dispersions at which the nearest law changes.
        lines: (means, 2, laws) of the tables.
        thought: hazard, trust and contrast.
        minds: (_ROWS, minds) scratch: how probable each is, known counts since its regime began,
            their sum, its mean, and what it said of a count.
        places: (3, minds) scratch: rows of the tables, laws, and, of the first scatter alone, the
            columns at which the regimes began.
        known: (series, columns + 1) as in `Beliefs`, overwritten, and so are the next three.
        sums: (series, columns + 1).
        starts: (series, columns + 1, hypotheses).
        worth: (series, columns + 1, hypotheses).
    """
    begun, first = places[_BEGUN], 1.0 / (len(scatter) // HYPOTHESES)
    for s in range(len(counts)):
        number, total = 0, 0.0
        for k in range(len(scatter)):
            minds[_WORTH, k] = first if k % HYPOTHESES == 0 else 0.0
            minds[_KNOWN, k] = minds[_SUM, k] = 0.0
        for j in range(HYPOTHESES):
            begun[j] = 0
        for t in range(counts.shape[1] + 1):
            known[s, t], sums[s, t] = number, total
            for j in range(HYPOTHESES):
                starts[s, t, j], worth[s, t, j] = begun[j], 0.0
                for k in range(j, len(scatter), HYPOTHESES):
                    worth[s, t, j] += minds[_WORTH, k]
            if t < counts.shape[1] and counts[s, t] >= 0:
                y = counts[s, t]
                guess = regime_guess(number, total if number > 0 else y)
                best = _say(y, guess, binomial[s, t], scatter, bounds, lines, minds, places)
                _judge(best, thought, minds)
                number, total = number + 1, total + y
                begun[_begin(y, thought[0], minds)] = t + 1


@inner
def _say(
    y: float,
    guess: float,
    binomial: FloatArray,
    scatter: FloatArray,
    bounds: FloatArray,
    lines: FloatArray,
    minds: FloatArray,
    places: IntArray,
) -> float:
    """Note what every mind said of a count; return the best that was possible.

    The dispersion of a predictive is that of its regime and of what is not known of its mean.
    """
    best, many = -1e300, len(scatter)
    for j in range(HYPOTHESES):
        mean = (minds[_SUM, j] + 1.0) / (minds[_KNOWN, j] + 1.0 / guess)
        row = mean_row(mean)
        for k in range(j, many, HYPOTHESES):
            minds[_MEAN, k], places[_ROW, k] = mean, row
    for k in range(many):
        mean, own, law = minds[_MEAN, k], scatter[k], 0
        sure = 1.0 + minds[_KNOWN, k] * mean * own / (mean + own)
        spread = own * sure / (own + sure)
        for bound in range(_BOUNDS):
            law += spread >= bounds[bound]
        places[_LAW, k] = law
    for k in range(many):
        row, law = places[_ROW, k], places[_LAW, k]
        log = binomial[law] + lines[row, 0, law] + y * lines[row, 1, law]
        minds[_SAID, k] = log
        best = log if minds[_WORTH, k] > 0 and log > best else best
    return best


@inner
def _judge(best: float, thought: FloatArray, minds: FloatArray) -> None:
    """Weigh every mind by what it said."""
    trust, contrast, total = thought[1], thought[2], 0.0
    for k in range(minds.shape[1]):
        behind = minds[_SAID, k] - best
        behind = behind if behind < 0 else 0.0
        behind = behind if behind > -contrast else -contrast
        minds[_WORTH, k] *= falling_exp(trust * behind)
        total += minds[_WORTH, k]
    for k in range(minds.shape[1]):
        minds[_WORTH, k] /= total


@inner
def _begin(y: float, hazard: float, minds: FloatArray) -> int:
    """Give every regime the count; return the place of the least probable, now a new regime.

    What the forgotten one had is shared by all.
    """
    least, lowest, many, worth = 0, 2.0, minds.shape[1], minds[_WORTH]
    for j in range(HYPOTHESES):
        total = 0.0
        for k in range(j, many, HYPOTHESES):
            total += worth[k]
        if total < lowest:
            least, lowest = j, total
    for start in range(0, many, HYPOTHESES):
        kind, worth[start + least] = 0.0, 0.0
        for k in range(start, start + HYPOTHESES):
            kind += worth[k]
        worth[start + least] = kind * hazard / (1 - hazard)
    left = (1 - hazard) / (1 - lowest)
    for k in range(many):
        worth[k] *= left
        minds[_KNOWN, k] += 1.0
        minds[_SUM, k] += y
    for k in range(least, many, HYPOTHESES):
        minds[_KNOWN, k] = minds[_SUM, k] = 0.0
    return least


def shifts(beliefs: Beliefs, origins: IntArray, most: IntArray) -> FloatArray:
    """Return (series, origins, bounds) how far what knows the old level must yield to the new one.

    It is the probability q that the regime is new, made cautious: the odds are squared, which
    undoes the trust that was withheld, and taken times a tenth, since what looks like a shift is
    a spike that reverts more often than a lasting one.

    Args:
        beliefs: about a block of series.
        origins: (origins,) columns.
        most: (bounds,) known counts up to which a regime is new.
    """
    found = np.empty((len(beliefs.known), len(origins), len(most)))
    _shift(beliefs.known, beliefs.starts, beliefs.worth, origins, most, found)
    return found


@compiled_fast
def _shift(
    known: IntArray,
    starts: IntArray,
    worth: FloatArray,
    origins: IntArray,
    most: IntArray,
    out: FloatArray,
) -> None:
    """Write what `shifts` returns: its arguments, those about regimes as in `Beliefs`."""
    for s in range(len(out)):
        for slot in range(len(origins)):
            t = origins[slot]
            for bound in range(len(most)):
                q = 0.0
                for j in range(HYPOTHESES):
                    start = starts[s, t, j]
                    size = known[s, t] - known[s, start]
                    q += worth[s, t, j] if start > 0 and 0 < size <= most[bound] else 0.0
                q = min(q, 1.0)
                odds = q / (1 - q + _TINY)
                odds *= _CAUTION * odds
                out[s, slot, bound] = _CERTAIN * odds / (1 + odds)


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
