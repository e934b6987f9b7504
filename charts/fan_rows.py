"""A fan chart's facts as the rows of data that its marks are drawn from.

A row stands over the days from `start` to `end` (not included), at `low` or from `low` to `high`;
`said` is what it is called, or what a pointer shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from charts.fan import Fan, Forecast, Incomplete, Span, shown_marks

Row = dict[str, Any]


def counts(fan: Fan) -> list[Row]:
    """Return a row per complete period that is known."""
    return [
        _row(one, 0, one.count, f"{one.label}: {one.count:,}")
        for one in fan.counted
        if one.count is not None
    ]


def unknown(fan: Fan) -> list[Row]:
    """Return a question mark per period that is not known: an empty place would say zero."""
    return [_row(one, 0, 0, "?") for one in fan.counted if one.count is None]


def reported(fan: Fan) -> list[Row]:
    """Return a row per incomplete period of which something is known."""
    return [
        _row(one, 0, one.reported, f"{one.label}: {one.reported:,} so far, incomplete")
        for one in fan.incomplete
        if one.reported is not None
    ]


def intervals(fan: Fan, share: int) -> list[Row]:
    """Return a row per central interval of `share` percent; incomplete periods know 90 alone."""
    late = [one for one in fan.incomplete if one.median is not None and share == 90]
    spans: Sequence[Incomplete | Forecast] = (*late, *fan.forecast)
    return [_interval(one, share) for one in spans]


def medians(fan: Fan) -> list[Row]:
    """Return a row per median, of incomplete periods too."""
    spans: Sequence[Incomplete | Forecast] = (*fan.incomplete, *fan.forecast)
    return [
        _row(one, one.median, one.median, f"{one.label}: median {one.median:,}")
        for one in spans
        if one.median is not None
    ]


def means(fan: Fan) -> list[Row]:
    """Return baseline, over the whole chart, and level since the newest change, the lower first."""
    first, end = _extent(fan)
    rows = []
    if fan.baseline is not None:
        rows.append(_level(first, end, fan.baseline, f"baseline {fan.baseline:,.1f}"))
    if fan.level_since is not None:
        since, mean = fan.level_since.first, fan.level_since.mean
        told = f"level since {since}: {mean:,.1f}"
        rows.append(_level(max(first, since.isoformat()), end, mean, told))
    return sorted(rows, key=lambda row: float(row["low"]))


def thresholds(fan: Fan) -> list[Row]:
    """Return a row per threshold over the whole chart."""
    first, end = _extent(fan)
    return [_level(first, end, at.count, f"{at.label}: {at.count:,}") for at in fan.thresholds]


def marks(fan: Fan) -> list[Row]:
    """Return a row per mark in the chart, at its first day."""
    first, _ = _extent(fan)
    return [
        _level(max(one.first.isoformat(), first), _next(one.last), 0, one.label)
        for one in shown_marks(fan)
    ]


def _interval(span: Forecast | Incomplete, share: int) -> Row:
    low, high = getattr(span, f"low_{share}"), getattr(span, f"high_{share}")
    return _row(span, low, high, f"{span.label}: {share} % interval {low:,} to {high:,}")


def _row(span: Span, low: int, high: int, said: str) -> Row:
    return {**_level(span.first.isoformat(), _next(span.last), low, said), "high": high}


def _level(start: str, end: str, at: float, said: str) -> Row:
    return {"start": start, "end": end, "low": at, "said": said}


def _extent(fan: Fan) -> tuple[str, str]:
    spans: Sequence[Span] = [*fan.counted, *fan.incomplete, *fan.forecast]
    return min(one.first for one in spans).isoformat(), _next(max(one.last for one in spans))


def _next(day: date) -> str:
    return (day + timedelta(days=1)).isoformat()
