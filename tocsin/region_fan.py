"""A region's fan chart: its row of the forecast table as the facts that the charts room draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from charts.fan import Counted, Fan, Forecast, Incomplete, LevelSince, Line, Mark
from core.periods import Period
from core.predictive import Predictive
from tocsin.forecast_table import Row, name_of

_REACH = 2_000
"""Periods before the newest complete one among which a change of level is looked for."""


def with_quartiles(steps: Sequence[Row], predictive: Predictive) -> list[Row]:
    """Return a region's forecast steps with `low_50` and `high_50`; `predictive` is of it alone."""
    quartiles = predictive.quantile([0.25, 0.75])[0].tolist()
    return [
        {**step, "low_50": quartiles[n][0], "high_50": quartiles[n][1]}
        for n, step in enumerate(steps)
    ]


def fan_of(row: Row, steps: Sequence[Row], note: str) -> Fan | None:
    """Return the chart of a region; None where nothing is ahead.

    Args:
        row: of the forecast table.
        steps: its forecast with quartiles, as `with_quartiles` returns it.
        note: what its numbers are not: "simulated data".
    """
    if not steps:
        return None
    spans = _spans(Period(row["period"]), date.fromisoformat(steps[0]["start"]), len(steps))
    late = {one["period"] for one in row["expected_when_complete"]}
    return Fan(
        title=name_of(row),
        unit=row["unit"],
        per=Period(row["period"]),
        counted=tuple(
            Counted(**spans[one["period"]], count=one["count"])
            for one in row["recent"]
            if one["period"] not in late
        ),
        incomplete=tuple(_incomplete(row, spans)),
        forecast=tuple(Forecast(**spans[one["period"]], **_quantiles(one)) for one in steps),
        thresholds=tuple(_thresholds(row)),
        baseline=row["baseline"]["mean"],
        level_since=_level(row, spans),
        marks=tuple(_marks(row)),
        note=note,
    )


def _spans(period: Period, ahead: date, steps: int) -> dict[str, dict[str, Any]]:
    """Return the days of every period that a row may name, by its label."""
    first = period.of(ahead)
    return {
        period.label(i): {"first": period.start(i), "last": period.end(i), "label": period.label(i)}
        for i in range(max(first - _REACH, 1), first + steps)
    }


def _incomplete(row: Row, spans: Mapping[str, Any]) -> Iterator[Incomplete]:
    """Yield the periods whose reports still come in: completed ones, then the open ones."""
    for one in row["expected_when_complete"]:
        expected = {key: one[key] for key in ("median", "low_90", "high_90")}
        yield Incomplete(**spans[one["period"]], reported=one["reported"], **expected)
    for one in row["reported_so_far"]:
        yield Incomplete(**spans[one["period"]], reported=one["count"])


def _quantiles(step: Row) -> Row:
    return {key: step[key] for key in ("median", "low_50", "high_50", "low_90", "high_90")}


def _thresholds(row: Row) -> Iterator[Line]:
    """Yield the levels of rules; a threshold of a total stands for no single period."""
    for one in row["rules"]:
        if one["aggregate"] == "any" or one["within"] == 1:
            yield Line(label=one["severity"], count=one["at_least"])


def _marks(row: Row) -> Iterator[Mark]:
    """Yield the known dates of the forecast window."""
    for one in row["known_dates"]:
        yield Mark(first=one["first"], last=one["last"], label=one["name"])


def _level(row: Row, spans: Mapping[str, Any]) -> LevelSince | None:
    since = row["level_since"]
    if since is None or since["period"] not in spans:
        return None
    return LevelSince(first=spans[since["period"]]["first"], mean=since["mean"])
