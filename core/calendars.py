"""Known dates: occasions that are known in advance, and the share of a period that they fill."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from core.periods import Period


class Occasion(NamedTuple):
    """A known date: its name, and its first and last day."""

    name: str
    first: date
    last: date


def share_of(occasion: Occasion, period: Period, index: int) -> float:
    """Return the share of a period's days that an occasion fills: 0 to 1."""
    start, end = period.start(index), period.end(index)
    days = (min(occasion.last, end) - max(occasion.first, start)).days + 1
    return max(days, 0) / ((end - start).days + 1)


def within(occasions: Iterable[Occasion], first: date, last: date) -> tuple[Occasion, ...]:
    """Return the occasions that touch a stretch of days, in the order of time."""
    touching = [one for one in occasions if one.first <= last and one.last >= first]
    return tuple(sorted(touching, key=lambda one: (one.first, one.last, one.name)))
