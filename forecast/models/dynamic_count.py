"""dynamic-count: negative binomials around many moving levels, weighted by how they did lately.

Every expert is a level (exponentially weighted means of several rates, each as it is and pulled
towards the long-run mean; a trailing mean; three levels of the regime; the long-run mean). With
every dispersion it makes a negative binomial that is scored by its log score at each horizon,
discounted over time. Where the regime is new, experts that look back over its beginning yield. The
series' own score plus the mean over all series gives the weights by softmax:
Bayesian model averaging with forgetting (Raftery, Kárný and Ettler, Technometrics 52, 2010) in
which the other series are the prior.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.periods import Period
from core.series import FloatArray, IntArray, Panel
from forecast.models.base import (
    REACH,
    MemberFit,
    Regime,
    Task,
    empty_past,
    known_before,
    spread,
)
from forecast.models.dynamic_pairs import (
    Experts,
    Walk,
    Weighed,
    together,
    total_scores,
    walk,
    weigh,
)
from forecast.models.levels import Levels
from forecast.models.regimes import Regimes, levels_since, shifts
from forecast.models.siblings import Heard, listen
from forecast.negative_binomial import grid_for, mixture_cdfs, tables
from forecast.shares import FEW, in_shares, share_of

RATES = (0.08, 0.25, 0.6)
LOG_RATES = (0.1, 0.4)
REGIME_RATE, REGIME_LOG_RATE = 0.25, 0.4
REGIMES = 0.5
"""New regimes that a series is thought to begin in a year."""
SCATTER = (0.3, 1.2, 5.0, 20.0)
REGIME_LAWS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
TRUST = 0.6
REGIME_CONTRAST = 8.0
DISPERSIONS = (0.1, 0.4, 1.5, 5.0, 30.0)
PULL = 0.93
FORGETTING = 0.95
CONTRAST = 3.0
OWN = 0.6
START = 0.3
"""All of the above were tuned on origins that no table reports: docs/forecasting.md, last part."""
FRESH = 1 / 3
"""Part of a year over which forecasts made within a regime come due before scores alone speak of
it; until then weights yield to its probability (docs/forecasting.md, "Who yields")."""
NEEDS = 2
"""Known counts without which the model does not answer."""
SHARING_SERIES = 128
"""Series, evenly spread over the panel, whose scores are shared; more would change little."""
_MOST_KEPT = 32_768
"""Counts of these series up to which what was found of them is kept: some 300 bytes a count."""
_WORTH = 4
"""Such series of a share up to which to walk through them anew takes no longer than to copy."""


def levels_for(period: Period) -> Levels:
    """Return the levels for a period: what is said of a year holds for weeks as for months."""
    year = period.year_length
    windows = np.array([year], dtype=np.int64)
    return Levels(
        np.array(RATES),
        windows,
        np.array(LOG_RATES),
        REGIME_RATE,
        REGIME_LOG_RATE,
        regimes_for(period),
    )


def regimes_for(period: Period) -> Regimes:
    """Return what is thought of regimes for a period."""
    year = period.year_length
    laws = tables(REGIME_LAWS)
    return Regimes(REGIMES / year, np.array(SCATTER), laws, TRUST, REGIME_CONTRAST, year)


def experts_for(period: Period, steps: int) -> Experts:
    """Return the experts for a period."""
    return Experts(
        levels=levels_for(period),
        pull=np.asarray(PULL ** np.arange(1.0, steps + 1)),
        forgetting=FORGETTING,
        contrast=CONTRAST,
        own=OWN,
        start=START,
        fresh=np.arange(1, steps + 1) + round(FRESH * period.year_length),
        laws=tables(DISPERSIONS),
    )


class DynamicCount:
    """The pool of negative binomials."""

    prior = 7.0

    def prepare(self, panel: Panel, task: Task) -> DynamicCountFitter:
        """Gather the mean scores over series at every scored origin: the first pass."""
        rows = spread(len(panel), SHARING_SERIES)
        counts = np.ascontiguousarray(panel.counts[rows])
        experts = experts_for(panel.period, task.steps)
        heard = listen(panel, experts.levels.regimes)
        keep = counts.size <= _MOST_KEPT

        def total(part: slice) -> tuple[FloatArray, list[Walk]]:
            there = walk(counts[part], experts, heard.of(rows[part]))
            return total_scores(there, experts, task.scored_from), [there] if keep else []

        found = in_shares(total, len(counts), share_of(counts.shape[1], FEW))
        shared = np.sum([scores for scores, _ in found], axis=0) / len(counts)
        walks = [one for _, kept in found for one in kept]
        known = Known(rows, together(walks)) if walks else None
        return DynamicCountFitter(panel.counts, task, experts, shared, heard, known)


class Known(NamedTuple):
    """What the first pass found of the series that it went through.

    Attributes:
        rows: (series,) rising numbers of series.
        walk: about these.
    """

    rows: IntArray
    walk: Walk


class DynamicCountFitter:
    """dynamic-count with its shared scores: the second pass, block by block."""

    def __init__(
        self,
        counts: FloatArray,
        task: Task,
        experts: Experts,
        shared: FloatArray,
        heard: Heard,
        known: Known | None,
    ) -> None:
        """Take counts, question, experts, their mean scores, and what siblings and sample said."""
        self._counts, self._task, self._experts, self._shared = counts, task, experts, shared
        self._heard, self._known = heard, known
        self._grid = grid_for(task.support, experts.laws)

    def fit(self, rows: IntArray, origins: IntArray) -> MemberFit:
        """Return the mixtures of some of the panel's rows at the wanted origins."""
        task, counts = self._task, np.ascontiguousarray(self._counts[rows])
        cdf = np.empty((len(rows), len(origins), task.steps, len(task.support)))
        past, regimes = empty_past(counts, task), np.zeros((len(rows), len(origins), 4))
        year = np.array([self._experts.levels.regimes.year])

        def answer(part: slice) -> None:
            there = self._walk(rows[part])
            regimes[part, :, :3] = levels_since(there.beliefs, origins)
            regimes[part, :, 3] = shifts(there.beliefs, origins, year)[..., 0]
            said = weigh(there, self._experts, self._shared, origins, task.scored_from)
            past[part] = said.past
            self._mix(there, said, origins, cdf[part])

        in_shares(answer, len(rows), share_of(counts.shape[1]))
        able, regime = known_before(counts, origins) >= NEEDS, Regime(*np.moveaxis(regimes, -1, 0))
        return MemberFit(cdf, able, past, regime=regime)

    def _walk(self, rows: IntArray) -> Walk:
        """Return the walk of some rows; of those that the first pass went through, its own."""
        known = self._known
        old = np.isin(rows, known.rows) if known else np.zeros(len(rows), dtype=bool)
        if not known or old.sum() < min(_WORTH, len(rows)):
            return walk(
                np.ascontiguousarray(self._counts[rows]), self._experts, self._heard.of(rows)
            )
        found = known.walk.of(np.searchsorted(known.rows, rows[old]))
        if old.all():
            return found
        order = np.argsort(np.concatenate((np.flatnonzero(old), np.flatnonzero(~old))))
        return together([found, self._walk(rows[~old])]).of(order)

    def _mix(self, there: Walk, said: Weighed, origins: IntArray, cdf: FloatArray) -> None:
        """Write (series, origins, steps, grid) mixtures."""
        tops = _tops(there, origins, self._task.support)
        tops = np.broadcast_to(tops[..., None], cdf.shape[:3])
        mixture_cdfs(
            said.weights, there.rows_at(origins), self._experts.laws, self._grid, tops, cdf
        )


def _tops(there: Walk, origins: IntArray, support: IntArray) -> IntArray:
    """Return (series, origins) how many points of the grid each predictive needs; 0 without any."""
    largest = np.empty((len(there.counts), len(origins)))
    for slot, origin in enumerate(origins):
        largest[:, slot] = there.counts[:, :origin].max(axis=1, initial=0.0)
    points = np.searchsorted(support, REACH * (largest + 1)) + 1
    return np.where(origins >= there.first[:, None], np.minimum(points, len(support)), 0)
