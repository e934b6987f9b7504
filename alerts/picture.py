"""The chart of a message, drawn from the message's own facts: it can show nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from alerts.facts import PeriodForecast, WhenComplete
from alerts.messages import FindingData, Message, MessageData
from charts.fan import Counted, Fan, Forecast, Incomplete, LevelSince, Line, Mark

Charted = MessageData | FindingData
_REACH = 100
"""Periods before and after the newest data among which a message's periods are looked for."""


def fan_of(message: Message) -> Fan | None:
    """Return the chart of a message; None for kinds of messages that have none.

    A threshold of a total stands for no single period, so it is not drawn.
    """
    data = message.data
    if not isinstance(data, (MessageData, FindingData)):
        return None
    ahead = data.ahead if isinstance(data, MessageData) else ()
    counts = isinstance(data, FindingData) and data.about == "observed" and data.recent
    if not (ahead or counts):
        return None
    spans = _spans(data)
    late = {one.period for one in _late(data)}
    return Fan(
        title=data.place,
        unit=data.unit,
        per=data.period,
        counted=tuple(
            Counted(**spans[one.period], count=one.count)
            for one in (*data.earlier, *data.recent)
            if one.period not in late
        ),
        incomplete=tuple(_incomplete(data, spans)),
        forecast=tuple(Forecast(**spans[one.period], **_quantiles(one)) for one in ahead),
        thresholds=tuple(_thresholds(data)),
        baseline=None if data.baseline is None else data.baseline.mean,
        level_since=_level_since(data, spans),
        marks=(*_opened(data), *_known_dates(data)),
        note=data.label,
    )


def _late(data: Charted) -> tuple[WhenComplete, ...]:
    if isinstance(data, MessageData):
        return data.expected_when_complete
    return () if data.completion is None else (data.completion,)


def _incomplete(data: Charted, spans: Mapping[str, Any]) -> Iterator[Incomplete]:
    """Yield the periods whose reports still come in: completed ones, then the open ones."""
    for one in _late(data):
        yield Incomplete(**spans[one.period], reported=one.reported, **_interval(one))
    for point in data.seen_so_far:
        yield Incomplete(**spans[point.period], reported=point.count)


def _quantiles(one: PeriodForecast) -> dict[str, Any]:
    return {**_interval(one), "low_50": one.low_50, "high_50": one.high_50}


def _interval(one: PeriodForecast | WhenComplete) -> dict[str, Any]:
    return {"median": one.median, "low_90": one.low_90, "high_90": one.high_90}


def _thresholds(data: Charted) -> Iterator[Line]:
    total = isinstance(data, MessageData) and data.aggregate == "total"
    if total and data.window.periods > 1:
        return
    for level in data.levels:
        yield Line(label=level.severity, count=level.threshold)


def _level_since(data: Charted, spans: Mapping[str, Any]) -> LevelSince | None:
    """Return the last change of level; one of long before the chart begins with it."""
    since = data.level_since
    if since is None:
        return None
    shown = [*data.earlier, *data.recent]
    first = since.period if since.period in spans else shown[0].period
    return LevelSince(first=spans[first]["first"], mean=since.mean)


def _opened(data: Charted) -> tuple[Mark, ...]:
    """Return when the alert opened, once that is past."""
    day = date.fromisoformat(data.opened.at[:10])
    return (Mark(first=day, last=day, label="alert opened"),) if day < data.cutoff else ()


def _known_dates(data: Charted) -> tuple[Mark, ...]:
    known = data.known_dates if isinstance(data, MessageData) else ()
    return tuple(Mark(first=one.first, last=one.last, label=one.name) for one in known)


def _spans(data: Charted) -> dict[str, dict[str, Any]]:
    """Return the days of every period that a message may name, by its label."""
    period, newest = data.period, data.period.of(data.data_as_of)
    return {
        period.label(i): {"first": period.start(i), "last": period.end(i), "label": period.label(i)}
        for i in range(newest - _REACH, newest + _REACH)
    }
