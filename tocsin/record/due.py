"""A run scores the forecasts that have come due: those of periods that are complete by now.

A revised outcome is scored again for as long as a track record looks back.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from core.settings import WatchSettings
from forecast.series import Built
from forecast.verification import marks
from storage.scores import Outcomes, Scores
from tocsin.record.skill import window


def score_due(store: Scores, run: int, watch: WatchSettings, built: Built, counted: str) -> int:
    """Stage the outcomes that are new or revised, and the scores of what had forecast them.

    Args:
        store: where forecasts are read and scores are staged.
        run: the unpublished run; the watch's forecasts are staged already.
        watch: whose.
        built: its counts as known now.
        counted: what they count.

    Returns:
        how many forecasts were scored, over all models.
    """
    first = store.first_issue(watch.name, counted)
    if first is None or not len(built.panel):
        return 0
    since = max(first, window(watch.period, built.running))
    outcomes = _news(store, watch, built, counted, since)
    store.enter_outcomes(run, counted, outcomes)
    return sum(
        _score(store, run, watch, counted, int(period), outcomes)
        for period in np.unique(outcomes.period)
    )


def _news(store: Scores, watch: WatchSettings, built: Built, counted: str, since: int) -> Outcomes:
    """Return the complete periods from `since` on that are not known, or known otherwise."""
    panel, numbers = built.panel, store.series(watch.name)
    width = panel.counts.shape[1]
    period = panel.ends[:, None] - width + 1 + np.arange(width)
    row, column = np.nonzero(~np.isnan(panel.counts) & (period >= since))
    series = np.array([numbers[key] for key in panel.keys], dtype=np.int64)[row]
    observed = panel.counts[row, column].astype(np.int64)
    period = period[row, column]
    before = store.outcomes(watch.name, counted, since)
    known = set(zip(*(column.tolist() for column in before[:3]), strict=True))
    cells = zip(series.tolist(), period.tolist(), observed.tolist(), strict=True)
    fresh = np.array([cell not in known for cell in cells], dtype=bool)
    days = [date.fromordinal(day).isoformat() for day in built.through.tolist()]
    return Outcomes(
        *(series[fresh], period[fresh], observed[fresh]), [days[r] for r in row[fresh].tolist()]
    )


def _score(
    store: Scores, run: int, watch: WatchSettings, counted: str, period: int, outcomes: Outcomes
) -> int:
    """Score all that had forecast one period, model by model, some hundred series at a time."""
    these = outcomes.period == period
    series, observed = outcomes.series[these], outcomes.observed[these].astype(np.float64)
    order = np.argsort(series)
    series, observed, count = series[order], observed[order], 0
    for due in store.due(watch.name, counted, period, series.tolist()):
        came = observed[np.searchsorted(series, due.series)]
        store.enter_scores(run, period, [(due, marks(due.cdf, due.support, came))])
        count += len(came)
    return count
