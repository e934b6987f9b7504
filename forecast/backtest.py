"""Backtest: what would have been forecast at past origins, scored by what came.

Every forecast is made from the columns before its origin only; one forward pass over the history
gives all origins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.clock import stopwatch
from core.errors import InputError
from core.regions import label
from core.series import AnyArray, FloatArray, IntArray, Panel
from forecast import scores
from forecast.ensemble import Ensemble
from forecast.models import NAIVE, model
from forecast.models.base import Progress, Task, shared_support, silent
from forecast.pool import WINDOW

POOL = "pool"
LEAST_HISTORY = 36
"""Periods before the first origin, as in the reference protocol: less says little of a model."""
_BLOCK = 32
_INTERVALS = (50, 80, 90, 95)

Figures = dict[str, float | None]
"""crps, log_score, ignorance, interval_score_90, coverage_50/80/90/95, seconds."""


@dataclass(frozen=True)
class ModelScores:
    """Mean scores of one model over all cases, and per region."""

    overall: Figures
    series: Mapping[str, Figures]


@dataclass(frozen=True)
class Scores:
    """The scores of every model on the same cases."""

    models: Mapping[str, ModelScores]

    def as_json(self) -> dict[str, dict[str, dict[str, object]]]:
        """Return the documented shape: models → name → overall and series."""
        return {
            "models": {
                name: {"overall": found.overall, "series": dict(found.series)}
                for name, found in self.models.items()
            }
        }


def origins_of(columns: int, horizon: int, origins: int, every: int) -> IntArray:
    """Return every `every`-th of the last origins that leave `horizon` columns ahead.

    An origin has at least LEAST_HISTORY columns before it, or half of a panel that is shorter.
    """
    newest = columns - horizon
    least = max(min(LEAST_HISTORY, columns // 2), 1)
    return np.arange(max(newest - origins + 1, least), newest + 1, every, dtype=np.int64)


def backtest(
    panel: Panel,
    horizon: int,
    origins: int,
    every: int,
    models: Sequence[str],
    progress: Progress = silent,
) -> Scores:
    """Score the pool, its members and the naive models at past origins.

    Args:
        panel: the series.
        horizon: steps forecast at each origin.
        origins: how many of the last origins that leave `horizon` periods ahead.
        every: use each `every`-th of them, from the first.
        models: members of the pool. A costly one is fitted at every origin for every series.
        progress: is told how a costly member gets on.

    Raises:
        InputError: there is no origin, or a model does not exist.
    """
    columns = panel.counts.shape[1]
    starts = origins_of(columns, horizon, origins, every)
    if not len(starts) or not len(panel):
        problem = f"{columns} complete periods leave no origin with {horizon} ahead"
        raise InputError("backtest", problem, "give a longer history or a shorter horizon")
    scored_from = max(int(starts[0]) - WINDOW - horizon, 0)
    support = shared_support(panel.counts)
    task = Task(horizon, scored_from, support, progress=progress)
    cases: dict[str, list[FloatArray]] = {}
    seconds: dict[str, float] = {}
    for name, cdf, able, took in _forecasts(panel, models, task, starts):
        first = sum(len(part) for part in cases.get(name, []))
        came = _came(panel.counts[first : first + len(cdf)], starts, horizon)
        scored = _scored(cdf, np.where(able[:, :, None], came, np.nan), task.support)
        cases.setdefault(name, []).append(scored)
        seconds[name] = seconds.get(name, 0.0) + took
    return Scores({name: _summary(parts, panel, seconds[name]) for name, parts in cases.items()})


def _forecasts(
    panel: Panel, models: Sequence[str], task: Task, origins: IntArray
) -> Iterator[tuple[str, FloatArray, AnyArray, float]]:
    """Yield, block by block, each model's name, cdf, ability and seconds."""
    started = stopwatch()
    ensemble = Ensemble(panel, models, task, origins)
    prepared = stopwatch() - started
    naive = {n: model(n).prepare(panel, task) for n in NAIVE if n not in models}
    for start in range(0, len(panel), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(panel)))
        started = stopwatch()
        pooled = ensemble.pooled(rows, everyone=True)
        yield (
            POOL,
            pooled.cdf,
            np.ones(pooled.able.shape[:2], bool),
            (stopwatch() - started + prepared),
        )
        prepared = 0.0
        for name, fit, took in zip(ensemble.members, pooled.fits, pooled.seconds, strict=False):
            yield name, fit.cdf, fit.able, took
        for name, fitter in naive.items():
            started = stopwatch()
            fit = fitter.fit(rows, origins)
            yield name, fit.cdf, fit.able, stopwatch() - started


def _came(counts: FloatArray, origins: IntArray, steps: int) -> FloatArray:
    """Return (series, origins, steps) the counts that came."""
    return np.stack([counts[:, o : o + steps] for o in origins], axis=1)


_COLUMNS = (
    "crps", "log_score", "ignorance", "interval_score_90",
    *(f"coverage_{level}" for level in _INTERVALS),
)  # fmt: skip


def _scored(cdf: FloatArray, came: FloatArray, support: IntArray) -> FloatArray:
    """Return (series, cases, scores), NaN where no count came or no forecast was made."""
    known = ~np.isnan(came)
    found = np.full((*came.shape, len(_COLUMNS)), np.nan)
    part, counts = np.ascontiguousarray(cdf[known]), came[known]
    if len(counts):
        found[known] = _figures(part, counts, support)
    return found.reshape(len(came), -1, len(_COLUMNS))


def _figures(cdf: FloatArray, came: FloatArray, support: IntArray) -> FloatArray:
    predictive = scores.rows(cdf, support)
    tails = [(1 - level / 100) / 2 for level in _INTERVALS]
    quantiles = predictive.quantile([*tails, *(1 - tail for tail in tails)])[:, 0]
    lower, upper = quantiles[:, : len(tails)], quantiles[:, len(tails) :]
    ninety = _INTERVALS.index(90)
    return np.stack(
        [
            scores.crps(cdf, support, came),
            scores.log_score(predictive, came),
            scores.ignorance(predictive, came),
            scores.interval_score(lower[:, ninety], upper[:, ninety], came),
            *(scores.covered(lower[:, i], upper[:, i], came) for i in range(len(tails))),
        ],
        axis=1,
    )


def _summary(parts: list[FloatArray], panel: Panel, seconds: float) -> ModelScores:
    cases = np.concatenate(parts)
    each = seconds / len(cases)
    series = {label(key): _means(found, each) for key, found in zip(panel.keys, cases, strict=True)}
    return ModelScores(_means(cases.reshape(-1, len(_COLUMNS)), seconds), series)


def _means(cases: FloatArray, seconds: float) -> Figures:
    """Return the means over the cases that could be scored; None where there was none."""
    known = cases[~np.isnan(cases[:, 0])]
    means = known.mean(axis=0).tolist() if len(known) else [None] * len(_COLUMNS)
    return {**dict(zip(_COLUMNS, means, strict=True)), "seconds": seconds}
