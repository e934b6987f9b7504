"""Numbers in the words of a message: never more certain than the number."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

from core.periods import Period

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_STEP = 5
_LOWEST, _HIGHEST = _STEP, 100 - _STEP


def percent(probability: float) -> int:
    """Return a probability rounded to 5 points, from 5 to 95: no forecast is a certainty."""
    rounded = math.floor(probability * 100 / _STEP + 0.5) * _STEP
    return min(max(rounded, _LOWEST), _HIGHEST)


def likelihood(probability: float) -> str:
    """Return a probability in words: "about 3 in 4", at most "more than 19 in 20"."""
    points = probability * 100
    if points < _LOWEST - _STEP / 2:
        return "less than 1 in 20"
    if points >= _HIGHEST + _STEP / 2:
        return "more than 19 in 20"
    share = Fraction(percent(probability), 100)
    return f"about {share.numerator} in {share.denominator}"


def how_likely(probability: float, about: str) -> str:
    """Return how likely an alert is; "observed" where it rings for what has come already.

    `about` is the facts' own word; a count whose late reports are reckoned with is as likely as it
    is said to be.
    """
    seen = about != "forecast" and probability == 1
    return "observed" if seen else likelihood(probability)


def share(probability: float) -> str:
    """Return a configured probability as it is written: "35 %"."""
    return f"{round(probability * 100, 1):g} %"


_STEPS = {
    "alert.firing": "{}",
    "alert.escalated": "RAISED TO {}",
    "alert.reminder": "STILL {}",
    "alert.unacknowledged": "NOBODY ACKNOWLEDGED {}",
    "alert.resolved": "RESOLVED (was {})",
    "alert.retracted": "RETRACTED (was {})",
}


def step(kind: str, severity: str, reason: str) -> str:
    """Return what a type of message says of its severity; a type not listed says its reason."""
    return _STEPS.get(kind, reason.replace("_", " ").upper()).format(severity.upper())


def at_least(threshold: int, unit: str) -> str:
    """Return a threshold as it is said: "5 or more deadly events"."""
    return f"{threshold:,} or more {unit}"


def day(value: date) -> str:
    """Return a date as it is said: "1 October 2022"."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def days(first: date, last: date) -> str:
    """Return a stretch of days as it is said: "1 October to 31 December 2022"."""
    if first == last:
        return day(first)
    if first.year != last.year:
        return f"{day(first)} to {day(last)}"
    if first.month == last.month:
        return f"{first.day} to {day(last)}"
    return f"{first.day} {_MONTHS[first.month - 1]} to {day(last)}"


def window(first: date, last: date, period: Period) -> str:
    """Return a window in few characters: "Oct-Dec 2022", "3-23 Oct 2022"; at most 25."""
    if first == last:
        return f"{first.day} {_short(last)}"
    days_matter = period is not Period.MONTH
    end = f"{last.day} {_short(last)}" if days_matter else _short(last)
    if first.year != last.year:
        start = f"{first.day} {_short(first)}" if days_matter else _short(first)
        return f"{start}–{end}"
    if first.month == last.month:
        return f"{first.day}–{end}" if days_matter else end
    start = _MONTHS[first.month - 1][:3]
    return f"{first.day} {start}–{end}" if days_matter else f"{start}–{end}"


def number(value: float) -> str:
    """Return a mean with one decimal, whole numbers without."""
    return f"{value:,.1f}".removesuffix(".0")


def _short(value: date) -> str:
    return f"{_MONTHS[value.month - 1][:3]} {value.year}"
