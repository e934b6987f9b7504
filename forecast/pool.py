"""The pool: members weighted per series and horizon by the probability they gave to what came.

The predictive is the optimal linear pool (Geweke and Amisano, Journal of Econometrics 164, 2011):
a mixture with the weights that maximise the discounted past log score

    Σ_t δ^age(t) log Σ_m w_m p_m(t)  +  c Σ_m π_m log w_m .

The second term is a Dirichlet prior of c observations around π. Expectation-maximisation for
mixture proportions (Dempster, Laird and Rubin, JRSS B 39, 1977) gives the update

    w_m ← (Σ_t δ^age(t) w_m p_m(t) / Σ_j w_j p_j(t) + c π_m) / (Σ_t δ^age(t) + c) ,

which never leaves the simplex and never lowers the objective. π itself comes from the same
formula over a sample of all series, around the members' own priors.

A member may have no forecast for a t, because the series was too short for it then or because it
is too costly to be asked at every origin. The objective's term is then the log score of the pool of
those that have one, A: log Σ_A w_m p_m − log Σ_A w_m. That is a mixture of which only draws from A
were seen (Dempster, Laird and Rubin, section 4.2): to each draw seen belong w_m / Σ_A w_j draws of
a missing m. With W(t) = Σ_A w_j the update becomes

    w_m ← (Σ_t δ^age(t) n_m(t) + c π_m) / (Σ_t δ^age(t) / W(t) + c) ,

    n_m(t) = w_m p_m(t) / Σ_A w_j p_j(t)  for m in A,   w_m / W(t)  otherwise,

so that what was not forecast speaks neither for nor against a member: one with a thin past stays
near its prior until it has earned better.
"""

from __future__ import annotations

import math

import numpy as np

from core.series import AnyArray, FloatArray, IntArray
from forecast.compiled import compiled, inner

DISCOUNT = 0.95
WINDOW = 24
"""Past forecasts that are looked at, per horizon."""
SHARED_STRENGTH = 5.0
OWN_STRENGTH = 20.0
"""Observations that the prior is worth; scores hardly depend on it (docs/forecasting.md)."""
_ROUNDS, _STILL = 40, 1e-4
_COMPARED = 2
_TASTE = 0.1
"""Share in which a member is tried: about what it could hope for."""
_ERRORS = 3.0
"""Standard errors that its gain must exceed: it is asked anew at every origin, so two would be
passed by chance before long."""
_LEAST = float(np.finfo(np.float64).tiny)
"""A probability below it says that a forecast knew nothing; quotients of it would overflow."""
_LEAST_PATHS = 40
"""Past forecasts under which a standard error means little."""


@compiled
def _maximise(
    past: FloatArray,
    discounts: FloatArray,
    prior: FloatArray,
    strength: float,
    fresh: FloatArray,
    weights: FloatArray,
) -> None:
    """Write the best weights of every group; one member alone is not compared with anything.

    Args:
        past: (groups, forecasts, members), NaN where a member has none.
        discounts: (forecasts,).
        prior: (members,).
        strength: c.
        fresh: (members,) scratch: the sums of the n_m.
        weights: (groups, members), overwritten.
    """
    members = len(prior)
    for group in range(len(past)):
        moved, rounds = 1.0, 0
        for m in range(members):
            weights[group, m] = prior[m]
        while moved >= _STILL and rounds < _ROUNDS:
            seen, moved, rounds = strength, 0.0, rounds + 1
            for m in range(members):
                fresh[m] = strength * prior[m]
            for t in range(len(discounts)):
                seen += _share_out(past, discounts, weights, group, t, fresh)
            for m in range(members):
                step = abs(fresh[m] / seen - weights[group, m])
                moved = step if step > moved else moved
                weights[group, m] = fresh[m] / seen


@inner
def _share_out(
    past: FloatArray,
    discounts: FloatArray,
    weights: FloatArray,
    group: int,
    t: int,
    fresh: FloatArray,
) -> float:
    """Add the n_m of forecast t of a group to `fresh`; return their sum."""
    total, there, known = 0.0, 0.0, 0
    for m in range(len(fresh)):
        if not math.isnan(past[group, t, m]):
            total += weights[group, m] * past[group, t, m]
            there += weights[group, m]
            known += 1
    if total <= 0 or known < _COMPARED:
        return 0.0
    for m in range(len(fresh)):
        if math.isnan(past[group, t, m]):
            fresh[m] += discounts[t] * weights[group, m] / there
        else:
            fresh[m] += discounts[t] * weights[group, m] * past[group, t, m] / total
    return float(discounts[t] / there)


def _fill(
    past: FloatArray, origins: IntArray, priors: FloatArray, strength: float, out: FloatArray
) -> None:
    """Write the weights of every (group, origin, step).

    Args:
        past: (groups, series, scored origins, steps, members); the series of a group are taken
            together.
        origins: counted from the first scored one.
        priors: (origins, steps, members).
        strength: c.
        out: (groups, origins, steps, members), overwritten.
    """
    groups, series, scored, steps, members = past.shape
    found, fresh = np.empty((groups, members)), np.empty(members)
    for slot, origin in enumerate(origins):
        for h in range(steps):
            last = min(int(origin) - 1 - h, scored - 1)
            made = np.arange(max(last - WINDOW + 1, 0), last + 1)
            then = np.ascontiguousarray(past[:, :, made, h]).reshape(groups, -1, members)
            prior = np.ascontiguousarray(priors[slot, h])
            discounts = np.tile(DISCOUNT ** (last - made), series)
            _maximise(then, discounts, prior, strength, fresh, found)
            out[:, slot, h] = found


