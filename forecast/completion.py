"""The newest periods, completed: what late reports are expected to make of them.

The engine forecasts the periods whose reports still come in from those that are final. That is
the prior of each final count; what is reported so far is the evidence, thinned as the delay says
(binomially, with beta shares: Höhle and an der Heiden, Biometrics 70, 2014; McGough et al., PLOS
Computational Biology 16, 2020). The posterior is what the table shows. Some panels are then drawn
from it, each with other completed counts, and the forecasts made of them are mixed, so that the
uncertainty of the newest periods goes through to every horizon.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.special import betaln, gammaln

from core.forecasts import Outlook
from core.predictive import Predictive, support_grid
from core.series import Completed, FloatArray, IntArray, Panel
from forecast.delays import Delay, Share
from forecast.engine import forecast
from forecast.models import COSTLY
from forecast.models.base import REACH

DRAWS = 4
"""Completed panels whose forecasts are mixed: from 1 to 32 of them, scores differ by 0.1 %."""
MOST_CORRECTED = 12
"""Complete periods that are corrected at most; older ones stand as they are."""
_NODES = 16
"""Counts that may be left of what is reported, at most, for which the posterior is mixed."""
_SURPRISE = 0.05
"""Share of a wide geometric law in the prior: reports may burst every bound of the past.

