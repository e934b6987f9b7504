"""The days that a brief compares: those that the sources cover, before and since a date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from core.incidents import Coverage

Span = tuple[tuple[date, date], ...]
_DAY = timedelta(days=1)
MONTH_DAYS = 365.2425 / 12
"""Mean length of a month of the Gregorian calendar."""


class Windows(NamedTuple):
    """Covered days, in order: all before the date and since, and a year on either side of it."""

    before: Span
    since: Span
    year_before: Span
    year_since: Span

    @property
    def first(self) -> date:
        """Return the first day that is counted."""
        return (self.before or self.since)[0][0]

    @property
    def through(self) -> date:
        """Return the last day that is counted."""
        return self.since[-1][1]


def windows(coverage: Mapping[str, Sequence[Coverage]], since: date, today: date) -> Windows | None:
    """Return the windows of a brief, None where no covered day is left since the date.

    A day counts when every feed covers it somewhere: rates over days on which one of them was not
    collecting would compare different things.
    """
    covered = _everywhere([_of_feed(parts, today) for parts in coverage.values()])
    after = cut(covered, since, today)
    if not after:
        return None
    eve = since - _DAY
    return Windows(
        cut(covered, date.min, eve),
        after,
        cut(covered, years_later(since, -1), eve),
        cut(covered, since, years_later(since, 1) - _DAY),
    )


def days(span: Span) -> int:
    """Return how many days a span has."""
    return sum((last - first).days + 1 for first, last in span)


def months(span: Span) -> float:
    """Return the length of a span in mean months."""
    return days(span) / MONTH_DAYS


def cut(span: Span, first: date, last: date) -> Span:
    """Return the part of a span from `first` to `last`, both included."""
    parts = ((max(a, first), min(b, last)) for a, b in span)
    return tuple((a, b) for a, b in parts if a <= b)


def years_later(day: date, years: int) -> date:
    """Return the same day of another year; 28 February for 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _of_feed(parts: Iterable[Coverage], today: date) -> Span:
    """Return the days that a feed covers in some country, as stretches that do not touch."""
    joined: list[tuple[date, date]] = []
    for part in sorted(parts, key=lambda part: part.first):
        if joined and part.first <= joined[-1][1] + _DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], part.through))
        else:
            joined.append((part.first, part.through))
    return cut(tuple(joined), date.min, today)


def _everywhere(spans: Sequence[Span]) -> Span:
    """Return the days that lie in all spans."""
    if not spans:
        return ()
    common = spans[0]
    for span in spans[1:]:
        common = tuple(part for a, b in span for part in cut(common, a, b))
    return tuple(sorted(common))
