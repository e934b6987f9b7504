"""Up to when a feed's silence means zero: from the dates that a pull held, per country."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from core.incidents import Coverage
from core.settings import FeedSettings

WHOLE = ""
"""The country that stands for the feed as a whole."""
Days = tuple[date, date]


class Seen:
    """The first and the last day that a pull held, per country and for the feed as a whole."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._days: dict[str, list[str]] = {}

    def add(self, pairs: Iterable[tuple[str | None, str]]) -> None:
        """Take (country, ISO date) of some rows; the country may be unknown."""
        for country, day in pairs:
            span = self._days.get(country or WHOLE)
            if span is None:
                self._days[country or WHOLE] = [day, day]
            elif day < span[0]:
                span[0] = day
            elif day > span[1]:
                span[1] = day

    def days(self) -> dict[str, Days]:
        """Return first and last day per country, the whole feed under "", sorted by country."""
        if not self._days:
            return {}
        spans = self._days.values()
        whole = [min(first for first, _ in spans), max(last for _, last in spans)]
        return {
            country: (date.fromisoformat(first), date.fromisoformat(last))
            for country, (first, last) in sorted({**self._days, WHOLE: whole}.items())
        }


def month_start(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def stretches(
    settings: FeedSettings,
    days: dict[str, Days],
    today: date,
    first_covered: Callable[[date], date],
    release_end: date | None = None,
) -> list[Coverage]:
    """Return what a pull covers, country by country, without the feed's gaps.

    Args:
        settings: with `covered_through` and `gaps`.
        days: first and last day held, per country.
        today: nothing is covered after it.
        first_covered: from a country's first event to the first day covered.
        release_end: the day that "release" stands for.
    """
    covered = []
    for country, (first, last) in days.items():
        through = _through(settings, last, today, release_end)
        start = first_covered(first)
        covered += [Coverage(country, *days) for days in _cut(start, through, settings.gaps)]
    return covered


def _through(settings: FeedSettings, last: date, today: date, release_end: date | None) -> date:
    named = {"pull": today, "last-event": last, "release": release_end or last}
    until = settings.covered_through
    return min(until if isinstance(until, date) else named[until], today)


def _cut(first: date, through: date, gaps: tuple[Days, ...]) -> list[Days]:
    """Return the days first to through without the gaps, as stretches in order."""
    one = timedelta(days=1)
    parts, start = [], first
    for gap_first, gap_last in sorted(gaps):
        if start < gap_first:
            parts.append((start, min(gap_first - one, through)))
        start = max(start, gap_last + one)
    parts.append((start, through))
    return [(a, b) for a, b in parts if a <= b]
