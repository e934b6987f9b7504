"""The words of a brief's numbers: never more certain than the numbers."""

from __future__ import annotations

import math
from datetime import date

from alerts.wording import day as day_of
from alerts.wording import days as days_of
from alerts.wording import number
from core.quantities import quantity, said
from tocsin.forecast_table import Row


def day(text: str) -> str:
    """Return an ISO date as it is said: "1 October 2022"."""
    return day_of(date.fromisoformat(text))


def stretch(ends: list[str] | None) -> str:
    """Return two ISO dates as a stretch of days; "" for none."""
    return days_of(*map(date.fromisoformat, ends)) if ends else ""


def several(count: int, one: str) -> str:
    """Return a number of things: "1 region", "2 regions", "no days"."""
    if not count:
        return f"no {one}s"
    return quantity(count, f"{one}s")


def change(compared: Row) -> str:
    """Return how a rate has changed, with its interval, and whether chance could explain it."""
    ratio = compared["ratio"]
    if compared["before"]["a_month"] is None:
        return "nothing to compare it with: the data do not go further back"
    if ratio["low_95"] is None and ratio["high_95"] is None:
        return "none before and none since"
    told = f"{_times(ratio['value'])} ({_bounds(ratio)})"
    return f"{told}; chance alone could explain it" if _holds_one(ratio) else told


def fold(compared: Row) -> str:
    """Return a ratio for a cell: "4.8 ×", "from none", "–" where nothing is compared."""
    ratio = compared["ratio"]
    if ratio["value"] is None:
        return "from none" if ratio["low_95"] is not None else "–"
    return f"{_figure(ratio['value'])} ×"


def bounds(ratio: Row) -> str:
    """Return the ends of an interval for a cell: "2.0 to 14"; "4.1 or more" without an end."""
    low, high = ratio["low_95"], ratio["high_95"]
    if low is None:
        return "–"
    return f"{_figure(low)} or more" if high is None else f"{_figure(low)} to {_figure(high)}"


def pace(compared: Row, noun: str, since: str) -> str:
    """Return both rates of a comparison: "14 attacks a month since … (190 in 13.5 months), …"."""
    now, then = compared["since"], compared["before"]
    told = f"{said(_rate(now), noun)} a month since {since} {_counted(now)}"
    if then["a_month"] is None:
        return told
    return f"{told}, {_rate(then)} a month before {_counted(then)}"


def _rate(one: Row) -> str:
    return number(one["a_month"])


def _counted(one: Row) -> str:
    return f"({one['events']:,} in {said(number(one['months']), 'months')})"


def _times(value: float | None) -> str:
    """Return a ratio in words that round it away from nothing: "nearly 5 times"."""
    if value is None:
        return "from none"
    if value == 0:
        return "none since"
    if value < 1.75:
        much = round(abs(value - 1) * 100)
        return f"{much} % {'more' if value > 1 else 'fewer'}" if much else "as many"
    whole = math.floor(value)
    share = value - whole
    if share >= 0.75:
        return f"nearly {_multiple(whole + 1)}"
    return _multiple(whole) if share < 0.05 else f"more than {_multiple(whole)}"


def _multiple(whole: int) -> str:
    return "double" if whole == 2 else f"{whole:,} times"


def _bounds(ratio: Row) -> str:
    value = "" if ratio["value"] is None else f"{_figure(ratio['value'])} times; "
    wide = {"low_95": ratio["bursts_low_95"], "high_95": ratio["bursts_high_95"]}
    told = f"; allowing for bursts {bounds(wide)}" if wide["low_95"] is not None else ""
    return f"{value}95 % interval {bounds(ratio)}{told}"


def _holds_one(ratio: Row) -> bool:
    low, high = ratio["low_95"], ratio["high_95"]
    if ratio["bursts_low_95"] is not None:
        low, high = ratio["bursts_low_95"], ratio["bursts_high_95"]
    return (low is None or low <= 1) and (high is None or high >= 1)


def _figure(value: float) -> str:
    places = 2 if value < 1 else 1 if value < 100 else 0
    return f"{value:,.{places}f}"
