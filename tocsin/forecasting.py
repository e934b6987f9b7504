"""A watch's forecasts: the one way from built series to results, for runs and for replays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from core.forecasts import WatchResult
from core.protocols import IncidentStore
from core.settings import WatchSettings
from forecast import delays
from forecast.completion import forecast_late
from forecast.delays import Learned
from forecast.series import Built
from tocsin.config import Config


def learned_delay(
    config: Config, incidents: IncidentStore, watch: WatchSettings, today: date, as_of: str | None
) -> Learned:
    """Return how late the watch's reports come, as it was known at `as_of`."""
    day = incidents.pulled(watch.feeds, as_of)
    if day is None:
        return Learned(None, "")
    day = min(day, today)
    since = delays.learned_since(watch.period, day)
    history = incidents.history(watch, today, as_of, since)
    return delays.choose(history, config.feeds_of(watch), watch, day)


def outlooks(
    watch: WatchSettings, unit: str, built: Built, learned: Learned
) -> Iterator[WatchResult]:
    """Yield the forecasts, series that end together at a time: each has its own steps.

    Args:
        watch: whose series they are.
        unit: the noun of what is counted.
        built: the series.
        learned: how late their reports come.
    """
    for end in np.unique(built.panel.ends):
        rows = np.flatnonzero(built.panel.ends == end)
        budget = round(watch.prophet_budget * len(rows) / len(built.panel))
        panel, steps = built.panel.select(rows), int(built.steps[rows[0]])
        standings = iter([built.standings[row] for row in rows])
        for outlook, completed in forecast_late(panel, learned.delay, steps, watch.models, budget):
            since = outlook.since or (None,) * len(completed)
            part = tuple(
                next(standings)._replace(completed=expected, since=level)
                for expected, level in zip(completed, since, strict=True)
            )
            yield WatchResult(watch.name, unit, outlook, part, built.running, learned.told)
