"""The weights with which dynamic-count's pairs would have forecast best together; compiled.

Scores say which pair alone told most, and their softmax soon trusts few. What is wanted is the
mixture that tells most: the optimal linear pool (Geweke and Amisano, Journal of Econometrics 164,
2011), here of the pairs, whose weights maximise

    Σ_t φ^age(t) log Σ_k w_k p_k(t)  +  c Σ_k b_k log w_k ,

    p_k(t) = max(P_k(y_t) / max_j P_j(y_t), e^−3) ,

over the forecasts made h periods before the counts y_t of the last 48 periods. The second term is a
Dirichlet prior of c = 3 observations around the softmax b of tempered scores. It starts from b and
takes six steps of the exponentiated gradient (Helmbold, Schapire, Singer and Warmuth, Machine
Learning 27, 1997),

    w_k ← w_k exp(η g_k) / Σ_j w_j exp(η g_j) ,
    g_k = (Σ_t φ^age(t) p_k(t) / Σ_j w_j p_j(t) + c b_k / w_k) / (Σ_t φ^age(t) + c) ,

with η = 3. Expectation-maximisation, w_k ← w_k g_k, which is η = 1 near the best weights, needs
four times as many steps to come as far.
"""

from __future__ import annotations

from core.series import FloatArray, IntArray
from forecast.compiled import compiled_fast, inner
from forecast.falling_exp import falling_exp
from forecast.largest import largest
from forecast.models.dynamic_kernel import lay_out, masses

WINDOW = 48
"""Periods back to the oldest count that is looked at: a twelfth of its worth is left."""
_STEPS, _RATE, _PRIOR = 6, 3.0, 3.0
_LONGEST = 2.0
"""A weight grows by at most e² in a step."""
_LEAST = -14.0
"""Log of the smallest weight to start from, beside the largest."""


@compiled_fast
def mix(
    counts: FloatArray,
    binomial: FloatArray,
    rows: IntArray,
    pulled: IntArray,
    first: IntArray,
    yielding: FloatArray,
    lines: FloatArray,
    judged: FloatArray,
    places: IntArray,
    origins: IntArray,
    made_of: FloatArray,
    told: FloatArray,
    work: FloatArray,
    weights: FloatArray,
) -> None:
    """Turn the scores of the pairs of every series into weights that sum to 1.

    Args:
        counts: (series, columns), -1 where unknown.
        binomial: (series, columns, laws).
        rows: (series, columns + 1, levels).
        pulled: (steps, series, columns + 1, rates).
        first: (series,) the first origin that knows a count.
        yielding: (series, origins, steps) share of the levels of the regime.
        lines: (means, 2, laws) of the tables.
        judged: forgetting, contrast.
        places: the first pair of the levels of the regime, and the one after their last.
        origins: (origins,) rising columns.
        made_of: (columns + 1, 3, pairs) scratch, as for `score`.
        told: (columns, pairs) scratch: p_k of each count, 0 where it is unknown.
        work: (4, pairs) scratch: b, g, the weights of the regime's levels, room for a row.
        weights: (series, origins, steps, pairs) tempered scores, overwritten.
    """
    for s in range(len(counts) if len(origins) > 0 else 0):
        lay_out(binomial, rows, lines, s, made_of, work)
        for h in range(len(pulled)):
            since = max(first[s] + h, origins[0] - WINDOW)
            for came in range(since, origins[-1]):
                _tell(counts, pulled, lines, judged[1], s, h, came, made_of, told, work)
            for slot in range(len(origins)):
                of = weights[s, slot, h]
                _begin(places, of, work)
                for _ in range(_STEPS):
                    _step(since, origins[slot], judged[0], told, work, of)
                for k in range(len(of)):
                    share = yielding[s, slot, h]
                    of[k] = (1 - share) * of[k] + share * work[2, k]


@inner
def _tell(
    counts: FloatArray,
    pulled: IntArray,
    lines: FloatArray,
    contrast: float,
    s: int,
    h: int,
    came: int,
    made_of: FloatArray,
    told: FloatArray,
    work: FloatArray,
) -> None:
    """Write what the pairs of the forecast made h periods before a count gave to it."""
    logs, of = work[1], told[came]
    if counts[s, came] < 0:
        of[0] = 0.0
        return
    masses(pulled, lines, s, h, came - h, counts[s, came], made_of, logs)
    best = largest(logs, work[-1])
    for k in range(len(logs)):
        behind = logs[k] - best
        of[k] = falling_exp(behind if behind > -contrast else -contrast)


@inner
def _begin(places: IntArray, weights: FloatArray, work: FloatArray) -> None:
    """Write b and where to start from, and the softmax of the levels of the regime alone."""
    start, regime = work[0], work[2]
    best, best_regime, total, following = largest(weights, work[-1]), -1e300, 0.0, 0.0
    for k in range(places[0], places[1]):
        best_regime = weights[k] if weights[k] > best_regime else best_regime
    for k in range(len(weights)):
        behind = weights[k] - best
        regime[k] = 0.0
        start[k] = falling_exp(behind if behind > _LEAST else _LEAST)
        total += start[k]
    for k in range(places[0], places[1]):
        regime[k] = falling_exp(weights[k] - best_regime)
        following += regime[k]
    for k in range(len(weights)):
        regime[k] /= following
        start[k] /= total
        weights[k] = start[k]


@inner
def _step(
    since: int,
    origin: int,
    forgetting: float,
    told: FloatArray,
    work: FloatArray,
    weights: FloatArray,
) -> None:
    """Take a step of the exponentiated gradient."""
    start, gradient, worth, seen, total = work[0], work[1], 1.0, _PRIOR, 0.0
    for k in range(len(weights)):
        gradient[k] = _PRIOR * start[k] / weights[k]
    back = origin - since
    for age in range(back if back < WINDOW else WINDOW):
        of = told[origin - 1 - age]
        if of[0] > 0:
            given = 0.0
            for k in range(len(weights)):
                given += weights[k] * of[k]
            given = worth / given
            for k in range(len(weights)):
                gradient[k] += given * of[k]
            seen += worth
        worth *= forgetting
    for k in range(len(weights)):
        step = _RATE * (gradient[k] / seen - 1)
        weights[k] *= falling_exp((step if step < _LONGEST else _LONGEST) - _LONGEST)
        total += weights[k]
    for k in range(len(weights)):
        weights[k] /= total