Its mean is what is reported, not that divided by the share that is known by then: one event on
the first day of a month is news of one event, not of thirty.
"""
_MOST_SURE = 1e9
_LEVELS = (0.05, 0.5, 0.95)


class _Late(NamedTuple):
    """The columns that are not final: the last `newest` of the counts, the first `opened`.

    `reported` is (series, columns), NaN where unknown; `lags` one number per column.
    """

    newest: int
    opened: int
    reported: FloatArray
    lags: tuple[int, ...]


class Reported(NamedTuple):
    """Late periods of a block: what is reported of them, and the laws of the final counts.

    `counts` is (series, periods), NaN where unknown; its columns and the steps of `law` are the
    periods from index `first` on.
    """

    first: int
    counts: FloatArray
    law: Predictive

    @property
    def told(self) -> tuple[tuple[Completed, ...], ...]:
        """Return per series what the table shows of its late periods."""
        quantiles = self.law.quantile(_LEVELS)
        return tuple(
            tuple(
                Completed(
                    self.first + place,
                    int(self.counts[row, place]),
                    *(int(quantiles[row, place, level]) for level in (1, 0, 2)),
                )
                for place in np.flatnonzero(~np.isnan(self.counts[row])).tolist()
            )
            for row in range(len(self.counts))
        )


class Corrected(NamedTuple):
    """A block of forecasts, and what each of its series is expected to have been.

    `late` holds the laws behind that; None where nothing is late.
    """

    outlook: Outlook
    completed: tuple[tuple[Completed, ...], ...]
    late: Reported | None = None


def forecast_late(
    panel: Panel,
    delay: Delay | None,
    steps: int,
    models: Sequence[str],
    budget: int | None = None,
) -> Iterator[Corrected]:
    """Yield the forecasts of a panel whose series end together, its newest periods completed.

    Without a delay, or where all of its periods are final, they are `forecast`'s own. Else they
    cost DRAWS + 1 times as much. A costly member is asked once only, from the posterior medians.

    Raises:
        InputError: a model of that name does not exist.
    """
    late = _late(panel, delay) if delay and len(panel) else None
    if delay is None or late is None:
        for outlook in forecast(panel, steps, models, budget=budget):
            yield Corrected(outlook, ((),) * len(outlook.panel))
        return
    laws = _posteriors(panel, delay, late, models)
    draws = _draws(laws, late, 1 if COSTLY & set(models) else DRAWS)
    panels = [_completed(panel, late, drawn) for drawn in draws]
    runs = [forecast(drawn, steps, models, budget=budget) for drawn in panels]
    for law, outlooks in zip(laws, zip(*runs, strict=True), strict=True):
        yield Corrected(_mixed(law, outlooks, late), law.reported.told, law.reported)


def _late(panel: Panel, delay: Delay) -> _Late | None:
    """Return the columns to complete, or None when there are none."""
    end, lags = int(panel.ends[0]), delay.lags
    newest = min(max(lags - (delay.running - end), 0), MOST_CORRECTED, panel.counts.shape[1])
    opened = 0
    for column in range(panel.opened.shape[1]):
        lag = delay.running - end - 1 - column
        if 0 <= lag < lags and not np.isnan(panel.opened[:, column]).all():
            opened = column + 1
    if not newest and not opened:
        return None
    seen = [panel.counts[:, panel.counts.shape[1] - newest :], panel.opened[:, :opened]]
    places = range(delay.running - end + newest - 1, delay.running - end - 1 - opened, -1)
    return _Late(newest, opened, np.concatenate(seen, axis=1), tuple(places))


class _Laws(NamedTuple):
    """The posteriors of a block over its late columns."""

    panel: Panel
    reported: Reported


def _posteriors(panel: Panel, delay: Delay, late: _Late, models: Sequence[str]) -> list[_Laws]:
    """Return the posteriors block by block; the prior is made without costly members."""
    kept = panel.counts.shape[1] - late.newest
    before = replace(
        panel,
        counts=panel.counts[:, :kept],
        ends=panel.ends - late.newest,
        opened=np.full((len(panel), 0), np.nan),
    )
    cheap = [name for name in models if name not in COSTLY] or ["conflictology"]
    top = REACH * (float(np.nan_to_num(late.reported).max()) + 1)
    found, start = [], 0
    for outlook in forecast(before, late.newest + late.opened, cheap):
        prior, rows = _reaching(outlook.predictive, top), slice(start, start + len(outlook.panel))
        cdf = prior.cdf.copy()
        for place, lag in enumerate(late.lags):
            if 0 <= lag < len(delay.known) and delay.known[lag].mean:
                shares = delay.kept[lag], delay.known[lag]
                cdf[:, place] = _posterior(prior, place, late.reported[rows, place], *shares)
        law = Predictive(prior.support, cdf, prior.dependence, prior.seeds)
        first = int(panel.ends[start]) - late.newest + 1
        told = Reported(first, late.reported[rows], law)
        found.append(_Laws(panel.rows(start, rows.stop), told))
        start = rows.stop
    return found


def _reaching(prior: Predictive, top: float) -> Predictive:
    """Return a prior on a grid that reaches beyond all that is reported."""
    support = max(prior.support, support_grid(top), key=len)
    cdf = _widened(prior.cdf, len(support))
    return Predictive(support, cdf, prior.dependence, prior.seeds)


def _posterior(
    prior: Predictive, place: int, reported: FloatArray, kept: Share, known: Share
) -> FloatArray:
    """Return (series, grid) the cdf of the final count; the prior's where nothing is reported.

    Args:
        prior: of the engine.
        place: which of its horizons.
        reported: (series,) counts so far, NaN where unknown.
        kept: the share of them that will stand.
        known: the share of the final count that they are.
    """
    cdf = prior.cdf[:, place].copy()
    below = np.concatenate(([-1], prior.support[:-1]))
    middle = (prior.support + below + 1) / 2
    for row in np.flatnonzero(~np.isnan(reported)):
        mass = np.zeros(len(middle))
        for left in _nodes(int(reported[row]), kept):
            wide = 1 / (1 + max(float(left), 1.0))
            beyond = (1 - wide) ** (np.concatenate(([0], prior.support + 1)))
            law = (1 - _SURPRISE) * np.diff(cdf[row], prepend=0.0) + _SURPRISE * -np.diff(beyond)
            mass += _normal(law * _likelihood(float(left), middle, known))
        total = np.cumsum(mass)
        cdf[row] = np.minimum(total / total[-1], 1.0)
        cdf[row, -1] = 1.0
    return cdf


def _normal(mass: FloatArray) -> FloatArray:
    total = mass.sum()
    return mass / total if total > 0 else mass


def _nodes(reported: int, kept: Share) -> IntArray:
    """Return counts, each as likely as the others, that may be left of those reported."""
    if kept.mean == 1 or reported == 0:
        return np.array([reported])
    counts = np.arange(reported + 1)
    alpha, beta = _beta(kept)
    ways = gammaln(reported + 1) - gammaln(counts + 1) - gammaln(reported - counts + 1)
    chances = np.exp(ways + betaln(counts + alpha, reported - counts + beta) - betaln(alpha, beta))
    cdf = np.cumsum(chances) / chances.sum()
    levels = (np.arange(_NODES) + 0.5) / _NODES
    return np.asarray(np.minimum(np.searchsorted(cdf, levels), reported), dtype=np.int64)


def _likelihood(left: float, final: FloatArray, known: Share) -> FloatArray:
    """Return the beta-binomial chance, up to a factor, to know `left` of each `final` count."""
    alpha, beta = _beta(known)
    more = np.maximum(final - left, 0.0)
    ways = gammaln(final + 1) - gammaln(left + 1) - gammaln(more + 1)
    logs = ways + betaln(left + alpha, more + beta) - betaln(alpha, beta)
    # A step of the grid that holds the count speaks for it, although its middle may lie below.
    possible = np.arange(len(final)) >= np.searchsorted(final, left - 0.5)
    logs = np.where(possible, logs, -np.inf)
    return np.asarray(np.exp(logs - logs.max()))


def _beta(share: Share) -> tuple[float, float]:
    """Return the parameters of the beta law with a share's mean and variance."""
    mean = min(max(share.mean, 1e-9), 1 - 1e-9)
    sure = mean * (1 - mean) / share.variance - 1 if share.variance > 0 else _MOST_SURE
    sure = min(max(sure, 1e-3), _MOST_SURE)
    return mean * sure, (1 - mean) * sure


