"""A watch's forecasts: the one way from built series to results, for runs and for replays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from core.calendars import Calendar
from core.forecasts import WatchResult
from core.protocols import IncidentStore
from core.series import IntArray
from core.settings import WatchSettings
from forecast import delays
from forecast.completion import Corrected, forecast_late
from forecast.delays import Learned
from forecast.series import Built
from forecast.totals import TotalLaws
from tocsin.calendars import dated
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
    watch: WatchSettings,
    unit: str,
    built: Built,
    learned: Learned,
    calendars: Sequence[Calendar] = (),
) -> Iterator[WatchResult]:
    """Yield the forecasts, series that end together at a time: each has its own steps.

    The totals that the watch asks for come last, each alone: sums of the paths of the others.

    Args:
        watch: whose series they are.
        unit: the noun of what is counted.
        built: the series.
        learned: how late their reports come.
        calendars: known dates.
    """
    whole = dated(built.panel, watch.group_by, calendars)
    totals, ends = TotalLaws(built, watch.models), built.panel.ends[: built.regions]
    for end in np.unique(ends):
        rows = np.flatnonzero(ends == end)
        budget = round(watch.prophet_budget * len(rows) / built.regions)
        panel, steps = whole.select(rows), int(built.steps[rows[0]])
        start = 0
        for corrected in forecast_late(panel, learned.delay, steps, watch.models, budget):
            these = rows[start : start + len(corrected.outlook.panel)]
            totals.add(these, corrected)
            yield _result(watch, unit, built, learned, these, corrected)
            start += len(these)
    for row, corrected in totals.corrected():
        made = _result(watch, unit, built, learned, np.array([row]), corrected)
        yield replace(made, total=True)


def _result(
    watch: WatchSettings,
    unit: str,
    built: Built,
    learned: Learned,
    rows: IntArray,
    corrected: Corrected,
) -> WatchResult:
    """Return the forecasts of some rows, with where they stand."""
    outlook, completed, _ = corrected
    since = outlook.since or (None,) * len(rows)
    effects = outlook.effects or ((),) * len(rows)
    standings = tuple(
        built.standing(row)._replace(completed=expected, since=level, effects=moved)
        for row, expected, level, moved in zip(
            rows.tolist(), completed, since, effects, strict=True
        )
    )
    return WatchResult(watch.name, unit, outlook, standings, built.running, learned.told)
