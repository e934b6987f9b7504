"""The forecast table for people, as wide as the terminal allows.

In a pipe it is as wide as it needs to be; on a terminal the furthest periods give way first.
"""

from __future__ import annotations

from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from core.periods import Period
from core.text import clean, sparkline
from forecast.skill import LEAST_PERIODS, Verdict
from tocsin.forecast_table import Row, Sheet, name_of
from tocsin.provenance import lines as credit_lines

_SHOWN = 40
"""Regions on a screen, and totals; JSON and CSV have all."""
_NOTED = 5
"""Totals of which the footnotes say what carries them."""
_SPARK = 12
_WIDE = 1000
_REGION = 44


def write_text(sheet: Sheet, out: TextIO) -> None:
    """Write one sheet with its title and what its numbers mean."""
    width = None if out.isatty() else _WIDE
    console = Console(file=out, width=width, highlight=False, emoji=False, markup=False)
    console.print(Text(_title(sheet), style="bold"))
    console.print(_fitting(sheet, console))
    for line in (*_footnotes(sheet), *_provenance(sheet)):
        console.print(Text(line), style="dim")
    console.print()


def _title(sheet: Sheet) -> str:
    run = sheet.run
    name = f"{sheet.watch}: {sheet.unit} per {sheet.period.value}; run {run.run_id}"
    shown = f"{name}, cut-off {run.cutoff}"
    return clean(f"{shown}. {run.label.upper()}" if run.label else shown)


def _fitting(sheet: Sheet, console: Console) -> Table:
    """Return the table with as many periods as fit, at least one."""
    steps = max((len(_ahead(row)) for row in sheet.rows), default=0)
    for shown in range(steps, 1, -1):
        grid = _grid(sheet, shown)
        if Measurement.get(console, console.options, grid).maximum <= console.width:
            return grid
    return _grid(sheet, min(steps, 1))


def _grid(sheet: Sheet, steps: int) -> Table:
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    dated = len({row["data_as_of"] for row in sheet.rows}) > 1
    partly = any(_so_far(row) for row in sheet.rows)
    proven, shifted = _proven(sheet), _shifted(sheet)
    periods = [step["period"] for row in sheet.rows[:1] for step in _ahead(row)[:steps]]
    grid.add_column("Region", overflow="fold", max_width=_REGION)
    grid.add_column(f"Last {_SPARK}", no_wrap=True)
    seen = [*(["Level since"] if shifted else []), *(["So far"] if partly else [])]
    for name in ("Tempo", "Baseline", *seen, *periods, "Change"):
        grid.add_column(name, justify="right", no_wrap=True)
    more = [*([f"vs {last_year(sheet.period)}"] if proven else []), *(["Data to"] if dated else [])]
    for name in ("P(≥ threshold)", "Alert", "Models", *more):
        grid.add_column(name, no_wrap=True)
    for row in (*sheet.totals[:_SHOWN], *sheet.regions[:_SHOWN]):
        cells = _cells(row, steps, partly=partly, shifted=shifted, dated=dated, proven=proven)
        grid.add_row(*(Text(clean(cell, 200)) for cell in cells))
    return grid


def _ahead(row: Row) -> list[Row]:
    """Return the periods from the running one: the same for all rows, however old their data."""
    return [step for step in row["forecast"] if step["status"] == "forecast"]


def _so_far(row: Row) -> str:
    """Return "2024-06: 9 → 12 (10–15)": what is reported, and expected when complete.

    Of the newest complete period, if its reports still come in, and of the newest open one.
    """
    tempo, shown = row["tempo"]["period"], []
    expected = {one["period"]: one for one in row["expected_when_complete"]}
    newest = row["reported_so_far"][-1:]
    for point in (row["tempo"], *newest):
        period, reported = point["period"], f"{point['period']}: {point['count']}"
        if one := expected.get(period):
            shown.append(f"{reported} → {one['median']} ({one['low_90']}–{one['high_90']})")
        elif period != tempo:
            shown.append(reported)
    return "  ".join(shown)


def _cells(
    row: Row, steps: int, *, partly: bool, shifted: bool, dated: bool, proven: bool
) -> list[str]:
    ahead = [f"{s['median']} ({s['low_90']}–{s['high_90']})" for s in _ahead(row)[:steps]]
    change, baseline = row["change_since_last_run"], row["baseline"]["mean"]
    return [
        name_of(row),
        sparkline([point["count"] for point in row["recent"][-_SPARK:]]),
        "–" if row["tempo"]["count"] is None else str(row["tempo"]["count"]),
        "–" if baseline is None else f"{baseline:.1f}",
        *([_level(row)] if shifted else []),
        *([_so_far(row)] if partly else []),
        *ahead,
        *[""] * (steps - len(ahead)),
        "new" if change is None else f"{change['difference']:+.1f}",
        "  ".join(f"≥{r['at_least']}: {percent(r['probability'])}" for r in row["rules"]),
        _alerts(row),
        " ".join(f"{initials(m['model'])}{m['weight']:.0%}" for m in row["models"]),
        *([_skill(row)] if proven else []),
        *([row["data_as_of"]] if dated else []),
    ]


def _alerts(row: Row) -> str:
    """Return "severe, firing +1": the alert to look at first, and how many more are open."""
    if not row["alerts"]:
        return ""
    first, *others = row["alerts"]
    more = f" +{len(others)}" if others else ""
    return f"{first['severity']}, {first['state']}{more}"