def _draws(laws: Sequence[_Laws], late: _Late, draws: int) -> list[FloatArray]:
    """Return per draw the (series, columns) completed counts; a gap stays one.

    Every series takes each of `draws` equal slices of each posterior once, in an order of its
    own, so that few draws have the posterior's mean and spread.
    """
    levels = (np.arange(draws) + 0.5) / draws
    found = []
    for law in laws:
        quantiles = law.reported.law.quantile(levels)
        for row, seed in enumerate(law.reported.law.seeds):
            random = np.random.default_rng(int(seed))
            quantiles[row] = random.permuted(quantiles[row], axis=1)
        found.append(quantiles)
    joined = np.concatenate(found).astype(np.float64)
    joined[np.isnan(late.reported)] = np.nan
    return [joined[..., draw] for draw in range(draws)]


def _completed(panel: Panel, late: _Late, drawn: FloatArray) -> Panel:
    """Return the panel with drawn counts in its late columns."""
    final = panel.counts[:, : panel.counts.shape[1] - late.newest]
    counts = np.concatenate([final, drawn], axis=1)
    ends = panel.ends + late.opened
    none = np.full((len(panel), 0), np.nan)
    return replace(panel, counts=counts, ends=ends, opened=none)


def _mixed(law: _Laws, outlooks: Sequence[Outlook], late: _Late) -> Outlook:
    """Return one outlook: the posteriors of the open periods, then the mean of the forecasts."""
    first, steps = outlooks[0], outlooks[0].predictive.shape[1]
    grids = [law.reported.law.support, *(one.predictive.support for one in outlooks)]
    support = max(grids, key=len)
    ahead = np.mean([_widened(one.predictive.cdf, len(support)) for one in outlooks], axis=0)
    opened = _widened(law.reported.law.cdf[:, late.newest :], len(support))
    cdf = np.concatenate([opened, ahead[:, : steps - late.opened]], axis=1)
    cdf = np.minimum(np.maximum.accumulate(cdf, axis=-1), 1.0)
    cdf[..., -1] = 1.0
    weights = np.mean([one.weights for one in outlooks], axis=0)
    weights = np.concatenate([weights[:, : late.opened], weights], axis=1)[:, :steps]
    predictive = replace(first.predictive, support=support, cdf=cdf)
    return replace(first, panel=law.panel, predictive=predictive, weights=weights)


def _widened(cdf: FloatArray, points: int) -> FloatArray:
    """Return distributions on a longer start of the shared grid."""
    more = points - cdf.shape[-1]
    return np.pad(cdf, ((0, 0), (0, 0), (0, more)), constant_values=1.0)