def earned(past: FloatArray, origins: IntArray, others: FloatArray) -> AnyArray:
    """Return (origins, members) whether a tenth of a member would have made the others better.

    A member that has to earn its place must have gained: the log score of the pool of the others
    with a tenth of it mixed in, less that of the others alone, must exceed three of its standard
    errors over past forecasts: meant over the steps of each, or at the first step, since some know
    what comes next and nothing beyond.

    Args:
        past: (series, scored origins, steps, members), as for `shared_weights`.
        origins: counted from the first scored one; only what came before an origin is used.
        others: (origins, steps, members) weights of the others, 0 for the members in question.
    """
    steps = past.shape[2]
    known = np.arange(past.shape[1])[:, None] + np.arange(steps)
    found = others.sum(axis=1) > 0
    for slot, origin in enumerate(origins):
        seen = (known < origin) & (known[:, :1] >= origin - WINDOW - steps)
        first, last = np.flatnonzero(seen[:, 0])[[0, -1]] if seen.any() else (0, -1)
        window = slice(first, last + 1)
        then = np.where(seen[window][None, :, :, None], past[:, window], np.nan)
        for member in np.flatnonzero(~found[slot]):
            found[slot, member] = _gains(then, others[slot], int(member))
    return np.asarray(found)


def _gains(past: FloatArray, others: FloatArray, member: int) -> bool:
    """Return whether a member's gains over the others exceed their standard error."""
    there = others.any(axis=0)
    pool, own = (past[..., there] * others[:, there]).sum(axis=3), past[..., member]
    both = (pool >= _LEAST) & ~np.isnan(own)
    odds = np.where(both, own / np.where(both, pool, 1.0), np.nan)
    gain = np.log(1 - _TASTE + _TASTE * odds)
    steps = both.sum(axis=2)
    whole = np.where(steps > 0, np.nansum(gain, axis=2) / np.maximum(steps, 1), np.nan)
    return any(_sure(paths, past.shape[2]) for paths in (whole, gain[:, :, 0]))


def _sure(gains: FloatArray, steps: int) -> bool:
    """Return whether (series, origins) gains are surely positive in the mean; NaN is unknown."""
    count = int((~np.isnan(gains)).sum())
    if count < _LEAST_PATHS:
        return False
    return bool(np.nanmean(gains) > _ERRORS * np.sqrt(_variance(gains, steps) / count))


def _variance(gains: FloatArray, steps: int) -> float:
    """Return the variance of the mean gain, times their number.

    Forecasts of one series err together, and so do those of one time, whose horizons overlap: the
    largest of the variance as if all were independent, of that with sums over series, with sums
    over times, and with both (Cameron, Gelbach and Miller, JBES 29, 2011).

    Args:
        gains: (series, origins), NaN where nothing is known.
        steps: origins that are one time.
    """
    apart = np.nan_to_num(gains - np.nanmean(gains))
    alone = float((apart**2).sum())
    starts = np.arange(0, apart.shape[1], steps)
    series = _of_sums(apart.sum(axis=1))
    time = _of_sums(np.add.reduceat(apart.sum(axis=0), starts))
    return max(alone, series, time, series + time - alone) / int((~np.isnan(gains)).sum())


def _of_sums(sums: FloatArray) -> float:
    """Return the sum of squares of sums, for few of them as if of a sample: times n / (n − 1)."""
    there = int(np.count_nonzero(sums))
    return float((sums**2).sum()) * there / max(there - 1, 1)


def shared_weights(past: FloatArray, origins: IntArray, prior: FloatArray) -> FloatArray:
    """Return (origins, steps, members) weights that suit all series together.

    Args:
        past: (series, scored origins, steps, members) probabilities, NaN where there is none.
        origins: counted from the first scored one; only what came before an origin is used.
        prior: (members,) or (origins, 1, members), summing to 1 over the members.
    """
    found = np.empty((1, len(origins), *past.shape[2:]))
    priors = np.broadcast_to(prior, found.shape[1:]).copy()
    _fill(past[None], origins, priors, SHARED_STRENGTH, found)
    return np.asarray(found[0])


def weights(past: FloatArray, origins: IntArray, shared: FloatArray, able: AnyArray) -> FloatArray:
    """Return (series, origins, steps, members) weights of a block of series.

    Args:
        past: (series, scored origins, steps, members), as for `shared_weights`.
        origins: counted from the first scored one.
        shared: what `shared_weights` returned.
        able: (series, origins, members); a member that is not able gets no weight.
    """
    found = np.empty((past.shape[0], *shared.shape))
    _fill(past[:, None], origins, shared, OWN_STRENGTH, found)
    found *= able[:, :, None, :]
    total = found.sum(axis=3, keepdims=True)
    return np.asarray(np.divide(found, total, out=np.zeros_like(found), where=total > 0))


def yielded(weights: FloatArray, follows: AnyArray, shift: FloatArray) -> FloatArray:
    """Return the weights after members that look back over a shift of level have yielded to it.

    Their scores know nothing of a shift that is a few periods old, least of all at long horizons,
    so its probability speaks instead.

    Args:
        weights: (series, origins, steps, members).
        follows: (members,) which of them follow regimes.
        shift: (series, origins) share that the others yield; nothing where none follows.
    """
    following = weights * follows
    there = following.sum(axis=3, keepdims=True)
    alone = np.divide(following, there, out=np.zeros_like(weights), where=there > 0)
    share = shift[:, :, None, None] * (there > 0)
    return np.asarray((1 - share) * weights + share * alone)
