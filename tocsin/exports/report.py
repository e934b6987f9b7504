"""A run as a paper: what it forecast, what it rings for, and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alerts.wording import at_least, day, how_likely, likelihood, number
from core.alerts import Alert, AlertEvent, urgency
from core.quantities import quantity
from core.regions import label
from core.sources import credits_of
from storage.reading import RunRow
from tocsin.forecast_table import Row, Sheet, name_of
from tocsin.paper.paper import Paper, Picture, Section, Table

_LISTED = 50
_HISTORY = 24
_AHEAD = 3


def report(
    run: RunRow,
    sheets: Sequence[tuple[Sheet, Sequence[Picture]]],
    alerts: Sequence[tuple[Alert, AlertEvent]],
) -> Paper:
    """Return the report of a run.

    Args:
        run: which.
        sheets: of the watches that it forecast, each with the charts of some of its regions.
        alerts: that are open, with their newest steps.
    """
    sources = list(dict.fromkeys(source for sheet, _ in sheets for source in sheet.sources))
    return Paper(
        title=f"Tocsin: run {run.run_id}, cut-off {day(run.cutoff)}",
        warning=run.label,
        sections=(_alerts(alerts), *(_watch(*one) for one in sheets), _run(run)),
        credits=credits_of(sources),
    )


def _alerts(alerts: Sequence[tuple[Alert, AlertEvent]]) -> Section:
    ordered = sorted(alerts, key=lambda one: urgency(one[0].severity, one[1].probability))
    lines = tuple(
        f"{alert.severity.upper()}, {alert.state.value}: {label(alert.region)}, "
        f"{at_least(alert.threshold, alert.unit)}, {_likely(event)} "
        f"({alert.watch}, rule {alert.rule}; data to {day(alert.data_through)})."
        for alert, event in ordered
    )
    return Section("Open alerts", lines or ("None.",))


def _likely(event: AlertEvent) -> str:
    return how_likely(event.probability, event.facts.get("about", "forecast"))


def _watch(sheet: Sheet, pictures: Sequence[Picture]) -> Section:
    shown = sheet.rows[:_LISTED]
    steps = [_ahead(row) for row in shown]
    periods = sorted({step["period"] for row in steps for step in row})
    rows = tuple(
        tuple(_cells(row, {step["period"]: step for step in ahead}, periods))
        for row, ahead in zip(shown, steps, strict=True)
    )
    history = tuple(tuple(one["count"] for one in row["recent"][-_HISTORY:]) for row in shown)
    columns = ("Region", "Newest", "Baseline", *periods, "Chance of a line", "Data to")
    table = Table(columns, rows, history)
    return Section(sheet.watch, tuple(_said(sheet)), table, tuple(pictures))


def _ahead(row: Row) -> list[Row]:
    return [step for step in row["forecast"] if step["status"] == "forecast"][:_AHEAD]


def _cells(row: Row, steps: dict[str, Row], periods: Sequence[str]) -> Iterator[str]:
    count, baseline = row["tempo"]["count"], row["baseline"]["mean"]
    yield name_of(row)
    yield "unknown" if count is None else f"{count:,}"
    yield "–" if baseline is None else number(baseline)
    for period in periods:
        step = steps.get(period)
        yield f"{step['median']:,} ({step['low_90']:,}–{step['high_90']:,})" if step else "–"
    yield (
        "; ".join(f"≥{r['at_least']}: {likelihood(r['probability'])}" for r in row["rules"]) or "–"
    )
    yield row["data_as_of"]


def _said(sheet: Sheet) -> Iterator[str]:
    skill = sheet.skill
    yield f"Median and 90 % interval of {sheet.unit} per {sheet.period.value}. {sheet.filters}."
    yield (
        f"Track record against the year before each forecast: {skill.verdict.value} "
        f"({quantity(skill.forecasts, 'forecasts')} came due)."
    )
    if sheet.late:
        yield f"Late reports: {sheet.late}."
    if len(sheet.rows) > _LISTED:
        yield f"Shown: the first {_LISTED} of {len(sheet.rows):,} rows, most threatened first."


def _run(run: RunRow) -> Section:
    finished = f"Published {run.finished_at[:16].replace('T', ' ')} UTC by Tocsin {run.version}."
    degraded = tuple(f"Degraded: {reason}." for reason in run.reasons)
    return Section("The run", (finished, *(degraded or ("Nothing was degraded.",))))
