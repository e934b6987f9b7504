"""The facts of one region under one rule, written from the forecast that was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from alerts.facts import (
    Baseline,
    Expected,
    Facts,
    KnownDate,
    Level,
    LevelReading,
    ModelWeight,
    PeriodCount,
    PeriodForecast,
    Record,
    WhenComplete,
    Window,
)
from core.alerts import Json
from core.calendars import within
from core.forecasts import WatchResult
from core.periods import Period
from core.regions import label
from core.rule_settings import RuleSettings
from core.series import Completed, FloatArray, IntArray, LevelSince, Panel
from core.sources import Source

_RECENT = 12
_CHARTED = {Period.DAY: 60, Period.WEEK: 52, Period.MONTH: 36}
"""Complete periods that a chart shows: a season can be seen against the one before."""


class RunNote(NamedTuple):
    """What a message tells of the run: its cut-off, and a label when it is no ordinary one.

    `overdue` names the feeds of the watch whose news are due; `sources` and `filters` say where
    its numbers come from, and which incidents it counts.
    """

    cutoff: date
    label: str = ""
    overdue: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    filters: str = ""
    records: Mapping[str, Record] = MappingProxyType({})
    """By rule: how often its alerts came true."""


class Steps(NamedTuple):
    """A rule's window as horizons of the forecast, from 0, both included."""

    first: int
    last: int


class Cell(NamedTuple):
    """One series under one rule: row `row` of the result, over the horizons `steps`."""

    rule: RuleSettings
    result: WatchResult
    row: int
    steps: Steps


def facts_of(cell: Cell, levels: tuple[LevelReading, ...], run: RunNote) -> Facts:
    """Return everything that a message about this cell may tell."""
    rule, result, row, steps = cell
    panel, standing = result.outlook.panel, result.standings[row]
    period, end = panel.period, int(panel.ends[row])
    first, last = end + 1 + steps.first, end + 1 + steps.last
    return Facts(
        about="forecast",
        place=label(panel.keys[row]),
        region=panel.keys[row],
        watch=result.watch,
        rule=rule.name,
        unit=result.unit,
        period=period,
        aggregate=rule.aggregate,
        window=Window(first=period.start(first), last=period.end(last), periods=last - first + 1),
        levels=levels,
        expected=_expected(cell),
        ahead=_ahead(cell),
        known_dates=_known_dates(panel, row, period.start(first), period.end(last)),
        **history(result, row),
        expected_when_complete=tuple(when_complete(one, period) for one in standing.completed),
        not_yet_reported=tuple(period.label(i) for i in range(end + 1, result.running)),
        data_as_of=standing.data_as_of,
        cutoff=run.cutoff,
        running=period.label(result.running),
        label=run.label,
        overdue=run.overdue,
        models=_models(result.outlook.members, result.outlook.weights[row], steps),
        note=result.outlook.notes[row],
        action=rule.action,
        owner=rule.owner,
        clear_probability=rule.clear_probability,
        clear_after=rule.clear_after,
        record=run.records.get(rule.name),
        sources=run.sources,
        filters=run.filters,
    )


def _known_dates(panel: Panel, row: int, first: date, last: date) -> tuple[KnownDate, ...]:
    """Return the known dates of a series that touch a stretch of days."""
    known = panel.occasions[row] if panel.occasions else ()
    return tuple(KnownDate(**one._asdict()) for one in within(known, first, last))


def history(result: WatchResult, row: int) -> Json:
    """Return the facts that describe what was counted of a series so far."""
    period, standing = result.outlook.panel.period, result.standings[row]
    recent = standing.recent[-_RECENT:]
    oldest = standing.newest - len(recent) + 1
    baseline = None
    if standing.baseline is not None:
        baseline = Baseline(
            mean=standing.baseline,
            first=period.start(standing.baseline_first),
            last=period.end(standing.baseline_last),
        )
    return {
        "earlier": _earlier(result.outlook.panel, row, standing.newest, oldest),
        "recent": [
            PeriodCount(period=period.label(oldest + i), count=count)
            for i, count in enumerate(recent)
        ],
        "seen_so_far": [
            PeriodCount(period=period.label(standing.newest + 1 + i), count=count)
            for i, count in enumerate(standing.opened)
            if count is not None
        ],
        "tempo": standing.tempo,
        "baseline": baseline,
        "level_since": standing.since and _level(standing.since, period),
    }


def _earlier(panel: Panel, row: int, newest: int, oldest: int) -> list[PeriodCount]:
    """Return the counts of the periods before `oldest` that a chart shows, from the first known."""
    width, end = panel.counts.shape[1], int(panel.ends[row])
    first = max(newest - _CHARTED[panel.period] + 1, end - width + 1)
    found: list[PeriodCount] = []
    for index in range(first, oldest):
        count = panel.counts[row, width - 1 - (end - index)]
        known = None if np.isnan(count) else int(count)
        if found or known is not None:
            found.append(PeriodCount(period=panel.period.label(index), count=known))
    return found


def _level(since: LevelSince, period: Period) -> Level:
    told = {"mean": since.mean, "probability": since.probability}
    return Level(period=period.label(since.period), **told)


def when_complete(one: Completed, period: Period) -> WhenComplete:
    """Return what a count is expected to be when all its reports are in."""
    return WhenComplete(**{**one._asdict(), "period": period.label(one.period)})


def _expected(cell: Cell) -> Expected:
    """Return the median and 90 % interval of exactly what the probability speaks of."""
    rule, result, row, steps = cell
    levels = [0.5, 0.05, 0.95]
    predictive = result.outlook.predictive
    if steps.first == steps.last:
        one = predictive.rows(row, row + 1).quantile(levels)[0, steps.first]
        return _interval("period", one)
    draws = predictive.draws(row, *steps)
    total = rule.aggregate == "total"
    compared = draws.sum(axis=1) if total else draws.max(axis=1)
    quantiles = np.quantile(compared, levels, method="inverted_cdf")
    return _interval("total" if total else "largest period", quantiles)


def _ahead(cell: Cell) -> tuple[PeriodForecast, ...]:
    """Return the forecast of every period up to the window's end."""
    _, result, row, steps = cell
    panel = result.outlook.panel
    levels = {"median": 0.5, "low_50": 0.25, "high_50": 0.75, "low_90": 0.05, "high_90": 0.95}
    quantiles = result.outlook.predictive.rows(row, row + 1).quantile(list(levels.values()))[0]
    first = int(panel.ends[row]) + 1
    return tuple(
        PeriodForecast(
            period=panel.period.label(first + step),
            **dict(zip(levels, quantiles[step].tolist(), strict=True)),
        )
        for step in range(steps.last + 1)
    )


def _interval(of: str, quantiles: IntArray) -> Expected:
    median, low, high = (int(q) for q in quantiles)
    return Expected.model_validate({"of": of, "median": median, "low_90": low, "high_90": high})


def _models(members: tuple[str, ...], weights: FloatArray, steps: Steps) -> tuple[ModelWeight, ...]:
    """Return the models that had a say in the window; `weights` is (steps, members)."""
    mean = weights[steps.first : steps.last + 1].mean(axis=0)
    pairs = zip(members, mean.tolist(), strict=True)
    return tuple(
        ModelWeight(model=name, weight=round(weight, 2))
        for name, weight in pairs
        if weight >= 0.005
    )
