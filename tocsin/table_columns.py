"""The columns of the forecast table for people, and which give way on a narrow terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from core.periods import Period
from core.text import sparkline
from tocsin.forecast_table import Row, Sheet, name_of

SPARK = 12
"""Periods in the small chart of a region."""


class Column(NamedTuple):
    """A column's head, what it says of a row, and whether it stands at the right."""

    name: str
    cell: Callable[[Row], str]
    right: bool = False


class Columns(NamedTuple):
    """All columns from left to right, and those that may be left out, the first to go first."""

    shown: list[Column]
    leaving: list[Column]


def columns_of(sheet: Sheet) -> Columns:
    """Return the columns that a sheet has something to say in.

    Region, tempo, the next period, the chances, the alerts and the age of data that differ stay.
    """
    rows = sheet.rows
    spark = Column(f"Last {SPARK}", _spark)
    tempo = Column("Tempo", _tempo, right=True)
    baseline = Column("Baseline", _baseline, right=True)
    level = _if(any(row["level_since"] for row in rows), Column("Level since", _level, right=True))
    partly = _if(any(so_far(row) for row in rows), Column("So far", so_far, right=True))
    ahead = _ahead_of(sheet)
    change = Column("Change", _change, right=True)
    chances, alerts = Column("P(≥ threshold)", _chances), Column("Alert", _alerts)
    models = Column("Models", _models)
    scored = any(row["skill"]["forecasts"] for row in rows)
    skill = _if(scored, Column(f"vs {last_year(sheet.period)}", _skill))
    dated = _if(len({row["data_as_of"] for row in rows}) > 1, Column("Data to", _data_as_of))
    seen = [Column("Region", name_of), spark, tempo, baseline, *level, *partly]
    shown = [*seen, *ahead, change, chances, alerts, models, *skill, *dated]
    leaving = [models, change, *ahead[:0:-1], *level, *skill, *partly, spark, baseline]
    return Columns(shown, leaving)


def ahead(row: Row) -> list[Row]:
    """Return the periods from the running one: the same for all rows, however old their data."""
    return [step for step in row["forecast"] if step["status"] == "forecast"]


def so_far(row: Row) -> str:
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


def percent(probability: float) -> str:
    """Return a probability without a certainty that it does not carry: <1 %, 42 %, >99 %."""
    if probability < 0.01:
        return "<1 %"
    return ">99 %" if probability > 0.99 else f"{probability:.0%}".replace("%", " %")


def percent_beside(probability: float, needed: float) -> str:
    """Return a probability in as many digits as tell it from what is needed: 24.7 %, not 25 %."""
    if not 0.01 <= probability <= 0.99:
        return percent(probability)
    for digits in (0, 1):
        told = f"{probability * 100:.{digits}f}"
        if float(told) != round(needed * 100, 6):
            return f"{told} %"
    return f"{probability * 100:.2f} %"


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


def _if(wanted: bool, column: Column) -> list[Column]:
    return [column] if wanted else []


def _ahead_of(sheet: Sheet) -> list[Column]:
    """Return a column for each period ahead of the row that has most of them."""

    def column(step: int, name: str) -> Column:
        def cell(row: Row) -> str:
            steps = ahead(row)[step : step + 1]
            return "".join(f"{s['median']} ({s['low_90']}–{s['high_90']})" for s in steps)

        return Column(name, cell, right=True)

    longest = max((ahead(row) for row in sheet.rows), key=len, default=[])
    return [column(step, one["period"]) for step, one in enumerate(longest)]


def _spark(row: Row) -> str:
    return sparkline([point["count"] for point in row["recent"][-SPARK:]])


def _tempo(row: Row) -> str:
    return "–" if row["tempo"]["count"] is None else str(row["tempo"]["count"])


def _baseline(row: Row) -> str:
    mean = row["baseline"]["mean"]
    return "–" if mean is None else f"{mean:.1f}"


def _level(row: Row) -> str:
    """Return "2021-10 (80 %)": since when the level holds, and how probably."""
    since = row["level_since"]
    return f"{since['period']} ({percent(since['probability'])})" if since else ""


def _change(row: Row) -> str:
    change = row["change_since_last_run"]
    return "new" if change is None else f"{change['difference']:+.1f}"


def _chances(row: Row) -> str:
    return "  ".join(f"≥{r['at_least']}: {percent(r['probability'])}" for r in row["rules"])


def _alerts(row: Row) -> str:
    """Return "severe, firing +1": the alert to look at first, and how many more are open."""
    if not row["alerts"]:
        return ""
    first, *others = row["alerts"]
    more = f" +{len(others)}" if others else ""
    return f"{first['severity']}, {first['state']}{more}"


def _models(row: Row) -> str:
    return " ".join(f"{initials(m['model'])}{m['weight']:.0%}" for m in row["models"])


def _skill(row: Row) -> str:
    skill = row["skill"]
    return f"{skill['against_last_year']} (n {skill['forecasts']})"


def _data_as_of(row: Row) -> str:
    return str(row["data_as_of"])
