"""The columns of the forecast table for people, and which give way on a narrow terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from core.periods import Period
from core.text import sparkline
from tocsin.forecast_table import Row, name_of
from tocsin.table_facts import SPARK, Facts, ahead, so_far


class Column(NamedTuple):
    """A column's head, what it says of a row, and whether it stands at the right."""

    name: str
    cell: Callable[[Row], str]
    right: bool = False


class Columns(NamedTuple):
    """All columns from left to right, and those that may be left out, the first to go first."""

    shown: list[Column]
    leaving: list[Column]


def columns_of(facts: Facts, period: Period) -> Columns:
    """Return the columns that a table of such facts has something to say in.

    Region, tempo, the next period, the chances, the alerts and the age of data that differ stay.
    """
    spark = Column(f"Last {SPARK}", _spark)
    tempo = Column("Tempo", _tempo, right=True)
    baseline = Column("Baseline", _baseline, right=True)
    level = _if(facts.shifted, Column("Level since", _level, right=True))
    partly = _if(facts.partly, Column("So far", so_far, right=True))
    steps = [_step(number, name) for number, name in enumerate(facts.ahead)]
    change = Column("Change", _change, right=True)
    chances, alerts = Column("P(≥ threshold)", _chances), Column("Alert", _alerts)
    models = Column("Models", _models)
    skill = _if(facts.scored, Column(f"vs {last_year(period)}", _skill))
    dated = _if(len(facts.through) > 1, Column("Data to", _data_as_of))
    seen = [Column("Region", name_of), spark, tempo, baseline, *level, *partly]
    shown = [*seen, *steps, change, chances, alerts, models, *skill, *dated]
    leaving = [models, change, *steps[:0:-1], *level, *skill, *partly, spark, baseline]
    return Columns(shown, leaving)


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


def _step(number: int, period: str) -> Column:
    """Return the column of a period ahead, blank for rows that have fewer."""

    def cell(row: Row) -> str:
        steps = ahead(row)[number : number + 1]
        return "".join(f"{s['median']} ({s['low_90']}–{s['high_90']})" for s in steps)

    return Column(period, cell, right=True)


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
