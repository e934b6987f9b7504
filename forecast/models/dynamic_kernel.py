"""The compiled pass of dynamic-count: scores of its pairs.

A pair is an expert with a dispersion. The pass walks once through every series, all horizons side
by side: at each origin it hears what the pairs said of the newest count h periods before, and from
the scored origins on it passes their discounted log scores on, or turns them into the weights by
which past forecasts are judged. Nothing per origin and pair is ever kept, so all that a series
needs stays in a processor's nearest cache; and all loops over pairs run through adjacent numbers
without a branch or a call, so that they are vectorised.
"""

from __future__ import annotations

import math

from core.series import FloatArray, IntArray
from forecast.compiled import compiled_fast, inner
from forecast.falling_exp import falling_exp
from forecast.largest import largest

LAWS = 5
"""Dispersions around every mean; known when loops are compiled, so that copying a mean's laws is no
loop."""
_NEGLIGIBLE = math.exp(-9.0)


@compiled_fast
def score(
    counts: FloatArray,
    binomial: FloatArray,
    rows: IntArray,
    pulled: IntArray,
    first: IntArray,
    yielding: FloatArray,
    lines: FloatArray,
    judged: FloatArray,
    places: IntArray,
    slots: IntArray,
    made_of: FloatArray,
    work: FloatArray,
    total: FloatArray,
    shared: FloatArray,
    past: FloatArray,
    scores: FloatArray,
) -> None:
    """Score every series; add the scores up, or pass them on and write what was given to what came.

    Args:
        counts: (series, columns), -1 where unknown.
        binomial: (series, columns, laws).
        rows: (series, columns + 1, levels).
        pulled: (steps, series, columns + 1, rates).
        first: (series,) the first origin that knows a count.
        yielding: (series, scored origins, steps) share of the levels of the regime; or empty.
        lines: (means, 2, laws) of the tables.
        judged: forgetting, contrast, weight of the own score.
        places: the first scored origin; the first pair of the levels of the regime, and the one
            after their last.
        slots: (columns + 1,) place of a wanted origin, -1 for others.
        made_of: (columns + 1, 3, pairs) scratch: log binomial of the column's count, and value at
            zero and slope of the lines of the forecasts made at the origin.
        work: (steps + 2, pairs) scratch: the own scores, and room for two rows more.
        total: (scored origins, steps, pairs), added to; or empty.
        shared: (scored origins, steps, pairs); or empty.
        past: (series, scored origins, steps) NaN, overwritten where a count came.
        scores: (series, origins, steps, pairs) discounted log scores, overwritten.
    """
    for s in range(len(counts)):
        lay_out(binomial, rows, lines, s, made_of, work)
        for origin in range(counts.shape[1] + 1):
            _hear(counts, pulled, first, lines, judged, s, origin, made_of, work)
            scored = origin - places[0]
            if scored >= 0 and len(total) > 0:
                _add_up(work, total[scored])
            for h in range(len(pulled) if scored >= 0 and len(shared) > 0 else 0):
                came = origin + h if origin >= first[s] else counts.shape[1]
                y = counts[s, came] if came < counts.shape[1] else -1.0
                if y >= 0:
                    _share_out(
                        h, shared[scored, h], judged[2], yielding[s, scored, h], places, work
                    )
                    past[s, scored, h] = _given(pulled, lines, s, h, origin, y, made_of, work)
                if slots[origin] >= 0:
                    for k in range(work.shape[1]):
                        scores[s, slots[origin], h, k] = work[h, k]


@inner
def _add_up(work: FloatArray, total: FloatArray) -> None:
    """Add the own scores of all steps to (steps, pairs)."""
    for h in range(len(total)):
        for k in range(work.shape[1]):
            total[h, k] += work[h, k]


@inner
def lay_out(
    binomial: FloatArray,
    rows: IntArray,
    lines: FloatArray,
    s: int,
    made_of: FloatArray,
    work: FloatArray,
) -> None:
    """Put side by side, pair by pair, what the pairs of a series are made of; clear its scores."""
    levels = rows.shape[2]
    for h in range(len(work)):
        for k in range(work.shape[1]):
            work[h, k] = 0.0
    for origin in range(rows.shape[1]):
        if origin < binomial.shape[1]:
            for e in range(work.shape[1] // LAWS):
                for i in range(LAWS):
                    made_of[origin, 0, e * LAWS + i] = binomial[s, origin, i]
        for e in range(levels):
            row = rows[s, origin, e]
            for i in range(LAWS):
                made_of[origin, 1, e * LAWS + i] = lines[row, 0, i]
                made_of[origin, 2, e * LAWS + i] = lines[row, 1, i]


@inner
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
    forgetting, contrast, logs = judged[0], judged[1], work[-2]
    if origin == 0 or counts[s, origin - 1] < 0:
        return
    heard = origin - first[s] if origin - first[s] < len(pulled) else len(pulled)
    for h in range(heard):
        masses(pulled, lines, s, h, origin - 1 - h, counts[s, origin - 1], made_of, logs)
        least = largest(logs, work[-1]) - contrast
        for k in range(len(logs)):
            log = logs[k] if logs[k] > least else least
            work[h, k] = forgetting * work[h, k] + log


@inner
def masses(
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
    pairs = len(logs)
    free = pairs - pulled.shape[3] * LAWS
    for e in range(pulled.shape[3]):
        row = pulled[h, s, made, e]
        for i in range(LAWS):
            made_of[made, 1, free + e * LAWS + i] = lines[row, 0, i]
            made_of[made, 2, free + e * LAWS + i] = lines[row, 1, i]
    binomial, at_zero, per_count = made_of[made + h, 0], made_of[made, 1], made_of[made, 2]
    for k in range(pairs):
        logs[k] = binomial[k] + at_zero[k] + y * per_count[k]


@inner
def _share_out(
    h: int, shared: FloatArray, own: float, shift: float, places: IntArray, work: FloatArray
) -> None:
    """Write weights that sum to 1: the share `shift` to the levels of the regime alone."""
    weights, scores, total, following = work[-2], work[h], 0.0, 0.0
    for k in range(len(weights)):
        weights[k] = own * scores[k] + shared[k]
    best = largest(weights, work[-1])
    for k in range(len(weights)):
        weights[k] = falling_exp(weights[k] - best)
        total += weights[k] if weights[k] > _NEGLIGIBLE else 0.0
    for k in range(places[1], places[2]):
        following += weights[k]
    plain, regime = (1 - shift) / total, shift / following
    for k in range(len(weights)):
        share = plain if weights[k] > _NEGLIGIBLE else 0.0
        weights[k] *= share + (regime if places[1] <= k < places[2] else 0.0)


@inner
def _given(
    pulled: IntArray,
    lines: FloatArray,
    s: int,
    h: int,
    made: int,
    y: float,
    made_of: FloatArray,
    work: FloatArray,
) -> float:
    """Return what the weights of a forecast give to the count that came."""
    weights, logs, chance = work[-2], work[-1], 0.0
    masses(pulled, lines, s, h, made, y, made_of, logs)
    for k in range(len(logs)):
        chance += weights[k] * falling_exp(logs[k])
    return chance
