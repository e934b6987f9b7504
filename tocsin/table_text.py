"""The forecast table for people, as wide as the terminal allows.

In a pipe it is as wide as it needs to be; on a terminal columns give way, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from core.quantities import quantity
from core.rhythm import days
from core.text import clean
from forecast.skill import LEAST_PERIODS, Verdict
from tocsin.forecast_table import Sheet, name_of
from tocsin.provenance import lines as credit_lines
from tocsin.table_columns import Column, columns_of, initials, last_year
from tocsin.table_facts import SPARK, Facts, facts_of

_SHOWN = 40
"""Regions on a screen, and totals; JSON and CSV have all."""
_NOTED = 5
"""Totals of which the footnotes say what carries them."""
_WIDE = 1000
_LEAST = 76
"""Columns of a terminal below which lines run over rather than lose the region's name."""
_REGION = 44


def write_text(sheet: Sheet, out: TextIO) -> None:
    """Write one sheet with its title and what its numbers mean."""
    width = None if out.isatty() else _WIDE
    console = Console(file=out, width=width, highlight=False, emoji=False, markup=False)
    console.width = max(console.width, _LEAST)
    console.print(Text(_title(sheet), style="bold"))
    facts = facts_of(sheet.rows)
    grid, left_out = _fitting(sheet, facts, console)
    console.print(grid)
    for line in (*_left_out(left_out), *_footnotes(sheet, facts), *_provenance(sheet)):
        console.print(Text(line), style="dim")
    console.print()


def _title(sheet: Sheet) -> str:
    run = sheet.run
    name = f"{sheet.watch}: {sheet.unit} per {sheet.period.value}; run {run.run_id}"
    shown = f"{name}, cut-off {run.cutoff}"
    return clean(f"{shown}. {run.label.upper()}" if run.label else shown)


def _fitting(sheet: Sheet, facts: Facts, console: Console) -> tuple[Table, list[str]]:
    """Return the table with as many columns as fit, and the names of those left out."""
    shown, leaving = columns_of(facts, sheet.period)
    endless = console.options.update(width=_WIDE)  # else no measure exceeds the terminal's
    for gone in range(len(leaving) + 1):
        out = leaving[:gone]
        grid = _grid(sheet, [column for column in shown if column not in out])
        if Measurement.get(console, endless, grid).maximum <= console.width:
            break
    return grid, [column.name for column in shown if column in out]


def _grid(sheet: Sheet, columns: list[Column]) -> Table:
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    region, *others = columns
    grid.add_column(region.name, overflow="fold", max_width=_REGION)
    for column in others:
        grid.add_column(column.name, justify="right" if column.right else "left", no_wrap=True)
    for row in (*sheet.totals[:_SHOWN], *sheet.regions[:_SHOWN]):
        grid.add_row(*(Text(clean(column.cell(row), 200)) for column in columns))
    return grid


def _left_out(names: list[str]) -> list[str]:
    """Return what a narrow terminal does not show, and where it stands."""
    if not names:
        return []
    return [
        f"This terminal is too narrow for {', '.join(names)}: 'tocsin table | less -S' has all."
    ]


def _footnotes(sheet: Sheet, facts: Facts) -> list[str]:
    """Return what the numbers mean, how old they are and what is not shown."""
    if not sheet.rows:
        return ["No region has enough history to be forecast.", *_degraded(sheet, facts)]
    return [line for about in _ABOUT for line in about(sheet, facts)]


def _columns(sheet: Sheet, facts: Facts) -> Iterator[str]:
    """Yield what a forecast, the tempo and the baseline are."""
    models = ", ".join(f"{initials(name)} {name}" for name in facts.models)
    yield f"Forecasts: median (90 % interval) of {sheet.unit}. Models: {models}."
    first = sheet.rows[0]
    base, tempo = first["baseline"], first["tempo"]["period"]
    oldest, newest = min(facts.through), max(facts.through)
    if oldest == newest:
        span = f"Baseline: mean of {base['from']} to {base['to']}."
        yield f"Tempo: {tempo}, the newest complete {sheet.period.value}. {span}"
        yield f"Data complete to {newest}, {days(first['data_age_days'])} old."
    else:
        yield (
            "Tempo: the newest complete period of each region; baseline: the mean of the year "
            f"before it. Data end between {oldest} and {newest}: the last column says when."
        )


def _totals(sheet: Sheet, _: Facts) -> Iterator[str]:
    yield from (f"{name_of(row)}: {row['note']}." for row in sheet.totals[:_NOTED] if row["note"])


def _levels(sheet: Sheet, facts: Facts) -> Iterator[str]:
    if facts.shifted:
        yield (
            f"Level since: the first {sheet.period.value} of the present level and how probably it "
            "began there, give or take one; blank where no change is more probable than not."
        )


def _known_dates(_: Sheet, facts: Facts) -> Iterator[str]:
    known = facts.known_dates
    if known:
        yield f"Known dates in the window: {', '.join(known[k] for k in sorted(known))}."


def _open_periods(sheet: Sheet, facts: Facts) -> Iterator[str]:
    """Yield what is said of periods of which not all, or nothing, is known."""
    if facts.partly:
        yield (
            f"So far: reported of a {sheet.period.value} that is not complete, or whose reports "
            "still come in → expected when complete, median (90 % interval)."
        )
    if facts.uncovered:
        yield f"· in the last {SPARK}: no source covers that {sheet.period.value}."


def _record(sheet: Sheet, facts: Facts) -> Iterator[str]:
    if facts.scored:
        yield _told(sheet)


def _analysts(_: Sheet, facts: Facts) -> Iterator[str]:
    yield from facts.analysts


def _late_and_left_out(sheet: Sheet, _: Facts) -> Iterator[str]:
    if sheet.late:
        yield f"Late reports: {sheet.late}."
    if len(sheet.regions) > _SHOWN:
        more = quantity(len(sheet.regions) - _SHOWN, "more regions")
        yield f"{more}: --format json or csv has all."


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
    forecasts = quantity(skill.forecasts, "forecasts")
    periods = quantity(skill.periods, f"{period}s")
    return f"{told} ({forecasts} of {periods}; 'tocsin scores')."


def _provenance(sheet: Sheet) -> list[str]:
    counted = [f"Counted: {clean(sheet.filters, 500)}."] if sheet.filters else []
    return [*counted, *credit_lines(sheet.sources)]


def _degraded(sheet: Sheet, _: Facts) -> list[str]:
    return [f"Degraded: {reason}" for reason in sheet.run.reasons]


_ABOUT = (
    _columns,
    _totals,
    _levels,
    _known_dates,
    _open_periods,
    _record,
    _analysts,
    _late_and_left_out,
    _degraded,
)
"""What stands under a table, in this order."""
