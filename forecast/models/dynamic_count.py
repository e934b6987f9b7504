"""dynamic-count: negative binomials around many moving levels, weighted by how they did lately.

Every expert is a level (exponentially weighted means of several rates, each as it is and pulled
towards the long-run mean; trailing means; the long-run mean). With every dispersion it makes a
negative binomial that is scored by its log score at each horizon, discounted over time. The
series' own score plus the mean over all series gives the weights by softmax: Bayesian model
averaging with forgetting (Raftery, Kárný and Ettler, Technometrics 52, 2010) in which the other
series are the prior.
"""

from __future__ import annotations

import numpy as np

from core.periods import Period
from core.predictive import EXACT
from core.series import FloatArray, IntArray, Panel
from forecast.models.base import REACH, MemberFit, Task, empty_past, known_before
from forecast.models.dynamic_kernel import Setting, emit, shared_scores
from forecast.negative_binomial import Tables, log_binomial, tables

RATES = (0.05, 0.10, 0.15, 0.25, 0.35, 0.50, 0.65)
DISPERSIONS = (0.15, 0.3, 0.5, 0.8, 1.3, 2.2, 4.0, 8.0, 20.0, 100.0)
PULL = 0.93
FORGETTING = 0.95
OWN = 0.8
CONTRAST = 3.0
LOG_RATES = (0.1, 0.3)
SHARED_FORGETTING = 0.95
SHARING = 1.0
NEEDS = 2
"""Known counts without which the model does not answer."""
SAMPLE = 256
"""Series, evenly spread over the panel, whose scores are shared; more would change little."""


def setting_for(period: Period, steps: int) -> Setting:
    """Return the experts for a period: windows of half a year, a year and two years."""
    year = period.year_length
    windows = np.array([(year + 1) // 2, year, 2 * year], dtype=np.int64)
    pull = PULL ** np.arange(1, steps + 1)
    return Setting(
        np.array(RATES),
        np.array(LOG_RATES, dtype=np.float64),
        windows,
        pull,
        FORGETTING,
        SHARED_FORGETTING,
        CONTRAST,
        OWN,
        SHARING,
    )


def sample(series: int) -> IntArray:
    """Return the rows whose scores are shared: all of them, or SAMPLE evenly spread."""
    return np.unique(np.linspace(0, series - 1, min(series, SAMPLE)).astype(np.int64))


class DynamicCount:
    """The pool of negative binomials."""

    prior = 7.0

    def prepare(self, panel: Panel, task: Task) -> DynamicCountFitter:
        """Gather the mean scores over series at every scored origin: the first pass."""
        setting = setting_for(panel.period, task.steps)
        laws = tables(DISPERSIONS)
        counts = panel.counts[sample(len(panel))] if len(panel) else panel.counts
        wanted = panel.counts.shape[1] + 1 - task.scored_from
        total = np.zeros((wanted, task.steps, setting.experts, len(DISPERSIONS)))
        shared_scores(np.ascontiguousarray(counts), setting, laws, task.scored_from, total)
        total /= max(len(counts), 1)
        return DynamicCountFitter(panel.counts, task, setting, laws, total)


class DynamicCountFitter:
    """dynamic-count with its shared scores: the second pass, block by block."""

    def __init__(
        self, counts: FloatArray, task: Task, setting: Setting, laws: Tables, shared: FloatArray
    ) -> None:
        """Take the panel's counts, the question, the experts, their tables and mean scores."""
        self._counts, self._task, self._setting = counts, task, setting
        self._laws, self._shared = laws, shared
        self._coarse = log_binomial(task.support[EXACT:], laws.dispersions)

    def fit(self, rows: IntArray, origins: IntArray) -> MemberFit:
        """Return the mixtures of some of the panel's rows at the wanted origins."""
        task, counts = self._task, np.ascontiguousarray(self._counts[rows])
        slots = np.full(counts.shape[1] + 1, -1, dtype=np.int64)
        slots[origins] = np.arange(len(origins))
        cdf = np.ones((len(rows), len(origins), task.steps, len(task.support)))
        past = empty_past(counts, task)
        tops = _tops(counts, origins, task.support)
        emit(
            counts, self._setting, self._laws, task.scored_from, self._shared, slots,
            task.support, self._coarse, tops, cdf, past,
        )  # fmt: skip
        return MemberFit(cdf, known_before(counts, origins) >= NEEDS, past)


def _tops(counts: FloatArray, origins: IntArray, support: IntArray) -> IntArray:
    """Return (series, origins) how many points of the grid each predictive needs."""
    largest = np.maximum.accumulate(np.pad(np.nan_to_num(counts), ((0, 0), (1, 0))), axis=1)
    points = np.searchsorted(support, REACH * (largest[:, origins] + 1)) + 1
    return np.asarray(np.minimum(points, len(support)), dtype=np.int64)
