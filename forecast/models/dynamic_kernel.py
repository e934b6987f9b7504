"""The compiled passes of dynamic-count over one block of series.

Both passes walk through a series once, keep for each horizon the discounted log score of every
(expert, dispersion) pair, and look at it at the wanted origins. `shared_scores` adds it up over
series; `emit` turns it, together with what all series share, into weights, past probabilities and
predictive mixtures.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from core.series import AnyArray, FloatArray, IntArray
from forecast.negative_binomial import Tables, binomial_row, mean_index, mixture_cdf


class Setting(NamedTuple):
    """The experts and how they are weighed.

    Attributes:
        rates: (levels,) α of the exponentially weighted levels.
        log_rates: (log levels,) α of the exponentially weighted means of log(1 + count).
        windows: (windows,) lengths of the trailing means, in periods.
        pull: (steps,) share of a level's distance from the long-run mean that is left h ahead.
        forgetting: what a log score keeps of its worth over one period.
        shared_forgetting: the same for the mean score over all series.
        contrast: a count speaks against a pair by at most this much log score.
        own: weight of the series' own score.
        sharing: weight of the mean score over all series.
    """

    rates: FloatArray
    log_rates: FloatArray
    windows: IntArray
    pull: FloatArray
    forgetting: float
    shared_forgetting: float
    contrast: float
    own: float
    sharing: float

    @property
    def experts(self) -> int:
        """Levels as they are, levels pulled to the long-run mean, windows, the long-run mean."""
        return 2 * len(self.rates) + len(self.log_rates) + len(self.windows) + 1


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _levels(y: FloatArray, setting: Setting) -> tuple[FloatArray, IntArray]:
    """Return (columns + 1, bases) means known at each origin, and how many counts they rest on.

    The bases are the exponentially weighted means (normalised, so that the first counts carry no
    extra weight), the trailing means, and last the long-run mean. All are kept above half an
    event in all the history and one more period.
    """
    rates, windows, log_rates = setting.rates, setting.windows, setting.log_rates
    columns, count_rates = len(y), len(rates)
    first_log = count_rates + len(windows)
    means = np.zeros((columns + 1, first_log + len(log_rates) + 1))
    known = np.zeros(columns + 1, dtype=np.int64)
    sums = np.zeros(columns + 1)
    level, weight = np.zeros(count_rates), np.zeros(count_rates)
    log_level, log_weight = np.zeros(len(log_rates)), np.zeros(len(log_rates))
    for t in range(columns):
        seen = not math.isnan(y[t])
        known[t + 1] = known[t] + (1 if seen else 0)
        sums[t + 1] = sums[t] + (y[t] if seen else 0.0)
        if known[t + 1] == 0:
            continue
        least = 0.5 / (known[t + 1] + 1)
        for a in range(count_rates):
            if seen:
                level[a] = (1 - rates[a]) * level[a] + rates[a] * y[t]
                weight[a] = (1 - rates[a]) * weight[a] + rates[a]
            means[t + 1, a] = max(level[a] / weight[a], least)
        for a in range(len(log_rates)):
            if seen:
                log_level[a] += log_rates[a] * (math.log1p(y[t]) - log_level[a])
                log_weight[a] += log_rates[a] * (1 - log_weight[a])
            mean = math.expm1(log_level[a] / log_weight[a])
            means[t + 1, first_log + a] = max(mean, least)
        overall = sums[t + 1] / known[t + 1]
        for w in range(len(windows)):
            back = max(t + 1 - windows[w], 0)
            n = known[t + 1] - known[back]
            mean = (sums[t + 1] - sums[back]) / n if n > 0 else overall
            means[t + 1, count_rates + w] = max(mean, least)
        means[t + 1, -1] = max(overall, least)
    return means, known


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _rows(base: FloatArray, left: float, rates: int, out: IntArray) -> None:
    """Write the table row of every expert's mean into `out`; `left` is the pull of the horizon."""
    for b in range(len(base)):
        out[b] = mean_index(base[b])
    for a in range(rates):
        out[len(base) + a] = mean_index(base[-1] + (base[a] - base[-1]) * left)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _log_masses(
    y: float, rows: IntArray, laws: Tables, binomial: FloatArray, out: FloatArray
) -> None:
    """Write the log mass of `y` under every (expert, dispersion) into `out`."""
    binomial_row(y, laws, binomial)
    for e in range(len(rows)):
        row = rows[e]
        for i in range(len(binomial)):
            out[e, i] = binomial[i] + laws.at_zero[row, i] + y * laws.per_count[row, i]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add_clipped(logs: FloatArray, contrast: float, score: FloatArray) -> None:
    """Add log masses to a score, none of them further below the best than `contrast`."""
    least = logs.max() - contrast
    for e in range(logs.shape[0]):
        for i in range(logs.shape[1]):
            score[e, i] += max(logs[e, i], least)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def shared_scores(
    counts: FloatArray, setting: Setting, laws: Tables, scored_from: int, total: FloatArray
) -> None:
    """Add each series' discounted scores at every origin from `scored_from` on to `total`.

    Args:
        counts: (series, columns), NaN where unknown; series are added in their order.
        setting: the experts.
        laws: their tables.
        scored_from: first wanted origin.
        total: (columns + 1 − scored_from, steps, experts, laws), added to.
    """
    columns, steps = counts.shape[1], len(setting.pull)
    experts, dispersions = total.shape[2], total.shape[3]
    rows = np.empty(experts, dtype=np.int64)
    binomial, logs = np.empty(dispersions), np.empty((experts, dispersions))
    for s in range(len(counts)):
        y = counts[s]
        means, known = _levels(y, setting)
        for h in range(steps):
            score = np.zeros((experts, dispersions))
            for t in range(h, columns):
                if not math.isnan(y[t]) and known[t - h] > 0:
                    _rows(means[t - h], setting.pull[h], len(setting.rates), rows)
                    _log_masses(y[t], rows, laws, binomial, logs)
                    score *= setting.shared_forgetting
                    _add_clipped(logs, setting.contrast, score)
                if t + 1 >= scored_from:
                    total[t + 1 - scored_from, h] += score


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _weights(score: FloatArray, shared: FloatArray, setting: Setting, out: FloatArray) -> None:
    """Write the softmax of own plus shared scores into `out`."""
    out[:] = setting.own * score + setting.sharing * shared
    out -= out.max()
    total = 0.0
    for e in range(out.shape[0]):
        for i in range(out.shape[1]):
            out[e, i] = math.exp(out[e, i]) if out[e, i] > -30.0 else 0.0
            total += out[e, i]
    out /= total


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def emit(
    counts: FloatArray,
    setting: Setting,
    laws: Tables,
    scored_from: int,
    shared: FloatArray,
    slots: IntArray,
    support: IntArray,
    coarse: FloatArray,
    tops: IntArray,
    cdf: FloatArray,
    past: FloatArray,
) -> None:
    """Write the predictive mixtures at the wanted origins and the past probabilities.

    Args:
        counts: (series, columns), NaN where unknown.
        setting: the experts.
        laws: their tables.
        scored_from: first scored origin.
        shared: (columns + 1 − scored_from, steps, experts, laws) mean scores over series.
        slots: (columns + 1,) where in `cdf` an origin goes; −1 for none.
        support: the grid.
        coarse: its `log_binomial` from EXACT on.
        tops: (series, origins) grid points that each predictive needs.
        cdf: (series, origins, steps, grid), overwritten.
        past: (series, columns − scored_from, steps), overwritten where the count is known.
    """
    columns, steps = counts.shape[1], len(setting.pull)
    experts, dispersions = shared.shape[2], shared.shape[3]
    rows = np.empty(experts, dtype=np.int64)
    binomial, logs = np.empty(dispersions), np.empty((experts, dispersions))
    weights = np.empty((experts, dispersions))
    for s in range(len(counts)):
        y = counts[s]
        means, known = _levels(y, setting)
        for h in range(steps):
            score = np.zeros((experts, dispersions))
            for origin in range(columns + 1):
                made = origin - 1 - h
                if made >= 0 and known[made] > 0 and not math.isnan(y[origin - 1]):
                    _rows(means[made], setting.pull[h], len(setting.rates), rows)
                    _log_masses(y[origin - 1], rows, laws, binomial, logs)
                    score *= setting.forgetting
                    _add_clipped(logs, setting.contrast, score)
                if origin < scored_from or known[origin] == 0:
                    continue
                wanted = slots[origin] >= 0
                came = origin + h < columns and not math.isnan(y[origin + h])
                if not wanted and not came:
                    continue
                _weights(score, shared[origin - scored_from, h], setting, weights)
                _rows(means[origin], setting.pull[h], len(setting.rates), rows)
                if came:
                    _log_masses(y[origin + h], rows, laws, binomial, logs)
                    past[s, origin - scored_from, h] = _mixed(weights, logs)
                if wanted:
                    slot = slots[origin]
                    top = tops[s, slot]
                    mixture_cdf(weights, rows, laws, support, coarse, cdf[s, slot, h, :top])
                    cdf[s, slot, h, top:] = 1.0


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _mixed(weights: FloatArray, logs: FloatArray) -> float:
    """Return the mass that a mixture gives to a count."""
    total = 0.0
    for e in range(weights.shape[0]):
        for i in range(weights.shape[1]):
            if weights[e, i] > 1e-9:
                total += weights[e, i] * math.exp(logs[e, i])
    return total