def _shifted(sheet: Sheet) -> bool:
    """Return whether the level of any region has changed."""
    return any(row["level_since"] for row in sheet.rows)


def _level(row: Row) -> str:
    """Return "2021-10 (80 %)": since when the level holds, and how probably."""
    since = row["level_since"]
    return f"{since['period']} ({percent(since['probability'])})" if since else ""


def _proven(sheet: Sheet) -> bool:
    """Return whether a forecast of any region has been scored."""
    return any(row["skill"]["forecasts"] for row in sheet.rows)


def _skill(row: Row) -> str:
    skill = row["skill"]
    return f"{skill['against_last_year']} (n {skill['forecasts']})"


def percent(probability: float) -> str:
    """Return a probability without a certainty that it does not carry: <1 %, 42 %, >99 %."""
    if probability < 0.01:
        return "<1 %"
    return ">99 %" if probability > 0.99 else f"{probability:.0%}".replace("%", " %")


def share(observed: float) -> str:
    """Return a share of what was counted or given: all of it is 100 %, and none of it 0 %.

    A probability is never so sure: see `percent`.
    """
    return f"{observed:.0%}".replace("%", " %") if observed in (0.0, 1.0) else percent(observed)


def last_year(period: Period) -> str:
    """Return the benchmark as people call it: last 12 months, last 52 weeks, last 365 days."""
    return f"last {period.year_length} {period.value}s"


def initials(model: str) -> str:
    """Return the short form of a model's name: dynamic-count is dc."""
    return "".join(part[0] for part in model.split("-") if part)


def _footnotes(sheet: Sheet) -> list[str]:
    """Return what the numbers mean, how old they are and what is not shown."""
    if not sheet.rows:
        return ["No region has enough history to be forecast.", *_degraded(sheet)]
    base, tempo = sheet.rows[0]["baseline"], sheet.rows[0]["tempo"]["period"]
    oldest = min(row["data_as_of"] for row in sheet.rows)
    newest = max(row["data_as_of"] for row in sheet.rows)
    names = dict.fromkeys(m["model"] for row in sheet.rows for m in row["models"])
    models = ", ".join(f"{initials(name)} {name}" for name in names)
    lines = [f"Forecasts: median (90 % interval) of {sheet.unit}. Models: {models}."]
    if oldest == newest:
        age = sheet.rows[0]["data_age_days"]
        span = f"Baseline: mean of {base['from']} to {base['to']}."
        lines.append(f"Tempo: {tempo}, the newest complete {sheet.period.value}. {span}")
        lines.append(f"Data complete to {newest}, {age} day(s) old.")
    else:
        lines.append(
            "Tempo: the newest complete period of each region; baseline: the mean of the year "
            f"before it. Data end between {oldest} and {newest}: the last column says when."
        )
    lines += [f"{name_of(row)}: {row['note']}." for row in sheet.totals[:_NOTED] if row["note"]]
    if _shifted(sheet):
        lines.append(
            f"Level since: the first {sheet.period.value} of the present level and how probably it "
            "began there, give or take one; blank where no change is more probable than not."
        )
    known = {d["first"] + d["words"]: d["words"] for r in sheet.rows for d in r["known_dates"]}
    if known:
        lines.append(f"Known dates in the window: {', '.join(known[k] for k in sorted(known))}.")
    if any(_so_far(row) for row in sheet.rows):
        lines.append(
            f"So far: reported of a {sheet.period.value} that is not complete, or whose reports "
            "still come in → expected when complete, median (90 % interval)."
        )
    if any(point["count"] is None for row in sheet.rows for point in row["recent"][-_SPARK:]):
        lines.append(f"· in the last {_SPARK}: no source covers that {sheet.period.value}.")
    if _proven(sheet):
        lines.append(_told(sheet))
    lines += [
        f"Analyst: {row['region']}: {step['override']['words']}."
        for row in sheet.rows
        for step in row["forecast"]
        if step.get("override")
    ]
    if sheet.late:
        lines.append(f"Late reports: {sheet.late}.")
    if len(sheet.regions) > _SHOWN:
        lines.append(f"{len(sheet.regions) - _SHOWN} more regions: --format json or csv has all.")
    return lines + _degraded(sheet)


def _told(sheet: Sheet) -> str:
    """Return what the column of skill means, and what is said of the watch as a whole."""
    skill, period = sheet.skill, sheet.period.value
    told = (
        f"vs {last_year(sheet.period)}: each region's own forecasts that came due in two years "
        f"against the distribution of the {last_year(sheet.period)} before them, by CRPS; nothing "
        f"is said under {LEAST_PERIODS} {period}s. All regions: {skill.verdict.value}"
    )
    if skill.verdict is not Verdict.TOO_FEW and skill.ratio.value is not None:
        told += f", {skill.ratio.value:.2f} of its error"
    return f"{told} ({skill.forecasts} forecasts of {skill.periods} {period}s; 'tocsin scores')."


def _provenance(sheet: Sheet) -> list[str]:
    counted = [f"Counted: {clean(sheet.filters, 500)}."] if sheet.filters else []
    return [*counted, *credit_lines(sheet.sources)]


def _degraded(sheet: Sheet) -> list[str]:
    return [f"Degraded: {reason}" for reason in sheet.run.reasons]
